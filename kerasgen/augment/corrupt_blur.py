"""Corruptions of images: blurs of lenses and movement."""

import numpy as np
import tensorflow as tf

from kerasgen.augment.base import fold, uniform
from kerasgen.augment.corrupt_base import Pixels, whole
from kerasgen.augment.resample import padded, smooth, streak, zoomed
from kerasgen.core import register

# Chains of copies halve at each link: none of 64 links is ever seen.
_DOUBLINGS = 6


@register("corruption")
class GaussianBlur(Pixels):
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
        >>> out = GaussianBlur()({"x": x}, [0, 0])["x"]
        >>> float(tf.reduce_min(out)) > 0.999
        True
    """

    small = (0.4, 0.6, 0.7, 0.8, 1.0)
    large = (1.0, 2.0, 3.0, 4.0, 6.0)

    def formula(self, values, strength, seed):
        """Averages rows, then columns, over four standard deviations."""
        return smooth(values, strength)


@register("corruption")
class DefocusBlur(Pixels):
    """Blurs by a disk, as a lens out of focus does.

    Args:
        severity: int in [1, 5]; the disk's radius is .3 to 1.5 pixels in
            small images, 3 to 10 pixels in large ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261. The disk's rows are
        differences of running sums, which is the same and faster.

    Example:
        >>> x = tf.ones((2, 8, 8, 1))
        >>> out = DefocusBlur()({"x": x}, [0, 0])["x"]
        >>> float(tf.reduce_min(out)) > 0.99
        True
    """

    # Radius of the disk, and standard deviation of its soft edge.
    small = ((0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1.0, 0.2), (1.5, 0.1))
    large = ((3.0, 0.1), (4.0, 0.5), (6.0, 0.5), (8.0, 0.5), (10.0, 0.5))

    def formula(self, values, strength, seed):
        """Averages the pixels of a disk about each."""
        radius, soft = strength
        radius += 1e-4
        reach = tf.cast(radius, tf.int32)
        shape = tf.shape(values)
        height, width = shape[1], shape[2]
        wide = padded(values, reach + 2, "mirror")
        # OpenCV's kernels of the soft edge have 3 and 5 cells.
        cells = tf.where(radius < 8.5, 1.0, 2.0)
        wide = smooth(wide, soft, "nearest", (cells + 1e-3) / soft - 0.5 / soft)
        wide = wide[:, 2:-2, 2:-2]
        sums = tf.pad(tf.cumsum(wide, 2), ((0, 0), (0, 0), (1, 0), (0, 0)))

        def add(i, total, count):
            rise = tf.cast(i - reach, tf.float32)
            run = tf.cast(tf.sqrt(radius**2 - rise**2), tf.int32)
            rows = sums[:, i : i + height]
            first = reach - run
            ends = rows[:, :, first + 2 * run + 1 :][:, :, :width]
            starts = rows[:, :, first : first + width]
            return i + 1, total + ends - starts, count + 2 * run + 1

        start = (0, tf.zeros_like(values), 0)
        _, total, count = tf.while_loop(
            lambda i, *_: i <= 2 * reach, add, start
        )
        return total / tf.cast(count, tf.float32)


@register("corruption")
class GlassBlur(Pixels):
    """Moves pixels to places near by between two blurs, as frosted glass.

    Args:
        severity: int in [1, 5]; pixels move by up to 1 place, once or twice,
            in small images; by 1 to 4 places, up to three times, in large
            ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261. Their exchange of two
        pixels of a colour image is, by NumPy's views, a copy of the second
        to the first, one place after another. We draw the same copies and
        follow their chains by doubling: the same distribution, in parallel.

    Example:
        >>> x = tf.ones((2, 8, 8, 1))
        >>> GlassBlur()({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 1])
    """

    # Standard deviation of the blurs, longest move, number of rounds.
    small = ((0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2))
    large = ((0.7, 1, 2), (0.9, 2, 1), (1.0, 2, 3), (1.1, 3, 2), (1.5, 4, 2))
    rate = 1.0
    ordered = False

    def formula(self, values, strength, seed):
        """Blurs, copies, blurs."""
        sigma, reach, rounds = strength
        reach, rounds = whole(reach), whole(rounds)
        # Whole numbers below, as the reference stores them.
        values = tf.floor(smooth(values, sigma) * 255.0 + 1e-3) / 255.0
        shape = tf.shape(values)
        flat = tf.reshape(values, (shape[0], -1, shape[3]))

        def move(i, flat):
            source = self._sources(shape, reach, fold(seed, i))
            moved = tf.gather(flat, source, batch_dims=1)
            return i + 1, tf.ensure_shape(moved, flat.shape)

        flat = tf.while_loop(lambda i, _: i < rounds, move, (0, flat))[1]
        return smooth(tf.reshape(flat, shape), sigma)

    def _sources(self, shape, reach, seed):
        """Gives the place (batch, places) each pixel's value comes from."""
        height, width = shape[1], shape[2]
        rows, columns = tf.meshgrid(
            tf.range(height), tf.range(width), indexing="ij"
        )
        inside = (rows > reach) & (rows <= height - reach)
        inside &= (columns > reach) & (columns <= width - reach)
        inside = tf.reshape(inside, [-1])
        places = tf.range(height * width)
        many = (shape[0], height * width)
        moves = tf.random.stateless_uniform(
            (2, *many), seed, -reach, reach, tf.int32
        )
        moved = inside[None, :]
        if self.rate < 1.0:
            moved &= uniform(fold(seed, 1), many) < self.rate
        step = moves[0] * width + moves[1]
        parent = tf.where(moved, places[None, :] + step, places)
        # Later places in the image were handled earlier: their value is new.
        new = (parent > places[None, :]) & tf.gather(inside, parent)
        target = tf.where(new, parent, parent + tf.size(places))
        old = tf.broadcast_to(places + tf.size(places), many)
        for _ in range(_DOUBLINGS):
            both = tf.concat([target, old], 1)
            target = tf.gather(both, target, batch_dims=1)
        return tf.math.floormod(target, tf.size(places))


@register("corruption")
class MotionBlur(Pixels):
    """Blurs along a line of random angle, as a moving camera does.

    Args:
        severity: int in [1, 5]; the standard deviation is 1 to 2.5 pixels in
            small images, 3 to 15 pixels in large ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261; the angle lies within
        45 degrees of the horizontal.

    Example:
        >>> x = tf.ones((2, 8, 8, 1))
        >>> MotionBlur()({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 1])
    """

    # Radius and standard deviation, in pixels.
    small = ((6, 1.0), (6, 1.5), (6, 2.0), (8, 2.0), (9, 2.5))
    large = ((10, 3.0), (15, 5.0), (15, 8.0), (15, 12.0), (20, 15.0))

    def formula(self, values, strength, seed):
        """Averages along one line for each image."""
        radius, sigma = strength
        angle = uniform(seed, tf.shape(values)[:1], -45.0, 45.0)
        return streak(values, whole(radius), sigma, angle)


@register("corruption")
class ZoomBlur(Pixels):
    """Averages images under growing zoom, as a camera moving ahead does.

    Args:
        severity: int in [1, 5]; the zoom grows to 1.06 up to 1.26 in small
            images, to 1.11 up to 1.31 in large ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261.

    Example:
        >>> x = tf.ones((2, 8, 8, 1))
        >>> ZoomBlur()({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 1])
    """

    # Number of zooms, and the step between them.
    small = tuple(
        (float(len(np.arange(1.0, end, 0.01))), 0.01)
        for end in (1.06, 1.11, 1.16, 1.21, 1.26)
    )
    large = tuple(
        (float(len(np.arange(1.0, end, step))), step)
        for end, step in (
            (1.11, 0.01),
            (1.16, 0.01),
            (1.21, 0.02),
            (1.26, 0.02),
            (1.31, 0.03),
        )
    )

    def formula(self, values, strength, seed):
        """Averages the zooms, the image itself counted twice."""
        count, step = whole(strength[0]), strength[1]

        def add(i, total):
            factor = 1.0 + tf.cast(i, tf.float32) * step
            return i + 1, total + zoomed(values, factor)

        start = (1, values + values)
        total = tf.while_loop(lambda i, _: i < count, add, start)[1]
        return total / tf.cast(count + 1, tf.float32)
