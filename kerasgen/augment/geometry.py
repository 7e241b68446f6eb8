"""Geometric moves of images as matrices, of which any number is one."""

import tensorflow as tf

from kerasgen.augment.boxes import move_boxes, move_keypoints
from kerasgen.augment.move import Move
from kerasgen.augment.warp import FILLS, warp
from kerasgen.core import Choice

FILL = Choice(FILLS)


class Geometric(Move):
    """A move that is a matrix from output positions to input positions.

    A subclass writes `matrices`; masks, boxes and keypoints go along.
    """

    fusion = "geometry"
    projective = False
    fill = "edge"

    def matrices(self, seed, size):
        """Draws matrices; a subclass writes this.

        Args:
            seed: int tensor (2,).
            size: tuple (batch, height, width, channels).

        Returns:
            float32 tensor (batch, 3, 3), from (column, row, 1) of the output
            to the input, pixel centres at whole numbers.
        """
        raise NotImplementedError

    def draw(self, seed, size):
        """Draws a matrix for each image."""
        return self.matrices(seed, size)

    def one(self, x, draw):
        """Resamples one image."""
        return self.more(None, x, draw).apply(x)

    def more(self, geometry, x, draw):
        """Adds a matrix to those that are pending.

        Args:
            geometry: Pose that goes before this one, or None.
            x: tensor (height, width, channels).
            draw: float32 tensor (3, 3).

        Returns:
            Pose.
        """
        size = x.shape[0] or tf.shape(x)[0], x.shape[1] or tf.shape(x)[1]
        if geometry is not None:
            size, draw = geometry.size, geometry.matrix @ draw
        projective = self.projective or (
            geometry is not None and geometry.projective
        )
        return Pose(draw, self.out_size(*size), self.fill, projective)

    def fits(self, other):
        """Tells whether this and another move may be one resampling."""
        return self.fill == other.fill

    def along(self, fields, draws, size=None):
        """Moves masks, boxes and keypoints of a batch."""
        out = dict(fields)
        x = fields["x"]
        if size is None:
            size = self.out_size(x.shape[1], x.shape[2])
        for name in ("mask", "y", "weight"):
            # Several outputs are a dict, and have no shape.
            shape = getattr(fields.get(name), "shape", ())
            if len(shape) in (3, 4):
                out[name] = self._masks(fields[name], draws, size)
        if "boxes" in fields:
            out["boxes"] = move_boxes(fields["boxes"], draws, size)
        if "keypoints" in fields:
            out["keypoints"] = move_keypoints(fields["keypoints"], draws)
        return out

    def _masks(self, masks, draws, size):
        flat = len(masks.shape) == 3
        masks = masks[..., None] if flat else masks
        spec = tf.TensorSpec((*size, masks.shape[3]), masks.dtype)
        # Whatever isn't in the picture belongs to class 0, not to grey.
        fill = "zero" if self.fill == "grey" else self.fill
        moved = tf.map_fn(
            lambda item: warp(
                item[0], item[1], _known(size), fill, True, nearest=True
            ),
            (masks, draws),
            fn_output_signature=spec,
        )
        return moved[..., 0] if flat else moved


class Pose:
    """A matrix, and what it takes to resample by it.

    Args:
        matrix: float32 tensor (3, 3).
        size: tuple (height, width) of the output.
        fill: str, see `warp`.
        projective: bool.
    """

    def __init__(self, matrix, size, fill, projective):
        self.matrix = matrix
        self.size = size
        self.fill = fill
        self.projective = projective

    def apply(self, x):
        """Resamples an image, unless the matrix moves nothing.

        Args:
            x: tensor (height, width, channels).

        Returns:
            tensor (*size, channels).
        """

        def moved():
            return warp(x, self.matrix, self.size, self.fill, self.projective)

        if self.size != tuple(x.shape[:2]):
            return moved()
        still = tf.reduce_all(tf.equal(self.matrix, tf.eye(3)))
        return tf.cond(still, lambda: x, moved)


def _known(size):
    return None if None in size else size


def stack(*entries):
    """Builds matrices from their six or nine entries, row by row.

    Args:
        *entries: tensors (batch,) or numbers.

    Returns:
        float32 tensor (batch, 3, 3).

    Example:
        >>> stack(tf.ones(2), 0.0, 5.0, 0.0, 1.0, 0.0).shape
        TensorShape([2, 3, 3])
    """
    entries = [tf.cast(e, tf.float32) for e in entries]
    if len(entries) == 6:
        entries += [tf.constant(0.0), tf.constant(0.0), tf.constant(1.0)]
    n = next(tf.shape(e) for e in entries if len(e.shape))
    entries = [tf.broadcast_to(e, n) for e in entries]
    return tf.reshape(tf.stack(entries, -1), (-1, 3, 3))


def centred(size, a, b, c, d, right=0.0, down=0.0):
    """Builds linear maps about the centre of images, then a shift.

    Args:
        size: tuple (batch, height, width, channels).
        a: tensor (batch,) or number: input column for each output column.
        b: input column for each output row.
        c: input row for each output column.
        d: input row for each output row.
        right: shift of the input position, in pixels.
        down: the same, downwards.

    Returns:
        float32 tensor (batch, 3, 3).

    Example:
        >>> centred((2, 5, 5, 1), -1.0 * tf.ones(2), 0.0, 0.0, 1.0)[0, 0, 2]
        <tf.Tensor: shape=(), dtype=float32, numpy=4.0>
    """
    y, x = ((tf.cast(side, tf.float32) - 1.0) / 2.0 for side in size[1:3])
    return stack(
        a, b, x - a * x - b * y + right, c, d, y - c * x - d * y + down
    )
