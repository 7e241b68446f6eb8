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


def shared_information(one, two, spread=1.0):
    """Gives what the answers to two views tell of each other.

    Args:
        one: float tensor (n, classes), logits of the first views.
        two: float tensor (n, classes), logits of the second views.
        spread: float >= 0, the weight of the entropies of the mean answers.

    Returns:
        float scalar, in nats; in [0, log(classes)] where `spread` is 1.

    Source:
        Ji et al., "Invariant Information Clustering for Unsupervised Image
        Classification and Segmentation", 2019, arXiv:1807.06653, equations 2,
        3 and 5.

    Example:
        >>> sure = 100.0 * ops.eye(2)
        >>> round(float(shared_information(sure, sure)), 4)
        0.6931
    """
    one, two = (ops.softmax(ops.cast(each, "float32")) for each in (one, two))
    joint = ops.matmul(ops.transpose(one), two)
    joint = joint / ops.cast(ops.shape(one)[0], "float32")
    # Which of the views is the first means nothing.
    joint = ops.maximum(0.5 * (joint + ops.transpose(joint)), 1e-12)
    alone = ops.log(ops.sum(joint, 0))
    apart = spread * (alone[:, None] + alone)
    return ops.sum(joint * (ops.log(joint) - apart))


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
