"""AutoAttack (Croce & Hein, 2020): four attacks, none of them to be tuned."""

import numpy as np

from kerasgen.attacks.apgd import APGD
from kerasgen.attacks.base import Attack, fooled
from kerasgen.attacks.fab import FAB
from kerasgen.attacks.ranges import BOUNDS
from kerasgen.attacks.square import Square
from kerasgen.core import Choice, Float, Int, register, say


@register("attack")
class AutoAttack(Attack):
    """Tries APGD on two losses, FAB and Square, each on what still stands.

    The share of examples that stands is a bound from above that can be
    compared between models.

    Args:
        epsilon: float >= 0, the radius, in the inputs' unit.
        norm: "inf" or "2".
        steps: int >= 1, of APGD and FAB; 100 is the standard.
        queries: int >= 1, of Square; 5000 is the standard.
        low: float, the least value of an input, or None.
        high: float, the greatest value of an input, or None.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Croce & Hein, "Reliable evaluation of adversarial robustness with an
        ensemble of diverse parameter-free attacks", 2020, arXiv:2003.01690,
        section 5: APGD on cross-entropy, targeted APGD and targeted FAB with
        9 targets, Square.

    Example:
        >>> x = np.full((1, 2), 0.5)
        >>> attack = AutoAttack(epsilon=0.25, steps=5, queries=10)
        >>> attack(lambda x: x, x, np.array([0])).argmax(1).tolist()
        [1]
    """

    arguments = {
        "epsilon": Float(0.0),
        "norm": Choice(("inf", "2")),
        "steps": Int(1),
        "queries": Int(1),
        **BOUNDS,
    }

    numbers = False

    def __init__(
        self,
        epsilon=0.1,
        norm="inf",
        steps=100,
        queries=5000,
        low=None,
        high=None,
    ):
        super().__init__(
            epsilon=epsilon,
            norm=norm,
            steps=steps,
            queries=queries,
            low=low,
            high=high,
        )

    def find(self, victim, x, y, random):
        """Gives examples that fool where any attack does; see the base."""
        best = x.copy()
        going = np.flatnonzero(~fooled(victim.logits(x), y))
        around = {
            **{"epsilon": self.epsilon, "norm": self.norm},
            **{"steps": self.steps, "low": self.low, "high": self.high},
        }
        attacks = [
            APGD(**around, loss="ce"),
            APGD(**around, loss="targeted"),
            FAB(**around),
            Square(**{**around, "steps": self.queries}),
        ]
        for attack in attacks:
            if not len(going):
                break
            attack.bounds = self.bounds
            found = attack.find(victim, x[going], y[going], random)
            found = attack.inside(found, x[going])
            hit = fooled(victim.logits(found), y[going])
            best[going[hit]] = found[hit]
            going = going[~hit]
            say(
                "%s: %d of %d stand",
                type(attack).__name__,
                len(going),
                len(x),
            )
        return best
