"""A mixture of two normal distributions, fitted to losses in the graph."""

import math

import numpy as np
from keras import ops

# The least variance of a component, on the scale of [0, 1].
_LEAST = 5e-4


def start():
    """Gives the mixture to begin with: one low and one high component.

    Returns:
        float32 array (3, columns, 2): means, variances and shares of the two
        components, for each of two columns of losses.

    Example:
        >>> start()[0].tolist()
        [[0.0, 0.5], [0.0, 0.5]]
    """
    each = np.array([[0.0, 0.5], [0.05, 0.05], [0.5, 0.5]], "float32")
    return np.repeat(each[:, None], 2, 1)


def improved(losses, mixture, turns=1):
    """Takes steps of expectation maximization.

    Each column of losses is brought to [0, 1] by its least and its greatest.

    Args:
        losses: float tensor (n, columns); those below zero don't count.
        mixture: float tensor (3, columns, 2), as `start` gives.
        turns: int >= 1, how many steps.

    Returns:
        float tensor (3, columns, 2).

    Source:
        Dempster et al., "Maximum Likelihood from Incomplete Data via the EM
        Algorithm", 1977.

    Example:
        >>> losses = ops.array([[0.0, 0.0], [0.1, 0.1], [1.0, 1.0]])
        >>> found = improved(losses, start(), turns=20)
        >>> round(float(found[0, 0, 0]), 2), round(float(found[0, 0, 1]), 2)
        (0.05, 1.0)
    """
    losses = ops.convert_to_tensor(losses)
    scaled, there = _scaled(losses, losses)
    mixture = ops.convert_to_tensor(mixture)
    for _ in range(turns):
        part = ops.exp(_chances(scaled, mixture)) * there[..., None]
        size = ops.sum(part, 0)
        held = ops.maximum(size, 1e-6)
        middle = ops.sum(part * scaled[..., None], 0) / held
        apart = ops.square(scaled[..., None] - middle)
        spread = ops.sum(part * apart, 0) / held + _LEAST
        share = size / ops.maximum(ops.sum(size, -1, keepdims=True), 1e-6)
        share = ops.clip(share, 0.01, 0.99)
        # A component without examples stays where it is.
        new = ops.stack([middle, spread, share])
        mixture = ops.where(size > 1e-3, new, mixture)
    return mixture


def chance_of_low(losses, mixture, values):
    """Gives the chance that values belong to the component of low losses.

    Args:
        losses: float tensor (n, columns), what the mixture was fitted to.
        mixture: float tensor (3, columns, 2).
        values: float tensor (m, columns) of losses; those below zero aren't
            known.

    Returns:
        float tensor (m, columns); 1 where the value isn't known. It does not
        rise with the loss.

    Example:
        >>> losses = ops.array([[0.0, 0.0], [0.1, 0.1], [1.0, 1.0]])
        >>> mixture = improved(losses, start(), turns=20)
        >>> found = chance_of_low(losses, mixture, losses)
        >>> ops.convert_to_numpy(found[:, 0]).round(2).tolist()
        [1.0, 1.0, 0.0]
    """
    mixture = ops.convert_to_tensor(mixture)
    scaled, there = _scaled(ops.convert_to_tensor(losses), values)
    low = ops.argmin(mixture[0], -1)
    low = ops.one_hot(low, 2)
    # The wider component must not have what lies below the lower mean.
    floor = ops.sum(mixture[0] * low, -1)
    roof = ops.sum(mixture[0] * (1.0 - low), -1)
    held = ops.clip(scaled, floor, roof)
    found = ops.sum(ops.exp(_chances(held, mixture)) * low, -1)
    return there * found + (1.0 - there)


def _scaled(losses, values):
    there = losses >= 0
    least = ops.min(ops.where(there, losses, 1e9), 0)
    most = ops.max(ops.where(there, losses, -1e9), 0)
    scaled = (values - least) / ops.maximum(most - least, 1e-6)
    return scaled, ops.cast(values >= 0, "float32")


def _chances(values, mixture):
    """Logarithms (n, columns, 2) of the chances of the components."""
    middle, spread, share = mixture[0], mixture[1], mixture[2]
    distance = ops.square(values[..., None] - middle) / spread
    logs = ops.log(share) - 0.5 * (ops.log(2 * math.pi * spread) + distance)
    return logs - ops.logsumexp(logs, -1, keepdims=True)
