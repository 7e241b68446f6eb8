"""Arithmetic of sounds: power, convolution, coloured noise, resampling.

Everything works on a batch (batch, samples) of float32 with a number of its
own for each example, in the graph and at sizes that are known only there.
"""

import math

import tensorflow as tf


def power(x):
    """Gives the mean square of each example.

    Args:
        x: float32 tensor (batch, samples).

    Returns:
        float32 tensor (batch, 1).

    Example:
        >>> power(tf.constant([[3.0, -3.0]])).numpy().tolist()
        [[9.0]]
    """
    return tf.reduce_mean(tf.square(x), 1, keepdims=True)


def span(size):
    """Gives a length of at least a size that transforms are fast at.

    Args:
        size: int, or int tensor ().

    Returns:
        int32 tensor (), a power of two of at least 32, or 9, 10, 12 or 15
        sixteenths of one.

    Example:
        >>> int(span(64)), int(span(65))
        (64, 72)
    """
    twos = tf.math.log(tf.cast(size, tf.float64)) / math.log(2.0)
    # A hair less, so that a power of two isn't doubled by rounding.
    twos = tf.maximum(tf.cast(tf.math.ceil(twos - 1e-9), tf.int32), 5)
    lengths = tf.bitwise.left_shift(1, twos - 4) * [9, 10, 12, 15, 16]
    return tf.reduce_min(tf.where(lengths >= size, lengths, lengths[-1]))


def within(values, x):
    """Scales examples down where they left the range of [-1, 1].

    An example that came in louder than that may stay as loud as it was.

    Args:
        values: float32 tensor (batch, samples), what came out.
        x: float32 tensor (batch, samples), what came in.

    Returns:
        float32 tensor (batch, samples).

    Example:
        >>> loud = tf.constant([[0.5, -2.0]])
        >>> within(loud, 0.0 * loud).numpy().tolist()
        [[0.25, -1.0]]
    """
    peak = tf.reduce_max(tf.abs(values), 1, keepdims=True)
    limit = tf.maximum(tf.reduce_max(tf.abs(x), 1, keepdims=True), 1.0)
    return tf.where(peak > limit, values / peak * limit, values)


def loud_as(values, x):
    """Gives each example the power of another.

    Args:
        values: float32 tensor (batch, samples).
        x: float32 tensor (batch, samples), whose power is taken.

    Returns:
        float32 tensor (batch, samples); silence stays silence.

    Example:
        >>> x = tf.constant([[1.0, 1.0]])
        >>> loud_as(4.0 * x, x).numpy().tolist()
        [[1.0, 1.0]]
    """
    share = tf.math.divide_no_nan(power(x), power(values))
    return values * tf.sqrt(share)


def add_at(x, noise, snr):
    """Adds noise at a ratio of powers, exact for each example.

    Args:
        x: float32 tensor (batch, samples).
        noise: float32 tensor (batch, samples).
        snr: float, or float32 tensor (batch, 1), the ratio in dB.

    Returns:
        float32 tensor (batch, samples), as a whole scaled down where it would
        leave [-1, 1]; silence stays silence.

    Example:
        >>> x = tf.constant([[0.4, -0.4]])
        >>> add_at(x, tf.ones((1, 2)), 20.0).numpy().round(2)
        array([[ 0.44, -0.36]], dtype=float32)
    """
    return within(x + loud_as(noise, x) * _amplitude(-snr), x)


def _amplitude(decibels):
    return tf.exp(decibels * (math.log(10.0) / 20.0))


def gain(x, decibels):
    """Scales by decibels.

    Args:
        x: float32 tensor (batch, samples).
        decibels: float32 tensor (batch, 1).

    Returns:
        float32 tensor (batch, samples).

    Example:
        >>> gain(tf.ones((1, 1)), tf.constant([[-20.0]])).numpy().round(3)
        array([[0.1]], dtype=float32)
    """
    return x * _amplitude(decibels)


def colored(seed, shape, slope):
    """Draws noise whose power falls with frequency by a law of its own.

    Args:
        seed: int tensor (2,).
        shape: int tensor (2,), batch and samples.
        slope: float, or float32 tensor (batch, 1): power falls as frequency
            to this power; 0 is white, 1 pink, 2 brown noise.

    Returns:
        float32 tensor of `shape`, without a constant part, of no stated power.

    Example:
        >>> colored(tf.constant([1, 2]), (2, 100), 1.0).shape
        TensorShape([2, 100])
    """
    whole = span(shape[1])
    size = whole // 2 + 1
    parts = tf.random.stateless_normal((2, shape[0], size), seed)
    steps = tf.cast(tf.range(size), tf.float32)[None, :]
    fall = tf.exp(-0.5 * slope * tf.math.log(tf.maximum(steps, 1.0)))
    fall = tf.where(steps > 0.0, fall, 0.0)
    spectrum = tf.complex(parts[0] * fall, parts[1] * fall)
    return tf.signal.irfft(spectrum, [whole])[:, : shape[1]]


def convolve(x, response):
    """Convolves each example with a response, cut to the example's length.

    Args:
        x: float32 tensor (batch, samples).
        response: float32 tensor (batch, taps).

    Returns:
        float32 tensor (batch, samples).

    Example:
        >>> x = tf.constant([[1.0, 2.0, 3.0]])
        >>> convolve(x, tf.constant([[0.0, 1.0]])).numpy().round(3).tolist()
        [[0.0, 1.0, 2.0]]
    """
    samples = tf.shape(x)[1]
    whole = span(samples + tf.shape(response)[1] - 1)
    product = tf.signal.rfft(x, [whole]) * tf.signal.rfft(response, [whole])
    return tf.signal.irfft(product, [whole])[:, :samples]


def resample(x, factor, samples):
    """Reads each example at a pace of its own, without aliases.

    The values between samples are those of the band-limited signal through
    them, found by the chirp transform of its spectrum; frequencies that the
    new pace can't hold are left out. Past the end there is silence.

    Args:
        x: float32 tensor (batch, samples before).
        factor: float32 tensor (batch, 1) in (0, 2], the samples before for
            one sample after.
        samples: int, or int tensor (), the samples after.

    Returns:
        float32 tensor (batch, samples).

    Source:
        Rabiner, Schafer & Rader, "The Chirp z-Transform Algorithm", 1969.

    Example:
        >>> x = tf.constant([[0.0, 1.0, 0.0, -1.0] * 8])
        >>> resample(x, tf.constant([[0.5]]), 8).shape
        TensorShape([1, 8])
    """
    before = tf.shape(x)[1]
    # Some silence at the end, so that it doesn't ring into the beginning.
    whole = span(before + 32)
    half = whole // 2
    size = span(half + samples)
    count = tf.maximum(half + 1, samples)
    place = tf.cast(tf.range(count), tf.float64)[None, :]
    # In double precision: the whole turns of a chirp are many.
    turns = tf.cast(factor, tf.float64) / tf.cast(2 * whole, tf.float64)
    turns = turns * place**2
    angle = tf.cast(turns - tf.floor(turns), tf.float32) * (2.0 * math.pi)
    chirp = tf.complex(tf.cos(angle), tf.sin(angle))
    line = tf.cast(tf.range(half + 1), tf.float32)[None, :]
    nyquist = tf.cast(half, tf.float32)
    weight = tf.where((line == 0.0) | (line == nyquist), 1.0, 2.0)
    held = factor * line <= nyquist
    weight = tf.where(held, weight / tf.cast(whole, tf.float32), 0.0)
    weight = tf.cast(weight, tf.complex64)
    spectrum = tf.signal.rfft(x, [whole]) * weight * chirp[:, : half + 1]
    spectrum = tf.pad(spectrum, [[0, 0], [0, size - half - 1]])
    back = tf.math.conj(chirp)
    after, front = back[:, :samples], tf.reverse(back[:, 1 : half + 1], [1])
    after = tf.pad(after, [[0, 0], [0, size - samples - half]])
    back = tf.concat([after, front], 1)
    both = tf.signal.ifft(tf.signal.fft(spectrum) * tf.signal.fft(back))
    values = tf.math.real(both[:, :samples] * chirp[:, :samples])
    read = tf.cast(tf.range(samples), tf.float32)[None, :] * factor
    return tf.where(read < tf.cast(before, tf.float32), values, 0.0)


def stretch(x, pace, samples, frame=512):
    """Plays each example at a pace of its own without moving its pitch.

    A phase vocoder: magnitudes are read between frames, phases move on by
    what they moved there.

    Args:
        x: float32 tensor (batch, samples before).
        pace: float32 tensor (batch, 1) > 0, the time before for one unit of
            time after.
        samples: int, or int tensor (), the samples after.
        frame: int, samples of a frame; a quarter of it is the step.

    Returns:
        float32 tensor (batch, samples); past the end there is silence.

    Source:
        Flanagan & Golden, "Phase Vocoder", 1966; Laroche & Dolson, 1999,
        "Improved Phase Vocoder Time-Scale Modification of Audio".

    Example:
        >>> stretch(tf.zeros((2, 900)), tf.fill((2, 1), 1.1), 900).shape
        TensorShape([2, 900])
    """
    step = frame // 4
    # A whole frame of silence in front: the first sample is the middle of
    # frame 2, and all frames over it are there.
    x = tf.pad(x, [[0, 0], [frame, 2 * frame]])
    spectrum = tf.signal.stft(x, frame, step, frame)
    last = tf.shape(spectrum)[1] - 1
    count = (samples + 2 * frame) // step
    time = tf.cast(tf.range(count) - 2, tf.float32)[None, :] * pace + 2.0
    place = tf.cast(tf.floor(time), tf.int32)
    share = (time - tf.floor(time))[:, :, None]
    inside = ((place >= 0) & (place < last))[:, :, None]
    place = tf.clip_by_value(place, 0, last - 1)
    size, angle = tf.abs(spectrum), _angle(spectrum)
    low = tf.gather(size, place, batch_dims=1)
    high = tf.gather(size, place + 1, batch_dims=1)
    size = tf.where(inside, low + (high - low) * share, 0.0)
    # The step is the same on both sides, so that whole turns cancel.
    moves = tf.gather(angle[:, 1:] - angle[:, :-1], place, batch_dims=1)
    moved = tf.cumsum(moves, 1, exclusive=True)
    angle = angle[:, 2:3] + moved - moved[:, 2:3]
    values = tf.complex(size * tf.cos(angle), size * tf.sin(angle))
    window = tf.signal.inverse_stft_window_fn(step)
    values = tf.signal.inverse_stft(values, frame, step, frame, window)
    return values[:, frame : frame + samples]


def _angle(values):
    return tf.atan2(tf.math.imag(values), tf.math.real(values))


def roll(x, shift):
    """Moves each example round a circle.

    Args:
        x: tensor (batch, samples).
        shift: int32 tensor (batch, 1), samples to the right.

    Returns:
        tensor (batch, samples).

    Example:
        >>> roll(tf.constant([[1, 2, 3]]), tf.constant([[1]])).numpy().tolist()
        [[3, 1, 2]]
    """
    # Whole blocks move: one by one that is twice as fast as a gather.
    return tf.map_fn(
        lambda one: tf.roll(one[0], one[1][0], 0),
        (x, shift),
        fn_output_signature=tf.TensorSpec(x.shape[1:], x.dtype),
    )
