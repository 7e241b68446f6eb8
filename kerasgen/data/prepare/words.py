"""Vocabularies of words and characters, learnt on train."""

import tensorflow as tf

from kerasgen.core import Int, message, register
from kerasgen.data.prepare.base import Transform
from kerasgen.data.prepare.lookup import lookup_table
from kerasgen.data.prepare.sketch import Counts
from kerasgen.data.prepare.text import MASK, PAD, SPECIAL, UNK


class Vocabulary(Transform):
    """A transform from texts to int32 ids, padded with 0.

    Id 0 is `[PAD]`, 1 is `[UNK]` (every unknown word), 2 is `[MASK]`, and the
    rest is learnt. Words are counted in bounded memory: past 262,144
    different ones the rarest are dropped.

    Args:
        size: int, the greatest number of ids, the special ones included.
        length: int, the number of ids of a text; longer ones are cut.
        least: int >= 1, how often a word must come in train.
        **values: further arguments.
    """

    arguments = {"size": Int(4), "length": Int(1), "least": Int(1)}
    takes = "string"

    def __init__(self, size=20_000, length=128, least=1, **values):
        super().__init__(size=size, length=length, least=least, **values)

    @property
    def vocabulary(self):
        """list of str, what each id stands for, or None before it learnt."""
        return self.learnt and [*SPECIAL, *self.learnt["words"]]

    def check(self, shape, kind):
        """Refuses what isn't texts (batch,)."""
        super().check(shape, kind)
        if len(shape):
            raise ValueError(
                message(
                    type(self).__name__,
                    "it takes texts (batch,)",
                    {"shape of an example": tuple(shape)},
                    "For one id a token, use Words.",
                )
            )

    def shape_of(self, shape):
        """Gives (length,)."""
        return (self.length,)

    def type_of(self, dtype):
        """Gives "int32"."""
        return "int32"

    def split(self, x):
        """Cuts texts (batch,) into a ragged tensor (batch, words)."""
        return tf.strings.split(x)

    def transform(self, x):
        """Numbers a batch of texts."""
        ids = tf.ragged.map_flat_values(self.table.lookup, self.split(x))
        return ids.to_tensor(PAD, shape=(None, self.length))

    def _settle(self, learnt):
        super()._settle(learnt)
        self.table = lookup_table(self.vocabulary, default=UNK)

    def _begin(self, shape):
        self._kept.work.counts = Counts()

    def _take(self, batch):
        words = self.split(tf.constant(batch, tf.string)).flat_values
        self._kept.work.counts.update(words.numpy())

    def _end(self):
        found = self.counted()[: self.size - len(SPECIAL)]
        return {"words": [word for word, _ in found]}

    def counted(self):
        """Gives what train had, (str, count), the most frequent first."""
        return [
            (word, count)
            for word, count in self._kept.work.counts.common()
            if count + self._kept.work.counts.floor >= self.least
            and word not in ("", *SPECIAL)
        ]


@register("prepare")
class Words(Vocabulary):
    """Numbers words, the most frequent of train from 3 on.

    Texts (batch,) are cut at spaces; tokens (batch, time), padded with "",
    keep their places.

    Args:
        size: int, the greatest number of ids, with `[PAD]`, `[UNK]` and
            `[MASK]`.
        length: int, the number of ids of a text; longer ones are cut.
        least: int >= 1, how often a word must come in train.
        **values: `learnt`, and arguments of `keras.layers.Layer`.

    Example:
        >>> import numpy as np
        >>> layer = Words(length=4).adapt(np.array(["a b a"], dtype=object))
        >>> layer(tf.constant(["b a z"])).numpy().tolist()
        [[4, 3, 1, 0]]
    """

    def check(self, shape, kind):
        """Refuses what isn't texts (batch,) or tokens (batch, time)."""
        Transform.check(self, shape, kind)
        if len(shape) > 1:
            raise ValueError(
                message(
                    "Words",
                    "it takes texts (batch,) or tokens (batch, time)",
                    {"shape of an example": tuple(shape)},
                )
            )

    def shape_of(self, shape):
        """Gives (length,), or the tokens' own shape."""
        return tuple(shape) if len(shape) else (self.length,)

    def transform(self, x):
        """Numbers a batch."""
        if len(x.shape) < 2:
            return super().transform(x)
        ids = self.table.lookup(x)
        return tf.where(x == "", tf.constant(PAD, ids.dtype), ids)

    def _take(self, batch):
        if batch.ndim < 2:
            super()._take(batch)
        else:
            self._kept.work.counts.update(batch.ravel())


@register("prepare")
class Characters(Vocabulary):
    """Numbers characters, the most frequent of train from 3 on.

    Args:
        size: int, the greatest number of ids, with `[PAD]`, `[UNK]` and
            `[MASK]`.
        length: int, the number of ids of a text; longer ones are cut.
        least: int >= 1, how often a character must come in train.
        **values: `learnt`, and arguments of `keras.layers.Layer`.

    Example:
        >>> import numpy as np
        >>> layer = Characters(length=3).adapt(np.array(["aab"], dtype=object))
        >>> layer(tf.constant(["ba"])).numpy().tolist()
        [[4, 3, 0]]
    """

    def __init__(self, size=1000, length=256, least=1, **values):
        super().__init__(size=size, length=length, least=least, **values)

    def split(self, x):
        """Cuts texts into characters; special tokens are one each."""
        # Two private characters carry the special tokens through the cut.
        for number, token in ((UNK, "UNK"), (MASK, "MASK")):
            shelter = chr(0xE000 + number)
            x = tf.strings.regex_replace(x, rf"\[{token}\]", shelter)
        cut = tf.strings.unicode_split(x, "UTF-8")
        flat = cut.flat_values
        for number in (UNK, MASK):
            same = flat == chr(0xE000 + number)
            flat = tf.where(same, SPECIAL[number], flat)
        return cut.with_flat_values(flat)
