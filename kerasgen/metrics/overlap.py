"""What masks have in common with the truth, from counts of each image."""

import numpy as np

VOID = 255


def overlap_counts(y, found, classes, ignore=VOID):
    """Counts the pixels of each class that are right, extra and missed.

    Args:
        y: int array (n, ...), true masks.
        found: int array (n, ...), answered masks.
        classes: int, the number of classes.
        ignore: int, the label of pixels that don't count.

    Returns:
        float64 array (n, 3 * classes): of each image the right pixels of all
        classes, then the extra ones, then the missed ones.

    Example:
        >>> overlap_counts([[0, 1, 255]], [[1, 1, 1]], 2).tolist()
        [[0.0, 1.0, 0.0, 1.0, 1.0, 0.0]]
    """
    y, found = np.asarray(y), np.asarray(found)
    counts = np.zeros((len(y), classes, classes))
    for index in range(len(y)):
        known = y[index] != ignore
        pairs = y[index][known].astype("int64") * classes + found[index][known]
        seen = np.bincount(pairs, minlength=classes**2)
        counts[index] = seen.reshape(classes, classes)
    right = np.diagonal(counts, axis1=1, axis2=2)
    extra, missed = counts.sum(1) - right, counts.sum(2) - right
    return np.concatenate([right, extra, missed], 1)


def mean_dice(counts, skip=()):
    """Gives the Dice coefficient over all images, mean over classes.

    Args:
        counts: float array (n, 3 * classes), from `overlap_counts`.
        skip: tuple of the classes that are left out, such as the ground.

    Returns:
        float in [0, 1]; classes that are neither there nor answered are left
        out, and without any class it is 1.

    Source:
        Dice, "Measures of the Amount of Ecologic Association Between
        Species", 1945.

    Example:
        >>> mean_dice(overlap_counts([[0, 1, 1]], [[1, 1, 1]], 2), skip=(0,))
        0.8
    """
    right, extra, missed = _sums(counts, skip)
    return _mean(2.0 * right, 2.0 * right + extra + missed)


def mean_iou(counts, skip=()):
    """Gives the intersection over union over all images, mean over classes.

    Args:
        counts: float array (n, 3 * classes), from `overlap_counts`.
        skip: tuple of the classes that are left out.

    Returns:
        float in [0, 1], with the exceptions of `mean_dice`.

    Source:
        Everingham et al., "The Pascal Visual Object Classes Challenge: A
        Retrospective", 2015, section 4.3.

    Example:
        >>> round(mean_iou(overlap_counts([[0, 1, 1]], [[1, 1, 1]], 2)), 4)
        0.3333
    """
    right, extra, missed = _sums(counts, skip)
    return _mean(right, right + extra + missed)


def _sums(counts, skip):
    whole = np.asarray(counts, "float64").sum(0).reshape(3, -1)
    return np.delete(whole, list(skip), axis=1)


def _mean(part, whole):
    there = whole > 0
    return float(np.mean(part[there] / whole[there])) if there.any() else 1.0
