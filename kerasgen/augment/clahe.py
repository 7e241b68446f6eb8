"""Contrast-limited adaptive histogram equalisation."""

import tensorflow as tf

from kerasgen.augment.base import uniform
from kerasgen.augment.colour import greatest, stored
from kerasgen.augment.move import Move, sides, stage
from kerasgen.augment.values import HIGH
from kerasgen.core import Float, Int, register


@register("augment")
class CLAHE(Move):
    """Equalizes each neighbourhood of images, each with a probability.

    Args:
        rate: float in [0, 1], the probability.
        clip: float in [1, 256], how many times as many pixels as on average
            one value may count.
        tiles: int in [1, 32], how many neighbourhoods a side is cut into.
        high: float, the greatest value of float images, which are counted in
            256 steps; None takes the data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Zuiderveld, "Contrast Limited Adaptive Histogram Equalization", 1994,
        with OpenCV's way of handing out what was clipped. Images of three
        channels are equalized in value, the greatest of the three, and keep
        their hue and saturation.

    Example:
        >>> x = tf.ones((2, 16, 16, 3), tf.uint8)
        >>> CLAHE(rate=1.0)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 16, 16, 3])
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.0, 0.5)),
        "clip": Float(1.0, 256.0),
        "tiles": Int(1, 32),
        "high": HIGH,
    }

    def __init__(self, rate=0.5, clip=4.0, tiles=8, high=None):
        super().__init__(rate=rate, clip=clip, tiles=tiles, high=high)

    def draw(self, seed, size):
        """Draws which images are equalized."""
        return uniform(seed, size[:1]) < self.rate

    def one(self, x, draw):
        """Equalizes one image."""
        high = greatest(self, x)
        height, width, channels = sides(x)

        def levels():
            value = tf.reduce_max(tf.cast(x, tf.float32), -1) * (255.0 / high)
            return tf.cast(
                tf.round(tf.clip_by_value(value, 0.0, 255.0)), "int32"
            )

        value = stage(draw, levels, ((height, width), tf.int32))
        tables = stage(
            draw,
            lambda: self._tables(value),
            ((self.tiles**2, 256), tf.float32),
        )
        new = stage(
            draw,
            lambda: self._read(value, tables),
            ((height, width), tf.float32),
        )

        def equalized():
            old = tf.cast(value, tf.float32)
            if x.shape[-1] == 1:
                return stored(new[..., None] * (high / 255.0), x.dtype, high)
            factor = new / tf.maximum(old, 1.0)
            # A black pixel has no hue: it becomes grey.
            lifted = tf.where(old > 0, 0.0, new * (high / 255.0))
            values = tf.cast(x, tf.float32) * factor[..., None]
            return stored(values + lifted[..., None], x.dtype, high)

        return tf.cond(draw, equalized, lambda: x)

    def _tables(self, value):
        """Makes the table (tiles**2, 256) of each tile."""
        height, width = sides(value)
        rows, columns = (-(-side // self.tiles) for side in (height, width))
        y = _mirrored(rows * self.tiles, height)
        x = _mirrored(columns * self.tiles, width)
        wide = tf.gather(tf.gather(value, y, axis=0), x, axis=1)
        down = tf.range(rows * self.tiles) // rows * self.tiles
        across = tf.range(columns * self.tiles) // columns
        place = (down[:, None] + across[None, :]) * 256 + wide
        place = tf.reshape(place, (-1,))
        count = tf.math.unsorted_segment_sum(
            tf.ones_like(place), place, self.tiles**2 * 256
        )
        count = tf.reshape(count, (self.tiles**2, 256))
        area = rows * columns
        limit = tf.cast(self.clip * tf.cast(area, tf.float32) / 256.0, tf.int32)
        count = _clipped(count, tf.maximum(limit, 1))
        total = tf.cast(tf.cumsum(count, 1), tf.float32)
        return tf.clip_by_value(
            tf.round(total * (255.0 / tf.cast(area, tf.float32))), 0.0, 255.0
        )

    def _read(self, value, tables):
        """Looks each pixel up in four tables, by its distance from them."""
        height, width = sides(value)
        flat = tf.reshape(tables, (-1,))
        near = []
        for side in (height, width):
            step = tf.cast(-(-side // self.tiles), tf.float32)
            place = tf.cast(tf.range(side), tf.float32) / step - 0.5
            low = tf.floor(place)
            share = place - low
            low = tf.cast(low, tf.int32)
            near.append(
                (
                    tf.clip_by_value(low, 0, self.tiles - 1),
                    tf.clip_by_value(low + 1, 0, self.tiles - 1),
                    share,
                )
            )
        (top, bottom, down), (left, right, across) = near
        total = 0.0
        for row, high in ((top, 1.0 - down), (bottom, down)):
            for column, wide in ((left, 1.0 - across), (right, across)):
                tile = row[:, None] * self.tiles + column[None, :]
                found = tf.gather(flat, tile * 256 + value)
                total += found * (high[:, None] * wide[None, :])
        return tf.round(total)


def _mirrored(count, side):
    """Places of an image that is mirrored, without its border, to `count`."""
    place = tf.range(count)
    period = tf.maximum(2 * side - 2, 1)
    place %= period
    return tf.minimum(place, period - place)


def _clipped(count, limit):
    """Cuts counts off and hands what is left out evenly to all values."""
    over = tf.reduce_sum(tf.maximum(count - limit, 0), 1, keepdims=True)
    count = tf.minimum(count, limit) + over // 256
    rest = over % 256
    step = tf.maximum(256 // tf.maximum(rest, 1), 1)
    place = tf.range(256)[None, :]
    extra = (place % step == 0) & (place // step < rest)
    return count + tf.cast(extra, tf.int32)
