"""Corruptions of MNIST-C of its own: moves, strokes and edges.

Its strengths are for 28 pixels; lengths grow with the side above that.
"""

import math

import tensorflow as tf

from kerasgen.augment.base import fold, uniform
from kerasgen.augment.corrupt_base import Pixels, grey
from kerasgen.augment.edges import linked, ridges, slopes
from kerasgen.augment.resample import gaussian, sampled, separable
from kerasgen.core import register

_SIDE = 28.0
# How far a stroke's ink reaches, at 28 pixels.
_INK = 2.3


class _Affine(Pixels):
    """Samples images at places moved by a matrix about their middle."""

    def formula(self, values, strength, seed):
        """Samples; what comes in is black."""
        shape = tf.shape(values)
        tall, wide = (tf.cast(shape[i], tf.float32) for i in (1, 2))
        rows, columns = tf.meshgrid(
            tf.range(tall) - (tall - 1.0) / 2.0,
            tf.range(wide) - (wide - 1.0) / 2.0,
            indexing="ij",
        )
        signs = tf.where(uniform(seed, (2, shape[0], 1, 1)) < 0.5, -1.0, 1.0)
        growth = tf.maximum(tf.maximum(tall, wide) / _SIDE, 1.0)
        x, y = self.move(columns, rows, strength, signs, growth)
        rows = y + (tall - 1.0) / 2.0 + tf.zeros_like(signs[0])
        columns = x + (wide - 1.0) / 2.0 + tf.zeros_like(signs[0])
        return sampled(values, rows, columns, "zero")

    def move(self, x, y, strength, signs, growth):
        """Moves places, measured from the middle; a subclass writes this."""
        raise NotImplementedError


@register("corruption")
class Shear(_Affine):
    """Shears images to the left or right.

    Args:
        severity: int in [1, 5]; by .2 to 1 radian.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Mu & Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision",
        2019, arXiv:1906.02337.

    Example:
        >>> Shear(severity=2).severity
        2
    """

    small = (0.2, 0.4, 0.6, 0.8, 1.0)

    def move(self, x, y, strength, signs, growth):
        """Leans upright lines by the angle, keeping their length."""
        angle = strength * signs[0]
        return x - tf.sin(angle) * y, tf.cos(angle) * y


@register("corruption")
class Scale(_Affine):
    """Shrinks images.

    Args:
        severity: int in [1, 5]; to .9 down to .5 of their size.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Mu & Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision",
        2019, arXiv:1906.02337.

    Example:
        >>> Scale(severity=2).severity
        2
    """

    small = (0.9, 0.8, 0.7, 0.6, 0.5)

    def move(self, x, y, strength, signs, growth):
        """Looks farther out."""
        return x / strength, y / strength


@register("corruption")
class Rotate(_Affine):
    """Turns images to the left or right.

    Args:
        severity: int in [1, 5]; by .2 to 1 radian.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Mu & Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision",
        2019, arXiv:1906.02337.

    Example:
        >>> Rotate(severity=2).severity
        2
    """

    small = (0.2, 0.4, 0.6, 0.8, 1.0)

    def move(self, x, y, strength, signs, growth):
        """Turns by the angle."""
        sine = tf.sin(strength) * signs[0]
        cosine = tf.cos(strength)
        return cosine * x - sine * y, sine * x + cosine * y


@register("corruption")
class Translate(_Affine):
    """Moves images along a diagonal.

    Args:
        severity: int in [1, 5]; by 1 to 5 pixels of 28.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Mu & Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision",
        2019, arXiv:1906.02337.

    Example:
        >>> Translate(severity=2).severity
        2
    """

    small = (1.0, 2.0, 3.0, 4.0, 5.0)

    def move(self, x, y, strength, signs, growth):
        """Moves by as much in both directions."""
        step = strength * growth
        return x + step * signs[0], y + step * signs[1]


@register("corruption")
class Stripe(Pixels):
    """Inverts a stripe at the left and one at the right.

    Args:
        severity: int in [1, 5]; each 3, 5, 7, 9 or 11 of 28 pixels
            wide.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Mu & Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision",
        2019, arXiv:1906.02337. Theirs are 7 wide.

    Example:
        >>> Stripe(severity=2).severity
        2
    """

    small = (3.0, 5.0, 7.0, 9.0, 11.0)

    def formula(self, values, strength, seed):
        """Inverts the outer columns."""
        width = tf.cast(tf.shape(values)[2], tf.float32)
        stripe = tf.round(strength * width / _SIDE)
        column = tf.range(width)
        outer = (column < stripe) | (column >= width - stripe)
        return tf.where(outer[:, None], 1.0 - values, values)


@register("corruption")
class DottedLine(Pixels):
    """Draws dotted lines across images.

    Args:
        severity: int in [1, 5]; 1 to 5 lines.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Mu & Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision",
        2019, arXiv:1906.02337. They draw one.

    Example:
        >>> DottedLine(severity=2).severity
        2
    """

    small = (1.0, 2.0, 3.0, 4.0, 5.0)

    def formula(self, values, strength, seed):
        """Adds lines from the left border to the right one."""
        rows, columns = _places(values)
        n = tf.shape(values)[0]
        for i in range(self.severity):
            ends = tf.floor(uniform(fold(seed, i), (2, n, 1, 1), 0.0, 27.0))
            ink = _stroke(rows, columns, 0.0, ends[0], 27.0, ends[1])
            dots = tf.math.floormod(tf.floor(columns / 2.0), 2.0)
            values += (ink * dots)[..., None]
        return values


@register("corruption")
class Zigzag(Pixels):
    """Draws zigzag lines across images.

    Args:
        severity: int in [1, 5]; 1 to 5 lines.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Mu & Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision",
        2019, arXiv:1906.02337. They draw one.

    Example:
        >>> Zigzag(severity=2).severity
        2
    """

    small = (1.0, 2.0, 3.0, 4.0, 5.0)

    def formula(self, values, strength, seed):
        """Adds lines of seven strokes each."""
        rows, columns = _places(values)
        n = tf.shape(values)[0]
        for i in range(self.severity):
            drawn = uniform(fold(seed, i), (2, n, 1, 1))
            start = tf.floor(drawn[0] * 27.0)
            ends = _zigzag(start, tf.floor(drawn[1] * 10.0) - 5.0)
            for one, two in zip(ends, ends[1:], strict=False):
                values += _stroke(rows, columns, *one, *two)[..., None]
                values = tf.minimum(values, 1.0)
        return values


@register("corruption")
class CannyEdges(Pixels):
    """Replaces images by their edges.

    Args:
        severity: int in [1, 5]; the edges' weight is .2 to 1.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Mu & Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision",
        2019, arXiv:1906.02337. They use weight 1.
        Edges are Canny's (1986), of a deviation of 1 pixel and thresholds
        .1 and .2.

    Example:
        >>> CannyEdges(severity=2).severity
        2
    """

    small = (0.2, 0.4, 0.6, 0.8, 1.0)

    def formula(self, values, strength, seed):
        """Blends images with their edges."""
        edges = tf.cast(_edges(grey(values)), tf.float32)
        return values * (1.0 - strength) + edges * strength


def _places(values):
    """Gives rows and columns (1, height, width) as of 28 pixels."""
    shape = tf.shape(values)
    sides = tf.cast(shape[1:3], tf.float32)
    growth = tf.maximum(tf.reduce_max(sides) / _SIDE, 1.0)
    rows = tf.range(sides[0])[None, :, None] / growth
    columns = tf.range(sides[1])[None, None, :] / growth
    return rows, columns


def _stroke(rows, columns, c0, r0, c1, r1):
    """Draws ink (batch, height, width) from one point to another."""
    slope = tf.math.divide_no_nan(r1 - r0, c1 - c0)
    far = tf.abs(rows - (slope * (columns - c0) + r0))
    far = tf.minimum(far, _INK * (1.0 - 1e-6))
    ink = tf.clip_by_value(tf.math.log(1.0 - far / _INK) + 1.0, 0.0, 1.0)
    inside = (columns >= tf.floor(c0)) & (columns < tf.math.ceil(c1))
    return tf.where(inside, ink, 0.0)


def _zigzag(start, rise):
    """Gives the corners (column, row) of a zigzag, each (batch, 1, 1)."""
    first, last, half = 2.0, 25.0, 2.0
    turn = tf.atan(rise / (last - first))
    length = (last - first) / tf.cos(turn)
    points = [(tf.zeros_like(length), 0.0)]
    side = 1.0
    for i in range(int((last - first - half) // (2.0 * half)) + 1):
        side = 1.0 if i % 2 == 0 else -1.0
        points.append(((2.0 * i + 1.0) * half, side * half))
    rest = length - 2.0 * half * math.floor((last - first) / (2.0 * half))
    points.append((length, side * half / (2.0 * rest)))
    cosine, sine = tf.cos(turn), tf.sin(turn)
    return [
        (cosine * c - sine * r + first, sine * c + cosine * r + start)
        for c, r in points
    ]


def _edges(values):
    """Finds edges (batch, height, width, 1)."""
    height, width = tf.unstack(tf.shape(values)[1:3])
    down, across = (gaussian(s, 1.0, "zero") for s in (height, width))
    whole = separable(tf.ones_like(values), down, across)
    down, across = slopes(separable(values, down, across) / whole, "reflect")
    size = tf.sqrt(down**2 + across**2)
    inner = tf.ones_like(size)[:, 2:, 2:]
    inner = tf.pad(inner, ((0, 0), (1, 1), (1, 1), (0, 0))) > 0.0
    weak = ridges(down, across, size) & inner & (size >= 0.1)
    return linked(weak, size >= 0.2)
