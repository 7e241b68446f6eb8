"""Central moment discrepancy."""

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


def _length(x):
    # The root's slope at zero is infinite.
    return ops.sqrt(ops.sum(ops.square(x)) + 1e-14)
