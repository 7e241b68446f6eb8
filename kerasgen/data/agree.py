"""Agree: whether two data are of one form, so that a model fits both."""

import dataclasses
import pathlib

import numpy as np

from kerasgen.core import message


def agree(name, schema, first):
    """Checks that data have the form of others.

    Args:
        name: str, what they are called.
        schema: Schema of the data.
        first: Schema of the others.

    Raises:
        ValueError: for another kind, target, shape, rate, range or other
            columns, with the way to mend it.

    Example:
        >>> from kerasgen.data.schema import Schema
        >>> small = Schema("image", (8, 8, 1), 0.0, 1.0)
        >>> agree("usps", small, Schema("image", (8, 8, 1)))
        Traceback (most recent call last):
        ...
        ValueError: domain 'usps': it must have the range ... Multiply by 255.
    """
    _same(name, "kind", schema.kind, first.kind)
    _same(name, "target", schema.target, first.target)
    _same(name, "sample rate", schema.rate, first.rate, "Pass sample_rate=.")
    if first.kind == "table":
        _check_columns(name, schema, first)
    elif first.kind != "tokens":
        remedy = {
            "image": "Pass image_size= and channels= to load, or resize them.",
            "audio": "Pass seconds= to load.",
            "video": "Pass image_size= and frames= to load.",
        }.get(first.kind)
        _same(name, "shape", schema.shape, first.shape, remedy)
    _same(
        name,
        "range",
        (schema.low, schema.high),
        (first.low, first.high),
        _scale(schema, first),
    )


def like(value, first):
    """Finds the arguments with which `read` makes examples look like others.

    Args:
        value: what `load` takes as a source.
        first: Data of the others.

    Returns:
        dict of argument name to its value.

    Example:
        >>> import kerasgen as kg
        >>> like("wine", kg.data.load("wine"))
        {}
    """
    schema = first.schema
    named = isinstance(value, (str, pathlib.Path))
    if named and pathlib.Path(value).is_dir():
        if schema.kind == "image" and schema.target != "mask":
            size, channels = schema.shape[:2], schema.shape[2]
            return {"image_size": size, "channels": channels}
        if schema.kind == "audio":
            rate = schema.rate
            return {"sample_rate": rate, "seconds": schema.shape[0] / rate}
        return {}
    if schema.kind == "audio" and not named:
        seconds = schema.shape[0] / schema.rate
        given = {"sample_rate": schema.rate, "seconds": seconds}
        return {"kind": "audio", **given}
    return {} if named or schema.target == "text" else {"kind": schema.kind}


def _same(name, what, got, expected, remedy=None):
    if got != expected:
        raise ValueError(
            message(
                f"domain {name!r}",
                f"it must have the {what} of the source",
                {"expected": expected, "got": got},
                remedy,
            )
        )


def _scale(schema, first):
    if (schema.high, first.high) == (1.0, 255.0):
        return "Multiply by 255."
    if (schema.high, first.high) == (255.0, 1.0):
        return "Divide by 255."
    return None


def _check_columns(name, schema, first):
    have = {column.name: column.kind for column in schema.columns}
    want = {column.name: column.kind for column in first.columns}
    if set(have) != set(want):
        raise ValueError(
            message(
                f"domain {name!r}",
                "it must have the columns of the source",
                {
                    "without": [each for each in want if each not in have],
                    "besides": [each for each in have if each not in want],
                },
            )
        )
    for column, kind in want.items():
        _same(name, f"kind of column {column!r}", have[column], kind)


def fit_labels(name, splits, data, first, unknown=None):
    """Brings labels and columns of a domain to the numbers and order of others.

    Args:
        name: str, the domain.
        splits: dict of name to Examples.
        data: Data or Examples that they are of.
        first: Data of the source.
        unknown: str, the class of `first` that stands for all that it doesn't
            have, or None.

    Returns:
        dict of name to Examples.

    Raises:
        ValueError: for classes that the source doesn't have.

    Example:
        >>> import kerasgen as kg
        >>> wine = kg.data.load("wine")
        >>> fit_labels("same", wine.splits, wine, wine) == wine.splits
        True
    """
    columns = [column.name for column in first.schema.columns]
    if columns:
        splits = {
            each: dataclasses.replace(s, x={c: s.x[c] for c in columns})
            if list(s.x) != columns
            else s
            for each, s in splits.items()
        }
    own = getattr(data, "labels", first.labels)
    if first.schema.target == "classes":
        told = getattr(data, "schema", first.schema).labels
        _same(name, "classes", told, first.schema.labels)
    if own == first.labels or first.schema.target == "classes":
        return splits
    strange = [label for label in own if label not in first.labels]
    if strange and unknown is None:
        raise ValueError(
            message(
                f"domain {name!r}",
                "it must have the classes of the source",
                {"unknown": strange[:5], "expected": first.labels[:20]},
                'Pass labels= to load, or unknown="unknown" to Data.domains.',
            )
        )
    if first.schema.target == "mask":
        # A mask may lie on the disk, where it can't be renumbered.
        _same(name, "order of classes", own, first.labels)
    known = [unknown if label in strange else label for label in own]
    places = np.array([first.labels.index(label) for label in known])
    return {
        each: s
        if s.y is None
        else dataclasses.replace(
            s, y=np.where(s.y >= 0, places[np.maximum(s.y, 0)], s.y)
        )
        for each, s in splits.items()
    }


def fit_tokens(parts, schema):
    """Makes sentences of several domains as long as the longest.

    Args:
        parts: dict of domain to a dict of split to Examples.
        schema: Schema of the source.

    Returns:
        The parts, and the schema with that length; other kinds stay.

    Example:
        >>> import kerasgen as kg
        >>> wine = kg.data.load("wine")
        >>> fit_tokens({}, wine.schema) == ({}, wine.schema)
        True
    """
    if schema.kind != "tokens":
        return parts, schema
    splits = [s for each in parts.values() for s in each.values()]
    longest = max(int(s.x.shape[1]) for s in splits)
    found = {
        name: {each: _pad(s, longest) for each, s in own.items()}
        for name, own in parts.items()
    }
    return found, dataclasses.replace(schema, shape=(longest,))


def _pad(examples, longest):
    lack = longest - examples.x.shape[1]
    if not lack:
        return examples
    wide = ((0, 0), (0, lack))
    y = examples.y
    if y is not None and np.ndim(y) == 2:
        y = np.pad(y, wide, constant_values=-1)
    x = np.full((len(examples), longest), "", dtype=object)
    x[:, : examples.x.shape[1]] = examples.x
    return dataclasses.replace(examples, x=x, y=y)
