"""What an argument may be, and where a search should look for it."""

import dataclasses
import math
import pathlib

import numpy as np

from kerasgen.core.check import message


@dataclasses.dataclass(frozen=True)
class Float:
    """A real number between two bounds.

    Args:
        low: float, the least legal value, or None.
        high: float, the greatest legal value, or None.
        search: pair of floats that a search samples between, or None for an
            argument that a search leaves alone.
        log: bool, whether a search samples on a logarithmic scale.

    Raises:
        ValueError: where the search bounds are not legal values.

    Example:
        >>> Float(0, 1, search=(0.1, 0.5)).check("Dropout", "rate", 0.3)
        0.3
    """

    low: float = None
    high: float = None
    search: tuple = None
    log: bool = False

    def __post_init__(self):
        if self.search is not None:
            low, high = self.search
            if not low < high:
                raise ValueError(
                    message(
                        "Float",
                        "`search` must be (low, high)",
                        {"search": self.search},
                    )
                )
            self.check("Float", "search[0]", low)
            self.check("Float", "search[1]", high)

    def check(self, where, name, value):
        """Checks one value and returns it."""
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number and not hasattr(value, "dtype"):
            raise TypeError(
                message(where, f"`{name}` must be a number", {name: value})
            )
        value = value if number else value.item()
        below = self.low is not None and value < self.low
        above = self.high is not None and value > self.high
        if below or above or not math.isfinite(value):
            raise ValueError(
                message(
                    where, f"`{name}` must lie in {self.legal()}", {name: value}
                )
            )
        return value

    def legal(self):
        """Writes the legal interval."""
        left = "(-inf" if self.low is None else f"[{self.low}"
        right = "inf)" if self.high is None else f"{self.high}]"
        return f"{left}, {right}"

    def outside(self):
        """Gives one value that must be refused, or None."""
        if self.high is not None:
            return self.high + 1
        return None if self.low is None else self.low - 1


@dataclasses.dataclass(frozen=True)
class Int(Float):
    """A whole number between two bounds.

    Args:
        low: int, the least legal value, or None.
        high: int, the greatest legal value, or None.
        search: pair of ints that a search samples between, both included.
        log: bool, whether a search samples on a logarithmic scale.

    Raises:
        ValueError: where the search bounds are not legal values.

    Example:
        >>> Int(1, 8).check("Block", "depth", 2)
        2
    """

    def check(self, where, name, value):
        """Checks one value and returns it."""
        value = super().check(where, name, value)
        if value != int(value):
            raise ValueError(
                message(
                    where, f"`{name}` must be a whole number", {name: value}
                )
            )
        return int(value)


@dataclasses.dataclass(frozen=True)
class Choice:
    """One of a few values.

    Args:
        options: tuple of the legal values.
        search: tuple of those that a search tries, or None for an argument
            that a search leaves alone.

    Raises:
        ValueError: where a value to search is not legal.

    Example:
        >>> Choice(("tiny", "small")).check("factory", "size", "tiny")
        'tiny'
    """

    options: tuple
    search: tuple = None

    def __post_init__(self):
        for value in self.search or ():
            self.check("Choice", "search", value)

    def check(self, where, name, value):
        """Checks one value and returns it."""
        if not any(
            value is o or (value == o and type(value) is type(o))
            for o in self.options
        ):
            raise ValueError(
                message(
                    where,
                    f"`{name}` must be one of {self.legal()}",
                    {name: value},
                )
            )
        return value

    def legal(self):
        """Writes the legal values."""
        return ", ".join(repr(option) for option in self.options)

    def outside(self):
        """Gives one value that must be refused."""
        return "no such option"


@dataclasses.dataclass(frozen=True)
class Shape:
    """The shape of an example: positive whole numbers.

    Example:
        >>> Shape().check("encoder", "shape", [8, 8, 1])
        (8, 8, 1)
    """

    # No search draws a shape.
    search = None

    def check(self, where, name, value):
        """Checks one value and returns it as a tuple."""
        if not isinstance(value, (tuple, list)):
            raise TypeError(
                message(where, f"`{name}` must be a tuple", {name: value})
            )
        fine = all(isinstance(side, int) and side > 0 for side in value)
        if not value or not fine:
            raise ValueError(
                message(
                    where, f"`{name}` must be {self.legal()}", {name: value}
                )
            )
        return tuple(value)

    def legal(self):
        """Writes what is legal."""
        return "a tuple of positive whole numbers"

    def outside(self):
        """Gives one value that must be refused."""
        return (0,)


@dataclasses.dataclass(frozen=True)
class Numbers:
    """Real numbers in a row or a square, each at least a bound.

    Args:
        rank: int, 1 for a row and 2 for a square matrix.
        low: float, the least legal number.

    Example:
        >>> Numbers(1).check("Loss", "counts", (3, 5))
        [3.0, 5.0]
    """

    rank: int = 1
    low: float = 0.0

    # No search samples whole tables of numbers.
    search = None

    def check(self, where, name, value):
        """Checks numbers and returns them as lists, which JSON knows."""
        try:
            found = np.asarray(value, "float64")
        except (TypeError, ValueError):
            found = None
        fits = found is not None and found.ndim == self.rank and found.size
        fits = fits and len(set(found.shape)) == 1 and np.isfinite(found).all()
        if not fits or (found < self.low).any():
            raise ValueError(
                message(
                    where, f"`{name}` must be {self.legal()}", {name: value}
                )
            )
        return found.tolist()

    def legal(self):
        """Writes what is legal."""
        shape = ("a list", "a square matrix")[self.rank - 1]
        return f"{shape} of numbers of {self.low:g} or more"

    def outside(self):
        """Gives one value that must be refused."""
        return "no numbers"


@dataclasses.dataclass(frozen=True)
class File:
    """The path of a file, as a text.

    Example:
        >>> File().check("factory", "embeddings", "glove.txt")
        'glove.txt'
    """

    # No search tries files.
    search = None

    def check(self, where, name, value):
        """Checks one value and returns it."""
        if not isinstance(value, (str, pathlib.Path)):
            raise TypeError(
                message(
                    where, f"`{name}` must be {self.legal()}", {name: value}
                )
            )
        return str(value)

    def legal(self):
        """Writes what is legal."""
        return "the path of a file"

    def outside(self):
        """Gives one value that must be refused."""
        return 0


def check_arguments(where, table, values):
    """Checks values against a table of ranges.

    Args:
        where: str, who complains.
        table: mapping of argument name to range.
        values: mapping of argument name to value; None passes unchecked where
            the argument has no range of its own for it.

    Returns:
        dict of the checked values.

    Raises:
        ValueError: for a value out of range.
        TypeError: for a value of the wrong type.

    Example:
        >>> check_arguments("SAM", {"rho": Float(0)}, {"rho": 0.1})
        {'rho': 0.1}
    """
    return {
        name: value if value is None else table[name].check(where, name, value)
        for name, value in values.items()
    }
