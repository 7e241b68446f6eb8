"""summary: what is counted, and leaks."""

import dataclasses
import json

import keras
import numpy as np
import pytest

import kerasgen as kg
from kerasgen.data import synthetic
from kerasgen.data.duplicates import find_duplicates
from kerasgen.data.summary import check_leaks, summarize

load = kg.data.load


def brute(data):
    """Pairs of splits with equal examples, one by one."""
    rows = {
        name: [_bytes(split.x, i) for i in range(len(split))]
        for name, split in data.splits.items()
    }
    found = {}
    names = list(rows)
    for place, one in enumerate(names):
        inside = len(rows[one]) - len(set(rows[one]))
        if inside:
            found[one] = inside
        for two in names[place + 1 :]:
            both = sum(row in set(rows[two]) for row in rows[one])
            if both:
                found[f"{one}/{two}"] = both
    return found


def _bytes(x, i):
    if isinstance(x, dict):
        cells = [x[name][i] for name in x]
        return str(
            [None if c != c else (c + 0 if c == 0 else c) for c in cells]
        )
    return np.asarray(x[i]).tobytes() if np.ndim(x[i]) else str(x[i])


def with_copies(x, y, seed=0):
    random = np.random.default_rng(seed)
    places = random.integers(0, len(y), 40)
    if isinstance(x, dict):
        return {k: np.append(v, v[places]) for k, v in x.items()}, np.append(
            y, y[places]
        )
    return np.concatenate([x, x[places]]), np.append(y, y[places])


@pytest.mark.parametrize(
    "source, given",
    [
        (with_copies(*synthetic.images(120)), {}),
        (
            with_copies(*synthetic.table(120, missing=0.2)),
            {"missing": "impute"},
        ),
        (with_copies(*synthetic.texts(120)), {}),
        (
            with_copies(*synthetic.sounds(90)),
            {"kind": "audio", "sample_rate": 8000},
        ),
    ],
)
def test_copies_are_counted_as_by_a_loop(source, given):
    data = load(source, **given)
    expected = brute(data)
    assert expected and summarize(data)["duplicates"] == expected
    leaks = [pair for pair in expected if "/" in pair]
    assert leaks
    with pytest.raises(ValueError, match="no example of one split.*group="):
        check_leaks(data)
    with pytest.raises(ValueError, match="check_leaks"):
        summarize(data, strict=True)
    with pytest.raises(ValueError, match="check_leaks"):
        data.summary()
    told = data.summary(strict=False)
    assert set(told["leaks"]) == set(leaks)
    assert "duplicates" not in data.summary(duplicates=False)


def test_a_leak_names_its_examples():
    x, y = synthetic.images(60)
    data = load((x, y))
    train, test = data.splits["train"], data.splits["test"]
    copied = test.x.copy()
    copied[3] = train.x[7]
    test = dataclasses.replace(test, x=copied)
    data = dataclasses.replace(data, splits={**data.splits, "test": test})
    ids = f"{train.ids[7]} and {test.ids[3]}"
    with pytest.raises(ValueError, match=f"train/test='1, such as {ids}'"):
        check_leaks(data)


def test_zeros_and_gaps_are_equal():
    x = {"a": np.arange(60.0), "b": np.zeros(60)}
    x["a"][:2] = 0.0, -0.0
    x["b"][:2] = np.nan
    data = load((x, np.arange(60) % 2), missing="impute")
    assert sum(summarize(data)["duplicates"].values()) == 1


def test_tests_may_share_examples():
    x, y = synthetic.images(60)
    data = load((x, y))
    same = data.splits["test"]
    data = dataclasses.replace(data, splits={**data.splits, "near": same})
    assert summarize(data, strict=True)["duplicates"] == {"test/near": 12}
    bare = dataclasses.replace(same, y=None)
    data = dataclasses.replace(data, splits={**data.splits, "unlabeled": bare})
    with pytest.raises(ValueError, match="test/unlabeled"):
        check_leaks(data)
    assert "unlabeled" not in summarize(data)["classes"]


def test_groups_keep_copies_together():
    x, y = synthetic.images(120)
    x[60:] = x[:60]
    y[60:] = y[:60]
    data = load((x, y), group=np.arange(120) % 60)
    check_leaks(data)
    assert sum(summarize(data)["duplicates"].values()) == 60


def test_files_are_compared_by_what_is_in_them(tmp_path):
    x, y = synthetic.images(60)
    x[59] = x[2]
    for index, (image, label) in enumerate(zip(x, y, strict=True)):
        path = tmp_path / str(label) / f"{index}.png"
        path.parent.mkdir(exist_ok=True)
        keras.utils.save_img(path, image, scale=False)
    data = load(tmp_path)
    found = find_duplicates(data)
    ((count, examples),) = found.values()
    assert count == 1 and len(found) == 1
    names = sorted(path.rsplit("/", 1)[1] for path in examples[0])
    assert names == ["2.png", "59.png"]
    # Without stamps the sizes are looked up.
    splits = {
        name: dataclasses.replace(split, stamps=None)
        for name, split in data.splits.items()
    }
    again = find_duplicates(dataclasses.replace(data, splits=splits))
    assert again == found


def test_rows_on_the_disk(tmp_path):
    x, y = with_copies(*synthetic.images(120))
    np.save(tmp_path / "x.npy", x)
    lazy = load((np.load(tmp_path / "x.npy", mmap_mode="r"), y), kind="image")
    assert (
        summarize(lazy)["duplicates"] == summarize(load((x, y)))["duplicates"]
    )


def test_balance_and_near_empty():
    x, y = np.random.default_rng(0).normal(size=(1000, 2)), np.zeros(1000, int)
    y[:100], y[100:110] = 1, 2
    found = summarize(load((x, y), task="classification"))
    assert found["classes"]["train"] == {"0": 534, "1": 60, "2": 6}
    assert found["balance"]["ratio"] == 89.0
    assert found["balance"]["shares"] == {"0": 0.89, "1": 0.1, "2": 0.01}
    assert found["near_empty"]["train"] == ["2"]
    assert found["near_empty"]["test"] == ["2"]
    assert found["raw_shape"] == [2] and found["shape"] == [2]


def test_cells_numbers_and_lengths():
    x, y = synthetic.table(200, classes=0, missing=0.1)
    data = load((x, y), missing="impute")
    found = summarize(data)
    gaps = {name: 0 for name in x}
    for counts in found["missing"].values():
        for name, count in counts.items():
            gaps[name] += count
    assert gaps["number_0"] == np.isnan(x["number_0"]).sum()
    assert gaps["category_0"] == (x["category_0"] == "").sum()
    train = data.splits["train"]
    values = train.y.min(), train.y.mean(), train.y.max()
    assert np.allclose(found["values"]["train"], values)
    low, high = found["ranges"]["number_1"]
    assert low == np.nanmin(train.x["number_1"])
    assert high == np.nanmax(train.x["number_1"])
    data = load(synthetic.tokens())
    sizes = (data.splits["test"].x != "").sum(1)
    expected = [sizes.min(), sizes.mean(), sizes.max()]
    assert np.allclose(summarize(data)["lengths"]["test"], expected)
    data = load(synthetic.texts())
    sizes = [len(text) for text in data.splits["test"].x]
    expected = [min(sizes), np.mean(sizes), max(sizes)]
    assert np.allclose(summarize(data)["lengths"]["test"], expected)


def test_masks_tags_and_outputs_are_counted():
    data = load(synthetic.masks(classes=3))
    train = data.splits["train"].y
    counts = np.bincount(train.ravel(), minlength=3).tolist()
    assert list(summarize(data)["classes"]["train"].values()) == counts
    data = load(synthetic.tokens())
    train = data.splits["train"].y
    counts = np.bincount(train[train >= 0]).tolist()
    assert list(summarize(data)["classes"]["train"].values()) == counts
    x, _ = synthetic.images(90)
    data = load((x, {"a": np.arange(90) % 3, "b": np.linspace(0, 1, 90)}))
    found = summarize(data)["classes"]["train"]
    assert sum(found.values()) == 54 and set(found) == {"a: 0", "a: 1", "a: 2"}


@pytest.mark.parametrize(
    "source, given",
    [
        (synthetic.images(), {}),
        (synthetic.videos(), {}),
        (synthetic.sounds(), {"kind": "audio", "sample_rate": 8000}),
        (synthetic.pairs(), {"kind": "pairs"}),
        (synthetic.masks(), {}),
        ("diabetes", {}),
    ],
)
def test_every_summary_is_json(source, given):
    data = load(source, **given)
    found = summarize(data)
    assert json.loads(json.dumps(found)) == found
    assert "duplicates" not in summarize(data, duplicates=False)
