"""Categories: one-hot, ids for an embedding, hashes."""

import numpy as np
import tensorflow as tf

from kerasgen.core import Choice, Int, message, register
from kerasgen.data.prepare.base import Transform
from kerasgen.data.prepare.lookup import lookup_table
from kerasgen.data.prepare.sketch import Counts


class Categories(Transform):
    """A transform that learns the categories of each feature.

    Numbers count as categories by the way they are written ("3", "0.5"). The
    empty text and NaN are missing, and never a category.

    Args:
        most: int, the greatest number of categories of a feature, the most
            frequent ones; None takes all.
        least: int >= 1, how often a category must come in train.
        **values: further arguments.
    """

    arguments = {"most": Int(1), "least": Int(1)}
    takes = "any"

    def __init__(self, most=None, least=1, **values):
        super().__init__(most=most, least=least, **values)

    @property
    def vocabularies(self):
        """list of list of str, the sorted categories of each feature."""
        return self.learnt and self.learnt["vocabularies"]

    def check(self, shape, kind):
        """Refuses what isn't (batch, features)."""
        super().check(shape, kind)
        features(type(self).__name__, shape, self.vocabularies)

    def ids(self, x):
        """Gives int32 numbers (batch, features); 0 is every other one."""
        x = written(x)
        found = [table.lookup(x[:, i]) for i, table in enumerate(self.tables)]
        return tf.stack(found, 1)

    def _settle(self, learnt):
        super()._settle(learnt)
        self.tables = [
            lookup_table(words, first=1) for words in self.vocabularies
        ]

    def _begin(self, shape):
        self._kept.work.counts = [Counts() for _ in range(shape[0])]

    def _take(self, batch):
        texts = written(batch).numpy()
        for counts, column in zip(self._kept.work.counts, texts.T, strict=True):
            counts.update(column)

    def _end(self):
        found = []
        for counts in self._kept.work.counts:
            common = [
                word
                for word, count in counts.common()
                if word != "" and count + counts.floor >= self.least
            ]
            found.append(sorted(common[: self.most]))
        return {"vocabularies": found}


@register("prepare")
class OneHot(Categories):
    """Gives each category of train a column, and one to all others.

    The column of the others comes first; a missing value is one of them.

    Args:
        most: int, the greatest number of categories of a feature, the most
            frequent ones; None takes all.
        least: int >= 1, how often a category must come in train.
        **values: `learnt`, and arguments of `keras.layers.Layer`.

    Example:
        >>> layer = OneHot().adapt(np.array([["b"], ["a"]]))
        >>> layer(tf.constant([["b"], ["z"]])).numpy().tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """

    def shape_of(self, shape):
        """Gives the number of columns."""
        return (sum(1 + len(words) for words in self.vocabularies),)

    def transform(self, x):
        """Encodes a batch."""
        ids = self.ids(x)
        parts = [
            tf.one_hot(ids[:, i], 1 + len(words))
            for i, words in enumerate(self.vocabularies)
        ]
        return tf.concat(parts, 1)


@register("prepare")
class CategoryIndex(Categories):
    """Numbers the categories of train from 1, for an embedding.

    Index 0 is for all others, and for what is missing. `sizes` tells how many
    rows the embedding of each feature needs.

    Args:
        most: int, the greatest number of categories of a feature, the most
            frequent ones; None takes all.
        least: int >= 1, how often a category must come in train.
        **values: `learnt`, and arguments of `keras.layers.Layer`.

    Example:
        >>> layer = CategoryIndex().adapt(np.array([["b"], ["a"]]))
        >>> layer(tf.constant([["b"], ["z"]])).numpy().tolist(), layer.sizes
        ([[2], [0]], (3,))
    """

    @property
    def sizes(self):
        """tuple of int, the number of different indices of each feature."""
        return tuple(1 + len(words) for words in self.vocabularies)

    def type_of(self, dtype):
        """Gives "int32"."""
        return "int32"

    def transform(self, x):
        """Numbers a batch."""
        return self.ids(x)


@register("prepare")
class Hashing(Transform):
    """Hashes categories into a fixed number of bins; nothing is learnt.

    The hash is SipHash with a key made of `seed`. Missing values have bin 0
    for themselves.

    Args:
        bins: int >= 2.
        form: "index" (int32, for an embedding) or "one_hot".
        seed: int >= 0, of the hash.
        **values: arguments of `keras.layers.Layer`.

    Source:
        Weinberger et al. 2009, without the signs.

    Example:
        >>> layer = Hashing(4, "one_hot")
        >>> layer(tf.constant([["a"], [""]])).numpy()[1].tolist()
        [1.0, 0.0, 0.0, 0.0]
    """

    arguments = {
        "bins": Int(2),
        "form": Choice(("index", "one_hot")),
        "seed": Int(0),
    }
    takes = "any"
    learns = False

    def __init__(self, bins=64, form="index", seed=0, **values):
        super().__init__(bins=bins, form=form, seed=seed, **values)

    def check(self, shape, kind):
        """Refuses what isn't (batch, features)."""
        super().check(shape, kind)
        features("Hashing", shape)

    def shape_of(self, shape):
        """Gives the number of columns."""
        return (shape[0] * (self.bins if self.form == "one_hot" else 1),)

    def type_of(self, dtype):
        """Gives "int32" for indices."""
        return "float32" if self.form == "one_hot" else "int32"

    def transform(self, x):
        """Hashes a batch."""
        x = written(x)
        hashed = tf.strings.to_hash_bucket_strong(
            x, self.bins - 1, [self.seed, self.seed ^ 0x5BD1E995]
        )
        ids = tf.where(x == "", tf.zeros_like(hashed), hashed + 1)
        ids = tf.cast(ids, tf.int32)
        if self.form == "index":
            return ids
        width = x.shape[1] * self.bins
        return tf.reshape(tf.one_hot(ids, self.bins), (-1, width))


def written(x):
    """Writes a batch of categories; what is missing is the empty text.

    Args:
        x: strings, or numbers.

    Returns:
        string tensor.

    Example:
        >>> written(np.array([3.0, np.nan])).numpy().tolist()
        [b'3', b'']
    """
    if isinstance(x, np.ndarray) and x.dtype.kind == "O":
        x = np.where(x == None, "", x)  # noqa: E711 — cell by cell
    x = tf.convert_to_tensor(x)
    if x.dtype == tf.string:
        return x
    if not x.dtype.is_floating:
        return tf.strings.as_string(x)
    found = tf.strings.as_string(tf.cast(x, tf.float32), shortest=True)
    return tf.where(tf.math.is_nan(x), tf.zeros_like(found), found)


def features(where, shape, learnt=None):
    """Refuses what isn't (batch, features), of the number that was learnt.

    Args:
        where: str, who complains.
        shape: tuple, of one example.
        learnt: list with an item for each feature, or None.

    Raises:
        ValueError: for another shape.

    Example:
        >>> features("OneHot", (3,))
    """
    fits = len(shape) == 1 and shape[0] is not None
    if not fits or (learnt is not None and len(learnt) != shape[0]):
        count = "features" if learnt is None else f"{len(learnt)} features"
        raise ValueError(
            message(
                where,
                f"it takes (batch, {count})",
                {"shape of an example": tuple(shape)},
            )
        )
