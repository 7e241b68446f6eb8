"""What the layers share: checked arguments, and means under a mask."""

import keras
from keras import ops

from kerasgen.core import check_arguments


class Checked(keras.layers.Layer):
    """A layer that checks, keeps and tells the arguments that it declares.

    A subclass declares `arguments` and hands the values that came to
    `__init__`. Unless it says otherwise its output has the shape of its first
    input, and that one's mask.

    Args:
        values: mapping of declared argument to the value that came.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        ValueError: for an argument out of range.
        TypeError: for an argument of the wrong type.

    Example:
        >>> Checked({})(ops.ones((1, 2))).shape
        TensorShape([1, 2])
    """

    arguments = {}

    def __init__(self, values, **kwargs):
        super().__init__(**kwargs)
        where = type(self).__name__
        found = check_arguments(where, self.arguments, values)
        for name, value in found.items():
            setattr(self, name, value)
        if "seed" in self.arguments:
            self.seed_generator = keras.random.SeedGenerator(self.seed)
        self.supports_masking = True

    def call(self, x):
        """Gives `x`; a subclass writes this."""
        return x

    def compute_output_shape(self, input_shape):
        """Gives the input's shape."""
        return input_shape

    def get_config(self):
        """Gives the layer's arguments."""
        own = {name: getattr(self, name) for name in self.arguments}
        return {**super().get_config(), **own}

    def part(self, kind, *args, shape=None, **kwargs):
        """Makes a layer inside this one, under its policy.

        Args:
            kind: class of the layer.
            *args: arguments of the class.
            shape: tuple, what it is built for, or None.
            **kwargs: further arguments of the class.

        Returns:
            The layer, built where a shape is given.
        """
        made = kind(*args, **{"dtype": self.dtype_policy, **kwargs})
        # Masks are this layer's business, and what lies inside needn't warn.
        made.supports_masking = True
        if shape is not None:
            made.build(shape)
        return made


def flags(mask, x):
    """Writes a mask with as many axes as a tensor.

    Args:
        mask: bool tensor of the first axes of `x`.
        x: tensor.

    Returns:
        bool tensor with axes of length 1 behind those of `mask`.

    Example:
        >>> flags(ops.ones((2, 3), "bool"), ops.ones((2, 3, 4, 5))).shape
        TensorShape([2, 3, 1, 1])
    """
    mask = ops.cast(mask, "bool")
    for _ in range(len(x.shape) - len(mask.shape)):
        mask = ops.expand_dims(mask, -1)
    return mask


def hide(x, mask):
    """Puts zeros where a mask says that there is nothing.

    Args:
        x: tensor.
        mask: bool tensor of the first axes of `x`, or None.

    Returns:
        tensor shaped like `x`.

    Example:
        >>> hide(ops.ones((1, 2)), ops.array([[True, False]])).numpy().tolist()
        [[1.0, 0.0]]
    """
    if mask is None:
        return x
    return ops.where(flags(mask, x), x, ops.zeros((), x.dtype))


def moments(x, axes, mask=None):
    """Gives mean and variance over axes, of what a mask leaves.

    Args:
        x: float tensor (batch, ..., channels).
        axes: tuple of int.
        mask: bool tensor of the first axes of `x`, or None.

    Returns:
        Pair of float32 tensors; the axes are kept with length 1. Where
        nothing is left both are 0.

    Example:
        >>> x = ops.array([[[1.0], [3.0], [9.0]]])
        >>> mean, variance = moments(x, (1,), ops.array([[True, True, False]]))
        >>> float(mean[0, 0, 0]), float(variance[0, 0, 0])
        (2.0, 1.0)
    """
    x = ops.cast(x, "float32")
    if mask is None:
        mean = ops.mean(x, axes, keepdims=True)
        return mean, ops.mean(ops.square(x - mean), axes, keepdims=True)
    weight = ops.cast(flags(mask, x), "float32")
    weight = ops.broadcast_to(weight, (*ops.shape(x)[:-1], 1))
    count = ops.maximum(ops.sum(weight, axes, keepdims=True), 1.0)
    mean = ops.sum(hide(x, mask), axes, keepdims=True) / count
    gap = hide(ops.square(x - mean), mask)
    return mean, ops.sum(gap, axes, keepdims=True) / count


def peak(x, axes, mask=None):
    """Gives the greatest values over axes, of what a mask leaves.

    Args:
        x: float tensor (batch, ..., channels).
        axes: tuple of int.
        mask: bool tensor of the first axes of `x`, or None.

    Returns:
        float tensor; the axes are kept with length 1. Where nothing is left
        it is 0.

    Example:
        >>> x = ops.array([[[-1.0], [-3.0], [9.0]]])
        >>> float(peak(x, (1,), ops.array([[True, True, False]]))[0, 0, 0])
        -1.0
    """
    if mask is None:
        return ops.max(x, axes, keepdims=True)
    shown = flags(mask, x)
    low = ops.cast(-1e9 if x.dtype != "float16" else -6e4, x.dtype)
    found = ops.max(ops.where(shown, x, low), axes, keepdims=True)
    some = ops.any(shown, axes, keepdims=True)
    return ops.where(some, found, ops.zeros((), x.dtype))


def middle_axes(x):
    """Lists the axes between batch and channels.

    Args:
        x: tensor (batch, ..., channels).

    Returns:
        tuple of int.

    Example:
        >>> middle_axes(ops.ones((2, 3, 4, 5)))
        (1, 2)
    """
    return tuple(range(1, len(x.shape) - 1))
