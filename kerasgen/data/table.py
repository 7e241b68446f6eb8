"""CSV files."""

import csv
import gzip
import pathlib
import zlib

import numpy as np

from kerasgen.core import message, one_of
from kerasgen.data.raw import Raw, identifiers

MISSING = ("", "?", "NA", "N/A", "na", "n/a", "NaN", "nan", "null", "None")


def from_csv(path, target=None, group=None):
    """Reads a CSV file with a header line.

    A column is a number where each cell that isn't missing is one, and a
    category otherwise.

    Args:
        path: path of a .csv file, or of a .csv.gz.
        target: str, the column to predict, or int, its place; None takes the
            last one.
        group: str, the column whose equals must not be torn apart by splits;
            it is no input.

    Returns:
        Raw.

    Raises:
        ValueError: for a column that isn't there or isn't the only one of
            its name, a line of another length, text that isn't UTF-8 or has
            no commas, a damaged file, or a file without rows.

    Example:
        >>> import tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "a.csv")
        >>> _ = path.write_text("age,sex,ill\\n30,f,0\\n41,m,1\\n")
        >>> from_csv(path, target="ill").x["sex"].tolist()
        ['f', 'm']
    """
    path = pathlib.Path(path)
    header, rows, places = _read(path)
    chosen = _place(
        header, len(header) - 1 if target is None else target, "target"
    )
    target = header[chosen]
    columns = [list(column) for column in zip(*rows, strict=True)]
    y, blanks = _parse(columns[chosen])
    if len(blanks):
        lines = ", ".join(str(places[row]) for row in blanks[:5])
        raise ValueError(
            message(
                "load",
                f"each row must have a value of {target!r}; {len(blanks)} have "
                f"none, the first in lines {lines} of {path}",
            )
        )
    groups, used = None, {chosen}
    if group is not None:
        owner = _place(header, group, "group")
        if owner == chosen:
            raise ValueError(
                message(
                    "load",
                    "`group` and `target` must be different columns",
                    {"group": header[owner]},
                )
            )
        used.add(owner)
        groups = np.array(columns[owner], dtype=object)
    inputs = [i for i in range(len(header)) if i not in used]
    if not inputs:
        raise ValueError(
            message(
                "load",
                f"{path} must have a column besides target and group",
                {"columns": header},
            )
        )
    names = identifiers([header[i] for i in inputs])
    x = {n: _input(columns[i]) for n, i in zip(names, inputs, strict=True)}
    return Raw(path.name.split(".")[0], x, y, groups)


def _read(path):
    try:
        header, rows, places = _rows(path)
    except UnicodeDecodeError as error:
        raise ValueError(
            message(
                "load", f"{path} must be text in UTF-8", {"byte": error.start}
            )
        ) from error
    except (csv.Error, EOFError, OSError, zlib.error) as error:
        raise ValueError(
            message("load", f"{path} must be a sound CSV file ({error})")
        ) from error
    if not rows:
        raise ValueError(message("load", f"{path} must have a header and rows"))
    return header, rows, places


def _rows(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        header = [name.strip() for name in next(lines, [])]
        if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
            raise ValueError(
                message(
                    "load",
                    f"{path} must have commas between its cells",
                    {"header": header[0]},
                )
            )
        rows, places = [], []
        for row in lines:
            if not row:
                continue
            if len(row) != len(header):
                raise ValueError(
                    message(
                        "load",
                        f"line {lines.line_num} of {path} must have "
                        f"{len(header)} cells",
                        {"cells": len(row)},
                    )
                )
            rows.append([cell.strip() for cell in row])
            places.append(lines.line_num)
    return header, rows, places


def _place(header, wanted, argument):
    if isinstance(wanted, int) and -len(header) <= wanted < len(header):
        return wanted % len(header)
    one_of("load", argument, wanted, header)
    if header.count(wanted) > 1:
        raise ValueError(
            message(
                "load",
                f"`{argument}` must name one column, and {header.count(wanted)}"
                " have this name",
                {argument: wanted},
                "Give its place, counted from 0.",
            )
        )
    return header.index(wanted)


def _input(cells):
    values = _parse(cells)[0]
    if values.dtype.kind != "f":
        return values
    with np.errstate(over="ignore"):
        return values.astype("float32")


def _parse(cells):
    """Numbers with NaN for what is missing, or texts with ""."""
    blank = np.array([cell in MISSING for cell in cells])
    try:
        numbers = [
            np.nan if b else float(c) for c, b in zip(cells, blank, strict=True)
        ]
        # Exact for now: a label may have more digits than float32 holds.
        values = np.array(numbers, "float64")
    except ValueError:
        texts = ["" if b else c for c, b in zip(cells, blank, strict=True)]
        values = np.array(texts, dtype=object)
    return values, np.flatnonzero(blank)
