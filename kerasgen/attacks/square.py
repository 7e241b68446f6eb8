"""Square attack (Andriushchenko et al., 2020): random squares, no slopes."""

import numpy as np

from kerasgen.attacks.base import Attack
from kerasgen.attacks.bumps import moved, tiles
from kerasgen.attacks.ranges import BOUNDS, STEPS, Bound
from kerasgen.core import Choice, Float, register


@register("attack")
class Square(Attack):
    """Tries squares of changed values, and keeps those that help.

    Needs the model's logits alone. Rows and sounds take stretches of numbers
    instead of squares.

    Args:
        epsilon: float >= 0, the radius, in the inputs' unit.
        steps: int >= 1, the most questions for each example.
        share: float in (0, 1], of the values that the first squares cover;
            None takes 0.8, or 0.1 for the norm "2".
        norm: "inf" or "2".
        low: float, the least value of an input, or None.
        high: float, the greatest value of an input, or None.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Andriushchenko et al., "Square Attack: a query-efficient black-box
        adversarial attack via random search", 2020, arXiv:1912.00049,
        algorithms 1, 2 (greatest norm) and 3 (Euclidean).

    Example:
        >>> x = np.full((1, 4), 0.5)
        >>> attack = Square(epsilon=0.25, steps=20)
        >>> attack(lambda x: x, x, np.array([0])).argmax(1).tolist() != [0]
        True
    """

    arguments = {
        "epsilon": Float(0.0),
        "steps": STEPS,
        "share": Bound(1e-6, 1.0),
        "norm": Choice(("inf", "2")),
        **BOUNDS,
    }

    def __init__(
        self,
        epsilon=0.1,
        steps=1000,
        share=None,
        norm="inf",
        low=None,
        high=None,
    ):
        super().__init__(
            epsilon=epsilon,
            steps=steps,
            share=share,
            norm=norm,
            low=low,
            high=high,
        )

    def find(self, victim, x, y, random):
        """Gives examples that fool where any square does; see the base."""
        grid = _as_images(x)
        n, height, width, depth = grid.shape
        begun = random.choice([-1.0, 1.0], (n, 1, width, depth))
        if self.norm == "2":
            side = _side(self._share_at(0), height, width)
            begun = tiles(grid.shape, side, random)
        best = self._shaped(grid + self.epsilon * begun, x)
        lead = self._lead(victim, best, y)
        going = np.flatnonzero(lead <= 0)
        for step in range(self.steps - 1):
            if not len(going):
                break
            side = _side(self._share_at(step), height, width)
            tried = _as_images(best[going]).copy()
            self._paint(tried, grid[going], side, random)
            tried = self._shaped(tried, x[going])
            found = self._lead(victim, tried, y[going])
            better = found > lead[going]
            best[going[better]] = tried[better]
            lead[going[better]] = found[better]
            going = going[lead[going] <= 0]
        return best

    def _shaped(self, grid, x):
        return self.inside(grid.reshape(x.shape), x)

    def _paint(self, tried, grid, side, random):
        n, height, width, depth = grid.shape
        if self.norm == "2":
            for i in range(n):
                change = moved(tried[i] - grid[i], side, self.epsilon, random)
                tried[i] = grid[i] + change
            return
        tall, wide = min(side, height), min(side, width)
        tops = random.integers(0, height - tall + 1, n)
        lefts = random.integers(0, width - wide + 1, n)
        colors = random.choice([-self.epsilon, self.epsilon], (n, depth))
        for i, (top, left) in enumerate(zip(tops, lefts, strict=True)):
            place = (i, slice(top, top + tall), slice(left, left + wide))
            tried[place] = grid[place] + colors[i]

    def _share_at(self, step):
        # The schedule is that of 10,000 steps, stretched.
        step = step / self.steps * 10000
        marks = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)
        halvings = sum(step > mark for mark in marks)
        share = self.share or {"inf": 0.8, "2": 0.1}[self.norm]
        return share / 2**halvings

    def _lead(self, victim, x, y):
        logits = victim.logits(x).astype("float64")
        if y.dtype.kind == "f":
            # Numbers are never wrong for certain: below zero, all go on.
            losses = np.asarray(victim.loss(y, logits), "float64")
            return -1.0 / (1.0 + losses)
        rows = np.arange(len(y))
        right = logits[rows, y].copy()
        logits[rows, y] = -np.inf
        return logits.max(1) - right


def _as_images(x):
    if x.ndim == 4:
        return x
    if x.ndim == 3:
        return x[:, :, None, :]
    return x.reshape(len(x), 1, -1, 1)


def _side(share, height, width):
    if 1 in (height, width):
        return max(1, int(round(share * height * width)))
    return max(1, int(round(np.sqrt(share * height * width))))
