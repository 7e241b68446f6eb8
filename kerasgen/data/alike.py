"""Batches of texts of about one length, which are soon worked through."""

import numpy as np
import tensorflow as tf

from kerasgen.core import message
from kerasgen.data.target_text import number_texts

# So many batches are put in order together: the fewer, the more at random.
_BATCHES = 50


def lengths(data, ready, split):
    """Counts the words of texts, and of those that are to be written.

    Args:
        data: Data.
        ready: callable from a split's name to its prepared examples, or to
            None where they don't fit in memory.
        split: str, the split's name.

    Returns:
        int array (n,).

    Raises:
        ValueError: for data that aren't numbers of words in memory.

    Example:
        >>> import kerasgen as kg
        >>> x, y = ["a film", "film", "a good film"] * 8, [0, 1, 0] * 8
        >>> data = kg.data.load((x, y), kind="text")
        >>> known = lambda split: data.tensors(split)[0]
        >>> sorted(set(lengths(data, known, "train").tolist()))
        [1, 2, 3]
    """
    numbers = np.issubdtype(data.prepare.outputs[0].dtype, np.integer)
    x = ready(split) if numbers and len(data.shape) <= 2 else None
    if x is None:
        raise ValueError(
            message(
                "batches",
                "`by_length` needs texts whose prepared words fit in memory",
                {"kind": data.schema.kind, "shape": data.shape},
                "Leave it out, or prepare numbers of words.",
            )
        )
    y = data.splits[split].y
    found = ((x if x.ndim == 2 else x[..., 0]) != 0).sum(1)
    if y is not None and hasattr(data.task, "words"):
        found = found + (number_texts(data.task, y) != 0).sum(1)
    return found


def grouped(order, sizes, batch_size, key):
    """Puts a random order so that batches hold examples of like size.

    Args:
        order: int tensor (n,), the places of examples in random order.
        sizes: int tensor (n,), of each place.
        batch_size: int >= 1.
        key: int tensor (2,), the seed of the batches' order.

    Returns:
        int tensor (n,); what is left for a smaller batch comes last.

    Example:
        >>> order, sizes = tf.range(6), tf.constant([3, 1, 2, 1, 3, 2])
        >>> found = grouped(order, sizes, 2, tf.constant([0, 1]))
        >>> sorted(tf.gather(sizes, found).numpy().reshape(3, 2).tolist())
        [[1, 1], [2, 2], [3, 3]]
    """
    n = order.shape[0]
    block = tf.range(n, dtype=tf.int64) // (_BATCHES * batch_size)
    size = tf.cast(tf.gather(sizes, order), tf.int64)
    rank = block * (tf.reduce_max(size) + 1) + size
    order = tf.gather(order, tf.argsort(rank, stable=True))
    full = n // batch_size
    batches = tf.reshape(order[: full * batch_size], (full, batch_size))
    turn = tf.random.experimental.stateless_shuffle(tf.range(full), key)
    batches = tf.reshape(tf.gather(batches, turn), (full * batch_size,))
    return tf.concat([batches, order[full * batch_size :]], 0)


def cut(ids):
    """Cuts the padding that all texts of a batch have.

    The length is a multiple of 8, so that a graph is traced for few of them.

    Args:
        ids: int tensor (batch, time); 0 is padding.

    Returns:
        int tensor (batch, shorter time).

    Example:
        >>> cut(tf.constant([[4, 5] + 30 * [0]])).shape
        TensorShape([1, 8])
    """
    longest = tf.reduce_max(tf.math.count_nonzero(ids, 1, dtype=tf.int32))
    return ids[:, : tf.maximum(8, -(-longest // 8) * 8)]
