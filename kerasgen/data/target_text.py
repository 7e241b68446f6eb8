"""Target texts: learnt words, and the numbers that training needs."""

import collections
import dataclasses

import numpy as np
import tensorflow as tf

from kerasgen.data.prepare.lookup import lookup_table
from kerasgen.data.prepare.text import CleanText

_CHUNK = 4096
_UNK, _START, _END = 1, 2, 3


def learn_words(task, texts):
    """Gives a task the words of its targets, learnt on train.

    Args:
        task: Task with `words`, `size` and `length`, such as `Translation`.
        texts: array (n,) of str, the targets of train.

    Returns:
        Task; the same where it knows its words.

    Example:
        >>> import kerasgen as kg
        >>> learn_words(kg.Translation(), ["A dog.", "a dog!"]).words
        ('a', 'dog')
    """
    if task.words:
        return task
    counts = collections.Counter()
    for start in range(0, len(texts), _CHUNK):
        words = _cut(list(texts[start : start + _CHUNK]))
        counts.update(words.flat_values.numpy().tolist())
    # What comes once teaches what an unknown word is.
    kept = [(-n, word) for word, n in counts.items() if n > 1]
    kept = [word.decode() for _, word in sorted(kept)]
    return dataclasses.replace(task, words=tuple(kept[: task.size - 4]))


def number_texts(task, texts):
    """Numbers the words of targets.

    Args:
        task: Task, as `learn_words` gave it.
        texts: array (n,) of str.

    Returns:
        int32 array (n, length): words, the end where there is room, padding.

    Example:
        >>> import kerasgen as kg
        >>> task = kg.Translation(words=("a", "dog"), length=5)
        >>> number_texts(task, ["A dog", "a cat"]).tolist()
        [[4, 5, 3, 0, 0], [4, 1, 3, 0, 0]]
    """
    table = lookup_table(list(task.vocabulary), default=_UNK)
    found = np.zeros((len(texts), task.length), "int32")
    for start in range(0, len(texts), _CHUNK):
        words = _cut(list(texts[start : start + _CHUNK]))
        ids = tf.ragged.map_flat_values(table.lookup, words)
        end = tf.fill((ids.nrows(), 1), tf.constant(_END, ids.dtype))
        ids = tf.concat([ids, end], 1)
        found[start : start + _CHUNK] = ids.to_tensor(
            0, shape=(None, task.length)
        )
    return found


def shifted(ids):
    """Gives the words before each step: the start, and all but the last.

    Args:
        ids: int tensor (batch, length).

    Returns:
        int tensor (batch, length).

    Example:
        >>> shifted(tf.constant([[4, 5, 3, 0]])).numpy().tolist()
        [[2, 4, 5, 3]]
    """
    start = tf.fill((tf.shape(ids)[0], 1), tf.constant(_START, ids.dtype))
    return tf.concat([start, ids[:, :-1]], 1)


def _cut(texts):
    clean = CleanText(case="lower", punctuation="split")
    return tf.strings.split(clean(tf.constant(texts, tf.string)))
