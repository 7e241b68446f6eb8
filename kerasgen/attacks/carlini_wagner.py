"""Carlini & Wagner (2017): the least change, as an optimum."""

import numpy as np

from kerasgen.attacks.ball import like
from kerasgen.attacks.base import Attack, fooled
from kerasgen.attacks.ranges import BOUNDS, STEPS
from kerasgen.attacks.victim import margin
from kerasgen.core import Float, Int, register


@register("attack")
class CarliniWagner(Attack):
    """Minimises the squared change while the model errs by a margin.

    The weight of the error is searched for each example. There is no ball:
    the change is as small as it finds.

    Args:
        steps: int >= 1, of Adam for each weight.
        searches: int >= 1, the weights that are tried.
        rate: float > 0, Adam's learning rate, in units of half the range of
            `x`.
        confidence: float >= 0, by how much the wrong logit must lead.
        weight: float > 0, the first weight.
        low: float, the least value of an input, or None.
        high: float, the greatest value of an input, or None.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Carlini & Wagner, "Towards Evaluating the Robustness of Neural
        Networks", 2017, arXiv:1608.04644, section VI A. Inputs without bounds
        are moved themselves, not by their hyperbolic tangent.

    Example:
        >>> x = np.array([[0.6, 0.4]])
        >>> found = CarliniWagner(steps=200)(lambda x: x, x, np.array([0]))
        >>> bool(np.abs(found - x).max() < 0.12)
        True
    """

    arguments = {
        "steps": STEPS,
        "searches": Int(1),
        "rate": Float(1e-9),
        "confidence": Float(0.0),
        "weight": Float(1e-9),
        **BOUNDS,
    }
    norm = "2"

    numbers = False

    def __init__(
        self,
        steps=100,
        searches=6,
        rate=0.01,
        confidence=0.0,
        weight=1.0,
        low=None,
        high=None,
    ):
        super().__init__(
            steps=steps,
            searches=searches,
            rate=rate,
            confidence=confidence,
            weight=weight,
            low=low,
            high=high,
        )

    def find(self, victim, x, y, random):
        """Gives the nearest fooling place of each; see `Attack.find`."""
        chosen = victim.judged_by(margin)
        frame = _Frame(x, self.bounds)
        start = frame.place(x)
        best, near = x.copy(), np.full(len(x), np.inf)
        near[fooled(chosen.logits(x), y)] = 0.0
        weight = np.full(len(x), self.weight)
        least, most = np.zeros(len(x)), np.full(len(x), np.inf)
        for _ in range(self.searches):
            done = self._descend(chosen, x, y, start, weight, frame, best, near)
            most = np.where(done, np.minimum(most, weight), most)
            least = np.where(done, least, np.maximum(least, weight))
            between = 0.5 * (least + np.where(np.isfinite(most), most, 0))
            weight = np.where(np.isfinite(most), between, 10.0 * weight)
        return best

    def _descend(self, victim, x, y, start, weight, frame, best, near):
        place = start.copy()
        first, second = np.zeros_like(place), np.zeros_like(place)
        done = np.zeros(len(x), bool)
        for step in range(1, self.steps + 1):
            moved = frame.input(place).astype("float32")
            lead, _, slope = victim.slope(moved, y)
            change = ((moved - x) ** 2).reshape(len(x), -1).sum(1)
            hit = lead > self.confidence
            done |= hit
            better = hit & (change < near)
            best[better], near[better] = moved[better], change[better]
            pull = np.where(lead < self.confidence + 1e-6, -weight, 0.0)
            total = 2.0 * (moved - x) + like(pull, x) * slope
            total = total * frame.slope(place)
            first = 0.9 * first + 0.1 * total
            second = 0.999 * second + 0.001 * total**2
            root = np.sqrt(second / (1 - 0.999**step)) + 1e-12
            place = place - self.rate * first / (1 - 0.9**step) / root
        return done


class _Frame:
    """Places that may be anything, for inputs that have bounds or none."""

    def __init__(self, x, bounds):
        self.boxed = np.isfinite(bounds).all()
        low, high = bounds if self.boxed else (x.min(), x.max())
        self.half = max(0.5 * float(high - low), 1e-6)
        self.middle = 0.5 * float(high + low)

    def place(self, x):
        place = (x - self.middle) / self.half
        if self.boxed:
            return np.arctanh(np.clip(place, -1, 1) * 0.999999)
        return place

    def input(self, place):
        place = np.tanh(place) if self.boxed else place
        return self.middle + self.half * place

    def slope(self, place):
        if self.boxed:
            return self.half * (1.0 - np.tanh(place) ** 2)
        return self.half
