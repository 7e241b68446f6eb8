"""Intervals against scipy, closed forms and simulated coverage."""

import numpy as np
import pytest
from scipy import stats

from kerasgen.metrics import binomial, bootstrap, mcnemar, median, paired


@pytest.mark.parametrize("hits, n", [(0, 7), (7, 7), (3, 10), (350, 360)])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_binomial_is_scipys_exact_interval(hits, n, level):
    ours = binomial(hits, n, level)
    theirs = stats.binomtest(hits, n).proportion_ci(level, method="exact")
    assert ours.low == pytest.approx(theirs.low, abs=1e-12)
    assert ours.high == pytest.approx(theirs.high, abs=1e-12)


def test_binomial_covers_at_least_its_level_for_every_share():
    n = 25
    ends = [binomial(hits, n) for hits in range(n + 1)]
    low = np.array([end.low for end in ends])
    high = np.array([end.high for end in ends])
    for share in np.linspace(0.01, 0.99, 99):
        weight = stats.binom.pmf(np.arange(n + 1), n, share)
        covered = weight[(low <= share) & (share <= high)].sum()
        assert covered >= 0.95


def test_binomial_of_nothing_and_of_nonsense():
    assert np.isnan(binomial(0, 0)).all()
    with pytest.raises(ValueError, match="hits=4, n=3"):
        binomial(4, 3)
    with pytest.raises(ValueError, match="level=1.0"):
        binomial(1, 3, 1.0)


@pytest.mark.parametrize("n", [8, 30, 200])
def test_bootstrap_of_a_mean_covers_its_level(n):
    random = np.random.default_rng(0)
    trials, hit = 600, 0
    for trial in range(trials):
        end = bootstrap(random.normal(3.0, 2.0, n), seed=trial, draws=400)
        hit += end.low <= 3.0 <= end.high
    # Three standard errors of a share of .95 in 600 trials are .027.
    assert hit / trials >= 0.95 - 0.03


def test_bootstrap_of_a_skewed_mean_and_of_a_reduced_number():
    random = np.random.default_rng(1)
    trials, mean, spread = 400, 0, 0
    for trial in range(trials):
        sample = random.exponential(1.0, 150)
        end = bootstrap(sample, seed=trial, draws=300)
        mean += end.low <= 1.0 <= end.high
        end = bootstrap(
            sample, lambda v: np.sqrt(np.mean(v**2)), seed=trial, draws=300
        )
        spread += end.low <= np.sqrt(2.0) <= end.high
    assert mean / trials >= 0.90
    assert spread / trials >= 0.85


@pytest.mark.parametrize("share", [0.9, 0.99])
def test_bounds_allow_for_what_was_not_seen(share):
    random = np.random.default_rng(2)
    trials, plain, wide = 300, 0, 0
    for trial in range(trials):
        sample = (random.random(60) < share).astype(float)
        end = bootstrap(sample, seed=trial, draws=200)
        plain += end.low <= share <= end.high
        end = bootstrap(sample, seed=trial, draws=200, bounds=(0.0, 1.0))
        wide += end.low <= share <= end.high
    assert wide / trials >= 0.90 and wide >= plain
    exact = binomial(60, 60)
    assert bootstrap(np.ones(60), bounds=(0, 1)) == pytest.approx(exact)


def test_bootstrap_is_wide_as_the_normal_interval():
    values = np.random.default_rng(0).normal(size=400)
    end = bootstrap(values, draws=4000)
    wide = stats.t.interval(0.95, 399, values.mean(), stats.sem(values))
    assert end.low == pytest.approx(wide[0], abs=0.01)
    assert end.high == pytest.approx(wide[1], abs=0.01)


def test_bootstrap_depends_on_the_seed_only():
    values = np.random.default_rng(0).normal(size=50)
    assert bootstrap(values, seed=3) == bootstrap(values, seed=3)
    assert bootstrap(values, seed=3) != bootstrap(values, seed=4)


def test_bootstrap_takes_rows_of_several_columns():
    table = np.random.default_rng(0).normal(size=(60, 2))
    end = bootstrap(table, lambda rows: rows[:, 0].mean() - rows[:, 1].mean())
    alone = bootstrap(table[:, 0] - table[:, 1])
    np.testing.assert_allclose(end, alone, atol=1e-12)
    low, high = bootstrap(table)
    assert low < table.mean() < high


def test_bootstrap_of_few_examples_says_so():
    assert np.isnan(bootstrap([])).all()
    assert np.isnan(bootstrap([2.0])).all()
    assert bootstrap([2.0] * 9) == (2.0, 2.0)
    with pytest.raises(ValueError, match=r"shape=\(1, 1, 1\)"):
        bootstrap(np.zeros((1, 1, 1)))


def test_paired_is_narrower_than_two_samples():
    random = np.random.default_rng(0)
    hard = random.normal(size=300) * 5.0
    first, second = hard + 0.5, hard + random.normal(size=300) * 0.1
    end = paired(first, second)
    assert end.low < (first - second).mean() < end.high
    assert end.high - end.low < 0.05
    assert end == bootstrap(first - second)


def test_paired_with_a_reduction():
    random = np.random.default_rng(0)
    first, second = random.normal(size=(2, 500)) ** 2
    root = paired(4.0 * first, second, lambda v: np.sqrt(v.mean()))
    assert root.low < 1.0 < root.high
    with pytest.raises(ValueError, match="same examples"):
        paired([1.0], [1.0, 2.0])


@pytest.mark.parametrize("seed", range(5))
def test_mcnemar_is_the_binomial_test(seed):
    random = np.random.default_rng(seed)
    first = random.random(80) < 0.8
    second = random.random(80) < 0.6
    p, only_first, only_second = mcnemar(first, second)
    b = int((first & ~second).sum())
    c = int((~first & second).sum())
    assert (only_first, only_second) == (b, c)
    # The form in statsmodels: twice the lower tail, at most one.
    formula = min(1.0, 2.0 * stats.binom.cdf(min(b, c), b + c, 0.5))
    assert p == pytest.approx(formula, rel=1e-12)
    assert p == pytest.approx(stats.binomtest(b, b + c, 0.5).pvalue)


def test_mcnemar_of_equals_and_of_numbers():
    assert mcnemar([1, 0, 1], [1, 0, 1]) == (1.0, 0, 0)
    assert mcnemar([1, 0], [0, 1]) == (1.0, 1, 1)
    with pytest.raises(ValueError, match="0 .wrong. or 1"):
        mcnemar([0.5, 1.0], [1.0, 1.0])


@pytest.mark.parametrize("n", [6, 7, 20, 31])
def test_median_covers_its_level_exactly(n):
    end = median(np.arange(1.0, n + 1))
    below = int(end.low) - 1
    outside = 2.0 * stats.binom.cdf(below, n, 0.5)
    assert 1.0 - outside >= 0.95
    tighter = 2.0 * stats.binom.cdf(below + 1, n, 0.5)
    assert 1.0 - tighter < 0.95
    assert end.high == n + 1 - end.low


def test_median_of_few():
    assert median([3.0, 1.0]) == (1.0, 3.0)
    assert np.isnan(median([])).all()
