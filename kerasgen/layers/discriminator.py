"""Networks that tell domains apart, against which features are trained."""

import keras
from keras import ops

from kerasgen.core import Float, Int, register
from kerasgen.layers.base import Checked
from kerasgen.layers.gradient import GradientReversal


def network(seen, width, units=1, name="judge"):
    """Makes a network of two hidden layers that judges features.

    Args:
        seen: int, the width of what it sees.
        width: int, of its hidden layers.
        units: int, its outputs.
        name: str.

    Returns:
        keras.Sequential, built.

    Example:
        >>> network(4, 8).count_params()
        121
    """
    judge = keras.Sequential(_stack(width, units), name=name)
    judge.build((None, seen))
    return judge


def _stack(width, units):
    sizes = ((width, "relu"), (width, "relu"), (units, None))
    return [
        keras.layers.Dense(units, activation=kind, dtype="float32")
        for units, kind in sizes
    ]


@register("layer")
class DomainDiscriminator(Checked):
    """Tells domains apart, and teaches what lies below that nobody can.

    A second head of a model: train it by a cross entropy of domains, and the
    gradient that it sends below is turned round. The method `DANN` does the
    same without changing the model.

    Args:
        domains: int >= 2, the number of domains.
        width: int >= 1, of the two hidden layers.
        factor: float >= 0, what the gradient is multiplied with, turned round.
        ramp: int >= 0, the training steps over which the factor grows from 0;
            0 starts with the whole of it.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., features); the output is float32 logits
            (batch, ..., domains).

    Raises:
        ValueError: for an argument out of range.

    Source:
        Ganin et al., "Domain-Adversarial Training of Neural Networks", 2016,
        arXiv:1505.07818, equations 10 and 14.

    Example:
        >>> DomainDiscriminator(3)(ops.ones((2, 8))).shape
        TensorShape([2, 3])
    """

    arguments = {
        "domains": Int(2),
        "width": Int(1, search=(16, 256), log=True),
        "factor": Float(0.0, search=(0.1, 2.0)),
        "ramp": Int(0),
    }

    def __init__(self, domains=2, width=128, factor=1.0, ramp=0, **kwargs):
        values = {"domains": domains, "width": width}
        super().__init__({**values, "factor": factor, "ramp": ramp}, **kwargs)
        self.turn = GradientReversal(
            self.factor, self.ramp, dtype="float32", name="turn"
        )
        self.judges = _stack(self.width, self.domains)

    def build(self, input_shape):
        """Makes the layers."""
        seen = input_shape[-1]
        for layer in self.judges:
            layer.build((None, seen))
            seen = layer.units

    def call(self, x, training=False):
        """Gives logits of domains."""
        x = self.turn(ops.cast(x, "float32"), training=training)
        for layer in self.judges:
            x = layer(x)
        return x

    def compute_output_shape(self, input_shape):
        """Gives the input's shape, as wide as there are domains."""
        return (*input_shape[:-1], self.domains)

    def compute_output_spec(self, x, training=False):
        """Gives the symbolic output."""
        return keras.KerasTensor(self.compute_output_shape(x.shape), "float32")
