"""Boxes and keypoints that go along with images."""

import tensorflow as tf


def move_keypoints(points, matrices):
    """Moves points by the matrices that their images were resampled by.

    Args:
        points: float tensor (batch, n, 2), x to the right and y downwards in
            pixels from the image's corner: the first pixel's centre is (0.5,
            0.5).
        matrices: float32 tensor (batch, 3, 3), from output to input positions
            with pixel centres at whole numbers.

    Returns:
        tensor of the same shape and dtype; points may lie outside.

    Example:
        >>> shift = tf.constant([[[1.0, 0, 2], [0, 1, 0], [0, 0, 1]]])
        >>> move_keypoints(tf.constant([[[5.0, 1.0]]]), shift)[0, 0].numpy()
        array([3., 1.], dtype=float32)
    """
    inverse = tf.linalg.inv(matrices)
    x = tf.cast(points, tf.float32) - 0.5
    ones = tf.ones_like(x[..., :1])
    moved = tf.einsum("bij,bnj->bni", inverse, tf.concat([x, ones], -1))
    moved = moved[..., :2] / moved[..., 2:] + 0.5
    return tf.cast(moved, points.dtype)


def move_boxes(boxes, matrices, size):
    """Moves boxes: the least upright box about each moved one.

    Args:
        boxes: float tensor (batch, n, 4), left, top, right and bottom edge in
            pixels from the image's corner.
        matrices: float32 tensor (batch, 3, 3), see `move_keypoints`.
        size: tuple (height, width) of the output; boxes are cut off there,
            and one that is outside altogether has no area left.

    Returns:
        tensor of the same shape and dtype.

    Example:
        >>> mirror = tf.constant([[[-1.0, 0, 7], [0, 1, 0], [0, 0, 1]]])
        >>> boxes = tf.constant([[[1.0, 2.0, 3.0, 4.0]]])
        >>> move_boxes(boxes, mirror, (8, 8))[0, 0].numpy()
        array([5., 2., 7., 4.], dtype=float32)
    """
    left, top, right, bottom = tf.unstack(boxes, axis=-1)
    corners = tf.stack([left, top, right, top, left, bottom, right, bottom], -1)
    shape = tf.shape(boxes)
    corners = tf.reshape(corners, (shape[0], shape[1] * 4, 2))
    moved = move_keypoints(corners, matrices)
    moved = tf.reshape(moved, (shape[0], shape[1], 4, 2))
    most = tf.cast(tf.stack([size[1], size[0]]), moved.dtype)
    low = tf.clip_by_value(tf.reduce_min(moved, 2), 0, most)
    high = tf.clip_by_value(tf.reduce_max(moved, 2), 0, most)
    return tf.concat([low, high], -1)
