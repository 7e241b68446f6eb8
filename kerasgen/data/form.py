"""Form: raw inputs to the form that a schema describes, checked on the way."""

import numpy as np

from kerasgen.core import message
from kerasgen.data.rows import Rows
from kerasgen.data.schema import Column, Schema, check_range

_CHUNK = 1024


def form(raw, target, labels=(), missing="error"):
    """Checks inputs, brings them to one form in place, and describes them.

    Args:
        raw: Raw; its `x`, and those of its test sets, are replaced.
        target: str, as in Schema.
        labels: tuple, as in Schema.
        missing: "error" or "impute", what missing cells of a table are.

    Returns:
        Schema.

    Raises:
        ValueError: for missing or infinite values, and for a test set of
            other columns, another shape or another range.

    Example:
        >>> from kerasgen.data.raw import Raw
        >>> form(Raw("a", np.zeros((2, 4, 4, 1)), np.arange(2)), "class").high
        1.0
    """
    kind = raw.kind or ("table" if isinstance(raw.x, dict) else "image")
    about = {"target": target, "labels": labels}
    for name, part in raw.parts.items():
        _check_like(name, part, raw)
    if kind == "table":
        for part in raw.parts.values():
            _check_cells(part.x, missing)
        columns = tuple(
            Column(name, "number" if values.dtype.kind == "f" else "category")
            for name, values in raw.x.items()
        )
        return Schema(kind, (len(columns),), columns=columns, **about)
    if raw.files:
        return Schema(kind, raw.size, rate=raw.rate, **about)
    if kind == "text":
        _check_texts(raw)
        return Schema(kind, (), **about)
    if kind == "tokens":
        return Schema(kind, (_pad(raw),), **about)
    if kind == "audio":
        schema = Schema(kind, raw.x.shape[1:], rate=raw.rate, **about)
    else:
        schema = _pixels(raw, kind, about)
    for name, part in raw.parts.items():
        where = f"load: test set {name!r}" if name else "load"
        for chunk in _chunks(part.x):
            check_range(schema, chunk, where)
    return schema


def _pixels(raw, kind, about):
    number = raw.x.dtype.kind
    low, high = np.inf, -np.inf
    for chunk in _chunks(raw.x):
        _check_finite(chunk, "pixels")
        low, high = min(low, chunk.min()), max(high, chunk.max())
    low, high = float(low), float(high)
    top = 1.0 if number == "f" and high <= 1.0 else 255.0
    if number not in "uif" or low < 0 or high > top:
        raise ValueError(
            message(
                "load",
                "pixels must lie in [0, 255], or as floats in [0, 1]",
                {"min": low, "max": high, "dtype": str(raw.x.dtype)},
            )
        )
    schema = Schema(kind, raw.x.shape[1:], 0.0, top, **about)
    for name, part in raw.parts.items():
        for chunk in _chunks(part.x) if name else ():
            _check_finite(chunk, "pixels")
            check_range(schema, chunk, f"load: test set {name!r}")
        wanted = "float32" if number == "f" else "uint8"
        if not isinstance(part.x, Rows):
            part.x = part.x.astype(wanted)
        elif part.x.dtype != wanted:
            raise ValueError(
                message(
                    "load",
                    f"pixels on the disk must be {wanted}",
                    {"dtype": str(part.x.dtype)},
                )
            )
    return schema


def _chunks(x):
    for start in range(0, len(x), _CHUNK):
        yield np.asarray(x[start : start + _CHUNK])


def _check_finite(x, what):
    if x.dtype.kind == "f" and not np.isfinite(x).all():
        bad = ~np.isfinite(x).all(axis=tuple(range(1, x.ndim)))
        raise ValueError(
            message(
                "load",
                f"{what} must be finite",
                {
                    "examples": np.flatnonzero(bad)[:5].tolist(),
                    "count": int(bad.sum()),
                },
            )
        )


def _check_cells(x, missing):
    infinite, absent = {}, {}
    for column, values in x.items():
        if values.dtype.kind == "f":
            infinite[column] = int(np.isinf(values).sum())
            absent[column] = int(np.isnan(values).sum())
        else:
            absent[column] = int(sum(value == "" for value in values))
    for counts, what, remedy in (
        (infinite, "infinite", "Mend them, or make them missing."),
        (absent, "missing", 'Pass missing="impute".'),
    ):
        counts = {name: n for name, n in counts.items() if n}
        if counts and not (what == "missing" and missing == "impute"):
            raise ValueError(
                message("load", f"no cell may be {what}", counts, remedy)
            )


def _check_texts(raw):
    for name, part in raw.parts.items():
        empty = [
            index
            for index in range(part.count)
            if isinstance(part.x, np.ndarray) and not part.x[index].strip()
        ]
        if empty:
            raise ValueError(
                message(
                    "load",
                    "texts must not be empty",
                    {
                        **({"test set": name} if name else {}),
                        "rows": empty[:5],
                        "count": len(empty),
                    },
                )
            )


def _pad(raw):
    """Tokens as arrays (n, time), filled up with ""."""
    longest = max(
        (len(row) for part in raw.parts.values() for row in part.x), default=0
    )
    for name, part in raw.parts.items():
        out = np.full((part.count, max(longest, 1)), "", dtype=object)
        for index, row in enumerate(part.x):
            if not row:
                raise ValueError(
                    message(
                        "load",
                        "sentences must have tokens",
                        {**({"test set": name} if name else {}), "row": index},
                    )
                )
            out[index, : len(row)] = row
        part.x = out
    return max(longest, 1)


def _check_like(name, part, raw):
    """A test set must be what the train set is."""
    if part is raw:
        return
    where = f"test set {name!r} must have the"
    if isinstance(raw.x, dict):
        _check_columns(where, part, raw)
        return
    if isinstance(part.x, dict) or (part.kind or "image") != (
        raw.kind or "image"
    ):
        raise ValueError(
            message(
                "load",
                f"{where} kind of the train set",
                {"expected": raw.kind or "image", "got": part.kind or "table"},
            )
        )
    if part.rate != raw.rate:
        raise ValueError(
            message(
                "load",
                f"{where} sample rate of the train set",
                {"expected": raw.rate, "got": part.rate},
            )
        )
    if isinstance(raw.x, list) or raw.kind in ("text", "tokens"):
        if part.files != raw.files:
            _refuse_files(where, part, raw)
        return
    if part.files != raw.files:
        _refuse_files(where, part, raw)
    shapes = [r.size if r.files else r.x.shape[1:] for r in (raw, part)]
    if tuple(shapes[0]) != tuple(shapes[1]):
        raise ValueError(
            message(
                "load",
                f"{where} shape of the train set",
                {"expected": shapes[0], "got": shapes[1]},
            )
        )


def _refuse_files(where, part, raw):
    names = {True: "files", False: "arrays"}
    raise ValueError(
        message(
            "load",
            f"{where} form of the train set",
            {"expected": names[raw.files], "got": names[part.files]},
        )
    )


def _check_columns(where, part, raw):
    have = part.x if isinstance(part.x, dict) else {}
    lacking = [name for name in raw.x if name not in have]
    if lacking:
        raise ValueError(
            message(
                "load",
                f"{where} columns of the train set",
                {"without": lacking},
            )
        )
    part.x = {name: part.x[name] for name in raw.x}
    for name, values in raw.x.items():
        kinds = [
            "number" if v.dtype.kind == "f" else "category"
            for v in (values, part.x[name])
        ]
        if kinds[0] != kinds[1]:
            raise ValueError(
                message(
                    "load",
                    f"{where} kinds of the train set's columns",
                    {"column": name, "expected": kinds[0], "got": kinds[1]},
                )
            )
