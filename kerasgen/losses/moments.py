"""Discrepancies of moments: of two batches, and of several domains."""

from keras import ops


def moment_gap(source, target, order=5):
    """Gives how far the moments of two batches lie apart.

    Features are brought into (-1, 1) by tanh first, since the measure is one
    of bounded variables.

    Args:
        source: float tensor (n, d).
        target: float tensor (m, d).
        order: int >= 1, the highest moment.

    Returns:
        float scalar >= 0.

    Source:
        Zellinger et al., "Central Moment Discrepancy (CMD) for
        Domain-Invariant Representation Learning", 2017, arXiv:1702.08811,
        definition 2, with [a, b] = [-1, 1].

    Example:
        >>> x = ops.array([[0.0, 1.0], [2.0, 3.0]])
        >>> float(moment_gap(x, x)) < 1e-5
        True
    """
    source, target = ops.tanh(source), ops.tanh(target)
    centers = ops.mean(source, 0), ops.mean(target, 0)
    total = _length(centers[0] - centers[1]) / 2.0
    one, two = source - centers[0], target - centers[1]
    for power in range(2, order + 1):
        gap = ops.mean(one**power, 0) - ops.mean(two**power, 0)
        total = total + _length(gap) / 2.0**power
    return total


def domain_moment_gap(source, group, target, order=2):
    """Gives how far moments of sources lie from the target's and each other's.

    The distances of raw moments of order 1, 2, ... are added up: averaged
    over the sources that the batch has, and over their pairs.

    Args:
        source: float tensor (n, d).
        group: int tensor (n,), the source that each example is of.
        target: float tensor (m, d).
        order: int >= 1, the highest moment.

    Returns:
        Pair of float scalars >= 0: to the target, and between the sources,
        which is 0 where the batch has one source.

    Source:
        Peng et al., "Moment Matching for Multi-Source Domain Adaptation",
        2019, arXiv:1812.01754, equation 1.

    Example:
        >>> x, group = ops.array([[0.0], [2.0], [5.0]]), ops.array([0, 0, 3])
        >>> far, apart = domain_moment_gap(x, group, ops.array([[1.0]]), 1)
        >>> round(float(far), 4), round(float(apart), 4)
        (2.0, 4.0)
    """
    group = ops.reshape(group, (-1,))
    same = ops.cast(ops.equal(group[:, None], group[None, :]), "float32")
    size = ops.sum(same, 1)
    # Each source counts once, by shares of its examples.
    once = 1.0 / size
    count = ops.sum(once)
    pairs = once[:, None] * once[None, :] * (1.0 - same)
    far, apart = 0.0, 0.0
    for power in range(1, order + 1):
        middle = ops.mean(target**power, 0)
        # Moments less the target's: their differences keep more digits.
        moments = ops.matmul(same / size[:, None], source**power - middle)
        squares = ops.sum(ops.square(moments), 1)
        far = far + ops.sum(once * ops.sqrt(squares + 1e-14)) / count
        gaps = squares[:, None] + squares[None, :]
        gaps = gaps - 2.0 * ops.matmul(moments, ops.transpose(moments))
        gaps = ops.sqrt(ops.maximum(gaps, 0.0) + 1e-12)
        apart = apart + ops.sum(pairs * gaps)
    return far, apart / ops.maximum(count * (count - 1.0), 1.0)


def _length(x):
    # The root's slope at zero is infinite.
    return ops.sqrt(ops.sum(ops.square(x)) + 1e-14)
