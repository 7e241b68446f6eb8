"""Sounds: mel spectra, cepstra, and normalised channel energies."""

import numpy as np
import scipy.fft
import tensorflow as tf

from kerasgen.core import Float, Int, mel_filters, message, register
from kerasgen.data.prepare.base import Transform

_COMMON = {
    "sample_rate": Int(1),
    "window": Float(1e-6),
    "hop": Float(1e-6),
    "mels": Int(1),
    "low": Float(0),
    "high": Float(0),
}


class Mel(Transform):
    """The power in mel bands over time, (batch, samples) to (.., mels).

    Frames of `window` seconds start every `hop` seconds and lie within the
    sound; one shorter than a frame is filled with zeros. Each is weighted by
    a periodic Hann window and filled up to a power of two. Triangles of
    height 1 lie evenly on the mel scale 2595 log10(1 + f / 700).

    Args:
        **values: `sample_rate`, `window`, `hop`, `mels`, `low`, `high`, and
            what a subclass adds.

    Raises:
        ValueError: for frequencies that are not in order, or a window of less
            than two samples.
    """

    arguments = _COMMON
    kinds = ("audio",)
    learns = False

    def __init__(self, **values):
        super().__init__(**values)
        rate = self.sample_rate
        if rate is None:
            return
        top = rate / 2 if self.high is None else self.high
        if not self.low < top <= rate / 2:
            raise ValueError(
                message(
                    type(self).__name__,
                    "`low` must be less than `high`, and that at most half the "
                    "sample rate",
                    {"low": self.low, "high": top, "sample_rate": rate},
                )
            )
        if round(self.window * rate) < 2 or round(self.hop * rate) < 1:
            raise ValueError(
                message(
                    type(self).__name__,
                    "a window must have two samples and a hop one",
                    {"window": self.window, "hop": self.hop, "rate": rate},
                    "Both are given in seconds.",
                )
            )

    @property
    def ready(self):
        """bool, whether the sample rate is known."""
        return self.sample_rate is not None

    def check(self, shape, kind):
        """Refuses what isn't sounds (batch, samples)."""
        super().check(shape, kind)
        if self.sample_rate is None:
            self._must_be_ready()
        if len(shape) != 1 or shape[0] is None:
            raise ValueError(
                message(
                    type(self).__name__,
                    "it takes sounds (batch, samples) of known length",
                    {"shape of an example": tuple(shape)},
                )
            )

    def shape_of(self, shape):
        """Gives (frames, mels)."""
        size, hop = self._sizes()
        return (1 + max(0, shape[0] - size) // hop, self.mels)

    def power(self, x):
        """Gives float64 mel power (batch, frames, mels)."""
        # In float64: in float32 the last digits depend on how many sounds come
        # along, and the logarithm of silence shows them.
        x = tf.cast(x, tf.float64)
        size, hop = self._sizes()
        fft = 1 << (size - 1).bit_length()
        short = max(0, size - x.shape[1])
        x = tf.pad(x, [[0, 0], [0, short]])
        spectrum = tf.signal.stft(x, size, hop, fft)
        # Not abs() ** 2, whose square root loses digits for nothing.
        power = tf.math.real(spectrum) ** 2 + tf.math.imag(spectrum) ** 2
        top = self.sample_rate / 2 if self.high is None else self.high
        filters = mel_filters(self.sample_rate, fft, self.mels, self.low, top)
        return tf.tensordot(power, filters, 1)

    def _sizes(self):
        rate = self.sample_rate
        return round(self.window * rate), round(self.hop * rate)

    def _must_be_ready(self):
        if self.sample_rate is None:
            raise ValueError(
                message(
                    type(self).__name__,
                    "the sample rate must be known",
                    None,
                    "Pass sample_rate=, in samples a second.",
                )
            )


@register("prepare")
class LogMel(Mel):
    """Gives the logarithm of the power in mel bands, (batch, frames, mels).

    Args:
        sample_rate: int, samples a second; None takes the data's.
        window: float, seconds of a frame.
        hop: float, seconds from one frame to the next.
        mels: int >= 1, the number of bands.
        low: float, the lowest frequency in Hz.
        high: float, the highest; None takes half the sample rate.
        floor: float > 0, added before the logarithm is taken.
        **values: arguments of `keras.layers.Layer`.

    Raises:
        ValueError: for frequencies that are not in order, or a window of less
            than two samples.

    Source:
        Davis, Mermelstein 1980; the mel scale of O'Shaughnessy 1987.

    Example:
        >>> LogMel(8000, mels=20)(np.zeros((1, 8000), "float32")).shape
        TensorShape([1, 98, 20])
    """

    arguments = {**_COMMON, "floor": Float(1e-30)}

    def __init__(
        self,
        sample_rate=None,
        window=0.025,
        hop=0.010,
        mels=64,
        low=0.0,
        high=None,
        floor=1e-6,
        **values,
    ):
        super().__init__(
            sample_rate=sample_rate,
            window=window,
            hop=hop,
            mels=mels,
            low=low,
            high=high,
            floor=floor,
            **values,
        )

    def transform(self, x):
        """Analyses a batch."""
        return tf.cast(tf.math.log(self.power(x) + self.floor), tf.float32)


@register("prepare")
class MFCC(Mel):
    """Gives mel-frequency cepstral coefficients, (batch, frames, count).

    The orthonormal cosine transform (II) of the log-mel spectrum.

    Args:
        sample_rate: int, samples a second; None takes the data's.
        count: int >= 1, the number of coefficients, at most `mels`.
        window: float, seconds of a frame.
        hop: float, seconds from one frame to the next.
        mels: int >= 1, the number of bands.
        low: float, the lowest frequency in Hz.
        high: float, the highest; None takes half the sample rate.
        floor: float > 0, added before the logarithm is taken.
        **values: arguments of `keras.layers.Layer`.

    Raises:
        ValueError: for more coefficients than bands, frequencies that are not
            in order, or a window of less than two samples.

    Source:
        Davis, Mermelstein 1980.

    Example:
        >>> MFCC(8000)(np.zeros((1, 8000), "float32")).shape
        TensorShape([1, 98, 13])
    """

    arguments = {**_COMMON, "count": Int(1), "floor": Float(1e-30)}

    def __init__(
        self,
        sample_rate=None,
        count=13,
        window=0.025,
        hop=0.010,
        mels=40,
        low=0.0,
        high=None,
        floor=1e-6,
        **values,
    ):
        super().__init__(
            sample_rate=sample_rate,
            count=count,
            window=window,
            hop=hop,
            mels=mels,
            low=low,
            high=high,
            floor=floor,
            **values,
        )
        if count > mels:
            raise ValueError(
                message(
                    "MFCC",
                    "there can't be more coefficients than bands",
                    {"count": count, "mels": mels},
                )
            )

    def shape_of(self, shape):
        """Gives (frames, count)."""
        return (super().shape_of(shape)[0], self.count)

    def transform(self, x):
        """Analyses a batch."""
        logs = tf.math.log(self.power(x) + self.floor)
        turn = scipy.fft.dct(np.eye(self.mels), norm="ortho")[:, : self.count]
        return tf.cast(tf.tensordot(logs, turn, 1), tf.float32)


@register("prepare")
class PCEN(Mel):
    """Gives per-channel energies, normalised by their own recent past.

    Each band is divided by its smoothed power and its root is taken, which
    evens out loudness and steady noise. Nothing is trained.

    Args:
        sample_rate: int, samples a second; None takes the data's.
        window: float, seconds of a frame.
        hop: float, seconds from one frame to the next.
        mels: int >= 1, the number of bands.
        low: float, the lowest frequency in Hz.
        high: float, the highest; None takes half the sample rate.
        smooth: float in (0, 1], the share of the newest frame in the smoothed
            power.
        gain: float in [0, 1], the power of the divisor.
        bias: float >= 0, added before the root, and its root taken away.
        root: float > 0, the exponent.
        floor: float > 0, added to the smoothed power.
        **values: arguments of `keras.layers.Layer`.

    Raises:
        ValueError: for frequencies that are not in order, or a window of less
            than two samples.

    Source:
        Wang et al. 2017, with its constants. The smoothed power starts at the
        first frame's.

    Example:
        >>> PCEN(8000)(np.zeros((1, 8000), "float32")).shape
        TensorShape([1, 98, 64])
    """

    arguments = {
        **_COMMON,
        "smooth": Float(1e-6, 1),
        "gain": Float(0, 1),
        "bias": Float(0),
        "root": Float(1e-6),
        "floor": Float(1e-30),
    }

    def __init__(
        self,
        sample_rate=None,
        window=0.025,
        hop=0.010,
        mels=64,
        low=0.0,
        high=None,
        smooth=0.025,
        gain=0.98,
        bias=2.0,
        root=0.5,
        floor=1e-6,
        **values,
    ):
        super().__init__(
            sample_rate=sample_rate,
            window=window,
            hop=hop,
            mels=mels,
            low=low,
            high=high,
            smooth=smooth,
            gain=gain,
            bias=bias,
            root=root,
            floor=floor,
            **values,
        )

    def transform(self, x):
        """Analyses a batch."""
        power = self.power(x)
        past = self._past(power)
        # In logarithms, so that tiny powers of tiny numbers don't vanish.
        gained = power * tf.exp(-self.gain * tf.math.log(self.floor + past))
        found = (gained + self.bias) ** self.root - self.bias**self.root
        return tf.cast(found, tf.float32)

    def _past(self, power):
        """The smoothed power: a fixed mixture of the frames before."""
        frames = power.shape[1]
        ages = np.arange(frames)[:, None] - np.arange(frames)[None]
        decay = np.where(
            ages >= 0, (1.0 - self.smooth) ** np.maximum(ages, 0), 0
        )
        weights = decay * self.smooth
        weights[:, 0] = decay[:, 0]
        return tf.einsum("ts,bsm->btm", weights, power)
