"""AutoAugment: pairs of operations that a search found for a data set."""

import tensorflow as tf

from kerasgen.augment.base import fold, uniform
from kerasgen.augment.geometry import FILL
from kerasgen.augment.policy import USUAL, Policy, amounts, codes_of, signs
from kerasgen.augment.values import HIGH
from kerasgen.core import Choice, Float, register

# Each line is a pair of operation, tenths of probability, and level of 0-9.
_TABLES = {
    "imagenet": """
        posterize 4 8, rotate 6 9
        solarize 6 5, auto_contrast 6 0
        equalize 8 0, equalize 6 0
        posterize 6 7, posterize 6 6
        equalize 4 0, solarize 2 4
        equalize 4 0, rotate 8 8
        solarize 6 3, equalize 6 0
        posterize 8 5, equalize 10 0
        rotate 2 3, solarize 6 8
        equalize 6 0, posterize 4 6
        rotate 8 8, color 4 0
        rotate 4 9, equalize 6 0
        equalize 0 0, equalize 8 0
        invert 6 0, equalize 10 0
        color 6 4, contrast 10 8
        rotate 8 8, color 10 2
        color 8 8, solarize 8 7
        sharpness 4 7, invert 6 0
        shear_x 6 5, equalize 10 0
        color 4 0, equalize 6 0
        equalize 4 0, solarize 2 4
        solarize 6 5, auto_contrast 6 0
        invert 6 0, equalize 10 0
        color 6 4, contrast 10 8
        equalize 8 0, equalize 6 0
    """,
    "cifar10": """
        invert 1 0, contrast 2 6
        rotate 7 2, translate_x 3 9
        sharpness 8 1, sharpness 9 3
        shear_y 5 8, translate_y 7 9
        auto_contrast 5 0, equalize 9 0
        shear_y 2 7, posterize 3 7
        color 4 3, brightness 6 7
        sharpness 3 9, brightness 7 9
        equalize 6 0, equalize 5 0
        contrast 6 7, sharpness 6 5
        color 7 7, translate_x 5 8
        equalize 3 0, auto_contrast 4 0
        translate_y 4 3, sharpness 2 6
        brightness 9 6, color 2 8
        solarize 5 2, invert 0 0
        equalize 2 0, auto_contrast 6 0
        equalize 2 0, equalize 6 0
        color 9 9, equalize 6 0
        auto_contrast 8 0, solarize 2 8
        brightness 1 3, color 7 0
        solarize 4 5, auto_contrast 9 0
        translate_y 9 9, translate_y 7 9
        auto_contrast 9 0, solarize 8 3
        equalize 8 0, invert 1 0
        translate_y 7 9, auto_contrast 9 0
    """,
    "svhn": """
        shear_x 9 4, invert 2 0
        shear_y 9 8, invert 7 0
        equalize 6 0, solarize 6 6
        invert 9 0, equalize 6 0
        equalize 6 0, rotate 9 3
        shear_x 9 4, auto_contrast 8 0
        shear_y 9 8, invert 4 0
        shear_y 9 5, solarize 2 6
        invert 9 0, auto_contrast 8 0
        equalize 6 0, rotate 9 3
        shear_x 9 4, solarize 3 3
        shear_y 8 8, invert 7 0
        equalize 9 0, translate_y 6 6
        invert 9 0, equalize 6 0
        contrast 3 3, rotate 8 4
        invert 8 0, translate_y 0 2
        shear_y 7 6, solarize 4 8
        invert 6 0, rotate 8 4
        shear_y 3 7, translate_x 9 3
        shear_x 1 6, invert 6 0
        solarize 7 2, translate_y 6 7
        shear_y 8 4, invert 8 0
        shear_x 7 9, translate_y 8 3
        shear_y 8 5, auto_contrast 7 0
        shear_x 7 2, invert 1 0
    """,
}


def policy_of(name):
    """Reads one of the published policies.

    Args:
        name: "imagenet", "cifar10" or "svhn".

    Returns:
        list of 25 pairs of (operation, probability, magnitude in [0, 1]).

    Example:
        >>> policy_of("svhn")[0][0]
        ('shear_x', 0.9, 0.4444444444444444)
    """
    pairs = []
    for line in _TABLES[name].strip().splitlines():
        steps = [step.split() for step in line.split(",")]
        pairs.append(
            [
                (what, int(often) / 10, int(far) / 9)
                for what, often, far in steps
            ]
        )
    return pairs


@register("augment")
class AutoAugment(Policy):
    """Draws one of 25 pairs of operations that a search found.

    Args:
        rate: float in [0, 1], the probability of an image to be moved.
        policy: "imagenet", "cifar10" or "svhn".
        fill: "edge", "reflect", "zero" or "grey", what geometry brings in.
        high: float, the greatest value of float images; None takes the
            data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Cubuk et al., "AutoAugment: Learning Augmentation Policies from Data",
        2019, arXiv:1805.09501, tables 7 to 9. Values and colours go first
        and geometry last.

    Example:
        >>> x = tf.ones((2, 32, 32, 3), tf.uint8)
        >>> AutoAugment(policy="cifar10")({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 32, 32, 3])
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.0, 1.0)),
        "policy": Choice(tuple(_TABLES)),
        "fill": FILL,
        "high": HIGH,
    }

    def __init__(self, rate=1.0, policy="imagenet", fill="edge", high=None):
        super().__init__(rate=rate, policy=policy, fill=fill, high=high)

    def program(self, seed, n):
        """Draws a pair, and which of its operations are carried out."""
        pairs = policy_of(self.policy)
        steps = [step for pair in pairs for step in pair]
        codes = tf.reshape(codes_of([step[0] for step in steps]), (-1, 2))
        often = tf.reshape(tf.constant([step[1] for step in steps]), (-1, 2))
        far = tf.reshape(tf.constant([step[2] for step in steps]), (-1, 2))
        drawn = tf.random.stateless_uniform((n,), seed, 0, len(pairs), tf.int32)
        codes = tf.gather(codes, drawn)
        sign = signs(fold(seed, 1), (n, 2))
        found = amounts(codes, tf.gather(far, drawn), sign, USUAL)
        done = uniform(fold(seed, 2), (n, 2)) < tf.gather(often, drawn)
        done &= uniform(fold(seed, 3), (n, 1)) < self.rate
        return tf.where(done, codes, 0), tf.where(done, found, 0.0)
