"""Averages, shifts and samples of whole batches of images."""

import math

import tensorflow as tf


def separable(values, down, across):
    """Applies matrices to the rows and columns of images.

    Args:
        values: float32 tensor (batch, height, width, channels).
        down: float32 tensor (height out, height).
        across: float32 tensor (width out, width).

    Returns:
        float32 tensor (batch, height out, width out, channels).

    Example:
        >>> x = tf.ones((1, 4, 4, 1))
        >>> separable(x, tf.eye(4), tf.eye(4)).shape
        TensorShape([1, 4, 4, 1])
    """
    values = tf.einsum("ij,bjwc->biwc", down, values)
    return tf.einsum("ij,bhjc->bhic", across, values)


def gaussian(side, sigma, edge="nearest", truncate=4.0):
    """Makes the matrix of a Gaussian average.

    Args:
        side: int or scalar tensor.
        sigma: float scalar tensor, the standard deviation in pixels; 0 gives
            the identity.
        edge: "nearest" repeats the border, "reflect" mirrors with it, "zero"
            is black.
        truncate: float, how many standard deviations the average reaches.

    Returns:
        float32 tensor (side, side).

    Example:
        >>> float(tf.reduce_sum(gaussian(5, 1.0)[0]))
        1.0
    """
    sigma = tf.maximum(tf.cast(sigma, tf.float32), 1e-3)
    reach = tf.cast(truncate * sigma + 0.5, tf.int32)
    steps = tf.range(-reach, reach + 1)
    weight = tf.exp(-0.5 * (tf.cast(steps, tf.float32) / sigma) ** 2)
    weight /= tf.reduce_sum(weight)
    rows = tf.range(side)[:, None]
    source = rows + steps[None, :]
    weight = tf.broadcast_to(weight[None, :], tf.shape(source))
    if edge == "zero":
        inside = (source >= 0) & (source < side)
        weight = tf.where(inside, weight, 0.0)
    source = folded(source, side, edge)
    places = tf.stack([tf.broadcast_to(rows, tf.shape(source)), source], -1)
    return tf.scatter_nd(places, weight, (side, side))


def smooth(values, sigma, edge="nearest", truncate=4.0):
    """Blurs images by a Gaussian.

    Args:
        values: float32 tensor (batch, height, width, channels).
        sigma: float scalar tensor, in pixels.
        edge: as in `gaussian`.
        truncate: as in `gaussian`.

    Returns:
        float32 tensor of the same shape.

    Example:
        >>> smooth(tf.ones((1, 4, 4, 1)), 1.0).shape
        TensorShape([1, 4, 4, 1])
    """
    height, width = tf.unstack(tf.shape(values)[1:3])
    down = gaussian(height, sigma, edge, truncate)
    across = gaussian(width, sigma, edge, truncate)
    return separable(values, down, across)


def folded(index, side, edge):
    """Brings indices beyond an image back into it.

    Args:
        index: int tensor.
        side: int or scalar tensor.
        edge: "nearest" or "zero" cut off, "reflect" mirrors with the border
            (c b a | a b c), "mirror" without it (c b | a b c).

    Returns:
        int tensor of the same shape, in [0, side).

    Example:
        >>> folded(tf.constant([-1, 4]), 4, "mirror").numpy().tolist()
        [1, 2]
    """
    if edge == "reflect":
        index = tf.math.floormod(index, 2 * side)
        return tf.minimum(index, 2 * side - 1 - index)
    if edge == "mirror":
        period = tf.maximum(2 * side - 2, 1)
        index = tf.math.floormod(index, period)
        return tf.minimum(index, period - index)
    return tf.clip_by_value(index, 0, side - 1)


def padded(values, reach, edge="nearest"):
    """Adds a margin to images.

    Args:
        values: tensor (batch, height, width, ...).
        reach: int or scalar tensor, the margin in pixels on each side.
        edge: as in `folded`.

    Returns:
        tensor (batch, height + 2 reach, width + 2 reach, ...).

    Example:
        >>> padded(tf.ones((1, 4, 4, 1)), 2).shape
        TensorShape([1, 8, 8, 1])
    """
    for axis in (1, 2):
        side = tf.shape(values)[axis]
        index = folded(tf.range(-reach, side + reach), side, edge)
        values = tf.gather(values, index, axis=axis)
    return values


def neighbours(values, kernel, edge="mirror"):
    """Correlates images with a small fixed kernel.

    Args:
        values: float32 tensor (batch, height, width, channels).
        kernel: nested list of floats, of odd sides.
        edge: as in `folded`.

    Returns:
        float32 tensor of the same shape.

    Example:
        >>> x = tf.ones((1, 4, 4, 1))
        >>> float(neighbours(x, [[0, 0, 0], [0, 2, 0], [0, 0, 0]])[0, 0, 0, 0])
        2.0
    """
    reach = len(kernel) // 2
    height, width = tf.unstack(tf.shape(values)[1:3])
    wide = padded(values, reach, edge)
    total = 0.0
    for i, row in enumerate(kernel):
        for j, weight in enumerate(row):
            if weight:
                part = wide[:, i : i + height, j : j + width]
                total += weight * part
    return total


def streak(values, radius, sigma, angle):
    """Blurs images along a line, one angle for each.

    Args:
        values: float32 tensor (batch, height, width, channels).
        radius: int scalar tensor; the line has 2 radius + 1 steps.
        sigma: float scalar tensor: the weights are the right half of a
            Gaussian.
        angle: float32 tensor (batch,), in degrees.

    Returns:
        float32 tensor of the same shape; borders are repeated.

    Example:
        >>> streak(tf.ones((2, 8, 8, 1)), 2, 1.0, tf.zeros(2)).shape
        TensorShape([2, 8, 8, 1])
    """
    steps = tf.range(2 * radius + 1)
    far = tf.cast(steps, tf.float32)
    weight = tf.exp(-0.5 * (far / sigma) ** 2)
    weight /= tf.reduce_sum(weight)
    # In doubles, so that halves fall as in the reference.
    turn = tf.cast(angle, tf.float64)[:, None] * (math.pi / 180.0)
    ways = tf.stack([tf.sin(turn), tf.cos(turn)], -1)
    ways *= tf.cast(steps, tf.float64)[None, :, None]
    moves = -tf.cast(tf.math.ceil(ways - 0.5), tf.int32)
    shape = tf.shape(values)
    limit = tf.reduce_min(shape[1:3])
    # As in the reference, the line ends where it would leave the image.
    near = tf.cast(tf.reduce_max(tf.abs(moves), -1) < limit, tf.float32)
    weight = weight[None, :] * near
    reach = 2 * radius
    wide = padded(values, reach)

    def one(example):
        image, moves, weight = example

        def add(i, total):
            top, left = reach - moves[i, 0], reach - moves[i, 1]
            part = tf.slice(image, [top, left, 0], shape[1:])
            part = tf.ensure_shape(part, total.shape)
            return i + 1, total + part * weight[i]

        start = (0, tf.zeros(shape[1:]))
        count = tf.size(weight)
        return tf.while_loop(lambda i, _: i < count, add, start)[1]

    out = tf.map_fn(one, (wide, moves, weight), fn_output_signature=tf.float32)
    return tf.ensure_shape(out, values.shape)


def zoomed(values, factor):
    """Enlarges the middle of images, as SciPy's `zoom` of first order.

    Args:
        values: float32 tensor (batch, height, width, channels).
        factor: float scalar tensor, at least 1.

    Returns:
        float32 tensor of the same shape.

    Example:
        >>> zoomed(tf.ones((2, 8, 8, 1)), 2.0).shape
        TensorShape([2, 8, 8, 1])
    """
    shape = tf.shape(values)
    sides = tf.cast(shape[1:3], tf.float64)
    factor = tf.cast(factor, tf.float64)
    # A hair less: the factor's last digit must not add a row.
    crop = tf.math.ceil(sides / factor - 1e-6)
    top = tf.math.floor((sides - crop) / 2.0)
    size = tf.round(crop * factor)
    step = (crop - 1.0) / tf.maximum(size - 1.0, 1.0)
    end = top + (sides - 1.0) * step
    last = tf.maximum(sides - 1.0, 1.0)
    box = tf.cast(tf.concat([top / last, end / last], 0), tf.float32)
    boxes = tf.broadcast_to(box[None, :], (shape[0], 4))
    out = tf.image.crop_and_resize(
        values, boxes, tf.range(shape[0]), shape[1:3]
    )
    return tf.ensure_shape(out, values.shape)


def sampled(values, rows, columns, edge="reflect"):
    """Samples images between their pixels.

    Args:
        values: float32 tensor (batch, height, width, channels).
        rows: float32 tensor (batch, height, width), where to look.
        columns: float32 tensor of the same shape.
        edge: as in `folded`; "zero" fades into black.

    Returns:
        float32 tensor of the shape of `values`.

    Example:
        >>> x, place = tf.ones((1, 2, 2, 1)), tf.ones((1, 2, 2))
        >>> float(sampled(x, place, place)[0, 0, 0, 0])
        1.0
    """
    shape = tf.shape(values)
    height, width = shape[1], shape[2]
    flat = tf.reshape(values, (shape[0], height * width, shape[3]))
    top, left = tf.floor(rows), tf.floor(columns)
    down, right = rows - top, columns - left
    top, left = tf.cast(top, tf.int32), tf.cast(left, tf.int32)
    total = 0.0
    for i, along in ((0, 1.0 - down), (1, down)):
        for j, beside in ((0, 1.0 - right), (1, right)):
            row, column = top + i, left + j
            weight = along * beside
            if edge == "zero":
                inside = (row >= 0) & (row < height)
                inside &= (column >= 0) & (column < width)
                weight = tf.where(inside, weight, 0.0)
            place = folded(row, height, edge) * width
            place += folded(column, width, edge)
            place = tf.reshape(place, (shape[0], -1))
            part = tf.reshape(tf.gather(flat, place, batch_dims=1), shape)
            total += part * weight[..., None]
    return tf.ensure_shape(total, values.shape)
