"""Attention over the places of a feature map."""

import keras
from keras import ops

from kerasgen.core import Choice, Int, register
from kerasgen.layers.attention import weigh
from kerasgen.layers.base import Checked


@register("layer")
class CoordinateAttention(Checked):
    """Weighs channels by row and by column of an image.

    Args:
        reduction: int >= 1, how many times fewer channels the part between
            has; it keeps at least 8.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, height, width, channels); the output has its
            shape.

    Raises:
        ValueError: for a reduction below 1.

    Source:
        Hou et al., "Coordinate Attention for Efficient Mobile Network
        Design", 2021, arXiv:2103.02907, equations 4 to 8.

    Example:
        >>> CoordinateAttention(4)(ops.ones((2, 6, 5, 16))).shape
        TensorShape([2, 6, 5, 16])
    """

    arguments = {"reduction": Int(1, search=(8, 32))}
    tries = ((4, 3, 8),)

    def __init__(self, reduction=32, **kwargs):
        super().__init__({"reduction": reduction}, **kwargs)

    def build(self, input_shape):
        """Makes the layers between and the two gates."""
        channels = input_shape[-1]
        width = max(channels // self.reduction, 8)
        dense = keras.layers.Dense
        self.squeeze = self.part(
            dense, width, use_bias=False, name="squeeze", shape=(None, channels)
        )
        self.norm = self.part(
            keras.layers.BatchNormalization,
            momentum=0.9,
            name="norm",
            shape=(None, None, width),
        )
        self.rows = self.part(
            dense, channels, "sigmoid", name="rows", shape=(None, width)
        )
        self.columns = self.part(
            dense, channels, "sigmoid", name="columns", shape=(None, width)
        )

    def call(self, x, training=False):
        """Gives the weighed image."""
        height = ops.shape(x)[1]
        seen = ops.concatenate([ops.mean(x, 2), ops.mean(x, 1)], 1)
        seen = self.norm(self.squeeze(seen), training=training)
        seen = ops.hard_silu(seen)
        rows = self.rows(seen[:, :height])
        columns = self.columns(seen[:, height:])
        return x * rows[:, :, None] * columns[:, None]


@register("layer")
class NonLocal(Checked):
    """Adds to each place what all places say, weighed by likeness.

    At first it changes nothing: what is added begins at 0.

    Args:
        width: int >= 1, the channels that places are compared in, or None for
            half of the input's.
        mode: "softmax" (embedded Gaussian), or "mean" (dot product), where
            likenesses are divided by the number of places.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., channels) with one or more axes of
            places; the output has its shape. Time and memory grow with the
            square of the number of places.
        mask: bool tensor (batch, time), for one axis of places, or None.
        return_attention_scores: bool, whether the weights (batch, places,
            places) come too.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Wang et al., "Non-local Neural Networks", 2018, arXiv:1711.07971,
        equations 1, 3, 4 and 6; in place of a batch normalization that
        begins at 0 the last layer does.

    Example:
        >>> x = ops.ones((2, 4, 4, 8))
        >>> bool(ops.all(NonLocal()(x) == x))
        True
    """

    arguments = {
        "width": Int(1),
        "mode": Choice(("softmax", "mean"), search=("softmax", "mean")),
    }

    def __init__(self, width=None, mode="softmax", **kwargs):
        super().__init__({"width": width, "mode": mode}, **kwargs)

    def build(self, input_shape):
        """Makes the four layers."""
        channels = input_shape[-1]
        width = self.width or max(channels // 2, 1)
        names = ("query", "key", "value")
        self.query, self.key, self.value = (
            self.part(
                keras.layers.Dense, width, name=name, shape=(None, channels)
            )
            for name in names
        )
        self.last = self.part(
            keras.layers.Dense,
            channels,
            kernel_initializer="zeros",
            name="last",
            shape=(None, width),
        )

    def call(self, x, mask=None, return_attention_scores=False):
        """Gives the places, and what all say to each."""
        lined = ops.reshape(x, (ops.shape(x)[0], -1, x.shape[-1]))
        query, key = self.query(lined), self.key(lined)
        scores = ops.einsum("btc,bsc->bts", query, key)
        shown = None if mask is None else ops.cast(mask, "bool")[:, None]
        if self.mode == "softmax":
            weights = weigh(scores, shown)
        else:
            weights = _shares(scores, shown)
        heard = ops.matmul(ops.cast(weights, x.dtype), self.value(lined))
        found = x + ops.reshape(self.last(heard), ops.shape(x))
        return (found, weights) if return_attention_scores else found

    def compute_output_spec(
        self, x, mask=None, return_attention_scores=False, training=None
    ):
        """Gives the symbolic output, and the weights where asked for."""
        found = keras.KerasTensor(x.shape, self.compute_dtype)
        if not return_attention_scores:
            return found
        places = 1
        for side in x.shape[1:-1]:
            places = None if None in (places, side) else places * side
        shape = (x.shape[0], places, places)
        return found, keras.KerasTensor(shape, "float32")


def _shares(scores, shown):
    scores = ops.cast(scores, "float32")
    if shown is None:
        return scores / ops.cast(ops.shape(scores)[-1], "float32")
    shown = ops.cast(shown, "float32")
    count = ops.maximum(ops.sum(shown, -1, keepdims=True), 1.0)
    return scores * shown / count
