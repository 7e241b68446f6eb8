"""Edges of images by Canny's method, and distances to them."""

import tensorflow as tf

from kerasgen.augment.resample import folded, neighbours, padded

_SLOPE = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
_STEEP = [list(row) for row in zip(*_SLOPE, strict=True)]
_DIAGONAL = 0.41421356


def slopes(values, edge):
    """Gives Sobel's slopes down and across.

    Args:
        values: float32 tensor (batch, height, width, 1).
        edge: as in `resample.folded`.

    Returns:
        tuple of two float32 tensors of the same shape.

    Example:
        >>> float(slopes(tf.ones((1, 4, 4, 1)), "mirror")[0][0, 0, 0, 0])
        0.0
    """
    return neighbours(values, _STEEP, edge), neighbours(values, _SLOPE, edge)


def ridges(down, across, size):
    """Finds where the slope is greatest along its own direction.

    Args:
        down: float32 tensor (batch, height, width, 1).
        across: float32 tensor of the same shape.
        size: float32 tensor of the same shape, the slope's size.

    Returns:
        bool tensor of the same shape: not less than the interpolated slopes
        on both sides.

    Source:
        Canny, "A Computational Approach to Edge Detection", 1986.

    Example:
        >>> x = tf.ones((1, 3, 3, 1))
        >>> bool(ridges(x, x, x)[0, 1, 1, 0])
        True
    """
    wide = tf.pad(size, ((0, 0), (1, 1), (1, 1), (0, 0)))
    height, width = tf.unstack(tf.shape(size)[1:3])

    def at(i, j):
        return wide[:, 1 + i : 1 + i + height, 1 + j : 1 + j + width]

    far = tf.maximum(tf.abs(down), tf.abs(across))
    least = tf.minimum(tf.abs(down), tf.abs(across))
    share = tf.math.divide_no_nan(least, far)
    steep = tf.abs(down) > tf.abs(across)
    same = down * across >= 0.0
    keep = tf.ones_like(steep)
    for sign in (1, -1):
        # Across, or down the rows where the slope is steep.
        corner = tf.where(steep, at(sign, -sign), at(-sign, sign))
        corner = tf.where(same, at(sign, sign), corner)
        straight = tf.where(steep, at(sign, 0), at(0, sign))
        keep &= size >= corner * share + straight * (1.0 - share)
    return keep


def sectors(down, across, size):
    """Finds ridges as OpenCV does, in four directions.

    Args:
        down: float32 tensor (batch, height, width, 1).
        across: float32 tensor of the same shape.
        size: float32 tensor of the same shape, the slope's size.

    Returns:
        bool tensor of the same shape.

    Example:
        >>> x = tf.zeros((1, 3, 3, 1))
        >>> bool(sectors(x, x, x)[0, 1, 1, 0])
        False
    """
    wide = tf.pad(size, ((0, 0), (1, 1), (1, 1), (0, 0)))
    height, width = tf.unstack(tf.shape(size)[1:3])

    def above(i, j):
        before = wide[:, 1 - i : 1 - i + height, 1 - j : 1 - j + width]
        after = wide[:, 1 + i : 1 + i + height, 1 + j : 1 + j + width]
        return before, after

    tall, broad = tf.abs(down), tf.abs(across)
    left, right = above(0, 1)
    level = (size > left) & (size >= right)
    top, bottom = above(1, 0)
    upright = (size > top) & (size >= bottom)
    one, two = above(1, 1)
    falling = (size > one) & (size > two)
    one, two = above(1, -1)
    rising = (size > one) & (size > two)
    slanted = tf.where(down * across >= 0.0, falling, rising)
    slanted = tf.where(tall > broad / _DIAGONAL, upright, slanted)
    return tf.where(tall < broad * _DIAGONAL, level, slanted)


def linked(weak, strong):
    """Keeps what hangs together with something strong.

    Args:
        weak: bool tensor (batch, height, width, 1), what may be kept.
        strong: bool tensor of the same shape, what surely is.

    Returns:
        bool tensor of the same shape.

    Example:
        >>> weak = tf.constant([[[[True], [True], [False], [True]]]])
        >>> strong = tf.constant([[[[True], [False], [False], [False]]]])
        >>> linked(weak, strong)[0, 0, :, 0].numpy().tolist()
        [True, True, False, False]
    """
    weak = tf.cast(weak, tf.float32)
    kept = tf.cast(strong, tf.float32) * weak

    def grow(kept, _):
        more = tf.nn.max_pool2d(kept, 3, 1, "SAME") * weak
        return more, tf.reduce_any(more > kept)

    kept, _ = tf.while_loop(lambda _, more: more, grow, (kept, True))
    return kept > 0.0


def distance(edges, limit):
    """Measures how far the nearest edge is.

    Args:
        edges: bool tensor (batch, height, width, 1).
        limit: int, beyond which it doesn't matter.

    Returns:
        float32 tensor of the same shape, in pixels, at most `limit`.

    Example:
        >>> edges = tf.constant([[[[True], [False], [False]]]])
        >>> distance(edges, 20)[0, 0, :, 0].numpy().astype(int).tolist()
        [0, 1, 2]
    """
    square = tf.where(edges, 0.0, float(limit * limit))
    for axis in (1, 2):
        side = tf.shape(square)[axis]

        def nearer(i, best, axis=axis, side=side, square=square):
            rise = tf.cast(i * i, tf.float32)
            for step in (i, -i):
                # Repeating the border only looks at a pixel from farther.
                index = folded(tf.range(side) + step, side, "nearest")
                there = tf.gather(square, index, axis=axis) + rise
                best = tf.minimum(best, there)
            return i + 1, best

        square = tf.while_loop(lambda i, _: i < limit, nearer, (1, square))[1]
    return tf.sqrt(square)


def box(values):
    """Averages 3x3 pixels; borders are mirrored.

    Args:
        values: float32 tensor (batch, height, width, channels).

    Returns:
        float32 tensor of the same shape.

    Example:
        >>> float(box(tf.ones((1, 4, 4, 1)))[0, 0, 0, 0])
        1.0
    """
    height, width = tf.unstack(tf.shape(values)[1:3])
    wide = padded(values, 1, "mirror")
    rows = wide[:, :height] + wide[:, 1 : 1 + height] + wide[:, 2:]
    sums = rows[:, :, :width] + rows[:, :, 1 : 1 + width] + rows[:, :, 2:]
    return sums / 9.0
