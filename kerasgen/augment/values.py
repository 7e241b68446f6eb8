"""Moves of pixel values one by one: on uint8 they are tables of 256 entries."""

import tensorflow as tf

from kerasgen.augment.move import Move, sides
from kerasgen.core import Float

HIGH = Float(0.0)
_GREY = (0.299, 0.587, 0.114)


class Values(Move):
    """A move that turns each value of a channel into another one.

    A subclass writes `shade`. Any number of such moves on uint8 are one
    table; float images are shaded directly.
    """

    fusion = "values"
    statistics = False
    direct = False
    high = None

    def shade(self, values, draw, weight):
        """Gives the new values; a subclass writes this.

        Args:
            values: float32 tensor (n, channels) in [0, 1].
            draw: what was drawn for this image.
            weight: float32 tensor (n, channels), how many pixels have each
                value, or None where each is one pixel; for moves with
                `statistics`.

        Returns:
            float32 tensor (n, channels).
        """
        raise NotImplementedError

    def chosen(self, draw):
        """Tells whether this image is moved at all: bool tensor, or None."""
        return None

    def one(self, x, draw):
        """Moves one image."""
        if x.dtype == tf.uint8 and not self.direct:
            return self.more(None, x, draw).apply(x)
        flat = tf.reshape(x, (-1, sides(x)[2]))

        def shaded():
            return tf.reshape(self._shaded(flat, draw), tf.shape(x))

        chosen = self.chosen(draw)
        if chosen is None:
            return tf.ensure_shape(shaded(), x.shape)
        return tf.ensure_shape(tf.cond(chosen, shaded, lambda: x), x.shape)

    def each(self, x, draws):
        """Runs over a batch: the simplest moves as one loop over all pixels."""
        if not self.direct or self.statistics:
            return super().each(x, draws)
        if None in x.shape[1:].as_list():
            return self._all(x, draws)
        if "_compiled" not in self.__dict__:
            self._compiled = tf.function(
                self._all, jit_compile=True, autograph=False
            )
        return self._compiled(x, draws)

    def _all(self, x, draws):
        chosen = self.chosen(draws)
        draws = tf.reshape(draws, (-1, 1, 1, 1))
        new = self._shaded(x, draws)
        if chosen is not None:
            new = tf.where(tf.reshape(chosen, (-1, 1, 1, 1)), new, x)
        return tf.ensure_shape(new, x.shape)

    def _shaded(self, x, draw):
        if x.dtype == tf.uint8:
            high = 255.0
        else:
            high = self.need("high", "the greatest value of float images")
        new = self.shade(tf.cast(x, tf.float32) / high, draw, None)
        new = tf.clip_by_value(new, 0.0, 1.0) * high
        return tf.cast(tf.round(new) if x.dtype == tf.uint8 else new, x.dtype)

    def more(self, table, x, draw):
        """Puts this move on top of a table.

        Args:
            table: Table, or None for a new one.
            x: uint8 tensor (height, width, channels).
            draw: what was drawn for this image.

        Returns:
            Table.
        """
        channels = x.shape[2] or tf.shape(x)[2]
        values = Table(channels).values if table is None else table.values

        def shaded():
            weight = count_values(x) if self.statistics else None
            new = self.shade(values / 255.0, draw, weight)
            return tf.round(tf.clip_by_value(new, 0.0, 1.0) * 255.0)

        chosen = self.chosen(draw)
        if chosen is None:
            return Table(channels, shaded())
        return Table(channels, tf.cond(chosen, shaded, lambda: values))


class Table:
    """What each value of each channel becomes.

    Args:
        channels: int or scalar tensor.
        values: float32 tensor (256, channels) of whole numbers, or None for
            a table that changes nothing.
    """

    def __init__(self, channels, values=None):
        self.channels = channels
        self.still = tf.tile(tf.range(256.0)[:, None], (1, channels))
        self.values = self.still if values is None else values

    def apply(self, x):
        """Looks an image up.

        Args:
            x: uint8 tensor (height, width, channels).

        Returns:
            uint8 tensor of the same shape.
        """

        def looked_up():
            flat = tf.reshape(tf.cast(self.values, tf.uint8), (-1,))
            place = tf.cast(x, tf.int32) * self.channels
            found = tf.gather(flat, place + tf.range(self.channels))
            return tf.ensure_shape(found, x.shape)

        still = tf.reduce_all(tf.equal(self.values, self.still))
        return tf.cond(still, lambda: x, looked_up)


def count_values(x):
    """Counts how many pixels have each value.

    Args:
        x: uint8 tensor (height, width, channels).

    Returns:
        float32 tensor (256, channels).

    Example:
        >>> int(count_values(tf.ones((2, 2, 1), tf.uint8))[1, 0])
        4
    """
    flat = tf.reshape(x, (-1, x.shape[2] or tf.shape(x)[2]))
    return gather_counts(tf.cast(flat, tf.int32), None)


def gather_counts(levels, weight):
    """Counts levels, with weights.

    Args:
        levels: int32 tensor (n, channels) in [0, 255].
        weight: float32 tensor (n, channels), or None for one each.

    Returns:
        float32 tensor (256, channels).

    Example:
        >>> float(gather_counts(tf.constant([[3], [3]]), None)[3, 0])
        2.0
    """
    channels = levels.shape[1] or tf.shape(levels)[1]
    place = tf.reshape(levels * channels + tf.range(channels), (-1,))
    # Whole numbers: floats stop counting at 2**24 pixels.
    if weight is None:
        ones = tf.ones_like(place)
    else:
        ones = tf.cast(tf.reshape(weight, (-1,)), tf.int32)
    counts = tf.math.unsorted_segment_sum(ones, place, 256 * channels)
    return tf.reshape(tf.cast(counts, tf.float32), (256, channels))


def levels_of(x, high):
    """Gives pixels as one of 256 levels.

    Args:
        x: tensor, uint8 or float.
        high: float, the greatest value of float images.

    Returns:
        uint8 tensor of the same shape; uint8 comes back as it is.

    Example:
        >>> levels_of(tf.constant([0.0, 0.5, 1.0]), 1.0).numpy().tolist()
        [0, 128, 255]
    """
    if x.dtype == tf.uint8:
        return x
    scaled = tf.cast(x, tf.float32) * (255.0 / high)
    return tf.cast(tf.round(tf.clip_by_value(scaled, 0, 255)), tf.uint8)


def values_of(new, old, x, high):
    """Gives levels back as pixels; those that didn't move keep every digit.

    Args:
        new: uint8 tensor, the levels of what comes out.
        old: uint8 tensor, the levels of `x`.
        x: float tensor.
        high: float, the greatest value.

    Returns:
        tensor of the dtype of `x`.

    Example:
        >>> old, x = tf.constant([3, 3], tf.uint8), tf.constant([0.011, 0.012])
        >>> new = tf.constant([3, 255], tf.uint8)
        >>> [round(float(v), 3) for v in values_of(new, old, x, 1.0)]
        [0.011, 1.0]
    """
    value = tf.cast(tf.cast(new, tf.float32) * (high / 255.0), x.dtype)
    return tf.where(tf.equal(new, old), x, value)


def grey_mean(values, weight):
    """Gives the mean brightness of an image.

    Args:
        values: float32 tensor (n, channels).
        weight: float32 tensor (n, channels), or None.

    Returns:
        float32 scalar; three channels count as red, green and blue.

    Example:
        >>> round(float(grey_mean(tf.ones((4, 3)), None)), 5)
        1.0
    """
    if weight is None:
        mean = tf.reduce_mean(values, 0)
    else:
        mean = tf.reduce_sum(values * weight, 0) / tf.reduce_sum(weight, 0)
    if values.shape[1] == 3:
        return tf.reduce_sum(mean * tf.constant(_GREY))
    return tf.reduce_mean(mean)
