"""Chains of augmentations, and augmentation by chance."""

import keras
import tensorflow as tf

from kerasgen.augment.base import Augment, fold, uniform
from kerasgen.augment.move import Move
from kerasgen.core import Float, create, instance, message, register


@keras.saving.register_keras_serializable("kerasgen.augment")
class Chain(Augment):
    """Augmentations one after another; neighbouring image moves in one pass.

    Each part draws from a seed of its own. Geometric moves that follow each
    other are one matrix and one resampling; moves of values are one table;
    where the two alternate, values go first (see `Fused`).

    Args:
        parts: list of Augment, or of names or descriptions of registered
            ones.

    Raises:
        ValueError: for no part, an unknown name, or parts of which one needs
            what an earlier one has already changed: the order of stages is
            raw, prepared, batch.

    Example:
        >>> import kerasgen as kg
        >>> parts = [kg.augment.Flip(), kg.augment.Rotate(10), "color_jitter"]
        >>> x = tf.ones((2, 8, 8, 3), tf.uint8)
        >>> Chain(parts)({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(self, parts):
        super().__init__()
        self.parts = [create("augment", part) for part in parts]
        if not self.parts:
            raise ValueError(
                message("Chain", "there must be a part", {"parts": parts})
            )
        for part in self.parts:
            instance("Chain", "parts", part, Augment)
        kinds = {part.kind for part in self.parts} - {None}
        stages = {part.stage for part in self.parts}
        if len(kinds) > 1 or len(stages) > 1:
            raise ValueError(
                message(
                    "Chain",
                    "all parts must be for one kind of data and one stage",
                    {"kinds": sorted(kinds), "stages": sorted(stages)},
                    "Hand them over as a list instead.",
                )
            )
        self.kind = kinds.pop() if kinds else None
        self.stage = stages.pop()
        self.rank = self.parts[0].rank
        self._steps = fused(list(enumerate(self.parts)))

    def apply(self, fields, seed):
        """Augments a batch."""
        for salt, part in self._steps:
            key = seed if salt is None else fold(seed, salt)
            fields = part.apply(fields, key)
        return fields

    def bind(self, **known):
        """Fills what was left open in each part."""
        return type(self)([part.bind(**known) for part in self.parts])

    def get_config(self):
        """Gives the parts."""
        made = map(keras.saving.serialize_keras_object, self.parts)
        return {"parts": list(made)}

    @classmethod
    def from_config(cls, config):
        """Makes the chain from its parts."""
        make = keras.saving.deserialize_keras_object
        return cls([make(part) for part in config["parts"]])


def fused(members):
    """Joins neighbouring image moves.

    Args:
        members: list of (salt, Augment).

    Returns:
        list of (salt, Augment), with one `Fused` and no salt for each run of
        moves that can share a pass.

    Example:
        >>> import kerasgen as kg
        >>> len(fused([(0, kg.augment.Flip()), (1, kg.augment.Rotate())]))
        1
    """
    found, run = [], []
    for salt, part in [*members, (None, None)]:
        if isinstance(part, Move) and part.compiled:
            run.append((salt, part))
            continue
        if len(run) > 1:
            found.append((None, run[0][1].fuse(run)))
        else:
            found += run
        run = []
        if part is not None:
            found.append((salt, part))
    return found


@register("augment")
class Sometimes(Augment):
    """Augments each example with a probability.

    Args:
        rate: float in [0, 1], the probability.
        part: Augment of images, its name or description, which keeps the
            shape of `x`; None is a random rotation by up to 15 degrees.

    Raises:
        ValueError: for a rate out of range, or a part that mixes examples.

    Example:
        >>> x = tf.ones((2, 8, 8, 3), tf.uint8)
        >>> Sometimes(0.5, "equalize")({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 8, 8, 3])
    """

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 1.0))}
    kind = "image"

    def __init__(self, rate=0.5, part=None):
        super().__init__(rate=rate)
        part = {"name": "rotate", "degrees": 15.0} if part is None else part
        self.part = create("augment", part)
        if self.part.stage == "batch":
            raise ValueError(
                message(
                    "Sometimes",
                    "the part must not mix examples with each other",
                    {"part": type(self.part).__name__},
                    "Mixing parts have a `rate` of their own.",
                )
            )
        self.kind, self.stage = self.part.kind, self.part.stage
        self.rank = self.part.rank

    def apply(self, fields, seed):
        """Augments a batch, and keeps what wasn't chosen."""
        if self.rate == 0:
            return fields
        moved = self.part.apply(fields, fold(seed, 1))
        n = tf.shape(tf.nest.flatten(fields["x"])[0])[0]
        chosen = uniform(seed, (n,)) < self.rate

        def pick(new, old):
            shape = [n] + [1] * (len(old.shape) - 1)
            return tf.where(tf.reshape(chosen, shape), new, old)

        return tf.nest.map_structure(pick, moved, fields)

    def bind(self, **known):
        """Fills what was left open in the part."""
        return type(self)(self.rate, self.part.bind(**known))

    def get_config(self):
        """Gives rate and part."""
        part = keras.saving.serialize_keras_object(self.part)
        return {"rate": self.rate, "part": part}

    @classmethod
    def from_config(cls, config):
        """Makes it from rate and part."""
        make = keras.saving.deserialize_keras_object
        part = config.get("part")
        if isinstance(part, dict) and "class_name" in part:
            part = make(part)
        return cls(config["rate"], part)
