"""DeepFool (Moosavi-Dezfooli et al., 2016): over the nearest border."""

import numpy as np

from kerasgen.attacks.ball import length, like
from kerasgen.attacks.base import Attack, fooled
from kerasgen.attacks.ranges import BOUNDS, STEPS
from kerasgen.attacks.victim import lead
from kerasgen.core import Choice, Float, Int, register


@register("attack")
class DeepFool(Attack):
    """Steps to the nearest of the borders as they look from where it stands.

    There is no ball: the change is as small as it finds.

    Args:
        steps: int >= 1, at most.
        classes: int >= 2, the likeliest classes whose borders are looked at.
        overshoot: float >= 0, how much farther than the border it goes.
        norm: "2" or "inf", what "nearest" means.
        low: float, the least value of an input, or None.
        high: float, the greatest value of an input, or None.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Moosavi-Dezfooli et al., "DeepFool: a simple and accurate method to
        fool deep neural networks", 2016, arXiv:1511.04599, algorithm 2;
        equations 10 and 11 for other norms.

    Example:
        >>> x = np.array([[0.6, 0.4]])
        >>> found = DeepFool()(lambda x: x, x, np.array([0]))
        >>> found.round(2).tolist()
        [[0.5, 0.5]]
    """

    arguments = {
        "steps": STEPS,
        "classes": Int(2),
        "overshoot": Float(0.0),
        "norm": Choice(("2", "inf")),
        **BOUNDS,
    }

    numbers = False

    def __init__(
        self,
        steps=50,
        classes=10,
        overshoot=0.02,
        norm="2",
        low=None,
        high=None,
    ):
        super().__init__(
            steps=steps,
            classes=classes,
            overshoot=overshoot,
            norm=norm,
            low=low,
            high=high,
        )

    def find(self, victim, x, y, random):
        """Gives examples just over a border; see `Attack.find`."""
        chosen = victim.judged_by(lead)
        logits = chosen.logits(x)
        count = min(self.classes, logits.shape[1])
        order = np.argsort(-logits, 1)[:, :count].astype("int32")
        total, best = np.zeros_like(x), x.copy()
        going = np.flatnonzero(~fooled(logits, y))
        for _ in range(self.steps):
            if not len(going):
                break
            step = self._nearest(chosen, best[going], y[going], order[going])
            total[going] += step
            moved = x[going] + (1.0 + self.overshoot) * total[going]
            best[going] = np.clip(moved, *self.bounds)
            going = going[~fooled(chosen.logits(best[going]), y[going])]
        return best

    def _nearest(self, victim, x, y, order):
        near = np.full(len(x), np.inf)
        step = np.zeros_like(x)
        for place in range(order.shape[1]):
            asked = np.stack([y, order[:, place]], 1).astype("int32")
            ahead, _, slope = victim.slope(x, asked)
            # The least step to a plane is as long as its distance, which the
            # dual norm of the slope divides.
            dual = "2" if self.norm == "2" else "1"
            size = np.maximum(length(slope, dual), 1e-12)
            far = np.abs(ahead) / size
            closer = (order[:, place] != y) & (far < near)
            way = slope / like(size, x) if dual == "2" else np.sign(slope)
            moved = like((np.abs(ahead) + 1e-4) / size, x) * way
            step[closer], near[closer] = moved[closer], far[closer]
        return step
