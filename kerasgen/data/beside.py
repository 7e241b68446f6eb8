"""Beside: data of another shape that a task may learn from."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from kerasgen.core import Int, child_seed, instance, message
from kerasgen.data.arrays import from_memory
from kerasgen.data.data import Data, assemble
from kerasgen.data.examples import Examples, join
from kerasgen.data.extras import Beside
from kerasgen.data.form import form
from kerasgen.data.splits import NAMES


def beside(target, source, known=None):
    """Sets labelled examples of another shape beside a target's.

    The task, the test sets and what is served are the target's. Methods that
    need `other` see the train split of the source, in batches
    `{"x": ..., "y": ...}`; those that need `pairs` see each labelled example
    of train with one of the source's of the same class. An epoch lasts until
    the source's train split was seen; train comes round as often as that
    takes.

    Args:
        target: Data.
        source: Data of any kind and shape, with the classes of the target.
        known: int >= 1, how many examples of each class keep their labels in
            each of train, stop and select; the others join the split
            `unlabeled`. None leaves all labels, and `unlabeled` to a target
            of `Data.domains`.

    Returns:
        Data.

    Raises:
        ValueError: for other classes than the target's, or a split that has
            fewer examples of a class than should be known.
        TypeError: for what is no Data.

    Example:
        >>> import kerasgen as kg
        >>> x, y = kg.data.synthetic.images(120)
        >>> rows = kg.data.load((x.mean((1, 3)), y), task="classification")
        >>> data = beside(rows, kg.data.load((x, y)), known=2)
        >>> batches = data.batches("train", 8, needs=("unlabeled", "other"))
        >>> fields, _ = next(iter(batches))
        >>> fields["inputs"].shape, fields["other"]["x"].shape
        (TensorShape([8, 8]), TensorShape([8, 8, 8, 1]))
    """
    for name, data in (("target", target), ("source", source)):
        instance("beside", name, data, Data)
    if target.classes is None or target.labels != source.labels:
        raise ValueError(
            message(
                "beside",
                "target and source must have the same classes",
                {"target": target.labels, "source": source.labels},
            )
        )
    if known is not None:
        target = forget(target, known)
    name = f"{source.name} to {target.name}"
    return dataclasses.replace(
        target, name=name, other=Beside(source, paired=False)
    )


def pair(data, view, known=None):
    """Adds another view of the same examples.

    Methods that need `pairs` see the examples of train and `unlabeled` in
    both views, in batches `{"x": ..., "view": ...}` that no label goes with.
    The views of other splits are never looked at, and what prepares the view
    is adapted on train alone.

    Args:
        data: Data, from `load`.
        view: array (n, ...), list, or mapping of columns, of any kind and
            shape, with a row for each example of the source that `data` was
            loaded from, in its order.
        known: int >= 1, as `beside` takes it: with few labels, the others of
            the pairs are there without.

    Returns:
        Data.

    Raises:
        ValueError: for a view that lacks rows, or a split that has fewer
            examples of a class than should be known.

    Example:
        >>> import kerasgen as kg
        >>> x, y = kg.data.synthetic.images(60)
        >>> data = pair(kg.data.load((x, y)), x.mean((1, 3)))
        >>> batch, _ = next(iter(data.batches("train", 8, needs=("pairs",))))
        >>> batch["pairs"]["x"].shape, batch["pairs"]["view"].shape
        (TensorShape([8, 8, 8, 1]), TensorShape([8, 8]))
    """
    instance("pair", "data", data, Data)
    if known is not None:
        data = forget(data, known)
    columns = None
    if isinstance(view, Mapping):
        columns = {key: np.asarray(values) for key, values in view.items()}
    raw = from_memory(view if columns is None else columns, None, "view")
    names = [name for name in ("train", "unlabeled") if name in data.splits]
    highest = max(int(data.splits[n].ids.max()) for n in names)
    if raw.count <= highest:
        raise ValueError(
            message(
                "pair",
                "`view` must have a row for each example of the source",
                {"rows": raw.count, "highest id": highest},
            )
        )
    schema = form(raw, data.schema.target, data.schema.labels)
    rows = Examples(raw.x, None, np.arange(raw.count, dtype="int64"))
    splits = {name: rows.take(data.splits[name].ids) for name in names}
    other = assemble("view", data.task, schema, splits, data.seed)
    return dataclasses.replace(data, other=Beside(other, paired=True))


def forget(data, known):
    """Keeps the labels of a few examples; the others become unlabelled.

    Train, stop and select each keep as many, so that no more labels are used
    than are said to be known; the test sets stay as they are.

    Args:
        data: Data with classes.
        known: int >= 1, of each class in each of the three splits.

    Returns:
        Data; the examples without labels are the split `unlabeled`, to which
        those that were there before are added. `prepare` stays as it is.

    Raises:
        ValueError: for data without classes, or too few examples of one.

    Example:
        >>> import kerasgen as kg
        >>> few = forget(kg.data.load("wine"), 3)
        >>> {name: len(part) for name, part in few.splits.items()}
        {'train': 9, 'stop': 9, 'select': 9, 'test': 35, 'unlabeled': 116}
    """
    Int(1).check("forget", "known", known)
    if data.schema.target != "class":
        raise ValueError(
            message(
                "forget",
                "labels can be forgotten of data with classes",
                {"target": data.schema.target},
            )
        )
    random = np.random.default_rng(child_seed(data.seed, "forget"))
    splits, rest = dict(data.splits), []
    for name in NAMES[:3]:
        part = splits[name]
        order = random.permutation(len(part))
        y = np.asarray(part.y)[order]
        kept = [order[y == label][:known] for label in range(data.classes)]
        if min(map(len, kept)) < known:
            few = data.labels[int(np.argmin([len(each) for each in kept]))]
            raise ValueError(
                message(
                    "forget",
                    f"split {name!r} must have `known` examples of each class",
                    {
                        "known": known,
                        "class": few,
                        "found": min(map(len, kept)),
                    },
                )
            )
        places = np.sort(np.concatenate(kept))
        others = np.setdiff1d(np.arange(len(part)), places)
        splits[name] = part.take(places)
        rest.append(part.take(others))
    if "unlabeled" in splits:
        rest.append(splits["unlabeled"])
    rest = [dataclasses.replace(r, y=None, weight=None) for r in rest]
    splits["unlabeled"] = join(rest)
    return dataclasses.replace(data, splits=splits)
