"""Moves of tone: brightness, contrast, gamma and others, value by value."""

import tensorflow as tf

from kerasgen.augment.base import uniform
from kerasgen.augment.values import (
    HIGH,
    Values,
    gather_counts,
    grey_mean,
    levels_of,
    values_of,
)
from kerasgen.core import Float, Int, register


@register("augment")
class Brightness(Values):
    """Adds the same amount to all values of an image.

    Args:
        rate: float in [0, 1], the greatest amount as a share of the range.
        high: float, the greatest value of float images; None takes the
            data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Howard, "Some Improvements on Deep Convolutional Neural Network Based
        Image Classification", 2013, arXiv:1312.5402, section 3.

    Example:
        >>> x = tf.fill((2, 8, 8, 1), tf.constant(100, tf.uint8))
        >>> Brightness()({"x": x}, [0, 0])["x"].dtype
        tf.uint8
    """

    direct = True
    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.4)), "high": HIGH}

    def __init__(self, rate=0.2, high=None):
        super().__init__(rate=rate, high=high)

    def draw(self, seed, size):
        """Draws an amount for each image."""
        return uniform(seed, size[:1], -self.rate, self.rate)

    def shade(self, values, draw, weight):
        """Adds."""
        return values + draw


@register("augment")
class Contrast(Values):
    """Scales the distance of values from the image's mean brightness.

    Args:
        rate: float in [0, 1], the greatest change of the factor from 1.
        high: float, the greatest value of float images; None takes the
            data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Howard, 2013, arXiv:1312.5402, section 3.

    Example:
        >>> x = tf.fill((2, 8, 8, 1), tf.constant(100, tf.uint8))
        >>> int(Contrast()({"x": x}, [0, 0])["x"][0, 0, 0, 0])
        100
    """

    direct = True
    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.4)), "high": HIGH}
    statistics = True

    def __init__(self, rate=0.2, high=None):
        super().__init__(rate=rate, high=high)

    def draw(self, seed, size):
        """Draws a factor for each image."""
        return 1.0 + uniform(seed, size[:1], -self.rate, self.rate)

    def shade(self, values, draw, weight):
        """Scales about the mean."""
        mean = grey_mean(values, weight)
        return mean + (values - mean) * draw


@register("augment")
class Gamma(Values):
    """Raises values to a power.

    Args:
        rate: float in [0, 4]; the power lies between 1 / (1 + rate) and
            1 + rate, evenly in its logarithm.
        high: float, the greatest value of float images; None takes the
            data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Poynton, "Digital Video and HD", 2012, chapter 27.

    Example:
        >>> x = tf.zeros((2, 8, 8, 1), tf.uint8)
        >>> int(tf.reduce_max(Gamma()({"x": x}, [0, 0])["x"]))
        0
    """

    arguments = {"rate": Float(0.0, 4.0, search=(0.0, 0.5)), "high": HIGH}

    def __init__(self, rate=0.3, high=None):
        super().__init__(rate=rate, high=high)

    def draw(self, seed, size):
        """Draws a power for each image."""
        most = tf.math.log(1.0 + self.rate)
        return tf.exp(uniform(seed, size[:1], -1.0, 1.0) * most)

    def shade(self, values, draw, weight):
        """Raises to the power."""
        return tf.pow(tf.clip_by_value(values, 0.0, 1.0), draw)


class _Chance(Values):
    """A move of values that an image gets or doesn't get."""

    def draw(self, seed, size):
        """Draws which images are moved."""
        return uniform(seed, size[:1]) < self.rate

    def chosen(self, draw):
        """bool tensor."""
        return draw


_RATE = Float(0.0, 1.0, search=(0.0, 0.5))


@register("augment")
class Invert(_Chance):
    """Turns images into their negatives, each with a probability.

    Args:
        rate: float in [0, 1], the probability.
        high: float, the greatest value of float images; None takes the
            data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Cubuk et al., "AutoAugment", 2019, arXiv:1805.09501, table 6.

    Example:
        >>> x = tf.zeros((2, 8, 8, 1), tf.uint8)
        >>> int(tf.reduce_max(Invert(rate=1.0)({"x": x}, [0, 0])["x"]))
        255
    """

    direct = True
    arguments = {"rate": _RATE, "high": HIGH}

    def __init__(self, rate=0.2, high=None):
        super().__init__(rate=rate, high=high)

    def shade(self, values, draw, weight):
        """Mirrors the range."""
        return 1.0 - values


@register("augment")
class Posterize(_Chance):
    """Keeps few bits of each value, each image with a probability.

    Args:
        rate: float in [0, 1], the probability.
        bits: int in [1, 8], how many are kept.
        high: float, the greatest value of float images; None takes the
            data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Cubuk et al., 2019, arXiv:1805.09501, table 6.

    Example:
        >>> x = tf.fill((1, 8, 8, 1), tf.constant(255, tf.uint8))
        >>> out = Posterize(rate=1.0, bits=2)({"x": x}, [0, 0])["x"]
        >>> int(out[0, 0, 0, 0])
        192
    """

    direct = True
    arguments = {"rate": _RATE, "bits": Int(1, 8), "high": HIGH}

    def __init__(self, rate=0.2, bits=4, high=None):
        super().__init__(rate=rate, bits=bits, high=high)

    def shade(self, values, draw, weight):
        """Rounds down."""
        return posterized(values, 2.0 ** (8 - self.bits))


@register("augment")
class Solarize(_Chance):
    """Inverts the bright values, each image with a probability.

    Args:
        rate: float in [0, 1], the probability.
        threshold: float in [0, 1], the share of the range from which on
            values are inverted.
        high: float, the greatest value of float images; None takes the
            data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Cubuk et al., 2019, arXiv:1805.09501, table 6.

    Example:
        >>> x = tf.fill((1, 8, 8, 1), tf.constant(255, tf.uint8))
        >>> int(Solarize(rate=1.0)({"x": x}, [0, 0])["x"][0, 0, 0, 0])
        0
    """

    direct = True
    arguments = {"rate": _RATE, "threshold": Float(0.0, 1.0), "high": HIGH}

    def __init__(self, rate=0.2, threshold=0.5, high=None):
        super().__init__(rate=rate, threshold=threshold, high=high)

    def shade(self, values, draw, weight):
        """Inverts from the threshold on."""
        return tf.where(values < self.threshold, values, 1.0 - values)


@register("augment")
class AutoContrast(_Chance):
    """Stretches each channel to the whole range, each with a probability.

    Args:
        rate: float in [0, 1], the probability.
        high: float, the greatest value of float images; None takes the
            data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Cubuk et al., 2019, arXiv:1805.09501, table 6.

    Example:
        >>> x = tf.constant([[[[50], [100]]]], tf.uint8)
        >>> AutoContrast(rate=1.0)({"x": x}, [0, 0])["x"].numpy().ravel()
        array([  0, 255], dtype=uint8)
    """

    arguments = {"rate": _RATE, "high": HIGH}
    statistics = True

    def __init__(self, rate=0.5, high=None):
        super().__init__(rate=rate, high=high)

    def shade(self, values, draw, weight):
        """Stretches."""
        return stretched(values, weight)


@register("augment")
class Equalize(_Chance):
    """Makes each channel's values equally frequent, with a probability.

    Args:
        rate: float in [0, 1], the probability.
        high: float, the greatest value of float images, which are counted in
            256 steps; None takes the data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Gonzalez & Woods, "Digital Image Processing", 2018, section 3.3; in
        whole numbers as in Pillow.

    Example:
        >>> x = tf.constant([[[[50], [100]]]], tf.uint8)
        >>> Equalize(rate=1.0)({"x": x}, [0, 0])["x"].numpy().ravel()
        array([ 50, 100], dtype=uint8)
    """

    arguments = {"rate": _RATE, "high": HIGH}
    statistics = True

    def __init__(self, rate=0.5, high=None):
        super().__init__(rate=rate, high=high)

    def one(self, x, draw):
        """Equalizes one image; floats by the levels that they are nearest."""
        if x.dtype == tf.uint8:
            return super().one(x, draw)
        high = self.need("high", "the greatest value of float images")

        def equal():
            levels = levels_of(x, high)
            new = self.more(None, levels, tf.constant(True)).apply(levels)
            return values_of(new, levels, x, high)

        return tf.cond(draw, equal, lambda: x)

    def shade(self, values, draw, weight):
        """Equalizes."""
        return equalized(values, weight)


def posterized(values, step):
    """Rounds values in [0, 1] down to a multiple of `step` / 255.

    Args:
        values: float32 tensor.
        step: float or scalar tensor, a power of two.

    Returns:
        float32 tensor.

    Example:
        >>> round(float(posterized(tf.constant(1.0), 64.0)) * 255)
        192
    """
    levels = tf.floor(values * 255.0 + 1e-3)
    return tf.floor(levels / step) * step / 255.0


def stretched(values, weight):
    """Stretches each channel so that its least is 0 and its greatest 1.

    Args:
        values: float32 tensor (n, channels).
        weight: float32 tensor (n, channels), or None.

    Returns:
        float32 tensor (n, channels); a channel of one value stays.

    Example:
        >>> stretched(tf.constant([[0.2], [0.4]]), None).numpy().tolist()
        [[0.0], [1.0]]
    """
    there = tf.ones_like(values, tf.bool) if weight is None else weight > 0
    low = tf.reduce_min(tf.where(there, values, 2.0), 0)
    high = tf.reduce_max(tf.where(there, values, -1.0), 0)
    width = high - low
    new = (values - low) / tf.where(width > 0, width, 1.0)
    return tf.where(width > 0, new, values)


def equalized(values, weight):
    """Spreads each channel's values so that they are equally frequent.

    Args:
        values: float32 tensor (n, channels) in [0, 1].
        weight: float32 tensor (n, channels), or None.

    Returns:
        float32 tensor (n, channels).

    Example:
        >>> equalized(tf.constant([[0.0], [1.0]]), None).shape
        TensorShape([2, 1])
    """
    levels = tf.cast(tf.round(values * 255.0), tf.int32)
    levels = tf.clip_by_value(levels, 0, 255)
    counts = tf.cast(gather_counts(levels, weight), tf.int32)
    last = tf.reduce_max(
        tf.where(counts > 0, tf.range(256)[:, None], 0), 0, keepdims=True
    )
    final = tf.reduce_sum(
        tf.where(tf.equal(tf.range(256)[:, None], last), counts, 0), 0
    )
    step = (tf.reduce_sum(counts, 0) - final) // 255
    before = tf.cumsum(counts, 0, exclusive=True)
    safe = tf.maximum(step, 1)
    table = tf.clip_by_value((before + step // 2) // safe, 0, 255)
    channels = values.shape[1] or tf.shape(values)[1]
    place = levels * channels + tf.range(channels)
    found = tf.gather(tf.reshape(table, (-1,)), place)
    return tf.where(step > 0, tf.cast(found, tf.float32) / 255.0, values)
