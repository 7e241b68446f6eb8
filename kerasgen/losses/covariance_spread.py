"""How far apart means and covariances of several groups are."""

from keras import ops


def covariance_spread(x, group):
    """Measures the distance of means and covariances of every two groups.

    Works on the inner products of examples, so that neither the groups need
    be counted nor a covariance be formed.

    Args:
        x: float tensor (n, d).
        group: int tensor (n,).

    Returns:
        float scalar: the mean over pairs of groups of the mean square
        difference of their means, and of their covariances.

    Source:
        Sun & Saenko, "Deep CORAL", 2016, arXiv:1607.01719, equation 1; the
        pairs and means as in Gulrajani & Lopez-Paz, 2021, arXiv:2007.01434.

    Example:
        >>> x = ops.array([[0.0], [2.0], [3.0], [5.0]])
        >>> float(covariance_spread(x, ops.array([0, 0, 1, 1])))
        9.0
    """
    x = ops.cast(x, "float32")
    group = ops.reshape(group, (-1,))
    same = ops.cast(ops.equal(group[:, None], group[None, :]), "float32")
    size = ops.sum(same, 1)
    groups = ops.sum(1.0 / size)
    centers = ops.matmul(same / size[:, None], x)
    # Each group's mean counts once, whatever its size.
    once = 1.0 / (size * groups)
    middle = ops.sum(once[:, None] * centers, 0)
    means = ops.sum(once[:, None] * ops.square(centers - middle)) / x.shape[-1]
    away = x - centers
    products = ops.square(ops.matmul(away, ops.transpose(away)))
    factor = 1.0 / ops.maximum(size - 1.0, 1.0)
    products = products * factor[:, None] * factor[None, :]
    # Of covariances, the mean square length less the square of their mean.
    lengths = ops.sum(products * same) / groups
    middle = ops.sum(products) / ops.square(groups)
    spread = ops.maximum(lengths - middle, 0.0) / x.shape[-1] ** 2
    # From the variance over groups to the mean over pairs of them.
    return (means + spread) * 2.0 * groups / ops.maximum(groups - 1.0, 1.0)
