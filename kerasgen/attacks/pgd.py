"""PGD (Madry et al., 2018): steps along the slope, back into the ball."""

import numpy as np

from kerasgen.attacks.ball import ascent, somewhere
from kerasgen.attacks.base import Attack
from kerasgen.attacks.climb import climb
from kerasgen.attacks.ranges import BOUNDS, NORM, STEPS
from kerasgen.core import Choice, Float, Int, register


@register("attack")
class PGD(Attack):
    """Climbs the loss in steps that stay in the ball.

    Examples that are fooled go no further, which saves most of the time and
    changes no count; of the others the place of the highest loss is given,
    which may be the example itself.

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
        size = self.size or 2.5 * self.epsilon / self.steps

        def start(turn, rows):
            began = x[rows]
            if self.random or turn:
                drawn = somewhere(began.shape, self.epsilon, self.norm, random)
                began = self.inside(began + drawn, began)
            return began

        def move(place, slope, near):
            step = size * ascent(slope, self.norm)
            return self.inside(place + step, near)

        def move_in_box(place, slope, low, high):
            step = np.sign(slope, out=slope)
            step *= np.float32(size)
            step += place
            return np.clip(step, low, high, out=step)

        frame = (x,)
        if self.norm == "inf":
            low, high = self.bounds
            move = move_in_box
            frame = (
                np.maximum(x - np.float32(self.epsilon), np.float32(low)),
                np.minimum(x + np.float32(self.epsilon), np.float32(high)),
            )
        return climb(
            victim,
            x,
            y,
            start,
            move,
            frame,
            steps=self.steps,
            restarts=self.restarts,
            momentum=self.momentum,
            targeted=self.targeted,
            stop=self.stop,
        )
