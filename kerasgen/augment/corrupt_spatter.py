"""Corruption of images: drops of water and mud on the lens."""

import tensorflow as tf

from kerasgen.augment.corrupt_base import Pixels, grey
from kerasgen.augment.edges import box, distance, linked, sectors, slopes
from kerasgen.augment.resample import neighbours, smooth
from kerasgen.core import register

_WATER = (175 / 255, 238 / 255, 238 / 255)
_MUD = (63 / 255, 42 / 255, 20 / 255)
_LIGHT = [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]
_FAR = 20


@register("corruption")
class Spatter(Pixels):
    """Throws water (severities 1 to 3) or mud (4 and 5) on the lens.

    Args:
        severity: int in [1, 5]; drops of water with light on their edges,
            then spots of mud that hide what lies behind.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261.

    Example:
        >>> x = tf.ones((2, 32, 32, 3)) * 255
        >>> Spatter(severity=5)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 32, 32, 3])
    """

    # Mean, deviation and blur of the liquid, the least that is a drop, the
    # water's strength or the blur of the mud's rim.
    small = (
        (0.62, 0.1, 0.7, 0.7, 0.5),
        (0.65, 0.1, 0.8, 0.7, 0.5),
        (0.65, 0.3, 1.0, 0.69, 0.5),
        (0.65, 0.1, 0.7, 0.69, 0.6),
        (0.65, 0.1, 0.5, 0.68, 0.6),
    )
    large = (
        (0.65, 0.3, 4.0, 0.69, 0.6),
        (0.65, 0.3, 3.0, 0.68, 0.6),
        (0.65, 0.3, 2.0, 0.68, 0.5),
        (0.65, 0.3, 1.0, 0.65, 1.5),
        (0.67, 0.4, 1.0, 0.65, 1.5),
    )
    ordered = False
    mud = (False, False, False, True, True)
    brown = _MUD

    def formula(self, values, strength, seed):
        """Draws the liquid and lays it over the images."""
        mean, spread, blur, least, last = strength
        shape = tf.shape(values)
        noise = tf.random.stateless_normal((*tf.unstack(shape[:3]), 1), seed)
        liquid = smooth(mean + noise * spread, blur)
        drops = liquid > least
        if self.mud[self.severity - 1]:
            cover = smooth(tf.cast(drops, tf.float32), last)
            cover = tf.where(cover < 0.8, 0.0, cover)
            return values * (1.0 - cover) + self._tint(cover, values)
        liquid = tf.where(drops, liquid, 0.0)
        shine = _shine(tf.floor(tf.clip_by_value(liquid, 0.0, 1.0) * 255.0))
        return values + self._tint(shine * last, values, _WATER)

    def _tint(self, cover, values, color=None):
        tinted = tf.clip_by_value(cover * (color or self.brown), 0.0, 1.0)
        return tinted if values.shape[-1] == 3 else grey(tinted)


def _shine(liquid):
    """Lights drops (batch, height, width, 1) of 0 to 255 at their edges.

    Returns:
        float32 tensor of the same shape, in [0, 1].
    """
    down, across = slopes(liquid, "nearest")
    size = tf.abs(down) + tf.abs(across)
    weak = sectors(down, across, size) & (size > 50.0)
    far = distance(linked(weak, size > 150.0), _FAR)
    far = tf.floor(box(far) + 1e-3)
    lit = neighbours(_equalized(far), _LIGHT, "mirror")
    lit = box(tf.clip_by_value(lit, 0.0, 255.0))
    light = liquid * tf.round(lit)
    greatest = tf.reduce_max(light, (1, 2, 3), keepdims=True)
    return tf.math.divide_no_nan(light, greatest)


def _equalized(far):
    """Spreads whole numbers up to `_FAR` over 0 to 255, as their ranks."""
    levels = tf.range(_FAR + 1, dtype=tf.float32)
    hits = tf.cast(far == levels, tf.float32)
    counts = tf.reduce_sum(hits, (1, 2))
    sums = tf.cumsum(counts, 1)
    total = sums[:, -1:]
    first = tf.reduce_min(tf.where(sums > 0.0, sums, total), 1, keepdims=True)
    rank = tf.math.divide_no_nan(sums - first, total - first)
    table = tf.round(rank * 255.0)
    # An image of one level stays as it is.
    table = tf.where(first < total, table, levels)
    places = tf.cast(far[..., 0], tf.int32)
    return tf.gather(table, places, batch_dims=1)[..., None]
