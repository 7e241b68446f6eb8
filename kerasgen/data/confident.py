"""Confident learning (Northcutt et al., 2021): wrong labels, found by models.

All that is needed are labels and probabilities that were given by models which
had not seen the example: `kerasgen.recipe.out_of_fold` makes them.
"""

import numpy as np

from kerasgen.core import Float, message, one_of

RULES = ("both", "class", "joint", "rate")


def confident_joint(y, probabilities):
    """Counts given labels against the labels that they should have.

    An example counts as of class j where its probability of j is at least the
    mean one of the examples labelled j; where there are several such j, as of
    its likeliest class. Counts are then scaled: each row to the number of
    examples with its label.

    Args:
        y: int array (n,), the given labels.
        probabilities: float array (n, classes), out of fold.

    Returns:
        float64 array (classes, classes): in row i and column j the number of
        examples labelled i that are j; each class has at least one right.

    Raises:
        ValueError: for labels and probabilities that don't fit each other.

    Source:
        Northcutt et al., "Confident Learning: Estimating Uncertainty in
        Dataset Labels", 2021, arXiv:1911.00068, equations 1 to 3; the rule
        for several is that of the authors' code.

    Example:
        >>> p = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8]])
        >>> confident_joint([0, 0, 0, 1], p).tolist()
        [[2.0, 1.0], [0.0, 1.0]]
    """
    y, probabilities = _checked("confident_joint", y, probabilities)
    classes = probabilities.shape[1]
    joint = np.zeros((classes, classes))
    guess = _guesses(y, probabilities)
    sure = guess >= 0
    np.add.at(joint, (y[sure], guess[sure]), 1.0)
    np.fill_diagonal(joint, np.maximum(joint.diagonal(), 1.0))
    joint *= np.bincount(y, minlength=classes)[:, None] / joint.sum(1)[:, None]
    return joint


def noise_matrix(joint):
    """Gives the chances of what a label of each true class becomes.

    Args:
        joint: float array (classes, classes), as `confident_joint` gives.

    Returns:
        float64 array (classes, classes); row i is what class i becomes, as
        the criteria `forward_correction` and `backward_correction` take it.

    Raises:
        ValueError: for what isn't a square of numbers of 0 or more.

    Example:
        >>> noise_matrix([[2.0, 1.0], [0.0, 1.0]]).tolist()
        [[1.0, 0.0], [0.5, 0.5]]
    """
    joint = np.asarray(joint, "float64")
    square = joint.ndim == 2 and joint.shape[0] == joint.shape[1]
    if not square or not (joint >= 0).all():
        raise ValueError(
            message(
                "noise_matrix",
                "`joint` must be a square of numbers of 0 or more",
                {"shape": joint.shape},
            )
        )
    turned = joint.T.copy()
    # A class that no example is of keeps its labels.
    empty = turned.sum(1) == 0
    turned[empty, empty] = 1.0
    return turned / turned.sum(1, keepdims=True)


def anchor_matrix(probabilities, quantile=0.97):
    """Estimates the chances of what labels become at the surest examples.

    Where the true class is certain, the probabilities of noisy labels are a
    row of the matrix. The model must have been trained on the noisy labels,
    without learning them by heart.

    Args:
        probabilities: float array (n, classes), of noisy labels.
        quantile: float in [0, 1], of each class's probability, at which its
            example is taken; 1 takes the greatest.

    Returns:
        float64 array (classes, classes); row i is what class i becomes.

    Raises:
        ValueError: for a quantile out of range, or no table of probabilities.

    Source:
        Patrini et al., "Making Deep Neural Networks Robust to Label Noise: a
        Loss Correction Approach", 2017, arXiv:1609.03683, equations 12 and
        13, with the quantile of their code.

    Example:
        >>> anchor_matrix([[0.7, 0.3], [0.5, 0.5], [0.1, 0.9]], 1.0).tolist()
        [[0.7, 0.3], [0.1, 0.9]]
    """
    quantile = Float(0.0, 1.0).check("anchor_matrix", "quantile", quantile)
    found = np.asarray(probabilities, "float64")
    if found.ndim != 2 or not len(found):
        raise ValueError(
            message(
                "anchor_matrix",
                "`probabilities` must have the shape (n, classes)",
                {"shape": found.shape},
            )
        )
    place = int(round(quantile * (len(found) - 1)))
    order = np.argsort(found, axis=0, kind="stable")[place]
    rows = found[order]
    return rows / rows.sum(1, keepdims=True)


def find_mislabelled(y, probabilities, by="rate"):
    """Finds the examples whose labels are likely wrong, the likeliest first.

    Args:
        y: int array (n,), the given labels.
        probabilities: float array (n, classes), out of fold.
        by: "joint", the examples that count as of another class; "class", of
            each label so many of the least probable as the joint says are
            wrong; "rate", for each pair of label and other class so many of
            the greatest margins; "both", what class and rate agree on. An
            example is never named whose label is the likeliest class.

    Returns:
        int64 array of places, ordered by the probability of the label.

    Raises:
        ValueError: for labels and probabilities that don't fit each other, or
            an unknown rule.

    Source:
        Northcutt et al., "Confident Learning: Estimating Uncertainty in
        Dataset Labels", 2021, arXiv:1911.00068, section 3.2: their methods
        2 to 5.

    Example:
        >>> p = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8]])
        >>> find_mislabelled([0, 0, 0, 1], p).tolist()
        [2]
    """
    one_of("find_mislabelled", "by", by, RULES)
    y, probabilities = _checked("find_mislabelled", y, probabilities)
    if by == "joint":
        guess = _guesses(y, probabilities)
        wrong = (guess >= 0) & (guess != y)
    else:
        joint = np.rint(confident_joint(y, probabilities)).astype("int64")
        wrong = np.ones(len(y), bool)
        if by in ("class", "both"):
            wrong &= _by_class(y, probabilities, joint)
        if by in ("rate", "both"):
            wrong &= _by_rate(y, probabilities, joint)
    wrong &= probabilities.argmax(1) != y
    places = np.flatnonzero(wrong)
    own = probabilities[places, y[places]]
    return places[np.argsort(own, kind="stable")]


def _checked(where, y, probabilities):
    y, found = np.asarray(y), np.asarray(probabilities, "float64")
    fits = found.ndim == 2 and y.shape == found.shape[:1] and len(y)
    fits = fits and y.dtype.kind in "iu"
    if not fits or y.min() < 0 or y.max() >= found.shape[1]:
        raise ValueError(
            message(
                where,
                "`y` must be whole numbers (n,) of the classes of "
                "`probabilities` (n, classes)",
                {"y": y.shape, "probabilities": found.shape},
            )
        )
    return y.astype("int64"), found


def _guesses(y, probabilities):
    """The class that each example counts as, or -1 where it is unsure."""
    classes = probabilities.shape[1]
    own = probabilities[np.arange(len(y)), y]
    counts = np.bincount(y, minlength=classes)
    means = np.bincount(y, own, classes) / np.maximum(counts, 1)
    # No example counts as of a class that nothing is labelled as.
    means[counts == 0] = np.inf
    above = probabilities >= means - 1e-6
    several = above.sum(1) > 1
    guess = np.where(several, probabilities.argmax(1), above.argmax(1))
    return np.where(above.any(1), guess, -1)


def _by_class(y, probabilities, joint):
    wrong = np.zeros(len(y), bool)
    for label, row in enumerate(joint):
        own = np.flatnonzero(y == label)
        count = min(row.sum() - row[label], len(own))
        order = np.argsort(probabilities[own, label], kind="stable")
        wrong[own[order[:count]]] = True
    return wrong


def _by_rate(y, probabilities, joint):
    wrong = np.zeros(len(y), bool)
    for label, row in enumerate(joint):
        own = np.flatnonzero(y == label)
        margin = probabilities[own] - probabilities[own, label][:, None]
        for other in np.flatnonzero(row):
            if other != label:
                order = np.argsort(-margin[:, other], kind="stable")
                wrong[own[order[: row[other]]]] = True
    return wrong
