"""APGD (Croce & Hein, 2020): PGD that chooses its own step sizes."""

import numpy as np

from kerasgen.attacks.ball import ascent, like, somewhere
from kerasgen.attacks.base import Attack, fooled
from kerasgen.attacks.ranges import BOUNDS, NORM, STEPS
from kerasgen.attacks.victim import (
    cross_entropy,
    logits_ratio,
    targeted_ratio,
)
from kerasgen.core import Choice, Float, Int, register

_LOSSES = {"ce": cross_entropy, "dlr": logits_ratio, "targeted": targeted_ratio}


@register("attack")
class APGD(Attack):
    """Climbs a loss with steps that halve where they stop gaining.

    Args:
        epsilon: float >= 0, the radius, in the inputs' unit.
        steps: int >= 1.
        norm: "inf", "2" or "1".
        loss: "ce" (cross-entropy), "dlr" (difference of logits ratio), or
            "targeted" (that towards each of the likeliest wrong classes; "dlr"
            where there are fewer than 4 classes).
        targets: int >= 1, the wrong classes that "targeted" tries.
        restarts: int >= 1, from random places.
        low: float, the least value of an input, or None.
        high: float, the greatest value of an input, or None.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Croce & Hein, "Reliable evaluation of adversarial robustness with an
        ensemble of diverse parameter-free attacks", 2020, arXiv:2003.01690,
        algorithm 1. For L1 the step is the sparse one of Tramer & Boneh, 2019,
        and the projection ends in the box, not their joint one of 2021.

    Example:
        >>> x = np.full((1, 2), 0.5)
        >>> attack = APGD(epsilon=0.25, steps=5)
        >>> attack(lambda x: x, x, np.array([0])).argmax(1).tolist()
        [1]
    """

    arguments = {
        "epsilon": Float(0.0),
        "steps": STEPS,
        "norm": NORM,
        "loss": Choice(tuple(_LOSSES)),
        "targets": Int(1),
        "restarts": Int(1),
        **BOUNDS,
    }

    def __init__(
        self,
        epsilon=0.1,
        steps=100,
        norm="inf",
        loss="ce",
        targets=9,
        restarts=1,
        low=None,
        high=None,
    ):
        super().__init__(
            epsilon=epsilon,
            steps=steps,
            norm=norm,
            loss=loss,
            targets=targets,
            restarts=restarts,
            low=low,
            high=high,
        )

    def find(self, victim, x, y, random):
        """Gives examples that fool where any start does; see the base."""
        best = x.copy()
        if y.dtype.kind == "f":
            # Numbers have no wrong class: their own loss is climbed.
            start = somewhere(x.shape, self.epsilon, self.norm, random)
            return self._climb(victim, x, y, self.inside(x + start, x))[0]
        logits = victim.logits(x)
        classes = logits.shape[1]
        loss = self.loss
        if loss == "targeted" and classes < 4:
            loss = "dlr"
        chosen = victim.judged_by(_LOSSES[loss])
        going = np.flatnonzero(~fooled(logits, y))
        order = np.argsort(-(logits - 1e9 * np.eye(classes)[y]), 1)
        goals = min(self.targets, classes - 1) if loss == "targeted" else 1
        for _ in range(self.restarts):
            for place in range(goals):
                if not len(going):
                    break
                asked = y[going]
                if loss == "targeted":
                    asked = np.stack([asked, order[going, place]], 1)
                    asked = asked.astype("int32")
                start = x[going]
                start = start + somewhere(
                    start.shape, self.epsilon, self.norm, random
                )
                start = self.inside(start, x[going])
                found, hit = self._climb(
                    chosen, x[going], asked, start, y[going]
                )
                best[going] = found
                going = going[~hit]
        return best

    def _climb(self, victim, x, asked, place, y=None):
        """Climbs from one start; fooled examples stop.

        Gives the places of the highest loss, and which ones fool.
        """
        out, done = place.copy(), np.zeros(len(x), bool)
        going = np.arange(len(x))
        climb = _Climb(self, len(x))
        losses, logits, slope = victim.slope(place, asked)
        state = {
            "x": place,
            "old": place.copy(),
            "best": place.copy(),
            "slope": slope,
            "best_slope": slope.copy(),
            "top": losses.astype("float64"),
            "last": losses.astype("float64"),
        }
        marks = checkpoints(self.steps)
        for step in range(self.steps):
            hit = np.zeros(len(going), bool)
            if y is not None:
                hit = fooled(logits, y[going])
            if hit.any():
                out[going[hit]], done[going[hit]] = state["x"][hit], True
                going, stay = going[~hit], ~hit
                state = {name: part[stay] for name, part in state.items()}
                climb.keep(stay)
                if not len(going):
                    return out, done
            moved = self._moved(state, x[going], climb.size, step)
            state["old"], state["x"] = state["x"], moved
            losses, logits, slope = victim.slope(moved, asked[going])
            climb.note(losses, state, slope)
            if step + 1 in marks:
                climb.judge(state)
        if y is not None:
            hit = fooled(logits, y[going])
            state["best"][hit] = state["x"][hit]
            done[going] = hit
        out[going] = state["best"]
        return out, done

    def _moved(self, state, x, size, step):
        here = state["x"]
        way = ascent(state["slope"], self.norm)
        ahead = self.inside(here + like(size, here) * way, x)
        if not step:
            return ahead
        inertia = here - state["old"]
        return self.inside(here + 0.75 * (ahead - here) + 0.25 * inertia, x)


class _Climb:
    """Step sizes, and when they halve."""

    def __init__(self, attack, n):
        self.size = np.full(n, 2.0 * attack.epsilon)
        self.gains = np.zeros(n)
        self.since = 0
        self.halved = np.zeros(n, bool)
        self.mark = np.full(n, -np.inf)

    def keep(self, stay):
        for name in ("size", "gains", "halved", "mark"):
            setattr(self, name, getattr(self, name)[stay])

    def note(self, losses, state, slope):
        """Counts gains and remembers the best place."""
        losses = losses.astype("float64")
        self.gains += losses > state["last"]
        self.since += 1
        state["last"] = losses
        state["slope"] = slope
        better = losses > state["top"]
        for name, new in (("best", state["x"]), ("best_slope", slope)):
            state[name][better] = new[better]
        state["top"] = np.maximum(state["top"], losses)

    def judge(self, state):
        """Halves the steps of examples that gained too little."""
        few = self.gains < 0.75 * self.since
        stuck = ~self.halved & (self.mark >= state["top"])
        self.halved = few | stuck
        self.size[self.halved] /= 2.0
        for name, best in (("x", "best"), ("slope", "best_slope")):
            state[name] = state[name].copy()
            state[name][self.halved] = state[best][self.halved]
        self.mark = state["top"].copy()
        self.gains[:], self.since = 0.0, 0


def checkpoints(steps):
    """Lists the steps at which step sizes are looked at.

    Args:
        steps: int >= 1.

    Returns:
        list of int.

    Source:
        Croce & Hein, 2020, arXiv:2003.01690, section 3.1.

    Example:
        >>> checkpoints(100)
        [22, 41, 57, 70, 80, 87, 93, 99]
    """
    places = [0.0, 0.22]
    while places[-1] < 1.0:
        gap = max(places[-1] - places[-2] - 0.03, 0.06)
        places.append(places[-1] + gap)
    found = [int(np.ceil(round(place * steps, 6))) for place in places[1:]]
    return sorted({place for place in found if place < steps})
