"""Balls around examples: steps, projections and random places."""

import numpy as np

NORMS = ("inf", "2", "1")


def length(x, norm):
    """Gives the norm of each example.

    Args:
        x: float array (n, ...).
        norm: str, one of `NORMS`.

    Returns:
        float array (n,).

    Example:
        >>> length(np.array([[3.0, 4.0]]), "2").tolist()
        [5.0]
    """
    flat = np.abs(x.reshape(len(x), -1))
    if norm == "inf":
        return flat.max(1)
    return flat.sum(1) if norm == "1" else np.sqrt((flat**2).sum(1))


def like(values, x):
    """Shapes one value per example so that it spreads over `x`.

    Args:
        values: array (n,).
        x: array (n, ...).

    Returns:
        array (n, 1, ...).

    Example:
        >>> like(np.ones(2), np.ones((2, 3, 3))).shape
        (2, 1, 1)
    """
    return np.reshape(values, (-1,) + (1,) * (x.ndim - 1))


def project(step, epsilon, norm):
    """Brings changes into the ball of radius epsilon.

    Args:
        step: float array (n, ...).
        epsilon: float >= 0.
        norm: str, one of `NORMS`.

    Returns:
        float array (n, ...), the nearest by the Euclidean distance.

    Source:
        L1: Duchi et al., "Efficient Projections onto the l1-Ball for Learning
        in High Dimensions", 2008, figure 1.

    Example:
        >>> project(np.array([[3.0, 1.0]]), 2.0, "1").tolist()
        [[2.0, 0.0]]
    """
    if norm == "inf":
        return np.clip(step, -epsilon, epsilon)
    if norm == "2":
        size = length(step, "2")
        return step * like(
            np.minimum(1.0, epsilon / np.maximum(size, 1e-12)), step
        )
    flat = step.reshape(len(step), -1)
    order = -np.sort(-np.abs(flat), 1)
    rest = np.cumsum(order, 1) - epsilon
    places = np.arange(1, flat.shape[1] + 1)
    count = np.maximum((order > rest / places).sum(1), 1)
    cut = rest[np.arange(len(flat)), count - 1] / count
    cut = np.where(order.sum(1) <= epsilon, 0.0, cut)[:, None]
    shrunk = np.sign(flat) * np.maximum(np.abs(flat) - cut, 0.0)
    return shrunk.reshape(step.shape)


def ascent(slope, norm, share=0.05):
    """Gives the direction of length 1 along which a loss grows most.

    Args:
        slope: float array (n, ...).
        norm: str, one of `NORMS`.
        share: float in (0, 1], of the coordinates that an L1 step moves.

    Returns:
        float array (n, ...).

    Source:
        L1: Tramer & Boneh, "Adversarial Training and Robustness for Multiple
        Perturbations", 2019, arXiv:1904.13000, algorithm 1.

    Example:
        >>> ascent(np.array([[3.0, -4.0]]), "2").tolist()
        [[0.6, -0.8]]
    """
    if norm == "inf":
        return np.sign(slope)
    if norm == "2":
        return slope / like(np.maximum(length(slope, "2"), 1e-12), slope)
    flat = np.abs(slope.reshape(len(slope), -1))
    keep = max(1, int(share * flat.shape[1]))
    least = -np.partition(-flat, keep - 1, 1)[:, keep - 1 : keep]
    chosen = np.sign(slope) * (flat >= least).reshape(slope.shape)
    return chosen / like(np.maximum(length(chosen, "1"), 1e-12), slope)


def somewhere(shape, epsilon, norm, random):
    """Draws changes from the ball.

    Args:
        shape: tuple, (n, ...).
        epsilon: float >= 0.
        norm: str, one of `NORMS`.
        random: numpy Generator.

    Returns:
        float array of that shape; uniform for "inf", a random direction and
        a uniform length for the others.

    Example:
        >>> drawn = somewhere((5, 3), 0.1, "2", np.random.default_rng(0))
        >>> bool((length(drawn, "2") <= 0.1).all())
        True
    """
    if norm == "inf":
        return random.uniform(-epsilon, epsilon, shape)
    drawn = (
        random.normal(size=shape) if norm == "2" else random.laplace(size=shape)
    )
    size = epsilon * random.random(len(drawn))
    return drawn * like(size / np.maximum(length(drawn, norm), 1e-12), drawn)
