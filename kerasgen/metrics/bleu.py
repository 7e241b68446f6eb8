"""BLEU: how much of texts is worded as in their references."""

import collections
import re

import numpy as np

_ORDERS = 4
_MARKS = {"&quot;": '"', "&amp;": "&", "&lt;": "<", "&gt;": ">"}
# What stands apart: symbols; periods and commas but inside of numbers; a
# dash behind a digit.
_APART = (
    (re.compile(r"([\{-~\[-` -&\(-\+:-@/])"), r" \1 "),
    (re.compile(r"([^0-9])([.,])"), r"\1 \2 "),
    (re.compile(r"([.,])([^0-9])"), r" \1 \2"),
    (re.compile(r"([0-9])(-)"), r"\1 \2 "),
)


def bleu_words(text):
    """Cuts a text into words as the usual scripts for BLEU do.

    Args:
        text: str.

    Returns:
        list of str.

    Source:
        The international evaluation's `mteval-v13a`, as sacrebleu's standard.

    Example:
        >>> bleu_words("A man's 3,5-pound dog, (asleep).")
        ['A', "man's", '3,5', '-', 'pound', 'dog', ',', '(', 'asleep', ')', '.']
    """
    text = text.replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for mark, sign in _MARKS.items():
        text = text.replace(mark, sign)
    text = f" {text} "
    for pattern, apart in _APART:
        text = pattern.sub(apart, text)
    return text.split()


def bleu_counts(text, reference, lower=True):
    """Counts what BLEU needs of one text.

    Args:
        text: str, what was written.
        reference: str, what should have been.
        lower: bool, whether case is left out of account.

    Returns:
        list of 10 numbers: the word sequences of length 1 to 4 that agree
        with the reference, those that there are, and the words of text and
        reference.

    Source:
        Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine
        Translation", 2002, section 2.1, with one reference.

    Example:
        >>> bleu_counts("the the cat", "the cat sat")
        [2, 1, 0, 0, 3, 2, 1, 0, 3, 3]
    """
    if lower:
        text, reference = text.lower(), reference.lower()
    words, truth = bleu_words(text), bleu_words(reference)
    agree, there = [], []
    for order in range(1, _ORDERS + 1):
        mine, theirs = (_sequences(each, order) for each in (words, truth))
        agree.append(sum((mine & theirs).values()))
        there.append(max(0, len(words) - order + 1))
    return [*agree, *there, len(words), len(truth)]


def _sequences(words, order):
    places = range(len(words) - order + 1)
    return collections.Counter(tuple(words[i : i + order]) for i in places)


def bleu_of_counts(rows):
    """Gives the BLEU of a corpus.

    Args:
        rows: array (n, 10), what `bleu_counts` gave of each text.

    Returns:
        float in [0, 100].

    Source:
        Papineni et al., 2002, section 2.3; where no sequence of a length
        agrees, half of one counts as agreeing, then a quarter, and so on, as
        in sacrebleu (Post, 2018, arXiv:1804.08771).

    Example:
        >>> bleu_of_counts([bleu_counts("a b c d e", "a b c d e")])
        100.0
    """
    total = np.asarray(rows, "float64").sum(0)
    agree, there = total[:_ORDERS], total[_ORDERS : 2 * _ORDERS]
    written, wanted = total[-2:]
    if not there.all() or not agree.any():
        return 0.0
    shares, half = [], 1.0
    for hit, count in zip(agree, there, strict=True):
        if not hit:
            half *= 2.0
        shares.append((hit or 1.0 / half) / count)
    short = min(0.0, 1.0 - wanted / written)
    score = 100.0 * np.exp(short + np.log(shares).mean())
    return float(min(100.0, score))
