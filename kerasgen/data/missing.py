"""Missing values on purpose: at random, by another column, by their own."""

import dataclasses

import numpy as np

from kerasgen.core import Float, child_seed, message, one_of
from kerasgen.data.change import change

KINDS = ("mcar", "mar", "mnar")


def missing_values(
    data,
    rate=0.2,
    kind="mcar",
    columns=None,
    by=None,
    strength=2.0,
    split="train",
    seed=0,
):
    """Takes cells out of a table.

    "mcar": each cell is missing with probability `rate`. "mar": with
    probability sigmoid(strength * z + b), where z is the row's value in the
    column `by`, standardised on the split, which itself stays; "mnar": z is
    the cell's own value. b makes the mean probability the rate.

    Args:
        data: Data of a table.
        rate: float in [0, 1), the share of cells that is expected to go, of
            those that are there.
        kind: "mcar", "mar" or "mnar".
        columns: list of str, the columns that lose cells; None takes all
            (for "mnar" all of numbers) but `by`.
        by: str, the column of numbers that decides for "mar"; None takes the
            first.
        strength: float, of "mar" and "mnar"; a negative one makes small values
            go.
        split: str, the split that is changed.
        seed: int.

    Returns:
        Data; missing numbers are NaN, and missing categories "". `prepare` is
        adapted anew where the split is train.

    Raises:
        ValueError: for data of another kind, an unknown kind, column or
            split, or a rate out of range.

    Source:
        Rubin, "Inference and missing data", 1976; logistic as in Muzellec et
        al., "Missing Data Imputation using Optimal Transport", 2020,
        arXiv:2002.03860.

    Example:
        >>> import kerasgen as kg
        >>> data = missing_values(kg.data.load("wine"), 0.5, columns=["ash"])
        >>> share = np.isnan(data.splits["train"].x["ash"]).mean()
        >>> bool(0.3 < share < 0.7)
        True
    """
    columns, by = _check(data, rate, kind, columns, by, split)
    examples = data.splits[split]
    x = {name: np.asarray(values) for name, values in examples.x.items()}
    for name in columns:
        own = child_seed(seed, "missing", name)
        chance = rate
        if kind != "mcar":
            there = ~_gaps(x[name])
            chance = _logistic(x[by or name], there, rate, strength)
        gone = np.random.default_rng(own).random(len(examples)) < chance
        empty = np.nan if x[name].dtype.kind == "f" else ""
        x[name] = np.where(gone, empty, x[name]).astype(x[name].dtype)
    examples = dataclasses.replace(examples, x=x)
    return change(data, split, examples, f"{kind} {rate:g}", learn=True)


def _check(data, rate, kind, columns, by, split):
    one_of("missing_values", "kind", kind, KINDS)
    one_of("missing_values", "split", split, data.splits)
    Float(0.0, 1.0).check("missing_values", "rate", rate)
    if data.schema.kind != "table" or rate == 1.0:
        raise ValueError(
            message(
                "missing_values",
                "the data must be a table, and some cells must stay",
                {"data": data.schema.kind, "rate": rate},
            )
        )
    kinds = {column.name: column.kind for column in data.schema.columns}
    numbers = [name for name, each in kinds.items() if each == "number"]
    if kind == "mar":
        if by is None and not numbers:
            raise ValueError(
                message("missing_values", "`by` must be a column of numbers")
            )
        by = by or next(n for n in numbers if n not in (columns or ()))
        one_of("missing_values", "by", by, numbers)
    else:
        by = None
    known = numbers if kind == "mnar" else list(kinds)
    known = [name for name in known if name != by]
    columns = known if columns is None else list(columns)
    for name in columns:
        one_of("missing_values", "columns", name, known)
    return columns, by


def _gaps(values):
    return np.isnan(values) if values.dtype.kind == "f" else values == ""


def _logistic(values, there, rate, strength):
    """Chances whose mean, over the cells that are there, is the rate."""
    z = np.asarray(values, "float64")
    known = np.isfinite(z)
    if not known.any() or not there.any() or rate == 0.0:
        return rate
    spread = z[known].std()
    z = (z - z[known].mean()) / (spread if spread > 0 else 1.0)
    z = np.where(known, z, 0.0) * strength
    low, high = -40.0 - np.abs(z).max(), 40.0 + np.abs(z).max()
    for _ in range(80):
        middle = (low + high) / 2
        if _sigmoid(z[there] + middle).mean() < rate:
            low = middle
        else:
            high = middle
    return _sigmoid(z + low)


def _sigmoid(z):
    return 0.5 * (1.0 + np.tanh(0.5 * z))
