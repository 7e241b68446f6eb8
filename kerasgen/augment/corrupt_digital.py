"""Corruptions of images: light, colour, resampling and compression."""

import tensorflow as tf

from kerasgen.augment.base import fold, uniform
from kerasgen.augment.corrupt_base import Pixels, whole
from kerasgen.augment.resample import gaussian, sampled, separable
from kerasgen.core import register


@register("corruption")
class Brightness(Pixels):
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
class Contrast(Pixels):
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
class Pixelate(Pixels):
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
        return separable(values, *ways)


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


@register("corruption")
class Saturate(Pixels):
    """Takes colour away (severities 1 and 2) or adds too much of it.

    Images without three channels have no colour and stay as they are.

    Args:
        severity: int in [1, 5]; the saturation is multiplied by .3, .1, then
            by 1.5 to 2.5 in small images and 2 to 20 in large ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261.

    Example:
        >>> x = tf.constant([[[[255.0, 0.0, 0.0]]]])
        >>> Saturate(severity=1)({"x": x}, [0, 0])["x"].numpy().round().tolist()
        [[[[255.0, 178.0, 178.0]]]]
    """

    # Factor of the saturation, and what is added.
    small = ((0.3, 0.0), (0.1, 0.0), (1.5, 0.0), (2.0, 0.1), (2.5, 0.2))
    large = ((0.3, 0.0), (0.1, 0.0), (2.0, 0.0), (5.0, 0.1), (20.0, 0.2))
    ordered = False

    def formula(self, values, strength, seed):
        """Moves channels away from the greatest or towards it."""
        if values.shape[-1] != 3:
            return values
        factor, more = strength
        value = tf.reduce_max(values, -1, keepdims=True)
        depth = value - values
        before = tf.reduce_max(depth, -1, keepdims=True)
        after = tf.math.divide_no_nan(before, value) * factor + more
        after = tf.clip_by_value(after, 0.0, 1.0) * value
        # What has no hue counts as red.
        red = after * tf.constant([0.0, 1.0, 1.0])
        moved = tf.math.divide_no_nan(depth, before) * after
        return value - tf.where(before > 0.0, moved, red)


@register("corruption")
class ElasticTransform(Pixels):
    """Bends images: a random affine move, then small random shifts.

    Args:
        severity: int in [1, 5]; from a slow bend to a fine ripple in small
            images, a stronger and stronger ripple in large ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Simard et al., 2003, as CIFAR-C has it for small images and the
        package `imagecorruptions` for large ones (no affine move).

    Example:
        >>> x = tf.ones((2, 8, 8, 1))
        >>> ElasticTransform()({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 1])
    """

    # As shares of the side: greatest shift before it is smoothed, standard
    # deviation of the smoothing, greatest shift of the affine corners.
    small = (
        (0.0, 0.04, 0.08),
        (0.05, 0.2, 0.07),
        (0.08, 0.06, 0.06),
        (0.1, 0.04, 0.05),
        (0.1, 0.03, 0.03),
    )
    large = (
        (0.0625, 0.01, 0.0),
        (0.08125, 0.01, 0.0),
        (0.10625, 0.01, 0.0),
        (0.125, 0.01, 0.0),
        (0.15, 0.01, 0.0),
    )
    edge = "mirror"
    ordered = False

    def formula(self, values, strength, seed):
        """Samples at moved places."""
        shift, sigma, corner = strength
        shape = tf.shape(values)
        n, height, width = shape[0], shape[1], shape[2]
        tall, wide = tf.cast(height, tf.float32), tf.cast(width, tf.float32)
        rows, columns = tf.meshgrid(
            tf.range(tall), tf.range(wide), indexing="ij"
        )
        values = tf.cond(
            corner > 0.0,
            lambda: sampled(
                values,
                *_affine(rows, columns, corner * tall, n, fold(seed, 1)),
                self.edge,
            ),
            lambda: values,
        )
        noise = uniform(seed, (n, height, width, 2), -1.0, 1.0)
        down = gaussian(height, sigma * tall, "reflect", 3.0)
        across = gaussian(width, sigma * wide, "reflect", 3.0)
        moves = separable(noise, down, across) * (shift * tall)
        return sampled(
            values, rows + moves[..., 0], columns + moves[..., 1], "reflect"
        )


def _affine(rows, columns, reach, n, seed):
    """Gives the places (n, height, width) that an affine move looks at.

    Three corners of the middle square move, each by a draw.
    """
    tall = tf.cast(tf.shape(rows)[0], tf.float32)
    wide = tf.cast(tf.shape(rows)[1], tf.float32)
    middle = tf.stack([tf.floor(tall / 2.0), tf.floor(wide / 2.0)])
    half = tf.floor(tf.minimum(tall, wide) / 3.0)
    corners = tf.constant([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0]])
    before = middle + half * corners
    after = before + uniform(seed, (n, 3, 2), -reach, reach)
    ones = tf.ones((n, 3, 1))
    # From places after the move to those before it.
    matrix = tf.linalg.solve(
        tf.concat([after, ones], -1), tf.broadcast_to(before, (n, 3, 2))
    )
    grid = tf.stack([rows, columns, tf.ones_like(rows)], -1)
    places = tf.einsum("hwk,nkd->nhwd", grid, matrix)
    return places[..., 0], places[..., 1]


@register("corruption")
class JPEGCompression(Pixels):
    """Compresses images as JPEG does, and back.

    Args:
        severity: int in [1, 5]; JPEG's quality is 80 down to 40 for small
            images, 25 down to 7 for large ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261. What has neither one
        nor three channels is compressed channel by channel.

    Example:
        >>> x = tf.zeros((2, 8, 8, 1))
        >>> float(tf.reduce_max(JPEGCompression()({"x": x}, [0, 0])["x"]))
        0.0
    """

    small = (80.0, 65.0, 58.0, 50.0, 40.0)
    large = (25.0, 18.0, 15.0, 10.0, 7.0)

    def formula(self, values, strength, seed):
        """Encodes and decodes one image after another."""
        shape = tf.shape(values)
        channels = 3 if values.shape[-1] == 3 else 1
        if channels == 1:
            values = tf.transpose(values, (0, 3, 1, 2))
            values = tf.reshape(values, (-1, shape[1], shape[2], 1))
        stored = tf.cast(
            tf.round(tf.clip_by_value(values, 0, 1) * 255), "uint8"
        )
        quality = whole(strength)

        def one(image):
            code = tf.raw_ops.EncodeJpegVariableQuality(
                images=image, quality=quality
            )
            return tf.io.decode_jpeg(
                code, channels, dct_method="INTEGER_ACCURATE"
            )

        out = tf.map_fn(one, stored, fn_output_signature=tf.uint8)
        out = tf.cast(out, tf.float32) / 255.0
        if channels == 1:
            split = (shape[0], shape[3], shape[1], shape[2])
            out = tf.transpose(tf.reshape(out, split), (0, 2, 3, 1))
        return out
