"""Optimal transport between two batches."""

from keras import ops


def transport_plan(cost, sharpness=30.0, iterations=50):
    """Gives the entropic plan that moves one uniform batch onto another.

    Sinkhorn's iterations run on logarithms, so that no cost is too great. No
    gradient flows through the plan.

    Args:
        cost: float tensor (n, m), >= 0.
        sharpness: float > 0; the mean cost over it is the entropy's weight:
            the greater, the nearer to the exact plan, and the slower.
        iterations: int >= 1.

    Returns:
        float tensor (n, m) >= 0 whose entries add up to 1; columns add up to
        1 / m, rows nearly to 1 / n.

    Source:
        Cuturi, "Sinkhorn Distances: Lightspeed Computation of Optimal
        Transport", 2013, arXiv:1306.0895, algorithm 1.

    Example:
        >>> plan = transport_plan(1.0 - ops.eye(2))
        >>> ops.convert_to_numpy(plan).round(3).tolist()
        [[0.5, 0.0], [0.0, 0.5]]
    """
    cost = ops.stop_gradient(ops.cast(cost, "float32"))
    scale = ops.maximum(ops.mean(cost), 1e-12) / sharpness
    kernel = -cost / scale
    n, m = (ops.cast(side, "float32") for side in ops.shape(cost))
    rows = ops.zeros_like(cost[:, 0])
    columns = ops.zeros_like(cost[0])

    def turn(_, potentials):
        rows, columns = potentials
        rows = -ops.log(n) - ops.logsumexp(kernel + columns[None, :], 1)
        columns = -ops.log(m) - ops.logsumexp(kernel + rows[:, None], 0)
        return rows, columns

    rows, columns = ops.fori_loop(0, iterations, turn, (rows, columns))
    return ops.exp(kernel + rows[:, None] + columns[None, :])
