"""HopSkipJump (Chen et al., 2020): along the border, by decisions alone."""

import numpy as np

from kerasgen.attacks.ball import length, like
from kerasgen.attacks.base import Attack, fooled
from kerasgen.attacks.ranges import BOUNDS, Bound
from kerasgen.core import Choice, Int, register


@register("attack")
class HopSkipJump(Attack):
    """Walks along the border towards the example, by the model's class alone.

    Needs neither slopes nor scores: any function of an array to classes will
    do. Each round looks for the border by halving, feels its slope by noise,
    and steps away from the example along it.

    Args:
        epsilon: float >= 0, the radius, in the inputs' unit: an example is
            left once it is fooled within, and given unchanged where it isn't;
            None gives the nearest place, however far.
        norm: "inf" or "2".
        steps: int >= 1, the rounds.
        queries: int >= 1, the noise of the first round; later ones take more,
            as the root of their number.
        tries: int >= 1, the random places where a first wrong one is sought.
        low: float, the least value of an input, or None for that of `x`.
        high: float, the greatest value of an input, or None for that of `x`.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Chen et al., "HopSkipJumpAttack: A Query-Efficient Decision-Based
        Attack", 2020, arXiv:1904.02144, algorithms 1 and 2 with the constants
        of section IV. Of the random places the first wrong one is taken.

    Example:
        >>> x = np.array([[0.6, 0.4]])
        >>> found = HopSkipJump(steps=5)(lambda x: x, x, np.array([0]))
        >>> bool(np.abs(found - x).max() < 0.12)
        True
    """

    arguments = {
        "epsilon": Bound(0.0),
        "norm": Choice(("inf", "2")),
        "steps": Int(1),
        "queries": Int(1),
        "tries": Int(1),
        **BOUNDS,
    }
    numbers = False

    def __init__(
        self,
        epsilon=None,
        norm="2",
        steps=20,
        queries=100,
        tries=100,
        low=None,
        high=None,
    ):
        super().__init__(
            epsilon=epsilon,
            norm=norm,
            steps=steps,
            queries=queries,
            tries=tries,
            low=low,
            high=high,
        )

    def find(self, victim, x, y, random):
        """Gives the nearest fooling place of each; see `Attack.find`."""
        ends = [
            end if np.isfinite(end) else near
            for end, near in zip(self.bounds, (x.min(), x.max()), strict=True)
        ]
        best = x.copy()
        wrong = fooled(victim.logits(x), y)
        rows = np.flatnonzero(~wrong)
        place, known = self._begin(victim, x[rows], y[rows], ends, random)
        rows, place = rows[known], place[known]
        size = x[0].size
        share = 1.0 / (size * (np.sqrt(size) if self.norm == "2" else size))
        for step in range(self.steps):
            near = x[rows]
            place = self._border(victim, near, place, y[rows], share)
            far = length(place - near, self.norm)
            best[rows] = place
            if self.epsilon is not None:
                stay = far > self.epsilon
                rows, place, far = rows[stay], place[stay], far[stay]
            if not len(rows):
                break
            reach = far * share * (np.sqrt(size) if self.norm == "2" else size)
            if not step:
                reach = np.full(len(rows), 0.1 * (ends[1] - ends[0]))
            count = int(self.queries * np.sqrt(step + 1))
            place = self._stepped(
                victim, place, y[rows], far, reach, count, step, random
            )
        if len(rows):
            place = self._border(victim, x[rows], place, y[rows], share)
            best[rows] = self._nearer(place, best[rows], x[rows])
        if self.epsilon is not None:
            beyond = length(best - x, self.norm) > self.epsilon * (1 + 1e-6)
            best[beyond] = x[beyond]
        return best

    def _nearer(self, one, two, x):
        closer = length(one - x, self.norm) < length(two - x, self.norm)
        return np.where(like(closer, x), one, two)

    def _begin(self, victim, x, y, ends, random):
        """Gives a wrong place for each example where one is found."""
        place, known = x.copy(), np.zeros(len(x), bool)
        for _ in range(self.tries):
            rows = np.flatnonzero(~known)
            if not len(rows):
                break
            drawn = random.uniform(*ends, x[rows].shape).astype("float32")
            hit = fooled(victim.logits(drawn), y[rows])
            place[rows[hit]], known[rows[hit]] = drawn[hit], True
        return place, known

    def _border(self, victim, x, place, y, share):
        """Draws wrong places towards the examples, up to the border."""
        top = np.ones(len(x))
        if self.norm == "inf":
            top = length(place - x, "inf").astype("float64")
        bottom, least = np.zeros_like(top), np.minimum(share, top * share)
        least = np.maximum(least, 1e-6 * top)
        out = place
        while len(x) and (top - bottom > least).any():
            middle = 0.5 * (top + bottom)
            tried = self._between(x, place, middle)
            hit = fooled(victim.logits(tried), y)
            top = np.where(hit, middle, top)
            bottom = np.where(hit, bottom, middle)
            out = np.where(like(hit, x), tried, out)
        return out

    def _between(self, x, place, share):
        share = like(share, x).astype("float32")
        if self.norm == "2":
            return x + share * (place - x)
        return np.clip(place, x - share, x + share)

    def _stepped(self, victim, place, y, far, reach, count, step, random):
        """Steps along the slope that is felt, as far as it stays wrong."""
        way = np.stack(
            [
                self._felt(victim, place[i], y[i], reach[i], count, random)
                for i in range(len(place))
            ]
        )
        size = far / np.sqrt(step + 1)
        out, going = place.copy(), np.arange(len(place))
        for _ in range(30):
            moved = place[going] + like(size[going], place) * way[going]
            moved = np.clip(moved, *self.bounds).astype("float32")
            hit = fooled(victim.logits(moved), y[going])
            out[going[hit]] = moved[hit]
            going = going[~hit]
            if not len(going):
                break
            size[going] /= 2.0
        return out

    def _felt(self, victim, place, label, reach, count, random):
        """Gives the direction in which noise is wrong more often."""
        shape = (count, *place.shape)
        noise = random.normal(size=shape)
        if self.norm == "inf":
            noise = random.uniform(-1.0, 1.0, shape)
        noise /= like(length(noise, "2"), noise)
        tried = np.clip(place + reach * noise, *self.bounds)
        noise = (tried - place) / max(reach, 1e-12)
        hit = fooled(victim.logits(tried), np.full(count, label))
        votes = np.where(hit, 1.0, -1.0)
        if not hit.all() and hit.any():
            votes -= votes.mean()
        way = np.tensordot(votes, noise, 1) / count
        if self.norm == "inf":
            return np.sign(way)
        return way / max(np.sqrt((way**2).sum()), 1e-12)
