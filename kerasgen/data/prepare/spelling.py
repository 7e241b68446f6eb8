"""Tokens as the numbers of their words and of their letters."""

import tensorflow as tf

from kerasgen.core import Choice, Int, message, register
from kerasgen.data.prepare.base import Transform
from kerasgen.data.prepare.text import SPECIAL
from kerasgen.data.prepare.words import Vocabulary


@register("prepare")
class Spelling(Vocabulary):
    """Numbers each token's word and, beside it, its letters.

    A token gives 1 + `letters` numbers: its word's, as `Words` numbers them,
    and its UTF-8 bytes, padded with 0, so that what was never seen can still
    be read. Of a token that is too long the bytes of both ends stay.

    Args:
        size: int, the greatest number of words, with `[PAD]`, `[UNK]` and
            `[MASK]`.
        least: int >= 1, how often a word must come in train.
        letters: int >= 2, the bytes of a token.
        fold: bool, whether words are one in lower case and with 0 for each
            digit; letters stay what they are.
        **values: `learnt`, and arguments of `keras.layers.Layer`.

    Example:
        >>> import numpy as np
        >>> tokens = np.array([["Ab", "a"]], dtype=object)
        >>> Spelling(letters=2).adapt(tokens)(tokens).numpy()[0].tolist()
        [[4, 65, 98], [3, 97, 0]]
    """

    arguments = {
        "size": Int(4),
        "least": Int(1),
        "letters": Int(2, search=(10, 30)),
        "fold": Choice((True, False)),
    }
    kinds = ("tokens",)

    def __init__(self, size=50_000, least=1, letters=20, fold=True, **values):
        Transform.__init__(
            self, size=size, least=least, letters=letters, fold=fold, **values
        )

    def check(self, shape, kind):
        """Refuses what isn't tokens (batch, time)."""
        Transform.check(self, shape, kind)
        if len(shape) != 1:
            raise ValueError(
                message(
                    "Spelling",
                    "it takes tokens (batch, time)",
                    {"shape of an example": tuple(shape)},
                )
            )

    def shape_of(self, shape):
        """Gives (time, 1 + letters)."""
        return (*shape, 1 + self.letters)

    def transform(self, x):
        """Numbers a batch."""
        x = tf.convert_to_tensor(x)
        words = self.table.lookup(self._folded(x))
        words = tf.where(x == "", 0, words)
        bytes_ = tf.io.decode_raw(
            self._ends(x), tf.uint8, fixed_length=self.letters
        )
        bytes_ = tf.cast(bytes_, words.dtype)
        # What an augmentation hid has no letters.
        hidden = tf.reduce_any([x == token for token in SPECIAL], 0)
        bytes_ = tf.where(hidden[..., None], 0, bytes_)
        found = tf.concat([words[..., None], bytes_], -1)
        return tf.ensure_shape(found, (*x.shape, 1 + self.letters))

    def _folded(self, x):
        if not self.fold:
            return x
        special = tf.reduce_any([x == token for token in SPECIAL], 0)
        folded = tf.strings.lower(x, encoding="utf-8")
        folded = tf.strings.regex_replace(folded, r"\d", "0")
        return tf.where(special, x, folded)

    def _ends(self, x):
        """The first and the last bytes of what is too long."""
        tail = self.letters // 2
        head = self.letters - tail
        size = tf.strings.length(x)
        last = tf.strings.substr(x, tf.maximum(size - tail, 0), size)
        both = tf.strings.join([tf.strings.substr(x, 0, head), last])
        return tf.where(size > self.letters, both, x)

    def _take(self, batch):
        words = self._folded(tf.constant(batch, tf.string))
        self._kept.work.counts.update(words.numpy().ravel())
