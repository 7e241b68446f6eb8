"""Tables as attacks see them: which values a row may have."""

import numpy as np

from kerasgen.attacks.ranges import STEPS, Ends, Groups, Wholes
from kerasgen.core import Float, Int, message

ARGUMENTS = {
    "epsilon": Float(0.0, 1.0),
    "steps": STEPS,
    "swaps": Int(0),
    "low": Ends(),
    "high": Ends(),
    "immutable": Wholes(),
    "groups": Groups(),
    "categories": Wholes(),
}


class Columns:
    """What the columns of a table may become.

    Args:
        attack: Attack with the arguments of `ARGUMENTS`.
        x: float array (n, columns), the rows as they are.

    Raises:
        ValueError: for rows that don't keep the constraints themselves.

    Attributes:
        low: float array (columns,).
        high: float array (columns,).
        low_near: float array (n, columns), the least that each row may have.
        high_near: float array (n, columns), the greatest.
        numbers: int array, the columns whose numbers may move.
        options: list of (columns, values): what may be swapped; values is
            None for a one-hot group.

    Example:
        >>> from kerasgen.attacks import TablePGD
        >>> x = np.float32([[0.5, 1, 0], [0.7, 0, 1]])
        >>> columns = Columns(TablePGD(groups=((1, 2),)), x)
        >>> columns.numbers.tolist(), len(columns.swapped(x)[0])
        ([0], 2)
    """

    def __init__(self, attack, x):
        self.where = type(attack).__name__
        width = x.shape[1]
        self.low, self.high = (
            np.broadcast_to(near if end is None else end, (width,))
            for end, near in (
                (attack.low, x.min(0)),
                (attack.high, x.max(0)),
            )
        )
        self._check(attack, x)
        fixed = set(attack.immutable)
        grouped = [i for group in attack.groups for i in group]
        self.numbers = np.array(
            [
                i
                for i in range(width)
                if i not in fixed | set(grouped) | set(attack.categories)
            ],
            int,
        )
        self.options = [
            (np.array(group), None)
            for group in attack.groups
            if not fixed & set(group)
        ] + [
            (
                np.array([i]),
                np.arange(round(self.low[i]), round(self.high[i]) + 1),
            )
            for i in attack.categories
            if i not in fixed
        ]
        self.low_near, self.high_near = x.copy(), x.copy()
        each = self.numbers
        radius = attack.epsilon * (self.high - self.low)[each]
        self.radius = radius.astype("float32")
        self.low_near[:, each] = np.maximum(x[:, each] - radius, self.low[each])
        self.high_near[:, each] = np.minimum(
            x[:, each] + radius, self.high[each]
        )

    def _check(self, attack, x):
        named = [*attack.immutable, *attack.categories]
        named += [i for group in attack.groups for i in group]
        whole = x[:, list(attack.categories)] if x.shape[1] else x
        problem = None
        if max(named, default=0) >= x.shape[1]:
            problem = "columns must exist", {"columns": x.shape[1]}
        elif ((x < self.low - 1e-5) | (x > self.high + 1e-5)).any():
            worst = np.flatnonzero(
                ((x < self.low - 1e-5) | (x > self.high + 1e-5)).any(0)
            )
            problem = "columns must lie in their ranges", {"columns": worst}
        elif (whole != np.round(whole)).any():
            problem = (
                "categories must be whole numbers",
                {"categories": attack.categories},
            )
        for group in attack.groups:
            if problem is None:
                part = x[:, list(group)]
                if (
                    not ((part == 0) | (part == 1)).all()
                    or (part.sum(1) != 1).any()
                ):
                    problem = "groups must be one-hot", {"groups": group}
        if problem:
            raise ValueError(message(self.where, *problem))

    def swapped(self, x):
        """Gives every row with each one of its categories changed.

        Args:
            x: float array (n, columns).

        Returns:
            float array (m, columns), and int array (m,): whose row it is.
        """
        tried, owner = [np.empty((0, x.shape[1]), x.dtype)], [np.empty(0, int)]
        for option, values in self.options:
            choices = (
                np.eye(len(option), dtype=x.dtype)
                if values is None
                else values[:, None].astype(x.dtype)
            )
            for choice in choices:
                rows = np.flatnonzero((x[:, option] != choice).any(1))
                other = x[rows]
                other[:, option] = choice
                tried.append(other)
                owner.append(rows)
        return np.concatenate(tried), np.concatenate(owner)

    def swaps(self, place, x):
        """Counts the categories that differ.

        Args:
            place: float array (n, columns).
            x: float array (n, columns).

        Returns:
            int array (n,).
        """
        found = np.zeros(len(x), int)
        for option, _ in self.options:
            found += (place[:, option] != x[:, option]).any(1)
        return found

    def inside(self, place):
        """Brings the numbers of rows into their ranges.

        Args:
            place: float array (n, columns).

        Returns:
            float32 array (n, columns).
        """
        each = self.numbers
        out = place.astype("float32")
        out[:, each] = np.clip(
            out[:, each], self.low_near[:, each], self.high_near[:, each]
        )
        return out


def rows_of(x, where):
    """Checks that inputs are rows of a table.

    Args:
        x: array (n, columns).
        where: str, who complains.

    Returns:
        float32 array (n, columns).

    Raises:
        ValueError: for other inputs.

    Example:
        >>> rows_of(np.ones((2, 3)), "TablePGD").dtype
        dtype('float32')
    """
    x = np.asarray(x).astype("float32")
    if x.ndim != 2:
        raise ValueError(
            message(
                where,
                "inputs must be rows of numbers (n, columns)",
                {"shape": x.shape},
            )
        )
    return x
