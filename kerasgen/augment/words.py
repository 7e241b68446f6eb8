"""Words of texts in a batch: read, edited as one flat list, written back."""

import tensorflow as tf

from kerasgen.augment.base import Augment
from kerasgen.core import instance, message

# What stands where nothing is known of a word.
_OPEN = {"y": -1, "weight": 0, "mask": 0}


class Words(Augment):
    """A move of words.

    A text is split at ASCII white space; one that is changed is joined by
    single spaces, one that isn't stays bit for bit. Tokens are words already:
    their tags, and a `weight` or `mask` of each, move along, those of a word
    that is new are -1 and 0, and what no longer fits in `time` is cut off.

    A subclass has a `rate` and writes `change(words, seed)`.
    """

    kind = "text"
    stage = "raw"

    def apply(self, fields, seed):
        """Moves the words of a batch.

        Args:
            fields: dict with `x`, strings (batch,), or tokens (batch, time)
                padded with "", and maybe whole-number tags `y` (batch, time).
            seed: int tensor (2,).

        Returns:
            dict of the same fields, shapes and dtypes.
        """
        x = fields["x"]
        if self.rate == 0:
            return fields
        if x.shape.rank == 1:
            words = tf.strings.split(x)
            moved, _, chosen = self.change(words, seed)
            out = tf.strings.reduce_join(moved, 1, separator=" ")
            out = tf.where(_touched(words, chosen), out, x)
            return {**fields, "x": tf.ensure_shape(out, x.shape)}
        words, lengths = unpad(x)
        moved, source, chosen = self.change(words, seed)
        touched = _touched(words, chosen)[:, None]
        out = dict(fields)
        out["x"] = _padded(moved, x, "", touched)
        for name, fill in _OPEN.items():
            beside = fields.get(name)
            if beside is None or not _of_tokens(name, beside):
                continue
            flat = tf.RaggedTensor.from_tensor(beside, lengths=lengths).values
            fill = tf.cast(fill, beside.dtype)
            known = tf.gather(flat, tf.maximum(source, 0))
            known = moved.with_values(tf.where(source < 0, fill, known))
            out[name] = _padded(known, beside, fill, touched)
        return out

    def change(self, words, seed):
        """Edits words; a subclass writes this.

        Args:
            words: ragged strings (batch, None).
            seed: int tensor (2,).

        Returns:
            Ragged strings (batch, None); the place of each among the flat
            words before, -1 for a new one; bool for each word before, whether
            anything was done there.
        """
        raise NotImplementedError


def unpad(x):
    """Gives tokens (batch, time) without their padding.

    Args:
        x: string tensor (batch, time), padded with "".

    Returns:
        Ragged strings (batch, None), and int64 lengths (batch,).

    Example:
        >>> unpad(tf.constant([["a", "b"], ["c", ""]]))[1].numpy().tolist()
        [2, 1]
    """
    places = tf.range(1, tf.shape(x, tf.int64)[1] + 1)
    # Of no tokens at all, the maximum would be the least int64.
    lengths = tf.maximum(
        tf.reduce_max(tf.where(x == "", tf.zeros_like(places), places), 1),
        tf.zeros((), tf.int64),
    )
    return tf.RaggedTensor.from_tensor(x, lengths=lengths), lengths


def regroup(values, counts, words):
    """Makes rows of what a flat list of words has become.

    Args:
        values: tensor (sum of counts, ...).
        counts: int tensor (words,), how many values each word became.
        words: ragged tensor (batch, None) of the words before.

    Returns:
        Ragged tensor (batch, None, ...).

    Example:
        >>> words = tf.ragged.constant([["a"], ["b", "c"]])
        >>> regroup(tf.constant([1, 2, 3]), [2, 0, 1], words).to_list()
        [[1, 2], [3]]
    """
    counts = tf.cast(counts, tf.int64)
    ends = tf.concat([[tf.zeros((), tf.int64)], tf.cumsum(counts)], 0)
    splits = tf.gather(ends, tf.cast(words.row_splits, tf.int64))
    return tf.RaggedTensor.from_row_splits(values, splits, validate=False)


def apart(chosen):
    """Takes every other one of neighbours that are chosen, from the first.

    Args:
        chosen: bool tensor (n,).

    Returns:
        bool tensor (n,), no two neighbours of it true.

    Example:
        >>> apart(tf.constant([True, True, True, False, True])).numpy()
        array([ True, False,  True, False,  True])
    """
    others = tf.cast(~chosen, tf.int64)
    gaps = tf.concat([[-1], tf.where(~chosen)[:, 0]], 0)
    start = tf.gather(gaps, tf.cumsum(others))
    place = tf.range(tf.size(chosen, tf.int64)) - start - 1
    return chosen & (place % 2 == 0)


def swap(chosen):
    """Gives the order in which chosen places change with the next.

    Args:
        chosen: bool tensor (n,), no two neighbours nor the last of it true.

    Returns:
        int64 tensor (n,).

    Example:
        >>> swap(tf.constant([False, True, False])).numpy()
        array([0, 2, 1])
    """
    right = tf.cast(chosen, tf.int64)
    left = tf.concat([[tf.zeros((), tf.int64)], right[:-1]], 0)
    # Of no words there is no first one either.
    left = left[: tf.size(chosen)]
    return tf.range(tf.size(chosen, tf.int64)) + right - left


def last(words):
    """Marks the last word of each row.

    Args:
        words: ragged tensor (batch, None).

    Returns:
        bool tensor (words,).

    Example:
        >>> last(tf.ragged.constant([["a"], [], ["b", "c"]])).numpy()
        array([ True, False,  True])
    """
    ends = tf.gather(words.row_splits, words.value_rowids() + 1)
    n = tf.size(words.values, ends.dtype)
    return tf.range(1, n + 1, dtype=ends.dtype) == ends


def word(where, name, value):
    """Checks a word that is put into texts.

    Args:
        where: str, who complains.
        name: str, the argument.
        value: str without white space, not empty.

    Returns:
        str.

    Raises:
        ValueError: for one that is empty or more than one word.
        TypeError: for one that is no str.

    Example:
        >>> word("BackOff", "token", "[UNK]")
        '[UNK]'
    """
    if len(instance(where, name, value, str).split()) != 1:
        raise ValueError(
            message(where, f"`{name}` must be one word", {name: value})
        )
    return value.strip()


def _touched(words, chosen):
    rows = tf.cast(words.value_rowids(), tf.int64)
    return (
        tf.math.unsorted_segment_max(
            tf.cast(chosen, tf.int32), rows, words.nrows()
        )
        > 0
    )


def _padded(ragged, like, fill, touched):
    out = ragged.to_tensor(fill, shape=tf.shape(like, tf.int64))
    return tf.ensure_shape(tf.where(touched, out, like), like.shape)


def _of_tokens(name, value):
    """Whether a field has a value for each token; soft labels have not."""
    if value.shape.rank != 2:
        return False
    return name != "y" or value.dtype.is_integer
