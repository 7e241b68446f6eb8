"""One seed for a whole run, and named children of it."""

import hashlib

import keras

from kerasgen.core.check import message


def child_seed(seed, *names):
    """Derives a seed from another by name.

    Children are independent of each other and of the order in which they are
    asked for, so that adding a random part moves no other part's draws.

    Args:
        seed: int, the parent.
        *names: str or int, what the child is for.

    Returns:
        int in [0, 2**31 - 1).

    Example:
        >>> child_seed(0, "shuffle") == child_seed(0, "shuffle")
        True
        >>> child_seed(0, "shuffle") == child_seed(0, "augment")
        False
    """
    text = "/".join([str(int(seed)), *map(str, names)])
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:8], "big") % (2**31 - 1)


def set_seed(seed):
    """Seeds Python, NumPy and the Keras backend.

    Args:
        seed: int, zero or greater.

    Returns:
        The seed.

    Raises:
        ValueError: for a negative seed.

    Example:
        >>> set_seed(7)
        7
    """
    if int(seed) < 0:
        raise ValueError(
            message("set_seed", "`seed` must be >= 0", {"seed": seed})
        )
    keras.utils.set_random_seed(int(seed))
    return int(seed)
