"""Moves of letters against loops in Python and the binomial distribution."""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from kerasgen import augment
from kerasgen.augment.letters import cases, keyboard

RANDOM = np.random.default_rng(0)
TEXTS = [
    " ".join(
        "".join(RANDOM.choice(list("abcdefghij"), RANDOM.integers(1, 9)))
        for _ in range(RANDOM.integers(1, 12))
    )
    for _ in range(400)
]
LETTERS = sum(len(word) for text in TEXTS for word in text.split())
WORDS = sum(len(text.split()) for text in TEXTS)
BOTH = (augment.CaseNoise, augment.Typos)


def run(part, texts=TEXTS, seed=(1, 2)):
    out = part({"x": tf.constant(texts)}, tf.constant(seed))["x"].numpy()
    return [each.decode() for each in out]


def pairs(part, texts=TEXTS):
    """Each word before and after."""
    for before, after in zip(texts, run(part, texts), strict=True):
        assert [c for c in before if c == " "] == [c for c in after if c == " "]
        yield from zip(before.split(), after.split(), strict=True)


def likely(hits, n, rate):
    """Whether a count lies where 99.99 % of the binomial's do."""
    low, high = scipy.stats.binom.interval(0.9999, n, rate)
    return low <= hits <= high


def inside(short, long):
    """Whether letters can be taken from one word to make the other."""
    rest = iter(long)
    return all(letter in rest for letter in short)


def test_delete_keeps_first_letters():
    gone = 0
    for before, after in pairs(augment.Typos(0.2, "delete")):
        assert after[0] == before[0] and inside(after, before)
        gone += len(before) - len(after)
    assert likely(gone, LETTERS - WORDS, 0.2)


def test_insert_puts_letters_beside():
    new = 0
    for before, after in pairs(augment.Typos(0.2, "insert")):
        assert after[0] == before[0] and inside(before, after)
        new += len(after) - len(before)
    assert likely(new, LETTERS, 0.2)


def test_substitute_hits_keys_beside():
    wrong = 0
    near = {"a": "qwsz", "f": "ertdgcv", "j": "yuihknm", "i": "89uojk"}
    near = {letter: set(keys) for letter, keys in near.items()}
    seen = {letter: set() for letter in near}
    for before, after in pairs(augment.Typos(0.3, "substitute")):
        assert len(before) == len(after)
        for old, new in zip(before, after, strict=True):
            wrong += old != new
            if old in near and old != new:
                seen[old].add(new)
    assert likely(wrong, LETTERS, 0.3)
    for letter, keys in near.items():
        assert len(seen[letter] & keys) >= 4


def test_keys_are_beside_each_other_both_ways():
    for layout, beside in (
        ("qwerty", "q w"),
        ("qwertz", "t z"),
        ("azerty", "a z"),
    ):
        table, counts = keyboard(layout)
        near = {k: set(table[k, : counts[k]]) for k in range(128)}
        for key, keys in near.items():
            assert key not in keys
            assert all(key in near[other] for other in keys if other > 57)
        first, second = map(ord, beside.split())
        assert second in near[first]
        assert second - 32 in near[first - 32]


def test_transpose_swaps_two_of_a_word():
    swaps = chances = 0
    for before, after in pairs(augment.Typos(0.3, "transpose")):
        place = 0
        # Two equal letters hide their swap; the draw there isn't counted.
        if len(set(before)) < len(before):
            assert sorted(before) == sorted(after)
            continue
        while place < len(before) - 1:
            chances += 1
            if before[place] == after[place]:
                place += 1
                continue
            assert after[place : place + 2] == before[place : place + 2][::-1]
            swaps, place = swaps + 1, place + 2
        assert before[place:] == after[place:]
    assert chances > 1000 and likely(swaps, chances, 0.3)


def test_any_makes_every_edit():
    shorter = longer = same = 0
    words = ["abcdefgh"] * 4000
    for before, after in pairs(augment.Typos(0.05), words):
        shorter += len(after) < len(before)
        longer += len(after) > len(before)
        same += len(after) == len(before) and after != before
    # Of eight letters seven can go and eight can be doubled.
    assert 0.05 < shorter / 4000 < 0.1 and 0.06 < longer / 4000 < 0.11
    assert 0.12 < same / 4000 < 0.2


def test_letters_without_keys_come_from_the_batch():
    texts = ["привет мир", "дом 日本語"] * 100
    known = set("".join(texts))
    for edit in ("substitute", "insert"):
        out = run(augment.Typos(0.5, edit), texts)
        assert out != texts and set("".join(out)) <= known
    out = run(augment.Typos(0.5, "substitute", "any"), ["qz 12"] * 100)
    assert set("".join(out)) == set("qz 12")


@pytest.mark.parametrize("style", ["lower", "upper", "title", "swap"])
def test_case_is_that_of_python(style):
    texts = ["The ÉCOLE école", "ПРИВЕТ мир", "Ωμέγα ΣΑΣ 42 日本", "a_B c"]
    python = {
        "lower": str.lower,
        "upper": str.upper,
        "swap": str.swapcase,
        "title": lambda word: word[0].upper() + word[1:].lower(),
    }[style]
    out = run(augment.CaseNoise(1.0, style), texts)
    for before, after in zip(texts, out, strict=True):
        # Only Python knows that a last sigma is another letter.
        expected = " ".join(python(word) for word in before.split())
        assert after.replace("ς", "σ") == expected.replace("ς", "σ")


def test_case_of_letters_that_have_no_single_other_stays():
    assert run(augment.CaseNoise(1.0, "upper"), ["straße ŉ ſ"]) == [
        "STRAßE ŉ ſ".replace("ŉ", "ŉ")
    ]
    small, capital = cases()
    both = np.where(small != np.arange(len(small)))[0]
    assert (capital[small[both]] == both).all() and len(both) > 500


def test_case_noise_draws_words_and_styles():
    texts = ["hello World AGAIN"] * 4000
    out = run(augment.CaseNoise(0.3, "upper"), texts)
    changed = [each.split()[0] == "HELLO" for each in out]
    assert likely(sum(changed), 4000, 0.3)
    forms = {each.split()[1] for each in run(augment.CaseNoise(1.0), texts)}
    assert {"world", "WORLD", "World", "wORLD"} <= forms and len(forms) > 20


@pytest.mark.parametrize("part", BOTH)
def test_odd_texts_come_through(part):
    odd = ["", " \t\n ", "x", "ß", "\t日本語 テキスト\n", "a\u0301 b", "🙂 🙃"]
    for seed in range(5):
        for before, after in zip(
            odd, run(part(1.0), odd, (seed, 0)), strict=True
        ):
            assert len(before.split()) == len(after.split())
            left = [c for c in before if c.isspace()]
            assert left == [c for c in after if c.isspace()]
    empty = tf.constant([], tf.string)
    assert part(1.0)({"x": empty}, [0, 0])["x"].shape == (0,)
    raw = tf.constant([b"\xff\xfe \xc3"] * 20)
    out = part(0.02)({"x": raw}, [0, 0])["x"].numpy()
    assert b"\xff\xfe \xc3" in out.tolist()


@pytest.mark.parametrize("part", BOTH)
def test_tokens_keep_their_places(part):
    x = tf.constant([["a", "bcd", ""], ["Efg", "", ""]] * 50)
    y = tf.constant([[1, 2, -1], [0, -1, -1]] * 50)
    out = part(1.0)({"x": x, "y": y}, [1, 2])
    assert ((out["x"] == "") == (x == "")).numpy().all()
    assert (out["x"] != x).numpy().any() and (out["y"] == y).numpy().all()


@pytest.mark.parametrize("part", BOTH)
def test_draws_belong_to_the_seed_and_to_each_text(part):
    texts = ["the quick Brown fox jumps over it"] * 50
    first = run(part(0.2), texts, (3, 4))
    assert first == run(part(0.2), texts, (3, 4))
    assert first != run(part(0.2), texts, (4, 4))
    assert len(set(first)) > 20


@pytest.mark.parametrize("part", BOTH)
def test_sizes_may_be_unknown_in_tf_data(part):
    made = part(0.3)
    data = tf.data.Dataset.from_generator(
        lambda: iter(TEXTS), output_signature=tf.TensorSpec((), tf.string)
    ).batch(64)
    seen = data.map(
        lambda x: (x, made({"x": x}, [5, 6])["x"]), num_parallel_calls=4
    )
    for before, after in seen:
        alone = made({"x": before}, [5, 6])["x"]
        assert (after == alone).numpy().all() and after.shape == before.shape
