"""Examples: one split, in memory or in files."""

import dataclasses
import os
from collections.abc import Mapping

import numpy as np

from kerasgen.core import message
from kerasgen.data.rows import Rows

_CHUNK = 4096


@dataclasses.dataclass(frozen=True, eq=False)
class Examples:
    """One split: raw inputs, labels, and what belongs to each example.

    Args:
        x: array (n, ...), Rows on the disk, array (n,) or (n, frames) of
            file paths, or dict of column name to array (n,).
        y: int64 array (n,) of classes, float32 array (n,) of numbers, masks
            (n, height, width), tags (n, time) padded with -1, texts (n,), a
            dict of several outputs, or None for unlabeled examples.
        ids: int64 array (n,), each example's place in its source.
        group: str array (n,), or None.
        weight: float32 array (n,), or None.
        files: bool, whether `x` holds paths of files.
        stamps: int64 array (n, 2), size and time of change of each file when
            it was looked at, or None.

    Example:
        >>> split = Examples(np.zeros((3, 2, 2, 1)), np.arange(3), np.arange(3))
        >>> len(split.take([0, 2]))
        2
    """

    x: object
    y: object
    ids: np.ndarray
    group: np.ndarray = None
    weight: np.ndarray = None
    files: bool = False
    stamps: np.ndarray = None

    def __len__(self):
        return len(self.ids)

    def take(self, places):
        """Picks examples.

        Args:
            places: int array of places in this split.

        Returns:
            Examples.
        """
        places = np.asarray(places, "int64")
        values = {
            name: map_values(lambda v: v[places], getattr(self, name))
            for name in _ROWS
        }
        return dataclasses.replace(self, **values)


_ROWS = ("x", "y", "ids", "group", "weight", "stamps")


def map_values(function, values):
    """Puts a function on an array, on each of a dict, or on nothing.

    Args:
        function: callable of an array.
        values: array, mapping of name to array, or None.

    Returns:
        What came back, in the same structure.

    Example:
        >>> map_values(len, {"a": [1, 2], "b": None})
        {'a': 2, 'b': None}
    """
    if values is None:
        return None
    if isinstance(values, Mapping):
        return {k: map_values(function, v) for k, v in values.items()}
    return function(values)


def _glue(parts):
    if parts[0] is None:
        return None
    if isinstance(parts[0], Mapping):
        return {name: _glue([p[name] for p in parts]) for name in parts[0]}
    if all(isinstance(part, Rows) for part in parts):
        if all(part.base is parts[0].base for part in parts):
            places = [part.places for part in parts]
            return Rows(parts[0].base, np.concatenate(places))
    return np.concatenate([np.asarray(part) for part in parts])


def join(parts):
    """Puts splits together, in their order in the source.

    Args:
        parts: list of Examples.

    Returns:
        Examples.

    Raises:
        ValueError: where some splits have weights and others none.

    Example:
        >>> one = Examples(np.zeros((2, 1)), np.arange(2), np.arange(2))
        >>> len(join([one, one]))
        4
    """
    if len({part.weight is None for part in parts}) > 1:
        raise ValueError(
            message(
                "join",
                "all splits must have weights, or none",
                {"weights": [part.weight is not None for part in parts]},
                "Cut unweighted data, and weigh each part's train split.",
            )
        )
    values = {
        name: _glue([getattr(part, name) for part in parts]) for name in _ROWS
    }
    whole = dataclasses.replace(parts[0], **values)
    return whole.take(np.argsort(whole.ids, kind="stable"))


def distinct(examples):
    """Leaves out what stands in a split more than once.

    Args:
        examples: Examples.

    Returns:
        Examples, one of each id, in the order they had.

    Example:
        >>> one = Examples(np.zeros((2, 1)), np.arange(2), np.arange(2))
        >>> len(distinct(one.take([0, 1, 0])))
        2
    """
    first = np.unique(examples.ids, return_index=True)[1]
    if len(first) == len(examples.ids):
        return examples
    return examples.take(np.sort(first))


def digest_examples(digest, split):
    """Feeds a split to a hash; files count by name and size.

    Args:
        digest: a `hashlib` object.
        split: Examples.

    Example:
        >>> import hashlib
        >>> digest = hashlib.sha256()
        >>> x = np.zeros((2, 1))
        >>> digest_examples(digest, Examples(x, np.arange(2), np.arange(2)))
    """
    digest.update(np.ascontiguousarray(split.ids, "int64").tobytes())
    _digest(digest, "y", split.y)
    if split.group is not None:
        digest.update("\0".join(map(str, split.group)).encode())
    if split.weight is not None:
        _digest(digest, "weight", split.weight)
    if split.files:
        for path in np.ravel(split.x):
            size = os.path.getsize(path)
            digest.update(f"{os.path.basename(path)}:{size};".encode())
        return
    columns = split.x if isinstance(split.x, Mapping) else {"x": split.x}
    for name, values in columns.items():
        digest.update(f"{name}{values.shape}{values.dtype.kind}".encode())
        _digest(digest, name, values)


def _digest(digest, name, values):
    if values is None:
        return
    if isinstance(values, Mapping):
        for key, each in values.items():
            digest.update(f"{name}/{key}".encode())
            _digest(digest, key, each)
        return
    for start in range(0, len(values), _CHUNK):
        part = np.asarray(values[start : start + _CHUNK])
        if part.dtype.kind in "OSU":
            digest.update("\0".join(map(str, part.ravel())).encode())
        else:
            digest.update(np.ascontiguousarray(part).tobytes())
