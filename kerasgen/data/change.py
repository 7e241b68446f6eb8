"""Change: data with another split in place of one, for controlled shifts."""

import dataclasses

import numpy as np

from kerasgen.core import message, one_of
from kerasgen.data.data import assemble


def change(data, split, examples, what, learn=False):
    """Puts other examples in the place of a split.

    Args:
        data: Data.
        split: str, the split's name.
        examples: Examples.
        what: str, what was done to them, for the name.
        learn: bool, whether what prepares the data is adapted anew, where the
            split is `train`.

    Returns:
        Data.

    Example:
        >>> import kerasgen as kg
        >>> data = kg.data.load("wine")
        >>> few = data.splits["train"].take([0, 1])
        >>> str(change(data, "train", few, "two"))
        'wine, two: table (13,), train 2, stop 18, select 18, test 35'
    """
    splits = {**data.splits, split: examples}
    name = f"{data.name}, {what}"
    if not learn or split != "train":
        return dataclasses.replace(data, name=name, splits=splits)
    return assemble(
        name,
        data.task,
        data.schema,
        splits,
        data.seed,
        data.skipped,
        data.plan,
    )


def class_labels(data, split, where):
    """Gives the classes of a split.

    Args:
        data: Data.
        split: str, the split's name.
        where: str, who asks.

    Returns:
        int64 array (n,).

    Raises:
        ValueError: for an unknown split, and data that have no one class for
            each example.

    Example:
        >>> import kerasgen as kg
        >>> class_labels(kg.data.load("wine"), "test", "change").shape
        (35,)
    """
    one_of(where, "split", split, data.splits)
    y = data.splits[split].y
    if data.classes is None or y is None or np.ndim(y) != 1:
        raise ValueError(
            message(
                where,
                "each example must have one class",
                {"target": data.schema.target, "split": split},
            )
        )
    return np.asarray(y, "int64")
