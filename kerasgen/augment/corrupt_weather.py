"""Corruptions of images: snow, frost and fog."""

import tensorflow as tf

from kerasgen.augment.base import fold, uniform
from kerasgen.augment.corrupt_base import Pixels, grey, whole
from kerasgen.augment.resample import streak, zoomed
from kerasgen.core import register

# Of the published photographs: the colour, the range of their means, the
# spread within one.
_ICE = (0.89, 1.01, 1.1)
_TONE = (0.415, 0.855)
_SPREAD = 0.105
_MIDDLE, _WIDTH = 0.354, 0.137


@register("corruption")
class Snow(Pixels):
    """Whitens images and lets flakes fall across them.

    Args:
        severity: int in [1, 5]; more, larger and faster flakes, and from .05
            to .2 of the whitening in small images, .2 to .45 in large ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261.

    Example:
        >>> x = tf.zeros((2, 32, 32, 1))
        >>> float(tf.reduce_mean(Snow()({"x": x}, [0, 0])["x"])) > 5.0
        True
    """

    # Mean and deviation of the flakes' noise, its zoom, the least that is a
    # flake, radius and deviation of its fall, what is left of the image.
    small = (
        (0.1, 0.2, 1.0, 0.6, 8, 3.0, 0.95),
        (0.1, 0.2, 1.0, 0.5, 10, 4.0, 0.9),
        (0.15, 0.3, 1.75, 0.55, 10, 4.0, 0.9),
        (0.25, 0.3, 2.25, 0.6, 12, 6.0, 0.85),
        (0.3, 0.3, 1.25, 0.65, 14, 12.0, 0.8),
    )
    large = (
        (0.1, 0.3, 3.0, 0.5, 10, 4.0, 0.8),
        (0.2, 0.3, 2.0, 0.5, 12, 4.0, 0.7),
        (0.55, 0.3, 4.0, 0.9, 12, 8.0, 0.7),
        (0.55, 0.3, 4.5, 0.85, 12, 8.0, 0.65),
        (0.55, 0.3, 2.5, 0.85, 12, 12.0, 0.55),
    )

    def formula(self, values, strength, seed):
        """Adds the flakes, and the flakes turned upside down."""
        mean, spread, zoom, least, radius, sigma, left = strength
        shape = tf.shape(values)
        noise = tf.random.stateless_normal((*tf.unstack(shape[:3]), 1), seed)
        flakes = zoomed(mean + noise * spread, zoom)
        flakes = tf.where(flakes < least, 0.0, flakes)
        flakes = tf.clip_by_value(flakes, 0.0, 1.0)
        angle = uniform(fold(seed, 1), shape[:1], -135.0, -45.0)
        flakes = streak(flakes, whole(radius), sigma, angle)
        flakes = tf.round(flakes * 255.0) / 255.0
        pale = tf.maximum(values, grey(values) * 1.5 + 0.5)
        values = left * values + (1.0 - left) * pale
        return values + flakes + flakes[:, ::-1, ::-1]


@register("corruption")
class Frost(Pixels):
    """Covers images with crystals of ice.

    Args:
        severity: int in [1, 5]; the ice's weight is .2 to .45 in small
            images, .4 to .75 in large ones, the image's 1 down to .75 and .6.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261, blend photographs of
        frost; our ice is drawn: the edges between cells at four scales
        (Worley, "A Cellular Texture Basis Function", 1996), in thicker and
        thinner patches. The weights are theirs, and the ice's mean and
        spread those of their photographs.

    Example:
        >>> x = tf.zeros((2, 32, 32, 1))
        >>> float(tf.reduce_mean(Frost()({"x": x}, [0, 0])["x"])) > 20.0
        True
    """

    # Weight of the image, weight of the ice, its scale.
    small = (
        (1.0, 0.2, 0.2),
        (1.0, 0.3, 0.2),
        (0.9, 0.4, 0.2),
        (0.85, 0.4, 0.2),
        (0.75, 0.45, 0.2),
    )
    large = (
        (1.0, 0.4, 1.0),
        (0.8, 0.6, 1.0),
        (0.7, 0.7, 1.0),
        (0.65, 0.7, 1.0),
        (0.6, 0.75, 1.0),
    )
    ordered = False

    def formula(self, values, strength, seed):
        """Blends images with ice."""
        image, weight, scale = strength
        ice = _ice(tf.shape(values), scale, seed)
        if values.shape[-1] == 3:
            ice *= _ICE
        else:
            ice *= grey(tf.constant(_ICE))
        return image * values + weight * ice


def _ice(shape, scale, seed):
    """Draws ice (batch, height, width, 1) in [0, 1]."""
    total = 0.0
    for octave, (cell, share) in enumerate(
        ((96.0, 0.3), (40.0, 0.3), (16.0, 0.25), (8.0, 0.15))
    ):
        edges = _edges(shape, cell * scale, fold(seed, octave))
        total += share * edges
    thick = _patches(shape, 110.0 * scale, fold(seed, 9))
    # The middle and spread that this sum has, measured over many draws.
    ice = (total * (0.35 + 1.1 * thick) - _MIDDLE) / _WIDTH
    tone = uniform(fold(seed, 10), (shape[0], 1, 1), *_TONE)
    return tf.clip_by_value(tone + _SPREAD * ice, 0.0, 1.0)[..., None]


def _edges(shape, cell, seed):
    """Draws bright edges (batch, height, width) between random cells."""
    n, height, width = shape[0], shape[1], shape[2]
    cell = tf.maximum(cell, 2.0)
    shift = uniform(fold(seed, 1), (2, n, 1, 1))
    y = tf.cast(tf.range(height), tf.float32)[None, :, None] / cell + shift[0]
    x = tf.cast(tf.range(width), tf.float32)[None, None, :] / cell + shift[1]
    many = tf.cast(
        tf.cast(tf.maximum(height, width), tf.float32) / cell, tf.int32
    )
    many += 4
    points = uniform(seed, (n, many * many, 2))
    row, column = tf.floor(y), tf.floor(x)
    near = tf.fill((n, height, width), 9.0)
    second = near
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            place = (tf.cast(row, tf.int32) + i + 1) * many
            place += tf.cast(column, tf.int32) + j + 1
            point = tf.gather(points, tf.reshape(place, (n, -1)), batch_dims=1)
            point = tf.reshape(point, (n, height, width, 2))
            down = row + i + point[..., 0] - y
            across = column + j + point[..., 1] - x
            far = tf.sqrt(down**2 + across**2)
            second = tf.minimum(second, tf.maximum(near, far))
            near = tf.minimum(near, far)
    return tf.exp(-6.0 * (second - near)) * 0.75 + 0.25 * (1.0 - near)


def _patches(shape, cell, seed):
    """Draws a smooth field (batch, height, width) in [0, 1]."""
    side = tf.cast(tf.reduce_max(shape[1:3]), tf.float32)
    few = tf.cast(side / tf.maximum(cell, 2.0), tf.int32) + 3
    coarse = uniform(seed, (shape[0], few, few, 1))
    fine = tf.image.resize(coarse, shape[1:3], "bicubic")
    return tf.clip_by_value(fine[..., 0], 0.0, 1.0)


@register("corruption")
class Fog(Pixels):
    """Lays drifts of fog over images.

    Args:
        severity: int in [1, 5]; the fog is .2 to 1.5 times as bright as white
            in small images, 1.5 to 3 times in large ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261; the fog is a plasma
        fractal by diamonds and squares (Fournier et al., 1982).

    Example:
        >>> x = tf.ones((2, 8, 8, 1)) * 255
        >>> Fog()({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 1])
    """

    # Brightness of the fog, and how fast its details fade.
    small = ((0.2, 3.0), (0.5, 3.0), (0.75, 2.5), (1.0, 2.0), (1.5, 1.75))
    large = ((1.5, 2.0), (2.0, 2.0), (2.5, 1.7), (2.5, 1.5), (3.0, 1.4))
    # The fog's side, in images.
    spread = 1

    def formula(self, values, strength, seed):
        """Adds the fog and dims to the old maximum."""
        weight, decay = strength
        shape = tf.shape(values)
        height, width = shape[1], shape[2]
        sides = tf.math.maximum(tf.maximum(height, width), 2)
        fog = _plasma(shape[0], sides, self.spread, decay, seed)
        fog = fog[:, :height, :width, None]
        greatest = tf.reduce_max(values, (1, 2, 3), keepdims=True)
        return (values + weight * fog) * greatest / (greatest + weight)


def _plasma(n, side, spread, decay, seed):
    """Draws a fractal (n, size, size) in [0, 1]; size, a power of 2, is at
    least `side`, times `spread`.
    """

    def grow(i, size, swing, field):
        fresh = uniform(fold(seed, i), (3, n, size, size), -1.0, 1.0) * swing
        up, back = tf.roll(field, -1, 1), tf.roll(field, -1, 2)
        middle = (field + up + back + tf.roll(up, -1, 2)) / 4.0 + fresh[0]
        top = (middle + tf.roll(middle, 1, 1) + field + back) / 4.0 + fresh[1]
        left = (middle + tf.roll(middle, 1, 2) + field + up) / 4.0 + fresh[2]
        even = tf.reshape(tf.stack([field, top], 3), (n, size, 2 * size))
        odd = tf.reshape(tf.stack([left, middle], 3), (n, size, 2 * size))
        field = tf.reshape(tf.stack([even, odd], 2), (n, 2 * size, 2 * size))
        return i + 1, 2 * size, swing / decay**2, field

    field = tf.while_loop(
        lambda i, size, *_: size < side * spread,
        grow,
        (0, 1, 1.0, tf.zeros((n, 1, 1))),
        shape_invariants=(
            tf.TensorShape([]),
            tf.TensorShape([]),
            tf.TensorShape([]),
            tf.TensorShape([None, None, None]),
        ),
    )[3]
    field -= tf.reduce_min(field, (1, 2), keepdims=True)
    return field / tf.reduce_max(field, (1, 2), keepdims=True)
