"""Summary: counts, ranges, balance, gaps, and what is there twice."""

import numpy as np

from kerasgen.core import message
from kerasgen.data.duplicates import find_duplicates
from kerasgen.data.splits import NAMES

# A class with fewer examples, or a smaller share, is near empty.
_FEWEST, _LEAST = 10, 0.01
_CHUNK = 4096


def summarize(data, duplicates=True, strict=False):
    """Counts what there is.

    Args:
        data: Data.
        duplicates: bool, whether equal examples are looked for; files of one
            size are then read through.
        strict: bool, whether an example of one split in another is an error.

    Returns:
        dict of JSON values: `kind`; `shape`, prepared; `raw_shape`; `target`;
        `counts` of each split; `ranges` of pixels, of samples, or of the train
        split's columns; `skipped`. With classes: `classes`, the counts by
        split and class; `balance`, the shares of train's classes and how many
        times the greatest is the least (None where one is empty);
        `near_empty`, by split, classes with fewer than 10 examples or 1 %.
        With numbers: `values`, least, mean and greatest by split. Of tables:
        `missing`, cells by split and column. Of texts and tokens: `lengths`,
        in characters or tokens. `duplicates`: by split, or pair of splits, how
        many examples are there more than once; `leaks`, those of them that
        are in two splits and shouldn't be.

    Raises:
        ValueError: for a leak, where `strict`.

    Example:
        >>> import kerasgen as kg
        >>> found = summarize(kg.data.load("wine"))
        >>> found["counts"]["train"], found["balance"]["ratio"]
        (107, 1.483)
    """
    schema, splits = data.schema, data.splits
    found = {
        "kind": schema.kind,
        "shape": list(data.shape),
        "raw_shape": list(schema.shape),
        "target": schema.target,
        "counts": {name: len(split) for name, split in splits.items()},
        "ranges": _ranges(data),
        "skipped": [list(map(str, item)) for item in data.skipped],
    }
    labelled = {n: s.y for n, s in splits.items() if s.y is not None}
    if schema.target == "number":
        found["values"] = {n: _spread(y) for n, y in labelled.items()}
    counts = _class_counts(data, labelled)
    if counts:
        found["classes"] = counts
        found.update(_balance(counts))
    if schema.kind == "table":
        found["missing"] = _missing(splits)
    if schema.kind in ("text", "tokens") and not splits["train"].files:
        found["lengths"] = {n: _lengths(s.x) for n, s in splits.items()}
    if duplicates or strict:
        twice = find_duplicates(data)
        found["duplicates"] = {
            "/".join(pair): count for pair, (count, _) in twice.items()
        }
        found["leaks"] = {
            "/".join(pair): count
            for pair, (count, _) in twice.items()
            if _leaks(pair)
        }
        if strict:
            _refuse(twice)
    return found


def check_leaks(data):
    """Checks that no example of one split is in another.

    Test sets may share examples with each other.

    Args:
        data: Data.

    Raises:
        ValueError: with examples and the remedy, where train, stop, select or
            unlabeled have an example that is in another split as well.

    Example:
        >>> import kerasgen as kg
        >>> check_leaks(kg.data.load("wine"))
    """
    _refuse(find_duplicates(data))


def _leaks(pair):
    # Test sets among themselves are no leak.
    return len(pair) == 2 and bool(set(pair) & {*NAMES[:3], "unlabeled"})


def _refuse(twice):
    leaks = {pair: told for pair, told in twice.items() if _leaks(pair)}
    if leaks:
        shown = {
            f"{one}/{two}": f"{count}, such as "
            + ", ".join(f"{a} and {b}" for a, b in examples)
            for (one, two), (count, examples) in leaks.items()
        }
        raise ValueError(
            message(
                "check_leaks",
                "no example of one split may be in another",
                shown,
                "These are ids, or files. Take the copies out, or keep them "
                "in one split by group=.",
            )
        )


def _ranges(data):
    schema = data.schema
    if schema.kind in ("image", "video"):
        return {"pixels": [schema.low, schema.high]}
    if schema.kind == "audio":
        return {"samples": [schema.low, schema.high]}
    found = {}
    for column in schema.columns:
        if column.kind == "number":
            values = np.asarray(data.splits["train"].x[column.name])
            values = values[np.isfinite(values)].astype("float64")
            found[column.name] = (
                [values.min().item(), values.max().item()]
                if len(values)
                else None
            )
    return found


def _spread(y):
    y = np.asarray(y, "float64")
    if not len(y):
        return None
    return [float(value) for value in (y.min(), y.mean(), y.max())]


def _class_counts(data, labelled):
    """Counts by split and class: of examples, pixels or tokens."""
    target, labels = data.schema.target, data.labels
    if target == "classes":
        named = {out: names for out, names in data.schema.labels if names}
        return {
            split: {
                f"{output}: {label}": count
                for output, names in named.items()
                for label, count in _count(y[output], names).items()
            }
            for split, y in labelled.items()
        }
    if target not in ("class", "mask", "tags") or not labels:
        return None
    return {split: _count(y, labels) for split, y in labelled.items()}


def _count(y, labels):
    counts = np.zeros(len(labels), "int64")
    for start in range(0, len(y), _CHUNK):
        part = np.asarray(y[start : start + _CHUNK]).ravel().astype("int64")
        part = part[(part >= 0) & (part < len(labels))]
        counts += np.bincount(part, minlength=len(labels))
    return dict(zip(labels, counts.tolist(), strict=True))


def _balance(counts):
    train = counts["train"]
    total = max(1, sum(train.values()))
    least, most = min(train.values()), max(train.values())
    near = {}
    for split, each in counts.items():
        limit = max(_FEWEST, _LEAST * sum(each.values()))
        few = [label for label, count in each.items() if count < limit]
        if few:
            near[split] = few
    return {
        "balance": {
            "shares": {k: round(v / total, 4) for k, v in train.items()},
            "ratio": round(most / least, 3) if least else None,
        },
        "near_empty": near,
    }


def _missing(splits):
    found = {}
    for name, split in splits.items():
        gaps = {}
        for column, values in split.x.items():
            values = np.asarray(values)
            number = values.dtype.kind == "f"
            count = int((np.isnan(values) if number else values == "").sum())
            if count:
                gaps[column] = count
        if gaps:
            found[name] = gaps
    return found


def _lengths(x):
    sizes = []
    for start in range(0, len(x), _CHUNK):
        part = np.asarray(x[start : start + _CHUNK])
        if part.ndim > 1:
            sizes.append((part != "").sum(1))
        else:
            sizes.append(np.array([len(text) for text in part], int))
    sizes = np.concatenate(sizes) if sizes else np.zeros(0)
    return _spread(sizes)
