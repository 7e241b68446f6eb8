"""Search: from a decoder that takes one step to whole sequences."""

import keras
from keras import layers, ops

# What a way that can't be taken costs.
_NEVER = -1e9


def beam_search(step, state, batch, *, start, end, length, beams, words):
    """Follows the best few beginnings, and gives the best whole sequence.

    Sequences are ranked by the mean log probability of their steps, so that
    long ones aren't at a loss. One beam is greedy search.

    Args:
        step: callable `(ids, state, place)` from int (rows,) to float
            (rows, words), log probabilities, and the next state; rows are the
            batch's, each `beams` times.
        state: nested structure of tensors (rows, ...).
        batch: int or int tensor (), how many sequences are sought.
        start: int, the number that each begins with.
        end: int, the number that ends one.
        length: int, the most steps.
        beams: int >= 1.
        words: int, how many numbers there are.

    Returns:
        int32 tensor (batch, length), padded with 0 behind the end.

    Source:
        Graves, "Sequence Transduction with Recurrent Neural Networks", 2012;
        the mean as in Wu et al., 2016, arXiv:1609.08144, equation 14 with an
        exponent of 1 and without coverage.

    Example:
        >>> def step(ids, state, place):
        ...     return ops.log(ops.array([[0.1, 0.2, 0.7]])), state
        >>> beam_search(step, {}, 1, start=1, end=2, length=3, beams=1,
        ...             words=3).numpy().tolist()
        [[2, 0, 0]]
    """
    first = ops.arange(beams) == 0
    cost = ops.where(first, 0.0, _NEVER) * ops.ones((batch, 1))
    found = ops.zeros((batch, beams, length), "int32")
    ids = ops.full((batch * beams,), start, "int32")
    done = ops.zeros((batch, beams), "bool")
    size = ops.zeros((batch, beams))
    # What an ended sequence may go on with: padding, at no cost.
    only = ops.where(ops.arange(words) == 0, 0.0, _NEVER)
    lead = ops.arange(batch)[:, None] * beams

    def more(place, ids, cost, size, done, found, state):
        return ops.logical_and(place < length, ops.logical_not(ops.all(done)))

    def turn(place, ids, cost, size, done, found, state):
        logs, state = step(ids, state, place)
        logs = ops.reshape(ops.cast(logs, "float32"), (-1, beams, words))
        logs = ops.where(done[..., None], only, logs)
        total = cost[..., None] + logs
        longer = size + ops.cast(ops.logical_not(done), "float32")
        rank = total / ops.maximum(longer, 1.0)[..., None]
        flat = (-1, beams * words)
        _, best = ops.top_k(ops.reshape(rank, flat), beams)
        cost = ops.take_along_axis(ops.reshape(total, flat), best, axis=1)
        parent, word = best // words, best % words
        size, done = (
            ops.take_along_axis(each, parent, axis=1)
            for each in (longer, ops.cast(done, "int32"))
        )
        rows = ops.reshape(lead + parent, (-1,))
        found = ops.take(ops.reshape(found, (-1, length)), rows, axis=0)
        here = ops.cast(ops.arange(length) == place, "int32")
        new = ops.where(ops.cast(done, "bool"), 0, ops.cast(word, "int32"))
        found = found + here * ops.reshape(new, (-1, 1))
        found = ops.reshape(found, (-1, beams, length))
        state = keras.tree.map_structure(
            lambda each: ops.take(each, rows, axis=0), state
        )
        done = ops.logical_or(ops.cast(done, "bool"), ops.equal(word, end))
        ids = ops.reshape(ops.cast(word, "int32"), (-1,))
        return place + 1, ids, cost, size, done, found, state

    values = (ops.array(0), ids, cost, size, done, found, state)
    _, _, cost, size, _, found, _ = ops.while_loop(more, turn, values)
    best = ops.argmax(cost / ops.maximum(size, 1.0), -1)
    return ops.take_along_axis(found, best[:, None, None], axis=1)[:, 0]


def sample_search(
    step, state, batch, *, start, end, length, top_k, top_p, seed
):
    """Draws each next number from the likeliest ones.

    Args:
        step: callable, as in `beam_search`, of one row a sequence.
        state: nested structure of tensors (batch, ...).
        batch: int or int tensor ().
        start: int, the number that each begins with.
        end: int, the number that ends one.
        length: int, the most steps.
        top_k: int >= 1, how many of the likeliest count, or None for all.
        top_p: float in [0, 1]: the likeliest that make up this probability
            together count; the first of them always does.
        seed: int, of all draws, so that one batch gives one answer.

    Returns:
        int32 tensor (batch, length), padded with 0 behind the end.

    Source:
        Fan et al., "Hierarchical Neural Story Generation", 2018,
        arXiv:1805.04833 (top k); Holtzman et al., "The Curious Case of Neural
        Text Degeneration", 2020, arXiv:1904.09751 (top p).

    Example:
        >>> def step(ids, state, place):
        ...     return ops.log(ops.array([[0.1, 0.2, 0.7]])), state
        >>> sample_search(step, {}, 1, start=1, end=2, length=2, top_k=1,
        ...     top_p=1.0, seed=0).numpy().tolist()
        [[2, 0]]
    """
    found = ops.zeros((batch, length), "int32")
    ids = ops.full((batch,), start, "int32")
    done = ops.zeros((batch,), "bool")
    chance = keras.random.uniform((batch, length), seed=seed)

    def more(place, ids, done, found, state):
        return ops.logical_and(place < length, ops.logical_not(ops.all(done)))

    def turn(place, ids, done, found, state):
        logs, state = step(ids, state, place)
        logs = likeliest(ops.cast(logs, "float32"), top_k, top_p)
        sums = ops.cumsum(ops.softmax(logs, -1), -1)
        here = ops.cast(ops.arange(length) == place, "int32")
        mark = ops.sum(chance * ops.cast(here, "float32"), -1, keepdims=True)
        drawn = ops.sum(ops.cast(sums <= mark * sums[:, -1:], "int32"), -1)
        drawn = ops.where(done, 0, drawn)
        found = found + here * drawn[:, None]
        done = ops.logical_or(done, ops.equal(drawn, end))
        return place + 1, drawn, done, found, state

    values = (ops.array(0), ids, done, found, state)
    return ops.while_loop(more, turn, values)[3]


def likeliest(logs, top_k=None, top_p=1.0):
    """Leaves the likeliest numbers, and rules the others out.

    Args:
        logs: float tensor (rows, words), log probabilities.
        top_k: int >= 1, or None.
        top_p: float in [0, 1].

    Returns:
        float tensor like `logs`, -1e9 for what is ruled out.

    Example:
        >>> logs = ops.log(ops.array([[0.5, 0.3, 0.2]]))
        >>> (likeliest(logs, top_p=0.6) > -1e8).numpy().tolist()
        [[True, True, False]]
    """
    words = logs.shape[-1]
    if top_k is not None and top_k < words:
        least = ops.top_k(logs, top_k)[0][:, -1:]
        logs = ops.where(logs < least, _NEVER, logs)
    if top_p < 1.0:
        best = ops.flip(ops.sort(logs, -1), -1)
        shares = ops.softmax(best, -1)
        before = ops.cumsum(shares, -1) - shares
        inside = ops.logical_or(before < top_p, ops.arange(words) == 0)
        least = ops.min(ops.where(inside, best, -_NEVER), -1, keepdims=True)
        logs = ops.where(logs < least, _NEVER, logs)
    return logs


@keras.saving.register_keras_serializable("kerasgen.layer")
class Search(layers.Layer):
    """Writes sequences with a writer and a head that were trained.

    Args:
        writer: Writer.
        head: keras.layers.Layer from features to logits of words.
        start: int, the number that each sequence begins with.
        end: int, the number that ends one.
        length: int, the most words.
        search: "greedy", "beam" or "sample".
        beams: int >= 1, for "beam".
        top_k: int >= 1, or None, for "sample".
        top_p: float in [0, 1], for "sample".
        seed: int, for "sample".
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        memory: float tensor (batch, time, width).
        seen: bool tensor (batch, time); the output is int32 (batch, length),
            padded with 0 behind the end.

    Example:
        >>> from kerasgen.layers.writer import RecurrentWriter
        >>> writer = RecurrentWriter(words=9, width=4)
        >>> memory, seen = ops.ones((2, 5, 6)), ops.ones((2, 5), "bool")
        >>> features = writer(ops.ones((2, 3), "int32"), memory, seen)
        >>> head = layers.Dense(9)
        >>> Search(writer, head, start=2, end=3, length=7)(memory, seen).shape
        TensorShape([2, 7])
    """

    def __init__(
        self,
        writer,
        head,
        *,
        start,
        end,
        length,
        search="greedy",
        beams=4,
        top_k=None,
        top_p=1.0,
        seed=0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        # What of the memory may be looked at comes as `seen`.
        self.supports_masking = True
        self.writer = writer
        self.head = head
        self.bounds = {"start": start, "end": end, "length": length}
        self.search = search
        self.beams = beams if search == "beam" else 1
        self.sampling = {"top_k": top_k, "top_p": top_p, "seed": seed}

    def call(self, memory, seen):
        """Writes."""
        batch = ops.shape(memory)[0]

        def step(ids, state, place):
            features, state = self.writer.step(ids, state, place)
            logits = ops.cast(self.head(features), "float32")
            # Neither padding nor a second start is a word to write.
            never = [0, self.bounds["start"]]
            ruled = ops.sum(ops.one_hot(never, logits.shape[-1]), 0)
            return ops.log_softmax(logits - 1e9 * ruled), state

        length = self.bounds["length"]
        if self.search == "sample":
            state = self.writer.start(memory, seen, length)
            return sample_search(
                step, state, batch, **self.bounds, **self.sampling
            )
        memory, seen = (
            ops.repeat(each, self.beams, axis=0) for each in (memory, seen)
        )
        state = self.writer.start(memory, seen, length)
        return beam_search(
            step,
            state,
            batch,
            beams=self.beams,
            words=self.writer.words,
            **self.bounds,
        )

    def compute_mask(self, inputs, previous_mask=None):
        """Gives None: numbers of words have no mask."""
        return None

    def compute_output_spec(self, memory, seen):
        """Gives an int32 tensor (batch, length)."""
        shape = (memory.shape[0], self.bounds["length"])
        return keras.KerasTensor(shape, "int32")

    def get_config(self):
        """Gives the layer's arguments, writer and head among them."""
        parts = {
            name: keras.saving.serialize_keras_object(getattr(self, name))
            for name in ("writer", "head")
        }
        own = {"search": self.search, "beams": self.beams}
        return {
            **super().get_config(),
            **parts,
            **self.bounds,
            **own,
            **self.sampling,
        }

    @classmethod
    def from_config(cls, config):
        """Makes the layer from its configuration."""
        config = dict(config)
        for name in ("writer", "head"):
            config[name] = keras.saving.deserialize_keras_object(config[name])
        return cls(**config)
