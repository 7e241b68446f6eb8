"""Codecs, clipping and halls at five severities, for evaluation."""

import math

import tensorflow as tf

import kerasgen.augment.waveform as waveform
from kerasgen.augment.audio_room import ringing
from kerasgen.augment.base import Augment
from kerasgen.augment.sound import SoundCorruption
from kerasgen.core import Int, register

_MU = 255.0
# A transform codec's frame, and where its bands begin.
_FRAME = 512
_BANDS = (0, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112)
_BANDS += (128, 160, 192, 256)


@register("corruption")
class MuLaw(SoundCorruption):
    """Rounds the logarithm of the amplitude to few bits, as telephones do.

    Models G.711's compression by mu = 255 and its rounding, at the sample
    rate of the data; not its band of 300 to 3400 Hz.

    Args:
        severity: int in [1, 5]; 8, 6, 5, 4 or 3 bits a sample.

    Raises:
        ValueError: for an argument out of range.

    Source:
        ITU-T G.711, 1988, with the smooth law instead of its 16 segments.

    Example:
        >>> x = tf.constant([[0.0, 0.5, 1.0]])
        >>> MuLaw(severity=1)({"x": x}, [0, 0])["x"].numpy().round(1)
        array([[0. , 0.5, 1. ]], dtype=float32)
    """

    strengths = (8, 6, 5, 4, 3)

    def move(self, x, seed):
        """Compresses, rounds, expands."""
        size = tf.math.log1p(_MU * tf.abs(x)) / math.log1p(_MU)
        size = _rounded(size, self.strength)
        return tf.sign(x) * tf.math.expm1(size * math.log1p(_MU)) / _MU


@register("corruption")
class BitDepth(SoundCorruption):
    """Rounds samples to few bits, as early samplers did.

    Args:
        severity: int in [1, 5]; 8, 6, 5, 4 or 3 bits a sample, even steps
            from -1 to 1 with one at 0.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Bennett, "Spectra of Quantized Signals", 1948.

    Example:
        >>> x = tf.constant([[0.0, 0.3, 1.0]])
        >>> BitDepth(severity=5)({"x": x}, [0, 0])["x"].numpy().round(3)
        array([[0.   , 0.333, 1.   ]], dtype=float32)
    """

    strengths = (8, 6, 5, 4, 3)

    def move(self, x, seed):
        """Rounds."""
        return _rounded(x, self.strength)


@register("corruption")
class BandLimit(SoundCorruption):
    """Takes high frequencies away, as narrow channels and muffling do.

    A Butterworth filter of order 8 in amplitude, without delay.

    Args:
        severity: int in [1, 5]; the half-power frequency is .5, .35, .25, .15
            or .08 of the highest that the sample rate holds.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Butterworth, "On the Theory of Filter Amplifiers", 1930.

    Example:
        >>> x = tf.ones((2, 100))
        >>> BandLimit(severity=5)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 100])
    """

    strengths = (0.5, 0.35, 0.25, 0.15, 0.08)

    def move(self, x, seed):
        """Scales the spectrum."""
        samples = tf.shape(x)[1]
        # Room for the ringing at the ends, which must not meet.
        whole = waveform.span(2 * samples)
        spectrum = tf.signal.rfft(x, [whole])
        place = tf.cast(tf.range(whole // 2 + 1), tf.float32)
        share = place / tf.cast(whole // 2, tf.float32) / self.strength
        passed = tf.math.rsqrt(1.0 + share**16)
        spectrum *= tf.cast(passed, tf.complex64)
        return waveform.within(
            tf.signal.irfft(spectrum, [whole])[:, :samples], x
        )


@register("corruption")
class LowBitRate(SoundCorruption):
    """Rounds the spectrum band by band, as music codecs at few bits do.

    Models a transform codec's loss: a modified cosine transform of 512
    samples, nineteen bands of growing width, and in each the coefficients
    rounded to steps in proportion to the band's own strength, so that weak
    ones vanish and strong ones ring through the frame. It has no model of
    hearing, no switch of frames, and counts no bits.

    Args:
        severity: int in [1, 5]; steps of .5, 1, 1.5, 2 or 3 times a band's
            root mean square.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Princen, Johnson & Bradley, "Subband/Transform Coding Using Filter
        Bank Designs Based on Time Domain Aliasing Cancellation", 1987.

    Example:
        >>> x = tf.ones((2, 1000))
        >>> LowBitRate(severity=5)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 1000])
    """

    strengths = (0.5, 1.0, 1.5, 2.0, 3.0)

    def move(self, x, seed):
        """Transforms, rounds, transforms back."""
        samples, half = tf.shape(x)[1], _FRAME // 2
        padded = tf.pad(x, [[0, 0], [half, _FRAME]])
        lines = tf.signal.mdct(padded, _FRAME, norm="ortho")
        edges = zip(_BANDS, _BANDS[1:], strict=False)
        kept = []
        for low, high in edges:
            band = lines[:, :, low:high]
            mean = tf.reduce_mean(tf.square(band), 2, keepdims=True)
            step = tf.sqrt(mean) * self.strength
            kept.append(tf.round(tf.math.divide_no_nan(band, step)) * step)
        lines = tf.concat(kept, 2)
        values = tf.signal.inverse_mdct(lines, norm="ortho")
        return waveform.within(values[:, half : half + samples], x)


@register("corruption")
class Clipping(SoundCorruption):
    """Cuts off the loudest samples, as an overdriven input does.

    Args:
        severity: int in [1, 5]; the loudest 2, 5, 10, 20 or 40 of a hundred
            samples of each example are cut down to the others' peak.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Ours.

    Example:
        >>> x = tf.constant([[0.1, 0.2, 0.3, 0.4, 1.0]])
        >>> Clipping(severity=4)({"x": x}, [0, 0])["x"].numpy().max().round(1)
        np.float32(0.4)
    """

    strengths = (0.02, 0.05, 0.1, 0.2, 0.4)

    def move(self, x, seed):
        """Cuts at a quantile of the amplitude."""
        samples = tf.cast(tf.shape(x)[1], tf.float32)
        cut = tf.cast(tf.floor(samples * self.strength + 1e-3), tf.int32)
        loud = tf.sort(tf.abs(x), 1, "DESCENDING")
        level = loud[:, tf.minimum(cut, tf.shape(x)[1] - 1)][:, None]
        return tf.clip_by_value(x, -level, level)


@register("corruption")
class Reverberation(SoundCorruption):
    """Puts sounds into halls: a direct sound and decaying noise.

    Args:
        severity: int in [1, 5]; a reverberation time RT60 of .2, .4, .7, 1 or
            1.5 seconds with the direct sound at 10, 5, 0, -5 or -10 dB over
            the tail.
        sample_rate: int >= 1, samples a second; None takes the data's.

    Raises:
        ValueError: for an argument out of range, or a sample rate that
            nobody knows.

    Source:
        Polack, "La transmission de l'energie sonore dans les salles", 1988.

    Example:
        >>> x = tf.ones((2, 800))
        >>> Reverberation(sample_rate=8000)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 800])
    """

    arguments = {**SoundCorruption.arguments, "sample_rate": Int(1)}
    strengths = ((0.2, 10.0), (0.4, 5.0), (0.7, 0.0), (1.0, -5.0), (1.5, -10.0))

    def __init__(self, severity=3, sample_rate=None):
        Augment.__init__(self, severity=severity, sample_rate=sample_rate)

    def move(self, x, seed):
        """Convolves with a drawn response; length and power stay."""
        rate = float(self.need("sample_rate", "a room's times are in seconds"))
        n, samples = tf.unstack(tf.shape(x))
        seconds, ratio = self.strength
        taps = tf.minimum(samples, int(seconds * rate) + 1)
        response = ringing(seed, tf.fill((n, 1), seconds * rate), ratio, taps)
        values = waveform.convolve(x, response)
        return waveform.within(waveform.loud_as(values, x), x)


def _rounded(values, bits):
    """Rounds values in [-1, 1] to the odd number of levels below 2^bits."""
    levels = 2.0 ** (bits - 1) - 1.0
    return tf.round(values * levels) / levels
