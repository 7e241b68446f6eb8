"""forget_labels: honest splits, and what refuses."""

import dataclasses

import numpy as np
import pytest

import kerasgen as kg
from kerasgen.data import check_leaks, forget_labels


def data(n=200, classes=4, **given):
    x = np.arange(2.0 * n).reshape(n, 2)
    return kg.data.load(
        (x, np.arange(n) % classes), task="classification", **given
    )


def test_so_many_of_each_class_stay_and_nothing_is_lost():
    whole = data()
    few = forget_labels(whole, keep=3)
    assert np.bincount(few.splits["train"].y).tolist() == [3, 3, 3, 3]
    rest = few.splits["unlabeled"]
    assert rest.y is None and rest.weight is None
    parts = [few.splits["train"].ids, rest.ids]
    assert sorted(np.concatenate(parts)) == sorted(whole.splits["train"].ids)
    for name in ("stop", "select", "test"):
        assert few.splits[name] is whole.splits[name]
    assert few.prepare is whole.prepare
    check_leaks(few)


def test_more_labels_add_to_fewer_and_a_seed_decides():
    few, more, other = (
        set(forget_labels(data(), keep, seed).splits["train"].ids.tolist())
        for keep, seed in ((2, 0), (5, 0), (2, 1))
    )
    assert few < more and few != other
    again = forget_labels(data(), 2, 0).splits["train"].ids
    assert few == set(again.tolist())


def test_batches_carry_the_others():
    few = forget_labels(data(), keep=3)
    seen = set()
    batches = few.batches("train", 6, needs=("unlabeled",))
    for _ in range(20):
        for x, _ in batches:
            assert x["inputs"].shape == x["unlabeled"].shape == (6, 2)
            seen |= {tuple(row) for row in x["unlabeled"].numpy()}
    rest, _ = few.tensors("unlabeled")
    assert seen <= {tuple(row) for row in rest} and len(seen) > 60


def test_labels_are_forgotten_twice():
    first = forget_labels(data(), keep=8)
    second = forget_labels(first, keep=2)
    assert len(second.splits["train"]) == 8
    rest = second.splits["unlabeled"]
    assert len(rest) == 120 - 8 and rest.y is None
    assert set(first.splits["unlabeled"].ids) < set(rest.ids)


def test_the_few_stand_there_several_times_and_never_in_two_folds():
    few = forget_labels(data(), keep=3, repeat=9)
    train = few.splits["train"]
    assert len(train) == 108 and len(set(train.ids.tolist())) == 12
    assert not set(train.ids) & set(few.splits["unlabeled"].ids)
    again = forget_labels(few, keep=2)
    assert len(again.splits["train"]) == 8
    assert not set(again.splits["train"].ids) & set(
        again.splits["unlabeled"].ids
    )
    check_leaks(few)
    for part in few.folds(3):
        check_leaks(part)
        assert len(np.unique(part.splits["train"].ids)) == len(
            part.splits["train"]
        )


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="as many examples.*too few"):
        forget_labels(data(), keep=31)
    with pytest.raises(ValueError, match="keep"):
        forget_labels(data(), keep=0)
    numbers = kg.data.load((np.zeros((50, 2)), np.linspace(0, 1, 50)))
    with pytest.raises(ValueError, match="must have one class"):
        forget_labels(numbers)


def test_weights_go_with_the_labels():
    whole = data()
    train = whole.splits["train"]
    weighed = dataclasses.replace(train, weight=np.ones(len(train), "float32"))
    splits = {**whole.splits, "train": weighed}
    few = forget_labels(dataclasses.replace(whole, splits=splits), keep=2)
    assert len(few.splits["train"].weight) == 8
    assert few.splits["unlabeled"].weight is None
