"""Ratings: who gave what how many points, and when."""

import dataclasses
import pathlib

import numpy as np

from kerasgen.core import create, message, one_of
from kerasgen.data.lines import read_lines
from kerasgen.data.raw import Raw, check_lengths, from_arrays

_MARKS = ("\t", "::", ",", ";")
NAMES = ("user", "item", "rating", "timestamp")
# Users and items as whole numbers, for their vectors.
PLAN = {"user": ("category_index",), "item": ("category_index",)}


def from_ratings(path, columns=None):
    """Reads triples of user, item and rating, with or without a time.

    Args:
        path: path of a TSV, CSV or `::`-divided file of three or four
            columns, or of one with .gz after it; a header line is known by
            its third cell, which is no number.
        columns: tuple of int, the places of user, item, rating and maybe
            timestamp; None takes the first three or four.

    Returns:
        Raw with the categories `user` and `item`, the number `timestamp`
        where there is one, and the rating as the number to predict.

    Raises:
        ValueError: for a line that lacks a cell, or a rating that is no
            number.

    Example:
        >>> import tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "u.data")
        >>> _ = path.write_text("196\\t242\\t3\\t88\\n186\\t302\\t4\\t89\\n")
        >>> raw = from_ratings(path)
        >>> raw.x["user"].tolist(), raw.y.tolist()
        (['196', '186'], [3.0, 4.0])
    """
    path = pathlib.Path(path)
    held, mark, seen = None, None, {}
    for number, line in enumerate(read_lines(path), 1):
        if not line.strip():
            continue
        mark = mark or next((m for m in _MARKS if m in line), " ")
        cells = [cell.strip() for cell in line.split(mark)]
        places = columns or range(min(len(cells), 4))
        if held is None:
            held = [[] for _ in places]
            if len(cells) > 2 and not _is_number(cells[list(places)[2]]):
                continue
        short = len(held) < 3 or len(cells) <= max(places)
        if short or len(places) != len(held):
            raise ValueError(
                message(
                    "load",
                    f"line {number} of {path} must have user, item and rating",
                    {"cells": len(cells)},
                )
            )
        row = [cells[place] for place in places]
        for cell, name in zip(row[2:], NAMES[2:], strict=False):
            if not _is_number(cell):
                raise ValueError(
                    message(
                        "load",
                        f"the {name} in line {number} of {path} must be a "
                        "number",
                        {name: cell},
                    )
                )
        for values, cell in zip(held, row, strict=True):
            values.append(seen.setdefault(cell, cell))
    if not held or not held[0]:
        raise ValueError(message("load", f"{path} must have ratings"))
    return ratings(*held, name=path.name.split(".")[0])


def ratings(user, item, rating, timestamp=None, name="ratings"):
    """Makes a table of ratings.

    Args:
        user: sequence (n,) of names or numbers.
        item: sequence (n,) of names or numbers.
        rating: sequence (n,) of numbers.
        timestamp: sequence (n,) of numbers, or None.
        name: str.

    Returns:
        Raw.

    Example:
        >>> ratings([1, 2], [7, 7], [3, 5]).x["item"].tolist()
        ['7', '7']
    """
    x = {
        "user": np.array([str(value) for value in user], dtype=object),
        "item": np.array([str(value) for value in item], dtype=object),
    }
    if timestamp is not None:
        x["timestamp"] = np.array(timestamp, "float64").astype("float32")
    y = np.array(rating, "float64")
    return Raw(name, x, y, target="rating", prepare=dict(PLAN))


def from_columns_of_ratings(x, y):
    """Takes columns of users, items and more, and their ratings.

    Args:
        x: mapping of column name to array (n,), with `user` and `item`.
        y: array (n,) of numbers.

    Returns:
        Raw; `user` and `item` are categories and come first.

    Raises:
        ValueError: for no column `user` or `item`.

    Example:
        >>> x = {"age": [30], "item": [7], "user": [1]}
        >>> list(from_columns_of_ratings(x, [4]).x)
        ['user', 'item', 'age']
    """
    if not hasattr(x, "keys") or not {"user", "item"} <= set(x.keys()):
        raise ValueError(
            message(
                "load",
                "ratings must be a mapping with columns `user` and `item`",
                {"x": list(x.keys()) if hasattr(x, "keys") else type(x)},
            )
        )
    found = ratings(x["user"], x["item"], np.asarray(y).ravel())
    rest = {key: x[key] for key in x.keys() if key not in found.x}
    if rest:
        found.x.update(from_arrays(rest, found.y).x)
    check_lengths(found.count, found.y)
    return found


def find_rating(raw, wanted=None, labels=None):
    """Makes the task of ratings: the rating, or the item that comes next.

    Args:
        raw: Raw of ratings; where items are asked for, its `y` become their
            numbers and its column `item` goes, in its test sets too.
        wanted: "regression", "recommendation", a Task, or None for ratings.
        labels: tuple of str, the items' names in their order, or None.

    Returns:
        Task, the target as in Schema, and the labels that no task holds.

    Raises:
        ValueError: for another task, or ratings that aren't finite.

    Example:
        >>> raw = ratings([1, 1], [7, 8], [3, 5])
        >>> task, target, _ = find_rating(raw, "recommendation")
        >>> task.labels, target, raw.y.tolist(), list(raw.x)
        (('7', '8'), 'item', [0, 1], ['user'])
    """
    names = ("regression", "rating", "recommendation")
    if wanted is None or isinstance(wanted, str):
        one_of("load", "task", wanted or "rating", names)
    ranked = wanted == "recommendation" or hasattr(wanted, "items")
    if ranked:
        return _find_items(raw, wanted, labels)
    for part in raw.parts.values():
        part.y = np.asarray(part.y, "float32")
        if not np.isfinite(part.y).all():
            raise ValueError(
                message(
                    "load",
                    "ratings must be finite",
                    {"count": int((~np.isfinite(part.y)).sum())},
                )
            )
    if wanted is None or isinstance(wanted, str):
        ends = float(raw.y.min()), float(raw.y.max())
        low, high = ends if ends[0] < ends[1] else (None, None)
        wanted = create("task", "rating", low=low, high=high)
    return wanted, "number", ()


def _find_items(raw, wanted, labels):
    every = [item for part in raw.parts.values() for item in part.x["item"]]
    labels = tuple(labels or sorted(set(every), key=lambda n: (len(n), n)))
    place = {name: index for index, name in enumerate(labels)}
    unknown = sorted(set(every) - set(place))
    if unknown:
        raise ValueError(
            message(
                "load",
                "every item must be one of `labels`",
                {"unknown": unknown[:5]},
            )
        )
    for part in raw.parts.values():
        items = part.x.pop("item")
        part.y = np.array([place[name] for name in items], "int64")
    raw.prepare = {"user": PLAN["user"]}
    known = {"items": len(labels), "labels": labels}
    if isinstance(wanted, str):
        return create("task", wanted, **known), "item", ()
    return dataclasses.replace(wanted, **known), "item", ()


def _is_number(cell):
    try:
        return bool(np.isfinite(float(cell)))
    except ValueError:
        return False
