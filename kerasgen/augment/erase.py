"""Moves that hide parts of images: erasing, grid mask."""

import tensorflow as tf

from kerasgen.augment.base import fold, uniform
from kerasgen.augment.bits import hashed, salts
from kerasgen.augment.move import Move
from kerasgen.core import Choice, Float, register


@register("augment")
class Erase(Move):
    """Paints one rectangle of each image, each with a probability.

    Args:
        rate: float in [0, 1], the probability.
        area: float in [0, 1], the greatest share of the image's area.
        ratio: float >= 1, the greatest ratio of the sides, either way; 1 is
            the square of Cutout.
        paint: "mean" of the image for each channel, "zero", or "noise".

    Raises:
        ValueError: for an argument out of range.

    Source:
        Zhong et al., "Random Erasing Data Augmentation", 2020,
        arXiv:1708.04896; DeVries & Taylor, "Improved Regularization of
        Convolutional Neural Networks with Cutout", 2017, arXiv:1708.04552.
        The rectangle lies inside the image; noise is drawn for each pixel
        from the image's own pixels.

    Example:
        >>> x = tf.ones((2, 8, 8, 1))
        >>> Erase(rate=1.0)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 1])
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.0, 0.5)),
        "area": Float(0.0, 1.0),
        "ratio": Float(1.0),
        "paint": Choice(("mean", "zero", "noise")),
    }

    def __init__(self, rate=0.25, area=0.33, ratio=3.3, paint="mean"):
        super().__init__(rate=rate, area=area, ratio=ratio, paint=paint)

    def draw(self, seed, size):
        """Draws a rectangle for each image: top, bottom, left, right."""
        n = size[0]
        draw = tf.unstack(uniform(seed, (5, n)))
        ratio = tf.exp((draw[1] * 2.0 - 1.0) * 0.5 * tf.math.log(self.ratio))
        root = tf.sqrt(draw[0] * self.area)
        edges = []
        for axis, share in enumerate((root * ratio, root / ratio)):
            side = tf.cast(size[1 + axis], tf.float32)
            length = tf.round(tf.minimum(share, 1.0) * side)
            start = tf.floor(draw[2 + axis] * (side - length + 0.9999))
            edges += [start, start + length]
        chosen = tf.cast(draw[4] < self.rate, tf.float32)
        edges[1] = edges[0] + (edges[1] - edges[0]) * chosen
        box = tf.cast(tf.stack(edges, -1), tf.int32)
        return box, salts(fold(seed, 1), n)

    def one(self, x, draw):
        """Paints one image."""
        box, salt = draw
        rows, columns = (tf.range(tf.shape(x)[axis]) for axis in (0, 1))
        hidden = ((rows >= box[0]) & (rows < box[1]))[:, None]
        hidden &= ((columns >= box[2]) & (columns < box[3]))[None, :]

        def painted():
            return tf.where(hidden[..., None], self._colour(x, salt), x)

        return tf.cond(box[1] > box[0], painted, lambda: x)

    def _colour(self, x, salt):
        if self.paint == "zero":
            return tf.zeros((1, 1, 1), x.dtype)
        if self.paint == "noise":
            return _scatter(x, salt)
        values = tf.cast(x, tf.float32)
        mean = tf.reduce_mean(values, (0, 1), keepdims=True)
        mean = tf.round(mean) if x.dtype == tf.uint8 else mean
        return tf.cast(mean, x.dtype)


def _scatter(x, salt):
    """Puts a pixel from anywhere at every place."""
    flat = tf.reshape(x, (-1, tf.shape(x)[2]))
    count = tf.shape(flat)[0]
    place = hashed(count, salt) % count
    return tf.reshape(tf.gather(flat, place), tf.shape(x))


@register("augment")
class GridMask(Move):
    """Blacks out a grid of squares, each image with a probability.

    Args:
        rate: float in [0, 1], the probability.
        share: float in [0, 1], the side of a square as a share of the grid's
            step.
        least: float in (0, 1], the least step as a share of the shorter side.
        most: float in (0, 1], the greatest step.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Chen et al., "GridMask Data Augmentation", 2020, arXiv:2001.04086;
        without its rotation.

    Example:
        >>> x = tf.ones((2, 8, 8, 1))
        >>> GridMask(rate=1.0)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 1])
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.0, 0.5)),
        "share": Float(0.0, 1.0),
        "least": Float(0.01, 1.0),
        "most": Float(0.01, 1.0),
    }

    def __init__(self, rate=0.5, share=0.4, least=0.2, most=0.5):
        super().__init__(rate=rate, share=share, least=least, most=most)

    def draw(self, seed, size):
        """Draws a step and a start for each image."""
        draw = tf.unstack(uniform(seed, (4, size[0])))
        side = tf.cast(tf.minimum(size[1], size[2]), tf.float32)
        low, high = sorted((self.least, self.most))
        step = tf.maximum(tf.round((low + draw[0] * (high - low)) * side), 2.0)
        start = [tf.floor(d * step) for d in draw[1:3]]
        hole = tf.round(step * self.share) * tf.cast(
            draw[3] < self.rate, tf.float32
        )
        return tf.cast(tf.stack([step, *start, hole], -1), tf.int32)

    def one(self, x, draw):
        """Masks one image."""
        step, down, across, hole = tf.unstack(draw)
        rows = (tf.range(tf.shape(x)[0]) + down) % step < hole
        columns = (tf.range(tf.shape(x)[1]) + across) % step < hole
        hidden = (rows[:, None] & columns[None, :])[..., None]

        def masked():
            return tf.where(hidden, tf.zeros((1, 1, 1), x.dtype), x)

        return tf.cond(hole > 0, masked, lambda: x)
