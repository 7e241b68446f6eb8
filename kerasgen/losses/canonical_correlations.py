"""Canonical correlations of two views of the same examples."""

from keras import ops


def canonical_correlations(one, two, ridge=1e-3):
    """Gives the correlations of the best pairs of directions in two views.

    Args:
        one: float tensor (n, d), a row for each example.
        two: float tensor (n, e), rows in the same order.
        ridge: float >= 0, added to each view's variances, in units of their
            mean: the fewer examples there are for each dimension, the more
            of it is needed.

    Returns:
        float tensor (min(d, e),) in [0, 1], the greatest first. Where n isn't
        well above d + e, they are near 1 whatever the views are.

    Source:
        Hotelling, "Relations Between Two Sets of Variates", 1936; as a loss:
        Andrew et al., "Deep Canonical Correlation Analysis", 2013, section 3.
        The covariances are whitened by their Cholesky factors here, which
        gives the singular values of their equation 5 without the roots.

    Example:
        >>> x = ops.array([[0.0, 1.0], [2.0, 0.0], [1.0, 5.0], [4.0, 3.0]])
        >>> turned = x @ ops.array([[1.0, 2.0], [0.0, 1.0]])
        >>> found = canonical_correlations(x, turned, ridge=0.0)
        >>> ops.convert_to_numpy(found).round(3).tolist()
        [1.0, 1.0]
    """
    one, two = (_centred(ops.cast(view, "float32")) for view in (one, two))
    first, second = _factor(one, ridge), _factor(two, ridge)
    across = ops.matmul(ops.transpose(one), two)
    left = ops.solve_triangular(first, across, lower=True)
    white = ops.solve_triangular(second, ops.transpose(left), lower=True)
    return ops.minimum(ops.svd(white, compute_uv=False), 1.0)


def _centred(x):
    others = ops.maximum(ops.shape(x)[0] - 1, 1)
    x = x - ops.mean(x, 0, keepdims=True)
    return x / ops.sqrt(ops.cast(others, x.dtype))


def _factor(x, ridge):
    """The Cholesky factor of a covariance."""
    covariance = ops.matmul(ops.transpose(x), x)
    # The small number lets columns be constant, as those of one example are.
    more = ridge * ops.mean(ops.diagonal(covariance)) + 1e-7
    return ops.cholesky(covariance + more * ops.eye(x.shape[-1]))
