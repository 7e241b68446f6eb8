"""Convolutions whose weights are normalised."""

import keras
from keras import ops

from kerasgen.core import Choice, Int, register
from kerasgen.layers.base import moments


@register("layer")
class StandardizedConv2D(keras.layers.Conv2D):
    """A convolution whose kernels have mean 0 and variance 1.

    With group normalization behind it batches may be small; scaled, it needs
    no normalization at all.

    Args:
        filters: int >= 1, the channels of the output.
        kernel_size: int >= 1, or a pair of them.
        scaled: bool, whether a kernel's variance is 1 over the number of its
            weights instead, with a learnt gain for each filter.
        **kwargs: further arguments of `keras.layers.Conv2D`; the padding is
            "same" unless it says otherwise.

    Call:
        x: float tensor (batch, height, width, channels); the output is what
            `keras.layers.Conv2D` gives.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Qiao et al., "Micro-Batch Training with Batch-Channel Normalization
        and Weight Standardization", 2019, arXiv:1903.10520, equations 5 to 7;
        scaled: Brock et al., 2021, arXiv:2102.06171, equation 1.

    Example:
        >>> StandardizedConv2D(4)(ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 4])
    """

    arguments = {
        "filters": Int(1),
        "kernel_size": Int(1),
        "scaled": Choice((False, True)),
    }
    tries = ((4, 5, 3),)

    def __init__(self, filters=8, kernel_size=3, scaled=False, **kwargs):
        where, table = type(self).__name__, self.arguments
        table["filters"].check(where, "filters", filters)
        table["scaled"].check(where, "scaled", scaled)
        sides = kernel_size
        if not isinstance(kernel_size, (tuple, list)):
            sides = (kernel_size,)
        for side in sides:
            table["kernel_size"].check(where, "kernel_size", side)
        kwargs = {"padding": "same", **kwargs}
        super().__init__(filters, kernel_size, **kwargs)
        self.scaled = scaled

    def build(self, input_shape):
        """Makes kernel and bias, and the gain."""
        super().build(input_shape)
        if self.scaled:
            self.gain = self.add_weight(
                shape=(self.filters,), initializer="ones", name="gain"
            )

    def convolution_op(self, inputs, kernel):
        """Convolves with the standardized kernel."""
        kernel = standardized(kernel)
        if self.scaled:
            size = 1.0
            for side in kernel.shape[:-1]:
                size *= side
            kernel = kernel * ops.cast(self.gain, kernel.dtype) / size**0.5
        return super().convolution_op(inputs, kernel)

    def get_config(self):
        """Gives the layer's arguments."""
        return {**super().get_config(), "scaled": self.scaled}


def standardized(kernel, epsilon=1e-5):
    """Gives each filter of a kernel mean 0 and variance 1.

    Args:
        kernel: float tensor (..., channels, filters).
        epsilon: float, added to the variance.

    Returns:
        float tensor shaped like `kernel`.

    Example:
        >>> found = standardized(ops.array([[1.0], [3.0]]))
        >>> ops.convert_to_numpy(found).round(3).tolist()
        [[-1.0], [1.0]]
    """
    axes = tuple(range(len(kernel.shape) - 1))
    wide = ops.cast(kernel, "float32")
    mean, variance = moments(wide, axes)
    found = (wide - mean) * ops.rsqrt(variance + epsilon)
    return ops.cast(found, kernel.dtype)
