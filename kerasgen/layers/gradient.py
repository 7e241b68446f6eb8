"""Layers that change the gradient, and nothing else."""

import keras
from keras import ops

from kerasgen.core import Float, Int, check_arguments, register


@register("layer")
class GradientReversal(keras.layers.Layer):
    """Passes its input, and turns the gradient that comes back round.

    Below it, what makes the layers above fail is learnt: features from which
    a discriminator can't tell the domains apart.

    Args:
        factor: float >= 0, what the gradient is multiplied with, turned round.
        ramp: int >= 0, the training steps over which the factor grows from 0;
            0 starts with the whole of it.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ...); the output is `x`, bit for bit.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Ganin et al., "Domain-Adversarial Training of Neural Networks", 2016,
        arXiv:1505.07818, equation 14 for the growth, which there is over the
        share of training that is done.

    Example:
        >>> GradientReversal()(ops.ones((1, 2))).shape
        TensorShape([1, 2])
    """

    arguments = {"factor": Float(0.0, search=(0.1, 2.0)), "ramp": Int(0)}

    def __init__(self, factor=1.0, ramp=0, **kwargs):
        super().__init__(**kwargs)
        check_arguments(
            "GradientReversal",
            self.arguments,
            {"factor": factor, "ramp": ramp},
        )
        self.factor = factor
        self.ramp = ramp
        self.supports_masking = True
        self.seen = self.add_weight(
            shape=(),
            initializer="zeros",
            dtype="int64",
            trainable=False,
            name="seen",
        )

    def call(self, x, training=False):
        """Gives `x`."""
        factor = ops.convert_to_tensor(self.factor, "float32")
        if self.ramp:
            factor = factor * growth(self.seen, self.ramp)
        if training:
            self.seen.assign_add(1)
        return reverse_gradient(x, factor)

    def compute_output_shape(self, input_shape):
        """Gives the input's shape."""
        return input_shape

    def get_config(self):
        """Gives the layer's arguments."""
        own = {"factor": self.factor, "ramp": self.ramp}
        return {**super().get_config(), **own}


@register("layer")
class GradientScale(keras.layers.Layer):
    """Passes its input, and multiplies the gradient that comes back.

    Args:
        factor: float >= 0; 0 stops the gradient, and below 1 what lies below
            learns more slowly than what lies above.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ...); the output is `x`, bit for bit.

    Raises:
        ValueError: for a factor below 0.

    Source:
        Schrittwieser et al., 2020, arXiv:1911.08265, appendix G, who halve
        the gradient that comes into a shared part.

    Example:
        >>> GradientScale(0.1)(ops.ones((1, 2))).shape
        TensorShape([1, 2])
    """

    arguments = {"factor": Float(0.0, search=(0.01, 1.0), log=True)}

    def __init__(self, factor=0.1, **kwargs):
        super().__init__(**kwargs)
        check_arguments("GradientScale", self.arguments, {"factor": factor})
        self.factor = factor
        self.supports_masking = True

    def call(self, x):
        """Gives `x`."""
        return reverse_gradient(x, -self.factor)

    def compute_output_shape(self, input_shape):
        """Gives the input's shape."""
        return input_shape

    def get_config(self):
        """Gives the layer's arguments."""
        return {**super().get_config(), "factor": self.factor}


def growth(steps, ramp):
    """Grows from 0 to about 1 over the first steps of a training.

    Args:
        steps: scalar tensor, the steps taken.
        ramp: int >= 1, the steps over which it grows.

    Returns:
        float scalar.

    Source:
        Ganin et al., 2016, arXiv:1505.07818, section 5.2.

    Example:
        >>> [round(float(growth(steps, 10)), 3) for steps in (0, 1, 10, 20)]
        [0.0, 0.462, 1.0, 1.0]
    """
    done = ops.minimum(ops.cast(steps, "float32") / ramp, 1.0)
    return 2.0 * ops.sigmoid(10.0 * done) - 1.0


def reverse_gradient(x, factor=1.0):
    """Gives `x`, and the gradient that comes back times minus `factor`.

    Args:
        x: float tensor.
        factor: float or float scalar tensor.

    Returns:
        float tensor, `x` bit for bit.

    Source:
        Ganin & Lempitsky, "Unsupervised Domain Adaptation by Backpropagation",
        2015, arXiv:1409.7495, equations 7 and 8.

    Example:
        >>> float(reverse_gradient(ops.array(0.3), 2.0)) == float(
        ...     ops.array(0.3))
        True
    """
    turned = x * ops.cast(factor, x.dtype)
    return ops.stop_gradient(x) + (ops.stop_gradient(turned) - turned)
