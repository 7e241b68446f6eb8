"""Blocks of a Transformer, with a memory for decoding step by step."""

from keras import layers, ops

from kerasgen.core import Choice, Float, Int, register
from kerasgen.layers.base import Checked
from kerasgen.layers.multi_head import POSITIONS, MultiHeadAttention


class _Block(Checked):
    """What encoder and decoder share: norms, residuals, the dense part."""

    arguments = {
        "heads": Int(1, search=(1, 8)),
        "hidden": Int(1, search=(32, 1024), log=True),
        "dropout": Float(0.0, 0.9, search=(0.0, 0.3)),
        "order": Choice(("pre", "post"), search=("pre", "post")),
        "activation": Choice(("relu", "gelu", "silu")),
        "positions": Choice(POSITIONS, search=POSITIONS),
    }
    looks = ("self",)

    def _make(self, width, context):
        """Makes the parts for sequences that wide."""
        shape = (None, None, width)

        def norm(name):
            return self.part(
                layers.LayerNormalization, epsilon=1e-6, name=name, shape=shape
            )

        for name in self.looks:
            attention = self.part(
                MultiHeadAttention,
                self.heads,
                positions=self.positions if name == "self" else "none",
                causal=name == "self" and self.causal,
                dropout=self.dropout,
                name=name,
            )
            seen = width if name == "self" else context
            attention.build(shape, (None, None, seen))
            setattr(self, f"{name}_attention", attention)
            setattr(self, f"{name}_norm", norm(f"{name}_norm"))
        self.dense_norm = norm("dense_norm")
        hidden = self.hidden or 4 * width
        self.widen = self.part(
            layers.Dense, hidden, self.activation, name="widen", shape=shape
        )
        self.narrow = self.part(
            layers.Dense, width, name="narrow", shape=(None, None, hidden)
        )
        self.drop = self.part(layers.Dropout, self.dropout, name="drop")

    def _residual(self, x, norm, part, training):
        """x + part(x), with the normalization before or behind."""
        if self.order == "pre":
            return x + self.drop(part(norm(x)), training=training)
        return norm(x + self.drop(part(x), training=training))

    def _self(self, x, mask, training):
        return self._residual(
            x,
            self.self_norm,
            lambda x: self.self_attention(x, mask=mask, training=training),
            training,
        )

    def _dense(self, x, training):
        return self._residual(
            x, self.dense_norm, lambda x: self.narrow(self.widen(x)), training
        )


@register("layer")
class TransformerEncoder(_Block):
    """Self-attention and a dense part, each with a residual around it.

    With `order="pre"` a stack of blocks wants one more layer normalization at
    its end.

    Args:
        heads: int >= 1, the heads of attention.
        hidden: int >= 1, the units of the dense part; None takes 4 times the
            width.
        dropout: float in [0, 0.9], the rate on attention and on what is added.
        order: "pre" (normalization before each part) or "post".
        activation: "relu", "gelu" or "silu".
        positions: "none", "rotary", "relative" or "alibi", how
            self-attention knows distances; see `MultiHeadAttention`.
        causal: bool, whether a step sees only itself and those before it.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, time, width).
        mask: bool tensor (batch, time), the steps that may be looked at, or
            None; a mask that comes with `x` is taken by itself, and kept.

    Raises:
        ValueError: for an argument out of range.

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
        positions="none",
        causal=False,
        **kwargs,
    ):
        values = {"heads": heads, "hidden": hidden, "dropout": dropout}
        values |= {"order": order, "activation": activation}
        values |= {"positions": positions, "causal": causal}
        super().__init__(values, **kwargs)

    def build(self, x_shape):
        """Makes the parts."""
        self._make(x_shape[-1], x_shape[-1])

    def call(self, x, mask=None, training=False):
        """Encodes."""
        return self._dense(self._self(x, mask, training), training)


@register("layer")
class TransformerDecoder(_Block):
    """Causal self-attention, attention to a memory, and a dense part.

    A whole sequence is decoded by a call. One step at a time is decoded by
    `start`, which reads the memory once, and then `step` for each place; both
    ways give the same.

    Args:
        heads: int >= 1, the heads of attention.
        hidden: int >= 1, the units of the dense part; None takes 4 times the
            width.
        dropout: float in [0, 0.9], the rate on attention and on what is added.
        order: "pre" (normalization before each part) or "post".
        activation: "relu", "gelu" or "silu".
        positions: "none", "rotary", "relative" or "alibi", how
            self-attention knows distances; see `MultiHeadAttention`.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, time, width).
        memory: float tensor (batch, others, width'), what an encoder gave.
        x_mask: bool tensor (batch, time), or None.
        memory_mask: bool tensor (batch, others), or None.

    Raises:
        ValueError: for an argument out of range.

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
    causal = True

    def __init__(
        self,
        heads=4,
        hidden=None,
        dropout=0.1,
        order="pre",
        activation="gelu",
        positions="none",
        **kwargs,
    ):
        values = {"heads": heads, "hidden": hidden, "dropout": dropout}
        values |= {"order": order, "activation": activation}
        super().__init__({**values, "positions": positions}, **kwargs)

    def build(self, x_shape, memory_shape):
        """Makes the parts."""
        self._make(x_shape[-1], memory_shape[-1])

    def call(self, x, memory, x_mask=None, memory_mask=None, training=False):
        """Decodes a whole sequence."""
        x = self._self(x, x_mask, training)
        x = self._residual(
            x,
            self.memory_norm,
            lambda x: self.memory_attention(
                x, memory, value_mask=memory_mask, training=training
            ),
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
        keys, values = self.memory_attention.keys_and_values(memory)
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
            kept = self.self_attention.keys_and_values(x, place)
            for name, found in zip(("keys", "values"), kept, strict=True):
                cache[name] = ops.where(here, found, cache[name])
            # Being causal, it doesn't see the places that are still empty.
            return self.self_attention.attend(
                x, cache["keys"], cache["values"], start=place
            )[0]

        def recall(x):
            mask = memory_mask
            if mask is not None:
                mask = ops.cast(mask, "bool")[:, None]
            return self.memory_attention.attend(
                x, cache["memory_keys"], cache["memory_values"], mask
            )[0]

        x = self._residual(x, self.self_norm, look, False)
        x = self._residual(x, self.memory_norm, recall, False)
        return self._dense(x, False), cache

    def compute_output_shape(self, x_shape, memory_shape):
        """Gives the shape of the sequence."""
        return x_shape
