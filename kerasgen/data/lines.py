"""Texts in files: TSV, CSV and JSON lines, and parallel corpora."""

import csv
import gzip
import json
import pathlib
import zlib

import numpy as np

from kerasgen.core import message, one_of
from kerasgen.data.raw import Raw
from kerasgen.data.rows import Spool

TEXTS = ("text", "sentence", "review", "content", "document", "message")
LABELS = ("label", "target", "class", "category", "sentiment", "y")
SUFFIXES = (".tsv", ".csv", ".jsonl", ".txt")


def read_lines(path):
    """Reads the lines of a text file, packed or not, one at a time.

    Args:
        path: path of a file in UTF-8, or of one with .gz after it.

    Yields:
        str, without its line break.

    Raises:
        ValueError: for a line that isn't UTF-8, or a damaged file.

    Example:
        >>> import tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "a.txt")
        >>> _ = path.write_text("one\\ntwo\\n")
        >>> list(read_lines(path))
        ['one', 'two']
    """
    path = pathlib.Path(path)
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as file:
            for number, line in enumerate(file, 1):
                if number == 1:
                    line = line.removeprefix(b"\xef\xbb\xbf")
                try:
                    yield line.rstrip(b"\r\n").decode("utf-8")
                except UnicodeDecodeError as error:
                    raise ValueError(
                        message(
                            "load",
                            f"line {number} of {path} must be UTF-8",
                            {"byte": error.start},
                            "Save the file in UTF-8.",
                        )
                    ) from error
    except (EOFError, OSError, zlib.error) as error:
        raise ValueError(
            message("load", f"{path} must be a sound file ({error})")
        ) from error


def from_texts(
    path,
    *,
    text=None,
    target=None,
    group=None,
    pairs=False,
    columns=None,
    cache=None,
):
    """Reads texts and their labels, a line for each.

    Args:
        path: path of a .tsv, .csv or .jsonl file, or of one with .gz after
            it.
        text: str, the column of the texts, or int, its place; None takes the
            one that is named so.
        target: str or int, the column of the labels, or of the other texts
            where `pairs`.
        group: str or int, the column of what must not be torn apart.
        pairs: bool, whether the target is a text.
        columns: list of str, the names of the columns of a file without a
            header line, or None.
        cache: path of a folder for texts that don't fit in memory, or None
            for a temporary one.

    Returns:
        Raw.

    Raises:
        ValueError: for a column that isn't there, a line of another length,
            an empty text, or text that isn't UTF-8.

    Example:
        >>> import tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "a.tsv")
        >>> _ = path.write_text("label\\ttext\\nham\\thi\\nspam\\tbuy\\n")
        >>> from_texts(path).x.tolist()
        ['hi', 'buy']
    """
    path = pathlib.Path(path)
    header, rows = _table(path, columns)
    places = {
        "text": _place(header, text, "text", TEXTS, path),
        "target": _place(header, target, "target", LABELS, path),
    }
    if group is not None:
        places["group"] = _place(header, group, "group", (), path)
    kept = {name: Spool(folder=cache) for name in places}
    for line, row in rows:
        for name, column in places.items():
            cell = row[column]
            if not cell.strip():
                raise ValueError(
                    message(
                        "load",
                        f"line {line} of {path} must have a {name}",
                        {"column": header[column]},
                    )
                )
            kept[name].add(cell)
    if not kept["text"].count:
        raise ValueError(message("load", f"{path} must have lines of text"))
    found = {name: spool.close() for name, spool in kept.items()}
    y = found["target"]
    if not pairs:
        y = _numbers(np.asarray(y, dtype=object))
    raw = Raw(path.name.split(".")[0], found["text"], y, kind="text")
    raw.target = "text" if pairs else None
    if "group" in found:
        raw.group = np.asarray(found["group"], dtype=object)
    return raw


def _numbers(values):
    """Labels as JSON and CSV write them: numbers where all are."""
    try:
        return np.array([float(value) for value in values])
    except ValueError:
        return values


def from_parallel(first, second, cache=None):
    """Reads two files whose lines belong together.

    Args:
        first: path of the texts that are given.
        second: path of the texts that are wanted.
        cache: path of a folder for texts that don't fit in memory, or None.

    Returns:
        Raw whose target is a text.

    Raises:
        ValueError: for files of different lengths, or an empty line in one of
            them.
    """
    spools = Spool(folder=cache), Spool(folder=cache)
    lines = read_lines(first), read_lines(second)
    number = 0
    while True:
        pair = next(lines[0], None), next(lines[1], None)
        if pair == (None, None):
            break
        number += 1
        if None in pair:
            short = (first, second)[pair.index(None)]
            raise ValueError(
                message(
                    "load",
                    f"{first} and {second} must have equally many lines; "
                    f"{short} ends first",
                    {"line": number},
                )
            )
        if not pair[0].strip() and not pair[1].strip():
            continue
        for path, text in zip((first, second), pair, strict=True):
            if not text.strip():
                raise ValueError(
                    message(
                        "load", f"line {number} of {path} must not be empty"
                    )
                )
        for spool, text in zip(spools, pair, strict=True):
            spool.add(text)
    if not spools[0].count:
        raise ValueError(message("load", f"{first} must have lines of text"))
    name = pathlib.Path(first).name.split(".")[0]
    x, y = (spool.close() for spool in spools)
    return Raw(name, x, y, kind="text", target="text")


def _table(path, columns):
    """The names of the columns, and pairs of a line's number and its cells."""
    kind = _kind(path)
    if kind == ".jsonl":
        return _json(path)
    lines = read_lines(path)
    if kind == ".csv":
        reader = csv.reader(line + "\n" for line in lines)
    else:
        # A quote in a text is a quote.
        reader = csv.reader(
            lines, delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None
        )
    header = columns or [name.strip() for name in next(reader, [])]

    def rows():
        try:
            for row in reader:
                if not row:
                    continue
                if len(row) != len(header):
                    raise ValueError(
                        message(
                            "load",
                            f"line {reader.line_num} of {path} must have "
                            f"{len(header)} cells",
                            {"cells": len(row)},
                        )
                    )
                yield reader.line_num, row
        except csv.Error as error:
            raise ValueError(
                message("load", f"{path} must be sound ({error})")
            ) from error

    return list(header), rows()


def _json(path):
    lines = enumerate(read_lines(path), 1)
    first = next((item for item in lines if item[1].strip()), None)
    if first is None:
        raise ValueError(message("load", f"{path} must have lines of text"))
    header = list(_object(*first, path))

    def rows():
        yield first[0], _cells(*first, header, path)
        for number, line in lines:
            if line.strip():
                yield number, _cells(number, line, header, path)

    return header, rows()


def _object(number, line, path):
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(
            message(
                "load", f"line {number} of {path} must be JSON ({error.msg})"
            )
        ) from error
    if not isinstance(found, dict):
        raise ValueError(
            message("load", f"line {number} of {path} must be a JSON object")
        )
    return found


def _cells(number, line, header, path):
    found = _object(number, line, path)
    lacking = [name for name in header if name not in found]
    if lacking:
        raise ValueError(
            message(
                "load",
                f"line {number} of {path} must have the keys of the first",
                {"without": lacking},
            )
        )
    return ["" if found[n] is None else str(found[n]) for n in header]


def _kind(path):
    suffixes = [s.lower() for s in path.suffixes if s.lower() != ".gz"]
    return suffixes[-1] if suffixes else ""


def _place(header, wanted, argument, known, path):
    if isinstance(wanted, int) and -len(header) <= wanted < len(header):
        return wanted % len(header)
    if wanted is not None:
        return header.index(one_of("load", argument, wanted, header))
    found = [i for i, name in enumerate(header) if name.lower() in known]
    if len(found) == 1:
        return found[0]
    raise ValueError(
        message(
            "load",
            f"`{argument}` must name a column of {path}",
            {"columns": header},
            f"Pass {argument}=.",
        )
    )
