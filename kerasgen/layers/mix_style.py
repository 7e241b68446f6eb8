"""Styles of feature maps, mixed between examples."""

import keras
from keras import ops

from kerasgen.core import Float, Int, beta_share, register
from kerasgen.layers.base import Checked, middle_axes, moments


@register("layer")
class MixStyle(Checked):
    """Gives feature maps in training a style between two examples'.

    The method of the same name mixes across domains, where they are known;
    the layer takes any other example of the batch.

    Args:
        rate: float in [0, 1], the chance of a batch to be mixed.
        alpha: float >= 0.001, both parameters of the Beta distribution of an
            example's share of its own style.
        seed: int >= 0, or None.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., channels) with one or more axes of
            places; the output has its shape, and at inference it is `x`.
        mask: bool tensor (batch, time), steps that don't count, or None.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Zhou et al., "Domain Generalization with MixStyle", 2021,
        arXiv:2104.02008, equations 4 to 7, with a random shuffle of the batch.

    Example:
        >>> MixStyle()(ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.1, 0.9)),
        "alpha": Float(1e-3, search=(0.1, 1.0)),
        "seed": Int(0),
    }

    def __init__(self, rate=0.5, alpha=0.1, seed=None, **kwargs):
        super().__init__({"rate": rate, "alpha": alpha, "seed": seed}, **kwargs)
        # XLA has no numbers of the Beta distribution.
        self.supports_jit = False

    def call(self, x, mask=None, training=False):
        """Gives the feature maps, in training in mixed styles."""
        if not training or not self.rate:
            return x
        seed, n = self.seed_generator, ops.shape(x)[0]
        other = keras.random.shuffle(ops.arange(n), seed=seed)
        alone = (n, *[1] * (len(x.shape) - 1))
        share = beta_share(self.alpha, seed, alone)
        drawn = keras.random.uniform((), seed=seed) < self.rate
        # With a share of 1 every style stays its own.
        share = ops.where(drawn, share, ops.ones_like(share))
        return restyled(x, other, share, mask)


def restyled(x, other, share, mask=None):
    """Gives feature maps the mixed style of two examples.

    Args:
        x: float tensor (n, ..., channels).
        other: int tensor (n,), the place of each example's partner.
        share: float scalar or tensor (n, 1, ...) in [0, 1], of the own style.
        mask: bool tensor (n, time), steps that don't count, or None.

    Returns:
        float tensor shaped like `x`.

    Source:
        Zhou et al., 2021, arXiv:2104.02008, equations 4 to 7.

    Example:
        >>> x = ops.reshape(ops.arange(8.0), (2, 4, 1))
        >>> moved = restyled(x, ops.array([1, 0]), ops.array(0.0))
        >>> ops.convert_to_numpy(moved[0, :, 0]).round(2).tolist()
        [4.0, 5.0, 6.0, 7.0]
    """
    wide = ops.cast(x, "float32")
    middle, variance = moments(wide, middle_axes(x), mask)
    spread = ops.sqrt(variance + 1e-6)
    middle, spread = ops.stop_gradient(middle), ops.stop_gradient(spread)
    plain = (wide - middle) / spread
    middle, spread = (
        share * own + (1.0 - share) * ops.take(own, other, axis=0)
        for own in (middle, spread)
    )
    return ops.cast(plain * spread + middle, x.dtype)
