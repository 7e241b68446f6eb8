"""Redundancy of features across two views, as Barlow Twins takes it."""

from keras import ops


def cross_correlation(one, two):
    """Gives how each feature of one view correlates with each of the other.

    Args:
        one: float tensor (n, d).
        two: float tensor (n, d).

    Returns:
        float tensor (d, d) within [-1, 1]; of a constant feature 0.

    Source:
        Zbontar et al., "Barlow Twins: Self-Supervised Learning via Redundancy
        Reduction", 2021, arXiv:2103.03230, equation 2.

    Example:
        >>> x = ops.array([[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]])
        >>> ops.convert_to_numpy(cross_correlation(x, x)).round(3).tolist()
        [[1.0, -1.0], [-1.0, 1.0]]
    """
    one, two = _standard(one), _standard(two)
    n = ops.cast(ops.shape(one)[0], one.dtype)
    return ops.matmul(ops.transpose(one), two) / n


def redundancy(one, two, weight=0.005):
    """Gives how far the cross-correlation of two views is from the identity.

    Args:
        one: float tensor (n, d), projections of the first views.
        two: float tensor (n, d), those of the second ones.
        weight: float >= 0, of what isn't on the diagonal.

    Returns:
        float scalar >= 0.

    Source:
        Zbontar et al., 2021, arXiv:2103.03230, equation 1.

    Example:
        >>> x = ops.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
        >>> round(float(redundancy(x, x)), 6)
        0.0
    """
    found = cross_correlation(one, two)
    same = ops.diagonal(found)
    on = ops.sum(ops.square(1.0 - same))
    off = ops.sum(ops.square(found)) - ops.sum(ops.square(same))
    return on + weight * off


def _standard(x):
    x = x - ops.mean(x, 0, keepdims=True)
    # The slope of a root at zero is infinite.
    square = ops.mean(ops.square(x), 0, keepdims=True)
    return x * ops.rsqrt(square + 1e-12)
