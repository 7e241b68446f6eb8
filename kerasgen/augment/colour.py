"""Moves of colour: saturation, hue, grayscale, and all in one jitter."""

import tensorflow as tf

from kerasgen.augment.base import fold, uniform
from kerasgen.augment.move import Move, sides, stage
from kerasgen.augment.values import HIGH, grey_mean
from kerasgen.core import Float, message, register

_GREY = (0.299, 0.587, 0.114)


class _Colour(Move):
    """A move that mixes channels; images of one channel have no colour."""

    def one(self, x, draw):
        """Moves one image."""
        if x.shape[2] == 1:
            return x
        if x.shape[2] != 3:
            raise ValueError(
                message(
                    type(self).__name__,
                    "images must have 1 or 3 channels",
                    {"channels": x.shape[2]},
                )
            )
        return self.tint(x, draw)

    def tint(self, x, draw):
        """Moves one image of three channels; a subclass writes this."""
        raise NotImplementedError


@register("augment")
class Saturation(_Colour):
    """Scales the distance of each pixel from its grey.

    Args:
        rate: float in [0, 1], the greatest change of the factor from 1.
        high: float, the greatest value of float images; None takes the
            data's.

    Raises:
        ValueError: for an argument out of range, or 2 channels.

    Source:
        Howard, 2013, arXiv:1312.5402, section 3.

    Example:
        >>> x = tf.ones((2, 8, 8, 3), tf.uint8)
        >>> Saturation()({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 3])
    """

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.4)), "high": HIGH}

    def __init__(self, rate=0.3, high=None):
        super().__init__(rate=rate, high=high)

    def draw(self, seed, size):
        """Draws a factor for each image."""
        return 1.0 + uniform(seed, size[:1], -self.rate, self.rate)

    def tint(self, x, draw):
        """Scales."""
        high = greatest(self, x)
        return stored(saturated(tf.cast(x, tf.float32), draw), x.dtype, high)


@register("augment")
class Hue(_Colour):
    """Turns the hue of all pixels by an angle.

    Args:
        rate: float in [0, 0.5], the greatest turn as a share of the circle.
        high: float, the greatest value of float images; None takes the
            data's.

    Raises:
        ValueError: for an argument out of range, or 2 channels.

    Source:
        Smith, "Color Gamut Transform Pairs", 1978: hue of the hexcone model.

    Example:
        >>> x = tf.ones((2, 8, 8, 3), tf.uint8)
        >>> int(Hue()({"x": x}, [0, 0])["x"][0, 0, 0, 0])
        1
    """

    arguments = {"rate": Float(0.0, 0.5, search=(0.0, 0.1)), "high": HIGH}

    def __init__(self, rate=0.05, high=None):
        super().__init__(rate=rate, high=high)

    def draw(self, seed, size):
        """Draws a turn for each image."""
        return uniform(seed, size[:1], -self.rate, self.rate)

    def tint(self, x, draw):
        """Turns."""
        high = greatest(self, x)
        values = tf.cast(x, tf.float32)
        return turned(values, draw, None, x.dtype, high)


@register("augment")
class Grayscale(_Colour):
    """Takes the colour away, each image with a probability.

    Args:
        rate: float in [0, 1], the probability.

    Raises:
        ValueError: for an argument out of range, or 2 channels.

    Source:
        ITU-R BT.601, section 2.5.1: the weights of red, green and blue.

    Example:
        >>> x = tf.constant([[[[255, 0, 0]]]], tf.uint8)
        >>> Grayscale(rate=1.0)({"x": x}, [0, 0])["x"].numpy().ravel()
        array([76, 76, 76], dtype=uint8)
    """

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.5))}

    def __init__(self, rate=0.2):
        super().__init__(rate=rate)

    def draw(self, seed, size):
        """Draws which images lose their colour."""
        return uniform(seed, size[:1]) < self.rate

    def tint(self, x, draw):
        """Greys."""

        def grey():
            values = saturated(tf.cast(x, tf.float32), 0.0)
            return stored(values, x.dtype, None)

        return tf.cond(draw, grey, lambda: x)


@register("augment")
class ColorJitter(_Colour):
    """Changes brightness, contrast, saturation and hue in one pass.

    Args:
        brightness: float in [0, 1], see `Brightness`.
        contrast: float in [0, 1], see `Contrast`.
        saturation: float in [0, 1], see `Saturation`.
        hue: float in [0, 0.5], see `Hue`.
        high: float, the greatest value of float images; None takes the
            data's.

    Raises:
        ValueError: for an argument out of range, or 2 channels.

    Source:
        Howard, 2013, arXiv:1312.5402, section 3; always in this order.

    Example:
        >>> x = tf.ones((2, 8, 8, 3), tf.uint8)
        >>> ColorJitter()({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 3])
    """

    arguments = {
        "brightness": Float(0.0, 1.0, search=(0.0, 0.4)),
        "contrast": Float(0.0, 1.0, search=(0.0, 0.4)),
        "saturation": Float(0.0, 1.0, search=(0.0, 0.4)),
        "hue": Float(0.0, 0.5, search=(0.0, 0.1)),
        "high": HIGH,
    }

    def __init__(
        self, brightness=0.2, contrast=0.2, saturation=0.2, hue=0.03, high=None
    ):
        super().__init__(
            brightness=brightness,
            contrast=contrast,
            saturation=saturation,
            hue=hue,
            high=high,
        )

    def draw(self, seed, size):
        """Draws four changes for each image."""
        rates = (self.brightness, self.contrast, self.saturation, self.hue)
        draws = [
            uniform(fold(seed, salt), size[:1], -rate, rate)
            for salt, rate in enumerate(rates)
        ]
        return draws[0], 1.0 + draws[1], 1.0 + draws[2], draws[3]

    def one(self, x, draw):
        """Moves one image; one channel has brightness and contrast only."""
        light, spread, colour, turn = draw
        high = greatest(self, x)
        values = tf.cast(x, tf.float32)
        if self.brightness:
            values = tf.clip_by_value(values + light * high, 0.0, high)
        if self.contrast:
            flat = tf.reshape(values, (-1, sides(x)[2]))
            mean = grey_mean(flat, None)
            values = mean + (values - mean) * spread
            values = tf.clip_by_value(values, 0.0, high)
        if x.shape[2] == 1:
            return stored(values, x.dtype, high)
        return super().one(x, (values, colour, turn))

    def tint(self, x, draw):
        """Changes saturation and hue."""
        values, colour, turn = draw
        high = greatest(self, x)
        if self.hue:
            factor = colour if self.saturation else None
            return turned(values, turn, factor, x.dtype, high)
        if self.saturation:
            values = saturated(values, colour)
        return stored(values, x.dtype, high)


def greatest(part, x):
    """Gives the greatest value of images: 255, or what the part knows.

    Args:
        part: Augment with `high`.
        x: tensor.

    Returns:
        float.

    Raises:
        ValueError: for float images whose range isn't known.

    Example:
        >>> greatest(Hue(), tf.zeros((1,), tf.uint8))
        255.0
    """
    if x.dtype == tf.uint8:
        return 255.0
    return part.need("high", "the greatest value of float images")


def stored(values, dtype, high):
    """Rounds, cuts off and casts.

    Args:
        values: float32 tensor.
        dtype: of the image.
        high: float, the greatest value; None where none can be exceeded.

    Returns:
        tensor of `dtype`.

    Example:
        >>> int(stored(tf.constant(300.0), tf.uint8, 255.0))
        255
    """
    if high is not None:
        values = tf.clip_by_value(values, 0.0, high)
    if dtype == tf.uint8:
        values = tf.round(values)
    return tf.cast(values, dtype)


def saturated(values, factor):
    """Scales colours about their grey.

    Args:
        values: float32 tensor (..., 3).
        factor: float or scalar tensor; 0 is grey, 1 changes nothing.

    Returns:
        float32 tensor (..., 3).

    Example:
        >>> saturated(tf.constant([[1.0, 0.0, 0.0]]), 0.0).numpy().round(3)
        array([[0.299, 0.299, 0.299]], dtype=float32)
    """
    red, green, blue = tf.unstack(values, axis=-1)
    grey = red * _GREY[0] + green * _GREY[1] + blue * _GREY[2]
    if len(values.shape) == 3:
        always = tf.reduce_any(tf.greater(factor, -10.0))
        mixed = grey
        grey = stage(always, lambda: mixed, (sides(red), tf.float32))
    grey = grey[..., None]
    return grey + (values - grey) * factor


def turned(values, turn, factor=None, dtype=tf.float32, high=None):
    """Turns hues.

    Args:
        values: float32 tensor (height, width, 3), not negative.
        turn: float or scalar tensor, in circles.
        factor: scalar tensor of a saturation that comes first, or None.
        dtype: of the result.
        high: float, the greatest value; needed where there is a factor.

    Returns:
        tensor (height, width, 3).

    Example:
        >>> turned(tf.constant([[[1.0, 0.0, 0.0]]]), 1 / 3).numpy().round(3)
        array([[[0., 1., 0.]]], dtype=float32)
    """
    # Planes first: the compiler reads whole rows of one colour then. The hue
    # has a loop of its own, or each channel of the result would compute it.
    shape = sides(values)[:-1]
    always = tf.reduce_any(tf.greater(turn, -10.0))
    if factor is not None:
        grey = tf.reduce_sum(values * tf.constant(_GREY), -1, keepdims=True)
        values = tf.clip_by_value(grey + (values - grey) * factor, 0.0, high)
    planes = stage(
        always,
        lambda: tf.transpose(values, (2, 0, 1)),
        ((3, *shape), tf.float32),
    )
    hue = stage(always, lambda: _hue(planes) + turn * 6.0, (shape, tf.float32))
    top, chroma = _cone(planes)
    place = hue[..., None] + tf.constant([5.0, 3.0, 1.0])
    place -= 6.0 * tf.floor(place / 6.0)
    part = tf.clip_by_value(tf.minimum(place, 4.0 - place), 0.0, 1.0)
    return stored(top[..., None] - chroma[..., None] * part, dtype, high)


def _cone(planes):
    red, green, blue = tf.unstack(planes)
    top = tf.maximum(tf.maximum(red, green), blue)
    return top, top - tf.minimum(tf.minimum(red, green), blue)


def _hue(planes):
    red, green, blue = tf.unstack(planes)
    top, chroma = _cone(planes)
    reddest, greenest = tf.equal(top, red), tf.equal(top, green)
    rise = tf.where(greenest, blue - red, red - green)
    rise = tf.where(reddest, green - blue, rise)
    start = tf.where(reddest, 0.0, tf.where(greenest, 2.0, 4.0))
    return start + rise / tf.where(chroma > 0, chroma, 1.0)
