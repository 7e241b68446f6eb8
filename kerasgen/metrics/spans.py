"""Spans that tags tell of: entities, and how many were found."""

import numpy as np
from keras import ops

from kerasgen.core import one_of

SCHEMES = ("none", "loose", "BIO", "IOB1", "BIOES")
# Outside, and the four places in a span.
_OUT, _BEGIN, _IN, _END, _SINGLE = range(5)
_PLACES = {"O": _OUT, "B": _BEGIN, "I": _IN, "E": _END, "S": _SINGLE}


def places_and_types(labels):
    """Splits the names of tags such as "B-PER".

    Args:
        labels: list of str; the place is the first letter, and the rest the
            type.

    Returns:
        two int arrays (tags,): places (0 outside, 1 begin, 2 inside, 3 end,
        4 single) and types (-1 outside).

    Example:
        >>> places_and_types(["O", "B-PER", "I-PER"])[1].tolist()
        [-1, 0, 0]
    """
    places, types, known = [], [], {}
    for label in labels:
        place, _, kind = str(label).partition("-")
        place = _PLACES.get(place, _OUT)
        places.append(place)
        types.append(known.setdefault(kind, len(known)) if place else -1)
    return np.array(places), np.array(types)


def span_edges(tags, labels):
    """Finds where spans start and where they end.

    A span starts at B or S, after another type or none, and after E or S; so
    tags of every scheme are read, and those that break it.

    Args:
        tags: whole numbers (n, time) of labels; -1 is padding.
        labels: list of str, the names of the tags.

    Returns:
        bool tensors (n, time) of starts and of ends, and the types, int.

    Source:
        Tjong Kim Sang & Buchholz, CoNLL-2000: their script `conlleval`.

    Example:
        >>> starts, ends, _ = span_edges([[1, 2, 0]], ["O", "B-A", "I-A"])
        >>> starts.numpy().tolist(), ends.numpy().tolist()
        ([[True, False, False]], [[False, True, False]])
    """
    tags = ops.cast(tags, "int32")
    # Padding is outside: as a tag more.
    places, types = places_and_types([*labels, "O"])
    place = ops.take(places.astype("int32"), tags % len(places), axis=0)
    kind = ops.take(types.astype("int32"), tags % len(types), axis=0)
    inside = place != _OUT
    none = ops.zeros_like(place[:, :1])
    before = ops.concatenate([none, place[:, :-1]], 1)
    other = ops.concatenate([none - 1, kind[:, :-1]], 1) != kind
    starts = inside & (
        (place == _BEGIN)
        | (place == _SINGLE)
        | other
        | (before == _END)
        | (before == _SINGLE)
    )
    # A span ends before what starts one, and before what is outside.
    over = starts | ~inside
    over = ops.concatenate([over[:, 1:], ops.equal(none, 0)], 1)
    return starts, inside & over, kind


def read_spans(tags, labels):
    """Lists the spans of sentences.

    Args:
        tags: int array (n, time), numbers of labels; -1 is padding.
        labels: list of str, the names of the tags.

    Returns:
        list of n lists of (type, first step, last step), in order.

    Example:
        >>> read_spans([[1, 2, 0, 1]], ["O", "B-A", "I-A"])
        [[('A', 0, 1), ('A', 3, 3)]]
    """
    return [
        _spans([str(labels[tag]) if tag >= 0 else "O" for tag in row])
        for row in np.asarray(tags).tolist()
    ]


def _spans(tags):
    """The spans of a sentence of names, by the rules of `span_edges`."""
    found, first, before, kept = [], None, _OUT, ""
    for step, tag in enumerate([*tags, "O"]):
        letter, _, kind = tag.partition("-")
        place = _PLACES.get(letter, _OUT)
        fresh = before in (_OUT, _END, _SINGLE) or kind != kept
        starts = place in (_BEGIN, _SINGLE) or (place != _OUT and fresh)
        if first is not None and (starts or place == _OUT):
            found.append((kept, first, step - 1))
            first = None
        if starts:
            first = step
        before, kept = place, kind
    return found


def rewrite_tags(tags, scheme="BIO"):
    """Writes the tags of a sentence in another scheme.

    Args:
        tags: list of str, in any scheme.
        scheme: "BIO", "IOB1" or "BIOES".

    Returns:
        list of str.

    Raises:
        ValueError: for an unknown scheme.

    Source:
        Ramshaw & Marcus, 1995 (IOB1); Ratinov & Roth, 2009, who find that
        BIOES helps.

    Example:
        >>> rewrite_tags(["I-A", "I-A", "B-A", "O"], "BIOES")
        ['B-A', 'E-A', 'S-A', 'O']
    """
    one_of("rewrite_tags", "scheme", scheme, ("BIO", "IOB1", "BIOES"))
    found, before = ["O"] * len(tags), (None, -2)
    for name, first, last in _spans([*map(str, tags)]):
        letters = ["I"] * (last - first + 1)
        if scheme == "BIOES" and first == last:
            letters = ["S"]
        elif scheme == "BIOES":
            letters[0], letters[-1] = "B", "E"
        elif scheme == "BIO" or before == (name, first - 1):
            letters[0] = "B"
        found[first : last + 1] = [f"{letter}-{name}" for letter in letters]
        before = (name, last)
    return found


def forbidden_pairs(labels, scheme):
    """Lists the tags that must not follow each other.

    Args:
        labels: list of str, the names of the tags.
        scheme: "BIO", "IOB1" or "BIOES"; "none" and "loose" forbid nothing.

    Returns:
        list of pairs of int; -1 stands for the start and the end.

    Raises:
        ValueError: for an unknown scheme.

    Example:
        >>> forbidden_pairs(["O", "B-A", "I-A"], "BIO")
        [(0, 2), (-1, 2)]
    """
    one_of("forbidden_pairs", "scheme", scheme, SCHEMES)
    if scheme in ("none", "loose"):
        return []
    places, types = places_and_types(labels)
    inside = [*range(len(labels)), -1]
    place = {i: int(places[i]) for i in inside[:-1]} | {-1: _OUT}
    kind = {i: int(types[i]) for i in inside[:-1]} | {-1: -1}
    return [
        (i, j)
        for i in inside
        for j in inside
        if not _follows(place[i], place[j], kind[i] == kind[j], scheme)
    ]


def _follows(before, place, same, scheme):
    """Whether a place may come after another, of the same type or not."""
    if scheme == "BIO":
        return place != _IN or (before in (_BEGIN, _IN) and same)
    if scheme == "IOB1":
        return place != _BEGIN or (before in (_BEGIN, _IN) and same)
    if before in (_BEGIN, _IN):
        return place in (_IN, _END) and same
    return place in (_OUT, _BEGIN, _SINGLE)


def span_counts(truth, found, labels):
    """Counts spans of each sentence.

    Args:
        truth: int array (n, time), numbers of labels; -1 is padding, where
            what was found doesn't count.
        found: int array (n, time).
        labels: list of str, the names of the tags.

    Returns:
        float32 tensor (n, 3): right ones (place and type), found ones, true
        ones.

    Example:
        >>> labels = ["O", "B-A", "I-A"]
        >>> span_counts([[1, 2, 0]], [[1, 0, 1]], labels).numpy().tolist()
        [[0.0, 2.0, 1.0]]
    """
    truth, found = ops.cast(truth, "int32"), ops.cast(found, "int32")
    found = ops.where(truth < 0, -1, found)
    starts, ends, kind = span_edges(truth, labels)
    other_starts, other_ends, other_kind = span_edges(found, labels)
    right = ends & other_ends & (kind == other_kind)
    right = right & (_began(starts) == _began(other_starts))
    counts = [right, other_starts, starts]
    counts = [ops.sum(ops.cast(each, "float32"), 1) for each in counts]
    return ops.stack(counts, 1)


def _began(starts):
    """The step of the last start up to each step, or -1."""
    place = ops.arange(ops.shape(starts)[1], dtype="int32")
    own = ops.where(starts, place, -1)[:, None, :]
    return ops.max(ops.where(place[:, None] >= place, own, -1), -1)


def f1_of_counts(counts):
    """Makes the F1 score of counts.

    Args:
        counts: float array (n, 3), as `span_counts` gives them.

    Returns:
        float; 0 where nothing is right.

    Example:
        >>> f1_of_counts(np.array([[1.0, 2.0, 1.0], [1.0, 1.0, 2.0]]))
        0.66...
    """
    right, found, true = np.asarray(counts, "float64").sum(0)
    return float(2 * right / (found + true)) if right else 0.0
