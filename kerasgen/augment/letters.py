"""Letters of texts in a batch: read as code points, edited, written back."""

import functools

import numpy as np
import tensorflow as tf

from kerasgen.augment.base import Augment, fold, uniform
from kerasgen.augment.words import apart, last, regroup, swap

EDITS = ("insert", "delete", "substitute", "transpose")
# Rows of letters and how far each is pushed to the right, in keys.
_ROWS = {
    "qwerty": ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "qwertz": ("1234567890", "qwertzuiop", "asdfghjkl", "yxcvbnm"),
    "azerty": ("1234567890", "azertyuiop", "qsdfghjklm", "wxcvbn"),
}
_PUSH = (-0.5, 0.0, 0.25, 0.75)
KEYS = (*_ROWS, "any")
# Every alphabet with case whose letters are one code point lies below.
_CASED = 0x2000


class Letters(Augment):
    """A move of letters within words; white space stays where it is.

    A token is a text of one word, so tags stay as they are. A subclass has a
    `rate` and writes `change(text, seed)`.
    """

    kind = "text"
    stage = "raw"

    def apply(self, fields, seed):
        """Moves the letters of a batch.

        Args:
            fields: dict with `x`, UTF-8 strings (batch,) or (batch, time).
            seed: int tensor (2,).

        Returns:
            dict of the same fields, shapes and dtypes; bytes that are no
            UTF-8 become U+FFFD where their text is changed.
        """
        x = fields["x"]
        if self.rate == 0:
            return fields
        flat = tf.reshape(x, (-1,))
        text = tf.strings.unicode_decode(flat, "UTF-8")
        codes, chosen = self.change(text, seed)
        rows = tf.math.unsorted_segment_max(
            tf.cast(chosen, tf.int32), text.value_rowids(), text.nrows()
        )
        out = tf.where(
            rows > 0, tf.strings.unicode_encode(codes, "UTF-8"), flat
        )
        out = tf.reshape(out, tf.shape(x))
        return {**fields, "x": tf.ensure_shape(out, x.shape)}

    def change(self, text, seed):
        """Edits letters; a subclass writes this.

        Args:
            text: ragged int32 code points (batch, None).
            seed: int tensor (2,).

        Returns:
            Ragged int32 code points (batch, None); bool for each code point
            before, whether anything was done there.
        """
        raise NotImplementedError


def blank(codes):
    """Marks ASCII white space, at which words are split.

    Args:
        codes: int32 tensor of code points.

    Returns:
        bool tensor.

    Example:
        >>> blank(tf.constant([32, 97, 10])).numpy()
        array([ True, False,  True])
    """
    return (codes == 32) | ((codes >= 9) & (codes <= 13))


def first(text):
    """Marks the first letter of each word.

    Args:
        text: ragged int32 code points (batch, None).

    Returns:
        bool tensor (letters,).

    Example:
        >>> first(tf.ragged.constant([[97, 98, 32, 99], [100]])).numpy()
        array([ True, False, False,  True,  True])
    """
    space = blank(text.values)
    n = tf.size(space, tf.int64)
    start = tf.gather(text.row_splits, text.value_rowids()) == tf.range(n)
    before = tf.concat([[True], space[:-1]], 0)[:n]
    return ~space & (before | start)


def _following(values, fill):
    """Gives each letter's right neighbour."""
    return tf.concat([values[1:], [fill]], 0)[: tf.size(values)]


def paired(text):
    """Marks the letters that another letter of their word follows.

    Args:
        text: ragged int32 code points (batch, None).

    Returns:
        bool tensor (letters,).

    Example:
        >>> paired(tf.ragged.constant([[97, 98, 32, 99], [100]])).numpy()
        array([ True, False, False, False, False])
    """
    space = blank(text.values)
    return ~space & ~_following(space, True) & ~last(text)


def mistype(text, seed, rate, edit="any", keys="qwerty"):
    """Makes typing errors; no word becomes empty.

    Args:
        text: ragged int32 code points (batch, None).
        seed: int tensor (2,).
        rate: float in [0, 1], the expected errors of a letter, less where an
            edit can't be: the last letter of a word isn't transposed, its
            first one isn't deleted.
        edit: one of `EDITS`, or "any" for a quarter of each.
        keys: one of `KEYS`: the keyboard whose neighbouring keys are hit, or
            "any" for letters that occur in the batch; those without a key
            are replaced so in any case.

    Returns:
        What `Letters.change` does.

    Example:
        >>> text = tf.strings.unicode_decode(["then"], "UTF-8")
        >>> wrong = mistype(text, [0, 0], 1.0, "transpose")[0]
        >>> tf.strings.unicode_encode(wrong, "UTF-8").numpy()[0].decode()
        'htne'
    """
    share = dict.fromkeys(EDITS, rate / 4) if edit == "any" else {edit: rate}
    shape = tf.shape(text.values)
    turned = uniform(seed, shape) < share.get("transpose", 0.0)
    turned = apart(turned & paired(text))
    codes = tf.gather(text.values, swap(turned))
    # One draw for all three edits, so that no letter gets two of them.
    draw, end, taken = uniform(fold(seed, 1), shape), 0.0, {}
    for name in ("substitute", "insert", "delete"):
        begin, end = end, end + share.get(name, 0.0)
        taken[name] = (draw >= begin) & (draw < end) & ~blank(codes)
    taken["delete"] &= ~first(text)
    wrong = _hit(codes, fold(seed, 2), keys)
    counts = 1 + tf.cast(taken["insert"], tf.int64)
    counts -= tf.cast(taken["delete"], tf.int64)
    place = tf.repeat(tf.range(tf.size(codes, tf.int64)), counts)
    second = tf.concat([[False], place[1:] == place[:-1]], 0)
    second = second[: tf.size(place)] | tf.gather(taken["substitute"], place)
    values = tf.where(second, tf.gather(wrong, place), tf.gather(codes, place))
    chosen = turned | taken["insert"] | taken["delete"] | taken["substitute"]
    return regroup(values, counts, text), chosen


def _hit(codes, seed, keys):
    """Draws a wrong letter for each."""
    known = tf.where(~blank(codes))[:, 0]
    # One letter more, so that there is one to draw.
    letters = tf.concat([tf.gather(codes, known), [ord("e")]], 0)
    draw = uniform(seed, tf.shape(codes))
    some = tf.cast(tf.size(known), tf.float32) * draw
    other = tf.gather(letters, tf.cast(some, tf.int32))
    if keys == "any":
        return other
    table, counts = keyboard(keys)
    known = codes < len(counts)
    key = tf.where(known, codes, 0)
    count = tf.gather(counts, key)
    step = tf.cast(draw * tf.cast(count, tf.float32), tf.int32)
    near = tf.gather_nd(table, tf.stack([key, step], -1))
    return tf.where(known & (count > 0), near, other)


@functools.cache
def keyboard(keys):
    """Gives the keys beside each key of a keyboard.

    Args:
        keys: "qwerty", "qwertz" or "azerty".

    Returns:
        int32 arrays (128, 8), code points of neighbours by code point, and
        (128,), how many there are. Capitals have capitals beside them.

    Example:
        >>> table, counts = keyboard("qwerty")
        >>> "".join(map(chr, table[ord("s"), : counts[ord("s")]]))
        'weadzx'
    """
    spots = {
        letter: (column + push, row)
        for row, push in enumerate(_PUSH)
        for column, letter in enumerate(_ROWS[keys][row])
    }
    table, counts = np.zeros((128, 8), "int32"), np.zeros(128, "int32")
    for letter, (x, y) in spots.items():
        near = [
            other
            for other, (x2, y2) in spots.items()
            if other != letter and abs(y - y2) <= 1 and abs(x - x2) <= 1
        ]
        for case in (str.lower, str.upper):
            beside = [ord(case(other)) for other in near]
            table[ord(case(letter)), : len(near)] = beside
            counts[ord(case(letter))] = len(near)
    return table, counts


@functools.cache
def cases():
    """Gives the small and the capital letter of each code point.

    Letters whose other case is more than one letter, or isn't theirs alone,
    have none.

    Returns:
        int32 arrays (8192,), small letters and capitals.

    Example:
        >>> small, capital = cases()
        >>> chr(capital[ord("é")]), chr(capital[ord("ß")])
        ('É', 'ß')
    """
    small = np.arange(_CASED, dtype="int32")
    capital = small.copy()
    for code in range(_CASED):
        letter = chr(code)
        upper = letter.upper()
        if len(upper) == 1 and upper != letter and upper.lower() == letter:
            if ord(upper) < _CASED:
                capital[code], small[ord(upper)] = ord(upper), code
    return small, capital


def recase(text, seed, rate, style="any"):
    """Changes the case of words.

    Args:
        text: ragged int32 code points (batch, None).
        seed: int tensor (2,).
        rate: float in [0, 1], the probability for each word.
        style: "lower"; "upper"; "title", the first letter a capital; "mixed",
            each letter at random; "swap", each letter the other case; or
            "any" of them.

    Returns:
        What `Letters.change` does.

    Example:
        >>> text = tf.strings.unicode_decode(["To be"], "UTF-8")
        >>> wrong = recase(text, [0, 0], 1.0, "swap")[0]
        >>> tf.strings.unicode_encode(wrong, "UTF-8").numpy()[0].decode()
        'tO BE'
    """
    codes, start = text.values, first(text)
    number = tf.maximum(tf.cumsum(tf.cast(start, tf.int32)) - 1, 0)
    shape = (tf.size(codes),)
    chosen = tf.gather(uniform(seed, shape) < rate, number) & ~blank(codes)
    inside = codes < _CASED
    small, capital = (
        tf.where(inside, tf.gather(table, tf.where(inside, codes, 0)), codes)
        for table in cases()
    )
    coin = uniform(fold(seed, 1), shape) < 0.5
    forms = {
        "lower": small,
        "upper": capital,
        "title": tf.where(start, capital, small),
        "mixed": tf.where(coin, capital, small),
        "swap": tf.where(codes == small, capital, small),
    }
    if style == "any":
        kind = tf.cast(uniform(fold(seed, 2), shape, 0.0, 5.0), tf.int32)
        kind = tf.minimum(tf.gather(kind, number), 4)
        shown = codes
        for index, form in enumerate(forms.values()):
            shown = tf.where(kind == index, form, shown)
    else:
        shown = forms[style]
    chosen &= shown != codes
    return text.with_values(tf.where(chosen, shown, codes)), chosen
