"""Texts: cleaned, cut and numbered in the graph."""

import json
import re
import unicodedata

import numpy as np
import pytest
import tensorflow as tf
import tokenizers
from tokenizers import models, pre_tokenizers

from kerasgen.data.prepare import (
    Characters,
    CleanText,
    Unigram,
    WordPiece,
    Words,
)

TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "the quick, quicker, quickest fox — jumping and jumped",
    "Über die Brücke läuft der Fuchs; naïve café owners",
    "overlap overlay overjoyed, jumper jumpers jump",
    "dogs and foxes and lazier dogs and laziness",
    "",
    "   ",
    "x",
]


def strings(values):
    return np.array(values, dtype=object)


def back(layer):
    config = json.loads(json.dumps(layer.get_config()))
    return type(layer).from_config(config)


def corpus(n=400, seed=0):
    random = np.random.default_rng(seed)
    words = " ".join(TEXTS).split()
    return strings([" ".join(random.choice(words, 8)) for _ in range(n)])


def cleaned(text, accents=False):
    if accents:
        text = unicodedata.normalize("NFD", text)
        text = "".join(c for c in text if unicodedata.category(c) != "Mn")
    text = "".join(
        c for c in text.lower() if unicodedata.category(c)[0] not in "PS"
    )
    return " ".join(text.split())


@pytest.mark.parametrize("accents", [False, True])
def test_clean_text_is_pythons(accents):
    layer = CleanText(accents="strip" if accents else "keep")
    more = [*TEXTS, "Ἀθῆναι Йод ñandú\tŁódź", "a\u00a0b\u2003c", "5€ + 3 = 8"]
    found = [t.decode() for t in layer(tf.constant(more)).numpy()]
    assert found == [cleaned(text, accents) for text in more]


def test_clean_text_splits_and_shelters():
    layer = CleanText("keep", "split")
    assert layer(tf.constant(["Don't!"])).numpy() == [b"Don ' t !"]
    text = tf.constant(["a[UNK]b, [MASK]!", b"\xffok"])
    assert CleanText()(text).numpy().tolist() == [
        b"a [UNK] b [MASK]",
        cleaned("�ok").encode(),
    ]
    grid = tf.constant([["A.", "b"], ["C", ""]])
    assert CleanText()(grid).numpy().tolist() == [[b"a", b"b"], [b"c", b""]]


def test_words_are_numbered_by_their_count():
    texts = corpus()
    layer = back(Words(size=12, length=6).adapt([texts[:100], texts[100:]]))
    counts = {}
    for word in " ".join(texts).split():
        counts[word] = counts.get(word, 0) + 1
    common = sorted(counts, key=lambda word: (-counts[word], word))[:9]
    assert layer.vocabulary == ["[PAD]", "[UNK]", "[MASK]", *common]
    numbers = {word: i for i, word in enumerate(layer.vocabulary)}
    found = layer(tf.constant(texts)).numpy()
    assert found.dtype == np.int32
    for text, row in zip(texts, found, strict=True):
        ids = [numbers.get(word, 1) for word in text.split()]
        assert row.tolist() == (ids + [0] * 6)[:6]


def test_tokens_keep_their_places_and_specials_their_ids():
    tokens = strings([["b", "a", ""], ["a", "a", "c"]])
    layer = back(Words().adapt(tokens))
    given = tf.constant([["a", "[MASK]", "z"], ["[UNK]", "c", ""]])
    assert layer(given).numpy().tolist() == [[3, 2, 1], [1, 5, 0]]
    texts = Words(length=3).adapt(strings(["a [MASK] a"]))
    assert texts.vocabulary[3:] == ["a"]
    assert texts(tf.constant(["[MASK] a [UNK]"])).numpy().tolist() == [
        [2, 3, 1]
    ]


def test_rare_words_are_left_out():
    layer = Words(least=2).adapt(strings(["a a b"]))
    assert layer.vocabulary[3:] == ["a"]


def test_characters():
    layer = back(Characters(length=6).adapt(strings(["abcab é", "é"])))
    assert set(layer.vocabulary[3:]) == set("abcé ")
    found = layer(tf.constant(["é[MASK]zb", ""])).numpy()
    number = layer.vocabulary.index
    assert found.tolist() == [[number("é"), 2, 1, number("b"), 0, 0], [0] * 6]


def test_word_piece_is_the_reference():
    layer = back(WordPiece(size=90, length=40).adapt(corpus()))
    assert len(layer.vocabulary) == 90
    numbers = {word: i for i, word in enumerate(layer.vocabulary)}
    peer = tokenizers.Tokenizer(
        models.WordPiece(
            numbers, unk_token="[UNK]", max_input_chars_per_word=100
        )
    )
    peer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    texts = [*TEXTS, *corpus(50, 1), "foxdog 漢字 the漢 quickquickly", "[x]"]
    found = layer(tf.constant(strings(texts))).numpy()
    for text, row in zip(texts, found, strict=True):
        ids = peer.encode(text).ids
        assert row.tolist() == (ids + [0] * 40)[:40], text


def test_word_pieces_are_those_of_a_plain_loop():
    words = [("hug", 10), ("pug", 5), ("pun", 12), ("bun", 4), ("hugs", 5)]
    cut = {w: [w[0], *("##" + c for c in w[1:])] for w, _ in words}
    joined = []
    for _ in range(6):
        pairs = {}
        for word, count in words:
            for pair in zip(cut[word], cut[word][1:], strict=False):
                pairs[pair] = pairs.get(pair, 0) + count
        pair = min(pairs, key=lambda p: (-pairs[p], p))
        new = pair[0] + pair[1][2:]
        joined.append(new)
        for parts in cut.values():
            for i in range(len(parts) - 1, 0, -1):
                if (parts[i - 1], parts[i]) == pair:
                    parts[i - 1 : i + 1] = [new]
    texts = strings([" ".join([word] * count) for word, count in words])
    layer = WordPiece(size=100).adapt(texts)
    alphabet = {c for w, _ in words for c in [w[0], *("##" + x for x in w[1:])]}
    found = layer.vocabulary[3:]
    assert set(found[: len(alphabet)]) == alphabet
    assert found[len(alphabet) :][:6] == joined


def test_unigram_is_the_reference():
    layer = back(Unigram(size=80, length=60).adapt(corpus()))
    assert len(layer.vocabulary) <= 80
    low = min(layer.learnt["scores"])
    pieces = [(w, low) for w in layer.vocabulary[:3]]
    pieces += zip(layer.learnt["words"], layer.learnt["scores"], strict=True)
    peer = tokenizers.Tokenizer(models.Unigram(pieces, unk_id=1))
    peer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    texts = [*TEXTS[:5], "x", *corpus(50, 1), "foxdog 漢字 the漢 quickquickly"]
    found = layer(tf.constant(strings(texts))).numpy()
    for text, row in zip(texts, found, strict=True):
        ids = peer.encode(" ".join(text.split())).ids
        assert row.tolist() == (ids + [0] * 60)[:60], text


def test_unigram_cuts_best_of_all_cuts():
    learnt = {
        "words": ["▁", "a", "b", "ab", "ba", "▁a", "aba"],
        "scores": [-2.0, -1.5, -1.7, -2.1, -2.4, -3.3, -3.0],
    }
    layer = Unigram(length=20, learnt=learnt)
    score = dict(zip(learnt["words"], learnt["scores"], strict=True))

    def cuts(word):
        if not word:
            yield []
        for size in range(1, len(word) + 1):
            if word[:size] in score:
                yield from ([word[:size], *rest] for rest in cuts(word[size:]))

    for word in ("a", "ab", "aba", "babab", "abbaabab"):
        best = max(cuts("▁" + word), key=lambda c: sum(map(score.get, c)))
        ids = [learnt["words"].index(piece) + 3 for piece in best]
        found = layer(tf.constant([word])).numpy()[0]
        assert found[: len(ids)].tolist() == ids and not found[len(ids) :].any()


def test_unigram_learns_the_words_of_a_language():
    random = np.random.default_rng(0)
    stems = ["walk", "jump", "play", "talk"]
    ends = ["", "s", "ed", "ing", "er"]
    texts = strings(
        [
            " ".join(
                random.choice(stems) + random.choice(ends) for _ in "12345678"
            )
            for _ in range(300)
        ]
    )
    layer = Unigram(size=34).adapt(texts)
    assert {"▁" + stem for stem in stems} <= set(layer.vocabulary)
    found = layer(tf.constant(["walkjump"])).numpy()[0]
    assert found[0] == layer.vocabulary.index("▁walk")
    total = np.exp(layer.learnt["scores"]).sum()
    assert 0.8 < total < 1.01


@pytest.mark.parametrize("kind", [WordPiece, Unigram])
def test_subwords_keep_specials_and_long_words(kind):
    layer = kind(size=90, length=12).adapt(corpus())
    ids = layer(tf.constant(["fox [MASK] [UNK]", "a" * 500])).numpy()
    assert 2 in ids[0] and 1 in ids[0]
    assert ids.shape == (2, 12)
    assert not layer(tf.constant(["", " "])).numpy().any()
    empty = layer(tf.constant([], tf.string))
    assert empty.shape == (0, 12)
    first = layer(tf.constant(["fox jumps"])).numpy()[0]
    several = layer(tf.constant(["dog", "fox jumps", ""])).numpy()[1]
    assert (first == several).all()


def test_the_size_of_a_vocabulary_holds():
    for kind in (Words, Characters, WordPiece, Unigram):
        layer = kind(size=10).adapt(corpus())
        assert len(layer.vocabulary) <= 10
        assert layer(tf.constant(TEXTS)).numpy().max() < 10


def test_what_is_not_text_is_refused():
    for kind in (Words, Characters, WordPiece, Unigram):
        with pytest.raises(ValueError, match="takes strings"):
            kind().adapt(np.ones((2, 3)))
        with pytest.raises(ValueError, match="must lie in"):
            kind(size=3)
        with pytest.raises(ValueError, match="must lie in"):
            kind(length=0)
    for kind in (Characters, WordPiece, Unigram):
        with pytest.raises(ValueError, match=re.escape("takes texts (batch,)")):
            kind().adapt(strings([["a", "b"]]))
    with pytest.raises(ValueError, match="`case` must be one of"):
        CleanText(case="upper")


@pytest.mark.parametrize("kind", [Words, Characters, WordPiece, Unigram])
def test_texts_without_words_teach_nothing(kind):
    layer = back(kind(size=9, length=4).adapt(strings(["", ""])))
    assert layer.vocabulary == ["[PAD]", "[UNK]", "[MASK]"]
    found = layer(tf.constant(["a b", ""])).numpy()
    assert found[0, 0] == 1 and not found[1].any()
