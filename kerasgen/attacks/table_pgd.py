"""Attacks on rows of a table, along slopes, within what rows may be."""

import numpy as np

from kerasgen.attacks.base import Attack, fooled
from kerasgen.attacks.climb import climb
from kerasgen.attacks.columns import ARGUMENTS, Columns, rows_of
from kerasgen.core import register


@register("attack")
class TablePGD(Attack):
    """Climbs the loss by numbers, and swaps the categories that raise it most.

    Numbers take steps along their slopes within a share of their column's
    range. Then the one swap of a category that raises the loss most is made,
    by trying all, and numbers climb again. Immutable columns stay; one-hot
    groups stay one-hot; categories stay whole numbers of their range.

    Args:
        epsilon: float in [0, 1], how far a number may move, as a share of its
            column's range.
        steps: int >= 1, of each climb.
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
        Steps: PGD, Madry et al., 2018, arXiv:1706.06083. Constraints on
        columns: Simonetto et al., "A Unified Framework for Adversarial Attack
        and Defense in Constrained Feature Space", 2022, arXiv:2112.01156,
        sections 3 and 4.1; relations between columns are not modelled, and
        categories are searched greedily instead of rounded.

    Example:
        >>> x = np.array([[0.5, 1.0, 0.0], [0.0, 0.0, 1.0]])
        >>> attack = TablePGD(epsilon=0.2, low=0, high=1, groups=((1, 2),))
        >>> found = attack(lambda x: x[:, 1:], x, np.array([0, 1]))
        >>> found[:, 1:].tolist()
        [[0.0, 1.0], [1.0, 0.0]]
    """

    arguments = ARGUMENTS
    kind = "table"

    def __init__(
        self,
        epsilon=0.1,
        steps=20,
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
        return rows_of(x, "TablePGD")

    def find(self, victim, x, y, random):
        """Gives the worst row for each row; see `Attack.find`."""
        columns = Columns(self, x)
        best = x.copy()
        rows = np.arange(len(x))
        for turn in range(self.swaps + 1):
            if turn:
                best[rows] = worst_swap(victim, columns, best[rows], y[rows])
            best[rows] = self._climb(victim, columns, best, y, rows)
            if y.dtype.kind in "iu":
                hit = fooled(victim.logits(best[rows]), y[rows])
                rows = rows[~hit]
            if not len(rows) or not columns.options:
                break
        return best

    def _climb(self, victim, columns, best, y, rows):
        each = columns.numbers
        if not len(each):
            return best[rows]
        size = 2.5 / self.steps * columns.radius

        def move(place, slope, low, high):
            out = place.copy()
            out[:, each] = np.clip(
                place[:, each] + size * np.sign(slope[:, each]), low, high
            )
            return out

        began = best[rows]
        frame = (
            columns.low_near[rows][:, each],
            columns.high_near[rows][:, each],
        )
        return climb(
            victim,
            began,
            y[rows],
            lambda turn, chosen: began[chosen],
            move,
            frame,
            steps=self.steps,
        )

    def inside(self, changed, x):
        """Gives the rows, whose numbers are within their ranges."""
        return Columns(self, x).inside(changed)

    def _bounds(self, x):
        return -np.inf, np.inf


def worst_swap(victim, columns, x, y):
    """Makes the one swap of a category that raises the loss most.

    Args:
        victim: Victim.
        columns: Columns.
        x: float array (n, columns).
        y: array (n,), labels.

    Returns:
        float array (n, columns); rows that no swap harms are as they were.

    Example:
        >>> from kerasgen.attacks.victim import Victim, cross_entropy
        >>> x = np.float32([[1.0, 0.0]])
        >>> columns = Columns(TablePGD(groups=((0, 1),)), x)
        >>> victim = Victim(lambda x: x, cross_entropy)
        >>> worst_swap(victim, columns, x, np.array([0])).tolist()
        [[0.0, 1.0]]
    """
    tried, owner = columns.swapped(x)
    if not len(tried):
        return x
    out = x.copy()
    worst = victim.judge(x, y)[0].copy()
    losses = victim.judge(tried, y[owner])[0]
    for i in np.argsort(losses, kind="stable"):
        if losses[i] > worst[owner[i]]:
            out[owner[i]], worst[owner[i]] = tried[i], losses[i]
    return out
