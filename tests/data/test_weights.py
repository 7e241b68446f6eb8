"""weights: against scikit-learn's, of examples, pixels and tokens."""

import dataclasses

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

import kerasgen as kg
from kerasgen.data import synthetic
from kerasgen.data.rows import Rows
from kerasgen.data.weights import balanced_weights, weigh

load = kg.data.load


def unequal(n=500, classes=4, seed=0):
    random = np.random.default_rng(seed)
    return random.choice(classes, n, p=[0.6, 0.25, 0.1, 0.05])


def test_one_output_is_sklearns():
    y = unequal()
    found = balanced_weights(y, 4)
    assert np.allclose(found, compute_sample_weight("balanced", y))
    assert np.isclose(found.mean(), 1) and found.dtype == np.float32
    sums = [found[y == label].sum() for label in range(4)]
    assert np.allclose(sums, sums[0], rtol=1e-5)
    # A class that isn't there changes nothing.
    assert np.array_equal(balanced_weights(y, 9), found)
    assert np.array_equal(balanced_weights(y), found)


def test_several_outputs():
    y = {"a": unequal(seed=1), "b": unequal(seed=2) % 2}
    for classes in (None, {"a": 4, "b": 2}):
        found = balanced_weights(y, classes)
        for name in y:
            expected = compute_sample_weight("balanced", y[name])
            assert np.allclose(found[name], expected)


@pytest.mark.parametrize("void", [False, True])
def test_masks_are_sklearns_pixels(void):
    y = unequal(1200).reshape(12, 10, 10).astype("uint8")
    known = np.ones(y.shape, bool)
    if void:
        known[:, :3] = False
        y[:, :3] = 255
    for classes in (None, 4):
        found = balanced_weights(y, classes)
        expected = compute_sample_weight("balanced", y[known])
        assert np.allclose(found[known], expected)
        assert (found[~known] == 0).all()
        assert np.isclose(found[known].mean(), 1, atol=1e-5)


def test_tags_leave_out_what_fills_up():
    y = np.array([[0, 0, 1, -1], [0, 2, -1, -1]])
    found = balanced_weights(y, 5)
    expected = compute_sample_weight("balanced", y[y >= 0])
    assert np.allclose(found[y >= 0], expected)
    assert (found[y < 0] == 0).all()


def test_masks_on_the_disk_stay_there(tmp_path):
    y = unequal(1200).reshape(12, 10, 10).astype("uint8")
    np.save(tmp_path / "y.npy", y)
    lazy = Rows(np.load(tmp_path / "y.npy", mmap_mode="r"))[
        np.arange(11, 3, -1)
    ]
    found = balanced_weights(lazy, 4)
    assert isinstance(found, Rows) and found.shape == (8, 10, 10)
    expected = balanced_weights(y[11:3:-1], 4)
    assert np.array_equal(np.asarray(found), expected)
    assert np.array_equal(found[3], expected[3])


def test_labels_must_be_whole():
    with pytest.raises(ValueError, match="whole numbers"):
        balanced_weights([0.5, 1.0])
    with pytest.raises(ValueError, match="there must be labels"):
        balanced_weights(np.full((2, 2), -1), 3)


def test_weights_reach_the_batches():
    x = np.zeros((500, 2))
    data = load((x, unequal()), task="classification")
    found = weigh(data)
    assert found.splits["test"] is data.splits["test"]
    train = found.splits["train"]
    expected = compute_sample_weight("balanced", train.y)
    assert np.allclose(train.weight, expected)
    for _, y, weight in found.batches("train", 32):
        table = dict(zip(train.y, train.weight, strict=True))
        assert [table[int(label)] for label in y] == weight.numpy().tolist()
    assert found.fingerprint() != data.fingerprint()


def test_weights_are_multiplied():
    x, y = np.zeros((500, 2)), unequal()
    data = load((x, y), task="classification", weight=np.arange(500.0))
    train = weigh(data).splits["train"]
    expected = compute_sample_weight("balanced", train.y) * train.ids
    assert np.allclose(train.weight, expected, rtol=1e-5)


def test_weights_by_name():
    data = load("wine")
    given = {"class_0": 2.0, "class_1": 0.0, "class_2": 1.0}
    train = weigh(data, given).splits["train"]
    assert np.array_equal(train.weight, np.array([2.0, 0.0, 1.0])[train.y])
    with pytest.raises(ValueError, match=r"without=\['class_1'\]"):
        weigh(data, {"class_0": 1.0, "class_2": 1.0})
    with pytest.raises(ValueError, match="Did you mean 'class_0'"):
        weigh(data, {"clas_0": 1.0})
    with pytest.raises(ValueError, match="Did you mean 'balanced'"):
        weigh(data, "balance")
    with pytest.raises(TypeError, match="class_weight"):
        weigh(data, 3.0)
    with pytest.raises(ValueError, match="must be classes, a mask"):
        weigh(load("diabetes"))


def test_dense_weights_reach_the_batches():
    data = weigh(load(synthetic.masks(classes=3)))
    x, y, weight = next(iter(data.batches("train", 8)))
    assert weight.shape == y.shape == (8, 16, 16)
    counts = np.bincount(data.splits["train"].y.ravel(), minlength=3)
    expected = counts.sum() / (3 * counts)
    assert np.allclose(weight, expected[y], rtol=1e-5)
    tags = weigh(load(synthetic.tokens()))
    x, y, weight = next(iter(tags.batches("train", 8)))
    assert weight.shape == y.shape and (weight.numpy()[y < 0] == 0).all()


def test_several_outputs_reach_the_batches():
    x, _ = synthetic.images(90)
    y = {"a": np.arange(90) % 3, "b": np.linspace(0, 1, 90)}
    data = load((x, y))
    found = weigh(data)
    _, labels, weight = next(iter(found.batches("train", 8)))
    assert set(weight) == {"a", "b"} and np.all(weight["b"] == 1)
    train = found.splits["train"]
    expected = compute_sample_weight("balanced", train.y["a"])
    assert np.allclose(train.weight["a"], expected)
    assert len(train.take([0, 1]).weight["a"]) == 2
    again = weigh(load((x, y)))
    assert found.fingerprint() == again.fingerprint() != data.fingerprint()


def test_weights_of_pixels_times_weights_of_examples():
    data = load(synthetic.masks(classes=3))
    own = np.arange(36.0, dtype="float32")
    train = dataclasses.replace(data.splits["train"], weight=own)
    data = dataclasses.replace(data, splits={**data.splits, "train": train})
    found = weigh(data).splits["train"].weight
    expected = balanced_weights(train.y, 3) * own[:, None, None]
    assert np.allclose(found, expected)


@pytest.mark.parametrize(
    "part", [kg.augment.Rotate(60.0), kg.augment.Elastic(), kg.augment.Flip()]
)
def test_weights_of_pixels_move_with_their_masks(part):
    data = weigh(load(synthetic.masks(classes=3)))
    counts = np.bincount(data.splits["train"].y.ravel(), minlength=3)
    table = counts.sum() / (3 * counts)
    _, y, weight = next(iter(data.batches("train", 16, augment=[part])))
    y, weight = y.numpy(), weight.numpy()
    # Pixels from outside the picture count for nothing, or as their class.
    there = weight > 0
    assert there.mean() > 0.5
    assert np.allclose(weight[there], table[y[there]], rtol=1e-5)


def test_images_of_several_outputs_are_moved():
    x, _ = synthetic.images(60)
    data = load((x, {"a": np.arange(60) % 3, "b": np.linspace(0, 1, 60)}))
    parts = [kg.augment.Rotate(), kg.augment.Elastic()]
    _, y = next(iter(data.batches("train", 8, augment=parts)))
    assert set(y) == {"a", "b"}


def test_load_weighs_the_train_split():
    data = load("wine", class_weight="balanced")
    expected = weigh(load("wine")).splits["train"].weight
    assert np.array_equal(data.splits["train"].weight, expected)
    assert data.splits["test"].weight is None
    with pytest.raises(ValueError, match="weigh each part's train split"):
        data.folds(3)
