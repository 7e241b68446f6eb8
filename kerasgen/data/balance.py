"""Balance: examples of rare classes drawn again until classes are equal."""

import numpy as np

from kerasgen.core import Float, child_seed, message
from kerasgen.data.change import change, class_labels


def balance(data, power=1.0, split="train", seed=0):
    """Draws examples of rare classes again, so that classes are equal.

    Class c of n examples is brought to n^(1 - power) max(n)^power: each of
    its examples comes as often as any other of its class, or once more.
    Nothing is left out.

    Args:
        data: Data with classes.
        power: float in [0, 1]: 1 makes all classes as great as the greatest,
            1/2 goes half the way (the square root), 0 changes nothing.
        split: str, the split that is changed.
        seed: int, decides which examples come once more.

    Returns:
        Data; `prepare` stays as it is.

    Raises:
        ValueError: for data without classes, or a power out of range.

    Source:
        Kang et al., "Decoupling Representation and Classifier for Long-Tailed
        Recognition", 2020, arXiv:1910.09217, equation 1, with 1 - power as
        their q.

    Example:
        >>> import kerasgen as kg
        >>> data = balance(kg.data.load("breast_cancer"))
        >>> np.bincount(data.splits["train"].y).tolist()
        [214, 214]
    """
    power = Float(0.0, 1.0).check("balance", "power", power)
    y = class_labels(data, split, "balance")
    if not len(y):
        raise ValueError(
            message("balance", "there must be examples", {"split": split})
        )
    counts = np.bincount(y, minlength=data.classes)
    random = np.random.default_rng(child_seed(seed, "balance"))
    found = []
    for label in np.flatnonzero(counts):
        own = np.flatnonzero(y == label)
        wanted = len(own) ** (1.0 - power) * counts.max() ** power
        times, rest = divmod(round(wanted), len(own))
        more = random.permutation(own)[:rest]
        found += [np.repeat(own, times), more]
    places = np.sort(np.concatenate(found))
    examples = data.splits[split].take(places)
    return change(data, split, examples, "balanced")
