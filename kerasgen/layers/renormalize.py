"""Batch normalization for small batches that differ from each other."""

import keras
from keras import ops

from kerasgen.core import Float, Int, message, register
from kerasgen.layers.base import moments


@register("layer")
class BatchRenormalization(keras.layers.BatchNormalization):
    """Batch normalization that in training stays near the moving statistics.

    Keras's `BatchNormalization(renorm=True)` does this within fixed limits;
    here they grow.

    Args:
        momentum: float in [0, 1], the share of the old statistics that stays.
        epsilon: float in [0, 1], added to the variance.
        r_max: float >= 1, the greatest factor between both deviations.
        d_max: float >= 0, the greatest gap between both means, in deviations.
        ramp: int >= 0, the training steps over which both limits grow from
            those of plain batch normalization, 1 and 0.
        **kwargs: arguments of `keras.layers.BatchNormalization`; the channels
            are the last axis.

    Call:
        inputs: float tensor (batch, ..., channels); the output has its shape.
        mask: bool tensor (batch, time), steps that don't count, or None.

    Raises:
        ValueError: for an argument out of range, or another axis.

    Source:
        Ioffe, "Batch Renormalization: Towards Reducing Minibatch Dependence
        in Batch-Normalized Models", 2017, arXiv:1702.03275, algorithm 1; the
        limits grow along a line from the first step.

    Example:
        >>> BatchRenormalization()(ops.ones((2, 3))).shape
        TensorShape([2, 3])
    """

    arguments = {
        "momentum": Float(0.0, 1.0),
        "epsilon": Float(0.0, 1.0),
        "r_max": Float(1.0),
        "d_max": Float(0.0),
        "ramp": Int(0),
    }

    def __init__(
        self,
        momentum=0.9,
        epsilon=1e-3,
        r_max=3.0,
        d_max=5.0,
        ramp=0,
        **kwargs,
    ):
        values = {"momentum": momentum, "epsilon": epsilon}
        own = {"r_max": r_max, "d_max": d_max, "ramp": ramp}
        for name, value in {**values, **own}.items():
            self.arguments[name].check("BatchRenormalization", name, value)
        super().__init__(**values, **kwargs)
        if self.axis != -1:
            raise ValueError(
                message(
                    "BatchRenormalization",
                    "the channels must be the last axis",
                    {"axis": self.axis},
                )
            )
        self.r_max, self.d_max, self.ramp = r_max, d_max, ramp

    def build(self, input_shape):
        """Makes what batch normalization has, and a count of steps."""
        super().build(input_shape)
        self.seen = self.add_weight(
            shape=(),
            initializer="zeros",
            dtype="int64",
            trainable=False,
            name="seen",
        )

    def call(self, inputs, training=None, mask=None):
        """Gives the normalised input."""
        if not training or not self.trainable:
            return super().call(inputs, training=training, mask=mask)
        x = ops.cast(inputs, "float32")
        axes = tuple(range(len(x.shape) - 1))
        mean, variance = moments(x, axes, mask)
        spread = ops.sqrt(variance + self.epsilon)
        usual = ops.sqrt(self.moving_variance + self.epsilon)
        r_max, d_max = self._limits()
        r = ops.clip(spread / usual, 1.0 / r_max, r_max)
        d = ops.clip((mean - self.moving_mean) / usual, -d_max, d_max)
        found = (x - mean) / spread * ops.stop_gradient(r)
        found = found + ops.stop_gradient(d)
        for variable, seen in (
            (self.moving_mean, mean),
            (self.moving_variance, variance),
        ):
            seen = ops.reshape(seen, (-1,))
            gap = (1.0 - self.momentum) * (seen - variable)
            variable.assign(variable + gap)
        if self.scale:
            found = found * self.gamma
        if self.center:
            found = found + self.beta
        return ops.cast(found, self.compute_dtype)

    def _limits(self):
        if not self.ramp:
            return self.r_max, self.d_max
        share = ops.minimum(ops.cast(self.seen, "float32") / self.ramp, 1.0)
        self.seen.assign_add(1)
        return 1.0 + share * (self.r_max - 1.0), share * self.d_max

    def get_config(self):
        """Gives the layer's arguments."""
        own = {"r_max": self.r_max, "d_max": self.d_max, "ramp": self.ramp}
        return {**super().get_config(), **own}
