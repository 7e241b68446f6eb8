"""Moves of spectrograms: warped time, masked bands and times."""

import tensorflow as tf

from kerasgen.augment.base import Augment, fold, uniform
from kerasgen.core import Choice, Float, Int, register


@register("augment")
class SpecAugment(Augment):
    """Warps time and masks bands and stretches of time of spectrograms.

    On prepared sounds (batch, frames, bands), or (batch, frames, bands, 1).

    Args:
        frequency: float in [0, 1], the greatest width of a mask as a share of
            the bands.
        time: float in [0, 1], the same as a share of the frames.
        warp: float in [0, 0.5], how far a drawn frame moves at most, as a
            share of the frames; 0 warps nothing.
        frequency_masks: int in [0, 16], masks over bands.
        time_masks: int in [0, 16], masks over frames.
        fill: "mean" paints the example's own mean, "zero" paints 0.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Park et al., "SpecAugment: A Simple Data Augmentation Method for
        Automatic Speech Recognition", 2019, arXiv:1904.08779, section 2;
        widths are shares, and time is warped by two straight pieces instead
        of a spline.

    Example:
        >>> SpecAugment()({"x": tf.ones((2, 20, 8))}, [0, 0])["x"].shape
        TensorShape([2, 20, 8])
    """

    arguments = {
        "frequency": Float(0.0, 1.0, search=(0.0, 0.4)),
        "time": Float(0.0, 1.0, search=(0.0, 0.4)),
        "warp": Float(0.0, 0.5, search=(0.0, 0.2)),
        "frequency_masks": Int(0, 16),
        "time_masks": Int(0, 16),
        "fill": Choice(("mean", "zero")),
    }
    kind = "audio"
    stage = "prepared"
    rank = 2

    def __init__(
        self,
        frequency=0.2,
        time=0.2,
        warp=0.0,
        frequency_masks=2,
        time_masks=2,
        fill="mean",
    ):
        super().__init__(
            frequency=frequency,
            time=time,
            warp=warp,
            frequency_masks=frequency_masks,
            time_masks=time_masks,
            fill=fill,
        )

    def apply(self, fields, seed):
        """Warps, then masks a batch."""
        x = fields["x"]
        values = x
        if self.warp > 0:
            values = _warped(values, self.warp, fold(seed, 1))
        hidden = None
        plan = (
            (1, self.time, self.time_masks),
            (2, self.frequency, self.frequency_masks),
        )
        for axis, share, count in plan:
            if share == 0 or count == 0:
                continue
            n, size = tf.shape(x)[0], tf.shape(x)[axis]
            mask = masks(fold(seed, 1 + axis), n, size, share, count)
            shape = [n if place == 0 else 1 for place in range(len(x.shape))]
            shape[axis] = size
            mask = tf.reshape(mask, shape)
            hidden = mask if hidden is None else hidden | mask
        if hidden is not None:
            values = tf.where(hidden, self._paint(values), values)
        return {**fields, "x": tf.ensure_shape(values, x.shape)}

    def _paint(self, values):
        if self.fill == "zero":
            return tf.zeros((), values.dtype)
        axes = list(range(1, len(values.shape)))
        return tf.reduce_mean(values, axes, keepdims=True)


def masks(seed, batch, size, share, count):
    """Draws the places that any of several masks hides.

    A mask's width is drawn evenly from 0 to the greatest, its start evenly
    from where it fits.

    Args:
        seed: int tensor (2,).
        batch: int, or int tensor (), the examples.
        size: int, or int tensor (), the places.
        share: float in [0, 1], the greatest width as a share of the places,
            rounded down.
        count: int >= 1, the masks of each example.

    Returns:
        bool tensor (batch, size).

    Source:
        Park et al., 2019, section 2, items 2 and 3.

    Example:
        >>> masks(tf.constant([1, 2]), 3, 10, 0.5, 2).shape
        TensorShape([3, 10])
    """
    draw = uniform(seed, (2, batch, count))
    # A hair more, so that a share like 0.3 of 10 isn't cut off to 2.
    most = tf.floor(share * tf.cast(size, tf.float32) + 1e-4)
    width = tf.minimum(tf.floor(draw[0] * (most + 1.0)), most)
    room = tf.cast(size, tf.float32) - width
    start = tf.minimum(tf.floor(draw[1] * (room + 1.0)), room)
    place = tf.cast(tf.range(size), tf.float32)
    low, high = start[:, :, None], (start + width)[:, :, None]
    return tf.reduce_any((place >= low) & (place < high), 1)


def _warped(values, share, seed):
    """Moves a drawn frame by a drawn distance, its sides straight along."""
    n, frames = tf.shape(values)[0], tf.shape(values)[1]
    last = tf.cast(frames, tf.float32) - 1.0
    reach = share * last
    draw = uniform(seed, (2, n, 1))
    middle = reach + draw[0] * (last - 2.0 * reach)
    moved = middle + (2.0 * draw[1] - 1.0) * reach
    place = tf.cast(tf.range(frames), tf.float32)[None, :]
    before = tf.math.divide_no_nan(place * middle, moved)
    after = last - tf.math.divide_no_nan(
        (last - place) * (last - middle), last - moved
    )
    source = tf.clip_by_value(tf.where(place < moved, before, after), 0.0, last)
    low = tf.floor(source)
    part = tf.reshape(
        tf.cast(source - low, values.dtype),
        tf.concat([[n, frames], tf.ones(len(values.shape) - 2, tf.int32)], 0),
    )
    low = tf.cast(low, tf.int32)
    high = tf.minimum(low + 1, frames - 1)
    first = tf.gather(values, low, batch_dims=1)
    return first + (tf.gather(values, high, batch_dims=1) - first) * part
