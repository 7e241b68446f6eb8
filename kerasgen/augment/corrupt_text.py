"""Corruptions of texts at five severities, for evaluation."""

import numpy as np
import tensorflow as tf

from kerasgen.augment.base import fold, uniform
from kerasgen.augment.letters import Letters, mistype, paired, recase
from kerasgen.augment.text import drop
from kerasgen.augment.words import Words, regroup
from kerasgen.core import Int, register


class _Severe:
    """A rate that a severity stands for."""

    arguments = {"severity": Int(1, 5)}
    strengths = ()

    def __init__(self, severity=3):
        super().__init__(severity=severity)

    @property
    def rate(self):
        """float, what the severity stands for."""
        return self.strengths[self.severity - 1]


@register("corruption")
class SpellingErrors(_Severe, Letters):
    """Inserts, deletes, substitutes and transposes letters.

    The letters that come in are those of the batch, as often as they occur
    in it, so that every alphabet is served.

    Args:
        severity: int in [1, 5]; .02, .05, .1, .15 or .2 errors a letter.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Belinkov & Bisk, 2018, arXiv:1711.02173, section 3; the severities are
        ours.

    Example:
        >>> x = tf.constant(["the quick brown fox"] * 50)
        >>> out = SpellingErrors(severity=5)({"x": x}, [0, 0])["x"]
        >>> int(tf.reduce_sum(tf.cast(out != x, tf.int32))) > 40
        True
    """

    strengths = (0.02, 0.05, 0.1, 0.15, 0.2)

    def change(self, text, seed):
        """Makes errors."""
        return mistype(text, seed, self.rate, "any", "any")


@register("corruption")
class KeyboardErrors(_Severe, Letters):
    """Replaces letters by those of neighbouring keys of a QWERTY keyboard.

    Letters without a key are replaced by those of the batch.

    Args:
        severity: int in [1, 5]; .02, .05, .1, .15 or .2 of all letters.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Belinkov & Bisk, 2018, arXiv:1711.02173, section 3 (keyboard typos);
        the severities are ours.

    Example:
        >>> x = tf.constant(["s" * 1000])
        >>> out = KeyboardErrors(severity=5)({"x": x}, [0, 0])["x"]
        >>> sorted(set(out.numpy()[0].decode()))
        ['a', 'd', 'e', 's', 'w', 'x', 'z']
    """

    strengths = (0.02, 0.05, 0.1, 0.15, 0.2)

    def change(self, text, seed):
        """Hits the wrong keys."""
        return mistype(text, seed, self.rate, "substitute", "qwerty")


# What is read for a letter, each as likely.
_READ = {
    "0": "O o",
    "1": "l I",
    "2": "Z",
    "5": "S",
    "6": "b",
    "8": "B",
    "9": "g",
    "B": "8",
    "D": "O 0",
    "G": "6",
    "I": "l 1",
    "O": "0 Q",
    "Q": "O",
    "S": "5",
    "Z": "2",
    "a": "o",
    "b": "h 6",
    "c": "e",
    "d": "cl",
    "e": "c",
    "f": "t",
    "g": "q 9",
    "h": "b li",
    "i": "l j",
    "j": "i",
    "l": "1 I i",
    "m": "rn",
    "n": "ri u",
    "o": "0 a",
    "q": "g",
    "t": "f",
    "u": "v n",
    "v": "u",
    "w": "vv",
    "y": "v",
    "z": "2",
}
# Pairs that are read as one letter; none begins as another one ends.
_FUSED = {"rn": "m", "cl": "d", "ri": "n"}


@register("corruption")
class OcrErrors(_Severe, Letters):
    """Misreads letters and pairs as those that look alike, as scanners do.

    Letters of the Latin alphabet, digits among them; others stay.

    Args:
        severity: int in [1, 5]; .02, .05, .1, .15 or .2 of the letters that
            can be misread.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Nguyen et al., "Deep Statistical Analysis of OCR Errors for Effective
        Post-OCR Processing", 2019, for which errors there are; the table and
        the severities are ours.

    Example:
        >>> x = tf.constant(["m" * 1000])
        >>> out = OcrErrors(severity=5)({"x": x}, [0, 0])["x"]
        >>> sorted(set(out.numpy()[0].decode()))
        ['m', 'n', 'r']
    """

    strengths = (0.02, 0.05, 0.1, 0.15, 0.2)

    def change(self, text, seed):
        """Misreads letters."""
        codes, (table, counts) = text.values, _readings()
        known = codes < len(counts)
        key = tf.where(known, codes, 0)
        count = tf.where(known, tf.gather(counts, key), 0)
        draw = uniform(fold(seed, 1), tf.shape(codes))
        step = tf.cast(draw * tf.cast(count, tf.float32), tf.int32)
        read = tf.gather_nd(table, tf.stack([key, step], -1))
        fused = _fused(codes, paired(text))
        chosen = uniform(seed, tf.shape(codes)) < self.rate
        chosen &= (count > 0) | (fused > 0)
        pair = chosen & (fused > 0)
        gone = tf.concat([[False], pair[:-1]], 0)[: tf.size(pair)]
        alone = chosen & ~pair & ~gone
        head = tf.where(alone, read[:, 0], tf.where(pair, fused, codes))
        both = tf.stack([head, tf.where(alone, read[:, 1], 0)], 1)
        kept = tf.stack([~gone, alone & (read[:, 1] > 0)], 1)
        lengths = tf.reduce_sum(tf.cast(kept, tf.int64), 1)
        return regroup(tf.boolean_mask(both, kept), lengths, text), chosen


def _readings():
    """What each code point is read as: (128, 3, 2), and how many (128,)."""
    table, counts = np.zeros((128, 3, 2), "int32"), np.zeros(128, "int32")
    for letter, readings in _READ.items():
        for place, reading in enumerate(readings.split()):
            codes = [ord(each) for each in reading]
            table[ord(letter), place, : len(codes)] = codes
            counts[ord(letter)] += 1
    return table, counts


def _fused(codes, within):
    """The letter that each and the next one are read as; 0 for none."""
    after = tf.concat([codes[1:], [0]], 0)[: tf.size(codes)]
    fused = tf.zeros_like(codes)
    for pair, letter in _FUSED.items():
        here = within & (codes == ord(pair[0])) & (after == ord(pair[1]))
        fused = tf.where(here, ord(letter), fused)
    return fused


@register("corruption")
class MissingWords(_Severe, Words):
    """Deletes words; one of a text always stays.

    Args:
        severity: int in [1, 5]; .05, .1, .2, .3 or .4 of all words.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Wei & Zou, "EDA", 2019, arXiv:1901.11196 (random deletion); the
        severities are ours.

    Example:
        >>> x = tf.constant(["word " * 1000])
        >>> out = MissingWords(severity=5)({"x": x}, [0, 0])["x"]
        >>> 500 < len(out.numpy()[0].split()) < 700
        True
    """

    strengths = (0.05, 0.1, 0.2, 0.3, 0.4)

    def change(self, words, seed):
        """Deletes words."""
        return drop(words, seed, self.rate)


@register("corruption")
class WrongCase(_Severe, Letters):
    """Gives words the other case, as a stuck key does.

    Args:
        severity: int in [1, 5]; .1, .25, .5, .75 or all of the words.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Ribeiro et al., "Beyond Accuracy: Behavioral Testing of NLP Models
        with CheckList", 2020, arXiv:2005.04118, for the test; the severities
        are ours.

    Example:
        >>> x = tf.constant(["To be or not"])
        >>> out = WrongCase(severity=5)({"x": x}, [0, 0])["x"]
        >>> out.numpy()[0].decode()
        'tO BE OR NOT'
    """

    strengths = (0.1, 0.25, 0.5, 0.75, 1.0)

    def change(self, text, seed):
        """Changes the case."""
        return recase(text, seed, self.rate, "swap")
