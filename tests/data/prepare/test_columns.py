"""Categories, encodings of numbers, dates and gaps in columns."""

import datetime
import json

import numpy as np
import pytest
import tensorflow as tf
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder

from kerasgen.core import child_seed
from kerasgen.data.prepare import (
    CategoryIndex,
    DateParts,
    Hashing,
    Impute,
    Missing,
    OneHot,
    Periodic,
    PiecewiseLinear,
)

RANDOM = np.random.default_rng(0)


def texts(rows):
    return np.array(rows, dtype=object)


def back(layer):
    config = json.loads(json.dumps(layer.get_config()))
    return type(layer).from_config(config)


TRAIN = texts(RANDOM.choice(["red", "green", "blé", ""], (200, 2)))
TEST = texts([["red", "blé"], ["", "new"], ["green", "red"]])


def test_one_hot_is_sklearns_with_a_column_for_the_others():
    layer = back(OneHot().adapt([TRAIN[:50], TRAIN[50:]]))
    words = ["blé", "green", "red"]
    assert layer.vocabularies == [words, words]
    peer = OneHotEncoder(
        categories=[words, words], handle_unknown="ignore", sparse_output=False
    )
    expected = peer.fit(TRAIN[:1]).transform(TEST)
    found = layer(tf.constant(TEST)).numpy()
    known = found.reshape(3, 2, 4)[:, :, 1:].reshape(3, 6)
    assert np.array_equal(known, expected)
    assert (found.reshape(3, 2, 4).sum(-1) == 1).all()


def test_indices_keep_zero_for_the_others():
    layer = back(CategoryIndex().adapt(TRAIN))
    assert layer(tf.constant(TEST)).numpy().tolist() == [[3, 1], [0, 0], [2, 3]]
    assert layer.sizes == (4, 4)
    assert layer(tf.constant(TEST)).dtype == tf.int32


def test_rare_categories_are_others():
    x = texts([[c] for c in "aaabbc"])
    assert CategoryIndex(most=1).adapt(x).vocabularies == [["a"]]
    assert CategoryIndex(least=2).adapt(x).vocabularies == [["a", "b"]]


def test_numbers_are_categories_by_the_way_they_are_written():
    x = np.array([[3.0], [0.5], [np.nan], [-7.0]], "float32")
    layer = OneHot().adapt(x)
    assert layer.vocabularies == [["-7", "0.5", "3"]]
    assert layer(x).numpy().argmax(1).tolist() == [3, 2, 0, 1]
    whole = CategoryIndex().adapt(np.array([[10], [9]]))
    assert whole.vocabularies == [["10", "9"]]


def test_hashes_are_spread_and_seeded():
    words = texts([[f"w{i}"] for i in range(5000)])
    ids = Hashing(11)(tf.constant(words)).numpy()[:, 0]
    counts = np.bincount(ids, minlength=11)
    assert counts[0] == 0
    # Binomial(5000, 0.1): 500 +- 21; five standard deviations.
    assert np.abs(counts[1:] - 500).max() < 106
    assert (Hashing(11)(tf.constant(words)).numpy()[:, 0] == ids).all()
    assert (Hashing(11, seed=1)(tf.constant(words)).numpy()[:, 0] != ids).any()
    expected = tf.strings.to_hash_bucket_strong(words, 10, [0, 0x5BD1E995])
    assert (ids == expected.numpy()[:, 0] + 1).all()
    hot = Hashing(11, "one_hot")(tf.constant(words)).numpy()
    assert (hot.argmax(1) == ids).all() and hot.shape == (5000, 11)
    assert Hashing(11)(tf.constant([[""]])).numpy().tolist() == [[0]]


def test_waves_are_the_formulas():
    x = RANDOM.normal(size=(7, 2)).astype("float32")
    layer = back(Periodic(3, 0.5, seed=4))
    random = np.random.default_rng(child_seed(4, "periodic"))
    c = 0.5 * random.normal(size=(2, 3))
    found = layer(x).numpy().reshape(7, 2, 2, 3)
    angle = 2 * np.pi * x[:, :, None].astype("float64") * c
    assert np.allclose(found[:, :, 0], np.sin(angle), atol=1e-6)
    assert np.allclose(found[:, :, 1], np.cos(angle), atol=1e-6)


def test_pieces_are_the_bins_of_sklearn_filled():
    x = RANDOM.lognormal(size=(400, 2)).astype("float32")
    layer = back(PiecewiseLinear(6).adapt(x))
    peer = KBinsDiscretizer(
        6, strategy="quantile", quantile_method="linear", subsample=None
    ).fit(x)
    for mine, its in zip(layer.edges, peer.bin_edges_, strict=True):
        assert np.allclose(mine, its, rtol=1e-6)
    test = RANDOM.lognormal(size=(50, 2)).astype("float32")
    found = layer(test).numpy().reshape(50, 2, 6)
    for row in range(50):
        for column in range(2):
            edges = layer.edges[column]
            for t in range(6):
                low, high = edges[t], edges[t + 1]
                value = (test[row, column] - low) / (high - low)
                value = value if t == 0 else max(value, 0.0)
                value = value if t == 5 else min(value, 1.0)
                assert abs(found[row, column, t] - value) < 1e-4


def test_pieces_of_few_values_are_fewer():
    x = np.array([[0.0, 7.0]] * 9 + [[1.0, 7.0]])
    layer = PiecewiseLinear(8).adapt(x)
    assert layer.shape_of((2,)) == (2 + 1,) or layer.edges[0] == [0.0, 1.0]
    assert layer(x).shape[1] == layer.shape_of((2,))[0]
    assert np.isfinite(layer(np.array([[5.0, 5.0]]))).all()


MOMENTS = [
    datetime.datetime(1970, 1, 1),
    datetime.datetime(2024, 2, 29, 23, 59, 59),
    datetime.datetime(1900, 3, 1, 5, 6, 7),
    datetime.datetime(2000, 12, 31, 12),
    datetime.datetime(1, 1, 1),
    datetime.datetime(9999, 12, 31, 1),
    *(
        datetime.datetime(1600, 1, 1) + datetime.timedelta(days=int(d), hours=7)
        for d in RANDOM.integers(0, 300_000, 300)
    ),
]


def parts_of(moment):
    return [
        *(moment.year, moment.month, moment.day),
        *(moment.weekday(), moment.hour, 0),
    ]


def test_dates_are_the_calendars():
    expected = np.array([parts_of(m) for m in MOMENTS], "float32")
    layer = back(DateParts(cyclic=False))
    for written in (
        [m.isoformat() for m in MOMENTS],
        [m.isoformat(" ") + ".25+02:00" for m in MOMENTS],
        [m.strftime("%Y-%m-%dT%H%M").rjust(15, "0") + "Z" for m in MOMENTS],
    ):
        found = layer(tf.constant([[w] for w in written])).numpy()
        assert np.array_equal(found, expected)
    start = datetime.datetime(1970, 1, 1)
    seconds = [[(m - start).total_seconds()] for m in MOMENTS]
    found = layer(tf.constant(seconds, tf.float64)).numpy()
    assert np.array_equal(found, expected)


def test_dates_that_are_none_are_marked():
    wrong = ["", "soon", "2023-02-29", "2024-13-01", "2024-00-10", "2024-1-1"]
    wrong += ["2024-04-31", "2024-01-01T25:00", "2024-01-01 x"]
    found = DateParts()(tf.constant([[w] for w in wrong])).numpy()
    assert (found[:, -1] == 1).all() and not found[:, :-1].any()
    found = DateParts()(np.array([[np.nan], [np.inf], [1e20]])).numpy()
    assert (found[:, -1] == 1).all()


def test_date_cycles_close():
    layer = DateParts(["hour", "month"])
    found = layer(tf.constant([["2024-01-01T18:30"], ["2024-04-01"]])).numpy()
    turn = 2 * np.pi * 18.5 / 24
    hours = [np.sin(turn), np.cos(turn)]
    assert np.allclose(found[0], [0, 1, *hours, 0], atol=1e-6)
    assert np.allclose(found[1], [1, 0, 0, 1, 0], atol=1e-6)


HOLES = RANDOM.normal(size=(300, 3)).astype("float32").round(1)
HOLES[RANDOM.random((300, 3)) < 0.2] = np.nan
HOLES[:, 2] = np.arange(300) % 7


@pytest.mark.parametrize("strategy", ["median", "mean", "most_frequent"])
def test_gaps_are_filled_as_by_sklearn(strategy):
    peer = SimpleImputer(strategy=strategy, add_indicator=True).fit(HOLES)
    layer = back(Impute(strategy).adapt([HOLES[:100], HOLES[100:]]))
    test = HOLES[:40]
    assert np.allclose(layer(test), peer.transform(test), atol=1e-6)
    bare = Impute(strategy, indicator=False).adapt(HOLES)
    assert np.allclose(bare(test), peer.transform(test)[:, :3], atol=1e-6)


def test_categories_are_filled():
    x = texts([["a", ""], ["b", ""], ["b", ""], ["", ""]])
    layer = back(Impute("most_frequent").adapt(x))
    found = layer(tf.constant(x)).numpy()
    assert found[3].tolist() == [b"b", b"missing"]
    layer = Impute("constant", word="none").adapt(x)
    assert layer(tf.constant(x)).numpy()[3, 0] == b"none"
    layer = Impute("constant", fill=-1.0).adapt(HOLES)
    assert layer(np.full((1, 3), np.nan)).numpy()[0, 0] == -1.0


def test_what_is_missing_is_marked():
    assert Missing()(HOLES).numpy().tolist() == np.isnan(HOLES).tolist()
    assert Missing()(tf.constant([["", "a"]])).numpy().tolist() == [[1, 0]]


def test_bad_arguments_are_refused():
    cases = (
        (OneHot, {"most": 0}, "must lie in"),
        (Hashing, {"bins": 1}, "must lie in"),
        (Hashing, {"form": "sparse"}, "`form` must be one of"),
        (Periodic, {"sigma": 0.0}, "must lie in"),
        (PiecewiseLinear, {"bins": 0}, "must lie in"),
        (DateParts, {"parts": ["century"]}, "must be some of"),
        (DateParts, {"parts": []}, "must be some of"),
        (Impute, {"strategy": "mode"}, "`strategy` must be one of"),
        (Impute, {"word": ""}, "isn't empty"),
    )
    for kind, values, words in cases:
        with pytest.raises(ValueError, match=words):
            kind(**values)
    for kind in (OneHot, Impute, PiecewiseLinear):
        layer = kind().adapt(HOLES)
        with pytest.raises(ValueError, match="3 features"):
            layer.check((4,), "number")
    with pytest.raises(ValueError, match="it learnt numbers"):
        Impute().adapt(HOLES).check((3,), "string")


def test_columns_without_any_value():
    empty = texts([["", "a"], ["", "b"]])
    assert OneHot().adapt(empty)(tf.constant(empty)).shape == (2, 1 + 3)
    assert CategoryIndex().adapt(empty).sizes == (1, 3)
    holes = np.array([[np.nan, 1.0], [np.nan, 2.0]], "float32")
    assert Impute().adapt(holes)(holes).numpy()[:, 0].tolist() == [0.0, 0.0]
    assert PiecewiseLinear().adapt(holes)(holes).shape[0] == 2
    filled = Impute("most_frequent").adapt(holes)(holes)
    assert np.isfinite(filled).all()
