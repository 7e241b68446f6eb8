"""TrivialAugment."""

import tensorflow as tf

from kerasgen.augment.base import fold
from kerasgen.augment.geometry import FILL
from kerasgen.augment.policy import (
    OPERATIONS,
    Policy,
    amounts,
    codes_of,
    signs,
)
from kerasgen.augment.values import HIGH
from kerasgen.core import Float, register

# The wide ranges of the paper.
WIDE = {
    "posterize": 6.0,
    "solarize": 1.0,
    "brightness": 0.99,
    "contrast": 0.99,
    "color": 0.99,
    "sharpness": 0.99,
    "shear_x": 0.99,
    "shear_y": 0.99,
    "translate_x": 32.0 / 224.0,
    "translate_y": 32.0 / 224.0,
    "rotate": 135.0,
}


@register("augment")
class TrivialAugment(Policy):
    """Draws one operation and its magnitude, both evenly.

    Args:
        magnitude: float in [0, 1], the greatest magnitude: 0 changes nothing,
            1 is the published policy.
        fill: "edge", "reflect", "zero" or "grey", what geometry brings in.
        high: float, the greatest value of float images; None takes the
            data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Müller & Hutter, "TrivialAugment: Tuning-free Yet State-of-the-Art
        Data Augmentation", 2021, arXiv:2103.10158, the wide ranges; 32
        pixels of translation are taken as a share of 224.

    Example:
        >>> x = tf.ones((2, 32, 32, 3), tf.uint8)
        >>> TrivialAugment()({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 32, 32, 3])
    """

    arguments = {
        "magnitude": Float(0.0, 1.0, search=(0.0, 1.0)),
        "fill": FILL,
        "high": HIGH,
    }
    names = tuple(name for name in OPERATIONS if name != "invert")

    def __init__(self, magnitude=1.0, fill="edge", high=None):
        super().__init__(magnitude=magnitude, fill=fill, high=high)

    def program(self, seed, n):
        """Draws an operation and one of 31 magnitudes."""
        shape = (n, 1)
        place = tf.random.stateless_uniform(
            shape, seed, 0, len(self.names), tf.int32
        )
        codes = tf.gather(codes_of(self.names), place)
        steps = tf.random.stateless_uniform(
            shape, fold(seed, 1), 0, 31, tf.int32
        )
        magnitudes = tf.cast(steps, tf.float32) / 30.0 * self.magnitude
        sign = signs(fold(seed, 2), shape)
        return codes, amounts(codes, magnitudes, sign, WIDE)
