"""Attention of one sequence to another by additive and bilinear scores."""

import keras
from keras import ops

from kerasgen.core import Choice, Float, Int, message, register
from kerasgen.layers.base import Checked


def weigh(scores, mask=None):
    """Turns scores into weights that sum to 1 over what may be seen.

    Args:
        scores: float tensor (..., queries, values).
        mask: bool tensor that broadcasts to `scores`, True where a value may
            be seen, or None.

    Returns:
        float32 tensor shaped like `scores`; all 0 where nothing may be seen.

    Example:
        >>> weigh(ops.zeros((1, 3)), ops.array([[True, True, False]])).numpy()
        array([[0.5, 0.5, 0. ]], dtype=float32)
    """
    scores = ops.cast(scores, "float32")
    if mask is None:
        return ops.softmax(scores, -1)
    weights = ops.softmax(ops.where(mask, scores, -1e9), -1)
    return ops.where(mask, weights, 0.0)


class Attends(Checked):
    """A layer of (query, value) that gives its weights when asked.

    A subclass writes `scores(query, value)` and declares `dropout`.
    """

    tries = ((4, 8), (5, 8))

    def __init__(self, values, **kwargs):
        super().__init__(values, **kwargs)
        self.drop = self.part(
            keras.layers.Dropout, self.dropout, seed=self.seed, name="drop"
        )

    def scores(self, query, value):
        """Gives float scores (batch, queries, values)."""
        raise NotImplementedError

    def call(
        self,
        query,
        value,
        query_mask=None,
        value_mask=None,
        return_attention_scores=False,
        training=False,
    ):
        """Gives for each query the mean of the values, weighed by scores."""
        shown = value_mask
        if shown is not None:
            shown = ops.cast(shown, "bool")[:, None]
        weights = weigh(self.scores(query, value), shown)
        kept = self.drop(ops.cast(weights, value.dtype), training=training)
        found = ops.matmul(kept, value)
        return (found, weights) if return_attention_scores else found

    def compute_output_shape(self, query_shape, value_shape):
        """Gives the queries' shape, as wide as the values."""
        return (*query_shape[:-1], value_shape[-1])

    def compute_output_spec(
        self, query, value, return_attention_scores=False, **kwargs
    ):
        """Gives the symbolic output, and the weights where asked for."""
        shape = self.compute_output_shape(query.shape, value.shape)
        found = keras.KerasTensor(shape, self.compute_dtype)
        if not return_attention_scores:
            return found
        shape = (*query.shape[:-1], value.shape[1])
        return found, keras.KerasTensor(shape, "float32")


@register("layer")
class AdditiveAttention(Attends):
    """Attends by a small network that sees the query and a value together.

    Keras's layer of this name leaves the two projections to the caller.

    Args:
        units: int >= 1, the network's width, or None for the query's.
        dropout: float in [0, 0.9], the rate on the weights.
        seed: int >= 0, or None.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        query: float tensor (batch, queries, channels).
        value: float tensor (batch, values, width); the output is
            (batch, queries, width). Memory grows with queries times values
            times units.
        query_mask: bool tensor (batch, queries), handed on, or None.
        value_mask: bool tensor (batch, values), what may be seen, or None.
        return_attention_scores: bool, whether the weights (batch, queries,
            values) come too.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Bahdanau et al., "Neural Machine Translation by Jointly Learning to
        Align and Translate", 2015, arXiv:1409.0473, appendix A.1.2; with a
        bias.

    Example:
        >>> query, value = ops.ones((2, 3, 4)), ops.ones((2, 5, 6))
        >>> AdditiveAttention(8)(query, value).shape
        TensorShape([2, 3, 6])
    """

    arguments = {
        "units": Int(1, search=(16, 256), log=True),
        "dropout": Float(0.0, 0.9, search=(0.0, 0.3)),
        "seed": Int(0),
    }

    def __init__(self, units=None, dropout=0.0, seed=None, **kwargs):
        super().__init__(
            {"units": units, "dropout": dropout, "seed": seed}, **kwargs
        )

    def build(self, query_shape, value_shape):
        """Makes the network."""
        units = self.units or query_shape[-1]
        dense = keras.layers.Dense
        self.ask = self.part(dense, units, name="ask", shape=query_shape)
        self.tell = self.part(
            dense, units, use_bias=False, name="tell", shape=value_shape
        )
        self.judge = self.part(
            dense, 1, use_bias=False, name="judge", shape=(None, units)
        )

    def scores(self, query, value):
        """Gives float scores (batch, queries, values)."""
        met = self.ask(query)[:, :, None] + self.tell(value)[:, None]
        return self.judge(ops.tanh(met))[..., 0]


@register("layer")
class MultiplicativeAttention(Attends):
    """Attends by the product of the query and a value.

    Args:
        score: "general" (a learnt matrix between), "dot", or "scaled" (by the
            root of the width); the last two need both equally wide.
        dropout: float in [0, 0.9], the rate on the weights.
        seed: int >= 0, or None.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        query: float tensor (batch, queries, channels).
        value: float tensor (batch, values, width); the output is
            (batch, queries, width).
        query_mask: bool tensor (batch, queries), handed on, or None.
        value_mask: bool tensor (batch, values), what may be seen, or None.
        return_attention_scores: bool, whether the weights (batch, queries,
            values) come too.

    Raises:
        ValueError: for an argument out of range, or widths that differ.

    Source:
        Luong et al., "Effective Approaches to Attention-based Neural Machine
        Translation", 2015, arXiv:1508.04025, equation 8; the scaled score is
        Vaswani et al.'s, 2017, arXiv:1706.03762, equation 1.

    Example:
        >>> query, value = ops.ones((2, 3, 4)), ops.ones((2, 5, 6))
        >>> MultiplicativeAttention()(query, value).shape
        TensorShape([2, 3, 6])
    """

    arguments = {
        "score": Choice(
            ("general", "dot", "scaled"), search=("general", "scaled")
        ),
        "dropout": Float(0.0, 0.9, search=(0.0, 0.3)),
        "seed": Int(0),
    }

    def __init__(self, score="general", dropout=0.0, seed=None, **kwargs):
        super().__init__(
            {"score": score, "dropout": dropout, "seed": seed}, **kwargs
        )

    def build(self, query_shape, value_shape):
        """Makes the matrix, where there is one."""
        if self.score == "general":
            self.between = self.part(
                keras.layers.Dense,
                query_shape[-1],
                use_bias=False,
                name="between",
                shape=value_shape,
            )
        elif query_shape[-1] != value_shape[-1]:
            raise ValueError(
                message(
                    "MultiplicativeAttention",
                    f"query and value must be equally wide for {self.score!r}",
                    {"query": query_shape[-1], "value": value_shape[-1]},
                    "Use score='general'.",
                )
            )

    def scores(self, query, value):
        """Gives float scores (batch, queries, values)."""
        if self.score == "general":
            value = self.between(value)
        found = ops.einsum("btc,bsc->bts", query, value)
        if self.score == "scaled":
            found = found / float(query.shape[-1]) ** 0.5
        return found
