"""The hardest of several augmented copies."""

import tensorflow as tf

from kerasgen.augment.base import fold
from kerasgen.core import Int


def worst_of(part, fields, seed, score, count=4):
    """Augments each example several times and keeps the hardest copy.

    Args:
        part: Augment that keeps shapes.
        fields: dict with `x` (batch, ...) and whatever the score needs.
        seed: int tensor (2,).
        score: callable from fields to a float tensor (batch,), such as the
            loss of each example under the present model; the greatest wins.
        count: int >= 1, the number of copies; 1 is the augmentation itself.

    Returns:
        dict of the same fields: for each example the copy of greatest score.

    Raises:
        ValueError: for a count less than 1.

    Source:
        Wang et al., "AugMax: Adversarial Composition of Random Augmentations
        for Robust Training", 2021, arXiv:2110.13771, for the aim; here the
        worst is picked out of random draws (Gong et al., "MaxUp", 2021,
        arXiv:2002.09024), which needs no gradient.

    Example:
        >>> from kerasgen.augment import Brightness
        >>> x = tf.fill((2, 4, 4, 1), tf.constant(100, tf.uint8))
        >>> def light(fields):
        ...     return tf.cast(fields["x"][:, 0, 0, 0], tf.float32)
        >>> out = worst_of(Brightness(0.5), {"x": x}, [0, 0], light, 8)
        >>> bool(tf.reduce_all(light(out) > 100))
        True
    """
    count = Int(1).check("worst_of", "count", count)
    seed = tf.cast(seed, tf.int32)
    best, top = None, None
    for salt in range(count):
        made = part(fields, fold(seed, salt))
        value = tf.cast(score(made), tf.float32)
        if best is None:
            best, top = made, value
            continue
        better = value > top

        def pick(new, old, better=better):
            shape = [-1] + [1] * (len(new.shape) - 1)
            return tf.where(tf.reshape(better, shape), new, old)

        best = tf.nest.map_structure(pick, made, best)
        top = tf.maximum(top, value)
    return best
