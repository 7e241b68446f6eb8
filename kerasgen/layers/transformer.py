"""Blocks of a Transformer, with a memory for decoding step by step."""

import keras
from keras import layers, ops

from kerasgen.core import Choice, Float, Int, check_arguments, message, register

# What a score is where a step must not look.
_NEVER = -1e9


class HeadedAttention(keras.layers.Layer):
    """Scaled dot-product attention with several heads, and its parts.

    Args:
        heads: int >= 1, the number of heads; it must divide the width.
        dropout: float in [0, 0.9], the rate on the attention weights.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, time, width), what asks.
        context: float tensor (batch, others, width'), what is looked at.
        allowed: bool tensor that broadcasts to (batch, heads, time, others),
            or None.

    Source:
        Vaswani et al., 2017, arXiv:1706.03762, section 3.2.

    Example:
        >>> x = ops.ones((1, 3, 4))
        >>> HeadedAttention(2)(x, x).shape
        TensorShape([1, 3, 4])
    """

    def __init__(self, heads=4, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads
        self.dropout = layers.Dropout(dropout, name="dropout")

    def build(self, x_shape, context_shape=None):
        """Makes the four maps."""
        width = x_shape[-1]
        if width % self.heads:
            raise ValueError(
                message(
                    "HeadedAttention",
                    "`heads` must divide the width",
                    {"heads": self.heads, "width": width},
                )
            )
        context = (context_shape or x_shape)[-1]
        for name in ("query", "key", "value", "join"):
            made = layers.Dense(width, name=name, dtype=self.dtype_policy)
            inside = context if name in ("key", "value") else width
            made.build((None, None, inside))
            setattr(self, name, made)

    def call(self, x, context, allowed=None, training=False):
        """Looks at the context."""
        return self.attend(x, *self.read(context), allowed, training)

    def read(self, context):
        """Gives what can be looked at.

        Args:
            context: float tensor (batch, others, width').

        Returns:
            keys and values, each (batch, others, heads, width / heads).
        """
        return self._cut(self.key(context)), self._cut(self.value(context))

    def attend(self, x, keys, values, allowed=None, training=False):
        """Looks at keys and values that were read before.

        Args:
            x: float tensor (batch, time, width).
            keys: float tensor (batch, others, heads, size).
            values: float tensor (batch, others, heads, size).
            allowed: bool tensor, as in a call, or None.
            training: bool.

        Returns:
            float tensor (batch, time, width).
        """
        query = self._cut(self.query(x))
        query = query * ops.cast(query.shape[-1] ** -0.5, query.dtype)
        scores = ops.einsum("bqhd,bkhd->bhqk", query, keys)
        scores = ops.cast(scores, "float32")
        if allowed is not None:
            scores = ops.where(allowed, scores, _NEVER)
        weights = ops.cast(ops.softmax(scores, -1), query.dtype)
        weights = self.dropout(weights, training=training)
        found = ops.einsum("bhqk,bkhd->bqhd", weights, values)
        batch, time = ops.shape(x)[0], ops.shape(x)[1]
        return self.join(ops.reshape(found, (batch, time, x.shape[-1])))

    def _cut(self, x):
        batch, time = ops.shape(x)[0], ops.shape(x)[1]
        size = x.shape[-1] // self.heads
        return ops.reshape(x, (batch, time, self.heads, size))

    def compute_output_shape(self, x_shape, context_shape=None):
        """Gives the shape of what asks."""
        return x_shape


class _Block(keras.layers.Layer):
    """What encoder and decoder share: arguments, norms, the dense part."""

    arguments = {
        "heads": Int(1, search=(1, 8)),
        "hidden": Int(1, search=(32, 1024), log=True),
        "dropout": Float(0.0, 0.9, search=(0.0, 0.3)),
        "order": Choice(("pre", "post"), search=("pre", "post")),
        "activation": Choice(("relu", "gelu", "silu")),
    }
    looks = ("self",)

    def __init__(
        self,
        heads=4,
        hidden=None,
        dropout=0.1,
        order="pre",
        activation="gelu",
        **kwargs,
    ):
        super().__init__(**kwargs)
        own = {
            "heads": heads,
            "hidden": hidden,
            "dropout": dropout,
            "order": order,
            "activation": activation,
        }
        own = check_arguments(type(self).__name__, self.arguments, own)
        self._own = own
        for name, value in own.items():
            setattr(self, name, value)
        self.supports_masking = True

    def _make(self, width, context):
        def norm(name):
            made = layers.LayerNormalization(
                epsilon=1e-6, name=name, dtype=self.dtype_policy
            )
            made.build((None, None, width))
            return made

        for name in self.looks:
            attention = HeadedAttention(
                self.heads, self.dropout, name=name, dtype=self.dtype_policy
            )
            inside = width if name == "self" else context
            attention.build((None, None, width), (None, None, inside))
            setattr(self, f"{name}_attention", attention)
            setattr(self, f"{name}_norm", norm(f"{name}_norm"))
        self.dense_norm = norm("dense_norm")
        hidden = self.hidden or 4 * width
        self.widen = layers.Dense(
            hidden, self.activation, name="widen", dtype=self.dtype_policy
        )
        self.narrow = layers.Dense(
            width, name="narrow", dtype=self.dtype_policy
        )
        self.widen.build((None, None, width))
        self.narrow.build((None, None, hidden))
        self.drop = layers.Dropout(self.dropout, dtype=self.dtype_policy)

    def _residual(self, x, norm, part, training):
        """x + part(x), with the normalization before or behind."""
        if self.order == "pre":
            return x + self.drop(part(norm(x)), training=training)
        return norm(x + self.drop(part(x), training=training))

    def _dense(self, x, training):
        return self._residual(
            x, self.dense_norm, lambda x: self.narrow(self.widen(x)), training
        )

    def get_config(self):
        """Gives the layer's arguments."""
        return {**super().get_config(), **self._own}


def _seen(mask):
    """A mask (batch, others) so that it broadcasts over heads and time."""
    return None if mask is None else ops.cast(mask, "bool")[:, None, None, :]


def _before(time):
    """(1, 1, time, time): each step sees itself and those before it."""
    place = ops.arange(time)
    return (place[:, None] >= place[None, :])[None, None]


@register("layer")
class TransformerEncoder(_Block):
    """Self-attention and a dense part, each with a residual around it.

    With `order="pre"` a stack of blocks wants one more layer normalization at
    its end.

    Args:
        heads: int >= 1, the heads of attention; it must divide the width.
        hidden: int >= 1, the units of the dense part; None takes 4 times the
            width.
        dropout: float in [0, 0.9], the rate on attention and on what is added.
        order: "pre" (normalization before each part) or "post".
        activation: "relu", "gelu" or "silu".
        causal: bool, whether a step sees only itself and those before it.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, time, width).
        mask: bool tensor (batch, time), the steps that may be looked at, or
            None; a mask that comes with `x` is taken by itself, and kept.

    Raises:
        ValueError: for an argument out of range, or heads that don't divide
            the width.

    Source:
        Vaswani et al., "Attention Is All You Need", 2017, arXiv:1706.03762;
        order "pre": Xiong et al., 2020, arXiv:2002.04745.

    Example:
        >>> TransformerEncoder(heads=2)(ops.ones((1, 3, 4))).shape
        TensorShape([1, 3, 4])
    """

    arguments = {**_Block.arguments, "causal": Choice((False, True))}

    def __init__(
        self,
        heads=4,
        hidden=None,
        dropout=0.1,
        order="pre",
        activation="gelu",
        causal=False,
        **kwargs,
    ):
        super().__init__(heads, hidden, dropout, order, activation, **kwargs)
        check_arguments(
            "TransformerEncoder", self.arguments, {"causal": causal}
        )
        self._own = {**self._own, "causal": causal}
        self.causal = causal

    def build(self, x_shape):
        """Makes the parts."""
        self._make(x_shape[-1], x_shape[-1])

    def call(self, x, mask=None, training=False):
        """Encodes."""
        allowed = _seen(mask)
        if self.causal:
            before = _before(ops.shape(x)[1])
            allowed = before if allowed is None else allowed & before
        x = self._residual(
            x,
            self.self_norm,
            lambda x: self.self_attention(x, x, allowed, training=training),
            training,
        )
        return self._dense(x, training)

    def compute_output_shape(self, x_shape):
        """Gives the input's shape."""
        return x_shape


@register("layer")
class TransformerDecoder(_Block):
    """Causal self-attention, attention to a memory, and a dense part.

    A whole sequence is decoded by a call. One step at a time is decoded by
    `start`, which reads the memory once, and then `step` for each place; both
    ways give the same.

    Args:
        heads: int >= 1, the heads of attention; it must divide the width.
        hidden: int >= 1, the units of the dense part; None takes 4 times the
            width.
        dropout: float in [0, 0.9], the rate on attention and on what is added.
        order: "pre" (normalization before each part) or "post".
        activation: "relu", "gelu" or "silu".
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, time, width).
        memory: float tensor (batch, others, width'), what an encoder gave.
        x_mask: bool tensor (batch, time), or None.
        memory_mask: bool tensor (batch, others), or None.

    Raises:
        ValueError: for an argument out of range, or heads that don't divide
            the width.

    Source:
        Vaswani et al., "Attention Is All You Need", 2017, arXiv:1706.03762,
        figure 1, right.

    Example:
        >>> layer, memory = TransformerDecoder(heads=2), ops.ones((1, 5, 4))
        >>> whole = layer(ops.ones((1, 3, 4)), memory)
        >>> cache = layer.start(memory, 3)
        >>> first, cache = layer.step(ops.ones((1, 1, 4)), cache, 0)
        >>> bool(abs(first - whole[:, :1]).numpy().max() < 1e-6)
        True
    """

    tries = ((4, 8), (5, 8))
    looks = ("self", "memory")

    def build(self, x_shape, memory_shape):
        """Makes the parts."""
        self._make(x_shape[-1], memory_shape[-1])

    def call(self, x, memory, x_mask=None, memory_mask=None, training=False):
        """Decodes a whole sequence."""
        allowed, seen = _before(ops.shape(x)[1]), _seen(x_mask)
        allowed = allowed if seen is None else allowed & seen
        x = self._residual(
            x,
            self.self_norm,
            lambda x: self.self_attention(x, x, allowed, training=training),
            training,
        )
        seen = _seen(memory_mask)
        x = self._residual(
            x,
            self.memory_norm,
            lambda x: self.memory_attention(x, memory, seen, training=training),
            training,
        )
        return self._dense(x, training)

    def start(self, memory, length):
        """Reads the memory, and makes room for a sequence.

        Args:
            memory: float tensor (batch, others, width').
            length: int, the most steps that will come.

        Returns:
            dict of tensors, the cache of `step`.
        """
        keys, values = self.memory_attention.read(memory)
        shape = (ops.shape(memory)[0], length, *keys.shape[2:])
        empty = ops.zeros(shape, keys.dtype)
        return {
            "keys": empty,
            "values": empty,
            "memory_keys": keys,
            "memory_values": values,
        }

    def step(self, x, cache, place, memory_mask=None):
        """Decodes one step, at inference.

        Args:
            x: float tensor (batch, 1, width).
            cache: dict, what `start` or the step before gave.
            place: int or int tensor (), how many steps came before.
            memory_mask: bool tensor (batch, others), or None.

        Returns:
            float tensor (batch, 1, width), and the next step's cache.
        """
        cache = dict(cache)
        places = ops.arange(ops.shape(cache["keys"])[1])
        here = (places == place)[None, :, None, None]

        def look(x):
            keys, values = self.self_attention.read(x)
            cache["keys"] = ops.where(here, keys, cache["keys"])
            cache["values"] = ops.where(here, values, cache["values"])
            allowed = (places <= place)[None, None, None]
            return self.self_attention.attend(
                x, cache["keys"], cache["values"], allowed
            )

        def recall(x):
            return self.memory_attention.attend(
                x,
                cache["memory_keys"],
                cache["memory_values"],
                _seen(memory_mask),
            )

        x = self._residual(x, self.self_norm, look, False)
        x = self._residual(x, self.memory_norm, recall, False)
        return self._dense(x, False), cache

    def compute_output_shape(self, x_shape, memory_shape):
        """Gives the shape of the sequence."""
        return x_shape
