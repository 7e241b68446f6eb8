"""Crops and views from elsewhere: crop, resized crop, perspective."""

import tensorflow as tf

from kerasgen.augment.base import fold, uniform
from kerasgen.augment.geometry import FILL, Geometric, centred, stack
from kerasgen.augment.move import sides
from kerasgen.augment.warp import pick
from kerasgen.core import Float, Int, register


@register("augment")
class Crop(Geometric):
    """Pads images on all sides and cuts one of the same size out.

    Args:
        rate: float in [0, 1], the padding as a share of the side; 0.125 is
            the 4 pixels usual for 32.
        fill: "edge", "reflect", "zero" or "grey", what the padding holds.

    Raises:
        ValueError: for an argument out of range.

    Source:
        He et al., "Deep Residual Learning for Image Recognition", 2016,
        arXiv:1512.03385, section 4.2 (its padding is zero).

    Example:
        >>> Crop()({"x": tf.ones((2, 8, 8, 1))}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 1])
    """

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.25)), "fill": FILL}

    def __init__(self, rate=0.125, fill="reflect"):
        super().__init__(rate=rate, fill=fill)

    def matrices(self, seed, size):
        """Draws a whole number of pixels each way for each image."""
        shifts = []
        for salt, side in enumerate(size[1:3]):
            side = tf.cast(side, tf.float32)
            draw = uniform(fold(seed, salt), size[:1], -1.0, 1.0)
            most = tf.round(side * self.rate) + 0.5
            shifts.append(tf.round(draw * most * 0.9999))
        return centred(size, 1.0, 0.0, 0.0, 1.0, shifts[1], shifts[0])

    def one(self, x, draw):
        """Crops one image: whole pixels are copied, not resampled."""
        right, down = tf.cast(draw[0, 2], "int32"), tf.cast(draw[1, 2], "int32")
        height, width, _ = sides(x)
        columns = (tf.range(width) + right)[None, :]
        rows = (tf.range(height) + down)[:, None]
        return tf.ensure_shape(pick(x, columns, rows, self.fill), x.shape)


@register("augment")
class ResizedCrop(Geometric):
    """Cuts a part of any size and shape out and resizes it.

    Args:
        rate: float in [0, 1), the greatest share of the area that is cut
            away.
        ratio: float >= 1, the greatest ratio of the part's sides, either way.
        height: int, of the output; None keeps the input's.
        width: int, of the output; None keeps the input's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Szegedy et al., "Going Deeper with Convolutions", 2015,
        arXiv:1409.4842, section 6. A side that would be longer than the
        image's is cut off, where the usual code draws again.

    Example:
        >>> part = ResizedCrop(height=4, width=6)
        >>> part({"x": tf.ones((2, 8, 8, 1))}, [0, 0])["x"].shape
        TensorShape([2, 4, 6, 1])
    """

    arguments = {
        "rate": Float(0.0, 0.999, search=(0.0, 0.92)),
        "ratio": Float(1.0),
        "height": Int(1),
        "width": Int(1),
    }

    def __init__(self, rate=0.75, ratio=4 / 3, height=None, width=None):
        super().__init__(rate=rate, ratio=ratio, height=height, width=width)

    @property
    def idle(self):
        """bool, whether the whole image comes out as it is."""
        return self.rate == 0 and self.height is None and self.width is None

    def out_size(self, height, width):
        """Gives height and width of what comes out."""
        return self.height or height, self.width or width

    def matrices(self, seed, size):
        """Draws area, shape and place for each image."""
        n = size[:1]
        height, width = (tf.cast(side, tf.float32) for side in size[1:3])
        rows, columns = (
            tf.cast(side, tf.float32) for side in self.out_size(*size[1:3])
        )
        area = 1.0 - uniform(seed, n) * self.rate
        most = tf.math.log(tf.constant(self.ratio)) * (self.rate > 0)
        shape = tf.exp(0.5 * uniform(fold(seed, 1), n, -1.0, 1.0) * most)
        across = tf.minimum(tf.sqrt(area) * shape, 1.0) * width
        down = tf.minimum(tf.sqrt(area) / shape, 1.0) * height
        left = uniform(fold(seed, 2), n) * (width - across)
        top = uniform(fold(seed, 3), n) * (height - down)
        # Edges map on edges: pixel centres lie half a pixel inside.
        x, y = across / columns, down / rows
        return stack(x, 0.0, left + 0.5 * x - 0.5, 0.0, y, top + 0.5 * y - 0.5)


@register("augment")
class Perspective(Geometric):
    """Looks at images from the side: each corner moves inwards.

    Args:
        rate: float in [0, 1], the greatest way of a corner as a share of half
            a side.
        fill: "edge", "reflect", "zero" or "grey", what comes in.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hartley & Zisserman, "Multiple View Geometry in Computer Vision",
        2004, chapter 2: the homography of four points.

    Example:
        >>> Perspective()({"x": tf.ones((2, 8, 8, 1))}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 1])
    """

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.5)), "fill": FILL}
    projective = True

    def __init__(self, rate=0.3, fill="edge"):
        super().__init__(rate=rate, fill=fill)

    def matrices(self, seed, size):
        """Draws where the corners of the image come to lie."""
        far = tf.cast(tf.stack([size[2], size[1]]), tf.float32) - 1.0
        corner = tf.constant([[0.0, 0], [1, 0], [0, 1], [1, 1]]) * far
        inward = tf.constant([[1.0, 1], [-1, 1], [1, -1], [-1, -1]]) * far
        # Half of a half: four corners can't meet in one line.
        draw = uniform(seed, (size[0], 4, 2)) * (self.rate * 0.49)
        return _homography(corner + inward * draw, corner)


def _homography(start, end):
    """Finds matrices (batch, 3, 3) that take four points to four others."""
    x, y = tf.unstack(start, axis=-1)
    u, v = tf.unstack(tf.broadcast_to(end, tf.shape(start)), axis=-1)
    one, zero = tf.ones_like(x), tf.zeros_like(x)
    upper = tf.stack([x, y, one, zero, zero, zero, -u * x, -u * y], -1)
    lower = tf.stack([zero, zero, zero, x, y, one, -v * x, -v * y], -1)
    system = tf.cast(tf.concat([upper, lower], 1), tf.float64)
    known = tf.cast(tf.concat([u, v], 1), tf.float64)
    found = tf.linalg.solve(system, known[..., None])[..., 0]
    found = tf.concat([found, tf.ones_like(found[:, :1])], 1)
    return tf.cast(tf.reshape(found, (-1, 3, 3)), tf.float32)
