"""What a number from a sample is worth: exact and bootstrap intervals."""

from typing import NamedTuple

import numpy as np
from scipy import special

from kerasgen.core import message

# Resampled indices held at once: 4 million of 8 bytes are 32 MB.
_CHUNK = 4_000_000


class Interval(NamedTuple):
    """The ends of an interval; not numbers where there is none.

    Args:
        low: float, the lower end.
        high: float, the upper end.

    Example:
        >>> low, high = Interval(0.4, 0.6)
        >>> low < high
        True
    """

    low: float
    high: float


_NONE = Interval(np.nan, np.nan)


def binomial(hits, n, level=0.95):
    """Gives the exact interval of a share.

    Args:
        hits: int in [0, n], how many of the examples had it.
        n: int, the number of examples.
        level: float in (0, 1), the least probability that the interval
            covers the truth.

    Returns:
        Interval about `hits / n`; not numbers where `n` is 0.

    Raises:
        ValueError: for counts or a level that can't be.

    Source:
        Clopper & Pearson, "The Use of Confidence or Fiducial Limits
        Illustrated in the Case of the Binomial", 1934.

    Example:
        >>> low, high = binomial(9, 10)
        >>> round(low, 3), round(high, 3)
        (0.555, 0.997)
    """
    hits, n = int(hits), int(n)
    _check_level("binomial", level)
    if not 0 <= hits <= n:
        raise ValueError(
            message(
                "binomial", "`hits` must lie in [0, n]", {"hits": hits, "n": n}
            )
        )
    if n == 0:
        return _NONE
    tail = (1.0 - level) / 2.0
    low = special.betaincinv(hits, n - hits + 1, tail) if hits else 0.0
    high = 1.0
    if hits < n:
        high = special.betaincinv(hits + 1, n - hits, 1.0 - tail)
    return Interval(float(low), float(high))


def bootstrap(values, reduce=None, seed=0, draws=1000, level=0.95, bounds=None):
    """Gives the interval of any number that a sample amounts to.

    The examples are drawn again with replacement, and the quantiles are those
    of the expanded percentile interval, because plain percentiles are too
    narrow for small samples.

    Args:
        values: array (n,) or (n, columns), one row an example.
        reduce: callable from such an array to a float; the mean if None.
        seed: int, decides the draws.
        draws: int, the number of samples drawn.
        level: float in (0, 1), the probability to cover the truth.
        bounds: pair of float, the least and greatest that the number can be,
            which widens the interval by what examples not yet seen may do.

    Returns:
        Interval that holds the sample's own number; not numbers where `n` is
        less than 2.

    Raises:
        ValueError: for values of the wrong rank or a level that can't be.

    Source:
        Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, chapter
        13; Hesterberg, "What Teachers Should Know About the Bootstrap", 2015,
        doi:10.1080/00031305.2015.1089789; for `bounds` Hanley &
        Lippman-Hand, "If Nothing Goes Wrong, Is Everything All Right?", 1983.

    Example:
        >>> low, high = bootstrap(np.arange(100.0))
        >>> 40 < low < 46, 53 < high < 60
        (True, True)
    """
    values = np.asarray(values, "float64")
    _check_level("bootstrap", level)
    if values.ndim not in (1, 2):
        raise ValueError(
            message(
                "bootstrap",
                "`values` must have one row an example",
                {"shape": values.shape},
            )
        )
    n = len(values)
    if n < 2:
        return _NONE
    value = float(np.mean(values) if reduce is None else reduce(values))
    if not np.isfinite(value):
        return _NONE
    samples = _resample(values, reduce, seed, draws)
    reach = special.stdtrit(n - 1, (1.0 - level) / 2.0)
    tail = special.ndtr(np.sqrt(n / (n - 1)) * reach)
    low, high = np.nanquantile(samples, [tail, 1.0 - tail])
    if bounds is not None:
        unseen = 1.0 - ((1.0 - level) / 2.0) ** (1.0 / n)
        low = min(low, value - unseen * (value - bounds[0]))
        high = max(high, value + unseen * (bounds[1] - value))
    return Interval(float(min(low, value)), float(max(high, value)))


def _resample(values, reduce, seed, draws):
    n = len(values)
    random = np.random.default_rng(seed)
    step = max(1, _CHUNK // n)
    samples = []
    for start in range(0, draws, step):
        rows = random.integers(0, n, (min(step, draws - start), n))
        if reduce is None and values.ndim == 1:
            samples.extend(values[rows].mean(1))
        elif reduce is None:
            samples.extend(values[row].mean() for row in rows)
        else:
            samples.extend(reduce(values[row]) for row in rows)
    return np.asarray(samples, "float64")


def paired(first, second, reduce=None, seed=0, draws=1000, level=0.95):
    """Gives the interval of the difference of two models on one sample.

    Both are judged on the same drawn examples each time, so that what is hard
    for both doesn't count as a difference.

    Args:
        first: float array (n,), one model's number for each example.
        second: float array (n,), the other's, in the same order.
        reduce: callable from such an array to a float; the mean if None.
        seed: int, decides the draws.
        draws: int, the number of samples drawn.
        level: float in (0, 1), the probability to cover the truth.

    Returns:
        Interval of `first` minus `second`, each reduced.

    Raises:
        ValueError: where the lengths differ.

    Source:
        Efron & Tibshirani, 1993, chapter 13.

    Example:
        >>> paired([1.0, 2.0, 4.0], [0.0, 1.0, 3.0])
        Interval(low=1.0, high=1.0)
    """
    first, second = _pair("paired", first, second)
    if reduce is None:
        return bootstrap(first - second, None, seed, draws, level)
    both = np.stack([first, second], 1)

    def difference(rows):
        return reduce(rows[:, 0]) - reduce(rows[:, 1])

    return bootstrap(both, difference, seed, draws, level)


def mcnemar(first, second):
    """Tests whether two classifiers err equally often on the same examples.

    Args:
        first: array (n,) of 0 and 1, where one model was right.
        second: array (n,) of 0 and 1, where the other was.

    Returns:
        Tuple `(p, only_first, only_second)`: the exact two-sided p-value, and
        how often only the one or only the other was right.

    Raises:
        ValueError: where the lengths differ, or values aren't 0 or 1.

    Source:
        McNemar, "Note on the Sampling Error of the Difference Between
        Correlated Proportions or Percentages", 1947; the exact binomial form.

    Example:
        >>> mcnemar([1, 1, 1, 0], [1, 0, 0, 0])
        (0.5, 2, 0)
    """
    first, second = _pair("mcnemar", first, second)
    if not np.isin(np.stack([first, second]), (0.0, 1.0)).all():
        raise ValueError(
            message(
                "mcnemar",
                "each example must be 0 (wrong) or 1 (right)",
                {"min": first.min().item(), "max": first.max().item()},
            )
        )
    only_first = int(((first == 1) & (second == 0)).sum())
    only_second = int(((first == 0) & (second == 1)).sum())
    if only_first + only_second == 0:
        return 1.0, 0, 0
    less = min(only_first, only_second)
    p = 2.0 * special.bdtr(less, only_first + only_second, 0.5)
    return float(min(p, 1.0)), only_first, only_second


def median(values, level=0.95):
    """Gives the interval of a median without assuming a distribution.

    Args:
        values: float array (n,).
        level: float in (0, 1), the least probability to cover the truth.

    Returns:
        Interval; the least and greatest value are its ends where fewer values
        came than the level needs (6 for 0.95).

    Raises:
        ValueError: for a level that can't be.

    Source:
        Thompson, "On Confidence Ranges for the Median", 1936: the ends are
        order statistics, by the binomial distribution.

    Example:
        >>> median([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 90.0])
        Interval(low=1.0, high=90.0)
    """
    values = np.sort(np.asarray(values, "float64").ravel())
    _check_level("median", level)
    n = len(values)
    if n == 0:
        return _NONE
    below = special.bdtr(np.arange(n + 1.0), n, 0.5)
    rank = max(int(np.searchsorted(below, (1.0 - level) / 2.0)), 1)
    return Interval(float(values[rank - 1]), float(values[n - rank]))


def _pair(where, first, second):
    first = np.asarray(first, "float64")
    second = np.asarray(second, "float64")
    if first.shape != second.shape or first.ndim != 1 or not len(first):
        raise ValueError(
            message(
                where,
                "both models need one number for each of the same examples",
                {"first": first.shape, "second": second.shape},
            )
        )
    return first, second


def _check_level(where, level):
    if not 0.0 < level < 1.0:
        raise ValueError(
            message(where, "`level` must lie in (0, 1)", {"level": level})
        )
