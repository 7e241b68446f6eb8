"""Tags: which scheme their names and their order keep."""

import re

import numpy as np

from kerasgen.core import create

_NAME = re.compile(r"([BIES])-(.+)")


def tag_task(labels, y):
    """Makes the task of tags, with the scheme that they keep.

    Args:
        labels: tuple of str, the names of the tags.
        y: int array (n, time), tags of the train set; -1 is padding.

    Returns:
        Tagging; or None for fewer than two tags, which pose no task.

    Example:
        >>> from kerasgen.tasks import Tagging
        >>> tag_task(("O", "B-X", "I-X"), np.array([[0, 1, 2, -1]])).scheme
        'BIO'
    """
    if len(labels) < 2:
        return None
    scheme = tag_scheme(labels, y)
    return create("task", {"name": "tagging"}, labels=labels, scheme=scheme)


def tag_scheme(labels, y):
    """Finds out which scheme tags keep.

    Args:
        labels: tuple of str, the names of the tags.
        y: int array (n, time), tags; -1 is padding.

    Returns:
        "BIO", "IOB1" or "BIOES", the first that all sentences keep; "loose"
        where the names are those of a scheme, and no scheme is kept; "none"
        for other names.

    Example:
        >>> tag_scheme(("O", "B-X", "I-X"), np.array([[0, 2, 2]]))
        'IOB1'
        >>> tag_scheme(("NOUN", "VERB"), np.array([[0, 1]]))
        'none'
    """
    parts = [_NAME.fullmatch(str(label)) for label in labels]
    rest = {str(label) for label in labels if not _NAME.fullmatch(str(label))}
    if rest - {"O"} or not any(parts):
        return "none"
    letters = [part[1] if part else "O" for part in parts]
    kinds = [part[2] if part else "" for part in parts]
    # Padding and the edges are a tag more, outside.
    letters, kinds = np.array([*letters, "O"]), np.array([*kinds, ""])
    y = np.asarray(y)
    edge = np.full((len(y), 1), -1, y.dtype)
    y = np.concatenate([edge, y, edge], 1)
    pairs = np.unique(
        np.stack([y[:, :-1].ravel(), y[:, 1:].ravel()], 1), axis=0
    )
    before, after = letters[pairs[:, 0]], letters[pairs[:, 1]]
    inside = (kinds[pairs[:, 0]] == kinds[pairs[:, 1]]) & np.isin(
        before, ("B", "I")
    )
    if not set("ES") & set(letters):
        if inside[after == "I"].all():
            return "BIO"
        return "IOB1" if inside[after == "B"].all() else "loose"
    going = np.isin(before, ("B", "I"))
    fits = np.where(
        going, np.isin(after, ("I", "E")) & inside, ~np.isin(after, ("I", "E"))
    )
    return "BIOES" if fits.all() else "loose"
