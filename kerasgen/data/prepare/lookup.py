"""Lookup tables: words or keys -> numbers, in the graph."""

import numpy as np
import tensorflow as tf


def lookup_table(words, first=0, default=0):
    """Makes a table from words to their numbers.

    Args:
        words: list of str.
        first: int, the number of the first word.
        default: int, the number of every other word.

    Returns:
        tf.lookup.StaticHashTable from string to int32.

    Example:
        >>> lookup_table(["a", "b"], 1).lookup(tf.constant(["b"])).numpy()
        array([2], dtype=int32)
    """
    keys = np.array([word.encode() for word in words], dtype=object)
    numbers = np.arange(first, first + len(words), dtype="int32")
    return _table(keys, tf.string, numbers, default)


def number_table(keys, numbers, default=-1):
    """Makes a table from whole numbers to whole numbers.

    Args:
        keys: int64 array (n,), all different.
        numbers: int32 array (n,).
        default: int, for every other key.

    Returns:
        tf.lookup.StaticHashTable from int64 to int32.

    Example:
        >>> table = number_table(np.array([7]), np.array([1]))
        >>> table.lookup(tf.constant([7, 8], tf.int64)).numpy().tolist()
        [1, -1]
    """
    return _table(keys, tf.int64, numbers, default)


def _table(keys, dtype, numbers, default):
    if not len(keys):
        # TensorFlow refuses an empty table: one key that says the default.
        keys = np.array([b"" if dtype == tf.string else 0], keys.dtype)
        numbers = np.array([default], "int32")
    # A layer may be revived inside a function that tf.data traces.
    with tf.init_scope(), tf.device("CPU:0"):
        return tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.constant(keys, dtype, (len(keys),)),
                tf.constant(numbers, tf.int32, (len(keys),)),
            ),
            default,
        )
