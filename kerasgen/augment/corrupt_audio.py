"""Noise in sounds at five severities, for evaluation."""

import math

import tensorflow as tf

import kerasgen.augment.waveform as waveform
from kerasgen.augment.base import Augment, fold, uniform
from kerasgen.augment.sound import SoundCorruption
from kerasgen.core import Int, register

_RATIOS = (20.0, 15.0, 10.0, 5.0, 0.0)
_VOICES = 4
_HARMONICS = 8


class _Noisy(SoundCorruption):
    """Noise at an exact ratio; silence stays silent."""

    strengths = _RATIOS

    def move(self, x, seed):
        """Adds noise at the severity's ratio."""
        return waveform.add_at(x, self.noise(x, seed), self.strength)

    def noise(self, x, seed):
        """Draws noise of any power; a subclass writes this."""
        raise NotImplementedError


@register("corruption")
class WhiteNoise(_Noisy):
    """Adds noise of equal power at all frequencies, as amplifiers do.

    Args:
        severity: int in [1, 5]; a ratio of signal to noise of 20, 15, 10, 5
            or 0 dB, exact for each example.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hirsch & Pearce, "The AURORA Experimental Framework", 2000, for tests
        at ratios from 20 to 0 dB.

    Example:
        >>> x = tf.ones((2, 100))
        >>> WhiteNoise(severity=5)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 100])
    """

    def noise(self, x, seed):
        """Draws normal numbers."""
        return tf.random.stateless_normal(tf.shape(x), seed)


@register("corruption")
class PinkNoise(_Noisy):
    """Adds noise whose power falls as 1 / f, as in rooms and nature.

    Args:
        severity: int in [1, 5]; a ratio of signal to noise of 20, 15, 10, 5
            or 0 dB, exact for each example.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Kasdin, "Discrete Simulation of Colored Noise and Stochastic
        Processes", 1995; drawn by its spectrum.

    Example:
        >>> x = tf.ones((2, 100))
        >>> PinkNoise(severity=5)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 100])
    """

    def noise(self, x, seed):
        """Draws a spectrum that falls by 3 dB an octave."""
        return waveform.colored(seed, tf.shape(x), 1.0)


@register("corruption")
class BrownNoise(_Noisy):
    """Adds noise whose power falls as 1 / f^2, as wind and traffic do.

    Args:
        severity: int in [1, 5]; a ratio of signal to noise of 20, 15, 10, 5
            or 0 dB, exact for each example.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Kasdin, 1995; drawn by its spectrum.

    Example:
        >>> x = tf.ones((2, 100))
        >>> BrownNoise(severity=5)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 100])
    """

    def noise(self, x, seed):
        """Draws a spectrum that falls by 6 dB an octave."""
        return waveform.colored(seed, tf.shape(x), 2.0)


@register("corruption")
class Hum(_Noisy):
    """Adds the hum of the mains: 50 or 60 Hz and seven overtones.

    The overtones' amplitudes fall as 1 / k, their phases are drawn.

    Args:
        severity: int in [1, 5]; a ratio of signal to hum of 20, 15, 10, 5 or
            0 dB, exact for each example.
        sample_rate: int >= 1, samples a second; None takes the data's.

    Raises:
        ValueError: for an argument out of range, or a sample rate that
            nobody knows.

    Source:
        Ours.

    Example:
        >>> x = tf.ones((2, 100))
        >>> Hum(severity=5, sample_rate=8000)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 100])
    """

    arguments = {**SoundCorruption.arguments, "sample_rate": Int(1)}

    def __init__(self, severity=3, sample_rate=None):
        Augment.__init__(self, severity=severity, sample_rate=sample_rate)

    def noise(self, x, seed):
        """Adds up sines below half the sample rate."""
        rate = float(self.need("sample_rate", "the hum's pitch is in Hz"))
        n, samples = tf.unstack(tf.shape(x))
        ground = 50.0 + 10.0 * tf.round(uniform(fold(seed, 1), (n, 1)))
        phase = uniform(fold(seed, 2), (_HARMONICS, n, 1), 0.0, 2.0 * math.pi)
        time = tf.cast(tf.range(samples), tf.float64)[None, :] / rate
        turns = tf.cast(ground, tf.float64) * time
        angle = tf.cast(turns - tf.floor(turns), tf.float32) * 2.0 * math.pi
        total = tf.zeros_like(x)
        for place in range(_HARMONICS):
            times = place + 1.0
            held = tf.cast(ground * times < rate / 2.0, tf.float32)
            total += held * tf.sin(angle * times + phase[place]) / times
        return total


@register("corruption")
class Babble(_Noisy):
    """Adds the voices of four other examples of the batch, all speaking.

    Each voice is another example, drawn, equally loud, and begun at a drawn
    time. A batch of one babbles with itself. The result hangs on what else is
    in the batch.

    Args:
        severity: int in [1, 5]; a ratio of signal to babble of 20, 15, 10, 5
            or 0 dB, exact for each example.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Varga & Steeneken, "Assessment for automatic speech recognition: II.
        NOISEX-92", 1993, for babble as a test; here made of the data.

    Example:
        >>> x = tf.ones((2, 100))
        >>> Babble(severity=5)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 100])
    """

    def noise(self, x, seed):
        """Adds up drawn examples."""
        n, samples = tf.unstack(tf.shape(x))
        shape = (_VOICES, n)
        others = tf.maximum(n - 1, 1)
        # Whole numbers from numbers in [0, 1), so that a batch of one works.
        hop = tf.cast(others, tf.float32) * uniform(fold(seed, 1), shape)
        hop = 1 + tf.minimum(tf.cast(hop, tf.int32), others - 1)
        late = tf.cast(samples, tf.float32) * uniform(fold(seed, 2), shape)
        even = tf.math.divide_no_nan(x, tf.sqrt(waveform.power(x)))
        total = tf.zeros_like(x)
        for voice in range(_VOICES):
            who = tf.math.floormod(tf.range(n) + hop[voice], n)
            shift = tf.cast(late[voice], tf.int32)[:, None]
            total += waveform.roll(tf.gather(even, who), shift)
        return total
