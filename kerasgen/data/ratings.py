"""Ratings: who gave what how many points, and when."""

import pathlib

import numpy as np

from kerasgen.core import message
from kerasgen.data.lines import read_lines
from kerasgen.data.raw import Raw

_MARKS = ("\t", "::", ",", ";")
NAMES = ("user", "item", "rating", "timestamp")


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
    return Raw(name, x, y, task="regression")


def _is_number(cell):
    try:
        return bool(np.isfinite(float(cell)))
    except ValueError:
        return False
