"""Elastic moves of images: a smooth field of small shifts."""

import tensorflow as tf

from kerasgen.augment.base import uniform
from kerasgen.augment.geometry import FILL
from kerasgen.augment.move import Move
from kerasgen.augment.warp import fixed, sample
from kerasgen.core import Float, Int, register


@register("augment")
class Elastic(Move):
    """Bends images like rubber.

    Args:
        rate: float in [0, 0.5], the greatest shift of a pixel as a share of
            the shorter side.
        grid: int in [1, 32], the number of bumps along a side: more bend
            finer details.
        fill: "edge", "reflect", "zero" or "grey", what comes in.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Simard et al., "Best Practices for Convolutional Neural Networks",
        2003, section 2.1; the field is a cubic B-spline of random
        coefficients (Rueckert et al., 1999, equation 6) in place of blurred
        noise, so that its greatest shift is known and its cost small.

    Example:
        >>> Elastic()({"x": tf.ones((2, 8, 8, 1))}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 1])
    """

    arguments = {
        "rate": Float(0.0, 0.5, search=(0.0, 0.1)),
        "grid": Int(1, 32),
        "fill": FILL,
    }

    def __init__(self, rate=0.05, grid=4, fill="edge"):
        super().__init__(rate=rate, grid=grid, fill=fill)

    def draw(self, seed, size):
        """Draws the coefficients of a field for each image, in pixels."""
        few = self.grid + 3
        side = tf.cast(tf.minimum(size[1], size[2]), tf.float32)
        shape = (size[0], 2, few, few)
        return uniform(seed, shape, -1.0, 1.0) * (self.rate * side)

    def one(self, x, draw):
        """Bends one image."""
        return self._bent(x, draw, self.fill, False)

    def _bent(self, x, draw, fill, nearest):
        height, width = (x.shape[axis] or tf.shape(x)[axis] for axis in (0, 1))
        rows, columns = tf.range(height), tf.range(width)
        down = self._weights(tf.cast(rows, tf.float32) + 0.5, height)
        across = self._weights(tf.cast(columns, tf.float32) + 0.5, width)
        field = tf.einsum("hi,aij,wj->ahw", down, draw, across)
        moves = fixed(field)
        u = columns[None, :] * 65536 + moves[0]
        v = rows[:, None] * 65536 + moves[1]
        return sample(x, u, v, fill, nearest)

    def _weights(self, place, side):
        """Cubic B-spline weights (places, grid + 3) at pixel positions."""
        place = place / tf.cast(side, tf.float32) * float(self.grid)
        knots = tf.range(float(self.grid + 3)) - 1.0
        far = tf.abs(place[..., None] - knots)
        near = 2.0 / 3.0 - far**2 + far**3 / 2.0
        outer = tf.maximum(2.0 - far, 0.0) ** 3 / 6.0
        return tf.where(far < 1.0, near, outer)

    def along(self, fields, draws):
        """Moves masks, keypoints and boxes of a batch."""
        out = dict(fields)
        for name in ("mask", "y", "weight"):
            # Several outputs are a dict, and have no shape.
            if len(getattr(fields.get(name), "shape", ())) in (3, 4):
                out[name] = self._masks(fields[name], draws)
        size = tf.shape(fields["x"])[1:3]
        if "keypoints" in fields:
            out["keypoints"] = self._points(fields["keypoints"], draws, size)
        if "boxes" in fields:
            out["boxes"] = self._boxes(fields["boxes"], draws, size)
        return out

    def _masks(self, masks, draws):
        flat = len(masks.shape) == 3
        masks = masks[..., None] if flat else masks
        fill = "zero" if self.fill == "grey" else self.fill
        moved = tf.map_fn(
            lambda item: self._bent(*item, fill, True),
            (masks, draws),
            fn_output_signature=tf.TensorSpec(masks.shape[1:], masks.dtype),
        )
        return moved[..., 0] if flat else moved

    def _points(self, points, draws, size):
        """Finds where pixels went: the field says where they came from."""
        start = tf.cast(points, tf.float32)
        moved = start
        for _ in range(8):
            down = self._weights(moved[..., 1], size[0])
            across = self._weights(moved[..., 0], size[1])
            shift = tf.einsum("bni,baij,bnj->bna", down, draws, across)
            moved = start - shift
        return tf.cast(moved, points.dtype)

    def _boxes(self, boxes, draws, size):
        left, top, right, bottom = tf.unstack(boxes, axis=-1)
        x = tf.stack([left, (left + right) / 2, right], -1)
        y = tf.stack([top, (top + bottom) / 2, bottom], -1)
        grid = tf.stack([tf.tile(x, (1, 1, 3)), tf.repeat(y, 3, axis=-1)], -1)
        shape = tf.shape(grid)
        flat = tf.reshape(grid, (shape[0], shape[1] * 9, 2))
        moved = tf.reshape(self._points(flat, draws, size), shape)
        most = tf.cast(size[::-1], moved.dtype)
        low = tf.clip_by_value(tf.reduce_min(moved, 2), 0, most)
        high = tf.clip_by_value(tf.reduce_max(moved, 2), 0, most)
        return tf.concat([low, high], -1)
