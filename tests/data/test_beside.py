"""Data of another shape beside the target's: honest splits and batches."""

import dataclasses

import numpy as np
import pytest

import kerasgen as kg
from kerasgen.data import beside, forget, pair
from kerasgen.recipe.build import shrink


def numbered(n=120, classes=3, seed=0):
    """Tables whose first column is the row, images whose pixels are it."""
    random = np.random.default_rng(seed)
    y = random.permutation(np.arange(n) % classes)
    rows = np.stack([np.arange(n), y, random.normal(size=n)], 1)
    images = np.broadcast_to(
        np.arange(n, dtype="uint8")[:, None, None, None], (n, 4, 4, 1)
    )
    return rows.astype("float32"), images, y


def table(**given):
    rows, _, y = numbered()
    return kg.data.load((rows, y), task="classification", **given)


def images():
    _, x, y = numbered(seed=1)
    return kg.data.load((x, y))


def row_of(data, x):
    """The row that a prepared example of the table was."""
    places = np.asarray(data.splits["train"].x["feature_0"], "float64")
    return x[:, 0] * places.std() + places.mean()


def test_few_labels_stay_known_and_none_is_told_elsewhere():
    data = table()
    few = forget(data, 2)
    for name in ("train", "stop", "select"):
        assert np.bincount(few.splits[name].y).tolist() == [2, 2, 2]
    rest = few.splits["unlabeled"]
    assert rest.y is None and rest.weight is None
    every = [few.splits[name].ids for name in few.splits]
    assert sorted(np.concatenate(every)) == list(range(120))
    assert few.splits["test"] is data.splits["test"]
    few.summary(strict=True)


def test_too_few_labels_are_refused():
    with pytest.raises(ValueError, match="known=9.*found=4"):
        forget(table(), 9)
    with pytest.raises(ValueError, match="`known` must lie in"):
        forget(table(), 0)
    with pytest.raises(ValueError, match="data with classes"):
        forget(kg.data.load("diabetes"), 2)


def test_others_come_with_their_own_labels_until_all_were_seen():
    source = images()
    data = beside(table(), source, known=2)
    batches = data.batches("train", 4, needs=("unlabeled", "other"))
    _, raw, y = numbered(seed=1)
    low, high = source.schema.low, source.schema.high
    everything, _ = source.tensors("train")
    seen = []
    for fields, labels in batches:
        other, n = fields["other"], len(labels)
        assert fields["unlabeled"].shape == (n, 3)
        assert other["x"].shape == (n, 4, 4, 1) and len(other["y"]) == n
        for x, label in zip(
            other["x"].numpy(), other["y"].numpy(), strict=True
        ):
            place = np.abs(everything - x).max((1, 2, 3)).argmin()
            assert source.splits["train"].y[place] == label
            seen.append(place)
    assert set(seen) == set(range(len(source.splits["train"])))
    assert batches.cardinality().numpy() == -(-6 * 12 // 4) == 18
    assert high > low


def test_an_epoch_is_the_same_again_and_another_is_not():
    data = beside(table(), images(), known=2)

    def read(epoch):
        stream = data.batches("train", 4, needs=("other",), epoch=epoch)
        return [
            np.concatenate([f["inputs"].numpy(), f["other"]["x"][:, 0, 0]], 1)
            for f, _ in stream
        ]

    one, again, later = read(1), read(1), read(2)
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not all(
        np.array_equal(a, b) for a, b in zip(one, later, strict=True)
    )


def test_train_comes_round_in_new_orders():
    data = beside(table(), images(), known=2)
    stream = data.batches("train", 6, needs=("other",))
    rounds = [row_of(data, f["inputs"].numpy()) for f, _ in stream]
    assert all(np.allclose(np.sort(r), np.sort(rounds[0])) for r in rounds)
    assert any(not np.allclose(r, rounds[0]) for r in rounds)


def test_other_splits_are_as_ever():
    data = beside(table(), images(), known=2)
    x, y = next(iter(data.batches("test", 8)))
    assert x.shape == (8, 3) and y.shape == (8,)


def test_other_classes_are_refused():
    rows, x, y = numbered()
    more = kg.data.load((x, np.arange(120) % 4))
    with pytest.raises(ValueError, match="the same classes"):
        beside(table(), more)
    with pytest.raises(ValueError, match="the same classes"):
        beside(kg.data.load("diabetes"), kg.data.load("diabetes"))
    with pytest.raises(TypeError, match="source"):
        beside(table(), (x, y))


def test_what_is_needed_must_be_there():
    with pytest.raises(ValueError, match="kerasgen.data.beside"):
        table().batches("train", needs=("other",))
    with pytest.raises(ValueError, match="kerasgen.data.beside"):
        table().batches("train", needs=("pairs",))


@pytest.mark.parametrize("known", (None, 2))
def test_pairs_are_of_one_example(known):
    rows, x, _ = numbered()
    data = pair(table(), x, known)
    names = ("train", "unlabeled") if known else ("train",)
    ids = np.concatenate([data.splits[name].ids for name in names])
    seen = []
    for fields, _ in data.batches("train", 5, needs=("pairs",)):
        pairs = fields["pairs"]
        mine = row_of(table(), pairs["x"].numpy()).round()
        other = data.other.data
        pixels = np.asarray(other.prepare(x[ids].astype("float32")))[:, 0, 0, 0]
        view = pairs["view"].numpy()[:, 0, 0, 0]
        theirs = [ids[np.abs(pixels - v).argmin()] for v in view]
        assert theirs == mine.tolist()
        seen += theirs
    assert set(seen) == set(ids)


def test_views_of_test_examples_are_never_looked_at():
    rows, x, _ = numbered()
    data = table()
    hidden = x.copy()
    unseen = [data.splits[n].ids for n in ("stop", "select", "test")]
    hidden[np.concatenate(unseen)] = 255
    streams = [
        pair(data, view).batches("train", 8, needs=("pairs",))
        for view in (x, hidden)
    ]
    for (one, _), (two, _) in zip(*streams, strict=True):
        assert np.array_equal(one["pairs"]["view"], two["pairs"]["view"])


def test_pairs_stay_together_when_examples_are_taken_away():
    data = shrink(pair(table(), numbered()[1], 2), 5)
    fields, _ = next(iter(data.batches("train", 5, needs=("pairs",))))
    assert fields["pairs"]["view"].shape == (5, 4, 4, 1)
    grown = dataclasses.replace(
        data, splits={**data.splits, "train": data.splits["test"]}
    )
    with pytest.raises(ValueError, match="must have its other view"):
        grown.batches("train", needs=("pairs",))


def test_a_view_must_have_all_rows():
    with pytest.raises(ValueError, match="a row for each example"):
        pair(table(), numbered()[1][:50])


def test_pairs_of_data_that_only_stand_beside_are_of_one_class():
    source = images()
    data = beside(table(), source)
    everything, labels = source.tensors("train")
    columns = np.unique(data.tensors("train")[0][:, 1])
    drawn = set()
    for fields, _ in data.batches("train", 8, needs=("pairs",)):
        x, view = fields["pairs"]["x"].numpy(), fields["pairs"]["view"].numpy()
        for one, two in zip(x, view, strict=True):
            place = np.abs(everything - two).max((1, 2, 3)).argmin()
            assert np.abs(columns - one[1]).argmin() == labels[place]
            drawn.add(place)
    assert len(drawn) > 20


def test_what_stands_beside_is_in_the_fingerprint():
    data, (_, x, _) = table(), numbered()
    found = {
        data.fingerprint(),
        pair(data, x).fingerprint(),
        pair(data, x[::-1]).fingerprint(),
        beside(data, images()).fingerprint(),
    }
    assert len(found) == 4
