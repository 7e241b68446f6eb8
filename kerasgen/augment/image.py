"""Moves of whole images: flip, translate, rotate, erase."""

import tensorflow as tf

from kerasgen.augment.base import Augment, fold, uniform
from kerasgen.core import Choice, Float, register


def _cast_like(values, images):
    if images.dtype.is_floating:
        return tf.cast(values, images.dtype)
    values = tf.clip_by_value(
        tf.round(values), images.dtype.min, images.dtype.max
    )
    return tf.cast(values, images.dtype)


def _warp(images, transforms):
    """Resamples (batch, h, w, c) by flat projective matrices (batch, 8)."""
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=tf.cast(images, tf.float32),
        transforms=transforms,
        output_shape=tf.shape(images)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="NEAREST",
    )
    moved.set_shape(images.shape)
    return _cast_like(moved, images)


@register("augment")
class Flip(Augment):
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
    kind = "image"

    def __init__(self, rate=0.5, axis="horizontal"):
        super().__init__(rate=rate, axis=axis)

    def apply(self, fields, seed):
        """Mirrors a batch."""
        x = fields["x"]
        chosen = uniform(seed, (tf.shape(x)[0], 1, 1, 1)) < self.rate
        axis = 2 if self.axis == "horizontal" else 1
        return {**fields, "x": tf.where(chosen, tf.reverse(x, [axis]), x)}


@register("augment")
class Translate(Augment):
    """Shifts images by a share of their sides; edges are repeated.

    Args:
        rate: float in [0, 1], the greatest shift as a share of the side.

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

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.2))}
    kind = "image"

    def __init__(self, rate=0.1):
        super().__init__(rate=rate)

    def apply(self, fields, seed):
        """Shifts a batch."""
        if self.rate == 0:
            return fields
        x = fields["x"]
        n = tf.shape(x)[0]
        sides = tf.cast(tf.reverse(tf.shape(x)[1:3], [0]), tf.float32)
        shift = uniform(seed, (n, 2), -self.rate, self.rate) * sides
        one, zero = tf.ones((n, 1)), tf.zeros((n, 1))
        rows = [one, zero, shift[:, :1], zero, one, shift[:, 1:], zero, zero]
        return {**fields, "x": _warp(x, tf.concat(rows, 1))}


@register("augment")
class Rotate(Augment):
    """Turns images about their centre; edges are repeated.

    Args:
        degrees: float in [0, 180], the greatest angle either way.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Simard et al., 2003, section 2.

    Example:
        >>> x = tf.ones((2, 4, 4, 1))
        >>> Rotate(degrees=10)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 4, 4, 1])
    """

    arguments = {"degrees": Float(0.0, 180.0, search=(0.0, 20.0))}
    kind = "image"

    def __init__(self, degrees=10.0):
        super().__init__(degrees=degrees)

    def apply(self, fields, seed):
        """Turns a batch."""
        if self.degrees == 0:
            return fields
        x = fields["x"]
        n = tf.shape(x)[0]
        height, width = tf.unstack(tf.cast(tf.shape(x)[1:3], tf.float32) - 1.0)
        angle = uniform(seed, (n, 1), -self.degrees, self.degrees)
        cos, sin = tf.cos(angle * 0.017453292), tf.sin(angle * 0.017453292)
        right = (width - width * cos + height * sin) / 2.0
        down = (height - width * sin - height * cos) / 2.0
        zero = tf.zeros((n, 1))
        rows = [cos, -sin, right, sin, cos, down, zero, zero]
        return {**fields, "x": _warp(x, tf.concat(rows, 1))}


@register("augment")
class Erase(Augment):
    """Paints one rectangle of each image, each with a probability.

    Args:
        rate: float in [0, 1], the probability.
        area: float in [0, 1], the greatest share of the image's area.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Zhong et al., "Random Erasing Data Augmentation", 2020,
        arXiv:1708.04896; the rectangle takes the image's mean.

    Example:
        >>> x = tf.ones((2, 8, 8, 1))
        >>> Erase(rate=1.0)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 1])
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.0, 0.5)),
        "area": Float(0.0, 1.0),
    }
    kind = "image"

    def __init__(self, rate=0.25, area=0.2):
        super().__init__(rate=rate, area=area)

    def apply(self, fields, seed):
        """Paints a batch."""
        x = fields["x"]
        n = tf.shape(x)[0]
        draw = uniform(seed, (n, 5))
        ratio = tf.exp((draw[:, 1] * 2.0 - 1.0) * 1.2)
        area = draw[:, 0] * self.area
        inside = []
        for axis, share in enumerate(
            (tf.sqrt(area * ratio), tf.sqrt(area / ratio))
        ):
            side = tf.shape(x)[1 + axis]
            size = tf.minimum(share, 1.0) * tf.cast(side, tf.float32)
            start = draw[:, 2 + axis] * (tf.cast(side, tf.float32) - size)
            place = tf.range(side)[None, :]
            place = tf.cast(place, tf.float32) + 0.5
            low, high = start[:, None], (start + size)[:, None]
            inside.append((place >= low) & (place < high))
        mask = inside[0][:, :, None, None] & inside[1][:, None, :, None]
        mask &= (draw[:, 4] < self.rate)[:, None, None, None]
        mean = tf.reduce_mean(tf.cast(x, tf.float32), (1, 2), keepdims=True)
        return {**fields, "x": tf.where(mask, _cast_like(mean, x), x)}


@register("augment")
class Jitter(Augment):
    """Scales brightness and contrast of each image.

    Args:
        brightness: float in [0, 1], the greatest change as a share of the
            image's own mean.
        contrast: float in [0, 1], the greatest change of the distance from it.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Howard, "Some Improvements on Deep Convolutional Neural Network Based
        Image Classification", 2013, arXiv:1312.5402, section 3.

    Example:
        >>> x = tf.ones((2, 8, 8, 1))
        >>> Jitter()({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 1])
    """

    arguments = {
        "brightness": Float(0.0, 1.0, search=(0.0, 0.4)),
        "contrast": Float(0.0, 1.0, search=(0.0, 0.4)),
    }
    kind = "image"

    def __init__(self, brightness=0.2, contrast=0.2):
        super().__init__(brightness=brightness, contrast=contrast)

    def apply(self, fields, seed):
        """Changes a batch; values stay within each image's own bounds."""
        if not self.brightness and not self.contrast:
            return fields
        x = fields["x"]
        shape = (tf.shape(x)[0], 1, 1, 1)
        values = tf.cast(x, tf.float32)
        low = tf.reduce_min(values, (1, 2, 3), keepdims=True)
        high = tf.reduce_max(values, (1, 2, 3), keepdims=True)
        mean = tf.reduce_mean(values, (1, 2, 3), keepdims=True)
        light = uniform(seed, shape, -self.brightness, self.brightness)
        spread = uniform(fold(seed, 1), shape, -self.contrast, self.contrast)
        values = (values - mean) * (1.0 + spread) + mean * (1.0 + light)
        return {
            **fields,
            "x": _cast_like(tf.clip_by_value(values, low, high), x),
        }
