"""Examples: one split, in memory or in files."""

import dataclasses
import os
from collections.abc import Mapping

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Examples:
    """One split: raw inputs, labels, and what belongs to each example.

    Args:
        x: array (n, height, width, channels), array (n,) of file paths, or
            dict of column name to array (n,).
        y: int64 array (n,) of classes, or float32 array (n,).
        ids: int64 array (n,), each example's place in its source.
        group: str array (n,), or None.
        weight: float32 array (n,), or None.

    Example:
        >>> split = Examples(np.zeros((3, 2, 2, 1)), np.arange(3), np.arange(3))
        >>> len(split.take([0, 2]))
        2
    """

    x: object
    y: np.ndarray
    ids: np.ndarray
    group: np.ndarray = None
    weight: np.ndarray = None

    def __len__(self):
        return len(self.y)

    @property
    def files(self):
        """bool, whether `x` holds paths of files."""
        return not isinstance(self.x, Mapping) and self.x.dtype.kind in "OSU"

    def take(self, places):
        """Picks examples.

        Args:
            places: int array of places in this split.

        Returns:
            Examples.
        """
        places = np.asarray(places, "int64")

        def pick(values):
            return None if values is None else values[places]

        x = self.x
        x = (
            {k: v[places] for k, v in x.items()}
            if isinstance(x, Mapping)
            else x[places]
        )
        return Examples(
            x, *map(pick, (self.y, self.ids, self.group, self.weight))
        )


def join(parts):
    """Puts splits together, in their order in the source.

    Args:
        parts: list of Examples.

    Returns:
        Examples.

    Example:
        >>> one = Examples(np.zeros((2, 1)), np.arange(2), np.arange(2))
        >>> len(join([one, one]))
        4
    """

    def glue(values):
        return None if values[0] is None else np.concatenate(values)

    x = parts[0].x
    if isinstance(x, Mapping):
        x = {name: np.concatenate([p.x[name] for p in parts]) for name in x}
    else:
        x = np.concatenate([p.x for p in parts])
    names = ("y", "ids", "group", "weight")
    rest = [glue([getattr(part, name) for part in parts]) for name in names]
    whole = Examples(x, *rest)
    return whole.take(np.argsort(whole.ids, kind="stable"))


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
    digest.update(np.ascontiguousarray(split.y).tobytes())
    if split.group is not None:
        digest.update("\0".join(map(str, split.group)).encode())
    if split.weight is not None:
        digest.update(np.ascontiguousarray(split.weight).tobytes())
    if split.files:
        for path in split.x:
            size = os.path.getsize(path)
            digest.update(f"{os.path.basename(path)}:{size};".encode())
        return
    columns = split.x if isinstance(split.x, Mapping) else {"x": split.x}
    for name, values in columns.items():
        digest.update(f"{name}{values.shape}{values.dtype.kind}".encode())
        if values.dtype.kind in "OSU":
            digest.update("\0".join(map(str, values)).encode())
        else:
            digest.update(np.ascontiguousarray(values).tobytes())
