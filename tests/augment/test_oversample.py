"""SMOTE against imbalanced-learn, brute force and the paper's rule."""

import collections

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from imblearn.over_sampling import SMOTE, SMOTENC

from kerasgen import augment
from kerasgen.augment import oversample

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(340, 3)) * [1.0, 5.0, 0.2]
Y = np.repeat([0, 1, 2], [300, 30, 10])
X[Y == 1] += [4.0, 0.0, 1.0]
TOWNS = np.array(["a", "b", "c"])[RANDOM.integers(0, 3, 340)]


def near(x, towns, count):
    """The nearest rows of each by the paper's distance, in a loop."""
    median = np.median(x.std(0))
    found = []
    for i in range(len(x)):
        far = ((x - x[i]) ** 2).sum(1) + median**2 * (towns != towns[i])
        far[i] = np.inf
        found.append(np.argsort(far, kind="stable")[:count])
    return np.array(found)


def parents(row, x, found):
    """Pairs of a row and a neighbour that a row lies between."""
    for base, others in enumerate(found):
        for other in others:
            step = x[other] - x[base]
            share = (row - x[base]) @ step / (step @ step)
            rest = row - x[base] - share * step
            if np.abs(rest).max() < 1e-9 and -1e-9 <= share < 1 + 1e-9:
                yield base, other, share


def test_rows_that_came_stay_and_classes_are_balanced():
    x, y = oversample.smote(X, Y)
    assert (x[:340] == X).all() and (y[:340] == Y).all()
    assert np.bincount(y).tolist() == [300] * 3
    again, _ = oversample.smote(X, Y)
    other, _ = oversample.smote(X, Y, seed=1)
    assert (again == x).all() and not (other[340:] == x[340:]).any()
    assert np.bincount(oversample.smote(X, Y, want={2: 25})[1]).tolist() == [
        300,
        30,
        25,
    ]


def test_every_row_lies_between_near_rows_of_its_class():
    x, _ = oversample.smote(X, Y, neighbors=3, want={1: 1530})
    own = X[Y == 1]
    found = near(own, np.zeros(30), 3)
    # Who of two that are near each other was first can't be told.
    edges = [frozenset((i, j)) for i, row in enumerate(found) for j in row]
    shares, drawn = [], collections.Counter()
    for row in x[340:]:
        base, other, share = next(parents(row, own, found))
        shares.append(share)
        drawn[frozenset((base, other))] += 1
    assert scipy.stats.kstest(shares, "uniform").pvalue > 1e-3
    chances = collections.Counter(edges)
    expected = [1500 * chances[edge] / len(edges) for edge in chances]
    counts = [drawn[edge] for edge in chances]
    assert scipy.stats.chisquare(counts, expected).pvalue > 1e-3


def test_rows_are_distributed_as_those_of_imbalanced_learn():
    want = {1: 4000, 2: 3000}
    mine, y = oversample.smote(X, Y, want=want)
    peer = SMOTE(sampling_strategy=want, random_state=0, k_neighbors=5)
    theirs, labels = peer.fit_resample(X, Y)
    for label in want:
        a, b = mine[340:][y[340:] == label], theirs[340:][labels[340:] == label]
        assert len(a) == len(b)
        for k in range(3):
            test = scipy.stats.ks_2samp(a[:, k], b[:, k])
            assert test.pvalue > 1e-3
        gap = np.abs(np.cov(a.T) - np.cov(b.T)).max()
        assert gap < 0.1 * np.cov(b.T).max()


def test_categories_are_those_of_most_neighbours():
    table = {"p": X[:, 0], "town": TOWNS, "q": X[:, 1], "r": X[:, 2]}
    out, y = oversample.smote(table, Y)
    assert list(out) == list(table) and out["town"].dtype == TOWNS.dtype
    new = np.stack([out["p"], out["q"], out["r"]], 1)[340:]
    own, towns = X[Y == 1], TOWNS[Y == 1]
    found = near(own, towns, 5)
    for row, town in zip(new[y[340:] == 1], out["town"][340:], strict=False):
        fits = set()
        for base, _, _ in parents(row, own, found):
            counts = collections.Counter(towns[found[base]])
            most = max(counts.values())
            fits |= {name for name, count in counts.items() if count == most}
        assert town in fits


def test_the_distance_of_the_paper():
    # Its example, section 6.1: 1 2 3 A B C against 4 6 5 A D E.
    numbers = np.array([[1.0, 2, 3], [4, 6, 5], [3, 5, 6]])
    names = np.array([["A", "B", "C"], ["A", "D", "E"], ["A", "B", "K"]], "O")
    median = np.median(numbers.std(0))
    far = [
        (9 + 16 + 4) + 2 * median**2,
        (4 + 9 + 9) + 1 * median**2,
    ]
    assert far[1] < far[0]
    assert oversample._near(numbers, names, 2)[0].tolist() == [2, 1]
    for seed in range(5):
        random = np.random.default_rng(seed)
        x = random.normal(size=(40, 2)) * [1, 3]
        towns = random.choice(list("abc"), 40)
        mine = oversample._near(x, towns.astype("O")[:, None], 5)
        assert (mine == near(x, towns, 5)).all()


def test_categories_come_as_often_as_in_imbalanced_learn():
    x = X[Y != 2]
    y = Y[Y != 2]
    # Towns go with a number, so that both distances find the same rows.
    towns = np.where(x[:, 1] > np.median(x[y == 1, 1]), "a", "b")
    mine, labels = oversample.smote(
        {"p": x[:, 0], "q": x[:, 1], "town": towns}, y, want={1: 3000}
    )
    table = np.stack([x[:, 0], x[:, 1], towns], 1).astype("O")
    table[:, :2] = table[:, :2].astype(float)
    peer = SMOTENC([2], sampling_strategy={1: 3000}, random_state=0)
    theirs, _ = peer.fit_resample(table, y)
    a = mine["town"][330:] == "a"
    b = theirs[330:, 2] == "a"
    assert abs(a.mean() - b.mean()) < 0.05


@pytest.mark.parametrize(
    "x, y, given, what",
    [
        (X, Y[1:], {}, "equally long"),
        (X[:, 0], Y, {}, "features"),
        (np.where(X > 4, np.nan, X), Y, {}, "finite"),
        (X, Y, {"want": {7: 9}}, "class=7"),
        (X, Y, {"want": {1: 9}}, "want=9"),
        (X, Y, {"want": "all"}, "want"),
        (X, Y, {"neighbors": 0}, "neighbors"),
        (X[:331], Y[:331], {}, None),
    ],
)
def test_refusals(x, y, given, what):
    if what is None:
        y = np.concatenate([y[:330], [2]])
        what = "two rows"
    with pytest.raises(ValueError, match=what):
        oversample.smote(x, y, **given)


def test_a_class_of_two_grows_along_a_line():
    x = np.array([[0.0, 0], [1, 1], [2, 2], [5, 7], [6, 9]])
    out, _ = oversample.smote(x, np.array([0, 0, 0, 1, 1]), want={1: 50})
    new = out[5:]
    np.testing.assert_allclose(new[:, 1] - 7, 2 * (new[:, 0] - 5))


def batch(n=400):
    x = RANDOM.normal(size=(n, 4)).astype("float32")
    y = np.repeat([0, 1, 2], [n - 60, 40, 20])
    x += 10 * y[:, None]
    order = RANDOM.permutation(n)
    return x[order], y[order]


@pytest.mark.parametrize("rate", [0.5, 1.0])
def test_a_batch_moves_towards_balance(rate):
    x, y = batch()
    counts = np.zeros(3)
    for seed in range(60):
        fields = {"x": tf.constant(x), "y": tf.constant(y)}
        counts += np.bincount(augment.Smote(rate)(fields, [seed, 0])["y"])
    expected = np.array([340, 40, 20]) * (1 - rate) + rate * 400 / 3
    # Four standard errors of the mean of 60 batches.
    np.testing.assert_allclose(counts / 60, expected, atol=4 * 10 / 60**0.5)


def test_rows_of_a_batch_lie_between_near_rows_of_their_class():
    x, y = batch()
    weight = np.arange(400.0)
    fields = {"x": tf.constant(x), "y": tf.constant(y)}
    fields["weight"] = tf.constant(weight)
    out = augment.Smote(1.0, neighbors=3)(fields, [1, 2])
    new = (out["x"].numpy() != x).any(1)
    assert 150 < new.sum() < 260
    assert (out["y"].numpy()[~new] == y[~new]).all()
    assert (out["weight"].numpy()[~new] == weight[~new]).all()
    shares, others = [], set()
    for row, label, base in zip(
        out["x"].numpy()[new],
        out["y"].numpy()[new],
        out["weight"].numpy()[new].astype(int),
        strict=True,
    ):
        assert y[base] == label != 0
        own = np.where((y == label) & (np.arange(400) != base))[0]
        far = ((x[own] - x[base]) ** 2).sum(1)
        gaps = []
        for other in own[np.argsort(far)[:3]]:
            step = x[other] - x[base]
            share = (row - x[base]) @ step / (step @ step)
            gaps.append(
                (np.abs(row - x[base] - share * step).max(), share, other)
            )
        gap, share, other = min(gaps)
        assert gap < 1e-4
        shares.append(share)
        others.add(other)
    assert scipy.stats.kstest(shares, "uniform").pvalue > 1e-3
    assert len(others) > 30


def test_a_class_of_one_row_stays_and_soft_labels_do():
    x = tf.constant(RANDOM.normal(size=(9, 2)), tf.float32)
    y = tf.constant([0] * 6 + [1] * 2 + [2])
    for seed in range(20):
        out = augment.Smote(1.0)({"x": x, "y": y}, [seed, 0])
        assert (out["y"].numpy() == 2).sum() == 1
        soft = augment.Smote(1.0)({"x": x, "y": tf.one_hot(y, 3)}, [seed, 0])
        np.testing.assert_array_equal(tf.argmax(soft["y"], 1), out["y"])
        assert (soft["x"] == out["x"]).numpy().all()
    alike = {"x": x, "y": tf.zeros(9, tf.int32)}
    assert (augment.Smote(1.0)(alike, [0, 0])["x"] == x).numpy().all()
    one = {"x": x[:1], "y": y[:1]}
    assert (augment.Smote(1.0)(one, [0, 0])["x"] == x[:1]).numpy().all()
    with pytest.raises(ValueError, match="classes"):
        augment.Smote()({"x": x, "y": tf.zeros(9)}, [0, 0])


def test_a_batch_of_unknown_size_in_tf_data():
    x, y = batch()
    data = tf.data.Dataset.from_tensor_slices({"x": x, "y": y}).batch(150)
    part = augment.Smote(1.0)
    for fields, out in data.map(lambda f: (f, part(f, [3, 4]))):
        alone = part(fields, [3, 4])
        np.testing.assert_allclose(out["x"], alone["x"], atol=1e-5)
        assert (out["y"] == alone["y"]).numpy().all()
