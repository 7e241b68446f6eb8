"""Moves of sounds: shift, speed, stretch, pitch, gain, noise."""

import math

import tensorflow as tf

import kerasgen.augment.waveform as waveform
from kerasgen.augment.base import fold, uniform
from kerasgen.augment.sound import Sound, chosen, ordered
from kerasgen.core import Choice, Float, register

_SLOPES = {"white": 0.0, "pink": 1.0, "brown": 2.0}
_FRAME = Choice((256, 512, 1024, 2048))


@register("augment")
class TimeShift(Sound):
    """Moves sounds along time, either way.

    Args:
        rate: float in [0, 1], the greatest shift as a share of the length.
        mode: "circular" puts in front what falls off the end; "silence" fills
            with zeros.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Ours: `Translate` for sounds.

    Example:
        >>> x = tf.ones((2, 100))
        >>> TimeShift(rate=0.2)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 100])
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.0, 0.2)),
        "mode": Choice(("circular", "silence")),
    }

    def __init__(self, rate=0.1, mode="circular"):
        super().__init__(rate=rate, mode=mode)

    def move(self, x, seed):
        """Rolls each example by a shift of its own."""
        n, samples = tf.unstack(tf.shape(x))
        reach = self.rate * tf.cast(samples, tf.float32)
        shift = tf.round(uniform(seed, (n, 1), -1.0, 1.0) * reach)
        shift = tf.cast(shift, tf.int32)
        values = waveform.roll(x, shift)
        if self.mode == "circular":
            return values
        source = tf.range(samples)[None, :] - shift
        return tf.where((source >= 0) & (source < samples), values, 0.0)


@register("augment")
class Speed(Sound):
    """Plays sounds faster or slower: length and pitch change together.

    What grew too long is cut at the end, what grew too short ends in silence.

    Args:
        rate: float in [0, 1], how much faster at most; as much slower as
            often. .1 draws a factor between 1 / 1.1 and 1.1, evenly in its
            logarithm.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Ko et al., "Audio Augmentation for Speech Recognition", 2015 (speed
        perturbation); the factor is drawn, not one of three.

    Example:
        >>> x = tf.ones((2, 100))
        >>> Speed(rate=0.1)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 100])
    """

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.2))}

    def __init__(self, rate=0.1):
        super().__init__(rate=rate)

    def move(self, x, seed):
        """Resamples each example by a factor of its own."""
        factor = _factor(seed, x, math.log1p(self.rate))
        values = waveform.resample(x, factor, tf.shape(x)[1])
        return waveform.within(values, x)


@register("augment")
class TimeStretch(Sound):
    """Plays sounds faster or slower at the same pitch, by a phase vocoder.

    What grew too long is cut at the end, what grew too short ends in silence.

    Args:
        rate: float in [0, 1], how much faster at most, as in `Speed`.
        frame: int, samples of the vocoder's frame, 256, 512, 1024 or 2048;
            30 to 60 ms suit speech.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Flanagan & Golden, "Phase Vocoder", 1966.

    Example:
        >>> x = tf.ones((2, 1000))
        >>> TimeStretch(rate=0.1)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 1000])
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.0, 0.2)),
        "frame": _FRAME,
    }

    def __init__(self, rate=0.1, frame=512):
        super().__init__(rate=rate, frame=frame)

    def move(self, x, seed):
        """Stretches each example by a factor of its own."""
        pace = _factor(seed, x, math.log1p(self.rate))
        values = waveform.stretch(x, pace, tf.shape(x)[1], self.frame)
        return waveform.within(values, x)


@register("augment")
class PitchShift(Sound):
    """Raises or lowers the pitch of sounds; their length stays.

    They are stretched by a phase vocoder and resampled back.

    Args:
        semitones: float in [0, 12], the greatest move either way.
        frame: int, samples of the vocoder's frame, 256, 512, 1024 or 2048;
            30 to 60 ms suit speech.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Laroche & Dolson, "Improved Phase Vocoder Time-Scale Modification of
        Audio", 1999.

    Example:
        >>> x = tf.ones((2, 1000))
        >>> PitchShift(semitones=2)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 1000])
    """

    arguments = {
        "semitones": Float(0.0, 12.0, search=(0.0, 4.0)),
        "frame": _FRAME,
    }

    def __init__(self, semitones=2.0, frame=512):
        super().__init__(semitones=semitones, frame=frame)

    def move(self, x, seed):
        """Shifts each example by an interval of its own."""
        reach = self.semitones * math.log(2.0) / 12.0
        factor = _factor(seed, x, reach)
        samples = tf.shape(x)[1]
        most = tf.cast(samples, tf.float32) * math.exp(reach)
        most = tf.minimum(tf.cast(most, tf.int32) + 1, 2 * samples)
        values = waveform.stretch(x, 1.0 / factor, most, self.frame)
        values = waveform.resample(values, factor, samples)
        return waveform.within(values, x)


@register("augment")
class Gain(Sound):
    """Makes sounds louder or softer.

    Where a peak would leave [-1, 1], the gain is the greatest that keeps it:
    nothing is clipped.

    Args:
        decibels: float in [0, 60], the greatest gain and loss.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Ko et al., "Audio Augmentation for Speech Recognition", 2015 (volume
        perturbation).

    Example:
        >>> x = tf.fill((2, 100), 0.1)
        >>> Gain(decibels=6)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 100])
    """

    arguments = {"decibels": Float(0.0, 60.0, search=(0.0, 12.0))}

    def __init__(self, decibels=6.0):
        super().__init__(decibels=decibels)

    def move(self, x, seed):
        """Scales each example by a gain of its own."""
        reach = self.decibels
        level = uniform(seed, (tf.shape(x)[0], 1), -reach, reach)
        return waveform.within(waveform.gain(x, level), x)


@register("augment")
class ColoredNoise(Sound):
    """Adds noise to sounds at a drawn ratio of signal to noise.

    The ratio is that of the mean powers of each example and its noise; a
    silent example stays silent. Where the sum leaves [-1, 1], signal and noise
    are scaled down together.

    Args:
        rate: float in [0, 1], the probability of each example.
        snr_low: float in [-30, 100], the least ratio, in dB.
        snr_high: float in [-30, 100], the greatest.
        color: "white", "pink" (power falls as 1 / f), "brown" (as 1 / f^2),
            or "any", one of the three for each example.

    Raises:
        ValueError: for an argument out of range, or bounds that are swapped.

    Source:
        Kasdin, "Discrete Simulation of Colored Noise and Stochastic
        Processes and 1/f^alpha Power Law Noise Generation", 1995; drawn by
        its spectrum.

    Example:
        >>> x = tf.fill((2, 100), 0.1)
        >>> ColoredNoise(rate=1.0, color="pink")({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 100])
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.0, 1.0)),
        "snr_low": Float(-30.0, 100.0),
        "snr_high": Float(-30.0, 100.0),
        "color": Choice((*_SLOPES, "any")),
    }

    def __init__(self, rate=0.5, snr_low=5.0, snr_high=30.0, color="any"):
        super().__init__(
            rate=rate, snr_low=snr_low, snr_high=snr_high, color=color
        )
        ordered(self, "snr_low", "snr_high")

    def move(self, x, seed):
        """Adds noise to the examples drawn."""
        n = tf.shape(x)[0]
        snr = uniform(fold(seed, 1), (n, 1), self.snr_low, self.snr_high)
        values = waveform.add_at(x, self._noise(fold(seed, 2), x), snr)
        return tf.where(chosen(seed, x, self.rate), values, x)

    def _noise(self, seed, x):
        shape = tf.shape(x)
        if self.color == "white":
            return tf.random.stateless_normal(shape, seed)
        slope = _SLOPES.get(self.color)
        if slope is None:
            kinds = tf.constant(list(_SLOPES.values()))
            drawn = tf.random.stateless_uniform(
                (shape[0], 1), fold(seed, 1), 0, len(_SLOPES), tf.int32
            )
            slope = tf.gather(kinds, drawn)
        return waveform.colored(seed, shape, slope)


def _factor(seed, x, reach):
    """Draws factors whose logarithm lies within a reach, (batch, 1)."""
    return tf.exp(uniform(seed, (tf.shape(x)[0], 1), -reach, reach))
