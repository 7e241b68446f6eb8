"""Resampling of one image, in whole numbers: the same on every device."""

import tensorflow as tf

from kerasgen.augment.move import sides, stage

FILLS = ("edge", "reflect", "zero", "grey")
# Positions have 16 binary digits behind the point.
_ONE = 65536
_FAR = 16000.0


def warp(x, matrix, size=None, fill="edge", projective=False, nearest=False):
    """Resamples an image by a matrix.

    Args:
        x: tensor (height, width, channels), uint8 or float; any dtype where
            `nearest`.
        matrix: float32 tensor (3, 3), from (column, row, 1) of the output to
            that of the input; pixel centres are whole numbers.
        size: tuple (height, width) of the output, or None for the input's.
        fill: what lies outside: "edge" repeats the border, "reflect" mirrors
            the image, "zero" is black, "grey" is half of 255 or of 1.
        projective: bool, whether the last row of the matrix counts.
        nearest: bool, nearest pixel instead of bilinear.

    Returns:
        tensor (*size, channels) of the same dtype.

    Source:
        Positions and weights are fixed-point numbers, so that the result
        doesn't depend on how floats are contracted; weights have 8 digits.

    Example:
        >>> x = tf.reshape(tf.range(4.0), (2, 2, 1))
        >>> warp(x, tf.eye(3))[:, :, 0].numpy().tolist()
        [[0.0, 1.0], [2.0, 3.0]]
    """
    height, width = size or sides(x)[:2]
    columns = tf.range(width)[None, :]
    rows = tf.range(height)[:, None]
    if projective:
        columns = tf.cast(columns, tf.float32)
        rows = tf.cast(rows, tf.float32)
        u, v, w = (
            matrix[i, 0] * columns + matrix[i, 1] * rows + matrix[i, 2]
            for i in range(3)
        )
        # Behind the horizon there is nothing to see: far away.
        w = tf.where(w > 1e-6, w, 1e-6)
        # Divided once, not for each of the pixels that are read.
        u, v = stage(
            matrix[2, 2] > -_FAR,
            lambda: [fixed(u / w), fixed(v / w)],
            *([((height, width), tf.int32)] * 2),
        )
    else:
        m = fixed(matrix)
        u, v = (m[i, 0] * columns + m[i, 1] * rows + m[i, 2] for i in range(2))
    return sample(x, u, v, fill, nearest)


def fixed(values):
    """Turns pixel positions into fixed-point numbers.

    Args:
        values: float32 tensor.

    Returns:
        int32 tensor.

    Example:
        >>> int(fixed(tf.constant(0.5)))
        32768
    """
    return tf.cast(
        tf.round(tf.clip_by_value(values, -_FAR, _FAR) * float(_ONE)), tf.int32
    )


def sample(x, u, v, fill="edge", nearest=False):
    """Reads an image at given positions.

    Args:
        x: tensor (height, width, channels).
        u: int32 tensor (rows, columns), fixed-point column in `x`.
        v: int32 tensor (rows, columns), fixed-point row.
        fill: as for `warp`.
        nearest: bool, nearest pixel instead of bilinear.

    Returns:
        tensor (rows, columns, channels) of `x`'s dtype.

    Example:
        >>> x = tf.constant([[[0.0], [8.0]]])
        >>> half = tf.constant([[32768]])
        >>> float(sample(x, half, tf.zeros_like(half))[0, 0, 0])
        4.0
    """
    shift = tf.bitwise.right_shift
    if nearest:
        half = _ONE // 2
        return pick(x, shift(u + half, 16), shift(v + half, 16), fill)
    left, top = shift(u, 16), shift(v, 16)
    across = tf.bitwise.bitwise_and(shift(u, 8), 255)[..., None]
    down = tf.bitwise.bitwise_and(shift(v, 8), 255)[..., None]
    kind = tf.int32 if x.dtype == tf.uint8 else tf.float32
    corner = _corners(x, left, top, fill)
    corner = [[tf.cast(each, kind) for each in pair] for pair in corner]
    across, down = tf.cast(across, kind), tf.cast(down, kind)
    upper, lower = (a * (256 - across) + b * across for a, b in corner)
    mixed = upper * (256 - down) + lower * down
    if kind == tf.int32:
        return tf.cast(shift(mixed + 32768, 16), tf.uint8)
    return tf.cast(mixed / 65536.0, x.dtype)


def _corners(x, left, top, fill):
    """The four pixels around each position."""
    steps = [[(i, j) for i in (0, 1)] for j in (0, 1)]
    if x.dtype != tf.uint8 or x.shape[2] != 3:
        return [
            [pick(x, left + i, top + j, fill) for i, j in pair]
            for pair in steps
        ]
    # A pixel of three bytes is read as one whole number of four.
    always = tf.reduce_any(left > -_ONE)
    size, shape = sides(x)[:2], sides(left)
    words = stage(
        always,
        lambda: tf.pad(x, [[0, 0], [0, 0], [0, 1]]),
        ((*size, 4), tf.uint8),
    )
    words = tf.bitcast(words, tf.int32)[..., None]
    outside = tf.constant(0 if fill == "zero" else 0x808080, tf.int32)

    def gather():
        return [
            pick(words, left + i, top + j, fill, outside)[..., 0]
            for pair in steps
            for i, j in pair
        ]

    found = stage(always, gather, *([(shape, tf.int32)] * 4))
    found = [tf.bitcast(each, tf.uint8)[..., :3] for each in found]
    return [found[:2], found[2:]]


def pick(x, columns, rows, fill="edge", outside=None):
    """Reads whole pixels of an image.

    Args:
        x: tensor (height, width, channels).
        columns: int32 tensor, which broadcasts with `rows`.
        rows: int32 tensor.
        fill: as for `warp`.
        outside: scalar tensor of `x`'s dtype that "zero" and "grey" bring
            in; None takes that of an image.

    Returns:
        tensor (..., channels).

    Example:
        >>> x = tf.constant([[[1.0], [2.0]]])
        >>> pick(x, tf.constant([[1, 5]]), tf.constant([[0]]))[0, :, 0].numpy()
        array([2., 2.], dtype=float32)
    """
    height, width = sides(x)[:2]
    flat = tf.reshape(x, (-1, x.shape[2] or tf.shape(x)[2]))
    place = _inside(rows, height, fill) * width + _inside(columns, width, fill)
    picked = tf.gather(flat, place)
    if fill in ("zero", "grey"):
        known = (rows >= 0) & (rows < height)
        known &= (columns >= 0) & (columns < width)
        outside = paint(x, fill) if outside is None else outside
        picked = tf.where(known[..., None], picked, outside)
    return picked


def _inside(index, side, fill):
    if fill == "reflect":
        index = tf.math.floormod(index, 2 * side)
        return tf.minimum(index, 2 * side - 1 - index)
    return tf.clip_by_value(index, 0, side - 1)


def paint(x, fill):
    """Gives what lies outside of an image.

    Args:
        x: tensor of the image's dtype.
        fill: "zero" or "grey".

    Returns:
        scalar tensor of that dtype.

    Example:
        >>> int(paint(tf.zeros(1, tf.uint8), "grey"))
        128
    """
    grey = 128 if x.dtype == tf.uint8 else 0.5
    return tf.cast(0 if fill == "zero" else grey, x.dtype)
