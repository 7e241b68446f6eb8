"""Where a token stands, as attention sees it."""

import math

import numpy as np
from keras import ops

BUCKETS = 32
_REACH = 128
_BASE = 10000.0


def rotate(x, start=0):
    """Turns pairs of channels by an angle that grows with the position.

    The product of a query and a key that were both turned depends on their
    distance alone.

    Args:
        x: float tensor (batch, time, heads, width), of even width; channel i
            is turned together with channel i + width / 2.
        start: int or int scalar tensor, the first step's position.

    Returns:
        float tensor shaped like `x`.

    Source:
        Su et al., "RoFormer: Enhanced Transformer with Rotary Position
        Embedding", 2021, arXiv:2104.09864, equation 34.

    Example:
        >>> turned = rotate(ops.ones((1, 2, 1, 2)))
        >>> turned.numpy()[0, :, 0].astype("float64").round(3).tolist()
        [[1.0, 1.0], [-0.301, 1.382]]
    """
    half = x.shape[-1] // 2
    speed = _BASE ** (-np.arange(half, dtype="float32") / half)
    position = ops.cast(start + ops.arange(ops.shape(x)[1]), "float32")
    angle = (position[:, None] * speed)[:, None]
    sine, cosine = ops.sin(angle), ops.cos(angle)
    one, two = ops.cast(x[..., :half], "float32"), x[..., half:]
    two = ops.cast(two, "float32")
    turned = [one * cosine - two * sine, two * cosine + one * sine]
    return ops.cast(ops.concatenate(turned, -1), x.dtype)


def distances(queries, keys, start=0):
    """Gives how far each key stands behind each query.

    Args:
        queries: int or int scalar tensor, the number of queries.
        keys: int or int scalar tensor, the number of keys.
        start: int or int scalar tensor, the first query's position.

    Returns:
        int tensor (queries, keys), below 0 where the key comes first.

    Example:
        >>> distances(2, 3).numpy().tolist()
        [[0, 1, 2], [-1, 0, 1]]
    """
    asking = start + ops.arange(queries, dtype="int32")
    return ops.arange(keys, dtype="int32") - asking[:, None]


def buckets(distance, causal):
    """Sorts distances into 32 buckets: near ones alone, far ones together.

    Args:
        distance: int tensor of positions of keys less those of queries.
        causal: bool, whether only keys before the query count; else half of
            the buckets are for those behind.

    Returns:
        int tensor in [0, 32). Beyond 128 all distances share a bucket.

    Source:
        Raffel et al., "Exploring the Limits of Transfer Learning with a
        Unified Text-to-Text Transformer", 2020, arXiv:1910.10683, section
        2.1.

    Example:
        >>> buckets(ops.array([0, -1, 1, -99, 999]), False).numpy().tolist()
        [0, 1, 17, 15, 31]
    """
    distance = ops.cast(distance, "int32")
    count = BUCKETS if causal else BUCKETS // 2
    first = 0
    if causal:
        far = ops.maximum(-distance, 0)
    else:
        first = ops.where(distance > 0, count, 0)
        far = ops.abs(distance)
    near = count // 2
    share = ops.log(ops.cast(ops.maximum(far, 1), "float32") / near)
    share = share / math.log(_REACH / near)
    shared = near + ops.cast(share * (count - near), "int32")
    shared = ops.minimum(shared, count - 1)
    return first + ops.where(far < near, far, shared)


def slopes(heads):
    """Gives how steeply each head forgets by distance.

    Args:
        heads: int.

    Returns:
        float32 array (heads,).

    Source:
        Press et al., "Train Short, Test Long: Attention with Linear Biases
        Enables Input Length Extrapolation", 2022, arXiv:2108.12409, section
        3, whose series is used for any number of heads.

    Example:
        >>> slopes(4).tolist()
        [0.25, 0.0625, 0.015625, 0.00390625]
    """
    return 2.0 ** (-8.0 * np.arange(1, heads + 1, dtype="float32") / heads)
