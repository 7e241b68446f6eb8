"""Sliced Wasserstein distance."""

from keras import ops


def sliced_wasserstein(one, two, directions):
    """Gives the mean squared distance of sorted projections.

    Args:
        one: float tensor (n, d).
        two: float tensor (n, d), as many examples.
        directions: float tensor (d, k) with columns of length 1.

    Returns:
        float scalar >= 0.

    Source:
        Lee et al., "Sliced Wasserstein Discrepancy for Unsupervised Domain
        Adaptation", 2019, arXiv:1903.04064, equation 7.

    Example:
        >>> x = ops.array([[0.0], [1.0]])
        >>> float(sliced_wasserstein(x, x[::-1], ops.ones((1, 1))))
        0.0
    """
    sorted_ = [ops.sort(ops.matmul(x, directions), 0) for x in (one, two)]
    return ops.mean(ops.square(sorted_[0] - sorted_[1]))
