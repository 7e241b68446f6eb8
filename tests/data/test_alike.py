"""Batches of texts of about one length."""

import keras
import numpy as np
import pytest

import kerasgen as kg
from kerasgen.data import synthetic


@pytest.fixture(scope="module")
def texts():
    random = np.random.default_rng(0)
    x = [" ".join(["good"] * n) for n in random.integers(1, 60, 1000)]
    y = np.arange(1000)
    words = [{"name": "words", "length": 60}]
    return kg.data.load((x, y % 2), kind="text", prepare=words, name="texts")


def rows(batches):
    return [(np.asarray(x), np.asarray(y)) for x, y in batches]


def padding(found):
    """The share of steps that only the longest text of a batch needs."""
    steps = [(x != 0).sum(1) for x, _ in found]
    return 1 - sum(map(sum, steps)) / sum(s.max() * len(s) for s in steps)


def test_batches_are_of_about_one_length(texts):
    any_way = rows(texts.batches("train", 16))
    alike = rows(texts.batches("train", 16, by_length=True))
    assert padding(alike) < 0.05 < 0.3 < padding(any_way)


def test_an_epoch_has_every_example_once(texts):
    one, other = texts.batches("train", 16, by_length=True), []
    for found in (rows(one), rows(one), rows(texts.batches("train", 16))):
        sizes = np.concatenate([(x != 0).sum(1) for x, _ in found])
        assert [len(y) for _, y in found[:-1]] == [16] * (len(found) - 1)
        other.append(np.sort(sizes).tolist())
    assert other[0] == other[1] == other[2]


def test_epochs_differ_and_come_again(texts):
    batches = texts.batches("train", 16, by_length=True)
    first, second = rows(batches), rows(batches)
    assert any(
        (a != b).any() for (a, _), (b, _) in zip(first, second, strict=True)
    )
    again = rows(texts.batches("train", 16, by_length=True, epoch=1))
    assert all(
        (a == b).all() for (a, _), (b, _) in zip(second, again, strict=True)
    )
    lengths = [(x != 0).sum(1).mean() for x, _ in first]
    assert lengths != sorted(lengths)


def test_what_is_not_shuffled_keeps_its_order(texts):
    plain = rows(texts.batches("test", 16))
    asked = rows(texts.batches("test", 16, by_length=True))
    assert all(
        (a == b).all() for (a, _), (b, _) in zip(plain, asked, strict=True)
    )


def test_targets_are_cut_to_the_longest():
    data = kg.data.load(
        synthetic.pairs(200), kind="pairs", task=kg.Translation(length=40)
    )
    for x, y in data.batches("train", 16, by_length=True):
        longest = int((np.asarray(y) != 0).sum(1).max())
        assert y.shape[1] == x["target"].shape[1] == -(-longest // 8) * 8
        assert (np.asarray(x["target"])[:, 1:] == np.asarray(y)[:, :-1]).all()


def test_a_recipe_trains_so():
    recipe = kg.Recipe(
        data=kg.data.load(synthetic.pairs(300), kind="pairs"),
        model={"name": "seq2seq", "size": "tiny"},
        epochs=2,
        training={"by_length": True, "patience": None},
    )
    data = kg.recipe.load_data(recipe)
    keras.utils.set_random_seed(0)
    first, last = kg.recipe.train(recipe, data, kg.recipe.build(recipe, data))
    assert last["loss"] < first["loss"]


@pytest.mark.parametrize("name", ["digits", "wine"])
def test_other_data_are_refused(name):
    with pytest.raises(ValueError, match="by_length"):
        kg.data.load(name).batches("train", by_length=True)


def test_no_other_word_is_taken():
    with pytest.raises(ValueError, match="by_length"):
        kg.Recipe(data="wine", training={"by_length": "yes"})
