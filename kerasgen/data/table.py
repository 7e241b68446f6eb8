"""Tables in files: CSV, TSV and Parquet."""

import array
import csv
import gzip
import pathlib
import zlib

import numpy as np

from kerasgen.core import message, one_of
from kerasgen.core.check import need
from kerasgen.data.raw import Raw, absent, identifiers, text

MISSING = ("", "?", "NA", "N/A", "na", "n/a", "NaN", "nan", "null", "None")
_BLANK = frozenset(MISSING)


def from_csv(
    path, target=None, group=None, *, weight=None, columns=None, like=None
):
    """Reads a CSV or TSV file with a header line, twice: kinds, then values.

    A column is a number where each cell that isn't missing is one, and a
    category otherwise. Numbers are held as numbers, and each category once.

    Args:
        path: path of a .csv, .tsv or .data file, or of one with .gz after it.
        target: str, the column to predict, or int, its place; a list of them
            for several outputs; None takes the last one.
        group: str, the column whose equals must not be torn apart by splits;
            it is no input.
        weight: str, the column of the examples' weights; it is no input.
        columns: list of str, the names of the columns of a file without a
            header line, or None.
        like: Raw of the train set, whose columns and kinds a test set has.

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
    try:
        header, cells, lines = _columns(path, columns, like)
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
    if not lines:
        raise ValueError(message("load", f"{path} must have a header and rows"))
    return from_columns(
        header,
        cells,
        path.name.split(".")[0],
        target,
        group,
        weight,
        path,
        lambda row: lines[row],
    )


def from_parquet(path, target=None, group=None, *, weight=None, like=None):
    """Reads a Parquet file, a batch of rows at a time.

    Args:
        path: path of a .parquet file.
        target: str, the column to predict, or int, its place; a list of them
            for several outputs; None takes the last one.
        group: str, the column whose equals must not be torn apart by splits.
        weight: str, the column of the examples' weights.
        like: Raw of the train set, whose columns a test set has.

    Returns:
        Raw.

    Raises:
        ImportError: where `pyarrow` isn't installed.
        ValueError: for a damaged file, or a column that isn't there or holds
            neither numbers nor texts.
    """
    path = pathlib.Path(path)
    arrow = need("pyarrow.parquet", "parquet")
    try:
        file = arrow.ParquetFile(path)
        header = list(file.schema_arrow.names)
        parts = {name: [] for name in header}
        for batch in file.iter_batches(65536):
            for name in header:
                parts[name].append(_arrow(batch.column(name), name, path))
    except (OSError, EOFError, need("pyarrow", "parquet").ArrowException) as e:
        raise ValueError(
            message("load", f"{path} must be a sound Parquet file ({e})")
        ) from e
    if not file.metadata.num_rows:
        raise ValueError(message("load", f"{path} must have rows"))
    cells = [_together(parts[name]) for name in header]
    return from_columns(header, cells, path.stem, target, group, weight, path)


def _arrow(column, name, path):
    try:
        values = column.to_numpy(zero_copy_only=False)
    except (ValueError, TypeError):
        values = np.array(column.to_pylist(), dtype=object)
    if values.dtype.kind in "biuf":
        return values.astype("float64")
    if values.dtype.kind in "mM":
        values = values.astype(str)
    cells = [None if absent(v) else v for v in values.tolist()]
    odd = next((v for v in cells if isinstance(v, (list, dict))), None)
    if odd is not None or np.ndim(values) != 1:
        raise ValueError(
            message(
                "load",
                f"column {name!r} of {path} must hold numbers or texts",
                {"cell": odd},
            )
        )
    real = (bool, int, float)
    if cells and all(c is None or isinstance(c, real) for c in cells):
        return np.array([np.nan if c is None else c for c in cells], "float64")
    seen = {}
    texts = ["" if c is None else text(c) for c in cells]
    return np.array([seen.setdefault(t, t) for t in texts], dtype=object)


def _together(parts):
    if len({part.dtype.kind for part in parts}) == 1:
        return np.concatenate(parts)
    # A batch of nothing but gaps has no kind of its own.
    texts = [
        np.full(len(p), "", dtype=object)
        if p.dtype.kind == "f" and np.isnan(p).all()
        else p.astype(object)
        for p in parts
    ]
    return np.concatenate(texts)


def from_columns(
    header, cells, name, target, group=None, weight=None, path=None, line=None
):
    """Makes inputs, labels, groups and weights of columns.

    Args:
        header: list of str, the columns' names.
        cells: list of array (n,), float64 with NaN or texts with "" for what
            is missing.
        name: str, of the data.
        target: str, int, list of them, or None for the last column.
        group: str or int, or None.
        weight: str or int, or None.
        path: path, for messages, or None.
        line: callable from a row to its line in the file, or None.

    Returns:
        Raw.

    Raises:
        ValueError: for a column that isn't there, is asked for twice, or has
            gaps where it is the target.

    Example:
        >>> cells = [np.array([1.0, 2.0]), np.array(["a", "b"], object)]
        >>> from_columns(["n", "y"], cells, "a", "y").y.tolist()
        ['a', 'b']
    """
    several = isinstance(target, (list, tuple))
    wanted = target if several else [target]
    chosen = [
        _place(header, len(header) - 1 if each is None else each, "target")
        for each in wanted
    ]
    used = {index: "target" for index in chosen}
    owners = {}
    for argument, column in (("group", group), ("weight", weight)):
        if column is None:
            continue
        owner = owners[argument] = _place(header, column, argument)
        if owner in used:
            raise ValueError(
                message(
                    "load",
                    f"`{argument}` and `{used[owner]}` must be different "
                    "columns",
                    {argument: header[owner]},
                )
            )
        used[owner] = argument
    for index in [*chosen, *owners.values()]:
        _check_gaps(header[index], cells[index], path, line)
    inputs = [i for i in range(len(header)) if i not in used]
    if not inputs:
        raise ValueError(
            message(
                "load",
                f"{path or name} must have a column besides target and group",
                {"columns": header},
            )
        )
    names = identifiers([header[i] for i in inputs])
    x = {n: _input(cells[i]) for n, i in zip(names, inputs, strict=True)}
    y = {header[i]: cells[i] for i in chosen} if several else cells[chosen[0]]
    raw = Raw(name, x, y, target="classes" if several else None)
    if "group" in owners:
        raw.group = np.array(
            [_plain(value) for value in cells[owners["group"]]], dtype=object
        )
    if "weight" in owners:
        raw.weight = cells[owners["weight"]]
    return raw


def _plain(value):
    whole = isinstance(value, float) and value == int(value)
    return str(int(value)) if whole else str(value)


def _check_gaps(name, cells, path, line):
    blank = np.isnan(cells) if cells.dtype.kind == "f" else cells == ""
    rows = np.flatnonzero(blank)
    if len(rows):
        lines = ", ".join(str(line(r) if line else r) for r in rows[:5])
        raise ValueError(
            message(
                "load",
                f"each row must have a value of {name!r}; {len(rows)} have "
                f"none, the first in {'lines' if line else 'rows'} {lines} of "
                f"{path or 'the table'}",
            )
        )


def _columns(path, names, like):
    """The columns' names and values, and the line of each row."""
    known = {}
    if like is not None and isinstance(like.x, dict):
        known = {k: v.dtype.kind == "f" for k, v in like.x.items()}
    header, rows = _rows(path, names)
    plain = dict(zip(range(len(header)), identifiers(header), strict=True))
    number = [known.get(plain[i], True) for i in range(len(header))]
    lines = array.array("q")
    for place, row in rows:
        lines.append(place)
        for index, cell in enumerate(row):
            if not number[index] or cell in _BLANK or _is_number(cell):
                continue
            if known.get(plain[index]):
                raise ValueError(
                    message(
                        "load",
                        f"column {header[index]!r} of {path} must hold "
                        "numbers, as in the train set",
                        {"line": place, "cell": cell},
                    )
                )
            number[index] = False
    held = [array.array("d") if kind else [] for kind in number]
    seen = {}
    for _, row in _rows(path, names)[1]:
        for index, cell in enumerate(row):
            blank = cell in _BLANK
            if number[index]:
                # Exact: a label may have more digits than float32 holds.
                held[index].append(np.nan if blank else float(cell))
            else:
                cell = "" if blank else cell
                held[index].append(seen.setdefault(cell, cell))
    cells = [
        np.frombuffer(values, "float64")
        if kind and len(values)
        else np.array(values, dtype="float64" if kind else object)
        for values, kind in zip(held, number, strict=True)
    ]
    return header, cells, lines


def _is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _rows(path, names):
    """The header, and an iterator of each row with its line."""
    tabs = {".tsv", ".data"} & set(pathlib.Path(path.name.lower()).suffixes)
    opener = gzip.open if path.suffix == ".gz" else open

    def read():
        with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, delimiter="\t" if tabs else ",")
            header = names
            if header is None:
                header = [name.strip() for name in next(lines, [])]
            yield list(header)
            for row in lines:
                if row:
                    _check_length(row, header, lines.line_num, path)
                    yield lines.line_num, [cell.strip() for cell in row]

    rows = read()
    header = next(rows)
    if len(header) == 1 and names is None and not tabs:
        if any(mark in header[0] for mark in ";\t|"):
            raise ValueError(
                message(
                    "load",
                    f"{path} must have commas between its cells",
                    {"header": header[0]},
                )
            )
    return header, rows


def _check_length(row, header, line, path):
    if len(row) != len(header):
        raise ValueError(
            message(
                "load",
                f"line {line} of {path} must have {len(header)} cells",
                {"cells": len(row)},
            )
        )


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


def _input(values):
    if values.dtype.kind != "f":
        return values
    with np.errstate(over="ignore"):
        return values.astype("float32")
