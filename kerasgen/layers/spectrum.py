"""Front ends of sounds as layers: log-mel spectra, and PCEN that learns."""

import keras
import numpy as np
from keras import ops

from kerasgen.core import (
    Float,
    Int,
    check_arguments,
    mel_filters,
    message,
    register,
)

_RANGES = {
    "sample_rate": Int(1),
    "window": Float(1e-6),
    "hop": Float(1e-6),
    "mels": Int(1, search=(20, 80)),
    "low": Float(0.0),
    "high": Float(0.0),
}


class MelPower(keras.layers.Layer):
    """The power in mel bands over time, (batch, samples) to (.., mels).

    Frames and bands are those of `kerasgen.data.prepare.LogMel`, in float32.

    Args:
        **values: `sample_rate`, `window`, `hop`, `mels`, `low`, `high`, what
            a subclass adds, and arguments of `keras.layers.Layer`.

    Raises:
        ValueError: for frequencies that are not in order, or a window of less
            than two samples.
    """

    arguments = _RANGES
    tries = ((400,),)

    def __init__(self, **values):
        own = {name: values.pop(name) for name in self.arguments}
        super().__init__(**values)
        where = type(self).__name__
        self._given = check_arguments(where, self.arguments, own)
        for name, value in self._given.items():
            setattr(self, name, value)
        rate = self.sample_rate
        self.top = rate / 2 if self.high is None else self.high
        self.size, self.step = round(self.window * rate), round(self.hop * rate)
        fits = self.low < self.top <= rate / 2
        if not fits or self.size < 2 or self.step < 1:
            raise ValueError(
                message(
                    where,
                    "frequencies must be in order and at most half the rate, a "
                    "window two samples and a hop one at least",
                    own,
                )
            )
        self.fft = 1 << (self.size - 1).bit_length()

    def power(self, x):
        """Gives float32 mel power (batch, frames, mels)."""
        x = ops.cast(x, "float32")
        # `stft` centres the window in a frame of the transform's length, and
        # frames are to begin where the window does.
        before = (self.fft - self.size) // 2
        after = self.fft - self.size - before
        after += max(0, self.size - x.shape[1])
        x = ops.pad(x, [[0, 0], [before, after]])
        real, imaginary = ops.stft(
            x, self.size, self.step, self.fft, window="hann", center=False
        )
        filters = mel_filters(
            self.sample_rate, self.fft, self.mels, self.low, self.top
        )
        power = ops.square(real) + ops.square(imaginary)
        # In a graph `stft` forgets its shape.
        frames = 1 + (x.shape[1] - self.fft) // self.step
        power = ops.reshape(power, (-1, frames, self.fft // 2 + 1))
        return ops.matmul(power, ops.convert_to_tensor(filters, "float32"))

    def compute_output_shape(self, input_shape):
        """Gives (batch, frames, mels)."""
        frames = 1 + max(0, input_shape[1] - self.size) // self.step
        return (input_shape[0], frames, self.mels)

    def get_config(self):
        """Gives the layer's arguments."""
        return {**super().get_config(), **self._given}


@register("layer")
class LogMel(MelPower):
    """Turns sounds into log-mel spectra inside a model.

    Args:
        sample_rate: int, samples a second.
        window: float, seconds of a frame.
        hop: float, seconds from one frame to the next.
        mels: int >= 1, the number of bands.
        low: float, the lowest frequency in Hz.
        high: float, the highest; None takes half the sample rate.
        floor: float > 0, added before the logarithm is taken.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, samples); the output is (batch, frames, mels).

    Raises:
        ValueError: for frequencies that are not in order, or a window of less
            than two samples.

    Source:
        Davis & Mermelstein, 1980, doi:10.1109/TASSP.1980.1163420.

    Example:
        >>> LogMel(8000, mels=20)(ops.zeros((1, 8000))).shape
        TensorShape([1, 98, 20])
    """

    arguments = {**_RANGES, "floor": Float(1e-30)}

    def __init__(
        self,
        sample_rate=16000,
        window=0.025,
        hop=0.010,
        mels=40,
        low=0.0,
        high=None,
        floor=1e-6,
        **kwargs,
    ):
        super().__init__(
            sample_rate=sample_rate,
            window=window,
            hop=hop,
            mels=mels,
            low=low,
            high=high,
            floor=floor,
            **kwargs,
        )

    def call(self, x):
        """Gives the logarithm of mel power."""
        found = ops.log(self.power(x) + self.floor)
        return ops.cast(found, self.compute_dtype)


@register("layer")
class PCEN(MelPower):
    """Turns sounds into mel energies over their own past, and learns how.

    Each band is divided by its smoothed power, and a root is taken. What the
    transform "pcen" fixes is learnt here, for each band: how fast the past is
    forgotten, the power of the divisor, the bias and the root.

    Args:
        sample_rate: int, samples a second.
        window: float, seconds of a frame.
        hop: float, seconds from one frame to the next.
        mels: int >= 1, the number of bands.
        low: float, the lowest frequency in Hz.
        high: float, the highest; None takes half the sample rate.
        floor: float > 0, added to the smoothed power.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, samples); the output is (batch, frames, mels).

    Raises:
        ValueError: for frequencies that are not in order, or a window of less
            than two samples.

    Source:
        Wang et al., "Trainable Frontend For Robust and Far-Field Keyword
        Spotting", 2017, arXiv:1607.05666, equations 1 and 2; they mix fixed
        speeds of forgetting, here one a band is learnt (as Zeghidour et al.,
        2021, arXiv:2101.08596), from their 0.025, 0.98, 2 and 0.5.

    Example:
        >>> PCEN(8000, mels=20)(ops.zeros((1, 8000))).shape
        TensorShape([1, 98, 20])
    """

    arguments = {**_RANGES, "floor": Float(1e-30)}

    def __init__(
        self,
        sample_rate=16000,
        window=0.025,
        hop=0.010,
        mels=40,
        low=0.0,
        high=None,
        floor=1e-6,
        **kwargs,
    ):
        super().__init__(
            sample_rate=sample_rate,
            window=window,
            hop=hop,
            mels=mels,
            low=low,
            high=high,
            floor=floor,
            **kwargs,
        )

    def build(self, input_shape):
        """Makes four numbers for each band."""
        logit = float(np.log(0.025 / 0.975))
        # The logit of the share of the newest frame, and logarithms.
        for name, start in (
            ("smooth", logit),
            ("gain", float(np.log(0.98))),
            ("bias", float(np.log(2.0))),
            ("root", float(np.log(0.5))),
        ):
            made = self.add_weight(
                shape=(self.mels,),
                initializer=keras.initializers.Constant(start),
                dtype="float32",
                name=name,
            )
            setattr(self, f"_{name}", made)

    def call(self, x):
        """Gives normalised energies."""
        power = self.power(x)
        past = self._past(power)
        gain, bias, root = (
            ops.exp(ops.cast(each, "float32"))
            for each in (self._gain, self._bias, self._root)
        )
        # In logarithms, so that tiny powers of tiny numbers don't vanish.
        gained = power * ops.exp(-gain * ops.log(self.floor + past))
        found = (gained + bias) ** root - bias**root
        return ops.cast(found, self.compute_dtype)

    def _past(self, power):
        """The smoothed power; it starts at the first frame's."""
        share = ops.sigmoid(ops.cast(self._smooth, "float32"))
        keep = ops.zeros_like(power) + (1.0 - share)

        def chain(one, two):
            return one[0] * two[0], one[1] * two[0] + two[1]

        first = power[:, :1]
        rest = power[:, 1:] * share
        added = ops.concatenate([first, rest], 1)
        found = ops.associative_scan(chain, (keep, added), axis=1)[1]
        # In a graph the scan forgets its shape.
        return ops.reshape(found, (-1, *power.shape[1:]))


@register("layer")
class PatchEmbedding(keras.layers.Layer):
    """Cuts images or spectra into patches, and embeds each with its place.

    Args:
        width: int >= 1, the numbers that a patch becomes.
        patch: int >= 1, the side of a square patch, in pixels or in frames
            and bands; what is left at the end is filled with zeros.
        stride: int, the step from one patch to the next; None takes the side,
            so that patches don't overlap.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, height, width, channels), or (batch, frames,
            bands); the output is (batch, patches, width), row by row.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Dosovitskiy et al., "An Image is Worth 16x16 Words", 2021,
        arXiv:2010.11929, equation 1, without the class token; on spectra Gong
        et al., 2021, arXiv:2104.01778.

    Example:
        >>> PatchEmbedding(8, patch=4)(ops.ones((1, 10, 8, 1))).shape
        TensorShape([1, 6, 8])
    """

    arguments = {
        "width": Int(1, search=(32, 256), log=True),
        "patch": Int(1, search=(4, 16)),
        "stride": Int(1),
    }
    tries = ((8, 8, 3),)
    # Each place has weights of its own.
    sized = True

    def __init__(self, width=64, patch=4, stride=None, **kwargs):
        super().__init__(**kwargs)
        given = {"width": width, "patch": patch, "stride": stride}
        self._given = check_arguments("PatchEmbedding", self.arguments, given)
        self.width, self.patch = width, patch
        self.stride = patch if stride is None else stride
        self.cut = keras.layers.Conv2D(
            width, patch, self.stride, padding="same", name="cut"
        )

    def build(self, input_shape):
        """Makes the weights of patches and of their places."""
        self.cut.build(_with_channels(input_shape))
        self.places = self.add_weight(
            shape=(1, *self.compute_output_shape(input_shape)[1:]),
            initializer=keras.initializers.TruncatedNormal(stddev=0.02),
            name="places",
        )

    def call(self, x):
        """Gives the embedded patches."""
        if len(x.shape) == 3:
            x = x[..., None]
        shape = self.compute_output_shape(x.shape)
        found = ops.reshape(self.cut(x), (-1, *shape[1:]))
        return found + self.places

    def compute_output_shape(self, input_shape):
        """Gives (batch, patches, width)."""
        rows, columns = (-(-n // self.stride) for n in input_shape[1:3])
        return (input_shape[0], rows * columns, self.width)

    def get_config(self):
        """Gives the layer's arguments."""
        return {**super().get_config(), **self._given}


def _with_channels(shape):
    return (*shape, 1) if len(shape) == 3 else tuple(shape)
