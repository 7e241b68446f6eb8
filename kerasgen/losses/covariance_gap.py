"""The distance of two batches' covariances, as Deep CORAL takes it."""

from keras import ops


def covariance_gap(source, target):
    """Gives the squared distance of two covariances over 4 d^2.

    Args:
        source: float tensor (n, d), n >= 1.
        target: float tensor (m, d), m >= 1.

    Returns:
        float scalar >= 0; a batch of one has the covariance 0.

    Source:
        Sun & Saenko, "Deep CORAL: Correlation Alignment for Deep Domain
        Adaptation", 2016, arXiv:1607.01719, equations 1 to 3.

    Example:
        >>> x = ops.array([[0.0, 1.0], [2.0, 3.0]])
        >>> float(covariance_gap(x, x + 1.0))
        0.0
    """
    gap = _covariance(source) - _covariance(target)
    return ops.sum(ops.square(gap)) / (4.0 * source.shape[-1] ** 2)


def _covariance(x):
    x = x - ops.mean(x, 0, keepdims=True)
    others = ops.maximum(ops.shape(x)[0] - 1, 1)
    return ops.matmul(ops.transpose(x), x) / ops.cast(others, x.dtype)
