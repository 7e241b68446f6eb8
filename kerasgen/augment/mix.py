"""Mixtures of examples."""

import tensorflow as tf

from kerasgen.augment.base import Augment, fold
from kerasgen.core import Float, Int, register


@register("augment")
class MixUp(Augment):
    """Replaces examples and labels by convex combinations of pairs.

    Args:
        alpha: float >= 0, both parameters of the Beta distribution that the
            weight of the first example is drawn from; 0 mixes nothing.
        classes: int, the number of classes, which turns whole-number labels
            into distributions; 0 for targets that are numbers.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018,
        arXiv:1710.09412, equation 2; one weight for each pair.

    Example:
        >>> fields = {"x": tf.zeros((2, 3)), "y": tf.constant([0, 1])}
        >>> MixUp(alpha=0.2, classes=2)(fields, [0, 0])["y"].shape
        TensorShape([2, 2])
    """

    arguments = {
        "alpha": Float(0.0, search=(0.05, 0.5)),
        "classes": Int(0),
    }
    stage = "batch"

    def __init__(self, alpha=0.2, classes=0):
        super().__init__(alpha=alpha, classes=classes)

    def apply(self, fields, seed):
        """Mixes a batch with a permutation of itself."""
        if self.alpha == 0:
            return fields
        x, y = fields["x"], fields["y"]
        n = tf.shape(x)[0]
        first = tf.random.stateless_gamma((n,), seed, self.alpha) + 1e-12
        second = (
            tf.random.stateless_gamma((n,), fold(seed, 1), self.alpha) + 1e-12
        )
        share = first / (first + second)
        order = tf.random.experimental.stateless_shuffle(
            tf.range(n), fold(seed, 2)
        )
        if self.classes and y.shape.rank == 1:
            y = tf.one_hot(y, self.classes)
        mixed = {
            **fields,
            "x": _blend(x, tf.gather(x, order), share),
            "y": _blend(y, tf.gather(y, order), share),
        }
        if fields.get("weight") is not None:
            weight = fields["weight"]
            mixed["weight"] = _blend(weight, tf.gather(weight, order), share)
        return mixed

    @staticmethod
    def _single(x):
        return False


def _blend(first, second, share):
    rank = len(first.shape)
    share = tf.reshape(share, (-1,) + (1,) * (rank - 1))
    first, second = tf.cast(first, tf.float32), tf.cast(second, tf.float32)
    return first * share + second * (1.0 - share)
