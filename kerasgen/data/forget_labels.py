"""Forgetting labels on purpose: few stay, the rest is unlabelled."""

import dataclasses

import numpy as np

from kerasgen.core import Int, child_seed, message
from kerasgen.data.change import change, class_labels
from kerasgen.data.examples import distinct, join


def forget_labels(data, keep=10, seed=0, repeat=1):
    """Takes the labels off all but a few examples of each class of train.

    The others become the split `unlabeled`, with those that it already had,
    and a method that needs unlabelled examples gets them beside the few:
    `data.batches("train", needs=method.needs)`. `stop`, `select` and the test
    sets keep theirs; with very few labels in train, such a large `stop` is a
    luxury that a real task wouldn't have. What prepares the data was adapted
    on inputs alone and stays.

    An epoch is as long as train, and so is what it sees of the others. With
    `repeat` each of the few stands in train several times, so that epochs and
    batches become as large as the others are worth: 1,000 unlabelled examples
    beside 50 labels go with `repeat=20`.

    Args:
        data: Data with classes.
        keep: int >= 1, how many labels of each class stay.
        seed: int, decides which; the first are the same for a greater `keep`.
        repeat: int >= 1, how many times each of the few stands in train.

    Returns:
        Data.

    Raises:
        ValueError: for data without classes, or a class with fewer examples.

    Source:
        Oliver et al., "Realistic Evaluation of Deep Semi-Supervised Learning
        Algorithms", 2018, arXiv:1804.09170.

    Example:
        >>> import kerasgen as kg
        >>> few = forget_labels(kg.data.load("wine"), keep=5)
        >>> len(few.splits["train"]), len(few.splits["unlabeled"])
        (15, 92)
    """
    keep = Int(1).check("forget_labels", "keep", keep)
    repeat = Int(1).check("forget_labels", "repeat", repeat)
    class_labels(data, "train", "forget_labels")
    train = distinct(data.splits["train"])
    y = np.asarray(train.y, "int64")
    counts = np.bincount(y, minlength=data.classes)
    if (counts < keep).any():
        raise ValueError(
            message(
                "forget_labels",
                "each class of train must have as many examples as are kept",
                {
                    "keep": keep,
                    "too few": {
                        data.labels[label]: int(counts[label])
                        for label in np.flatnonzero(counts < keep)
                    },
                },
            )
        )
    random = np.random.default_rng(child_seed(seed, "forget labels"))
    order = random.permutation(len(y))
    kept = np.concatenate(
        [order[y[order] == label][:keep] for label in range(data.classes)]
    )
    kept = np.sort(kept)
    rest = train.take(np.setdiff1d(np.arange(len(y)), kept))
    rest = dataclasses.replace(rest, y=None, weight=None)
    if "unlabeled" in data.splits:
        rest = join([rest, data.splits["unlabeled"]])
    few = train.take(np.tile(kept, repeat))
    few = change(data, "train", few, f"{keep} labels a class")
    splits = {**few.splits, "unlabeled": rest}
    return dataclasses.replace(few, splits=splits)
