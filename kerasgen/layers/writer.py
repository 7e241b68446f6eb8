"""Writers: decoders that know their words, whole or one step at a time."""

from keras import layers, ops

from kerasgen.core import register
from kerasgen.layers.attention import (
    AdditiveAttention,
    MultiplicativeAttention,
)
from kerasgen.layers.positions import SinusoidalPositions
from kerasgen.layers.search import Search
from kerasgen.layers.transformer import TransformerDecoder


class Writer(layers.Layer):
    """A decoder from the numbers of the words before to features.

    A subclass writes `call` for whole sequences, and `start` and `step` for
    one word at a time, so that both give the same.

    Args:
        words: int >= 4, how many words there are; 0 is padding.
        width: int >= 1, of what comes out.
        dropout: float in [0, 0.9].
        **kwargs: arguments of `keras.layers.Layer`.
    """

    tries = (((4,), 7), (5, 8), ((5,), 2))

    def __init__(self, words=8, width=8, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.words = words
        self.width = width
        self.dropout = dropout
        self.embed = layers.Embedding(
            words, width, name="embed", dtype=self.dtype_policy
        )
        self.drop = layers.Dropout(dropout, dtype=self.dtype_policy)

    def start(self, memory, seen, length):
        """Gives the state before the first word.

        Args:
            memory: float tensor (batch, time, width').
            seen: bool tensor (batch, time), what of it may be looked at.
            length: int, the most words that will come.

        Returns:
            dict of tensors (batch, ...).
        """
        raise NotImplementedError

    def step(self, ids, state, place):
        """Takes one word.

        Args:
            ids: int tensor (batch,), the word before.
            state: dict, what `start` or the step before gave.
            place: int or int tensor (), how many words came before.

        Returns:
            float tensor (batch, width), and the next state.
        """
        raise NotImplementedError

    def searching(self, head, **options):
        """Makes the layer that writes by itself.

        Args:
            head: keras.layers.Layer from features to logits of words.
            **options: arguments of `Search`.

        Returns:
            Search.
        """
        return Search(self, head, **options)

    def compute_output_shape(self, ids_shape, memory_shape, seen_shape):
        """Gives (batch, steps, width)."""
        return (*ids_shape, self.width)

    def get_config(self):
        """Gives the layer's arguments."""
        own = {
            "words": self.words,
            "width": self.width,
            "dropout": self.dropout,
        }
        return {**super().get_config(), **own}


@register("layer")
class TransformerWriter(Writer):
    """A stack of Transformer decoder blocks on words and their places.

    Args:
        words: int >= 4, how many words there are; 0 is padding.
        width: int >= 1, of words and blocks.
        dropout: float in [0, 0.9], the rate on words and in the blocks.
        heads: int >= 1, of attention; it must divide the width.
        depth: int >= 1, the number of blocks.
        hidden: int >= 1, of the blocks' dense part; None takes 4 widths.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        ids: int tensor (batch, steps), the words before each step.
        memory: float tensor (batch, time, width'), what an encoder gave.
        seen: bool tensor (batch, time), what of it may be looked at; the
            output is (batch, steps, width).

    Source:
        Vaswani et al., "Attention Is All You Need", 2017, arXiv:1706.03762,
        with normalization before each part.

    Example:
        >>> layer = TransformerWriter(words=9, width=4, heads=2, depth=1)
        >>> ids, seen = ops.ones((2, 3), "int32"), ops.ones((2, 5), "bool")
        >>> layer(ids, ops.ones((2, 5, 4)), seen).shape
        TensorShape([2, 3, 4])
    """

    def __init__(
        self,
        words=8,
        width=8,
        dropout=0.0,
        heads=2,
        depth=1,
        hidden=None,
        **kwargs,
    ):
        super().__init__(words, width, dropout, **kwargs)
        self.heads = heads
        self.depth = depth
        self.hidden = hidden
        policy = self.dtype_policy
        self.places = SinusoidalPositions(dtype=policy, name="places")
        self.blocks = [
            TransformerDecoder(
                heads, hidden, dropout, dtype=policy, name=f"block{i}"
            )
            for i in range(depth)
        ]
        self.norm = layers.LayerNormalization(
            epsilon=1e-6, dtype=policy, name="norm"
        )

    def build(self, ids_shape, memory_shape, seen_shape):
        """Makes words and blocks."""
        shape = (None, None, self.width)
        self.embed.build((None, None))
        for block in self.blocks:
            block.build(shape, memory_shape)
        self.norm.build(shape)
        self.built = True

    def call(self, ids, memory, seen, training=False):
        """Writes a whole sequence."""
        # A copy without the mask that Keras may have hung on it.
        memory = ops.copy(memory)
        x = self._read(ids, 0, training)
        for block in self.blocks:
            x = block(
                x,
                memory,
                memory_mask=ops.cast(seen, "bool"),
                training=training,
            )
        return self.norm(x)

    def _read(self, ids, place, training):
        x = self.embed(ids) * self.width**0.5
        return self.drop(self.places(x, start=place), training=training)

    def start(self, memory, seen, length):
        """Reads the memory; see `Writer.start`."""
        caches = [block.start(memory, length) for block in self.blocks]
        return {"caches": caches, "seen": ops.cast(seen, "bool")}

    def step(self, ids, state, place):
        """Takes one word; see `Writer.step`."""
        x = self._read(ids[:, None], place, False)
        caches = []
        for block, cache in zip(self.blocks, state["caches"], strict=True):
            x, cache = block.step(x, cache, place, state["seen"])
            caches.append(cache)
        return self.norm(x)[:, 0], {**state, "caches": caches}

    def get_config(self):
        """Gives the layer's arguments."""
        own = {"heads": self.heads, "depth": self.depth, "hidden": self.hidden}
        return {**super().get_config(), **own}


@register("layer")
class RecurrentWriter(Writer):
    """A recurrent decoder that attends to the memory at each step.

    "additive" attends before the cell, which takes in what was found
    (Bahdanau); "multiplicative" behind it, where both are joined (Luong).

    Args:
        words: int >= 4, how many words there are; 0 is padding.
        width: int >= 1, of words, cell and output.
        dropout: float in [0, 0.9], the rate on words and output.
        cell: "gru" or "lstm".
        attention: "additive" or "multiplicative".
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        ids: int tensor (batch, steps), the words before each step.
        memory: float tensor (batch, time, width'), what an encoder gave.
        seen: bool tensor (batch, time), what of it may be looked at; the
            output is (batch, steps, width).

    Source:
        Bahdanau et al., "Neural Machine Translation by Jointly Learning to
        Align and Translate", 2015, arXiv:1409.0473, with a hyperbolic tangent
        for the maxout layer; Luong et al., "Effective Approaches to
        Attention-based Neural Machine Translation", 2015, arXiv:1508.04025,
        equation 5, without feeding it back. The first state is read from the
        memory's mean.

    Example:
        >>> layer = RecurrentWriter(words=9, width=4)
        >>> ids, seen = ops.ones((2, 3), "int32"), ops.ones((2, 5), "bool")
        >>> layer(ids, ops.ones((2, 5, 6)), seen).shape
        TensorShape([2, 3, 4])
    """

    def __init__(
        self,
        words=8,
        width=8,
        dropout=0.0,
        cell="gru",
        attention="additive",
        **kwargs,
    ):
        super().__init__(words, width, dropout, **kwargs)
        self.kind = cell
        self.attention = attention
        policy = self.dtype_policy
        make = {"gru": layers.GRUCell, "lstm": layers.LSTMCell}[cell]
        self.cell = make(width, dtype=policy, name="cell")
        look = {
            "additive": AdditiveAttention,
            "multiplicative": MultiplicativeAttention,
        }[attention]
        self.look = look(dtype=policy, name="look")
        self.first = layers.Dense(width, "tanh", dtype=policy, name="first")
        self.join = layers.Dense(width, "tanh", dtype=policy, name="join")

    def build(self, ids_shape, memory_shape, seen_shape):
        """Makes words, cell and attention."""
        wide, told = self.width, memory_shape[-1]
        self.embed.build((None, None))
        before = self.attention == "additive"
        self.cell.build((None, wide + (told if before else 0)))
        self.look.build((None, None, wide), (None, None, told))
        self.first.build((None, told))
        self.join.build((None, None, wide + told + (wide if before else 0)))
        self.built = True

    def call(self, ids, memory, seen, training=False):
        """Writes a whole sequence."""
        # A copy without the mask that Keras may have hung on it.
        memory = ops.copy(memory)
        seen = ops.cast(seen, "bool")
        words = self.drop(self.embed(ids), training=training)
        state = self._first(memory, seen)
        before = self.attention == "additive"
        # What a scan gives must have the form of what it carries.
        carry = [*state, ops.zeros_like(memory[:, 0])] if before else state

        def turn(carry, word):
            old = carry[: len(state)]
            _, found, new = self._turn(word, old, memory, seen)
            carry = [*new, found] if before else new
            return carry, carry

        steps = ops.transpose(words, (1, 0, 2))
        _, told = ops.scan(turn, carry, steps)
        told = [ops.transpose(each, (1, 0, 2)) for each in told]
        hidden = told[0]
        if before:
            both = ops.concatenate([hidden, told[-1], words], -1)
        else:
            found = self.look(hidden, memory, value_mask=seen)
            both = ops.concatenate([hidden, found], -1)
        return self.drop(self.join(both), training=training)

    def _first(self, memory, seen):
        share = ops.cast(seen, memory.dtype)[..., None]
        count = ops.maximum(ops.sum(share, 1), 1.0)
        hidden = self.first(ops.sum(memory * share, 1) / count)
        if self.kind == "gru":
            return [hidden]
        return [hidden, ops.zeros_like(hidden)]

    def _turn(self, word, state, memory, seen):
        """One step of the cell: what it gives and found, and its state."""
        found = word[:, :0]
        if self.attention == "additive":
            found = self._found(state[0], memory, seen)
            word = ops.concatenate([word, found], -1)
        hidden, state = self.cell(word, state)
        return hidden, found, list(state)

    def _found(self, hidden, memory, seen):
        return self.look(hidden[:, None], memory, value_mask=seen)[:, 0]

    def start(self, memory, seen, length):
        """Reads the memory; see `Writer.start`."""
        seen = ops.cast(seen, "bool")
        cell = self._first(memory, seen)
        return {"memory": memory, "seen": seen, "cell": cell}

    def step(self, ids, state, place):
        """Takes one word; see `Writer.step`."""
        memory, seen = state["memory"], state["seen"]
        word = self.embed(ids)
        hidden, found, cell = self._turn(word, state["cell"], memory, seen)
        if self.attention == "additive":
            both = ops.concatenate([hidden, found, word], -1)
        else:
            found = self._found(hidden, memory, seen)
            both = ops.concatenate([hidden, found], -1)
        return self.join(both), {**state, "cell": cell}

    def get_config(self):
        """Gives the layer's arguments."""
        own = {"cell": self.kind, "attention": self.attention}
        return {**super().get_config(), **own}
