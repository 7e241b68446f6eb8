"""Labels: what task they pose, and their whole numbers."""

import dataclasses
import numbers

import numpy as np

from kerasgen.core import create, message, one_of
from kerasgen.data.raw import absent, text
from kerasgen.data.target_text import learn_words

# Up to so many different whole numbers in a table are classes.
_FEW = 20


def find_task(raw, wanted=None, labels=None):
    """Finds out the task, and turns labels into whole numbers in place.

    Args:
        raw: Raw; its `y`, and that of its test set, are replaced.
        wanted: "classification", "regression", or None to find it out.
        labels: tuple of str, the names of the classes in their order, or
            None.

    Returns:
        Task.

    Raises:
        ValueError: for labels that are missing, out of range or unknown, and
            for fewer than two classes.

    Example:
        >>> from kerasgen.data.raw import Raw
        >>> raw = Raw("a", np.zeros((3, 1)), np.array(["10", "9", "10"]))
        >>> find_task(raw).labels, raw.y.tolist()
        (('9', '10'), [1, 0, 1])
    """
    if wanted is not None:
        one_of("load", "task", wanted, ("classification", "regression"))
    parts = list(raw.parts.values())
    for part in parts:
        _check(part)
    kind = wanted or raw.task or _guess(raw, labels)
    if kind == "regression":
        return _regression(parts)
    labels = labels or raw.labels
    numeric = raw.y.dtype.kind in "biuf"
    if labels is not None and numeric:
        task = _classes(labels)
        for part in parts:
            task.check(part.y, f"load: {raw.name}")
            part.y = part.y.astype("int64")
        return task
    values = list(labels) if labels else sorted(set(raw.y.tolist()), key=_key)
    if len(values) < 2:
        raise ValueError(
            message(
                "load", "there must be at least 2 classes", {"classes": values}
            )
        )
    place = {value: index for index, value in enumerate(values)}
    whose = "`labels`" if labels else "the train set"
    for name, part in raw.parts.items():
        strange = sorted(set(part.y.tolist()) - set(place), key=_key)
        if strange:
            where = f" of test set {name!r}" if name else ""
            raise ValueError(
                message(
                    "load",
                    f"every label{where} must be one of the classes of {whose}",
                    {"unknown": strange[:5], "classes": values[:20]},
                )
            )
        part.y = np.array([place[value] for value in part.y.tolist()], "int64")
    return _classes(map(_name, values))


def fit_task(task, y):
    """Fits the scale of a regression, or target words, to the train split.

    Args:
        task: Task, or None.
        y: array (n,), or dict of them.

    Returns:
        Task; the same where there is nothing to fit.

    Example:
        >>> import kerasgen as kg
        >>> fit_task(kg.Regression(), np.array([1.0, 3.0])).mean
        2.0
    """
    if hasattr(task, "words"):
        return learn_words(task, y)
    if hasattr(task, "tasks") and y is not None:
        tasks = {
            name: fit_task(each, y[name]) for name, each in task.tasks.items()
        }
        return dataclasses.replace(task, tasks=tasks)
    if not hasattr(task, "unit") or y is None:
        return task
    spread = float(np.std(y, dtype="float64"))
    fitted = {
        "mean": float(np.mean(y, dtype="float64")),
        "scale": spread if spread > 0 else 1.0,
    }
    return dataclasses.replace(task, **fitted)


def _classes(names):
    names = tuple(names)
    return create(
        "task", {"name": "classification"}, classes=len(names), labels=names
    )


def _regression(parts):
    for part in parts:
        if part.y.dtype.kind not in "biuf":
            raise ValueError(
                message("load", "targets must be numbers", {"y": part.y[0]})
            )
        part.y = part.y.astype("float32")
    return create("task", "regression")


def _name(value):
    whole = isinstance(value, float) and value == int(value)
    return str(int(value)) if whole else str(value)


def _key(value):
    """Numbers by size, before texts by letter."""
    try:
        number = float(value)
    except ValueError:
        return (1, 0.0, value)
    # A text "nan" or "inf" has no size among numbers.
    return (0, number, value) if np.isfinite(number) else (1, 0.0, value)


def _guess(raw, labels):
    y = raw.y
    named = labels is not None or raw.labels is not None
    if named or y.dtype.kind not in "iuf":
        return "classification"
    if isinstance(raw.x, np.ndarray) and y.dtype.kind in "iu":
        return "classification"
    few = len(np.unique(y)) <= _FEW and np.all(y == np.floor(y))
    return "classification" if few else "regression"


def _check(part):
    """No label may be missing; what is neither number nor text is mended."""
    if part.y.dtype.kind == "O":
        cells = [np.nan if absent(v) else v for v in part.y.tolist()]
        if all(isinstance(value, numbers.Real) for value in cells):
            part.y = np.array(cells)
    if part.y.dtype.kind == "f":
        bad = ~np.isfinite(part.y)
    elif part.y.dtype.kind in "OSU":
        values = [None if absent(v) else text(v) for v in part.y.tolist()]
        bad = np.array([value in (None, "") for value in values], bool)
    else:
        return
    if bad.any():
        places = np.flatnonzero(bad)
        raise ValueError(
            message(
                "load",
                "labels must not be missing or infinite",
                {"rows": places[:5].tolist(), "count": len(places)},
            )
        )
    if part.y.dtype.kind in "OSU":
        part.y = np.array(values, dtype=str)
