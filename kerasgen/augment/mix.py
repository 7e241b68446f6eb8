"""Mixtures of examples: what every mixing move is, and mixup."""

from collections.abc import Mapping

import tensorflow as tf

from kerasgen.augment.base import Augment, fold, uniform
from kerasgen.core import Float, Int, message, register

ALPHA = Float(0.0, search=(0.0, 1.0))
RATE = Float(0.0, 1.0, search=(0.0, 1.0))
CLASSES = Int(2)


class Mixing(Augment):
    """A move that mixes each example with another one of its batch.

    A subclass writes `mixed`. Labels that are whole numbers become
    distributions over `classes`; distributions and targets that are numbers
    are blended, and weights with them.
    """

    stage = "batch"

    @property
    def idle(self):
        """bool, whether nothing is ever mixed."""
        return self.rate == 0 or getattr(self, "alpha", 1.0) == 0

    def mixed(self, x, other, share, seed):
        """Mixes a batch; a subclass writes this.

        Args:
            x: tensor (batch, ...).
            other: tensor of the same shape, what each example is mixed with.
            share: float32 tensor (batch,), how much of the first is meant to
                stay; 1 leaves an example alone.
            seed: int tensor (2,).

        Returns:
            tensor like `x`; float32 tensor (batch,), how much did stay; and
            a bool tensor (batch, height, width), where the first is seen, or
            None where both are seen everywhere.
        """
        raise NotImplementedError

    def apply(self, fields, seed):
        """Mixes a batch with a permutation of itself.

        Args:
            fields: dict with `x` (batch, ...), and maybe `y`, `weight` and
                `mask`.
            seed: int tensor (2,).

        Returns:
            dict of the same fields.

        Raises:
            ValueError: for whole-number labels where `classes` isn't known,
                or targets and fields that can't be mixed.
            TypeError: for inputs that are neither pixels nor float.
        """
        if self.idle:
            return fields
        x = self._checked(fields)
        n = tf.shape(x)[0]
        order = tf.random.experimental.stateless_shuffle(
            tf.range(n), fold(seed, 2)
        )
        share = self.share(n, seed)
        chosen = uniform(fold(seed, 3), (n,)) < self.rate
        share = tf.where(chosen, share, 1.0)
        new, share, seen = self.mixed(x, tf.gather(x, order), share, seed)
        out = {**fields, "x": new}
        for name in ("y", "mask"):
            if fields.get(name) is not None:
                out[name] = tf.nest.map_structure(
                    lambda y: self._target(y, order, share, seen, x),
                    fields[name],
                )
        if fields.get("weight") is not None:
            out["weight"] = tf.nest.map_structure(
                lambda weight: self._weight(weight, order, share, seen, x),
                fields["weight"],
            )
        return out

    def share(self, n, seed):
        """Draws how much of each example stays."""
        return beta(seed, n, self.alpha)

    def _checked(self, fields):
        where, x = type(self).__name__, fields["x"]
        lost = [name for name in ("boxes", "keypoints") if name in fields]
        if lost:
            raise ValueError(
                message(
                    where,
                    "fields must mix with the images that they lie in",
                    {"fields": lost},
                    "Boxes and keypoints can't: leave mixing out for them.",
                )
            )
        if isinstance(x, Mapping) or not (
            x.dtype == tf.uint8 or x.dtype.is_floating
        ):
            kind = "columns" if isinstance(x, Mapping) else x.dtype.name
            raise TypeError(
                message(
                    where,
                    "inputs must be pixels (uint8) or float, such as prepared "
                    "tables, sounds and embeddings",
                    {"x": kind},
                    "Mixing goes after `prepare`; words mix as embeddings.",
                )
            )
        return x

    def _target(self, y, order, share, seen, x):
        if _dense(y, x) and seen is not None:
            at = seen if len(y.shape) == 3 else seen[..., None]
            return tf.where(at, y, tf.gather(y, order))
        y = self._soft(y, x)
        return blend(y, tf.gather(y, order), share)

    def _weight(self, weight, order, share, seen, x):
        if not weight.dtype.is_floating:
            weight = tf.cast(weight, tf.float32)
        if _dense(weight, x):
            return self._target(weight, order, share, seen, x)
        return blend(weight, tf.gather(weight, order), share)

    def _soft(self, y, x):
        """Makes distributions of whole-number labels."""
        if y.dtype.is_floating:
            return y
        flags = y.dtype.is_integer or y.dtype.is_bool
        whole = flags and (len(y.shape) == 1 or _dense(y, x))
        if flags and len(y.shape) in (2, 4) and y.shape[-1] == 1:
            y, whole = y[..., 0], True
        elif whole and len(y.shape) == 4:
            return tf.cast(y, tf.float32)
        if not whole:
            raise ValueError(
                message(
                    type(self).__name__,
                    "targets must be classes, distributions, numbers or masks",
                    {"dtype": y.dtype.name, "shape": tuple(y.shape)},
                    "Tags and texts can't be mixed.",
                )
            )
        why = "whole-number labels become distributions (numbers are float)"
        return tf.one_hot(tf.cast(y, tf.int32), self.need("classes", why))


def _dense(y, x):
    return len(y.shape) in (3, 4) and len(x.shape) == 4


def blend(first, second, share):
    """Mixes two batches, each pair by its own share.

    Args:
        first: tensor (batch, ...), uint8 or float.
        second: tensor of the same shape.
        share: float32 tensor (batch,), of the first; where it is 1, the
            first comes back bit for bit.

    Returns:
        tensor of the same dtype.

    Example:
        >>> blend(tf.zeros(1), tf.ones(1), tf.constant([0.25])).numpy()
        array([0.75], dtype=float32)
    """
    if len(first.shape) > 2 and None not in first.shape[1:]:
        return _compiled(first, second, share)
    return _blend(first, second, share)


def _blend(first, second, share):
    share = tf.reshape(share, (-1,) + (1,) * (len(first.shape) - 1))
    wide = tf.float64 if first.dtype == tf.float64 else tf.float32
    one, two, share = (tf.cast(t, wide) for t in (first, second, share))
    mixed = one * share + two * (1.0 - share)
    if first.dtype == tf.uint8:
        mixed = tf.round(mixed)
    return tf.where(share < 1.0, tf.cast(mixed, first.dtype), first)


# Casts, products and the sum become one pass over memory.
_compiled = tf.function(_blend, jit_compile=True, autograph=False)


def beta(seed, n, alpha):
    """Draws from a Beta distribution with two equal parameters.

    Args:
        seed: int tensor (2,).
        n: int or scalar tensor.
        alpha: float >= 0; 0 gives ones only.

    Returns:
        float32 tensor (n,), in [0, 1].

    Example:
        >>> beta(tf.constant([1, 2]), 3, 0.4).shape
        TensorShape([3])
    """
    if not alpha:
        return tf.ones((n,))

    def log_gamma(draw, salt):
        # By Gamma(a) = Gamma(a + 1) U^(1/a): a small `a` underflows no float.
        one_more = tf.random.stateless_gamma((n,), draw, alpha + 1.0)
        chance = 1.0 - uniform(fold(seed, salt), (n,))
        return tf.math.log(one_more) + tf.math.log(chance) / alpha

    return tf.sigmoid(log_gamma(seed, 7) - log_gamma(fold(seed, 1), 8))


@register("augment")
class MixUp(Mixing):
    """Replaces examples and labels by convex combinations of pairs.

    Args:
        alpha: float >= 0, both parameters of the Beta distribution that the
            weight of the first example is drawn from; 0 mixes nothing and
            leaves labels as they are.
        classes: int, the number of classes, which turns whole-number labels
            (and masks) into distributions; None takes the data's.
        rate: float in [0, 1], the probability of an example to be mixed.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018,
        arXiv:1710.09412, equation 2; one weight for each pair.

    Example:
        >>> fields = {"x": tf.zeros((2, 3)), "y": tf.constant([0, 1])}
        >>> MixUp(alpha=0.2, classes=2)(fields, [0, 0])["y"].shape
        TensorShape([2, 2])
    """

    arguments = {"alpha": ALPHA, "classes": CLASSES, "rate": RATE}

    def __init__(self, alpha=0.2, classes=None, rate=1.0):
        super().__init__(alpha=alpha, classes=classes, rate=rate)

    def mixed(self, x, other, share, seed):
        """Blends."""
        return blend(x, other, share), share, None
