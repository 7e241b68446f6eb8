"""Layers that tell a network where in a sequence a step stands."""

import keras
from keras import ops

from kerasgen.core import Float, Int, message, register
from kerasgen.layers.base import Checked


@register("layer")
class SinusoidalPositions(Checked):
    r"""Adds sines and cosines of the place, for sequences of any length.

    Place p and the i-th of the w / 2 frequencies give
    sin(p / period^(2 i / w)) and cos of the same.

    Args:
        period: float >= 1, what the longest wave is made of.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, time, width).
        start: int or int tensor (), the place of the first step, where a
            sequence is decoded step by step.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Vaswani et al., "Attention Is All You Need", 2017, arXiv:1706.03762,
        section 3.5; the sines stand before the cosines here.

    Example:
        >>> SinusoidalPositions()(ops.zeros((1, 1, 4))).numpy()[0, 0].tolist()
        [0.0, 0.0, 1.0, 1.0]
    """

    arguments = {"period": Float(1.0)}

    def __init__(self, period=10_000.0, **kwargs):
        super().__init__({"period": period}, **kwargs)

    def call(self, x, start=0):
        """Adds the waves."""
        width = x.shape[-1]
        place = ops.cast(ops.arange(ops.shape(x)[1]), "float32")
        place = place + ops.cast(start, "float32")
        half = (width + 1) // 2
        share = ops.arange(half, dtype="float32") * (2.0 / width)
        angle = place[:, None] / ops.power(float(self.period), share)
        waves = ops.concatenate([ops.sin(angle), ops.cos(angle)], -1)
        return x + ops.cast(waves[None, :, :width], x.dtype)


@register("layer")
class LearntPositions(Checked):
    """Adds a learnt vector for each place.

    Args:
        length: int >= 1, the longest sequence; a longer one is refused where
            its length is known, and shares the last vector where not.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, time, width).
        start: int or int tensor (), the place of the first step.

    Raises:
        ValueError: for an argument out of range, or a sequence that is longer
            than `length`.

    Source:
        Gehring et al., "Convolutional Sequence to Sequence Learning", 2017,
        arXiv:1705.03122, section 3.1.

    Example:
        >>> LearntPositions(8)(ops.zeros((1, 3, 4))).shape
        TensorShape([1, 3, 4])
    """

    arguments = {"length": Int(1)}

    def __init__(self, length=512, **kwargs):
        super().__init__({"length": length}, **kwargs)

    def build(self, input_shape):
        """Makes a vector for each place."""
        time, width = input_shape[1:]
        if time is not None and time > self.length:
            raise ValueError(
                message(
                    "LearntPositions",
                    f"a sequence must have at most {self.length} steps",
                    {"time": time},
                    "Give a greater `length`.",
                )
            )
        self.table = self.add_weight(
            shape=(self.length, width),
            initializer=keras.initializers.RandomNormal(stddev=0.02),
            name="table",
        )

    def call(self, x, start=0):
        """Adds the vectors."""
        place = ops.arange(ops.shape(x)[1], dtype="int32")
        place = place + ops.cast(start, "int32")
        place = ops.minimum(place, self.length - 1)
        found = ops.take(self.table, place, axis=0)
        return x + ops.cast(found[None], x.dtype)
