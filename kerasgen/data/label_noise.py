"""Label noise on purpose: symmetric, pair, by a matrix, or by instance."""

import dataclasses

import numpy as np

from kerasgen.core import Float, child_seed, message, one_of
from kerasgen.data.change import change, class_labels

KINDS = ("symmetric", "pair", "instance")
# The spread of an instance's own rate, and how texts are counted.
_SPREAD, _COUNTS = 0.1, 1024


def label_noise(data, kind="symmetric", rate=0.2, seed=0, split="train"):
    """Turns some labels of a split into wrong ones.

    "symmetric": a label is replaced, with probability `rate`, by one of the
    others, all equally likely. "pair": by the next class, the first after the
    last. "instance": each example has a rate of its own, drawn from the
    normal distribution of mean `rate` and standard deviation 0.1 within
    [0, 1]; which other class it takes is likelier the greater x' w is, with x
    the prepared example and w a normal vector for each pair of its class and
    the other, by softmax. A matrix: a label of class i becomes j with
    probability `kind[i, j]`.

    The true labels are `true_labels(noisy, data)`.

    Args:
        data: Data with classes.
        kind: "symmetric", "pair", "instance", or float array (classes,
            classes) whose rows add up to 1.
        rate: float in [0, 1], the share of wrong labels that is expected; a
            matrix has its own. "instance" clips to [0, 1], which draws rates
            near 0 and 1 to the middle; 0 itself changes nothing.
        seed: int.
        split: str, the split that is changed.

    Returns:
        Data; examples, order and `prepare` are those of `data`. "instance"
        holds 4 classes^2 bytes for each number of a prepared example.

    Raises:
        ValueError: for data without classes, an unknown kind, a rate out of
            range, or a matrix whose rows are no distributions.

    Source:
        Pair: Han et al., "Co-teaching", 2018, arXiv:1804.06872. Instance: Xia
        et al., "Part-dependent Label Noise", 2020, arXiv:2006.07836, algorithm
        2. Ours counts tokens (modulo 1024) where examples are numbers of
        tokens.

    Example:
        >>> import kerasgen as kg
        >>> data = kg.data.load("wine")
        >>> noisy = label_noise(data, "pair", rate=1.0)
        >>> noisy.splits["train"].y[:4], data.splits["train"].y[:4]
        (array([1, 1, 1, 1]), array([0, 0, 0, 0]))
    """
    y = class_labels(data, split, "label_noise")
    draws = np.random.default_rng(child_seed(seed, "label noise"))
    if isinstance(kind, str):
        one_of("label_noise", "kind", kind, KINDS)
        Float(0.0, 1.0).check("label_noise", "rate", rate)
        what = f"{kind} noise {rate:g}"
    else:
        what = "noise"
    if isinstance(kind, str) and kind == "instance":
        noisy = _by_instance(data, split, y, rate, seed)
    else:
        noisy = _by_class(y, transition(kind, rate, data.classes), draws)
    examples = dataclasses.replace(data.splits[split], y=noisy)
    return change(data, split, examples, what)


def transition(kind, rate, classes):
    """Gives the chances that a label becomes another.

    Args:
        kind: "symmetric", "pair", or float array (classes, classes).
        rate: float in [0, 1].
        classes: int.

    Returns:
        float64 array (classes, classes); rows are what a class becomes.

    Raises:
        ValueError: for an unknown kind, or rows that are no distributions.

    Example:
        >>> transition("pair", 0.25, 3).tolist()
        [[0.75, 0.25, 0.0], [0.0, 0.75, 0.25], [0.25, 0.0, 0.75]]
    """
    own = np.eye(classes)
    if isinstance(kind, str):
        one_of("label_noise", "kind", kind, KINDS[:2])
        if kind == "pair":
            return (1 - rate) * own + rate * np.roll(own, 1, axis=1)
        return (1 - rate) * own + rate * (1 - own) / (classes - 1)
    matrix = np.asarray(kind, "float64")
    fits = matrix.shape == own.shape and (matrix >= 0).all()
    if not fits or not np.allclose(matrix.sum(1), 1.0):
        raise ValueError(
            message(
                "label_noise",
                f"a matrix must have the shape {own.shape} and rows of chances "
                "that add up to 1",
                {"kind": matrix.tolist()},
            )
        )
    return matrix


def true_labels(noisy, clean, split="train"):
    """Looks up what labels were before they were changed.

    Args:
        noisy: Data made from `clean`.
        clean: Data.
        split: str, the split of `noisy`.

    Returns:
        array (n,), the labels in `clean` of the split's examples, by their
        `ids`.

    Raises:
        ValueError: for an unknown split, or examples that `clean` lacks.

    Example:
        >>> import kerasgen as kg
        >>> data = kg.data.load("wine")
        >>> noisy = label_noise(data, rate=0.5)
        >>> wrong = noisy.splits["train"].y != true_labels(noisy, data)
        >>> bool(0.3 < wrong.mean() < 0.7)
        True
    """
    one_of("true_labels", "split", split, noisy.splits)
    wanted = noisy.splits[split].ids
    parts = [part for part in clean.splits.values() if part.y is not None]
    ids = np.concatenate([part.ids for part in parts])
    y = np.concatenate([np.asarray(part.y) for part in parts])
    order = np.argsort(ids, kind="stable")
    places = np.searchsorted(ids[order], wanted)
    places = np.minimum(places, len(order) - 1)
    lacking = ids[order[places]] != wanted
    if lacking.any():
        raise ValueError(
            message(
                "true_labels",
                "every example must be among the clean ones",
                {"without": wanted[lacking][:5].tolist()},
            )
        )
    return y[order[places]]


def _by_class(y, matrix, random):
    bounds = np.cumsum(matrix, 1)
    # The last bound is 1 but for rounding, and no draw may lie above it.
    bounds[:, -1] = 1.0
    chance = random.random(len(y))
    found = np.empty_like(y)
    for label in np.unique(y):
        own = y == label
        found[own] = np.searchsorted(bounds[label], chance[own], "right")
    return found


def _by_instance(data, split, y, rate, seed):
    random = np.random.default_rng(child_seed(seed, "label noise"))
    rates = _own_rates(len(y), rate, random)
    chance = random.random(len(y))
    found = np.empty_like(y)
    weights, start = {}, 0
    for x, *_ in data.batches(split, 256, shuffle=False):
        x = _features(np.asarray(x))
        part = slice(start, start + len(x))
        for label in np.unique(y[part]):
            if label not in weights:
                own = child_seed(seed, "label noise", int(label))
                weights[label] = np.random.default_rng(own).standard_normal(
                    (x.shape[1], data.classes), "float32"
                )
            places = start + np.flatnonzero(y[part] == label)
            scores = (x[places - start] @ weights[label]).astype("float64")
            table = _chances(scores, label, rates[places])
            above = chance[places, None] >= np.cumsum(table, 1)
            found[places] = np.minimum(above.sum(1), data.classes - 1)
        start += len(x)
    return found


def _own_rates(n, rate, random):
    """Normal draws around a rate, drawn again where they leave [0, 1]."""
    if rate == 0.0:
        return np.zeros(n)
    found = random.normal(rate, _SPREAD, n)
    while (bad := (found < 0) | (found > 1)).any():
        found[bad] = random.normal(rate, _SPREAD, int(bad.sum()))
    return found


def _features(x):
    """One row of numbers for each example; tokens are counted."""
    if x.dtype.kind == "f":
        return x.reshape(len(x), -1).astype("float32")
    x = x.reshape(len(x), -1) % _COUNTS
    found = np.zeros((len(x), _COUNTS), "float32")
    np.add.at(found, (np.arange(len(x))[:, None], x), 1.0)
    return found


def _chances(scores, label, rates):
    scores[:, label] = -np.inf
    scores -= scores.max(1, keepdims=True)
    table = np.exp(scores)
    table *= (rates / table.sum(1))[:, None]
    table[:, label] = 1 - rates
    return table
