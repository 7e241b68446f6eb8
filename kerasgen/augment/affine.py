"""Affine moves of images: flip, translate, rotate, shear, zoom."""

import tensorflow as tf

from kerasgen.augment.base import fold, uniform
from kerasgen.augment.geometry import FILL, Geometric, centred
from kerasgen.core import Choice, Float, register

_RADIAN = 0.017453292


@register("augment")
class Flip(Geometric):
    """Mirrors images, each with a probability.

    Args:
        rate: float in [0, 1], the probability; default 0.5.
        axis: "horizontal" or "vertical".

    Raises:
        ValueError: for an argument out of range.

    Source:
        Krizhevsky et al., 2012, section 4.1.

    Example:
        >>> x = tf.constant([[[1.0], [2.0]]])
        >>> Flip(rate=1.0)({"x": x}, [0, 0])["x"].numpy().ravel().tolist()
        [2.0, 1.0]
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.0, 0.5)),
        "axis": Choice(("horizontal", "vertical")),
    }

    def __init__(self, rate=0.5, axis="horizontal"):
        super().__init__(rate=rate, axis=axis)

    def matrices(self, seed, size):
        """Draws which images are mirrored."""
        sign = tf.where(uniform(seed, size[:1]) < self.rate, -1.0, 1.0)
        if self.axis == "horizontal":
            return centred(size, sign, 0.0, 0.0, 1.0)
        return centred(size, 1.0, 0.0, 0.0, sign)

    def one(self, x, draw):
        """Mirrors one image; nothing has to be resampled."""
        axis = 1 if self.axis == "horizontal" else 0
        chosen = draw[1 - axis, 1 - axis] < 0
        return tf.cond(chosen, lambda: tf.reverse(x, [axis]), lambda: x)

    def fits(self, other):
        """A mirror image leaves nothing to fill."""
        return True


@register("augment")
class Translate(Geometric):
    """Shifts images by a share of their sides.

    Args:
        rate: float in [0, 1], the greatest shift as a share of the side.
        fill: "edge", "reflect", "zero" or "grey", what comes in.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Simard et al., "Best Practices for Convolutional Neural Networks",
        2003, section 2.

    Example:
        >>> x = tf.ones((2, 4, 4, 1))
        >>> Translate(rate=0.5)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 4, 4, 1])
    """

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.2)), "fill": FILL}

    def __init__(self, rate=0.1, fill="edge"):
        super().__init__(rate=rate, fill=fill)

    def matrices(self, seed, size):
        """Draws two shifts for each image."""
        right = uniform(seed, size[:1], -self.rate, self.rate)
        down = uniform(fold(seed, 1), size[:1], -self.rate, self.rate)
        right *= tf.cast(size[2], tf.float32)
        down *= tf.cast(size[1], tf.float32)
        return centred(size, 1.0, 0.0, 0.0, 1.0, right, down)


@register("augment")
class Rotate(Geometric):
    """Turns images about their centre.

    Args:
        degrees: float in [0, 180], the greatest angle either way.
        fill: "edge", "reflect", "zero" or "grey", what comes in.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Simard et al., 2003, section 2.

    Example:
        >>> x = tf.ones((2, 4, 4, 1))
        >>> Rotate(degrees=10)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 4, 4, 1])
    """

    arguments = {"degrees": Float(0.0, 180.0, search=(0.0, 20.0)), "fill": FILL}

    def __init__(self, degrees=10.0, fill="edge"):
        super().__init__(degrees=degrees, fill=fill)

    def matrices(self, seed, size):
        """Draws an angle for each image."""
        angle = uniform(seed, size[:1], -self.degrees, self.degrees) * _RADIAN
        cos, sin = tf.cos(angle), tf.sin(angle)
        return centred(size, cos, -sin, sin, cos)


@register("augment")
class Shear(Geometric):
    """Slants images along both axes.

    Args:
        rate: float in [0, 1], the greatest shift of a row or column as a
            share of its distance from the centre.
        fill: "edge", "reflect", "zero" or "grey", what comes in.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Simard et al., 2003, section 2.

    Example:
        >>> Shear()({"x": tf.ones((2, 4, 4, 1))}, [0, 0])["x"].shape
        TensorShape([2, 4, 4, 1])
    """

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.3)), "fill": FILL}

    def __init__(self, rate=0.1, fill="edge"):
        super().__init__(rate=rate, fill=fill)

    def matrices(self, seed, size):
        """Draws two slants for each image."""
        across = uniform(seed, size[:1], -self.rate, self.rate)
        down = uniform(fold(seed, 1), size[:1], -self.rate, self.rate)
        return centred(size, 1.0, across, down, 1.0)


@register("augment")
class Zoom(Geometric):
    """Enlarges or shrinks images about their centre.

    Args:
        rate: float in [0, 0.9], the greatest change of size: by a factor
            between 1 / (1 + rate) and 1 + rate, evenly in its logarithm.
        fill: "edge", "reflect", "zero" or "grey", what comes in.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Simard et al., 2003, section 2.

    Example:
        >>> Zoom()({"x": tf.ones((2, 4, 4, 1))}, [0, 0])["x"].shape
        TensorShape([2, 4, 4, 1])
    """

    arguments = {"rate": Float(0.0, 0.9, search=(0.0, 0.3)), "fill": FILL}

    def __init__(self, rate=0.1, fill="edge"):
        super().__init__(rate=rate, fill=fill)

    def matrices(self, seed, size):
        """Draws a factor for each image."""
        most = tf.math.log(1.0 + self.rate)
        factor = tf.exp(uniform(seed, size[:1], -1.0, 1.0) * most)
        return centred(size, factor, 0.0, 0.0, factor)
