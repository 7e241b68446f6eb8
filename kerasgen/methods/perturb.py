"""Perturbations in the graph: the worst inputs of a ball, for training."""

import math

import keras
from keras import ops

from kerasgen.core import input_gradient, message
from kerasgen.methods.smoothness import unit

NORMS = ("inf", "2", "1")
# The share of coordinates that one L1 step moves.
_SHARE = 0.05


def perturb(
    harm,
    x,
    *,
    epsilon,
    norm="inf",
    steps=10,
    size=0.0,
    low=None,
    high=None,
    seed=None,
):
    """Changes inputs within a ball so that a value grows, by PGD.

    One step from a random place is the fast variant of FGSM, one from the
    example itself is FGSM. No gradient flows through what comes back.

    Args:
        harm: callable from inputs to a tensor of values that should grow;
            what one example adds must not depend on the others.
        x: float tensor (n, ...).
        epsilon: float or float scalar tensor >= 0, the radius in the unit of
            `x`.
        norm: "inf", "2" or "1".
        steps: int >= 1.
        size: float or float scalar tensor >= 0, of a step; the number 0 takes
            1.25 epsilon for one step, 2.5 epsilon / steps for more.
        low: float, the least value of an input, or None.
        high: float, the greatest, or None; with both None they are found for
            each batch: inputs within [0, 1] or within [0, 255] stay there,
            others have no bounds.
        seed: keras.random.SeedGenerator of the random start, or None to start
            at the examples.

    Returns:
        float32 tensor shaped like `x`, in the ball and the bounds. Inputs
        that lie outside the bounds go no farther out.

    Raises:
        ValueError: where the value doesn't depend on the inputs by slopes.

    Source:
        Madry et al., "Towards Deep Learning Models Resistant to Adversarial
        Attacks", 2018, arXiv:1706.06083, section 2.1; Wong et al., "Fast is
        better than free", 2020, arXiv:2001.03994, algorithm 3.

    Example:
        >>> x = ops.array([[0.5, 0.5]])
        >>> def harm(x):
        ...     return x[:, 0] - x[:, 1]
        >>> found = perturb(harm, x, epsilon=0.25, steps=2)
        >>> ops.convert_to_numpy(found).tolist()
        [[0.75, 0.25]]
    """
    x = ops.stop_gradient(ops.cast(x, "float32"))
    epsilon = ops.cast(epsilon, "float32")
    low, high = bounds_of(x, low, high)

    def inside(place):
        step = project(place - x, epsilon, norm)
        return ops.clip(x + step, low, high)

    if isinstance(size, (int, float)) and not size:
        size = epsilon * (1.25 if steps == 1 else 2.5 / steps)

    def climb(_, place):
        slope = input_gradient(harm, place)
        if slope is None:
            raise ValueError(
                message(
                    "perturb",
                    "the model's output must depend smoothly on its input",
                )
            )
        return inside(place + size * ascent(slope, norm))

    place = x
    if seed is not None:
        # Not held to the bounds yet: of black pixels half would start at
        # black, and one step would always end at a corner of the ball.
        place = x + epsilon * somewhere(x, norm, seed)
    if steps == 1:
        return ops.stop_gradient(climb(0, place))
    return ops.stop_gradient(ops.fori_loop(0, steps, climb, place))


def bounds_of(x, low=None, high=None):
    """Gives the least and greatest values that inputs may take.

    Args:
        x: float tensor (n, ...).
        low: float, the least value of an input, or None.
        high: float, the greatest, or None.

    Returns:
        Pair of float tensors that spread over `x`.

    Example:
        >>> low, high = bounds_of(ops.array([[0.2, 0.9]]))
        >>> ops.convert_to_numpy(high).tolist()
        [[1.0, 1.0]]
    """
    if low is None and high is None:
        least, most = ops.min(x), ops.max(x)
        free = ops.logical_or(least < 0.0, most > 255.0)
        low = ops.where(free, -math.inf, 0.0)
        high = ops.where(free, math.inf, ops.where(most <= 1.0, 1.0, 255.0))
    low = -math.inf if low is None else low
    high = math.inf if high is None else high
    return ops.minimum(x, low), ops.maximum(x, high)


def project(step, epsilon, norm):
    """Brings changes into the ball of radius epsilon.

    Args:
        step: float tensor (n, ...).
        epsilon: float scalar tensor >= 0.
        norm: "inf", "2" or "1".

    Returns:
        float tensor (n, ...), the nearest by the Euclidean distance.

    Source:
        L1: Duchi et al., "Efficient Projections onto the l1-Ball for Learning
        in High Dimensions", 2008, figure 1.

    Example:
        >>> step = project(ops.array([[3.0, 1.0]]), 2.0, "1")
        >>> ops.convert_to_numpy(step).tolist()
        [[2.0, 0.0]]
    """
    if norm == "inf":
        return ops.clip(step, -epsilon, epsilon)
    if norm == "2":
        axes = tuple(range(1, len(step.shape)))
        size = ops.sqrt(ops.sum(ops.square(step), axes, keepdims=True))
        return step * ops.minimum(1.0, epsilon / ops.maximum(size, 1e-12))
    flat = _flat(step)
    order = -ops.sort(-ops.abs(flat), -1)
    rest = ops.cumsum(order, -1) - epsilon
    places = ops.arange(1, flat.shape[-1] + 1, dtype="float32")
    count = ops.sum(ops.cast(order > rest / places, "int32"), -1)
    count = ops.maximum(count, 1)[:, None]
    cut = ops.take_along_axis(rest, count - 1, -1) / ops.cast(count, "float32")
    shrunk = ops.maximum(ops.abs(flat) - ops.maximum(cut, 0.0), 0.0)
    return ops.reshape(ops.sign(flat) * shrunk, ops.shape(step))


def ascent(slope, norm):
    """Gives the direction of length 1 along which a value grows most.

    Args:
        slope: float tensor (n, ...).
        norm: "inf", "2" or "1"; the last moves the twentieth of coordinates
            with the steepest slopes.

    Returns:
        float tensor (n, ...).

    Source:
        L1: Tramer & Boneh, "Adversarial Training and Robustness for Multiple
        Perturbations", 2019, arXiv:1904.13000, algorithm 1.

    Example:
        >>> way = ascent(ops.array([[3.0, -4.0]]), "2")
        >>> ops.convert_to_numpy(way).round(3).tolist()
        [[0.6000000238418579, -0.800000011920929]]
    """
    if norm == "inf":
        return ops.sign(slope)
    if norm == "2":
        return unit(slope)
    flat = ops.abs(_flat(slope))
    keep = max(1, int(_SHARE * flat.shape[-1]))
    least = ops.top_k(flat, keep)[0][:, -1:]
    chosen = ops.sign(_flat(slope)) * ops.cast(flat >= least, "float32")
    size = ops.maximum(ops.sum(ops.abs(chosen), -1, keepdims=True), 1e-12)
    return ops.reshape(chosen / size, ops.shape(slope))


def somewhere(x, norm, seed):
    """Draws changes from the ball of radius 1.

    Args:
        x: float tensor (n, ...).
        norm: "inf", "2" or "1".
        seed: keras.random.SeedGenerator.

    Returns:
        float tensor shaped like `x`; uniform for "inf", a random direction
        and a uniform length for the others.

    Example:
        >>> seed = keras.random.SeedGenerator(0)
        >>> drawn = somewhere(ops.ones((2, 3)), "1", seed)
        >>> bool(ops.max(ops.sum(ops.abs(drawn), -1)) <= 1.0)
        True
    """
    shape = ops.shape(x)
    if norm == "inf":
        return keras.random.uniform(shape, -1.0, 1.0, seed=seed)
    far = keras.random.uniform((shape[0], 1), seed=seed)
    far = ops.reshape(far, (-1,) + (1,) * (len(x.shape) - 1))
    if norm == "2":
        return far * unit(keras.random.normal(shape, seed=seed))
    drawn = keras.random.uniform(shape, -1.0, 1.0, seed=seed)
    # Laplace's distribution, by its inverse.
    drawn = -ops.sign(drawn) * ops.log(1.0 - ops.abs(drawn) + 1e-7)
    axes = tuple(range(1, len(x.shape)))
    size = ops.sum(ops.abs(drawn), axes, keepdims=True)
    return far * drawn / ops.maximum(size, 1e-12)


def _flat(x):
    width = math.prod(x.shape[1:])
    return ops.reshape(x, (-1, width))
