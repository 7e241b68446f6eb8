"""Small seeded data for tests and tries."""

import numpy as np

from kerasgen.core import child_seed


def images(n=200, classes=3, shape=(8, 8, 1), seed=0):
    """Draws images whose class is the place of a bright bar.

    Args:
        n: int, the number of images.
        classes: int, at most the width.
        shape: tuple (height, width, channels).
        seed: int.

    Returns:
        uint8 array (n, *shape) and int64 array (n,).

    Example:
        >>> x, y = images(6, classes=2)
        >>> x.shape, y.tolist()
        ((6, 8, 8, 1), [0, 1, 0, 1, 0, 1])
    """
    random = np.random.default_rng(child_seed(seed, "images"))
    y = np.arange(n) % classes
    x = random.integers(0, 120, (n, *shape))
    for index, label in enumerate(y):
        start = label * shape[1] // classes
        x[index, :, start : start + max(1, shape[1] // (2 * classes))] += 120
    return x.astype("uint8"), y.astype("int64")


def table(n=200, classes=3, numbers=4, categories=1, missing=0.0, seed=0):
    """Draws rows of numbers and categories that tell the class.

    Args:
        n: int, the number of rows.
        classes: int; 0 for a target that is a number.
        numbers: int, the columns of numbers.
        categories: int, the columns of categories.
        missing: float in [0, 1), the share of cells that are missing.
        seed: int.

    Returns:
        dict of column name to array (n,), and the labels (n,).

    Example:
        >>> x, y = table(4, classes=2, numbers=1)
        >>> sorted(x), y.tolist()
        (['category_0', 'number_0'], [0, 1, 0, 1])
    """
    random = np.random.default_rng(child_seed(seed, "table"))
    y = np.arange(n) % classes if classes else random.normal(size=n)
    x = {}
    for index in range(numbers):
        values = (y + random.normal(0.0, 0.5, n)).astype("float32")
        values[random.random(n) < missing] = np.nan
        x[f"number_{index}"] = values
    for index in range(categories):
        code = np.clip(np.round(y + random.normal(0.0, 0.3, n)), 0, 5).astype(
            int
        )
        values = np.array(list("abcdef"), dtype=object)[code]
        values[random.random(n) < missing] = ""
        x[f"category_{index}"] = values
    return x, y.astype("int64") if classes else y.astype("float32")
