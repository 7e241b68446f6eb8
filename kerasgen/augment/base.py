"""Augment: a pure function of (fields, seed), Data -> Data."""

from collections.abc import Mapping

import tensorflow as tf

from kerasgen.core import check_arguments, message

# The rank of one example's `x`, by kind.
_RANKS = {"image": 3, "video": 4, "audio": 1, "text": 0}
_FIELDS = ("x", "y", "weight")


class Augment:
    """What every augmentation is.

    A subclass declares `arguments` and writes `apply(fields, seed)` for a
    batch, with one draw for each example. A call also takes one example, and
    plain `(x, y)`. Nothing is remembered between calls: the same fields and
    seed give the same result at any parallelism.

    Attributes:
        arguments: mapping of argument name to its range.
        kind: "image", "video", "audio", "text", "table" or None for any: the
            data that it fits.
        stage: "raw" (before `prepare`), "prepared" (after it) or "batch"
            (mixes examples with each other; last).
        rank: int, the rank of one example's `x`; None takes the kind's.
    """

    arguments = {}
    kind = None
    stage = "raw"
    rank = None

    def __init__(self, **values):
        values = check_arguments(type(self).__name__, self.arguments, values)
        for name, value in values.items():
            setattr(self, name, value)

    def __call__(self, fields, seed):
        """Augments a batch, or one example.

        Args:
            fields: dict with `x` — images (batch, height, width, channels),
                videos (batch, frames, height, width, channels), sounds
                (batch, samples), texts (batch,), or a dict of columns
                (batch,) — and maybe `y`, `weight`, `mask`, `boxes` and
                `keypoints`; or the same without the batch axis; or a tuple
                `(x, y)` or `(x, y, weight)`.
            seed: int tensor (2,), which decides every draw.

        Returns:
            The same structure, shapes and dtypes (`y` may become a
            distribution where examples are mixed).
        """
        if isinstance(fields, tuple):
            named = dict(zip(_FIELDS, fields, strict=False))
            out = self(named, seed)
            return tuple(out[name] for name in _FIELDS[: len(fields)])
        seed = tf.cast(seed, tf.int32)
        fields = tf.nest.map_structure(tf.convert_to_tensor, _known(fields))
        if not self._single(fields["x"]):
            return self.apply(fields, seed)
        batch = tf.nest.map_structure(lambda t: tf.expand_dims(t, 0), fields)
        out = self.apply(batch, seed)
        return tf.nest.map_structure(lambda t: t[0], out)

    def _single(self, x):
        if self.stage == "batch":
            return False
        if isinstance(x, Mapping):
            return len(next(iter(x.values())).shape) == 0
        rank = self.rank if self.rank is not None else _RANKS.get(self.kind)
        return len(x.shape) in ((1, 3) if rank is None else (rank,))

    def apply(self, fields, seed):
        """Augments a batch; a subclass writes this."""
        raise NotImplementedError

    def bind(self, **known):
        """Fills arguments that were left open with what the data know.

        Args:
            **known: values by argument name, such as `high`, `sample_rate`
                and `classes`; those that this part doesn't take, or that were
                given to it, count for nothing.

        Returns:
            Augment, this one where nothing was open.

        Example:
            >>> from kerasgen.augment import MixUp
            >>> MixUp().bind(classes=3, high=255.0).classes
            3
        """
        config = self.get_config()
        filled = {
            name: value
            for name, value in known.items()
            if name in config and config[name] is None and value is not None
        }
        if not filled:
            return self
        return type(self).from_config({**config, **filled})

    def need(self, name, why):
        """Gives an argument that `bind` should have filled.

        Args:
            name: str, the argument.
            why: str, what it is for.

        Returns:
            The value.

        Raises:
            ValueError: where it is still open.
        """
        value = getattr(self, name)
        if value is None:
            raise ValueError(
                message(
                    type(self).__name__,
                    f"`{name}` must be known: {why}",
                    {name: None},
                    f"Pass {name}=, or let kerasgen.data hand it over.",
                )
            )
        return value

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
