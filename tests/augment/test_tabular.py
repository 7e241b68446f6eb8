"""Moves of table rows against NumPy and the binomial distribution."""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from kerasgen import augment
from kerasgen.augment.tabular import spread_of

RANDOM = np.random.default_rng(0)
N = 4000


def table():
    return {
        "age": tf.range(float(N)),
        "count": tf.range(N),
        "town": tf.strings.as_string(tf.range(N)),
        "gap": tf.where(tf.range(N) % 4 == 0, float("nan"), tf.range(float(N))),
        "empty": tf.where(
            tf.range(N) % 4 == 0, "", tf.strings.as_string(tf.range(N))
        ),
    }


def likely(hits, n, rate):
    """Whether a count lies where 99.99 % of the binomial's do."""
    low, high = scipy.stats.binom.interval(0.9999, n, rate)
    return low <= hits <= high


def run(part, x=None, seed=(1, 2)):
    return part({"x": table() if x is None else x}, tf.constant(seed))["x"]


def test_swap_cells_takes_each_from_another_row():
    x = table()
    out = run(augment.SwapCells(0.3), x)
    moved = {}
    for name in ("age", "count", "town"):
        before, after = x[name].numpy(), out[name].numpy()
        assert after.dtype == before.dtype and set(after) <= set(before)
        moved[name] = after != before
        assert likely(moved[name].sum(), N, 0.3)
    both = moved["age"] & moved["town"]
    assert likely(both.sum(), N, 0.09)
    # Of two cells of a row, each comes from a row of its own.
    rows = out["town"].numpy().astype(float)[both]
    assert (rows != out["age"].numpy()[both]).mean() > 0.99
    everything = run(augment.SwapCells(1.0), x)
    assert (everything["age"] != x["age"]).numpy().all()
    steps = (everything["age"] - x["age"]).numpy() % N
    assert scipy.stats.kstest(steps / N, "uniform").pvalue > 1e-3
    # Missing ones are cells like others.
    share = np.isnan(everything["gap"]).mean()
    assert likely(round(share * N), N, 0.25)


@pytest.mark.parametrize("rows", [0, 1])
def test_swap_cells_of_few_rows(rows):
    x = {name: column[:rows] for name, column in table().items()}
    out = run(augment.SwapCells(1.0), x)
    assert all(out[name].shape == (rows,) for name in x)
    assert rows == 0 or out["town"].numpy()[0] == b"0"


def test_swap_noise_takes_each_from_its_column():
    x = RANDOM.normal(size=(N, 3)).astype("float32")
    out = run(augment.SwapNoise(0.3), tf.constant(x)).numpy()
    for column in range(3):
        assert set(out[:, column]) <= set(x[:, column])
        # The row itself may be drawn: one in N.
        assert likely((out != x)[:, column].sum(), N, 0.3 * (1 - 1 / N))
    values = out[out != x]
    assert scipy.stats.ks_2samp(values, x.ravel()).pvalue > 1e-3


def test_category_dropout_empties_text_columns_only():
    x = table()
    out = run(augment.CategoryDropout(0.2), x)
    gone = out["town"].numpy() == b""
    assert likely(gone.sum(), N, 0.2)
    assert (out["town"].numpy()[~gone] == x["town"].numpy()[~gone]).all()
    other = out["empty"].numpy() == b""
    assert likely((other & gone).sum(), N, 0.2 * (0.25 + 0.75 * 0.2))
    for name in ("age", "count"):
        assert (out[name] == x[name]).numpy().all()


def test_jitter_is_in_units_of_the_column():
    x = table()
    out = run(augment.JitterColumns(0.1), x)
    for name in ("age", "gap"):
        before, after = x[name].numpy(), out[name].numpy()
        assert (np.isnan(before) == np.isnan(after)).all()
        moves = (after - before)[~np.isnan(before)]
        scaled = moves / (0.1 * np.nanstd(before))
        assert scipy.stats.kstest(scaled, "norm").pvalue > 1e-3
    for name in ("count", "town"):
        assert (out[name] == x[name]).numpy().all()
    part = augment.JitterColumns(0.5, {"age": np.float32(2.0)})
    out = run(part, x)
    assert np.isclose((out["age"] - x["age"]).numpy().std(), 1.0, rtol=0.05)
    np.testing.assert_array_equal(out["gap"], x["gap"])
    again = augment.JitterColumns.from_config(part.get_config())
    assert again.get_config() == {"scale": 0.5, "scales": {"age": 2.0}}
    with pytest.raises(TypeError, match="scales"):
        augment.JitterColumns(0.1, [1.0])


def test_spread_is_that_of_numpy():
    values = RANDOM.normal(5.0, 3.0, 100).astype("float32")
    values[::7] = np.nan
    assert np.isclose(spread_of(tf.constant(values)), np.nanstd(values))
    assert spread_of(tf.fill((3,), float("nan"))) == 0.0
    assert spread_of(tf.constant([], tf.float32)) == 0.0


@pytest.mark.parametrize(
    "part", [augment.SwapCells, augment.CategoryDropout, augment.JitterColumns]
)
def test_pure_in_the_seed_and_in_tf_data(part):
    made, x = part(), table()
    first, other = run(made, x), run(made, x, (5, 2))
    differ = False
    for name in x:
        one, two, three = (
            np.asarray(f[name]).astype(str)
            for f in (first, run(made, x), other)
        )
        assert (one == two).all()
        differ |= (one != three).any()
    assert differ
    data = tf.data.Dataset.from_tensor_slices(x).batch(300)
    for batch, out in data.map(lambda b: (b, run(made, b))):
        alone = run(made, batch)
        for name in x:
            if x[name].dtype.is_floating:
                np.testing.assert_allclose(out[name], alone[name], atol=1e-2)
            else:
                assert (out[name] == alone[name]).numpy().all()


def test_mixup_of_prepared_tables():
    """One-hot categories become shares, numbers means, labels alike."""
    codes = RANDOM.integers(0, 3, 256)
    x = np.concatenate(
        [RANDOM.normal(size=(256, 2)), np.eye(3)[codes]], 1
    ).astype("float32")
    y = codes % 2
    fields = {"x": tf.constant(x), "y": tf.constant(y)}
    out = augment.MixUp(1.0, classes=2)(fields, [1, 2])
    np.testing.assert_allclose(out["x"].numpy()[:, 2:].sum(1), 1, atol=1e-5)
    odd = out["x"].numpy()[:, 3]
    np.testing.assert_allclose(out["y"].numpy()[:, 1], odd, atol=1e-5)
