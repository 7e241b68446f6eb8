"""EOT (Athalye et al., 2018): an attack on what stays under random changes."""

import copy
from collections.abc import Mapping

import keras
import numpy as np
from keras import ops

from kerasgen.attacks.base import Attack
from kerasgen.attacks.ranges import Part
from kerasgen.attacks.victim import Victim
from kerasgen.core import Int, create, message, register


@register("attack")
class EOT(Attack):
    """Hands an attack the mean of losses and slopes over random changes.

    Defences that draw at random hide a slope from an attack that sees one
    draw; so do patches that must work in any light. A victim counts as fooled
    where the mean of its logits is.

    Args:
        attack: the attack within, as `kerasgen.create` takes it: a name, a
            mapping with arguments, or an Attack.
        transform: an augmentation, as `kerasgen.create` takes it, or a
            callable `(x, seed)` of tensors, where seed is an int tensor (2,);
            it must let slopes through, unless the attack needs none; None
            where the model itself draws.
        draws: int >= 1, the mean's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Athalye et al., "Synthesizing Robust Adversarial Examples", 2018,
        arXiv:1707.07397, section 2.1; the mean of slopes over random defences
        is that of Athalye et al., "Obfuscated Gradients", 2018,
        arXiv:1802.00420, section 4.2.

    Example:
        >>> def noisy(x, seed):
        ...     return x + keras.ops.cast(seed[0] % 2, "float32") * 0.01
        >>> attack = EOT({"name": "fgsm", "epsilon": 0.25}, noisy, draws=2)
        >>> x = np.full((1, 2), 0.5)
        >>> attack(lambda x: x, x, np.array([0])).tolist()
        [[0.25, 0.75]]
    """

    arguments = {"attack": Part(), "transform": Part(), "draws": Int(1)}

    def __init__(self, attack="pgd", transform=None, draws=10):
        super().__init__(attack=attack, transform=transform, draws=draws)
        self._within = create("attack", attack)
        if not isinstance(self._within, Attack):
            raise TypeError(
                message("EOT", "`attack` must be an attack", {"attack": attack})
            )
        for name in ("norm", "kind", "numbers", "epsilon", "low", "high"):
            if hasattr(self._within, name):
                setattr(self, name, getattr(self._within, name))

    def read(self, x):
        """Gives what the attack within reads; see `Attack.read`."""
        return self._within.read(x)

    def find(self, victim, x, y, random):
        """Gives what the attack within finds; see `Attack.find`."""
        self._within = copy.copy(self._within)
        self._within.bounds = self.bounds
        seed = int(random.integers(2**31))
        moved = _Moved(victim, self._change(), self.draws, seed)
        return self._within.find(moved, x, y, random)

    def inside(self, changed, x):
        """Brings examples into the ball of the attack within."""
        self._within.bounds = self.bounds
        return self._within.inside(changed, x)

    @classmethod
    def from_config(cls, config):
        """Makes the attack from its arguments."""
        made = {
            name: keras.saving.deserialize_keras_object(value)
            if isinstance(value, Mapping) and "class_name" in value
            else value
            for name, value in config.items()
        }
        return cls(**made)

    def _change(self):
        made = create("augment", self.transform)
        if made is None:
            return lambda x, seed: x
        if isinstance(self.transform, str | Mapping) or hasattr(made, "stage"):
            if hasattr(made, "bind") and np.isfinite(self.bounds[1]):
                made = made.bind(high=float(self.bounds[1]))
            return lambda x, seed: _augmented(made, x, seed)
        return made


def _augmented(augment, x, seed):
    """Augments by a plain graph: that which XLA compiles has no slopes."""
    # XLA isn't used where a picture's size isn't known beforehand.
    unknown = [0 * seed[0] + side for side in x.shape[1:-1]]
    loose = x[(slice(None), *(slice(0, side) for side in unknown))]
    found = augment({"x": loose}, seed)["x"]
    return ops.reshape(found, (-1, *x.shape[1:]))


class _Moved(Victim):
    """A victim that sees each example under several draws."""

    def __init__(self, victim, change, draws, seed):
        plain = victim.answer
        seeds = keras.random.SeedGenerator(seed)

        def answer(x):
            drawn = ops.cast(seeds.next(), "int32")
            return plain(ops.cast(change(x, drawn), "float32"))

        super().__init__(answer, victim.loss, victim.batch_size, victim.labels)
        self._asked, self.width = victim._asked, victim.width
        self.draws = draws

    def logits(self, x):
        """Gives the mean logits."""
        return self._mean(super().logits, x)[0]

    def judge(self, x, y):
        """Gives the mean losses and the mean logits."""
        return self._mean(super().judge, x, y)

    def slope(self, x, y):
        """Gives the means of losses, logits and slopes."""
        return self._mean(super().slope, x, y)

    def _mean(self, function, *arrays):
        total = None
        for _ in range(self.draws):
            found = function(*arrays)
            found = found if isinstance(found, tuple | list) else (found,)
            parts = [part / self.draws for part in found]
            if total is not None:
                parts = [a + b for a, b in zip(total, parts, strict=True)]
            total = parts
        return total
