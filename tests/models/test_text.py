"""Factories of texts: padding, letters, vectors from a file, raw tokens."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import kerasgen as kg
from kerasgen.core import set_seed
from kerasgen.data.prepare import Spelling
from kerasgen.layers import NGrams, WordCNN
from kerasgen.models.text_classifier import BODIES
from kerasgen.serve.predictor import Predictor


@pytest.mark.parametrize("body", BODIES)
def test_padding_changes_nothing(body):
    set_seed(0)
    model = kg.text_classifier((9,), 3, 20, size="tiny", body=body, ngrams=2)
    x = np.random.default_rng(0).integers(3, 20, (4, 9))
    x[:, 5:] = 0
    longer = x.copy()
    longer[3] = 7  # makes the batch longer than its other texts
    gap = np.asarray(model(x))[:3] - np.asarray(model(longer))[:3]
    assert np.abs(gap).max() < 1e-5


@pytest.mark.parametrize("body", ["lstm", "transformer"])
@pytest.mark.parametrize("head", ["crf", "softmax"])
def test_padding_is_tagged_as_none(body, head):
    model = kg.tagger((6, 4), 3, 20, size="tiny", body=body, head=head)
    x = np.random.default_rng(0).integers(3, 20, (3, 6, 4))
    lengths = np.array([4, 2, 1])
    x[np.arange(6) >= lengths[:, None]] = 0
    found = np.asarray(kg.Tagging(("a", "b", "c"), "none").decode(model(x)))
    assert ((found >= 0).sum(1) == lengths).all()
    longer = np.concatenate([x, x[:1] * 0 + 5])
    np.testing.assert_allclose(model(longer)[:3], model(x), atol=1e-4)


def test_letters_tell_unknown_words_apart():
    model = kg.tagger((1, 6), 2, 9, size="tiny")
    ids = [[[1, *b"Abc12"]], [[1, *b"xyzzy"]]]
    found = np.asarray(model(np.array(ids)))
    assert np.abs(found[0] - found[1]).max() > 1e-6


def test_vectors_come_from_a_file(tmp_path):
    path = tmp_path / "glove.txt"
    path.write_text("cat 1.0 2.0 3.0\nThe 0.0 1.0 0.0\nrare 9 9 9\n")
    words = ["[PAD]", "[UNK]", "[MASK]", "Cat", "The", "dog"]
    model = kg.text_classifier(
        (4,), 2, words, size="tiny", embeddings=str(path)
    )
    table = np.asarray(model.get_layer("words").embeddings)
    assert table.shape == (6, 3)
    assert table[3].tolist() == [1, 2, 3] and table[4].tolist() == [0, 1, 0]
    assert table[5].any()
    with pytest.raises(TypeError, match="vocabulary"):
        kg.text_classifier((4,), 2, 6, size="tiny", embeddings=str(path))
    with pytest.raises(ValueError, match="must be the path"):
        kg.text_classifier((4,), 2, words, embeddings="nowhere.txt")
    path.write_text("cat 1.0 2.0\nthe 1.0\n")
    with pytest.raises(ValueError, match="line 2"):
        kg.text_classifier((4,), 2, words, embeddings=str(path))
    path.write_text("frog 1.0 2.0\n")
    with pytest.raises(ValueError, match="some of the words"):
        kg.text_classifier((4,), 2, words, embeddings=str(path))


def test_filters_are_those_of_keras():
    layer = WordCNN(4, 2, 2)
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    mask = np.arange(5) < np.array([[5], [3]])
    found = np.asarray(layer(x, mask=mask))
    slide = layer.slides[0]
    for row, length in enumerate((5, 3)):
        text = np.concatenate([x[row, :length], np.zeros((5 - length, 3))])
        wanted = np.asarray(slide(text[None].astype("float32")))[0, :length]
        np.testing.assert_allclose(found[row], wanted.max(0), atol=1e-5)


def test_n_grams_are_those_of_the_text():
    layer = NGrams(3, width=4, buckets=10_000)
    ids = np.array([[5, 6, 7, 0], [7, 6, 0, 0]])
    places, there = map(np.asarray, layer.places(ids))
    assert there.sum(1).tolist() == [3 + 2 + 1, 2 + 1]
    grams = [set(p[t].tolist()) for p, t in zip(places, there, strict=True)]
    assert len(grams[0]) == 6 and len(grams[0] & grams[1]) == 2
    again, _ = map(np.asarray, layer.places(ids[:, :3]))
    assert set(again[0].tolist()) >= grams[0]
    table = np.asarray(layer(ids))
    vectors = np.asarray(layer.table.embeddings)
    wanted = vectors[places[1][there[1]]].sum(0) / np.sqrt(3)
    np.testing.assert_allclose(table[1], wanted, atol=1e-6)


def test_spelling_reads_words_and_letters():
    tokens = np.array(
        [["Paris", "in", "1999"], ["paris", "2024", ""]], dtype=object
    )
    layer = Spelling(letters=4).adapt(tokens)
    found = layer(tf.constant([["PARIS", "1812", "[UNK]", "né", ""]])).numpy()
    words = found[0, :, 0].tolist()
    known = layer.vocabulary
    assert [known[w] for w in words] == [
        *("paris", "0000", "[UNK]", "[UNK]", "[PAD]")
    ]
    assert bytes(found[0, 0, 1:].tolist()) == b"PAIS"
    assert bytes(found[0, 3, 1:].tolist()) == "né".encode() + b"\0"
    assert not found[0, 2, 1:].any() and not found[0, 4].any()
    with pytest.raises(ValueError, match="Spelling"):
        Spelling().adapt(np.array(["a b"], dtype=object))


def test_a_recipe_takes_the_factory_that_fits():
    texts = [f"{word} film number {i}" for i in range(30) for word in "ab"]
    data = kg.data.load((texts, np.arange(60) % 2), kind="text")
    recipe = kg.recipe.complete(kg.Recipe(data=data), data)
    assert recipe.model == {"name": "text_classifier"}
    recipe = kg.Recipe(
        data=data, model={"name": "text_classifier", "size": "tiny"}
    )
    method = kg.recipe.build(recipe, data)
    assert isinstance(method.model, keras.Model)
    with pytest.raises(ValueError, match="must tell `tags`"):
        kg.recipe.build(kg.Recipe(data=data, model="tagger"), data)


def test_raw_tokens_are_served_with_the_names_of_their_tags():
    x = [["Mr", "Hall", "."], ["in", "New", "York", "now"]] * 15
    y = [["O", "B-PER", "O"], ["O", "B-LOC", "I-LOC", "O"]] * 15
    data = kg.data.load((x, y), kind="tokens", prepare="spelling")
    assert data.task.scheme == "BIO" and data.shape == (4, 21)
    recipe = kg.Recipe(data=data, model={"name": "tagger", "size": "tiny"})
    model = kg.recipe.build(recipe, data).model
    serve = Predictor(model, data).signatures()["serving_default"]
    answer = serve(tokens=tf.constant([["Mr", "Nobody"], ["Rome", ""]]))
    label, names = answer["label"].numpy(), answer["class"].numpy()
    assert label.shape == (2, 4)
    assert (label >= 0).sum(1).tolist() == [2, 1]
    for tag, name in zip(label.ravel(), names.ravel(), strict=True):
        assert name.decode() == (data.labels[tag] if tag >= 0 else "")
