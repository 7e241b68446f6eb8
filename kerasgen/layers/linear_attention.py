"""Attention whose cost grows with the length, not with its square."""

import keras
from keras import ops

from kerasgen.core import Choice, Int, register
from kerasgen.layers.base import Checked, hide


@register("layer")
class LinearAttention(Checked):
    """Attends to a sequence through a summary of fixed size.

    Args:
        heads: int >= 1.
        width: int >= 1, the channels of a head, or None for the input's
            shared among the heads.
        causal: bool, whether a step sees none behind it.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, time, channels); the output has its shape.
            Causal attention keeps the summary of each step, which takes time
            times heads times the square of the width.
        mask: bool tensor (batch, time), what may be seen, or None.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Katharopoulos et al., "Transformers are RNNs: Fast Autoregressive
        Transformers with Linear Attention", 2020, arXiv:2006.16236, equations
        5 to 9.

    Example:
        >>> LinearAttention(2)(ops.ones((2, 5, 8))).shape
        TensorShape([2, 5, 8])
    """

    arguments = {
        "heads": Int(1, search=(1, 8)),
        "width": Int(1),
        "causal": Choice((False, True)),
    }

    def __init__(self, heads=4, width=None, causal=False, **kwargs):
        values = {"heads": heads, "width": width, "causal": causal}
        super().__init__(values, **kwargs)

    def build(self, input_shape):
        """Makes the projections."""
        channels = input_shape[-1]
        width = self.width or max(channels // self.heads, 1)
        self.query, self.key, self.value = (
            self.part(
                keras.layers.EinsumDense,
                "btc,chd->bthd",
                (None, self.heads, width),
                bias_axes="hd",
                name=name,
                shape=input_shape,
            )
            for name in ("query", "key", "value")
        )
        self.join = self.part(
            keras.layers.EinsumDense,
            "bthd,hdc->btc",
            (None, channels),
            bias_axes="c",
            name="join",
            shape=(None, None, self.heads, width),
        )

    def call(self, x, mask=None):
        """Gives what each step hears of the others."""
        query = _positive(self.query(x))
        key = hide(_positive(self.key(x)), mask)
        value = ops.cast(self.value(x), "float32")
        if self.causal:
            told = ops.einsum("bthd,bthe->bthde", key, value)
            told, whole = ops.cumsum(told, 1), ops.cumsum(key, 1)
            found = ops.einsum("bthd,bthde->bthe", query, told)
            weight = ops.sum(query * whole, -1, keepdims=True)
        else:
            told = ops.einsum("bthd,bthe->bhde", key, value)
            found = ops.einsum("bthd,bhde->bthe", query, told)
            whole = ops.sum(key, 1)[:, None]
            weight = ops.sum(query * whole, -1, keepdims=True)
        found = found / ops.maximum(weight, 1e-6)
        return self.join(ops.cast(found, x.dtype))


def _positive(x):
    return ops.elu(ops.cast(x, "float32")) + 1.0
