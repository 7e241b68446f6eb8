"""CSV files."""

import csv
import gzip
import pathlib

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
        ValueError: for a column that isn't there, a line of another length,
            text that isn't UTF-8, or a file without rows.

    Example:
        >>> import tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "a.csv")
        >>> _ = path.write_text("age,sex,ill\\n30,f,0\\n41,m,1\\n")
        >>> from_csv(path, target="ill").x["sex"].tolist()
        ['f', 'm']
    """
    path = pathlib.Path(path)
    header, rows = _read(path)
    target = _name(
        header, len(header) - 1 if target is None else target, "target"
    )
    columns = dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))
    y, blanks = _parse(columns.pop(target))
    if len(blanks):
        lines = ", ".join(str(place + 2) for place in blanks[:5])
        raise ValueError(
            message(
                "load",
                f"each row must have a value of {target!r}; {len(blanks)} have "
                f"none, the first in lines {lines} of {path}",
            )
        )
    groups = None
    if group is not None:
        groups = np.array(
            columns.pop(_name(header, group, "group")), dtype=object
        )
    names = identifiers(list(columns))
    x = {n: _parse(v)[0] for n, v in zip(names, columns.values(), strict=True)}
    return Raw(path.name.split(".")[0], x, y, groups)


def _read(path):
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            header = [name.strip() for name in next(lines, [])]
            rows = []
            for row in lines:
                if row and len(row) != len(header):
                    raise ValueError(
                        message(
                            "load",
                            f"line {lines.line_num} of {path} must have "
                            f"{len(header)} cells",
                            {"cells": len(row)},
                        )
                    )
                if row:
                    rows.append([cell.strip() for cell in row])
    except UnicodeDecodeError as error:
        raise ValueError(
            message(
                "load", f"{path} must be text in UTF-8", {"byte": error.start}
            )
        ) from error
    if not rows:
        raise ValueError(message("load", f"{path} must have a header and rows"))
    return header, rows


def _name(header, wanted, argument):
    if isinstance(wanted, int) and -len(header) <= wanted < len(header):
        return header[wanted]
    return one_of("load", argument, wanted, header)


def _parse(cells):
    """Numbers with NaN for what is missing, or texts with ""."""
    blank = np.array([cell in MISSING for cell in cells])
    try:
        numbers = [
            np.nan if b else float(c) for c, b in zip(cells, blank, strict=True)
        ]
        values = np.array(numbers, "float32")
        exact = np.array(numbers, "float64")
        # A label or code with more digits than float32 holds stays exact.
        values = exact if (values != exact)[~blank].any() else values
    except ValueError:
        texts = ["" if b else c for c, b in zip(cells, blank, strict=True)]
        values = np.array(texts, dtype=object)
    return values, np.flatnonzero(blank)
