"""Corruptions of images at five severities, for evaluation.

The formulas and strengths are those of ImageNet-C and CIFAR-C: CIFAR-C's
strengths up to 32 pixels a side, ImageNet-C's from 224, between them
interpolated in the logarithm of the side.

Source:
    Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common
    Corruptions and Perturbations", 2019, arXiv:1903.12261, and the code that
    made its data sets. We round to whole numbers where they cut off.
"""

import tensorflow as tf

from kerasgen.augment.base import Augment
from kerasgen.core import Float, Int, message, register

_SMALL, _LARGE = 32.0, 224.0


class _Pixels(Augment):
    """Raw images to [0, 1], a formula, and back to dtype and range."""

    arguments = {
        "severity": Int(1, 5),
        "low": Float(),
        "high": Float(),
    }
    kind = "image"
    stage = "raw"
    small = ()
    large = ()

    def __init__(self, severity=3, low=0.0, high=255.0):
        super().__init__(severity=severity, low=low, high=high)
        if not low < high:
            raise ValueError(
                message(
                    type(self).__name__,
                    "`low` must be less than `high`",
                    {"low": low, "high": high},
                )
            )

    def apply(self, fields, seed):
        """Corrupts a batch.

        Args:
            fields: dict with `x` (batch, height, width, channels).
            seed: int tensor (2,).

        Returns:
            dict of the same fields, shapes and dtypes.
        """
        x = fields["x"]
        span = self.high - self.low
        values = (tf.cast(x, tf.float32) - self.low) / span
        values = self.formula(values, self.strength(tf.shape(x)), seed)
        values = tf.clip_by_value(values, 0.0, 1.0) * span + self.low
        if not x.dtype.is_floating:
            values = tf.round(values)
        values = tf.ensure_shape(values, x.shape)
        return {**fields, "x": tf.cast(values, x.dtype)}

    def strength(self, shape):
        """Gives the formula's strength for images of a size."""
        side = tf.cast(tf.reduce_max(shape[1:3]), tf.float32)
        share = tf.math.log(side / _SMALL) / tf.math.log(_LARGE / _SMALL)
        share = tf.clip_by_value(share, 0.0, 1.0)
        small = self.small[self.severity - 1]
        return small + (self.large[self.severity - 1] - small) * share

    def formula(self, values, strength, seed):
        """Corrupts values in [0, 1]; a subclass writes this."""
        raise NotImplementedError


@register("corruption")
class GaussianNoise(_Pixels):
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
class ShotNoise(_Pixels):
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
class Blur(_Pixels):
    """Blurs by a Gaussian; edges are repeated.

    Args:
        severity: int in [1, 5]; the standard deviation is .4 to 1 pixel in
            small images, 1 to 6 pixels in large ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261.

    Example:
        >>> x = tf.ones((2, 8, 8, 1))
        >>> float(tf.reduce_min(Blur()({"x": x}, [0, 0])["x"])) > 0.999
        True
    """

    small = (0.4, 0.6, 0.7, 0.8, 1.0)
    large = (1.0, 2.0, 3.0, 4.0, 6.0)

    def formula(self, values, strength, seed):
        """Averages rows, then columns, over four standard deviations."""
        height, width = tf.unstack(tf.shape(values)[1:3])
        down = _gaussian(height, strength)
        across = _gaussian(width, strength)
        return _resample(values, down, across)


@register("corruption")
class Brightness(_Pixels):
    """Adds light: the value in hue, saturation and value rises.

    Args:
        severity: int in [1, 5]; .05 to .3 of the range is added in small
            images, .1 to .5 in large ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261.

    Example:
        >>> x = tf.zeros((1, 8, 8, 1))
        >>> float(Brightness(severity=5)({"x": x}, [0, 0])["x"][0, 0, 0, 0])
        76.5
    """

    small = (0.05, 0.1, 0.15, 0.2, 0.3)
    large = (0.1, 0.2, 0.3, 0.4, 0.5)

    def formula(self, values, strength, seed):
        """Raises each pixel's greatest channel, the others in proportion."""
        value = tf.reduce_max(values, -1, keepdims=True)
        raised = tf.clip_by_value(value + strength, 0.0, 1.0)
        return tf.where(value > 0.0, values / value * raised, raised)


@register("corruption")
class Contrast(_Pixels):
    """Pulls pixels towards their channel's mean, as fog does.

    Args:
        severity: int in [1, 5]; .75 down to .15 of the distance is left in
            small images, .4 down to .05 in large ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261.

    Example:
        >>> x = tf.concat([tf.zeros((1, 8, 4, 1)), tf.ones((1, 8, 4, 1))], 2)
        >>> out = Contrast(severity=1, high=1.0)({"x": x}, [0, 0])["x"]
        >>> float(tf.reduce_max(out)), float(tf.reduce_min(out))
        (0.875, 0.125)
    """

    small = (0.75, 0.5, 0.4, 0.3, 0.15)
    large = (0.4, 0.3, 0.2, 0.1, 0.05)

    def formula(self, values, strength, seed):
        """Scales the distance from the mean."""
        mean = tf.reduce_mean(values, (1, 2), keepdims=True)
        return (values - mean) * strength + mean


@register("corruption")
class Pixelate(_Pixels):
    """Shrinks images by a box filter and enlarges them again.

    The sides shrink to whole pixels, so that neighbouring severities are one
    and the same on very small images.

    Args:
        severity: int in [1, 5]; the sides shrink to .95 down to .65 of
            themselves in small images, .6 down to .25 in large ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261.

    Example:
        >>> x = tf.ones((2, 8, 8, 1))
        >>> Pixelate()({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 1])
    """

    small = (0.95, 0.9, 0.85, 0.75, 0.65)
    large = (0.6, 0.5, 0.4, 0.3, 0.25)

    def formula(self, values, strength, seed):
        """Averages boxes, then repeats them."""
        ways = []
        for side in tf.unstack(tf.shape(values)[1:3]):
            # A hair more, so that .25 of 224 isn't cut off to 55.
            few = tf.cast(tf.cast(side, tf.float32) * strength + 1e-3, tf.int32)
            few = tf.maximum(few, 1)
            ways.append(tf.matmul(_box(few, side), _box(side, few)))
        return _resample(values, *ways)


def _resample(values, down, across):
    """Applies matrices (out, in) to the rows and columns of a batch."""
    values = tf.einsum("ij,bjwc->biwc", down, values)
    return tf.einsum("ij,bhjc->bhic", across, values)


def _gaussian(side, sigma):
    """Makes the matrix of a Gaussian average with repeated edges."""
    reach = tf.cast(4.0 * sigma + 0.5, tf.int32)
    steps = tf.range(-reach, reach + 1)
    weight = tf.exp(-0.5 * (tf.cast(steps, tf.float32) / sigma) ** 2)
    weight /= tf.reduce_sum(weight)
    rows = tf.range(side)[:, None]
    source = tf.clip_by_value(rows + steps[None, :], 0, side - 1)
    places = tf.stack([tf.broadcast_to(rows, tf.shape(source)), source], -1)
    weight = tf.broadcast_to(weight[None, :], tf.shape(source))
    return tf.scatter_nd(places, weight, (side, side))


def _box(many, few):
    """Makes the matrix of a box filter from `many` cells to `few`.

    As in Pillow, a cell counts where its centre lies in the box, whose width
    is at least one cell. In whole numbers, so that ties fall one way.
    """
    place = (2 * tf.range(many)[None, :] + 1) * few
    place -= (2 * tf.range(few)[:, None] + 1) * many
    width = tf.maximum(many, few)
    inside = tf.cast((place > -width) & (place <= width), tf.float32)
    return inside / tf.reduce_sum(inside, 1, keepdims=True)
