"""Text corruptions: shares, what is read for what, five severities."""

import difflib
import re

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from kerasgen import augment
from kerasgen.augment import corrupt_text

ALL = (
    augment.KeyboardErrors,
    augment.MissingWords,
    augment.OcrErrors,
    augment.SpellingErrors,
    augment.WrongCase,
)
RANDOM = np.random.default_rng(0)
WORDS = (
    "the Quick brown fox jumps clearly over a lazy dog in modern rain".split()
)
TEXTS = [" ".join(RANDOM.choice(WORDS, 20)) for _ in range(300)]


def run(part, texts=TEXTS, seed=(1, 2)):
    out = part({"x": tf.constant(texts)}, tf.constant(seed))["x"].numpy()
    return [each.decode() for each in out]


def likely(hits, n, rate):
    """Whether a count lies where 99.99 % of the binomial's do."""
    low, high = scipy.stats.binom.interval(0.9999, n, rate)
    return low <= hits <= high


def always(part):
    """The same corruption at rate one."""
    return type("Always", (part,), {"strengths": (1.0,) * 5})()


@pytest.mark.parametrize("part", ALL)
def test_every_severity_is_farther(part):
    far = []
    for severity in range(1, 6):
        out = run(part(severity), TEXTS[:60])
        far.append(
            1
            - np.mean(
                [
                    difflib.SequenceMatcher(None, a, b, False).ratio()
                    for a, b in zip(TEXTS, out, strict=False)
                ]
            )
        )
    assert far[0] > 0 and (np.diff(far) > 0.005).all()


@pytest.mark.parametrize("severity, rate", [(1, 0.02), (3, 0.1), (5, 0.2)])
def test_keyboard_errors_have_their_rate(severity, rate):
    out = "".join(run(augment.KeyboardErrors(severity))).replace(" ", "")
    before = "".join(TEXTS).replace(" ", "")
    wrong = sum(a != b for a, b in zip(before, out, strict=True))
    assert likely(wrong, len(before), rate)


@pytest.mark.parametrize("severity, rate", [(1, 0.05), (5, 0.4)])
def test_missing_words_have_their_rate(severity, rate):
    out = run(augment.MissingWords(severity))
    left = sum(len(each.split()) for each in out)
    assert likely(20 * 300 - left, 20 * 300, rate)


@pytest.mark.parametrize("severity, rate", [(1, 0.1), (3, 0.5), (5, 1.0)])
def test_wrong_case_has_its_rate(severity, rate):
    out = " ".join(run(augment.WrongCase(severity))).split()
    swapped = 0
    for before, after in zip(" ".join(TEXTS).split(), out, strict=True):
        assert after in (before, before.swapcase())
        swapped += before != after
    assert likely(swapped, 20 * 300, rate)


@pytest.mark.slow
def test_ocr_reads_every_letter_as_the_table_says():
    table = {k: set(v.split()) for k, v in corrupt_text._READ.items()}
    part = always(augment.OcrErrors)
    for letter in map(chr, range(33, 127)):
        out = run(part, [letter] * 200)
        assert set(out) == table.get(letter, {letter})
    fused = corrupt_text._FUSED
    assert not {pair[0] for pair in fused} & {pair[1] for pair in fused}
    # Pairs first, from left to right, then single letters.
    for text in ("modern rain", "clcl rr n", "r n", "arn cl\tri", "ünrn"):
        pattern = "|".join([*fused, *map(re.escape, table)])
        shape = re.sub(
            pattern,
            lambda m: (
                fused.get(m[0]) or "(" + "|".join(sorted(table[m[0]])) + ")"
            ),
            text,
        )
        for seed in range(20):
            assert re.fullmatch(shape, run(part, [text], (seed, 0))[0])


@pytest.mark.parametrize("severity, rate", [(1, 0.02), (5, 0.2)])
def test_ocr_errors_have_their_rate(severity, rate):
    out = "".join(run(augment.OcrErrors(severity), ["eeeee aaaaa"] * 500))
    wrong = sum(letter not in "ea " for letter in out)
    wrong += sum(a != b for a, b in zip(out, "eeeee aaaaa" * 500, strict=True))
    # `e` is read as `c`, `a` as `o`: each wrong letter was counted twice.
    assert likely(wrong // 2, 5000, rate)


def test_spelling_errors_speak_every_alphabet():
    texts = ["привет мир как дела", "こんにちは 世界"] * 50
    out = run(augment.SpellingErrors(5), texts)
    assert sum(a != b for a, b in zip(texts, out, strict=True)) > 60
    assert set("".join(out)) <= set("".join(texts))


@pytest.mark.parametrize("part", ALL)
def test_odd_texts_come_through(part):
    odd = ["", "  ", "m", "日本 語", "🙂"]
    for severity in (1, 5):
        out = run(part(severity), odd)
        assert [bool(each.strip()) for each in out] == [0, 0, 1, 1, 1]
    x = tf.constant([["modern", "rain", ""], ["a", "", ""]])
    y = tf.constant([[0, 1, -1], [2, -1, -1]])
    out = part(5)({"x": x, "y": y}, [0, 0])
    filled = out["x"].numpy() != b""
    assert (filled == (out["y"].numpy() >= 0)).all() and filled[1, 0]


@pytest.mark.parametrize("part", ALL)
def test_pure_in_the_seed(part):
    assert run(part(3)) == run(part(3))
    assert run(part(3)) != run(part(3), seed=(2, 2))
    assert len(set(run(part(5), TEXTS[:1] * 30))) > (
        0 if part is augment.WrongCase else 20
    )
