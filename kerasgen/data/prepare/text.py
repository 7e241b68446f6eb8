"""Text before it is cut: case, accents, punctuation, spaces."""

import unicodedata

import numpy as np
import tensorflow as tf

from kerasgen.core import Choice, register
from kerasgen.data.prepare.base import Transform

SPECIAL = ("[PAD]", "[UNK]", "[MASK]")
PAD, UNK, MASK = range(3)
# Private characters that stand for special tokens while punctuation goes.
_SHELTER = {"[UNK]": "\ue001", "[MASK]": "\ue002"}
_SYMBOLS = r"[\pP\pS]"
# Latin, Greek, Cyrillic and their extensions lie below.
_ACCENTED = 0x2000


@register("prepare")
class CleanText(Transform):
    """Brings texts into one form: case, accents, punctuation, spaces.

    The tokens `[UNK]` and `[MASK]` that an augmentation wrote stay as they
    are. What isn't UTF-8 becomes U+FFFD.

    Args:
        case: "lower" or "keep".
        punctuation: "strip" removes punctuation and symbols, "split" makes
            each a word of its own, "keep" leaves them.
        accents: "keep", or "strip", which takes the marks off Latin, Greek
            and Cyrillic letters.
        **values: arguments of `keras.layers.Layer`.

    Example:
        >>> layer = CleanText(accents="strip")
        >>> layer(tf.constant([" Café,  olé! "])).numpy()[0]
        b'cafe ole'
    """

    arguments = {
        "case": Choice(("lower", "keep")),
        "punctuation": Choice(("strip", "split", "keep")),
        "accents": Choice(("keep", "strip")),
    }
    takes = gives = "string"
    learns = False

    def __init__(
        self, case="lower", punctuation="strip", accents="keep", **values
    ):
        super().__init__(
            case=case, punctuation=punctuation, accents=accents, **values
        )

    def transform(self, x):
        """Cleans a batch of strings of any shape."""
        x = tf.strings.unicode_transcode(x, "UTF-8", "UTF-8")
        for token, shelter in _SHELTER.items():
            found = token.replace("[", r"\[").replace("]", r"\]")
            x = tf.strings.regex_replace(x, found, f" {shelter} ")
        if self.accents == "strip":
            x = _without_marks(x)
        if self.case == "lower":
            x = tf.strings.lower(x, encoding="utf-8")
        if self.punctuation == "strip":
            x = tf.strings.regex_replace(x, _SYMBOLS, "")
        elif self.punctuation == "split":
            x = tf.strings.regex_replace(x, f"({_SYMBOLS})", r" \1 ")
        x = tf.strings.strip(tf.strings.regex_replace(x, r"[\s\pZ]+", " "))
        for token, shelter in _SHELTER.items():
            x = tf.strings.regex_replace(x, shelter, token)
        return x


def _table():
    """The base letter of each code point; 0 where it is a mark."""
    found = np.arange(_ACCENTED, dtype="int32")
    for code in range(0x80, _ACCENTED):
        parts = unicodedata.normalize("NFD", chr(code))
        kept = [c for c in parts if unicodedata.category(c) != "Mn"]
        if len(kept) < len(parts):
            found[code] = ord(kept[0]) if kept else 0
    return found


def _without_marks(x):
    table = _table()
    codes = tf.strings.unicode_decode(tf.reshape(x, (-1,)), "UTF-8")
    flat = codes.flat_values
    base = tf.gather(table, tf.minimum(flat, _ACCENTED - 1))
    codes = codes.with_flat_values(tf.where(flat < _ACCENTED, base, flat))
    codes = tf.ragged.boolean_mask(codes, codes > 0)
    return tf.reshape(tf.strings.unicode_encode(codes, "UTF-8"), tf.shape(x))
