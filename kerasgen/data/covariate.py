"""Covariate shift on purpose: examples kept by where they lie."""

import numpy as np

from kerasgen.core import Float, child_seed, message, one_of
from kerasgen.data.change import change

# Directions of more numbers than this are found by some examples.
_EXACT, _SOME = 2048, 512


def covariate_shift(data, by=None, strength=2.0, split="train", seed=0):
    """Keeps the examples of a split by chance, by where they lie.

    An example stays with probability sigmoid(strength * z), where z is its
    score `by`, standardised on the split; p(x) changes, p(y | x) stays. The
    exact weights that undo the shift are 1 / `keep_chances`.

    Args:
        data: Data.
        by: str, a column of numbers; float array (features,), a direction of
            prepared examples; or None for the direction of their greatest
            variance (of the first 512, where they have more than 2048
            numbers), towards its greatest coefficient.
        strength: float; 0 keeps a random half, and a negative one the other
            end.
        split: str, the split that is changed.
        seed: int.

    Returns:
        Data; `prepare` is adapted anew where the split is train.

    Raises:
        ValueError: for an unknown split or column, a direction of another
            length, missing cells in the column, or an empty result.

    Source:
        Biased sampling by a feature or the first principal component: Huang
        et al., "Correcting Sample Selection Bias by Unlabeled Data", 2006.
        Their chance falls with the distance from a low quantile; ours is
        logistic.

    Example:
        >>> import kerasgen as kg
        >>> data = kg.data.load("wine")
        >>> high = covariate_shift(data, "alcohol", strength=4.0)
        >>> parts = [each.splits["train"] for each in (data, high)]
        >>> low, high = (part.x["alcohol"].mean() for part in parts)
        >>> bool(low < high)
        True
    """
    chances = keep_chances(data, by, strength, split)
    random = np.random.default_rng(child_seed(seed, "covariate shift"))
    places = np.flatnonzero(random.random(len(chances)) < chances)
    if not len(places):
        raise ValueError(
            message(
                "covariate_shift",
                "some examples must stay",
                {"strength": strength, "examples": len(chances)},
            )
        )
    examples = data.splits[split].take(places)
    return change(data, split, examples, "covariate shift", learn=True)


def keep_chances(data, by=None, strength=2.0, split="train"):
    """Gives the probability with which `covariate_shift` keeps examples.

    Args:
        data: Data, before the shift.
        by: str, float array (features,) or None, as for `covariate_shift`.
        strength: float.
        split: str.

    Returns:
        float64 array (n,), in the order of the split.

    Raises:
        ValueError: as for `covariate_shift`.

    Example:
        >>> import kerasgen as kg
        >>> float(keep_chances(kg.data.load("wine"), strength=0.0).mean())
        0.5
    """
    one_of("covariate_shift", "split", split, data.splits)
    Float().check("covariate_shift", "strength", strength)
    score = _column(data, by, split) if isinstance(by, str) else None
    if score is None:
        direction = None if by is None else np.asarray(by, "float64")
        score = _along(data, direction, split)
    spread = score.std()
    z = (score - score.mean()) / (spread if spread > 0 else 1.0)
    return 0.5 * (1.0 + np.tanh(0.5 * strength * z))


def _column(data, name, split):
    numbers = [c.name for c in data.schema.columns if c.kind == "number"]
    one_of("covariate_shift", "by", name, numbers)
    values = np.asarray(data.splits[split].x[name], "float64")
    gaps = int((~np.isfinite(values)).sum())
    if gaps:
        raise ValueError(
            message(
                "covariate_shift",
                "the column must have no missing cells",
                {"by": name, "missing": gaps},
                "Give another column, or a direction of prepared examples.",
            )
        )
    return values


def _batches(data, split):
    for x, *_ in data.batches(split, 256, shuffle=False):
        yield np.asarray(x, "float64").reshape(len(x), -1)


def _along(data, direction, split):
    if direction is None:
        direction = _widest(data, split)
    size = int(np.prod(data.shape))
    if direction.shape != (size,):
        raise ValueError(
            message(
                "covariate_shift",
                f"a direction must have the {size} numbers of a prepared "
                "example",
                {"by": direction.shape},
            )
        )
    return np.concatenate([x @ direction for x in _batches(data, split)])


def _widest(data, split):
    """The first principal component."""
    size = int(np.prod(data.shape))
    if size > _EXACT:
        # Their inner products tell as much as a matrix too great to hold.
        x = _some(data, split)
        x -= x.mean(0)
        vector = x.T @ np.linalg.eigh(x @ x.T)[1][:, -1]
    else:
        total, products, n = 0.0, 0.0, 0
        for x in _batches(data, split):
            total, products, n = (
                total + x.sum(0),
                products + x.T @ x,
                n + len(x),
            )
        mean = total / n
        spread = products / n - np.outer(mean, mean)
        vector = np.linalg.eigh(spread)[1][:, -1]
    return vector * np.sign(vector[np.argmax(np.abs(vector))] or 1.0)


def _some(data, split):
    """The first examples, which stand in no order of their own."""
    found, n = [], 0
    for x in _batches(data, split):
        found.append(x[: _SOME - n])
        n += len(found[-1])
        if n == _SOME:
            break
    return np.concatenate(found)
