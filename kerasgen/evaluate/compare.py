"""Two reports on the same examples: paired differences."""

import numpy as np

from kerasgen.core import message
from kerasgen.evaluate.row import Row
from kerasgen.metrics import mcnemar, paired

# Rows of the cost probe that are counted and not sampled.
_COUNTED = ("parameters", "flops", "size")
_NO_PAIRS = "no number per example to pair"


def differences(first, second, seed=0, draws=1000):
    """Compares two reports on one test set.

    Args:
        first: Report.
        second: Report.
        seed: int >= 0, decides the bootstrap's draws.
        draws: int >= 100, the bootstrap's draws.

    Returns:
        Tuple `(rows, tests)`: a Row of `first` minus `second` for each row
        that both have, and a dict of a row's name to McNemar's exact test
        where each example is right or wrong.

    Raises:
        ValueError: where the reports aren't on the same examples.

    Source:
        Efron & Tibshirani, 1993, chapter 13; McNemar, 1947.
    """
    check_same(first, second)
    others = {row.name: row for row in second.rows}
    rows, tests = [], {}
    for row in first.rows:
        other = others.get(row.name)
        if other is None:
            continue
        pair = _pair(first, second, row.name)
        if row.value is None or other.value is None:
            rows.append(_row(row, None, None, None, 0, row.why or other.why))
        elif pair is None:
            rows.append(_unpaired(row, other))
        else:
            rows.append(_paired(row, other, *pair, seed, draws))
            if np.isin(pair, (0.0, 1.0)).all():
                p, only_first, only_second = mcnemar(*pair)
                tests[row.name] = {
                    "p": p,
                    "only_first": only_first,
                    "only_second": only_second,
                }
    return rows, tests


def check_same(first, second):
    """Checks that two reports are on the same examples.

    Args:
        first: Report.
        second: Report.

    Raises:
        ValueError: where their fingerprints are absent or differ.
    """
    prints = [each.context.get("fingerprint") for each in (first, second)]
    if None in prints or prints[0] != prints[1]:
        short = [str(each)[:12] for each in prints]
        raise ValueError(
            message(
                "Report.compare",
                "both reports must be on the same test examples",
                {"fingerprint": short[0], "other": short[1]},
                "Evaluate both models on one Data, with one seed.",
            )
        )


def _pair(first, second, name):
    found = [each.examples.get(name) for each in (first, second)]
    if any(values is None or None in values for values in found):
        return None
    if len(found[0]) != len(found[1]) or not found[0]:
        return None
    return np.asarray(found, "float64")


def _paired(row, other, one, two, seed, draws):
    for reduce in (None, _root_mean):
        mean = reduce or np.mean
        if all(
            np.isclose(mean(values), each.value, rtol=1e-6, atol=1e-9)
            for values, each in ((one, row), (two, other))
        ):
            ends = paired(one, two, reduce, seed, draws)
            value = float(mean(one) - mean(two))
            # The mean of differences and the difference of means are rounded
            # each in its own way.
            low, high = min(ends.low, value), max(ends.high, value)
            return _row(row, value, low, high, len(one))
    return _unpaired(row, other)


def _root_mean(values):
    return float(np.sqrt(np.mean(values)))


def _unpaired(row, other):
    value = row.value - other.value
    if row.probe == "cost" and row.metric in _COUNTED:
        return _row(row, value, value, value, 1)
    if row.probe == "cost" and None not in (row.low, other.low):
        low, high = row.low - other.high, row.high - other.low
        return _row(row, value, low, high, min(row.n, other.n))
    return _row(row, value, None, None, min(row.n, other.n), _NO_PAIRS)


def _row(row, value, low, high, n, why=None):
    return Row(
        row.probe,
        row.metric,
        value,
        low,
        high,
        n,
        row.unit,
        row.better,
        row.slice,
        why,
    )
