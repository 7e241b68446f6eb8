"""Shots: a few labelled examples of targets, and classes only they have."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from kerasgen.core import Float, Int, child_seed, instance, message, one_of


def take_shots(parts, targets, shots, seed, task):
    """Takes a few labelled examples of each class out of targets' train.

    Args:
        parts: dict of domain to a dict of split to Examples.
        targets: iterable of the targets' names.
        shots: int >= 0, the examples of each class of each target; or a
            mapping of a target's name to it, which takes none of the others.
        seed: int, decides which.
        task: Task of the source.

    Returns:
        dict like `parts`, whose targets have the rest as train, and a list of
        Examples that were taken.

    Raises:
        ValueError: for an unknown target, one without labels, a task without
            classes, or a class with too few examples.
        TypeError: for shots that are no whole number.

    Example:
        >>> import kerasgen as kg
        >>> wine = kg.data.load("wine")
        >>> parts, found = take_shots(
        ...     {"far": wine.splits}, ["far"], 2, 0, wine.task)
        >>> len(parts["far"]["train"]), found[0].y.tolist()
        (101, [0, 0, 1, 1, 2, 2])
    """
    if isinstance(shots, Mapping):
        for name in shots:
            one_of("Data.domains", "shots", name, targets)
        counts = dict(shots)
    else:
        counts = dict.fromkeys(targets, shots)
    for count in counts.values():
        instance("Data.domains", "shots", count, int)
        Int(0).check("Data.domains", "shots", count)
    counts = {name: count for name, count in counts.items() if count}
    parts, found = dict(parts), []
    for name, count in counts.items():
        train = parts[name]["train"]
        _check_classes(name, train.y, task)
        places = _drawn(name, train.y, count, seed, task)
        rest = np.setdiff1d(np.arange(len(train)), places)
        if not len(rest):
            raise ValueError(
                message(
                    "Data.domains",
                    "`shots` must leave examples without labels",
                    {"shots": count, "target": name, "examples": len(train)},
                )
            )
        parts[name] = {**parts[name], "train": train.take(rest)}
        found.append(train.take(places))
    return parts, found


def _check_classes(name, y, task):
    if y is None:
        raise ValueError(
            message(
                "Data.domains",
                "a target must have labels for `shots`",
                {"target": name},
                "Pass labels with it, or a mapping of the other targets' "
                "names to their shots.",
            )
        )
    if getattr(task, "classes", None) is None or np.ndim(y) != 1:
        raise ValueError(
            message(
                "Data.domains",
                "each example must have one class for `shots`",
                {"task": type(task).__name__},
            )
        )


def _drawn(name, y, count, seed, task):
    """The places of some examples of each class that is there, sorted."""
    random = np.random.default_rng(child_seed(seed, "shots", name))
    places = []
    for label in np.unique(y):
        if label >= task.classes:
            # A class that the sources don't have stays unknown.
            continue
        members = np.flatnonzero(y == label)
        if len(members) < count:
            raise ValueError(
                message(
                    "Data.domains",
                    "each class of the target's train must have as many "
                    "examples as `shots`",
                    {
                        "shots": count,
                        "target": name,
                        "class": task.labels[label],
                        "examples": len(members),
                    },
                )
            )
        places.append(random.permutation(members)[:count])
    return np.sort(np.concatenate(places))


def copies(shots, others, share):
    """Finds how often examples stand in train to be a share of it.

    Args:
        shots: int >= 1, how many they are.
        others: int, how many others there are.
        share: float in [0, 0.9], or None for once each.

    Returns:
        int >= 1, the nearest that comes to the share.

    Raises:
        ValueError: for a share out of range.

    Example:
        >>> copies(30, 4000, 0.25), copies(30, 4000, None)
        (44, 1)
    """
    if share is None:
        return 1
    share = Float(0.0, 0.9).check("Data.domains", "share", share)
    return max(1, round(share / (1.0 - share) * others / shots))


def with_unknown(data, label):
    """Adds a last class that no example has.

    Args:
        data: Data with classes.
        label: str, its name.

    Returns:
        Data whose task has one class more.

    Raises:
        ValueError: for data without classes, or that have such a class.
        TypeError: for a name that is no str.

    Example:
        >>> import kerasgen as kg
        >>> with_unknown(kg.data.load("wine"), "unknown").labels[-1]
        'unknown'
    """
    instance("Data.domains", "unknown", label, str)
    task = data.task
    if data.schema.target != "class" or not hasattr(task, "classes"):
        raise ValueError(
            message(
                "Data.domains",
                "the source must have classes for `unknown`",
                {"target": data.schema.target},
            )
        )
    if label in data.labels:
        raise ValueError(
            message(
                "Data.domains",
                "`unknown` must be no class of the source",
                {"unknown": label, "labels": data.labels[:20]},
            )
        )
    task = dataclasses.replace(
        task, classes=task.classes + 1, labels=(*data.labels, label)
    )
    return dataclasses.replace(data, task=task)
