"""RandAugment."""

import tensorflow as tf

from kerasgen.augment.base import fold
from kerasgen.augment.geometry import FILL
from kerasgen.augment.policy import (
    OPERATIONS,
    USUAL,
    Policy,
    amounts,
    codes_of,
    signs,
)
from kerasgen.augment.values import HIGH
from kerasgen.core import Float, Int, register


@register("augment")
class RandAugment(Policy):
    """Draws a few operations, all of one magnitude.

    Args:
        magnitude: float in [0, 1]: 0 changes nothing, 1 is the far end of
            every operation.
        count: int in [1, 8], how many operations each image gets.
        fill: "edge", "reflect", "zero" or "grey", what geometry brings in.
        high: float, the greatest value of float images; None takes the
            data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Cubuk et al., "RandAugment", 2020, arXiv:1909.13719, with its 14
        operations. Of those drawn for an image, values and colours go first
        and geometry last; the paper's order is random.

    Example:
        >>> x = tf.ones((2, 32, 32, 3), tf.uint8)
        >>> RandAugment()({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 32, 32, 3])
    """

    arguments = {
        "magnitude": Float(0.0, 1.0, search=(0.0, 0.8)),
        "count": Int(1, 8),
        "fill": FILL,
        "high": HIGH,
    }
    names = tuple(name for name in OPERATIONS if name != "invert")

    def __init__(self, magnitude=0.4, count=2, fill="edge", high=None):
        super().__init__(magnitude=magnitude, count=count, fill=fill, high=high)

    def program(self, seed, n):
        """Draws operations evenly."""
        shape = (n, self.count)
        place = tf.random.stateless_uniform(
            shape, seed, 0, len(self.names), tf.int32
        )
        codes = tf.gather(codes_of(self.names), place)
        magnitudes = tf.fill(shape, float(self.magnitude))
        sign = signs(fold(seed, 1), shape)
        return codes, amounts(codes, magnitudes, sign, USUAL)
