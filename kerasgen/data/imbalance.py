"""Imbalance on purpose: long tails, steps, and given shares of classes."""

from collections.abc import Mapping

import numpy as np

from kerasgen.core import Float, child_seed, message, one_of
from kerasgen.data.change import change, class_labels

KINDS = ("long_tail", "step")


def imbalance(
    data, factor=100.0, kind="long_tail", share=0.5, order=None, seed=0
):
    """Takes examples out of train until classes are unequal.

    "long_tail": class i of K keeps head * factor^(-i / (K - 1)) examples.
    "step": the first classes keep head, and the `share` of the last ones
    head / factor. The head is as great as the examples allow, so that equal
    classes lose nothing in the first; each keeps at least one.

    Args:
        data: Data with classes.
        factor: float >= 1, how many times the first class is greater than the
            last.
        kind: "long_tail" or "step".
        share: float in (0, 1), the share of rare classes of "step".
        order: list of the classes as int, the most frequent first; None takes
            them as they are numbered.
        seed: int, decides which examples stay.

    Returns:
        Data; only train differs, and `prepare` is adapted on what is left.

    Raises:
        ValueError: for data without classes, a factor or share out of range,
            or an order that isn't one of all classes.

    Source:
        Long tail: Cui et al., "Class-Balanced Loss", 2019, arXiv:1901.05555.
        Step: Buda et al., "A systematic study of the class imbalance problem",
        2018, arXiv:1710.05381.

    Example:
        >>> import kerasgen as kg
        >>> data = imbalance(kg.data.load("digits"), factor=10)
        >>> counts = np.bincount(data.splits["train"].y)
        >>> int(counts.argmax()), int(counts.argmin())
        (0, 9)
    """
    Float(1.0).check("imbalance", "factor", factor)
    one_of("imbalance", "kind", kind, KINDS)
    y = class_labels(data, "train", "imbalance")
    classes = data.classes
    order = np.arange(classes) if order is None else np.asarray(order)
    if sorted(order.tolist()) != list(range(classes)):
        raise ValueError(
            message(
                "imbalance",
                f"`order` must hold each class from 0 to {classes - 1} once",
                {"order": order.tolist()},
            )
        )
    if not 0.0 < share < 1.0:
        raise ValueError(
            message("imbalance", "`share` must lie in (0, 1)", {"share": share})
        )
    shrink = np.empty(classes)
    if kind == "long_tail":
        shrink[order] = factor ** (-np.arange(classes) / (classes - 1))
    else:
        rare = np.clip(round(share * classes), 1, classes - 1)
        shrink[order] = np.where(
            np.arange(classes) < classes - rare, 1.0, 1.0 / factor
        )
    counts = np.bincount(y, minlength=classes)
    head = (counts / shrink).min()
    # A count that is whole but for rounding is that whole number.
    wanted = np.floor(head * shrink + 1e-9).astype("int64")
    wanted = np.minimum(np.maximum(wanted, 1), counts)
    places = _pick(y, wanted, child_seed(seed, "imbalance"))
    examples = data.splits["train"].take(places)
    what = f"{kind.replace('_', ' ')} {factor:g}"
    return change(data, "train", examples, what, learn=True)


def prior_shift(data, shares, split="train", seed=0):
    """Takes examples out of a split until its classes have given shares.

    p(x | y) stays; p(y) changes. As many examples stay as can.

    Args:
        data: Data with classes.
        shares: float array (classes,), or mapping of class name to share;
            they are divided by their sum, and classes that a mapping doesn't
            name get none.
        split: str, the split that is changed.
        seed: int, decides which examples stay.

    Returns:
        Data; `prepare` is adapted anew where the split is train.

    Raises:
        ValueError: for data without classes, unknown names, shares that
            aren't positive numbers, or a class that has no example.

    Source:
        Lipton et al., "Detecting and Correcting for Label Shift with Black Box
        Predictors", 2018, arXiv:1802.03916.

    Example:
        >>> import kerasgen as kg
        >>> data = prior_shift(kg.data.load("breast_cancer"), [0.2, 0.8])
        >>> np.bincount(data.splits["train"].y).tolist()
        [53, 214]
    """
    y = class_labels(data, split, "prior_shift")
    shares = _shares(data, shares)
    counts = np.bincount(y, minlength=data.classes)
    wanted_classes = shares > 0
    if (counts[wanted_classes] == 0).any():
        empty = np.flatnonzero(wanted_classes & (counts == 0))
        raise ValueError(
            message(
                "prior_shift",
                f"each class with a share must have examples in {split!r}",
                {"without": [data.labels[i] for i in empty]},
            )
        )
    total = (counts[wanted_classes] / shares[wanted_classes]).min()
    wanted = np.floor(total * shares + 1e-9).astype("int64")
    # What rounding left over goes where most was cut off, if there is more.
    rest = total * shares - wanted
    for label in np.argsort(-rest, kind="stable"):
        if wanted.sum() >= int(total + 1e-9):
            break
        wanted[label] += int(rest[label] > 0 and wanted[label] < counts[label])
    places = _pick(y, wanted, child_seed(seed, "prior shift"))
    examples = data.splits[split].take(places)
    return change(data, split, examples, "prior shift", learn=True)


def _shares(data, shares):
    if isinstance(shares, Mapping):
        for name in shares:
            one_of("prior_shift", "shares", str(name), data.labels)
        named = {str(name): value for name, value in shares.items()}
        shares = [named.get(label, 0.0) for label in data.labels]
    found = np.asarray(shares, "float64")
    fits = found.shape == (data.classes,) and np.isfinite(found).all()
    if not fits or (found < 0).any() or found.sum() == 0:
        raise ValueError(
            message(
                "prior_shift",
                f"`shares` must be {data.classes} numbers of 0 or more, one "
                "for each class",
                {"shares": found.tolist()},
            )
        )
    return found / found.sum()


def _pick(y, wanted, seed):
    """Some members of each class, in the order they had."""
    random = np.random.default_rng(seed)
    found = [
        random.permutation(np.flatnonzero(y == label))[:count]
        for label, count in enumerate(wanted)
    ]
    return np.sort(np.concatenate(found))
