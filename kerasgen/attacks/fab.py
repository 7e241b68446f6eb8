"""FAB (Croce & Hein, 2020): the nearest place beyond a border."""

import numpy as np

from kerasgen.attacks.ball import length, like
from kerasgen.attacks.base import Attack, fooled
from kerasgen.attacks.ranges import BOUNDS, NORM, STEPS
from kerasgen.attacks.victim import lead
from kerasgen.core import Float, Int, register


@register("attack")
class FAB(Attack):
    """Walks along the border towards the example, one wrong class at a time.

    Args:
        epsilon: float >= 0, the radius, in the inputs' unit; nearer places
            than that are given where they are found.
        steps: int >= 1, for each class.
        norm: "inf", "2" or "1".
        targets: int >= 1, the likeliest wrong classes that are tried.
        low: float, the least value of an input, or None.
        high: float, the greatest value of an input, or None.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Croce & Hein, "Minimally distorted Adversarial Examples with a Fast
        Adaptive Boundary Attack", 2020, arXiv:1907.02044, algorithm 1, in the
        targeted version of arXiv:2003.01690. The step to a plane
        within the box is found by sorting, exactly.

    Example:
        >>> x = np.array([[0.6, 0.4]])
        >>> found = FAB(epsilon=0.3, steps=5)(lambda x: x, x, np.array([0]))
        >>> bool(np.abs(found - x).max() < 0.15)
        True
    """

    arguments = {
        "epsilon": Float(0.0),
        "steps": STEPS,
        "norm": NORM,
        "targets": Int(1),
        **BOUNDS,
    }

    numbers = False

    def __init__(
        self,
        epsilon=0.1,
        steps=100,
        norm="inf",
        targets=9,
        low=None,
        high=None,
    ):
        super().__init__(
            epsilon=epsilon,
            steps=steps,
            norm=norm,
            targets=targets,
            low=low,
            high=high,
        )

    def find(self, victim, x, y, random):
        """Gives the nearest fooling places within the ball; see the base."""
        logits = victim.logits(x)
        classes = logits.shape[1]
        best, near = x.copy(), np.full(len(x), np.inf)
        near[fooled(logits, y)] = 0.0
        order = np.argsort(-(logits - 1e9 * np.eye(classes)[y]), 1)
        pair = victim.judged_by(lead)
        for goal in range(min(self.targets, classes - 1)):
            going = np.flatnonzero(near > self.epsilon)
            if not len(going):
                break
            asked = np.stack([y[going], order[going, goal]], 1)
            found, far = self._walk(pair, x[going], asked.astype("int32"))
            better = far < near[going]
            best[going[better]] = found[better]
            near[going[better]] = far[better]
        beyond = near > self.epsilon * (1 + 1e-6)
        best[beyond] = x[beyond]
        return best

    def _walk(self, victim, x, asked):
        place, best = x.copy(), x.copy()
        near = np.full(len(x), np.inf)
        for _ in range(self.steps):
            ahead, _, slope = victim.slope(place, asked)
            border = (slope * place).reshape(len(x), -1).sum(1) - ahead
            place = self._step(place, x, slope, border)
            hit = fooled(victim.logits(place), asked[:, 0])
            far = length(place - x, self.norm)
            better = hit & (far < near)
            best[better], near[better] = place[better], far[better]
            # What fools is drawn back towards the example.
            place = np.where(like(hit, x), x + 0.9 * (place - x), place)
        return best, near

    def _step(self, place, x, slope, border):
        one, two = (
            onto(each, slope, border, self.norm, self.bounds)
            for each in (place, x)
        )
        sizes = [length(step, self.norm) for step in (one, two)]
        share = sizes[0] / np.maximum(sizes[0] + sizes[1], 1e-12)
        share = like(np.clip(share, 0.0, 0.1), x)
        moved = (1 - share) * (place + 1.05 * one) + share * (x + 1.05 * two)
        return np.clip(moved, *self.bounds).astype("float32")


def onto(x, slope, border, norm, bounds):
    """Gives the least step to a plane, within bounds.

    Args:
        x: float array (n, ...).
        slope: float array (n, ...), across the plane.
        border: float array (n,): the plane is where slope . x = border.
        norm: str, what "least" means.
        bounds: pair of floats.

    Returns:
        float array (n, ...); where the plane lies outside the bounds, the
        step to the nearest corner.

    Example:
        >>> x, slope = np.zeros((1, 2)), np.array([[1.0, 3.0]])
        >>> step = onto(x, slope, np.array([2.0]), "inf", (-9.0, 9.0))
        >>> step.round(3).tolist()
        [[0.5, 0.5]]
    """
    flat = slope.reshape(len(x), -1).astype("float64")
    start = x.reshape(len(x), -1).astype("float64")
    gap = border - (flat * start).sum(1)
    # Upwards along `way` the plane is reached from below.
    way = flat * np.where(gap >= 0, 1.0, -1.0)[:, None]
    high = np.minimum(bounds[1], 1e6) - start
    low = start - np.maximum(bounds[0], -1e6)
    room = np.maximum(np.where(way > 0, high, low), 0.0)
    pull, gap = np.abs(way), np.abs(gap)[:, None]
    if norm == "1":
        moved = _steepest(pull, room, gap)
    else:
        pace = np.ones_like(pull) if norm == "inf" else pull
        size = _far(pull * pace, room / np.maximum(pace, 1e-30), gap)
        moved = np.minimum(pace * size, room)
    return (moved * np.sign(way)).reshape(x.shape).astype("float32")


def _far(rate, stop, gap):
    """How far all go until the gap is closed, where each one stops by itself.

    The sum of `rate * min(t, stop)` is straight between the stops.
    """
    order = np.argsort(stop, 1)
    stop, rate = (np.take_along_axis(part, order, 1) for part in (stop, rate))
    won = rate * stop
    # What those before have won, and the rates of those that still go.
    before = np.cumsum(won, 1) - won
    going = np.cumsum(rate[:, ::-1], 1)[:, ::-1]
    enough = before + stop * going >= gap
    place = np.argmax(enough, 1)[:, None]
    before, going = (
        np.take_along_axis(part, place, 1) for part in (before, going)
    )
    far = (gap - before) / np.maximum(going, 1e-30)
    return np.where(enough.any(1)[:, None], far, stop[:, -1:])


def _steepest(pull, room, gap):
    """Spends the least length: the steepest numbers first, all their room."""
    order = np.argsort(-pull, 1)
    pulls, rooms = (np.take_along_axis(p, order, 1) for p in (pull, room))
    won = np.cumsum(pulls * rooms, 1) - pulls * rooms
    used = np.clip((gap - won) / np.maximum(pulls, 1e-30), 0.0, rooms)
    step = np.zeros_like(pull)
    np.put_along_axis(step, order, used, 1)
    return step
