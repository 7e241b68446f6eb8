"""Moves of neighbouring pixels: sharpness, blurs, noise, compression."""

import math

import tensorflow as tf

from kerasgen.augment.base import fold, uniform
from kerasgen.augment.bits import normal, salts
from kerasgen.augment.colour import greatest, stored
from kerasgen.augment.move import Move, sides, stage
from kerasgen.augment.values import HIGH
from kerasgen.core import Float, Int, register

_RATE = Float(0.0, 1.0, search=(0.0, 0.5))


@register("augment")
class Sharpness(Move):
    """Blends images with a smoothed copy, or away from it.

    Args:
        rate: float in [0, 1], the greatest change of the factor from 1: 0 is
            the smooth copy, 2 twice as sharp.
        high: float, the greatest value of float images; None takes the
            data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Cubuk et al., "AutoAugment", 2019, arXiv:1805.09501, table 6.

    Example:
        >>> x = tf.ones((2, 8, 8, 1), tf.uint8)
        >>> int(Sharpness()({"x": x}, [0, 0])["x"][0, 0, 0, 0])
        1
    """

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.5)), "high": HIGH}

    def __init__(self, rate=0.3, high=None):
        super().__init__(rate=rate, high=high)

    def draw(self, seed, size):
        """Draws a factor for each image."""
        return 1.0 + uniform(seed, size[:1], -self.rate, self.rate)

    def one(self, x, draw):
        """Blends one image."""
        high = greatest(self, x)
        return stored(sharpened(tf.cast(x, tf.float32), draw), x.dtype, high)


def sharpened(values, factor):
    """Blends an image with its 3x3 smoothed copy.

    Args:
        values: float32 tensor (height, width, channels).
        factor: float or scalar tensor; 1 changes nothing.

    Returns:
        float32 tensor of the same shape; borders are mirrored.

    Example:
        >>> float(sharpened(tf.ones((3, 3, 1)), 2.0)[1, 1, 0])
        1.0
    """
    wide = tf.pad(values, ((1, 1), (1, 1), (0, 0)), "SYMMETRIC")
    rows = wide[:-2] + wide[1:-1] + wide[2:]
    sums = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    smooth = (sums + 4.0 * values) / 13.0
    return smooth + (values - smooth) * factor


@register("augment")
class GaussianBlur(Move):
    """Blurs images, each with a probability.

    Args:
        rate: float in [0, 1], the probability.
        sigma: float in [0.1, 20], the greatest standard deviation in pixels;
            drawn from 0.1 on.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Chen et al., "A Simple Framework for Contrastive Learning of Visual
        Representations", 2020, arXiv:2002.05709, appendix A; borders are
        mirrored, and the kernel ends at three standard deviations.

    Example:
        >>> x = tf.ones((2, 8, 8, 1), tf.uint8)
        >>> int(GaussianBlur(rate=1.0)({"x": x}, [0, 0])["x"][0, 0, 0, 0])
        1
    """

    arguments = {"rate": _RATE, "sigma": Float(0.1, 20.0)}

    def __init__(self, rate=0.5, sigma=1.5):
        super().__init__(rate=rate, sigma=sigma)

    def draw(self, seed, size):
        """Draws a kernel for each image."""
        n = size[:1]
        sigma = uniform(fold(seed, 1), n, 0.1, self.sigma)
        reach = math.ceil(3.0 * self.sigma)
        steps = tf.range(-float(reach), reach + 1.0)
        kernel = tf.exp(-0.5 * (steps / sigma[:, None]) ** 2)
        near = tf.abs(steps) <= tf.math.ceil(3.0 * sigma)[:, None]
        kernel = tf.where(near, kernel, 0.0)
        kernel /= tf.reduce_sum(kernel, 1, keepdims=True)
        return uniform(seed, n) < self.rate, kernel

    def one(self, x, draw):
        """Blurs one image."""
        chosen, kernel = draw
        height, width, channels = sides(x)
        reach = kernel.shape[0] // 2
        steps = range(kernel.shape[0])

        def staged(compute, *shape):
            return stage(chosen, compute, (shape, tf.float32))

        def smeared(wide, axis):
            side = (height, width)[axis]
            parts = [
                wide[s : s + side] if axis == 0 else wide[:, s : s + side]
                for s in steps
            ]
            return sum(
                part * kernel[s] for s, part in zip(steps, parts, strict=True)
            )

        values = tf.cast(x, tf.float32)
        tall = staged(
            lambda: _mirrored(values, reach, 0),
            height + 2 * reach,
            width,
            channels,
        )
        values = staged(lambda: smeared(tall, 0), height, width, channels)
        wide = staged(
            lambda: _mirrored(values, reach, 1),
            height,
            width + 2 * reach,
            channels,
        )
        return tf.cond(
            chosen, lambda: stored(smeared(wide, 1), x.dtype, None), lambda: x
        )


def _mirrored(values, reach, axis):
    """Mirrors borders; images narrower than the kernel are mirrored again."""
    side = sides(values)[axis]
    place = tf.math.floormod(tf.range(-reach, side + reach), 2 * side)
    place = tf.minimum(place, 2 * side - 1 - place)
    return tf.gather(values, place, axis=axis)


@register("augment")
class MotionBlur(Move):
    """Smears images along a line, each with a probability.

    Args:
        rate: float in [0, 1], the probability.
        length: int in [2, 64], the greatest length of the line in pixels.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261, for the kind; here
        each point of the line counts alike, at whole pixels.

    Example:
        >>> x = tf.ones((2, 8, 8, 1), tf.uint8)
        >>> int(MotionBlur(rate=1.0)({"x": x}, [0, 0])["x"][0, 0, 0, 0])
        1
    """

    arguments = {"rate": _RATE, "length": Int(2, 64)}

    def __init__(self, rate=0.3, length=7):
        super().__init__(rate=rate, length=length)

    def draw(self, seed, size):
        """Draws length and direction of a line for each image."""
        n = size[:1]
        angle = uniform(fold(seed, 1), n, 0.0, math.pi)
        length = uniform(fold(seed, 2), n, 1.0, float(self.length))
        steps = tf.linspace(-0.5, 0.5, self.length)
        way = steps * length[:, None]
        right = tf.round(way * tf.cos(angle)[:, None])
        down = tf.round(way * tf.sin(angle)[:, None])
        line = tf.cast(tf.stack([down, right], -1), tf.int32)
        return uniform(seed, n) < self.rate, line

    def one(self, x, draw):
        """Smears one image."""
        chosen, line = draw
        height, width, channels = sides(x)
        reach = self.length // 2 + 1
        wide = stage(
            chosen,
            lambda: _repeated(tf.cast(x, tf.float32), reach),
            ((height + 2 * reach, width + 2 * reach, channels), tf.float32),
        )

        def smeared():
            total = 0.0
            for step in range(self.length):
                # A roll, since a slice from a drawn place is compiled anew
                # for each place.
                moved = tf.roll(wide, -line[step], (0, 1))
                inner = moved[reach : reach + height, reach : reach + width]
                total += inner
            return stored(total / self.length, x.dtype, None)

        return tf.cond(chosen, smeared, lambda: x)


def _repeated(values, reach):
    """Repeats the border on all sides."""
    top = tf.repeat(values[:1], reach, 0)
    values = tf.concat([top, values, tf.repeat(values[-1:], reach, 0)], 0)
    left = tf.repeat(values[:, :1], reach, 1)
    return tf.concat([left, values, tf.repeat(values[:, -1:], reach, 1)], 1)


@register("augment")
class GaussianNoise(Move):
    """Adds normal noise to every pixel.

    Args:
        scale: float in [0, 1], the greatest standard deviation as a share of
            the range; each image draws its own from 0 on.
        high: float, the greatest value of float images; None takes the
            data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Bishop, "Training with Noise is Equivalent to Tikhonov
        Regularization", 1995.

    Example:
        >>> x = tf.fill((2, 8, 8, 1), tf.constant(100, tf.uint8))
        >>> GaussianNoise()({"x": x}, [0, 0])["x"].dtype
        tf.uint8
    """

    arguments = {"scale": Float(0.0, 1.0, search=(0.0, 0.2)), "high": HIGH}

    def __init__(self, scale=0.05, high=None):
        super().__init__(scale=scale, high=high)

    def draw(self, seed, size):
        """Draws a strength and a salt for each image."""
        strength = uniform(seed, size[:1], 0.0, self.scale)
        return strength, salts(fold(seed, 1), size[0])

    def one(self, x, draw):
        """Adds noise to one image."""
        high = greatest(self, x)
        values = tf.cast(x, tf.float32)
        values += normal(tf.shape(x), draw[1]) * (draw[0] * high)
        return tf.ensure_shape(stored(values, x.dtype, high), x.shape)


@register("augment")
class JPEG(Move):
    """Compresses images as JPEG files, each with a probability.

    Args:
        rate: float in [0, 1], the probability.
        quality: int in [1, 100], the least quality; drawn up to 100.
        high: float, the greatest value of float images, which are rounded to
            256 steps; None takes the data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261, for the kind.

    Example:
        >>> x = tf.fill((2, 8, 8, 1), tf.constant(100, tf.uint8))
        >>> JPEG(rate=1.0)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 1])
    """

    arguments = {"rate": _RATE, "quality": Int(1, 100), "high": HIGH}
    # A codec is no arithmetic that could be compiled.
    compiled = False

    def __init__(self, rate=0.5, quality=40, high=None):
        super().__init__(rate=rate, quality=quality, high=high)

    def draw(self, seed, size):
        """Draws a quality for each image."""
        n = size[:1]
        quality = tf.random.stateless_uniform(
            n, fold(seed, 1), self.quality, 101, tf.int32
        )
        return uniform(seed, n) < self.rate, quality

    def one(self, x, draw):
        """Compresses one image."""
        chosen, quality = draw
        scale = greatest(self, x) / 255.0

        def compressed():
            pixels = tf.cast(x, tf.float32) / scale
            pixels = tf.cast(tf.round(pixels), tf.uint8)
            out = tf.image.adjust_jpeg_quality(pixels, quality)
            out = tf.cast(out, tf.float32) * scale
            return tf.ensure_shape(tf.cast(out, x.dtype), x.shape)

        return tf.cond(chosen, compressed, lambda: x)
