"""What every move of sounds shares."""

import tensorflow as tf

from kerasgen.augment.base import Augment, uniform
from kerasgen.core import Int, message


class Sound(Augment):
    """A move of float sounds; dtype, shape and range come back."""

    kind = "audio"

    def apply(self, fields, seed):
        """Moves a batch of sounds."""
        if not self.strong():
            return fields
        x = fields["x"]
        values = self.move(tf.cast(x, tf.float32), seed)
        return {
            **fields,
            "x": tf.cast(tf.ensure_shape(values, x.shape), x.dtype),
        }

    def strong(self):
        """Tells whether the move does anything; by its first argument."""
        return getattr(self, next(iter(self.arguments))) > 0

    def move(self, x, seed):
        """Moves float32 sounds (batch, samples); a subclass writes this."""
        raise NotImplementedError


class SoundCorruption(Sound):
    """A corruption of float sounds at five severities.

    There is no agreed set of them for sounds: the severities are ours.

    Args:
        severity: int in [1, 5].
    """

    arguments = {"severity": Int(1, 5)}
    strengths = ()

    def __init__(self, severity=3):
        super().__init__(severity=severity)

    @property
    def strength(self):
        """What the severity stands for."""
        return self.strengths[self.severity - 1]


def ordered(part, low, high):
    """Checks that two bounds of a part are in order.

    Args:
        part: Augment.
        low: str, the argument that is the lower bound.
        high: str, the upper.

    Raises:
        ValueError: where the lower is greater.

    Example:
        >>> from kerasgen.augment.audio import ColoredNoise
        >>> ordered(ColoredNoise(), "snr_low", "snr_high")
    """
    values = {low: getattr(part, low), high: getattr(part, high)}
    if values[low] > values[high]:
        raise ValueError(
            message(
                type(part).__name__,
                f"`{low}` must be at most `{high}`",
                values,
                "Swap them.",
            )
        )


def chosen(seed, x, rate):
    """Draws which examples of a batch a move takes.

    Args:
        seed: int tensor (2,).
        x: tensor (batch, ...).
        rate: float in [0, 1], the probability.

    Returns:
        bool tensor (batch, 1).

    Example:
        >>> chosen(tf.constant([1, 2]), tf.zeros((3, 9)), 1.0).shape
        TensorShape([3, 1])
    """
    return uniform(seed, (tf.shape(x)[0], 1)) < rate
