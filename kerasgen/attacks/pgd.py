"""PGD (Madry et al., 2018): steps along the slope, back into the ball."""

import numpy as np

from kerasgen.attacks.ball import ascent, length, like, somewhere
from kerasgen.attacks.base import BOUNDS, NORM, STEPS, Attack, fooled
from kerasgen.core import Choice, Float, Int, register


@register("attack")
class PGD(Attack):
    """Climbs the loss in steps that stay in the ball.

    Examples that are fooled go no further, which saves most of the time and
    changes no count; of the others the place of the highest loss is given.

    Args:
        epsilon: float >= 0, the radius, in the inputs' unit.
        steps: int >= 1.
        size: float >= 0, of a step; 0 takes 2.5 epsilon / steps.
        norm: "inf", "2" or "1".
        restarts: int >= 1, from random places; the first one starts at the
            example itself where `random` is false.
        random: bool, whether to start at a random place.
        momentum: float >= 0, of the slopes before.
        targeted: bool, whether labels are targets to reach.
        stop: bool, whether fooled examples stop; where labels are numbers,
            none does.
        low: float, the least value of an input, or None.
        high: float, the greatest value of an input, or None.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Madry et al., "Towards Deep Learning Models Resistant to Adversarial
        Attacks", 2018, arXiv:1706.06083, section 2.1. Momentum: Dong et al.,
        "Boosting Adversarial Attacks with Momentum", 2018, arXiv:1710.06081,
        equation 6.

    Example:
        >>> x = np.full((1, 2), 0.5)
        >>> attack = PGD(epsilon=0.25, steps=5, random=False)
        >>> attack(lambda x: x, x, np.array([0])).argmax(1).tolist()
        [1]
    """

    arguments = {
        "epsilon": Float(0.0),
        "steps": STEPS,
        "size": Float(0.0),
        "norm": NORM,
        "restarts": Int(1),
        "random": Choice((True, False)),
        "momentum": Float(0.0),
        "targeted": Choice((True, False)),
        "stop": Choice((True, False)),
        **BOUNDS,
    }

    def __init__(
        self,
        epsilon=0.1,
        steps=20,
        size=0.0,
        norm="inf",
        restarts=1,
        random=True,
        momentum=0.0,
        targeted=False,
        stop=True,
        low=None,
        high=None,
    ):
        super().__init__(
            epsilon=epsilon,
            steps=steps,
            size=size,
            norm=norm,
            restarts=restarts,
            random=random,
            momentum=momentum,
            targeted=targeted,
            stop=stop,
            low=low,
            high=high,
        )

    def find(self, victim, x, y, random):
        """Gives the worst place of each example; see `Attack.find`."""
        best = x.copy()
        worst = np.full(len(x), -np.inf)
        going = np.arange(len(x))
        for turn in range(self.restarts):
            began = x[going]
            if self.random or turn:
                drawn = somewhere(began.shape, self.epsilon, self.norm, random)
                began = self.inside(began + drawn, x[going])
            going = self._climb(victim, x, y, began, going, best, worst)
            if not len(going):
                break
        return best

    def _climb(self, victim, x, y, place, going, best, worst):
        """Runs one start; gives which examples aren't fooled by then."""
        sign = -1.0 if self.targeted else 1.0
        size = self.size or 2.5 * self.epsilon / self.steps
        counted = self.stop and y.dtype.kind in "iu"
        memory = np.zeros_like(place)
        for step in range(self.steps + 1):
            losses, logits, slope = victim.slope(place, y[going])
            value = sign * losses
            hit = fooled(logits, y[going], self.targeted) if counted else None
            if counted:
                value = np.where(hit, np.inf, value)
            better = value > worst[going]
            best[going[better]] = place[better]
            worst[going[better]] = value[better]
            if counted and hit.any():
                stay = ~hit
                going, place, slope, memory = (
                    part[stay] for part in (going, place, slope, memory)
                )
            if step == self.steps or not len(going):
                break
            if self.momentum:
                scale = like(np.maximum(length(slope, "1"), 1e-12), slope)
                memory = slope = self.momentum * memory + slope / scale
            moved = place + size * sign * ascent(slope, self.norm)
            place = self.inside(moved, x[going])
        return going
