"""Table corruptions: units, shares, purity."""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from kerasgen.augment import corrupt_table
from kerasgen.augment.corrupt_table import (
    ColumnNoise,
    MissingColumns,
    ShiftedColumns,
    SwappedColumns,
    UnitErrors,
)

ALL = (ColumnNoise, MissingColumns, ShiftedColumns)


def table(n=2000):
    random = np.random.default_rng(0)
    return {
        "age": tf.constant(random.normal(40.0, 10.0, n), tf.float32),
        "pay": tf.constant(random.normal(0.0, 2.0, n), tf.float32),
        "town": tf.constant(random.choice(["a", "b"], n)),
        "flat": tf.ones((n,)),
    }


SCALES = {"age": 10.0, "pay": 2.0, "flat": 0.0}


@pytest.mark.parametrize("part", ALL)
@pytest.mark.parametrize("severity", [1, 5])
def test_keeps_columns_dtypes_and_shapes(part, severity):
    x = table()
    out = part(severity, SCALES)({"x": x, "y": 1}, [0, 0])
    assert set(out) == {"x", "y"} and list(out["x"]) == list(x)
    for name, column in x.items():
        assert out["x"][name].dtype == column.dtype
        assert out["x"][name].shape == column.shape
    assert x["age"] is not out["x"]["age"]


@pytest.mark.parametrize("part", ALL)
def test_pure_in_the_seed_and_for_one_row(part):
    x = table(50)
    piece = part(severity=5)
    first, second = piece({"x": x}, [0, 1])["x"], piece({"x": x}, [0, 1])["x"]
    for name in x:
        same = first[name].numpy().astype(str) == second[name].numpy().astype(
            str
        )
        assert same.all()
    row = {name: column[0] for name, column in x.items()}
    assert piece({"x": row}, [0, 0])["x"]["age"].shape == ()
    flow = tf.data.Dataset.from_tensor_slices(x).batch(50)
    flow = flow.map(lambda batch: piece({"x": batch}, [0, 1])["x"])
    np.testing.assert_allclose(next(iter(flow))["age"], first["age"], rtol=1e-6)


@pytest.mark.parametrize("severity, share", [(1, 0.1), (3, 0.5), (5, 1.0)])
def test_noise_is_in_units_of_the_column(severity, share):
    x = table()
    out = ColumnNoise(severity, SCALES)({"x": x}, [3, 4])["x"]
    for name, scale in SCALES.items():
        moved = (out[name] - x[name]).numpy()
        assert moved.std() == pytest.approx(share * scale, rel=0.06)
    assert (out["town"] == x["town"]).numpy().all()
    a, b = (out["age"] - x["age"]).numpy(), (out["pay"] - x["pay"]).numpy()
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.08


def test_shift_is_a_constant_in_units_of_the_column():
    x = table()
    out = ShiftedColumns(3, SCALES)({"x": x}, [0, 0])["x"]
    np.testing.assert_allclose(out["age"] - x["age"], 5.0, atol=1e-4)
    np.testing.assert_allclose(out["pay"] - x["pay"], 1.0, atol=1e-5)
    np.testing.assert_array_equal(out["flat"], x["flat"])


def test_without_scales_the_batch_gives_them():
    x = table()
    x["age"] = tf.concat([[float("nan")], x["age"][1:]], 0)
    x["pay"] = tf.fill((2000,), float("nan"))
    out = ShiftedColumns(5)({"x": x}, [0, 0])["x"]
    spread = np.nanstd(x["age"].numpy())
    moved = (out["age"] - x["age"]).numpy()
    np.testing.assert_allclose(moved[1:], spread, rtol=1e-3)
    assert np.isnan(moved[0]) and np.isnan(out["pay"]).all()


@pytest.mark.parametrize("severity", [1, 2, 3, 4, 5])
def test_every_row_misses_its_share(severity):
    x = table()
    out = MissingColumns(severity)({"x": x}, [0, 0])["x"]
    gone = [np.isnan(out[name]) for name in ("age", "pay", "flat")]
    gone.append(out["town"].numpy() == b"")
    lost, share = np.sum(gone, 0), severity / 10
    assert set(lost) <= {int(4 * share), int(4 * share) + 1}
    assert lost.mean() == pytest.approx(4 * share, abs=0.05)
    for column in gone:
        assert column.mean() == pytest.approx(share, abs=0.05)
    kept = ~gone[0]
    np.testing.assert_array_equal(
        out["age"].numpy()[kept], x["age"].numpy()[kept]
    )


def test_config_and_refusals():
    piece = ColumnNoise(2, {"age": np.float32(3.0)})
    assert piece.get_config() == {"severity": 2, "scales": {"age": 3.0}}
    assert ColumnNoise.from_config(piece.get_config()).scales == {"age": 3.0}
    with pytest.raises(ValueError, match="severity=0"):
        ShiftedColumns(0)
    with pytest.raises(TypeError, match="scales"):
        ColumnNoise(1, [1.0])


@pytest.mark.parametrize("severity, rate", [(1, 0.1), (3, 0.3), (5, 0.5)])
def test_swapped_cells_keep_their_column(severity, rate):
    x = {**table(), "id": tf.range(2000)}
    out = SwappedColumns(severity)({"x": x, "y": 1}, [1, 2])["x"]
    for name, column in x.items():
        assert set(out[name].numpy()) <= set(column.numpy())
    moved = (out["id"] != x["id"]).numpy()
    low, high = scipy.stats.binom.interval(0.9999, 2000, rate)
    assert low <= moved.sum() <= high
    # What columns tell about each other is lost where cells are swapped.
    twins = {"a": x["age"], "b": x["age"]}
    out = SwappedColumns(severity)({"x": twins}, [1, 2])["x"]
    left = np.corrcoef(out["a"], out["b"])[0, 1]
    assert left == pytest.approx((1 - rate) ** 2, abs=0.06)


@pytest.mark.parametrize("severity, rate", [(1, 0.02), (3, 0.1), (5, 0.3)])
def test_unit_errors_are_factors(severity, rate):
    x = table()
    x["count"] = tf.fill((2000,), 2**30)
    x["whole"] = tf.range(1000, 3000)
    out = UnitErrors(severity)({"x": x}, [1, 2])["x"]
    low, high = scipy.stats.binom.interval(0.9999, 2000, rate)
    for name in ("age", "pay"):
        ratio = (out[name] / x[name]).numpy()
        wrong = ratio != 1
        assert low <= wrong.sum() <= high
        logs = np.log(ratio[wrong])[:, None] - np.log(corrupt_table._UNITS)
        assert np.abs(logs).min(1).max() < 1e-5
    assert (out["town"] == x["town"]).numpy().all()
    assert out["count"].dtype == tf.int32
    assert (out["count"] > 0).numpy().all()
    wrong = (out["whole"] != x["whole"]).numpy()
    assert low <= wrong.sum() <= high


@pytest.mark.parametrize("part", [SwappedColumns, UnitErrors])
def test_more_severe_is_farther_and_pure(part):
    x, far = table(), []
    for severity in range(1, 6):
        piece = part(severity)
        out = piece({"x": x}, [1, 2])["x"]
        again = piece({"x": x}, [1, 2])["x"]
        np.testing.assert_array_equal(out["age"], again["age"])
        far.append(float(tf.reduce_mean(abs(out["age"] - x["age"]))))
    assert (np.diff(far) > 0).all()
    row = {name: column[0] for name, column in x.items()}
    assert part(5)({"x": row}, [0, 0])["x"]["age"].shape == ()
