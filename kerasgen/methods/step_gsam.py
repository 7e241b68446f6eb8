"""GSAM (Zhuang et al., 2022): sharpness by itself, beside the loss nearby."""

import tensorflow as tf

from kerasgen.core import Float, register
from kerasgen.methods.step import SAM


@register("step")
class GSAM(SAM):
    """SAM that also closes the gap between the loss here and nearby.

    The gradient here is cut into what lies along the one nearby and what is
    orthogonal to it; going up the latter narrows the gap and leaves the loss
    nearby as it is.

    Args:
        rho: float >= 0, the radius of the neighbourhood in weight space.
        alpha: float >= 0, of the orthogonal part; 0 is SAM.

    Raises:
        ValueError: for a negative argument.

    Source:
        Zhuang et al., "Surrogate Gap Minimization Improves Sharpness-Aware
        Training", 2022, arXiv:2203.08065, algorithm 1. Theirs lowers `rho`
        with the learning rate; here it stays.

    Example:
        >>> GSAM(alpha=0.1).get_config()
        {'rho': 0.05, 'alpha': 0.1}
    """

    arguments = {
        **SAM.arguments,
        "alpha": Float(0.0, search=(0.05, 0.5), log=True),
    }

    def __init__(self, rho=0.05, alpha=0.2):
        super(SAM, self).__init__(rho=rho, alpha=alpha)

    def _mixed(self, gradients, sharp):
        along, size = inner(gradients, sharp), inner(sharp, sharp)
        share = along / tf.maximum(size, 1e-24)
        # sharp - alpha * (gradient - share * sharp)
        return [
            s * tf.cast(1.0 + self.alpha * share, s.dtype) - self.alpha * g
            for g, s in zip(gradients, sharp, strict=True)
        ]


def inner(one, two):
    """Multiplies two lists of tensors as if each were one vector.

    Args:
        one: list of tensors.
        two: list of tensors of the same shapes.

    Returns:
        float scalar.

    Example:
        >>> float(inner([tf.ones(2), tf.ones(3)], [tf.ones(2), tf.ones(3)]))
        5.0
    """
    products = [
        tf.reduce_sum(tf.cast(a, "float32") * tf.cast(b, "float32"))
        for a, b in zip(one, two, strict=True)
    ]
    return tf.add_n(products)
