"""Multi-head attention that knows positions, groups and windows."""

import keras
from keras import ops

from kerasgen.core import Choice, Float, Int, message, register
from kerasgen.layers.attention import weigh
from kerasgen.layers.base import Checked
from kerasgen.layers.relative import (
    BUCKETS,
    buckets,
    distances,
    rotate,
    slopes,
)

POSITIONS = ("none", "rotary", "relative", "alibi")


@register("layer")
class MultiHeadAttention(Checked):
    """Attends by several heads that may know how far apart two tokens are.

    With `positions="none"` it is Keras's layer of this name, or with `groups`
    its `GroupQueryAttention`.

    Args:
        heads: int >= 1, the heads of the query.
        width: int >= 1, the channels of a head, or None for the query's
            shared among the heads.
        positions: "none", "rotary" (turned channels; an even width), "relative"
            (a learnt number for each head and distance) or "alibi" (a
            penalty that grows with the distance).
        groups: int >= 1, the heads of key and value, a divisor of `heads`, or
            None for as many.
        window: int >= 1: a query sees keys less than so many steps away; None
            sees all. It is a mask, and saves no memory.
        causal: bool, whether a query sees no key behind it.
        dropout: float in [0, 0.9], the rate on the weights.
        seed: int >= 0, or None.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        query: float tensor (batch, queries, channels); the output has its
            shape.
        value: float tensor (batch, values, ...), or None for the query.
        query_mask: bool tensor (batch, queries), handed on, or None.
        value_mask: bool tensor (batch, values), what may be seen, or None.
        mask: the mask of both, where there is no value.
        attention_mask: bool tensor (batch, queries, values), or None.
        start: int or int scalar tensor, the first query's position among the
            values; decoding step by step asks for one query at a time.
        return_attention_scores: bool, whether the weights (batch, heads,
            queries, values) come too.

    Raises:
        ValueError: for an argument out of range, groups that don't divide the
            heads, or an odd width to turn.

    Source:
        Vaswani et al., 2017, arXiv:1706.03762, section 3.2; Ainslie et al.,
        2023, arXiv:2305.13245 (groups); Beltagy et al., 2020,
        arXiv:2004.05150 (window); positions: see `rotate`, `buckets` and
        `slopes`, the penalty on both sides where not causal.

    Example:
        >>> layer = MultiHeadAttention(2, positions="rotary", causal=True)
        >>> layer(ops.ones((2, 5, 8))).shape
        TensorShape([2, 5, 8])
    """

    arguments = {
        "heads": Int(1, search=(1, 8)),
        "width": Int(1),
        "positions": Choice(POSITIONS, search=POSITIONS),
        "groups": Int(1),
        "window": Int(1),
        "causal": Choice((False, True)),
        "dropout": Float(0.0, 0.9, search=(0.0, 0.3)),
        "seed": Int(0),
    }

    def __init__(
        self,
        heads=4,
        width=None,
        positions="none",
        groups=None,
        window=None,
        causal=False,
        dropout=0.0,
        seed=None,
        **kwargs,
    ):
        values = {"heads": heads, "width": width, "positions": positions}
        values |= {"groups": groups, "window": window, "causal": causal}
        super().__init__({**values, "dropout": dropout, "seed": seed}, **kwargs)
        if self.heads % (self.groups or self.heads):
            raise ValueError(
                message(
                    "MultiHeadAttention",
                    "`groups` must divide `heads`",
                    {"groups": groups, "heads": heads},
                )
            )
        self.drop = self.part(
            keras.layers.Dropout, self.dropout, seed=self.seed, name="drop"
        )

    def build(self, query_shape, value_shape=None):
        """Makes the projections, and the table of distances."""
        value_shape = value_shape or query_shape
        channels, groups = query_shape[-1], self.groups or self.heads
        width = self.width or max(channels // self.heads, 1)
        if self.positions == "rotary" and width % 2:
            raise ValueError(
                message(
                    "MultiHeadAttention",
                    "a head's width must be even to be turned",
                    {"width": width},
                )
            )
        self._scale = float(width) ** -0.5

        def projection(name, heads, shape):
            made = self.part(
                keras.layers.EinsumDense,
                "btc,chd->bthd",
                (None, heads, width),
                bias_axes="hd",
                name=name,
                shape=shape,
            )
            # Each step by itself; else a mask that comes is warned of.
            made.supports_masking = True
            return made

        self.query = projection("query", self.heads, query_shape)
        self.key = projection("key", groups, value_shape)
        self.value = projection("value", groups, value_shape)
        self.join = self.part(
            keras.layers.EinsumDense,
            "bthd,hdc->btc",
            (None, channels),
            bias_axes="c",
            name="join",
            shape=(None, None, self.heads, width),
        )
        if self.positions == "relative":
            self.table = self.add_weight(
                shape=(BUCKETS, self.heads),
                initializer=keras.initializers.RandomNormal(stddev=0.02),
                name="table",
            )

    def keys_and_values(self, value, start=0):
        """Projects what is attended to; decoders keep it.

        Args:
            value: float tensor (batch, values, channels).
            start: int or int scalar tensor, the first value's position.

        Returns:
            Pair of float tensors (batch, values, groups, width).
        """
        key = self.key(value)
        if self.positions == "rotary":
            key = rotate(key, start)
        return key, self.value(value)

    def attend(self, query, key, value, mask=None, start=0, training=False):
        """Attends to keys and values that are projected.

        Args:
            query: float tensor (batch, queries, channels).
            key: float tensor (batch, values, groups, width).
            value: float tensor (batch, values, groups, width).
            mask: bool tensor that broadcasts to (batch, queries, values).
            start: int or int scalar tensor, the first query's position.
            training: bool.

        Returns:
            float tensor (batch, queries, channels), and the float32 weights
            (batch, heads, queries, values).
        """
        asked = self.query(query)
        if self.positions == "rotary":
            asked = rotate(asked, start)
        batch, queries = ops.shape(asked)[0], ops.shape(asked)[1]
        groups, keys = key.shape[2], ops.shape(key)[1]
        split = (batch, queries, groups, self.heads // groups, asked.shape[-1])
        asked = ops.reshape(asked * self._scale, split)
        scores = ops.einsum("btgrd,bsgd->bgrts", asked, key)
        scores = ops.reshape(scores, (batch, self.heads, queries, keys))
        scores = ops.cast(scores, "float32")
        distance = distances(queries, keys, start)
        scores = self._biased(scores, distance)
        shown = self._shown(distance, mask)
        weights = weigh(scores, None if shown is None else shown[:, None])
        kept = self.drop(ops.cast(weights, value.dtype), training=training)
        kept = ops.reshape(kept, (batch, groups, split[3], queries, keys))
        found = ops.einsum("bgrts,bsgd->btgrd", kept, value)
        found = ops.reshape(found, (batch, queries, self.heads, split[-1]))
        return self.join(found), weights

    def _biased(self, scores, distance):
        if self.positions == "relative":
            place = buckets(distance, self.causal)
            bias = ops.take(ops.cast(self.table, "float32"), place, axis=0)
            return scores + ops.transpose(bias, (2, 0, 1))
        if self.positions == "alibi":
            far = ops.cast(ops.abs(distance), "float32")
            return scores - slopes(self.heads)[:, None, None] * far
        return scores

    def _shown(self, distance, mask):
        shown = None
        if self.causal:
            shown = distance <= 0
        if self.window:
            near = ops.abs(distance) < self.window
            shown = near if shown is None else ops.logical_and(shown, near)
        if mask is None:
            return None if shown is None else shown[None]
        return mask if shown is None else ops.logical_and(mask, shown)

    def call(
        self,
        query,
        value=None,
        query_mask=None,
        value_mask=None,
        mask=None,
        attention_mask=None,
        start=0,
        return_attention_scores=False,
        training=False,
    ):
        """Gives what each query hears of the values."""
        if value is None:
            value = query
            value_mask = mask if value_mask is None else value_mask
            value_mask = query_mask if value_mask is None else value_mask
        shown = attention_mask
        if shown is not None:
            shown = ops.cast(shown, "bool")
        if value_mask is not None:
            seen = ops.cast(value_mask, "bool")[:, None]
            shown = seen if shown is None else ops.logical_and(shown, seen)
        key, value = self.keys_and_values(value)
        found, weights = self.attend(query, key, value, shown, start, training)
        return (found, weights) if return_attention_scores else found

    def compute_output_shape(self, query_shape, value_shape=None):
        """Gives the queries' shape."""
        return query_shape

    def compute_output_spec(
        self, query, value=None, return_attention_scores=False, **kwargs
    ):
        """Gives the symbolic output, and the weights where asked for."""
        found = keras.KerasTensor(query.shape, self.compute_dtype)
        if not return_attention_scores:
            return found
        values = (query if value is None else value).shape[1]
        shape = (query.shape[0], self.heads, query.shape[1], values)
        return found, keras.KerasTensor(shape, "float32")
