"""Moves of the words of a text."""

import tensorflow as tf

from kerasgen.augment.base import fold, uniform
from kerasgen.augment.words import Words, apart, last, regroup, swap, word
from kerasgen.core import Choice, Float, Int, register


@register("augment")
class DropTokens(Words):
    """Drops words; one of a text always stays.

    Args:
        rate: float in [0, 1], the probability for each word.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Iyyer et al., "Deep Unordered Composition Rivals Syntactic Methods for
        Text Classification", 2015, section 2.3 (word dropout); Wei & Zou,
        "EDA", 2019, arXiv:1901.11196 (random deletion).

    Example:
        >>> x = tf.constant(["to be or not to be"])
        >>> part = DropTokens(rate=1.0)
        >>> len(part({"x": x}, [0, 0])["x"].numpy()[0].split())
        1
    """

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.3))}

    def __init__(self, rate=0.1):
        super().__init__(rate=rate)

    def change(self, words, seed):
        """Drops words."""
        return drop(words, seed, self.rate)


def drop(words, seed, rate):
    """Drops words of a batch, all but one of a text at the most.

    Args:
        words: ragged strings (batch, None).
        seed: int tensor (2,).
        rate: float in [0, 1], the probability for each word.

    Returns:
        What `Words.change` does.

    Example:
        >>> words = tf.ragged.constant([["a", "b"], ["c"]])
        >>> drop(words, [0, 0], 1.0)[0].row_lengths().numpy().tolist()
        [1, 1]
    """
    rows = words.value_rowids()
    draw = uniform(seed, tf.shape(words.values))
    best = tf.math.unsorted_segment_max(draw, rows, words.nrows())
    gone = (draw < rate) & (draw < tf.gather(best, rows))
    kept = tf.where(~gone)[:, 0]
    left = regroup(tf.gather(words.values, kept), ~gone, words)
    return left, kept, gone


@register("augment")
class SwapTokens(Words):
    """Changes words with their right neighbours.

    From left to right; a word that was moved isn't moved again.

    Args:
        rate: float in [0, 1], the probability for each word that has a
            neighbour to its right and wasn't just moved.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Artetxe et al., "Unsupervised Neural Machine Translation", 2018,
        arXiv:1710.11041, section 3.2 (swaps of contiguous words). Wei & Zou,
        2019, swap any two.

    Example:
        >>> x = tf.constant(["to be or not"])
        >>> SwapTokens(rate=1.0)({"x": x}, [0, 0])["x"].numpy()[0].decode()
        'be to not or'
    """

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.3))}

    def __init__(self, rate=0.1):
        super().__init__(rate=rate)

    def change(self, words, seed):
        """Swaps neighbours."""
        draw = uniform(seed, tf.shape(words.values))
        chosen = apart((draw < self.rate) & ~last(words))
        order = swap(chosen)
        moved = words.with_values(tf.gather(words.values, order))
        return moved, order, chosen


@register("augment")
class InsertTokens(Words):
    """Puts words that occur elsewhere beside words, left or right.

    Args:
        rate: float in [0, 1], the probability for each word to get another
            beside it.
        source: "text", where the new words come from the same text, or
            "batch", where they come from any text of the batch.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Wei & Zou, "EDA", 2019, arXiv:1901.11196 (random insertion). They
        insert synonyms; we draw words by how often they occur (unigram
        noise of Xie et al., "Data Noising as Smoothing in Neural Network
        Language Models", 2017, arXiv:1703.02573).

    Example:
        >>> x = tf.constant(["well then"])
        >>> out = InsertTokens(rate=1.0)({"x": x}, [0, 0])["x"]
        >>> len(out.numpy()[0].split())
        4
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.0, 0.3)),
        "source": Choice(("text", "batch")),
    }

    def __init__(self, rate=0.1, source="text"):
        super().__init__(rate=rate, source=source)

    def change(self, words, seed):
        """Inserts words."""
        shape = tf.shape(words.values)
        n = tf.size(words.values, tf.int64)
        chosen = uniform(seed, shape) < self.rate
        counts = 1 + tf.cast(chosen, tf.int64)
        place = tf.repeat(tf.range(n), counts)
        second = tf.concat([[False], place[1:] == place[:-1]], 0)
        second = second[: tf.size(place)]
        right = uniform(fold(seed, 1), shape) < 0.5
        # Of a pair the left one is new where the word goes to the right.
        new = tf.gather(chosen, place) & (second == tf.gather(right, place))
        drawn = tf.gather(self._draw(words, fold(seed, 2)), place)
        values = tf.gather(words.values, tf.where(new, drawn, place))
        return (
            regroup(values, counts, words),
            tf.where(new, tf.constant(-1, tf.int64), place),
            chosen,
        )

    def _draw(self, words, seed):
        """Draws the place of another word for each."""
        n = tf.size(words.values, tf.int64)
        if self.source == "text":
            rows = words.value_rowids()
            start = tf.gather(words.row_splits, rows)
            count = tf.gather(words.row_lengths(), rows)
        else:
            start, count = tf.zeros_like(tf.range(n)), n
        share = uniform(seed, tf.shape(words.values))
        step = tf.cast(share * tf.cast(count, tf.float32), tf.int64)
        return start + tf.minimum(step, count - 1)


@register("augment")
class MaskSpan(Words):
    """Hides spans of words behind a token.

    Args:
        rate: float in [0, 1], the share of words that are hidden.
        length: int >= 1, the length of a span in words; spans may overlap,
            and the text's ends cut them off.
        token: str, one word, what is put there.
        merge: bool, whether neighbours that are hidden become one token
            together instead of one each.

    Raises:
        ValueError: for an argument out of range.
        TypeError: for a token that is no str.

    Source:
        Joshi et al., "SpanBERT", 2020, arXiv:1907.10529, section 3.1, and
        with `merge` Lewis et al., "BART", 2020, arXiv:1910.13461, section 2.2
        (text infilling). Their lengths are random, ours is fixed.

    Example:
        >>> x = tf.constant(["to be or not"])
        >>> part = MaskSpan(rate=1.0, merge=True)
        >>> part({"x": x}, [0, 0])["x"].numpy()[0].decode()
        '[MASK]'
    """

    arguments = {
        "rate": Float(0.0, 1.0, search=(0.0, 0.3)),
        "length": Int(1, search=(1, 5)),
        "merge": Choice((True, False)),
    }

    def __init__(self, rate=0.15, length=3, token="[MASK]", merge=False):
        super().__init__(rate=rate, length=length, merge=merge)
        self.token = word(type(self).__name__, "token", token)

    def get_config(self):
        """Gives the arguments."""
        return {**super().get_config(), "token": self.token}

    def change(self, words, seed):
        """Hides words."""
        hidden = self._hidden(words, seed)
        values = tf.where(hidden, tf.constant(self.token), words.values)
        place = tf.range(tf.size(hidden, tf.int64))
        if not self.merge:
            return words.with_values(values), place, hidden
        before = tf.concat([[False], hidden[:-1]], 0)[: tf.size(hidden)]
        start = tf.gather(words.row_splits, words.value_rowids()) == place
        gone = hidden & before & ~start
        kept = tf.where(~gone)[:, 0]
        lone = ~tf.concat([gone[1:], [False]], 0)[: tf.size(hidden)]
        # The tag of a token that stands for several words isn't known.
        place = tf.where(hidden & ~lone, tf.constant(-1, tf.int64), place)
        left = regroup(tf.gather(values, kept), ~gone, words)
        return left, tf.gather(place, kept), hidden

    def _hidden(self, words, seed):
        """Draws the words that are hidden, each with probability `rate`.

        A span may start before its text, so that the first words are hidden
        as often as the others.
        """
        reach = self.length - 1
        rows = words.value_rowids()
        n = tf.size(words.values, tf.int64)
        place = tf.range(n) + (rows + 1) * reach
        draws = uniform(seed, (n + words.nrows() * reach,))
        # Not hidden is a word where none of `length` places starts a span.
        starts = draws < 1.0 - (1.0 - self.rate) ** (1.0 / self.length)
        hidden = tf.zeros((n,), tf.bool)
        for back in range(self.length):
            hidden |= tf.gather(starts, place - back)
        return hidden


@register("augment")
class BackOff(Words):
    """Replaces words by the token of unknown ones.

    A model that never met unknown words in training does worse on them than
    one that did.

    Args:
        rate: float in [0, 1], the probability for each word.
        token: str, one word, the vocabulary's own for unknown words.

    Raises:
        ValueError: for an argument out of range.
        TypeError: for a token that is no str.

    Source:
        Xie et al., "Data Noising as Smoothing in Neural Network Language
        Models", 2017, arXiv:1703.02573, section 3.2 (blank noising).

    Example:
        >>> part = BackOff(rate=1.0)
        >>> x = tf.constant(["to be"])
        >>> part({"x": x}, [0, 0])["x"].numpy()[0].decode()
        '[UNK] [UNK]'
    """

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.3))}

    def __init__(self, rate=0.1, token="[UNK]"):
        super().__init__(rate=rate)
        self.token = word(type(self).__name__, "token", token)

    def get_config(self):
        """Gives the arguments."""
        return {**super().get_config(), "token": self.token}

    def change(self, words, seed):
        """Replaces words."""
        chosen = uniform(seed, tf.shape(words.values)) < self.rate
        values = tf.where(chosen, tf.constant(self.token), words.values)
        place = tf.range(tf.size(chosen, tf.int64))
        return words.with_values(values), place, chosen
