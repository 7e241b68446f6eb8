"""Corruptions of images: noise of sensors."""

import tensorflow as tf

from kerasgen.augment.base import fold, uniform
from kerasgen.augment.corrupt_base import Pixels
from kerasgen.core import register


@register("corruption")
class GaussianNoise(Pixels):
    """Adds Gaussian noise, as poor light does.

    Args:
        severity: int in [1, 5]; the noise's standard deviation is .04 to .10
            of the range for small images, .08 to .38 for large ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261.

    Example:
        >>> x = tf.fill((2, 8, 8, 1), 128.0)
        >>> out = GaussianNoise(severity=5)({"x": x}, [0, 0])["x"]
        >>> 15 < float(tf.math.reduce_std(out)) < 35
        True
    """

    small = (0.04, 0.06, 0.08, 0.09, 0.10)
    large = (0.08, 0.12, 0.18, 0.26, 0.38)

    def formula(self, values, strength, seed):
        """Adds noise of standard deviation `strength`."""
        noise = tf.random.stateless_normal(tf.shape(values), seed)
        return values + noise * strength


@register("corruption")
class ShotNoise(Pixels):
    """Counts photons, as a sensor does.

    Args:
        severity: int in [1, 5]; a white pixel counts 500 down to 50 photons
            in small images, 60 down to 3 in large ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261.

    Example:
        >>> x = tf.zeros((2, 8, 8, 1))
        >>> float(tf.reduce_max(ShotNoise()({"x": x}, [0, 0])["x"]))
        0.0
    """

    small = (500.0, 250.0, 100.0, 75.0, 50.0)
    large = (60.0, 25.0, 12.0, 5.0, 3.0)

    def formula(self, values, strength, seed):
        """Draws counts about `values` times `strength`."""
        rate = tf.clip_by_value(values, 0.0, 1.0) * strength
        counts = tf.random.stateless_poisson(
            tf.shape(values), seed, rate, tf.float32
        )
        return counts / strength


@register("corruption")
class ImpulseNoise(Pixels):
    """Sets some numbers to white or black, as dead sensor cells do.

    Args:
        severity: int in [1, 5]; .01 to .07 of all numbers in small images,
            .03 to .27 in large ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261.

    Example:
        >>> x = tf.fill((2, 32, 32, 1), 128.0)
        >>> out = ImpulseNoise(severity=5)({"x": x}, [0, 0])["x"]
        >>> sorted(set(out.numpy().ravel().tolist()))
        [0.0, 128.0, 255.0]
    """

    small = (0.01, 0.02, 0.03, 0.05, 0.07)
    large = (0.03, 0.06, 0.09, 0.17, 0.27)

    def formula(self, values, strength, seed):
        """Replaces a share `strength`, half of it by white."""
        drawn = uniform(seed, tf.shape(values))
        salt = uniform(fold(seed, 1), tf.shape(values)) < 0.5
        return tf.where(drawn < strength, tf.cast(salt, tf.float32), values)


@register("corruption")
class SpeckleNoise(Pixels):
    """Adds noise in proportion to the light.

    Args:
        severity: int in [1, 5]; the noise's standard deviation is .06 to .2
            of a pixel for small images, .15 to .6 for large ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261.

    Example:
        >>> x = tf.zeros((2, 8, 8, 1))
        >>> float(tf.reduce_max(SpeckleNoise()({"x": x}, [0, 0])["x"]))
        0.0
    """

    small = (0.06, 0.1, 0.12, 0.16, 0.2)
    large = (0.15, 0.2, 0.35, 0.45, 0.6)

    def formula(self, values, strength, seed):
        """Multiplies by noise about 1."""
        noise = tf.random.stateless_normal(tf.shape(values), seed)
        return values + values * noise * strength
