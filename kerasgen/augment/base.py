"""Augment: a pure function of (fields, seed), Data -> Data."""

from collections.abc import Mapping

import tensorflow as tf

from kerasgen.core import check_arguments


class Augment:
    """What every augmentation is.

    A subclass declares `arguments` and writes `apply(fields, seed)` for a
    batch, with one draw for each example. A call also takes one example.
    Nothing is remembered between calls: the same fields and seed give the
    same result at any parallelism.

    Attributes:
        arguments: mapping of argument name to its range.
        kind: "image", "table" or None for both: the data that it fits.
        stage: "raw" (before `prepare`), "prepared" (after it) or "batch"
            (mixes examples with each other; last).
    """

    arguments = {}
    kind = None
    stage = "raw"

    def __init__(self, **values):
        values = check_arguments(type(self).__name__, self.arguments, values)
        for name, value in values.items():
            setattr(self, name, value)

    def __call__(self, fields, seed):
        """Augments a batch, or one example.

        Args:
            fields: dict with `x` — images (batch, height, width, channels), or
                a dict of columns (batch,) — and maybe `y` and `weight`; or the
                same without the batch axis.
            seed: int tensor (2,), which decides every draw.

        Returns:
            dict of the same fields, shapes and dtypes (`y` may become a
            distribution where examples are mixed).
        """
        seed = tf.cast(seed, tf.int32)
        fields = tf.nest.map_structure(tf.convert_to_tensor, _known(fields))
        if not self._single(fields["x"]):
            return self.apply(dict(fields), seed)
        batch = tf.nest.map_structure(
            lambda t: tf.expand_dims(t, 0), dict(fields)
        )
        out = self.apply(batch, seed)
        return tf.nest.map_structure(lambda t: t[0], out)

    @staticmethod
    def _single(x):
        if isinstance(x, Mapping):
            return len(next(iter(x.values())).shape) == 0
        return len(x.shape) in (1, 3)

    def apply(self, fields, seed):
        """Augments a batch; a subclass writes this."""
        raise NotImplementedError

    def get_config(self):
        """Gives the declared arguments."""
        return {name: getattr(self, name) for name in self.arguments}

    @classmethod
    def from_config(cls, config):
        """Makes the augmentation from its arguments."""
        return cls(**config)


def _known(fields):
    return {name: v for name, v in fields.items() if v is not None}


def fold(seed, salt):
    """Derives another seed, for a second draw in one function.

    Args:
        seed: int tensor (2,).
        salt: int, different for each draw.

    Returns:
        int tensor (2,).

    Example:
        >>> fold(tf.constant([1, 2]), 0).shape
        TensorShape([2])
    """
    return tf.random.experimental.stateless_fold_in(seed, salt)


def uniform(seed, shape, low=0.0, high=1.0):
    """Draws float32 numbers in [low, high) from a seed.

    Args:
        seed: int tensor (2,).
        shape: shape of the draw.
        low: float.
        high: float.

    Returns:
        float32 tensor.

    Example:
        >>> float(uniform(tf.constant([1, 2]), ())) < 1.0
        True
    """
    return tf.random.stateless_uniform(shape, seed, low, high)
