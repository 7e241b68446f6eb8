"""labels and columns of arrays: nothing becomes a class by accident."""

import numpy as np
import pytest

import kerasgen as kg
from kerasgen.data import synthetic

load = kg.data.load
X = np.random.default_rng(0).normal(size=(60, 3))
Y = np.arange(60) % 2


@pytest.mark.parametrize("gap", [None, np.nan, ""])
def test_missing_labels_are_no_class(gap):
    y = np.array(["a", "b", gap] * 20, dtype=object)
    with pytest.raises(ValueError, match=r"rows=\[2, 5, 8, 11, 14\], count=20"):
        load((X, y))


def test_classes_that_are_numbers_are_sorted_as_numbers():
    assert load((X, np.array(["10", "9"] * 30))).labels == ("9", "10")
    assert load((X, np.array([10, 9] * 30, dtype=object))).labels == ("9", "10")
    assert load((X, ["b", "2", "10"] * 20)).labels == ("2", "10", "b")


def test_objects_that_are_numbers_are_a_regression():
    y = np.random.default_rng(0).normal(size=60).astype(object)
    assert load((X, y)).classes is None


def test_named_classes_order_texts():
    data = load((X, np.array(["b", "a"] * 30)), labels=("b", "a"))
    assert data.labels == ("b", "a")
    rows = data.splits["train"]
    assert np.array_equal(rows.y, rows.ids % 2)
    with pytest.raises(ValueError, match="classes of `labels`.*'a'"):
        load((X, np.array(["b", "a"] * 30)), labels=("b", "c"))


def test_columns_of_objects_and_bytes():
    x = X.astype(object)
    x[0, 0] = None
    kinds = {c.kind for c in load((x, Y), missing="impute").schema.columns}
    assert kinds == {"number"}
    with pytest.raises(ValueError, match="feature_0=1"):
        load((x, Y))
    (column,) = load(({"c": [b"a", b"b"] * 30}, Y)).schema.columns
    assert column.vocabulary == ("a", "b")
    with pytest.raises(ValueError, match="complex128"):
        load((X * 1j, Y))


def test_gaps_of_pandas_are_gaps():
    pd = pytest.importorskip("pandas")
    with pytest.raises(ValueError, match="labels must not be missing"):
        load((X, np.array(["a", "b", pd.NA] * 20, dtype=object)))
    frame = pd.DataFrame({"n": pd.array([1, None] * 30, dtype="Int64")})
    (column,) = load((frame, Y), missing="impute").schema.columns
    assert column.kind == "number"


def test_columns_of_any_unit_are_standardised():
    x = load((X * 1e-11, Y)).tensors("train")[0]
    assert np.allclose(x.std(0), 1, atol=1e-4)


def test_groups_by_name_of_a_mapping():
    x = {"a": X[:, 0], "patient": np.arange(60) // 3 + 2**25}
    data = load({"x": x, "y": Y}, group="patient")
    assert [c.name for c in data.schema.columns] == ["a"]
    seen = [set(split.group) for split in data.splits.values()]
    assert sum(map(len, seen)) == 20
    with pytest.raises(ValueError, match="Did you mean 'patient'"):
        load({"x": x, "y": Y}, group="patients")
    with pytest.raises(ValueError, match="`group` must be an array"):
        load("wine", group="patient")


@pytest.mark.parametrize(
    "given", [{"target": "a"}, {"image_size": (9, 9)}, {"channels": 3}]
)
def test_what_a_source_would_ignore_is_refused(given):
    (name,) = given
    for source in ("wine", (X, Y)):
        with pytest.raises(ValueError, match=f"`{name}` is for"):
            load(source, **given)
    with pytest.raises(ValueError, match="seed"):
        load("wine", seed=-1)


def test_data_say_what_they_are():
    data = load("wine")
    assert repr(data) == f"<Data {data}; classification of 3 classes, seed 0>"
    low, high = data.summary()["ranges"]["alcohol"]
    alcohol = data.raw("train")["alcohol"]
    assert (low, high) == (alcohol.min(), alcohol.max())
    images = load(synthetic.images(60)).summary()
    assert images["ranges"] == {"pixels": [0.0, 255.0]}


def test_the_fingerprint_knows_groups():
    one = load((X, Y), group=np.arange(60))
    assert one.fingerprint() != load((X, Y)).fingerprint()
