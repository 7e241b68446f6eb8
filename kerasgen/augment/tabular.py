"""Moves of table rows."""

import tensorflow as tf

from kerasgen.augment.base import Augment, fold, uniform
from kerasgen.core import Float, register


@register("augment")
class Noise(Augment):
    """Adds Gaussian noise to prepared features.

    Args:
        scale: float >= 0, the noise's standard deviation, in units of a
            feature's own, since prepared features are standardised.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Bishop, "Training with Noise is Equivalent to Tikhonov
        Regularization", 1995.

    Example:
        >>> Noise(scale=0.1)({"x": tf.zeros((2, 3))}, [0, 0])["x"].shape
        TensorShape([2, 3])
    """

    arguments = {"scale": Float(0.0, search=(0.0, 0.3))}
    stage = "prepared"

    def __init__(self, scale=0.1):
        super().__init__(scale=scale)

    def apply(self, fields, seed):
        """Adds noise to a batch."""
        x = fields["x"]
        noise = tf.random.stateless_normal(tf.shape(x), seed) * self.scale
        return {**fields, "x": x + tf.cast(noise, x.dtype)}


@register("augment")
class SwapNoise(Augment):
    """Replaces features by those of other rows of the batch.

    Args:
        rate: float in [0, 1], the probability for each feature.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Yoon et al., "VIME", 2020, section 4.1 (pretext generator).

    Example:
        >>> SwapNoise(rate=0.5)({"x": tf.zeros((2, 3))}, [0, 0])["x"].shape
        TensorShape([2, 3])
    """

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.3))}
    kind = "table"
    stage = "prepared"

    def __init__(self, rate=0.1):
        super().__init__(rate=rate)

    def apply(self, fields, seed):
        """Swaps within a batch; each feature takes from a row of its own."""
        x = fields["x"]
        shape = tf.shape(x)
        rows = tf.random.stateless_uniform(
            shape, fold(seed, 1), 0, shape[0], dtype=tf.int32
        )
        columns = tf.broadcast_to(tf.range(shape[1])[None, :], shape)
        other = tf.gather_nd(x, tf.stack([rows, columns], -1))
        return {
            **fields,
            "x": tf.where(uniform(seed, shape) < self.rate, other, x),
        }
