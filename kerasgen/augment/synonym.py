"""Synonyms, looked up in the graph."""

import numpy as np
import tensorflow as tf

from kerasgen.augment.base import fold, uniform
from kerasgen.augment.english import SYNONYMS
from kerasgen.augment.words import Words
from kerasgen.core import Float, instance, message, register

# A word in the middle of quotes, brackets and full stops.
_BEFORE, _AFTER = r"^[^\pL\pN]+", r"[^\pL\pN]+$"


@register("augment")
class Synonyms(Words):
    """Replaces words by synonyms.

    A word is looked up in small letters, without the punctuation around it,
    and keeps both its punctuation and whether it begins with, or is all,
    capitals. What a word means in its sentence isn't asked.

    Args:
        rate: float in [0, 1], the probability for each word that has
            synonyms.
        table: dict of word, in small letters, to a list of its synonyms, each
            one word or more; None for a small table of everyday English.

    Raises:
        ValueError: for an argument out of range, or a table without words.
        TypeError: for a table that isn't of this form.

    Source:
        Zhang et al., "Character-level Convolutional Networks for Text
        Classification", 2015, arXiv:1509.01626, section 2.4; Wei & Zou,
        "EDA", 2019, arXiv:1901.11196. They draw from WordNet.

    Example:
        >>> part = Synonyms(rate=1.0, table={"big": ["large"]})
        >>> x = tf.constant(["Big, bigger!"])
        >>> part({"x": x}, [0, 0])["x"].numpy()[0].decode()
        'Large, bigger!'
    """

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.5))}

    def __init__(self, rate=0.1, table=None):
        super().__init__(rate=rate)
        self.table = None if table is None else _checked(table)
        self._lookup = Lookup(self.table or SYNONYMS)

    def get_config(self):
        """Gives the arguments."""
        return {**super().get_config(), "table": self.table}

    def change(self, words, seed):
        """Replaces words."""
        flat = words.values
        drawn = uniform(seed, tf.shape(flat)) < self.rate
        # Only the drawn words are taken to pieces and looked up.
        places = tf.where(drawn)
        old = tf.gather(flat, places[:, 0])
        core = tf.strings.regex_replace(old, _BEFORE, "")
        core = tf.strings.regex_replace(core, _AFTER, "")
        new, found = self._lookup(
            tf.strings.lower(core, "utf-8"),
            uniform(fold(seed, 1), tf.shape(core)),
        )
        places = tf.boolean_mask(places, found)
        old, core = tf.boolean_mask(old, found), tf.boolean_mask(core, found)
        new = _like(tf.boolean_mask(new, found), core)
        new = tf.strings.join([_part(old, _BEFORE), new, _part(old, _AFTER)])
        shape = tf.shape(flat, tf.int64)
        chosen = tf.scatter_nd(places, tf.ones_like(new, tf.int32), shape) > 0
        values = tf.tensor_scatter_nd_update(flat, places, new)
        place = tf.range(shape[0])
        return words.with_values(values), place, chosen


class Lookup:
    """A table of words to one of several, made of constants.

    Hash tables of TensorFlow are resources, which a `tf.data` graph can't
    carry along; a sorted array of hashes it can.

    Args:
        table: dict of str to list of str.

    Example:
        >>> look = Lookup({"big": ["large", "huge"]})
        >>> words, found = look(tf.constant(["big", "red"]), [0.9, 0.9])
        >>> words.numpy()[0].decode(), found.numpy().tolist()
        ('huge', [True, False])
    """

    def __init__(self, table):
        keys = np.array([word.encode() for word in table], object)
        with tf.init_scope():
            hashes = _hash(tf.constant(keys)).numpy()
        order = np.argsort(hashes)
        lists = list(table.values())
        counts = np.array([len(each) for each in lists])
        self._hashes = hashes[order]
        self._keys = keys[order]
        self._counts = counts[order]
        self._starts = (np.cumsum(counts) - counts)[order]
        self._values = np.array(
            [word.encode() for each in lists for word in each], object
        )

    def __call__(self, words, draw):
        """Looks words up.

        Args:
            words: string tensor (n,).
            draw: float32 tensor (n,) in [0, 1), which of several is taken.

        Returns:
            String tensor (n,), and bool (n,), whether the word was there.
        """
        place = tf.searchsorted(tf.constant(self._hashes), _hash(words))
        place = tf.minimum(place, len(self._hashes) - 1)
        found = tf.gather(tf.constant(self._keys), place) == words
        count = tf.gather(tf.constant(self._counts, tf.int32), place)
        step = tf.cast(draw * tf.cast(count, tf.float32), tf.int32)
        start = tf.gather(tf.constant(self._starts, tf.int32), place)
        place = start + tf.minimum(step, count - 1)
        return tf.gather(tf.constant(self._values), place), found


def _hash(words):
    return tf.strings.to_hash_bucket_fast(words, 2**62)


def _checked(table):
    where = "Synonyms"
    checked = {}
    for key, words in instance(where, "table", table, dict).items():
        instance(where, f"table[{key!r}]", words, (list, tuple))
        for each in (key, *words):
            instance(where, f"table[{key!r}]", each, str)
        if not key.strip() or not all(each.strip() for each in words):
            raise ValueError(
                message(where, "words must not be empty", {key: words})
            )
        if words:
            checked.setdefault(key.lower(), []).extend(words)
    if not checked:
        raise ValueError(
            message(
                where,
                "`table` must have a word with synonyms",
                {"table": table},
                'Pass such as {"big": ["large"]}, or None for our own.',
            )
        )
    return checked


def _part(words, pattern):
    """What a pattern would take away from each word."""
    rest = tf.strings.regex_replace(words, pattern, "")
    size, left = tf.strings.length(words), tf.strings.length(rest)
    gone = size - left
    start = tf.zeros_like(size) if pattern[0] == "^" else left
    return tf.strings.substr(words, start, gone)


def _like(new, old):
    """Gives new words the capitals of the old ones."""
    lower = tf.strings.lower(old, "utf-8")
    upper = tf.strings.upper(old, "utf-8")
    head = tf.strings.substr(old, 0, 1, "UTF8_CHAR")
    single = tf.strings.length(old, "UTF8_CHAR") == 1
    titled = head != tf.strings.substr(lower, 0, 1, "UTF8_CHAR")
    whole = titled & (old == upper) & ~single
    first = tf.strings.substr(new, 0, 1, "UTF8_CHAR")
    size = tf.strings.length(new, "UTF8_CHAR")
    one = tf.ones_like(size)
    rest = tf.strings.substr(new, one, size - one, "UTF8_CHAR")
    title = tf.strings.join([tf.strings.upper(first, "utf-8"), rest])
    shown = tf.where(titled, title, new)
    return tf.where(whole, tf.strings.upper(new, "utf-8"), shown)
