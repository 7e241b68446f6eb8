"""Changes of a Square attack in the Euclidean ball: bumps that move mass."""

import numpy as np


def bump(tall, wide):
    """Gives a bump of length 1: nested squares of falling height.

    Args:
        tall: int >= 1.
        wide: int >= 1.

    Returns:
        float array (tall, wide).

    Source:
        Andriushchenko et al., "Square Attack", 2020, arXiv:1912.00049,
        equation 2.

    Example:
        >>> found = bump(5, 5)
        >>> bool(found[2, 2] == found.max()), round(float((found**2).sum()), 6)
        (True, 1.0)
    """
    # How many squares around the middle hold each place.
    rows, columns = (np.abs(np.arange(n) - n // 2) for n in (tall, wide))
    ring = np.maximum(rows[:, None], columns[None])
    most = max(tall, wide) // 2 + 1
    heights = np.cumsum(1.0 / np.arange(most, 0, -1.0) ** 2)[::-1]
    found = heights[ring]
    return found / np.sqrt((found**2).sum())


def pair_of_bumps(tall, wide, random):
    """Gives a bump beside its opposite, of length 1, upright or lying.

    Args:
        tall: int >= 1.
        wide: int >= 1.
        random: numpy Generator.

    Returns:
        float array (tall, wide).

    Example:
        >>> found = pair_of_bumps(4, 6, np.random.default_rng(0))
        >>> found.shape, bool(abs((found**2).sum() - 1.0) < 1e-9)
        ((4, 6), True)
    """
    if max(tall, wide) == 1:
        return np.ones((1, 1))
    upright = tall > 1 and (wide == 1 or random.random() < 0.5)
    if upright:
        half = tall // 2
        parts = bump(half, wide), -bump(tall - half, wide)
        return np.concatenate(parts, 0) / np.sqrt(2.0)
    half = wide // 2
    parts = bump(tall, half), -bump(tall, wide - half)
    return np.concatenate(parts, 1) / np.sqrt(2.0)


def tiles(shape, side, random):
    """Gives first changes: bumps all over, of length 1.

    Args:
        shape: tuple (n, height, width, channels).
        side: int >= 1, of a tile.
        random: numpy Generator.

    Returns:
        float array of that shape.

    Example:
        >>> found = tiles((1, 4, 4, 1), 2, np.random.default_rng(0))
        >>> round(float((found**2).sum()), 6)
        1.0
    """
    n, height, width, depth = shape
    found = np.zeros(shape)
    tall, wide = min(side, height), min(side, width)
    for top in range(0, height - tall + 1, tall):
        for left in range(0, width - wide + 1, wide):
            place = (slice(None), slice(top, top + tall))
            place += (slice(left, left + wide),)
            made = pair_of_bumps(tall, wide, random)[None, :, :, None]
            found[place] = made * random.choice([-1.0, 1.0], (n, 1, 1, depth))
    size = np.sqrt((found**2).sum((1, 2, 3), keepdims=True))
    return found / np.maximum(size, 1e-12)


def moved(change, side, epsilon, random):
    """Moves the mass of one window of a change into another one's bumps.

    Args:
        change: float array (height, width, channels), as it is.
        side: int >= 1, of the windows.
        epsilon: float, the length that a change may have.
        random: numpy Generator.

    Returns:
        float array (height, width, channels), of length epsilon.

    Source:
        Andriushchenko et al., 2020, arXiv:1912.00049, algorithm 3.

    Example:
        >>> found = moved(
        ...     np.ones((4, 4, 1)), 2, 0.5, np.random.default_rng(0))
        >>> round(float((found**2).sum()), 6)
        0.25
    """
    height, width, depth = change.shape
    tall, wide = min(side, height), min(side, width)
    to, off = (
        (slice(top, top + tall), slice(left, left + wide))
        for top, left in (
            (
                random.integers(0, height - tall + 1),
                random.integers(0, width - wide + 1),
            )
            for _ in range(2)
        )
    )
    both = np.zeros((height, width, 1), bool)
    both[to] = both[off] = True
    mass = ((change * both) ** 2).sum((0, 1))
    left = max(epsilon**2 - (change**2).sum(), 0.0) / depth
    old = change[to]
    old = old / (np.sqrt((old**2).sum((0, 1))) + 1e-10)
    made = pair_of_bumps(tall, wide, random)[:, :, None]
    made = old + made * random.choice([-1.0, 1.0], depth)
    made = made / np.maximum(np.sqrt((made**2).sum((0, 1))), 1e-12)
    out = change.copy()
    out[off] = 0.0
    out[to] = made * np.sqrt(left + mass)
    return out * (epsilon / max(np.sqrt((out**2).sum()), 1e-12))
