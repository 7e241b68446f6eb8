"""Sentences of tokens and tags: a token a line, a blank line between."""

import pathlib

import numpy as np

from kerasgen.core import message
from kerasgen.data.lines import read_lines
from kerasgen.data.raw import Raw

SUFFIXES = (".conll", ".conllu", ".conll03", ".bio", ".iob", ".iob2")


def from_conll(path, tokens=None, tags=None, group=None):
    """Reads a file of the CoNLL family.

    Cells are divided by tabs where a line has some, and by blanks otherwise.
    Lines that start with `# ` are comments, and lines of `-DOCSTART-` belong
    to no sentence.

    Args:
        path: path of a file, or of one with .gz after it.
        tokens: int, the column of the tokens, from 0; None takes the first,
            or the second of a .conllu file.
        tags: int, the column of the tags; None takes the last, or UPOS of a
            .conllu file.
        group: str, the key of comments such as `# genre = email`, whose
            value holds until the next; equals stay in one split.

    Returns:
        Raw of lists of tokens and lists of tags.

    Raises:
        ValueError: for a line that lacks a column, a file without sentences,
            or a group that no comment tells.

    Example:
        >>> import tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "a.conll")
        >>> _ = path.write_text("EU B-ORG\\nrejects O\\n\\nPeter B-PER\\n")
        >>> from_conll(path).x
        [['EU', 'rejects'], ['Peter']]
    """
    path = pathlib.Path(path)
    universal = ".conllu" in path.suffixes
    first = (1 if universal else 0) if tokens is None else tokens
    last = (3 if universal else -1) if tags is None else tags
    sentences, groups, current, words = [], [], None, []

    def finish():
        if words:
            sentences.append(list(words))
            groups.append(current)
            words.clear()

    for number, line in enumerate(read_lines(path), 1):
        if not line.strip():
            finish()
            continue
        cells = line.split("\t") if "\t" in line else line.split()
        if not words and line.startswith("# "):
            key, _, value = line[1:].partition("=")
            if group is not None and key.strip() == group:
                finish()
                current = value.strip()
            continue
        if cells[0] == "-DOCSTART-":
            continue
        # Parts of contracted words, and words that aren't written.
        if universal and not cells[0].isdigit():
            continue
        words.append(_pair(cells, first, last, path, number))
    finish()
    _check(path, sentences, groups, group)
    raw = Raw(
        path.name.split(".")[0],
        [[word for word, _ in sentence] for sentence in sentences],
        [[tag for _, tag in sentence] for sentence in sentences],
        kind="tokens",
        target="tags",
    )
    if group is not None:
        raw.group = np.array(groups, dtype=object)
    return raw


def _pair(cells, first, last, path, number):
    for name, place in (("tokens", first), ("tags", last)):
        if not -len(cells) <= place < len(cells) or len(cells) < 2:
            raise ValueError(
                message(
                    "load",
                    f"line {number} of {path} must have the column of {name}",
                    {name: place, "cells": len(cells)},
                )
            )
    return cells[first], cells[last]


def _check(path, sentences, groups, group):
    if not sentences:
        raise ValueError(message("load", f"{path} must have sentences"))
    if group is not None and None in groups:
        raise ValueError(
            message(
                "load",
                f"each sentence of {path} must have a comment before it that "
                f"tells its {group!r}",
                {"sentence": groups.index(None)},
                f"Write a line `# {group} = VALUE`.",
            )
        )
