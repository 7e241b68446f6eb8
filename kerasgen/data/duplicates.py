"""Duplicates: equal examples, found by a hash of what they are."""

import hashlib
import os
from collections.abc import Mapping

import numpy as np

_CHUNK, _BLOCK, _SHOWN = 1024, 2**20, 3


def find_duplicates(data):
    """Finds examples that are there more than once, bit for bit.

    Labels don't count. 16 bytes for each example are held in memory. Of files,
    only those that share their size with others are read. Users who come again
    for another item are no duplicates: where items are the target there are
    none.

    Args:
        data: Data.

    Returns:
        dict of `(split,)` to what is there more than once in it, and of
        `(split, other)` to what is in both: pairs of the number of examples
        (of the first split) and up to three pairs of ids, or of names of
        files.

    Raises:
        OSError: for a file that is gone.

    Example:
        >>> import kerasgen as kg
        >>> x, y = kg.data.synthetic.images(60)
        >>> x[7] = x[0]
        >>> data = kg.data.load((x, y))
        >>> sum(count for count, _ in find_duplicates(data).values())
        1
    """
    if data.schema.target == "item":
        return {}
    names = list(data.splits)
    marks = _marks([data.splits[name] for name in names])
    split = np.repeat(np.arange(len(names)), [len(m) for m in marks])
    place = np.concatenate([np.arange(len(m)) for m in marks])
    whole = np.concatenate(marks)
    order = np.argsort(whole, kind="stable")
    whole, split, place = whole[order], split[order], place[order]
    new = np.ones(len(whole), bool)
    new[1:] = whole[1:] != whole[:-1]
    starts = np.flatnonzero(new)
    ends = np.append(starts[1:], len(whole))
    found = {}
    several = ends - starts > 1
    for start, end in zip(starts[several], ends[several], strict=True):
        _note(found, names, split[start:end], place[start:end])
    return {
        pair: (count, [_tell(data, pair, each) for each in examples])
        for pair, (count, examples) in sorted(found.items())
    }


def _note(found, names, split, place):
    """One bunch of equal examples: how many, within and between splits."""
    inside = {int(s): place[split == s] for s in np.unique(split)}
    for one, members in inside.items():
        pairs = [((names[one],), len(members) - 1, members[:2])]
        pairs += [
            ((names[one], names[two]), len(members), (members[0], others[0]))
            for two, others in inside.items()
            if two > one
        ]
        for key, count, example in pairs:
            if count:
                total, shown = found.get(key, (0, []))
                if len(shown) < _SHOWN:
                    shown = [*shown, tuple(int(p) for p in example)]
                found[key] = total + count, shown


def _tell(data, pair, places):
    told = []
    for name, place in zip((pair * 2)[:2], places, strict=True):
        split = data.splits[name]
        if split.files:
            told.append(str(np.ravel(split.x[place])[0]))
        else:
            told.append(int(split.ids[place]))
    return tuple(told)


def _marks(splits):
    """A mark of 16 bytes for each example of each split."""
    shared = _shared_sizes(splits)
    return [
        _of_files(split, shared) if split.files else _of_arrays(split.x)
        for split in splits
    ]


def _shared_sizes(splits):
    seen = {}
    for split in splits:
        if split.files:
            for size in _sizes(split):
                seen[size] = seen.get(size, 0) + 1
    return {size for size, count in seen.items() if count > 1}


def _sizes(split):
    """The sizes of each example's files, one after another."""
    if split.stamps is not None:
        sizes = split.stamps[..., 0].reshape(len(split), -1)
        return [tuple(row) for row in sizes.tolist()]
    return [
        tuple(os.path.getsize(path) for path in np.ravel(paths))
        for paths in split.x
    ]


def _of_files(split, shared):
    found = np.empty(len(split), "S16")
    for index, size in enumerate(_sizes(split)):
        digest = hashlib.blake2b(digest_size=16)
        if size in shared:
            for path in np.ravel(split.x[index]):
                with open(path, "rb") as file:
                    while block := file.read(_BLOCK):
                        digest.update(block)
        else:
            # No other has this size, so its own name is enough.
            digest.update(str(split.x[index]).encode())
        found[index] = digest.digest()
    return found.view("V16").astype("V16")


def _of_arrays(x):
    n = len(next(iter(x.values()))) if isinstance(x, Mapping) else len(x)
    found = np.empty(n, "V16")
    for start in range(0, n, _CHUNK):
        part = slice(start, min(n, start + _CHUNK))
        for index, row in enumerate(_rows(x, part), start):
            mark = hashlib.blake2b(row, digest_size=16).digest()
            found[index] = np.void(mark)
    return found


def _rows(x, part):
    """The bytes of each example."""
    if not isinstance(x, Mapping):
        values = x[part]
        values = np.asarray(values)
        if values.dtype.kind in "OSU":
            flat = values.reshape(len(values), -1)
            return ["\0".join(map(str, row)).encode() for row in flat]
        return [row.tobytes() for row in _plain(values)]
    numbers, texts = [], []
    for values in x.values():
        values = values[part]
        values = np.asarray(values)
        (texts if values.dtype.kind in "OSU" else numbers).append(values)
    rows = [b""] * (part.stop - part.start)
    if numbers:
        rows = [row.tobytes() for row in _plain(np.stack(numbers, 1))]
    for index, row in enumerate(zip(*texts, strict=True) if texts else ()):
        rows[index] += "\0".join(map(str, row)).encode()
    return rows


def _plain(values):
    """One zero and one NaN, so that equal cells have equal bytes."""
    if values.dtype.kind != "f":
        return np.ascontiguousarray(values)
    values = values + np.zeros((), values.dtype)
    values[np.isnan(values)] = np.nan
    return values
