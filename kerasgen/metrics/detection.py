"""How well scores rank what is sought before what is not."""

import numpy as np
from scipy.stats import rankdata

from kerasgen.core import message


def auroc(scores, labels):
    """Gives the chance that a positive example scores above a negative one.

    Equal scores count half.

    Args:
        scores: float array (n,), higher for positive.
        labels: array (n,) of 0 and 1.

    Returns:
        float in [0, 1], not a number where one of the two kinds is missing.

    Raises:
        ValueError: for other labels, or arrays of different lengths.

    Source:
        Hanley & McNeil, "The Meaning and Use of the Area under a Receiver
        Operating Characteristic (ROC) Curve", 1982.

    Example:
        >>> auroc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
        0.75
    """
    scores, labels = _checked("auroc", scores, labels)
    positive = labels.sum()
    negative = len(labels) - positive
    if not positive or not negative:
        return float("nan")
    ranks = rankdata(scores)[labels == 1].sum()
    above = ranks - positive * (positive + 1) / 2
    return float(above / (positive * negative))


def average_precision(scores, labels):
    """Gives the mean precision over the positive examples, best score first.

    Equal scores stand in one place. A random order gives about the share of
    positive examples.

    Args:
        scores: float array (n,), higher for positive.
        labels: array (n,) of 0 and 1.

    Returns:
        float in [0, 1], not a number where none is positive.

    Raises:
        ValueError: for other labels, or arrays of different lengths.

    Source:
        Zhu, "Recall, Precision and Average Precision", 2004; a step for each
        different score, as in Davis & Goadrich, 2006, without interpolation.

    Example:
        >>> average_precision([0.9, 0.8, 0.1], [1, 0, 1])
        0.8333333333333333
    """
    scores, labels = _checked("average_precision", scores, labels)
    if not labels.any():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(labels[order])
    # Of equal scores the last place counts.
    last = np.append(np.diff(scores[order]) != 0, True)
    places = np.flatnonzero(last)
    hits, seen = hits[places], places + 1
    steps = np.diff(hits, prepend=0)
    return float((steps * hits / seen).sum() / hits[-1])


def _checked(where, scores, labels):
    scores, labels = np.asarray(scores, "float64"), np.asarray(labels)
    fits = scores.ndim == 1 and scores.shape == labels.shape
    if not fits or not np.isin(labels, (0, 1)).all():
        raise ValueError(
            message(
                where,
                "there must be one label of 0 or 1 for each score",
                {"scores": scores.shape, "labels": labels.shape},
            )
        )
    return scores, labels.astype("int64")
