"""Weights of examples, pixels and tokens, so that classes count alike."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from kerasgen.core import instance, message, one_of
from kerasgen.data.rows import Rows

_CHUNK = 256


def balanced_weights(y, classes=None):
    """Gives weights with which each class counts as much as any other.

    w = n / (classes that are there * count of its class), so that their mean
    is 1, and each class has the same sum.

    Args:
        y: int array (n,) of classes; (n, height, width) of masks or (n, time)
            of tags, which give a weight for each pixel or token; or a dict of
            several outputs.
        classes: int, the number of classes, or a dict of it for several
            outputs; what isn't a class (-1 of filled-up tags, 255 of masks)
            gets the weight 0, and isn't counted. None takes all values but
            those two for classes.

    Returns:
        float32 array shaped like y, on the disk where y is; or a dict.

    Raises:
        ValueError: for labels that aren't whole numbers, or none at all.

    Source:
        King & Zeng, "Logistic Regression in Rare Events Data", 2001, as in
        scikit-learn's `compute_sample_weight("balanced", y)`.

    Example:
        >>> balanced_weights([0, 0, 0, 0, 1, 1]).tolist()
        [0.75, 0.75, 0.75, 0.75, 1.5, 1.5]
    """
    if isinstance(y, Mapping):
        each = classes if isinstance(classes, Mapping) else {}
        return {
            name: balanced_weights(values, each.get(name))
            for name, values in y.items()
        }
    y = y if isinstance(y, Rows) else np.asarray(y)
    counts = _counts(y, classes)
    there = counts > 0
    if not there.any():
        raise ValueError(
            message("balanced_weights", "there must be labels", {"y": y.shape})
        )
    table = np.zeros(len(counts))
    table[there] = counts.sum() / (there.sum() * counts[there])
    return spread(y, table)


def spread(y, table):
    """Gives each label the weight of its class.

    Args:
        y: int array of any shape, or Rows.
        table: float array (classes,); labels outside get 0.

    Returns:
        float32 array shaped like y, or Rows of them.

    Example:
        >>> spread(np.array([1, 0, -1]), [0.5, 2.0]).tolist()
        [2.0, 0.5, 0.0]
    """
    # One more place for all that is no class.
    table = np.append(np.asarray(table, "float32"), np.float32(0))
    if isinstance(y, Rows):
        return Rows(_Looked(y.base, table), y.places)
    return _look(np.asarray(y), table)


def weigh(data, class_weight="balanced", split="train"):
    """Weighs the examples of a split by their classes.

    Weights that are there already are multiplied.

    Args:
        data: Data with classes, masks, tags or several outputs.
        class_weight: "balanced", or mapping of class name to its weight; for
            several outputs a dict of one for each, and outputs that it
            doesn't name count as they did. Numbers always do.
        split: str, the split that is weighed.

    Returns:
        Data.

    Raises:
        ValueError: for an unknown split or class, and targets without
            classes.

    Example:
        >>> import kerasgen as kg
        >>> data = weigh(kg.data.load("wine"))
        >>> float(data.splits["train"].weight.mean().round(6))
        1.0
    """
    one_of("weigh", "split", split, data.splits)
    examples = data.splits[split]
    target = data.schema.target
    if target == "classes":
        weight = _several(data, examples, class_weight)
    else:
        labels = data.labels
        if target not in ("class", "mask", "tags") or examples.y is None:
            raise ValueError(
                message(
                    "weigh",
                    "the target must be classes, a mask, tags or several "
                    "outputs",
                    {"target": target, "split": split},
                )
            )
        weight = _one(examples.y, labels, class_weight)
    if examples.weight is not None:
        weight = _times(weight, examples.weight)
    examples = dataclasses.replace(examples, weight=weight)
    return dataclasses.replace(data, splits={**data.splits, split: examples})


def _one(y, labels, class_weight):
    if isinstance(class_weight, str):
        one_of("weigh", "class_weight", class_weight, ("balanced",))
        return balanced_weights(y, len(labels))
    instance("weigh", "class_weight", class_weight, Mapping)
    given = {str(name): value for name, value in class_weight.items()}
    for name in given:
        one_of("weigh", "class_weight", name, labels)
    lacking = [label for label in labels if label not in given]
    table = np.array([given.get(label, 0.0) for label in labels], "float64")
    if lacking or not np.isfinite(table).all() or (table < 0).any():
        raise ValueError(
            message(
                "weigh",
                "`class_weight` must give a number of 0 or more for each class",
                {"class_weight": given, "without": lacking},
            )
        )
    return spread(y, table)


def _several(data, examples, class_weight):
    labels = dict(data.schema.labels)
    if isinstance(class_weight, Mapping):
        for name in class_weight:
            one_of("weigh", "class_weight", name, labels)
    found = {}
    for name, y in examples.y.items():
        named = isinstance(class_weight, str) or name in class_weight
        if labels.get(name) and named:
            own = class_weight
            own = own if isinstance(own, str) else own[name]
            found[name] = _one(y, labels[name], own)
        else:
            found[name] = np.ones(len(y), "float32")
    return found


def _times(weight, own):
    if isinstance(weight, Mapping):
        each = own if isinstance(own, Mapping) else dict.fromkeys(weight, own)
        return {name: _times(weight[name], each[name]) for name in weight}
    if isinstance(weight, Rows):
        raise ValueError(
            message(
                "weigh",
                "examples on the disk must have no weights of their own",
                {"weight": np.shape(own)},
            )
        )
    own = np.asarray(own, "float32")
    return weight * own.reshape(own.shape + (1,) * (weight.ndim - own.ndim))


def _counts(y, classes):
    kind = y.dtype.kind
    if kind not in "iub":
        raise ValueError(
            message(
                "balanced_weights",
                "labels must be whole numbers",
                {"dtype": str(y.dtype)},
            )
        )
    counts = np.zeros(0 if classes is None else classes, "int64")
    for start in range(0, len(y), _CHUNK if y.ndim > 1 else 2**20):
        end = start + (_CHUNK if y.ndim > 1 else 2**20)
        part = np.asarray(y[start:end]).ravel().astype("int64")
        keep = part >= 0
        if classes is not None:
            keep &= part < classes
        elif y.ndim > 1:
            keep &= part != 255
        found = np.bincount(part[keep], minlength=len(counts))
        found[: len(counts)] += counts
        counts = found
    return counts


def _look(y, table):
    outside = len(table) - 1
    places = y.astype("int64")
    places = np.where((places < 0) | (places > outside), outside, places)
    return table[places]


class _Looked:
    """Weights of labels on the disk, looked up as they are read."""

    dtype = np.dtype("float32")

    def __init__(self, base, table):
        self.base, self.table = base, table
        self.shape, self.ndim = base.shape, base.ndim

    def __len__(self):
        return len(self.base)

    def __getitem__(self, key):
        return _look(np.asarray(self.base[key]), self.table)
