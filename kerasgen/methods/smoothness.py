"""Virtual adversarial loss: answers stay the same in a small ball."""

import keras
from keras import ops

from kerasgen.core import input_gradient


def virtual_adversarial(answer, x, logits, *, epsilon, probe, turns, seed):
    """Gives how far answers move in the direction that moves them most.

    The direction is found by power iteration, without labels.

    Args:
        answer: callable from inputs to logits.
        x: float tensor (n, ...).
        logits: float tensor (n, classes), the answers for `x`; no gradient
            flows through them.
        epsilon: float >= 0, the distance in the inputs' own unit, as the
            length of an example's whole change.
        probe: float > 0, the distance at which slopes are measured.
        turns: int >= 1, of the power iteration.
        seed: keras.random.SeedGenerator.

    Returns:
        float tensor (n,), the divergence of the moved answers.

    Source:
        Miyato et al., "Virtual Adversarial Training: A Regularization Method
        for Supervised and Semi-Supervised Learning", 2018, arXiv:1704.03976,
        equations 8 to 11.

    Example:
        >>> x = ops.ones((2, 3))
        >>> seed = keras.random.SeedGenerator(0)
        >>> flat = virtual_adversarial(
        ...     lambda x: 0.0 * x, x, 0.0 * x, epsilon=1.0, probe=0.1,
        ...     turns=1, seed=seed)
        >>> float(ops.max(flat))
        0.0
    """
    x = ops.cast(x, "float32")
    logits = ops.stop_gradient(ops.cast(logits, "float32"))
    way = unit(keras.random.normal(ops.shape(x), seed=seed))
    for _ in range(turns):
        start = way

        def moved(step, start=start):
            return divergence(logits, answer(x + probe * (start + step)))

        way = unit(input_gradient(moved, ops.zeros_like(x)))
    way = ops.stop_gradient(way)
    return divergence(logits, answer(x + epsilon * way))


def divergence(one, two):
    """Gives the Kullback-Leibler divergence of answers.

    Args:
        one: float tensor (n, classes), logits of the reference.
        two: float tensor (n, classes), logits.

    Returns:
        float tensor (n,) >= 0, in nats.

    Example:
        >>> float(divergence(ops.zeros((1, 2)), ops.zeros((1, 2)))[0])
        0.0
    """
    one, two = (ops.log_softmax(ops.cast(z, "float32")) for z in (one, two))
    return ops.sum(ops.exp(one) * (one - two), -1)


def unit(x):
    """Brings each example to length 1.

    Args:
        x: float tensor (n, ...).

    Returns:
        float tensor shaped like `x`.

    Example:
        >>> ops.convert_to_numpy(unit(ops.array([[3.0, 4.0]]))).tolist()
        [[0.6000000238418579, 0.800000011920929]]
    """
    axes = tuple(range(1, len(x.shape)))
    # First by the greatest, so that squares don't vanish.
    x = x / (ops.max(ops.abs(x), axes, keepdims=True) + 1e-30)
    length = ops.sqrt(ops.sum(ops.square(x), axes, keepdims=True) + 1e-12)
    return x / length
