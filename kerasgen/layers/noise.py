"""Noise in activations and branches, and a dropout that learns its rate."""

import math

import keras
from keras import ops

from kerasgen.core import Float, Int, register
from kerasgen.layers.base import Checked, moments


@register("layer")
class SpreadNoise(Checked):
    """Adds Gaussian noise as large as a share of each channel's spread.

    Keras's `GaussianNoise` has one size for all, which is much for a channel
    that hardly moves and little for one that moves a lot.

    Args:
        factor: float >= 0, the noise's deviation over the channel's, which is
            measured over the batch and all places.
        seed: int >= 0, or None.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., channels); the output has its shape, and
            at inference it is `x`.
        mask: bool tensor (batch, time), steps that don't count, or None.

    Raises:
        ValueError: for a factor below 0.

    Source:
        He et al., "Parametric Noise Injection", 2019, arXiv:1811.09310,
        equations 2 and 3; here the spread is each channel's, the factor is
        fixed, and there is no noise at inference.

    Example:
        >>> SpreadNoise()(ops.ones((2, 4))).shape
        TensorShape([2, 4])
    """

    arguments = {
        "factor": Float(0.0, search=(0.01, 0.5), log=True),
        "seed": Int(0),
    }

    def __init__(self, factor=0.1, seed=None, **kwargs):
        super().__init__({"factor": factor, "seed": seed}, **kwargs)

    def call(self, x, mask=None, training=False):
        """Gives the activations, in training with noise."""
        if not training or not self.factor:
            return x
        axes = tuple(range(len(x.shape) - 1))
        _, variance = moments(x, axes, mask)
        spread = ops.stop_gradient(ops.sqrt(variance))
        drawn = keras.random.normal(ops.shape(x), seed=self.seed_generator)
        return x + ops.cast(self.factor * spread * drawn, x.dtype)


@register("layer")
class ShakeDrop(Checked):
    """Turns or scales a branch at random, another way on the way back.

    It stands at the end of a residual branch. With chance `rate` an example's
    branch is multiplied by a number in [-1, 1], and its gradient by another
    in [0, 1].

    Args:
        rate: float in [0, 0.9], the chance of an example to be shaken.
        seed: int >= 0, or None.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ...); the output has its shape. At inference
            it is `x` times 1 - rate, which is its mean in training.

    Raises:
        ValueError: for a rate out of range.

    Source:
        Yamada et al., "ShakeDrop Regularization for Deep Residual Learning",
        2019, arXiv:1802.02375, equations 4 to 6, with all numbers drawn for
        each example.

    Example:
        >>> ShakeDrop(0.5)(ops.ones((1, 2))).numpy().tolist()
        [[0.5, 0.5]]
    """

    arguments = {"rate": Float(0.0, 0.9, search=(0.0, 0.5)), "seed": Int(0)}

    def __init__(self, rate=0.5, seed=None, **kwargs):
        super().__init__({"rate": rate, "seed": seed}, **kwargs)

    def call(self, x, training=False):
        """Gives the branch, shaken in training."""
        if not training:
            return x * (1.0 - self.rate)
        alone = (ops.shape(x)[0], *[1] * (len(x.shape) - 1))
        drawn, there, back = (
            keras.random.uniform(alone, low, 1.0, seed=self.seed_generator)
            for low in (0.0, -1.0, 0.0)
        )
        calm = drawn >= self.rate
        forth = x * ops.cast(ops.where(calm, 1.0, there), x.dtype)
        back = x * ops.cast(ops.where(calm, 1.0, back), x.dtype)
        return back + ops.stop_gradient(forth - back)


@register("layer")
class ConcreteDropout(Checked):
    """Dropout that learns its rate.

    The rate is pulled towards a half by a loss, and away from it by the task
    and by the weight decay of the layer behind.

    Args:
        rate: float in [0.01, 0.9], the first one.
        weight: float >= 0, the factor of the loss, about 2 over the number of
            training examples.
        temperature: float >= 0.01, how smooth the choice of units is.
        seed: int >= 0, or None.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., channels); the output has its shape, and
            at inference it is `x`.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Gal, Hron & Kendall, "Concrete Dropout", 2017, arXiv:1705.07832,
        equations 3 (the entropy) and 5. The other part of equation 3, the
        weights' squares over 1 - rate, is left to the decay of the layer
        behind.

    Example:
        >>> layer = ConcreteDropout(0.2)
        >>> y = layer(ops.ones((2, 4)))
        >>> round(float(layer.learnt_rate()), 3)
        0.2
    """

    arguments = {
        "rate": Float(0.01, 0.9, search=(0.05, 0.5)),
        "weight": Float(0.0, search=(1e-5, 1e-2), log=True),
        "temperature": Float(0.01),
        "seed": Int(0),
    }

    def __init__(
        self, rate=0.1, weight=1e-3, temperature=0.1, seed=None, **kwargs
    ):
        values = {"rate": rate, "weight": weight}
        values |= {"temperature": temperature, "seed": seed}
        super().__init__(values, **kwargs)

    def build(self, input_shape):
        """Makes the rate's logit."""
        start = math.log(self.rate / (1.0 - self.rate))
        self.logit = self.add_weight(
            shape=(),
            initializer=keras.initializers.Constant(start),
            autocast=False,
            name="logit",
        )

    def learnt_rate(self):
        """Gives the rate of now, a float scalar."""
        return ops.sigmoid(self.logit)

    def call(self, x, training=False):
        """Gives the activations, in training with some dropped."""
        if not training:
            return x
        rate = self.learnt_rate()
        spread = _entropy(self.logit) * x.shape[-1]
        self.add_loss(-self.weight * spread)
        drawn = keras.random.uniform(
            ops.shape(x), 1e-6, 1.0 - 1e-6, seed=self.seed_generator
        )
        noise = ops.log(drawn) - ops.log(1.0 - drawn)
        gone = ops.sigmoid((self.logit + noise) / self.temperature)
        return x * ops.cast((1.0 - gone) / (1.0 - rate), x.dtype)


def _entropy(logit):
    """Gives the entropy of a coin from its logit, without logarithms of 0."""
    chance = ops.sigmoid(logit)
    return ops.softplus(logit) - chance * logit
