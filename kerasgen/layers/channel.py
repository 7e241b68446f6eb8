"""Attention over channels: which maps matter for this example."""

import math

import keras
from keras import ops

from kerasgen.core import Choice, Int, register
from kerasgen.layers.base import Checked, hide, middle_axes, moments, peak

_CONVOLUTIONS = {
    3: keras.layers.Conv1D,
    4: keras.layers.Conv2D,
    5: keras.layers.Conv3D,
}


def narrow(channels, reduction):
    """Gives the width of the layer between squeezing and exciting.

    Args:
        channels: int.
        reduction: int, how many times fewer units there are; a small layer
            keeps at least 4, of which one may well be dead.

    Returns:
        int.

    Example:
        >>> narrow(256, 16), narrow(16, 16), narrow(2, 16)
        (16, 4, 2)
    """
    return max(channels // reduction, min(4, channels))


@register("layer")
class SqueezeExcite(Checked):
    """Weighs each channel by what all channels are on average.

    Args:
        reduction: int >= 1, how many times narrower the layer between is.
        gate: "sigmoid", or "hard_sigmoid", which is cheaper on phones.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., channels); the output has its shape.
        mask: bool tensor (batch, time), steps that don't count, or None.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hu et al., "Squeeze-and-Excitation Networks", 2018, arXiv:1709.01507,
        equations 2 to 4; the hard gate is Howard et al.'s, 2019,
        arXiv:1905.02244. The layer between has at least 4 units.

    Example:
        >>> SqueezeExcite(4)(ops.ones((2, 8, 8, 16))).shape
        TensorShape([2, 8, 8, 16])
    """

    arguments = {
        "reduction": Int(1, search=(4, 16)),
        "gate": Choice(("sigmoid", "hard_sigmoid")),
    }

    def __init__(self, reduction=16, gate="sigmoid", **kwargs):
        super().__init__({"reduction": reduction, "gate": gate}, **kwargs)

    def build(self, input_shape):
        """Makes the two layers."""
        channels = input_shape[-1]
        width = narrow(channels, self.reduction)
        dense = keras.layers.Dense
        self.squeeze = self.part(
            dense, width, "relu", name="squeeze", shape=(None, channels)
        )
        self.excite = self.part(
            dense, channels, self.gate, name="excite", shape=(None, width)
        )

    def call(self, x, mask=None):
        """Gives the weighed channels."""
        mean, _ = moments(x, middle_axes(x), mask)
        weight = self.excite(self.squeeze(ops.cast(mean, x.dtype)))
        return x * weight


@register("layer")
class ECA(Checked):
    """Weighs each channel by the averages of its neighbours.

    A convolution of a few numbers over the channels stands for the two dense
    layers of `SqueezeExcite`.

    Args:
        kernel: int >= 1, the neighbours that count, or None for a number
            that grows with the logarithm of the channels.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., channels); the output has its shape.
        mask: bool tensor (batch, time), steps that don't count, or None.

    Raises:
        ValueError: for a kernel below 1.

    Source:
        Wang et al., "ECA-Net: Efficient Channel Attention", 2020,
        arXiv:1910.03151, equations 9 and 12 with gamma 2 and b 1.

    Example:
        >>> layer = ECA()
        >>> layer(ops.ones((2, 8, 8, 64))).shape, layer.count_params()
        (TensorShape([2, 8, 8, 64]), 3)
    """

    arguments = {"kernel": Int(1)}

    def __init__(self, kernel=None, **kwargs):
        super().__init__({"kernel": kernel}, **kwargs)

    def build(self, input_shape):
        """Makes the convolution over channels."""
        channels = input_shape[-1]
        near = int(abs(math.log2(channels) / 2 + 0.5))
        kernel = self.kernel or near + (near % 2 == 0)
        self.mixing = self.part(
            keras.layers.Conv1D,
            1,
            kernel,
            padding="same",
            use_bias=False,
            name="mixing",
            shape=(None, channels, 1),
        )

    def call(self, x, mask=None):
        """Gives the weighed channels."""
        mean, _ = moments(x, middle_axes(x), mask)
        mean = ops.cast(mean, x.dtype)
        lined = ops.reshape(mean, (-1, x.shape[-1], 1))
        weight = ops.sigmoid(self.mixing(lined))
        return x * ops.reshape(weight, ops.shape(mean))


@register("layer")
class CBAM(Checked):
    """Weighs channels, and then places, by means and greatest values.

    Args:
        reduction: int >= 1, how many times narrower the layer between is.
        kernel: int >= 1, the side of the convolution over places.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., channels) with 1 to 3 axes of places;
            the output has its shape.
        mask: bool tensor (batch, time), steps that don't count, or None.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Woo et al., "CBAM: Convolutional Block Attention Module", 2018,
        arXiv:1807.06521, equations 1 to 3. The convolution over places has a
        bias, and no batch normalization behind it.

    Example:
        >>> CBAM(4, kernel=3)(ops.ones((2, 8, 8, 16))).shape
        TensorShape([2, 8, 8, 16])
    """

    arguments = {
        "reduction": Int(1, search=(4, 16)),
        "kernel": Int(1, search=(3, 7)),
    }

    def __init__(self, reduction=16, kernel=7, **kwargs):
        super().__init__({"reduction": reduction, "kernel": kernel}, **kwargs)

    def build(self, input_shape):
        """Makes the layers over channels and over places."""
        channels = input_shape[-1]
        width = narrow(channels, self.reduction)
        dense = keras.layers.Dense
        self.squeeze = self.part(
            dense, width, "relu", name="squeeze", shape=(None, channels)
        )
        self.excite = self.part(
            dense, channels, name="excite", shape=(None, width)
        )
        self.place = self.part(
            _CONVOLUTIONS[len(input_shape)],
            1,
            self.kernel,
            padding="same",
            activation="sigmoid",
            name="place",
            shape=(*input_shape[:-1], 2),
        )

    def call(self, x, mask=None):
        """Gives the weighed channels and places."""
        axes = middle_axes(x)
        mean, _ = moments(x, axes, mask)
        seen = ops.cast(mean, x.dtype), peak(x, axes, mask)
        heard = [self.excite(self.squeeze(each)) for each in seen]
        x = x * ops.sigmoid(heard[0] + heard[1])
        maps = [ops.mean(x, -1, keepdims=True), ops.max(x, -1, keepdims=True)]
        return x * self.place(hide(ops.concatenate(maps, -1), mask))
