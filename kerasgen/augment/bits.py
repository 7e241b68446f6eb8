"""Random numbers for each pixel, by a hash of its place.

A compiled pass can't use TensorFlow's generators, whose numbers depend on the
compiler; a hash of (place, salt) is the same on every device and costs less.
"""

import tensorflow as tf


def hashed(count, salt):
    """Draws 31 random bits for each of many places.

    Args:
        count: int or scalar tensor, the number of places.
        salt: int32 scalar tensor, which decides every draw.

    Returns:
        int32 tensor (count,), in [0, 2**31).

    Source:
        A multiply-xorshift hash as in Wellons, "Prospecting for Hash
        Functions", 2018 (constants of its two-round `lowbias32`).

    Example:
        >>> hashed(3, tf.constant(1)).shape
        TensorShape([3])
    """
    bits = tf.range(count) * -1640531527 + salt
    for shift, factor in ((16, 0x7FEB352D), (15, -2073319797)):
        bits = tf.bitwise.bitwise_xor(bits, _right(bits, shift))
        bits *= factor
    bits = tf.bitwise.bitwise_xor(bits, _right(bits, 16))
    return tf.bitwise.bitwise_and(bits, 0x7FFFFFFF)


def _right(bits, shift):
    """Shifts zeros in, which int32's own shift doesn't."""
    mask = (1 << (32 - shift)) - 1
    return tf.bitwise.bitwise_and(tf.bitwise.right_shift(bits, shift), mask)


def normal(shape, salt):
    """Draws normal numbers for each place.

    Args:
        shape: tensor or tuple of int.
        salt: int32 scalar tensor.

    Returns:
        float32 tensor of the shape, of mean 0 and standard deviation 1.

    Example:
        >>> float(tf.math.reduce_std(normal((4000,), tf.constant(3)))) > 0.9
        True
    """
    count = tf.reduce_prod(shape)
    even = (tf.cast(hashed(count, salt), tf.float32) + 0.5) / 2.0**31
    # Never exactly 0 or 1, whose quantiles are infinite.
    even = tf.clip_by_value(even, 1e-7, 1.0 - 1e-7)
    return tf.reshape(tf.math.ndtri(even), shape)


def salts(seed, n):
    """Draws a salt for each example.

    Args:
        seed: int tensor (2,).
        n: int or scalar tensor.

    Returns:
        int32 tensor (n,).

    Example:
        >>> salts(tf.constant([1, 2]), 3).shape
        TensorShape([3])
    """
    return tf.random.stateless_uniform(
        (n,), seed, minval=None, maxval=None, dtype=tf.int32
    )
