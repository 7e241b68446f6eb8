"""Sketches: exact while they can be, bounded always."""

import collections

import numpy as np
import pytest

from kerasgen.data.prepare import Counts, Moments, Quantiles, Sample

SHARES = np.linspace(0, 1, 101)


def test_moments_are_numpys_in_any_cut():
    random = np.random.default_rng(0)
    # A mean far from zero, where sums of squares lose their digits.
    x = 1e6 + random.normal(size=(1000, 3))
    moments = Moments(3)
    for part in np.array_split(x, [1, 10, 400]):
        moments.update(part)
    assert np.allclose(moments.mean, x.mean(0), rtol=1e-14)
    assert np.allclose(moments.spread, x.std(0), rtol=1e-9)
    assert (moments.low == x.min(0)).all() and (moments.high == x.max(0)).all()


def test_moments_leave_out_what_is_missing():
    x = np.array([[1.0, np.nan], [np.inf, np.nan], [3.0, np.nan]])
    moments = Moments(2)
    moments.update(x)
    assert moments.mean.tolist() == [2.0, 0.0]
    assert moments.count.tolist() == [2.0, 0.0]
    assert moments.missing.tolist() == [1.0, 3.0]


def test_quantiles_are_exact_up_to_their_bound():
    x = np.random.default_rng(0).normal(size=2**16)
    sketch = Quantiles()
    for part in np.array_split(x, 7):
        sketch.update(part)
    assert np.array_equal(sketch.at(SHARES), np.quantile(x, SHARES))


@pytest.mark.parametrize("order", ["random", "sorted", "falling"])
def test_quantiles_of_a_long_stream_are_near_in_rank(order):
    x = np.random.default_rng(1).lognormal(size=1_000_000)
    x = {"random": x, "sorted": np.sort(x), "falling": np.sort(x)[::-1]}[order]
    sketch = Quantiles()
    sizes = []
    for part in np.array_split(x, 100):
        sketch.update(part)
        sizes.append(sketch.size)
    ranks = np.searchsorted(np.sort(x), sketch.at(SHARES)) / len(x)
    assert np.abs(ranks - SHARES).max() < 1e-3
    assert sketch.at(0.0) == x.min() and sketch.at(1.0) == x.max()
    # At most the exact part and one level for each doubling beyond 16.
    assert max(sizes) <= 2**16 + 2**13 * 4
    assert sketch.count == len(x)


def test_quantiles_of_heavy_ties_and_of_nothing():
    sketch = Quantiles(exact=16)
    sketch.update(np.repeat([0.0, 5.0], [9000, 1000]))
    assert sketch.at([0.5, 0.85, 0.95]).tolist() == [0.0, 0.0, 5.0]
    assert np.isnan(Quantiles().at(0.5))


def test_a_sample_is_all_or_uniform():
    sample = Sample(rows=100)
    for part in np.array_split(np.arange(100), 9):
        sample.update(part)
    assert sample.whole and sample.rows().tolist() == list(range(100))
    counts = np.zeros(50)
    for seed in range(400):
        sample = Sample(seed, rows=10)
        for part in np.array_split(np.arange(50), 6):
            sample.update(part)
        rows = sample.rows()
        assert len(set(rows)) == 10 and sorted(rows) == rows.tolist()
        counts[rows] += 1
    # Binomial(400, 0.2): 80 +- 8; 4.5 standard deviations.
    assert np.abs(counts - 80).max() < 36


def test_a_sample_holds_few_bytes():
    sample = Sample(rows=2**16)
    # Rows of 16 MiB: sixteen of them are a quarter of a gigabyte.
    sample.update(np.zeros((1, 2**24), "uint8"))
    assert sample.limit == 16


def test_counts_are_exact_then_bounded_from_below():
    random = np.random.default_rng(0)
    words = [f"w{i}" for i in random.zipf(1.5, 20_000)]
    true = collections.Counter(words)
    counts = Counts()
    counts.update(words)
    assert dict(counts.common()) == true
    assert [n for _, n in counts.common()] == sorted(true.values())[::-1]
    small = Counts(bound=200)
    small.update(words)
    assert len(small) <= 200 and small.floor > 0
    held = dict(small.common())
    for word, count in true.items():
        assert count - small.floor <= held.get(word, 0) <= count


def test_counts_take_bytes_and_texts():
    counts = Counts()
    counts.update(["é", "é".encode(), b"\xff"])
    assert counts.common() == [("é", 2), ("�", 1)]


def test_bad_bounds_are_refused():
    for make in (
        lambda: Moments(0),
        lambda: Quantiles(exact=2),
        lambda: Sample(rows=0),
        lambda: Counts(bound=1),
    ):
        with pytest.raises(ValueError, match="must lie in"):
            make()
    with pytest.raises(ValueError, match="there must be rows"):
        Sample().rows()


def test_sketches_do_not_depend_on_the_batches():
    x = np.random.default_rng(2).normal(size=100_000)
    samples, sketches = [], []
    for cut in (3, 700):
        sample, sketch = Sample(rows=500), Quantiles()
        for part in np.array_split(x, cut):
            sample.update(part)
            sketch.update(part)
        samples.append(sample.rows())
        sketches.append(sketch.at(SHARES))
    assert np.array_equal(*samples) and np.array_equal(*sketches)
