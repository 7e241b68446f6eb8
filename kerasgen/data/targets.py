"""Targets: what is asked of each example, checked and in whole numbers."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from kerasgen.core import create, message, parts
from kerasgen.data.labels import find_task
from kerasgen.data.ratings import find_rating
from kerasgen.data.raw import check_lengths
from kerasgen.data.rows import Rows
from kerasgen.data.tags import tag_task

VOID = 255
# The tasks of targets that pose one by themselves.
_TASKS = {"mask": "segmentation"}


def find_target(raw, wanted=None, labels=None):
    """Finds out what is asked, and brings labels to their form in place.

    Args:
        raw: Raw; its `y`, and those of its test sets, are replaced.
        wanted: "classification", "regression", a Task, the name or the
            description of one, or None to find it out.
        labels: tuple of str, the names of the classes or tags in their order,
            or None.

    Returns:
        Task or None, the target as in Schema, and the labels that no task
        holds.

    Raises:
        ValueError: for labels that are missing, unknown, or don't fit the
            inputs.

    Example:
        >>> from kerasgen.data.raw import Raw
        >>> raw = Raw("a", [["x"], ["y"]], [["N"], ["V"]], target="tags")
        >>> find_target(raw)[1:], raw.y.tolist()
        (('tags', ('N', 'V')), [[0], [1]])
    """
    for part in raw.parts.values():
        check_lengths(part.count, part.y)
    wanted = _made(wanted)
    if raw.y is None:
        return wanted, raw.target or "class", tuple(labels or ())
    if raw.target == "rating":
        return find_rating(raw, wanted, labels)
    given = None if wanted is None or isinstance(wanted, str) else wanted
    if getattr(given, "target", None) == "symbols":
        return _symbols(raw, given)
    if raw.target in (None, "class", "number"):
        if given is not None:
            own = labels or getattr(given, "labels", None) or None
            whole = given.target == "class"
            find_task(raw, "classification" if whole else "regression", own)
            if whole:
                for part in raw.parts.values():
                    given.check(part.y, f"load: {raw.name}")
            found = given
        else:
            found = find_task(raw, wanted, labels)
        return found, found.target, ()
    if isinstance(wanted, str):
        raise ValueError(
            message(
                "load",
                f"`task` must be None or a Task where the target is "
                f"{raw.target!r}",
                {"task": wanted},
            )
        )
    find = {"mask": _mask, "tags": _tags, "text": _text, "classes": _several}
    names = find[raw.target](raw, labels)
    if raw.target == "tags" and given is None:
        given = tag_task(names, raw.y)
    if raw.target == "classes" and given is None:
        given = _several_tasks(names)
    if raw.target == "text" and given is None:
        given = create("task", "translation")
    if raw.target in _TASKS:
        if given is None:
            spec = {"name": _TASKS[raw.target]}
            given = create("task", spec, labels=names)
        for part in raw.parts.values():
            given.check(part.y, f"load: {raw.name}")
    return given, raw.target, names


def _symbols(raw, task):
    """Strings as whole numbers, all of one length."""
    rows = {name: task.encode(part.y) for name, part in raw.parts.items()}
    longest = max(y.shape[1] for y in rows.values())
    for name, part in raw.parts.items():
        fill = [[0, 0], [0, longest - rows[name].shape[1]]]
        part.y = np.pad(rows[name], fill, constant_values=-1)
    return task, "symbols", ()


def _made(wanted):
    """A task by its name or description, if not found out from labels."""
    plain = wanted in ("classification", "regression")
    named = isinstance(wanted, str) and wanted in parts("task")
    if isinstance(wanted, Mapping) or (named and not plain):
        return create("task", wanted)
    return wanted


def _mask(raw, labels):
    highest = 0
    for name, part in raw.parts.items():
        if part.y.dtype.kind == "f":
            part.y = _whole(part.y, name)
        if part.y.ndim != 3 or part.y.dtype.kind not in "biu":
            raise ValueError(
                message(
                    "load",
                    "masks must be whole numbers (n, height, width)",
                    {"y": part.y.shape, "dtype": str(part.y.dtype)},
                )
            )
        size = raw.size or np.shape(part.x)[1:]
        if tuple(part.y.shape[1:]) != tuple(size[:2]):
            raise ValueError(
                message(
                    "load",
                    "masks must have the height and width of their images",
                    {"mask": part.y.shape[1:], "image": tuple(size)},
                )
            )
        highest = max(highest, *(_top(part.y[i]) for i in range(part.count)))
    binary = highest == 0 and any(
        np.any(part.y[i] == VOID)
        for part in raw.parts.values()
        for i in range(part.count)
    )
    if binary:
        # Black and white masks: white is class 1.
        for part in raw.parts.values():
            part.y = _halve(part.y)
        highest = 1
    labels = tuple(labels or raw.labels or map(str, range(highest + 1)))
    if len(labels) <= highest:
        raise ValueError(
            message(
                "load",
                f"the values of masks must be classes 0 to {len(labels) - 1}, "
                f"or {VOID} for none",
                {"max": highest, "labels": labels},
            )
        )
    return labels


def _top(mask):
    mask = np.asarray(mask)
    known = mask[mask != VOID]
    return int(known.max()) if known.size else 0


def _halve(y):
    if isinstance(y, Rows):
        return Rows(_Halved(y.base), y.places)
    return (y == VOID).astype("uint8")


class _Halved:
    """White as 1, read by row."""

    def __init__(self, base):
        self.base = base
        self.dtype, self.shape, self.ndim = base.dtype, base.shape, base.ndim

    def __len__(self):
        return len(self.base)

    def __getitem__(self, key):
        return (self.base[key] == VOID).astype(self.dtype)


def _whole(y, name):
    rounded = np.round(y)
    if not np.isfinite(y).all() or (np.asarray(y) != rounded).any():
        raise ValueError(
            message("load", "masks must be whole numbers", {"set": name})
        )
    return rounded.astype("int64")


def _tags(raw, labels):
    longest = max(
        (len(row) for part in raw.parts.values() for row in part.x), default=0
    )
    seen = {tag for row in raw.y for tag in row}
    whose = "`labels`" if labels else "the train set"
    if labels is None and raw.labels is None:
        # "O" is the outside of the usual schemes; it comes first.
        labels = sorted(seen, key=lambda tag: (tag != "O", str(tag)))
    labels = tuple(str(tag) for tag in labels or raw.labels)
    place = {tag: index for index, tag in enumerate(labels)}
    for name, part in raw.parts.items():
        y = np.full((part.count, longest), -1, "int64")
        for index, (words, tags) in enumerate(zip(part.x, part.y, strict=True)):
            where = f"sentence {index}" + (f" of {name!r}" if name else "")
            if len(words) != len(tags):
                raise ValueError(
                    message(
                        "load",
                        f"{where} must have one tag for each token",
                        {"tokens": len(words), "tags": len(tags)},
                    )
                )
            unknown = [tag for tag in tags if str(tag) not in place]
            if unknown:
                raise ValueError(
                    message(
                        "load",
                        f"every tag must be one of {whose}; {where} has "
                        "another",
                        {"unknown": unknown[:5]},
                        "Pass labels= with all tags.",
                    )
                )
            y[index, : len(tags)] = [place[str(tag)] for tag in tags]
        part.y = y
    return labels


def _text(raw, labels):
    for part in raw.parts.values():
        empty = [i for i in range(part.count) if not part.y[i]]
        if empty:
            raise ValueError(
                message(
                    "load",
                    "target texts must not be empty",
                    {"rows": empty[:5], "count": len(empty)},
                )
            )
    return ()


def _several_tasks(names):
    """One task of several; None where their names can't be a model's."""
    if not all(name.isidentifier() for name, _ in names):
        return None
    tasks = {}
    for name, labels in names:
        kind = "classification" if labels else "regression"
        known = {"classes": len(labels), "labels": labels} if labels else {}
        tasks[name] = create("task", kind, **known)
    return create("task", "multi_task", tasks=tasks)


def _several(raw, labels):
    names = list(raw.y)
    for name, part in raw.parts.items():
        if list(part.y) != names:
            raise ValueError(
                message(
                    "load",
                    f"test set {name!r} must have the outputs of the train set",
                    {"expected": names, "got": list(part.y)},
                )
            )
    found = []
    for output in names:
        one = dataclasses.replace(
            raw,
            y=raw.y[output],
            test=None,
            task=None,
            labels=None,
            target=None,
            tests={
                name: dataclasses.replace(
                    part, y=part.y[output], test=None, tests={}
                )
                for name, part in raw.parts.items()
                if name
            },
        )
        task = find_task(one)
        for name, part in one.parts.items():
            raw.parts[name].y[output] = part.y
        found.append((output, tuple(getattr(task, "labels", ()))))
    return tuple(found)
