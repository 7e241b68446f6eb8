"""Entropies of predictions: how sure they are, and how diverse."""

import math

from keras import ops


def mean_entropy(logits):
    """Gives the mean entropy of predictions.

    Args:
        logits: float tensor (n, classes).

    Returns:
        float scalar in [0, log(classes)], in nats.

    Source:
        Grandvalet & Bengio, "Semi-supervised Learning by Entropy
        Minimization", 2005.

    Example:
        >>> round(float(mean_entropy(ops.zeros((3, 2)))), 4)
        0.6931
    """
    log_shares = ops.log_softmax(logits)
    return -ops.mean(ops.sum(ops.exp(log_shares) * log_shares, -1))


def mutual_information(logits):
    """Gives the entropy of the mean prediction less the mean entropy.

    Args:
        logits: float tensor (n, classes).

    Returns:
        float scalar in [0, log(classes)], in nats.

    Source:
        Krause et al., "Discriminative Clustering by Regularized Information
        Maximization", 2010, equation 4.

    Example:
        >>> round(float(mutual_information(100.0 * ops.eye(2))), 4)
        0.6931
    """
    share = ops.mean(ops.softmax(logits), 0)
    whole = -ops.sum(share * ops.log(ops.maximum(share, 1e-12)))
    return whole - mean_entropy(logits)


def robust_entropy(logits, power=2.0):
    """Gives a mean entropy that asks little of predictions that are sure.

    Each prediction's entropy, as a share of the greatest one, goes through
    (x^2 + 0.001^2)^power, whose slope is small where x is small: sure
    predictions are let be.

    Args:
        logits: float tensor (n, classes).
        power: float > 0; above 0.5, unsure predictions count more.

    Returns:
        float scalar in [0, 1.00001^power].

    Source:
        Yang & Soatto, "FDA: Fourier Domain Adaptation for Semantic
        Segmentation", 2020, arXiv:2004.05498, equation 4; that the entropy is
        a share is from the authors' code.

    Example:
        >>> round(float(robust_entropy(ops.zeros((3, 2)))), 3)
        1.0
    """
    log_shares = ops.log_softmax(logits)
    entropy = -ops.sum(ops.exp(log_shares) * log_shares, -1)
    share = entropy / math.log(logits.shape[-1])
    return ops.mean((ops.square(share) + 1e-6) ** power)
