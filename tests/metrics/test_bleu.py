"""metrics: BLEU against sacrebleu's published examples and by brute force."""

import collections
import math

import numpy as np
import pytest

from kerasgen.metrics import bleu_counts, bleu_of_counts, bleu_words

WORDS = "a man in the red shirt plays ball with two dogs".split()


def texts(n, seed):
    random = np.random.default_rng(seed)
    sizes = random.integers(3, 12, n)
    return [" ".join(random.choice(WORDS, size)) for size in sizes]


def by_hand(found, wanted):
    """The formula of 2002, for corpora where each length agrees somewhere."""
    logs = 0.0
    for order in range(1, 5):
        hits = total = 0
        for one, other in zip(found, wanted, strict=True):
            a, b = one.split(), other.split()
            mine = collections.Counter(
                " ".join(a[i : i + order]) for i in range(len(a) - order + 1)
            )
            theirs = collections.Counter(
                " ".join(b[i : i + order]) for i in range(len(b) - order + 1)
            )
            hits += sum(min(n, theirs[k]) for k, n in mine.items())
            total += sum(mine.values())
        logs += math.log(hits / total) / 4
    size = sum(len(text.split()) for text in found)
    wish = sum(len(text.split()) for text in wanted)
    return 100 * math.exp(logs + min(0.0, 1 - wish / size))


@pytest.mark.parametrize("cut", [0, 2])
def test_corpus_agrees_with_the_formula(cut):
    wanted = texts(200, 0)
    mixed = np.random.default_rng(2).random(200) < 0.5
    found = [
        a if same else b
        for a, b, same in zip(wanted, texts(200, 1), mixed, strict=True)
    ]
    # Texts that are too short pay for it.
    found = [
        " ".join(text.split()[: len(text.split()) - cut]) for text in found
    ]
    rows = [bleu_counts(a, b) for a, b in zip(found, wanted, strict=True)]
    assert np.isclose(bleu_of_counts(rows), by_hand(found, wanted))


def test_lengths_that_never_agree_are_smoothed():
    rows = [bleu_counts("a b c x d", "a b c y d")]
    # 4/5 words, 2/4 pairs, 1/3 triples, and half of one of 2.
    wanted = 100 * (4 / 5 * 2 / 4 * 1 / 3 * 1 / 4) ** 0.25
    assert np.isclose(bleu_of_counts(rows), wanted)
    assert bleu_of_counts([bleu_counts("x", "a b")]) == 0.0


@pytest.mark.parametrize(
    "text, words",
    [
        ("Hello, world!", "Hello , world !"),
        ("It's 3.5% of 1,000.", "It's 3.5 % of 1,000 ."),
        ("a t-shirt (1-2)", "a t-shirt ( 1 - 2 )"),
        ("&quot;yes&quot; &amp; no", '" yes " & no'),
        ("etc...", "etc . . ."),
    ],
)
def test_words_are_cut_as_by_the_usual_script(text, words):
    assert bleu_words(text) == words.split()


def test_agrees_with_sacrebleu():
    sacrebleu = pytest.importorskip("sacrebleu")
    wanted = [
        f"{t.capitalize()}, it's {i}.5." for i, t in enumerate(texts(50, 3))
    ]
    found = [f"{t}, it's {i}." for i, t in enumerate(texts(50, 3))]
    rows = [bleu_counts(a, b) for a, b in zip(found, wanted, strict=True)]
    peer = sacrebleu.corpus_bleu(found, [wanted], lowercase=True)
    assert np.isclose(bleu_of_counts(rows), peer.score)
