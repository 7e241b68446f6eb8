"""Entropies of predictions: how sure they are, and how diverse."""

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
