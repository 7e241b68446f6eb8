"""Normalization by an example's own statistics, or a mixture of several."""

import keras
from keras import ops

from kerasgen.core import Choice, Float, message, register
from kerasgen.layers.base import Checked, middle_axes, moments


class Affine(Checked):
    """A normalization with a learnt scale and shift for each channel.

    A subclass writes `normal(x, mask)`, or a `call` of its own.
    """

    def build(self, input_shape):
        """Makes scale and shift."""
        if len(input_shape) < 3:
            raise ValueError(
                message(
                    type(self).__name__,
                    "there must be places between batch and channels",
                    {"shape": tuple(input_shape)},
                )
            )
        self.gamma, self.beta = (
            self.add_weight(
                shape=(input_shape[-1],),
                initializer=kind,
                autocast=False,
                name=name,
            )
            for name, kind in (("gamma", "ones"), ("beta", "zeros"))
        )

    def normal(self, x, mask=None):
        """Gives what is scaled and shifted."""
        raise NotImplementedError

    def call(self, x, mask=None):
        """Gives the normalised input."""
        found = self.normal(ops.cast(x, "float32"), mask)
        return ops.cast(found * self.gamma + self.beta, x.dtype)


@register("layer")
class InstanceNormalization(Affine):
    """Takes mean and spread over its own places out of each channel.

    Keras's `GroupNormalization(-1)` does this too, and counts padding in.

    Args:
        epsilon: float in [0, 1], added to the variance.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., channels) with one or more axes of
            places; the output has its shape.
        mask: bool tensor (batch, time), steps that don't count, or None.

    Raises:
        ValueError: for an epsilon out of range, or an input without places.

    Source:
        Ulyanov et al., "Instance Normalization: The Missing Ingredient for
        Fast Stylization", 2016, arXiv:1607.08022, equation 5.

    Example:
        >>> InstanceNormalization()(ops.ones((2, 4, 3))).shape
        TensorShape([2, 4, 3])
    """

    arguments = {"epsilon": Float(0.0, 1.0)}

    def __init__(self, epsilon=1e-5, **kwargs):
        super().__init__({"epsilon": epsilon}, **kwargs)

    def normal(self, x, mask=None):
        """Gives what is scaled and shifted."""
        mean, variance = moments(x, middle_axes(x), mask)
        return (x - mean) * ops.rsqrt(variance + self.epsilon)


@register("layer")
class FilterResponse(Affine):
    """Divides each channel by its root mean square, and learns where to cut.

    It needs no batch, and stands for a normalization and the activation
    behind it.

    Args:
        threshold: bool, whether what lies below a learnt number becomes that
            number (the thresholded linear unit).
        epsilon: float in [0, 1], added to the mean square.
        learns: bool, whether epsilon is learnt; for maps of one place.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., channels) with one or more axes of
            places; the output has its shape.
        mask: bool tensor (batch, time), steps that don't count, or None.

    Raises:
        ValueError: for an argument out of range, or an input without places.

    Source:
        Singh & Krishnan, "Filter Response Normalization Layer", 2020,
        arXiv:1911.09737, equations 1, 2, 3 and 8.

    Example:
        >>> FilterResponse()(ops.ones((2, 4, 3))).shape
        TensorShape([2, 4, 3])
    """

    arguments = {
        "threshold": Choice((True, False)),
        "epsilon": Float(0.0, 1.0),
        "learns": Choice((False, True)),
    }

    def __init__(self, threshold=True, epsilon=1e-6, learns=False, **kwargs):
        values = {"threshold": threshold, "epsilon": epsilon, "learns": learns}
        super().__init__(values, **kwargs)

    def build(self, input_shape):
        """Makes scale and shift, the threshold, and what epsilon gains."""
        super().build(input_shape)
        if self.threshold:
            self.tau = self.add_weight(
                shape=(input_shape[-1],),
                initializer="zeros",
                autocast=False,
                name="tau",
            )
        if self.learns:
            self.gain = self.add_weight(
                shape=(),
                initializer=keras.initializers.Constant(1e-4),
                autocast=False,
                name="gain",
            )

    def normal(self, x, mask=None):
        """Gives what is scaled and shifted."""
        square, _ = moments(ops.square(x), middle_axes(x), mask)
        epsilon = self.epsilon
        if self.learns:
            epsilon = epsilon + ops.abs(self.gain)
        return x * ops.rsqrt(square + epsilon)

    def call(self, x, mask=None):
        """Gives the normalised input, cut below."""
        found = super().call(x, mask)
        if not self.threshold:
            return found
        return ops.maximum(found, ops.cast(self.tau, found.dtype))


@register("layer")
class SwitchableNormalization(Affine):
    """Learns how much to normalise by example, by layer and by batch.

    Args:
        momentum: float in [0, 1], the share of the old statistics that stays.
        epsilon: float in [0, 1], added to the variance.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., channels) with one or more axes of
            places; the output has its shape.
        mask: bool tensor (batch, time), steps that don't count, or None.

    Raises:
        ValueError: for an argument out of range, or an input without places.

    Source:
        Luo et al., "Differentiable Learning-to-Normalize via Switchable
        Normalization", 2019, arXiv:1806.10779, equations 3 to 5. Inference
        takes moving averages.

    Example:
        >>> SwitchableNormalization()(ops.ones((2, 4, 3))).shape
        TensorShape([2, 4, 3])
    """

    arguments = {"momentum": Float(0.0, 1.0), "epsilon": Float(0.0, 1.0)}

    def __init__(self, momentum=0.9, epsilon=1e-5, **kwargs):
        values = {"momentum": momentum, "epsilon": epsilon}
        super().__init__(values, **kwargs)

    def build(self, input_shape):
        """Makes scale and shift, the shares, and the moving statistics."""
        super().build(input_shape)
        self.mean_shares, self.variance_shares = (
            self.add_weight(
                shape=(3,), initializer="zeros", autocast=False, name=name
            )
            for name in ("mean_shares", "variance_shares")
        )
        self.moving_mean, self.moving_variance = (
            self.add_weight(
                shape=(input_shape[-1],),
                initializer=kind,
                trainable=False,
                autocast=False,
                name=name,
            )
            for name, kind in (
                ("moving_mean", "zeros"),
                ("moving_variance", "ones"),
            )
        )

    def call(self, x, mask=None, training=False):
        """Gives the input, normalised by a mixture of statistics."""
        wide, axes = ops.cast(x, "float32"), middle_axes(x)
        mean, variance = moments(wide, axes, mask)
        middle = ops.mean(mean, -1, keepdims=True)
        whole = ops.mean(variance + ops.square(mean), -1, keepdims=True)
        spread = whole - ops.square(middle)
        if training and self.trainable:
            average, scatter = moments(wide, (0, *axes), mask)
            self._move(self.moving_mean, average)
            self._move(self.moving_variance, scatter)
        else:
            average, scatter = self.moving_mean, self.moving_variance
        means = ops.softmax(self.mean_shares)
        shares = ops.softmax(self.variance_shares)
        mean = means[0] * mean + means[1] * middle + means[2] * average
        variance = shares[0] * variance + shares[1] * spread
        variance = variance + shares[2] * scatter
        found = (wide - mean) * ops.rsqrt(variance + self.epsilon)
        return ops.cast(found * self.gamma + self.beta, x.dtype)

    def _move(self, variable, seen):
        seen = ops.reshape(seen, (-1,))
        variable.assign(variable + (1.0 - self.momentum) * (seen - variable))
