"""label_noise: rates and matrices against closed forms."""

import numpy as np
import pytest
from scipy import stats

import kerasgen as kg
from kerasgen.data import synthetic
from kerasgen.data.label_noise import label_noise, transition, true_labels

N, CLASSES = 40000, 4


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(0)
    x = random.normal(size=(N, 6)).astype("float32")
    return kg.data.load((x, np.arange(N) % CLASSES), task="classification")


def confusion(noisy, data):
    table = np.zeros((CLASSES, CLASSES))
    truth = true_labels(noisy, data)
    np.add.at(table, (truth, noisy.splits["train"].y), 1)
    return table


MATRIX = np.array(
    [[0.7, 0.1, 0.1, 0.1], [0, 1, 0, 0], [0, 0.5, 0.5, 0], [0.2, 0.3, 0.4, 0.1]]
)


@pytest.mark.parametrize("kind", ["symmetric", "pair", MATRIX])
def test_counts_follow_the_matrix(data, kind):
    table = confusion(label_noise(data, kind, 0.3, seed=1), data)
    if isinstance(kind, str):
        wrong = {"symmetric": 0.1, "pair": 0.0}[kind]
        expected = np.full((CLASSES, CLASSES), wrong)
        for i in range(CLASSES):
            expected[i, i] = 0.7
            if kind == "pair":
                expected[i, (i + 1) % CLASSES] = 0.3
        assert np.allclose(transition(kind, 0.3, CLASSES), expected)
    else:
        expected = kind
    for row, chances in zip(table, expected, strict=True):
        there = chances > 0
        assert row[~there].sum() == 0
        if there.sum() > 1:
            test = stats.chisquare(row[there], chances[there] * row.sum())
            assert test.pvalue > 0.001


def test_instance_rates_are_truncated_normal(data):
    # The mean of a normal within [0, 1] has a closed form.
    for rate in (0.05, 0.3, 0.5):
        noisy = label_noise(data, "instance", rate, seed=2)
        wrong = noisy.splits["train"].y != data.splits["train"].y
        bounds = (0 - rate) / 0.1, (1 - rate) / 0.1
        expected = stats.truncnorm(*bounds, loc=rate, scale=0.1).mean()
        error = np.sqrt(expected * (1 - expected) / len(wrong))
        assert abs(wrong.mean() - expected) < 4 * error


def test_instance_noise_depends_on_the_instance(data):
    # Which wrong class is taken is nearly a function of x and the class, so
    # that two draws agree on it; symmetric noise agrees by chance, one third.
    def agreement(kind):
        one, two = (
            label_noise(data, kind, 0.5, seed=3).splits["train"].y,
            _redrawn(data, kind),
        )
        truth = data.splits["train"].y
        both = (one != truth) & (two != truth)
        return (one[both] == two[both]).mean()

    assert agreement("instance") > 0.6
    assert abs(agreement("symmetric") - 1 / 3) < 0.03


def _redrawn(data, kind):
    """The same weights of classes, other draws: examples moved by a place."""
    import dataclasses

    train = data.splits["train"]
    places = np.roll(np.arange(len(train)), 1)
    moved = dataclasses.replace(
        data, splits={**data.splits, "train": train.take(places)}
    )
    y = label_noise(moved, kind, 0.5, seed=3).splits["train"].y
    back = np.empty_like(y)
    back[places] = y
    return back


def test_instance_chances_by_hand():
    source = synthetic.images(60, shape=(3, 3, 1))
    data = kg.data.load(source)
    noisy = label_noise(data, "instance", 0.4, seed=5)
    from kerasgen.core import child_seed

    x, y = data.tensors("train")
    random = np.random.default_rng(child_seed(5, "label noise"))
    rates = random.normal(0.4, 0.1, len(y))
    assert ((rates > 0) & (rates < 1)).all()
    chance = random.random(len(y))
    for i in range(len(y)):
        own = np.random.default_rng(child_seed(5, "label noise", int(y[i])))
        w = own.standard_normal((9, 3), "float32")
        scores = x[i].ravel().astype("float64") @ w.astype("float64")
        rest = np.exp([s for c, s in enumerate(scores) if c != y[i]])
        rest = list(rates[i] * rest / rest.sum())
        table = [1 - rates[i] if c == y[i] else rest.pop(0) for c in range(3)]
        place = int(np.searchsorted(np.cumsum(table), chance[i], "right"))
        assert noisy.splits["train"].y[i] == place


def test_nothing_else_changes(data):
    noisy = label_noise(data, "symmetric", 0.4, seed=0)
    for name in ("stop", "select", "test"):
        assert noisy.splits[name] is data.splits[name]
    train = noisy.splits["train"]
    assert np.array_equal(train.ids, data.splits["train"].ids)
    assert train.x is data.splits["train"].x
    assert noisy.prepare is data.prepare
    assert train.y.dtype == data.splits["train"].y.dtype
    one = label_noise(data, "symmetric", 0.4, seed=0).splits["train"].y
    other = label_noise(data, "symmetric", 0.4, seed=1).splits["train"].y
    assert np.array_equal(one, train.y) and (one != other).any()
    for kind in ("symmetric", "pair", "instance"):
        same = label_noise(data, kind, 0.0).splits["train"].y
        assert np.array_equal(same, data.splits["train"].y)
    test = label_noise(data, "pair", 1.0, split="test").splits
    assert np.array_equal(test["test"].y, (data.splits["test"].y + 1) % CLASSES)
    assert test["train"] is data.splits["train"]


def test_texts_are_counted():
    data = kg.data.load(synthetic.texts(300, classes=3))
    one = label_noise(data, "instance", 0.5, seed=1).splits["train"].y
    two = label_noise(data, "instance", 0.5, seed=1).splits["train"].y
    assert np.array_equal(one, two)
    assert 0.3 < (one != data.splits["train"].y).mean() < 0.7


def test_true_labels_after_other_changes(data):
    from kerasgen.data.imbalance import imbalance

    noisy = imbalance(label_noise(data, "pair", 0.5), 10.0)
    truth = true_labels(noisy, data)
    assert np.array_equal(truth, noisy.splits["train"].ids % CLASSES)
    small = kg.data.load(synthetic.images(60))
    with pytest.raises(ValueError, match="among the clean ones"):
        true_labels(data, small)


def test_mistakes_are_named(data):
    with pytest.raises(ValueError, match="Did you mean 'symmetric'"):
        label_noise(data, "symetric")
    with pytest.raises(ValueError, match="rate"):
        label_noise(data, rate=1.5)
    with pytest.raises(ValueError, match=r"shape \(4, 4\)"):
        label_noise(data, np.eye(3))
    with pytest.raises(ValueError, match="add up to 1"):
        label_noise(data, np.ones((4, 4)))
    with pytest.raises(ValueError, match="must have one class"):
        label_noise(kg.data.load("diabetes"))
    with pytest.raises(ValueError, match="split"):
        label_noise(data, split="trian")
