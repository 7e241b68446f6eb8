"""Attacks on rows of a table by search: for forests and other black boxes."""

import numpy as np

from kerasgen.attacks.base import Attack, fooled
from kerasgen.attacks.columns import ARGUMENTS, Columns, rows_of
from kerasgen.core import register


@register("attack")
class TableSearch(Attack):
    """Tries changes of a few columns at random, and keeps those that help.

    Needs the model's scores alone: any function of an array (n, columns) to
    scores (n, classes) will do, such as `predict_proba` of scikit-learn's
    forests. Numbers go to an end of what is allowed or to some place between;
    the more tries are spent, the fewer columns move at once. What rows may
    become is as in `TablePGD`.

    Args:
        epsilon: float in [0, 1], how far a number may move, as a share of its
            column's range.
        steps: int >= 1, the tries for each row.
        swaps: int >= 0, the most categories that are swapped in a row.
        low: float, or one for each column, the least values; None takes those
            of `x`.
        high: float, or one for each column, the greatest values; None takes
            those of `x`.
        immutable: tuple of int, the columns that stay.
        groups: tuple of tuples of int, the columns that are one-hot together.
        categories: tuple of int, the columns that hold whole numbers which
            name categories, from `low` to `high`.

    Raises:
        ValueError: for an argument out of range, or rows that don't keep the
            constraints themselves.

    Source:
        Andriushchenko et al., "Square Attack", 2020, arXiv:1912.00049,
        algorithm 1, with sets of columns in the place of squares.

    Example:
        >>> x = np.array([[0.5, 0.3], [0.0, 1.0]])
        >>> attack = TableSearch(epsilon=0.6, low=0, high=1, steps=50)
        >>> found = attack(lambda x: np.round(x, 1), x, np.array([0, 1]))
        >>> found.argmax(1).tolist()
        [1, 0]
    """

    arguments = ARGUMENTS
    kind = "table"

    def __init__(
        self,
        epsilon=0.1,
        steps=300,
        swaps=1,
        low=None,
        high=None,
        immutable=(),
        groups=(),
        categories=(),
    ):
        super().__init__(
            epsilon=epsilon,
            steps=steps,
            swaps=swaps,
            low=low,
            high=high,
            immutable=immutable,
            groups=groups,
            categories=categories,
        )

    def read(self, x):
        """Gives rows; see `Attack.read`."""
        return rows_of(x, "TableSearch")

    def find(self, victim, x, y, random):
        """Gives rows that fool where any try does; see `Attack.find`."""
        columns = Columns(self, x)
        best = x.copy()
        worst, rows = self._judged(victim, x, y, np.arange(len(x)))
        worst = np.array(worst)
        for step in range(self.steps):
            if not len(rows):
                break
            tried = self._tried(columns, best[rows], x, rows, step, random)
            found, going = self._judged(victim, tried, y[rows], rows)
            better = found >= worst[rows]
            best[rows[better]] = tried[better]
            worst[rows[better]] = found[better]
            rows = going
        return best

    def _judged(self, victim, x, y, rows):
        """How wrong the model is, and the rows that it still gets right."""
        if y.dtype.kind == "f":
            return victim.judge(x, y)[0], rows
        logits = victim.logits(x).astype("float64")
        right = logits[np.arange(len(y)), y].copy()
        still = ~fooled(logits, y)
        logits[np.arange(len(y)), y] = -np.inf
        lead = np.where(still, logits.max(1) - right, np.inf)
        return lead, rows[still]

    def _tried(self, columns, place, x, rows, step, random):
        out = place.copy()
        each = columns.numbers
        if len(each):
            # From half of the columns down to one.
            share = 0.5 * (1.0 - step / self.steps)
            moved = random.random((len(rows), len(each))) < share
            one = random.integers(0, len(each), len(rows))
            moved[np.arange(len(rows)), one] = True
            low, high = (
                end[rows][:, each]
                for end in (columns.low_near, columns.high_near)
            )
            ends = random.random(moved.shape)
            # Half of the draws are ends, as a climb would reach them.
            ends = np.where(
                random.random(moved.shape) < 0.5, ends.round(), ends
            )
            drawn = low + ends.astype("float32") * (high - low)
            out[:, each] = np.where(moved, drawn, place[:, each])
        if columns.options and self.swaps:
            draws = random.random((len(rows), 2))
            for i in np.flatnonzero(draws[:, 0] < 0.5):
                tried, _ = columns.swapped(out[i : i + 1])
                if len(tried):
                    other = tried[int(draws[i, 1] * len(tried))]
                    near = x[rows[i]][None]
                    if columns.swaps(other[None], near)[0] <= self.swaps:
                        out[i] = other
        return out

    def inside(self, changed, x):
        """Gives the rows, whose numbers are within their ranges."""
        return Columns(self, x).inside(changed)

    def _bounds(self, x):
        return -np.inf, np.inf
