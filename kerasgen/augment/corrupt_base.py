"""What the corruptions of images have in common."""

import tensorflow as tf

from kerasgen.augment.base import Augment
from kerasgen.core import Float, Int, message

_SMALL, _LARGE, _DIGIT = 32.0, 224.0, 28.0
_GREY = (0.2989, 0.587, 0.114)


class Pixels(Augment):
    """A corruption: raw images to [0, 1], a formula, and back.

    A subclass writes `formula` and its strengths: `small` up to 32 pixels a
    side, `large` from 224, between them interpolated in the logarithm of the
    side.

    Args:
        severity: int in [1, 5].
        low: float, the least value of a pixel.
        high: float, the greatest.

    Attributes:
        small: tuple of five strengths, each a float or a tuple of floats.
        large: the same; None takes `small`'s at every size.
        scaled: tuple of int, which of a strength's numbers are lengths at a
            side of 28 pixels and grow with the side above it.
        ordered: bool, whether a greater severity is farther from the original
            for every image.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks & Dietterich, 2019, arXiv:1903.12261, and the code that made
        ImageNet-C and CIFAR-C. We round to whole numbers where they cut off.

    Example:
        >>> Pixels(severity=2).get_config()["high"]
        255.0
    """

    arguments = {
        "severity": Int(1, 5),
        "low": Float(),
        "high": Float(),
    }
    kind = "image"
    stage = "raw"
    small = (0.0,) * 5
    large = None
    scaled = ()
    ordered = True

    def __init__(self, severity=3, low=0.0, high=255.0):
        super().__init__(severity=severity, low=low, high=high)
        if not low < high:
            raise ValueError(
                message(
                    type(self).__name__,
                    "`low` must be less than `high`",
                    {"low": low, "high": high},
                )
            )

    def apply(self, fields, seed):
        """Corrupts a batch.

        Args:
            fields: dict with `x` (batch, height, width, channels).
            seed: int tensor (2,).

        Returns:
            dict of the same fields, shapes and dtypes.
        """
        x = fields["x"]
        span = self.high - self.low
        values = (tf.cast(x, tf.float32) - self.low) / span
        values = self.formula(values, self.strength(tf.shape(x)), seed)
        values = tf.clip_by_value(values, 0.0, 1.0) * span + self.low
        if not x.dtype.is_floating:
            values = tf.round(values)
        values = tf.ensure_shape(values, x.shape)
        return {**fields, "x": tf.cast(values, x.dtype)}

    def strength(self, shape):
        """Gives the formula's strength for images of a size.

        Args:
            shape: int tensor (4,), of the batch.

        Returns:
            float32 scalar tensor, or a list of them.
        """
        side = tf.cast(tf.reduce_max(shape[1:3]), tf.float32)
        share = tf.math.log(side / _SMALL) / tf.math.log(_LARGE / _SMALL)
        share = tf.clip_by_value(share, 0.0, 1.0)
        small = self.small[self.severity - 1]
        large = (self.large or self.small)[self.severity - 1]
        if not isinstance(small, tuple):
            return small + (large - small) * share
        mixed = [a + (b - a) * share for a, b in zip(small, large, strict=True)]
        growth = tf.maximum(side / _DIGIT, 1.0)
        for index in self.scaled:
            mixed[index] *= growth
        return mixed

    def formula(self, values, strength, seed):
        """Corrupts values in [0, 1]; a subclass writes this.

        Args:
            values: float32 tensor (batch, height, width, channels).
            strength: what `strength` gave.
            seed: int tensor (2,).

        Returns:
            float32 tensor of the same shape; what leaves [0, 1] is cut off.
        """
        raise NotImplementedError


def whole(value):
    """Rounds a strength to a whole number.

    Args:
        value: float scalar tensor.

    Returns:
        int32 scalar tensor.

    Example:
        >>> int(whole(2.6))
        3
    """
    return tf.cast(tf.round(value), tf.int32)


def grey(values):
    """Turns images into one channel.

    Args:
        values: float32 tensor (..., channels).

    Returns:
        float32 tensor (..., 1): luma of three channels, otherwise the mean.

    Example:
        >>> round(float(grey(tf.ones((1, 1, 3)))[0, 0, 0]), 3)
        1.0
    """
    if values.shape[-1] == 3:
        return tf.reduce_sum(values * _GREY, -1, keepdims=True)
    return tf.reduce_mean(values, -1, keepdims=True)
