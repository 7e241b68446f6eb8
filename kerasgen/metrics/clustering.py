"""How well clusters agree with classes that nobody told."""

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.special import xlogy

from kerasgen.core import message


def contingency(labels, clusters):
    """Counts how many examples of each class are in each cluster.

    Args:
        labels: array (n,) of whole numbers or names, the classes.
        clusters: array (n,), the clusters.

    Returns:
        int array (classes, clusters) of those that came.

    Raises:
        ValueError: for arrays of different lengths, or none.

    Example:
        >>> contingency([0, 0, 1], [5, 7, 7]).tolist()
        [[1, 1], [0, 1]]
    """
    labels, clusters = np.asarray(labels), np.asarray(clusters)
    if labels.ndim != 1 or labels.shape != clusters.shape or not len(labels):
        raise ValueError(
            message(
                "contingency",
                "there must be one cluster for each label",
                {"labels": labels.shape, "clusters": clusters.shape},
            )
        )
    rows, row = np.unique(labels, return_inverse=True)
    columns, column = np.unique(clusters, return_inverse=True)
    counts = np.bincount(
        row * len(columns) + column, minlength=len(rows) * len(columns)
    )
    return counts.reshape(len(rows), len(columns))


def cluster_accuracy(labels, clusters):
    """Gives the accuracy under the best naming of clusters by classes.

    Args:
        labels: array (n,), the classes.
        clusters: array (n,), the clusters.

    Returns:
        float in (0, 1].

    Source:
        Xie et al., "Unsupervised Deep Embedding for Clustering Analysis",
        2016, arXiv:1511.06335, equation 10; the naming by Kuhn's Hungarian
        method, 1955. A cluster beyond the number of classes is all wrong.

    Example:
        >>> cluster_accuracy([0, 0, 1, 1], [1, 1, 0, 1])
        0.75
    """
    table = contingency(labels, clusters)
    rows, columns = linear_sum_assignment(table, maximize=True)
    return float(table[rows, columns].sum() / table.sum())


def normalized_mutual_information(labels, clusters):
    """Gives the mutual information over the mean of the two entropies.

    Args:
        labels: array (n,), the classes.
        clusters: array (n,), the clusters.

    Returns:
        float in [0, 1]; 1 where both are one whole.

    Source:
        Vinh et al., "Information Theoretic Measures for Clusterings
        Comparison", 2010, with the arithmetic mean.

    Example:
        >>> normalized_mutual_information([0, 0, 1, 1], [1, 1, 0, 0])
        1.0
    """
    table = contingency(labels, clusters) / len(labels)
    first, second = table.sum(1), table.sum(0)
    entropies = -xlogy(first, first).sum() - xlogy(second, second).sum()
    if entropies == 0:
        return 1.0
    joint = -xlogy(table, table).sum()
    shared = max(0.0, entropies - joint)
    return float(min(1.0, 2.0 * shared / entropies))


def adjusted_rand(labels, clusters):
    """Gives the share of pairs that agree, beyond what chance would give.

    Args:
        labels: array (n,), the classes.
        clusters: array (n,), the clusters.

    Returns:
        float, 1 for the same partition and about 0 for a random one.

    Source:
        Hubert & Arabie, "Comparing Partitions", 1985.

    Example:
        >>> adjusted_rand([0, 0, 1, 1], [1, 1, 0, 0])
        1.0
    """
    table = contingency(labels, clusters).astype("float64")
    both = _pairs(table).sum()
    first, second = _pairs(table.sum(1)).sum(), _pairs(table.sum(0)).sum()
    whole = _pairs(table.sum())
    chance = first * second / whole if whole else 0.0
    best = (first + second) / 2
    return 1.0 if best == chance else float((both - chance) / (best - chance))


def _pairs(counts):
    return counts * (counts - 1) / 2
