"""How much a batch's predictions confuse classes with each other."""

from keras import ops


def class_confusion(logits, temperature=2.5):
    """Gives the share of confusion between different classes.

    Args:
        logits: float tensor (n, classes).
        temperature: float > 0, which softens predictions.

    Returns:
        float scalar in [0, 1].

    Source:
        Jin et al., "Minimum Class Confusion for Versatile Domain Adaptation",
        2020, arXiv:1912.03699, equations 3 to 8; sure examples count up to
        twice as much as unsure ones.

    Example:
        >>> round(float(class_confusion(100.0 * ops.eye(3))), 4)
        0.0
    """
    log_shares = ops.log_softmax(logits / temperature)
    shares = ops.exp(log_shares)
    entropy = -ops.sum(shares * log_shares, -1)
    weights = ops.stop_gradient(1.0 + ops.exp(-entropy))
    weights = weights / ops.mean(weights)
    between = ops.matmul(ops.transpose(shares), shares * weights[:, None])
    between = between / ops.sum(between, 1, keepdims=True)
    classes = logits.shape[-1]
    return (ops.sum(between) - ops.sum(ops.diagonal(between))) / classes
