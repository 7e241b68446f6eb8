"""What arguments of attacks may be, beside plain numbers and choices."""

import numpy as np

from kerasgen.attacks.ball import NORMS
from kerasgen.core import Choice, Float, Int, message


class Bound(Float):
    """A number between bounds, or None.

    Example:
        >>> Bound().check("attack", "low", None) is None
        True
    """

    def check(self, where, name, value):
        """Checks one value and returns it."""
        return None if value is None else super().check(where, name, value)

    def legal(self):
        """Writes what is legal."""
        return f"{super().legal()}, or None"


class Part:
    """A part by name, by a mapping, as an object, or None.

    Example:
        >>> Part().check("EOT", "attack", "pgd")
        'pgd'
    """

    search = None
    log = False

    def check(self, where, name, value):
        """Gives the value; `kerasgen.create` refuses what it doesn't know."""
        return value

    def legal(self):
        """Writes what is legal."""
        return "a part's name, a mapping, or a part"

    def outside(self):
        """There is no value that must be refused here."""
        return


class Wholes:
    """A tuple of whole numbers, such as tokens or columns.

    Example:
        >>> Wholes().check("attack", "keep", [0, 1])
        (0, 1)
    """

    search = None
    log = False

    def check(self, where, name, value):
        """Checks one value and returns it as a tuple."""
        try:
            found = tuple(int(number) for number in value)
        except (TypeError, ValueError):
            found = (-1,)
        if min(found, default=0) < 0:
            raise ValueError(
                message(
                    where, f"`{name}` must be {self.legal()}", {name: value}
                )
            )
        return found

    def legal(self):
        """Writes what is legal."""
        return "whole numbers >= 0"

    def outside(self):
        """Gives one value that must be refused."""
        return (-1,)


class Band:
    """A pair of frequencies as shares of the sample rate.

    Example:
        >>> Band().check("WavePGD", "band", [0.1, 0.2])
        (0.1, 0.2)
    """

    search = None
    log = False

    def check(self, where, name, value):
        """Checks one value and returns it as a tuple."""
        pair = tuple(float(end) for end in value)
        if len(pair) != 2 or not 0.0 <= pair[0] < pair[1] <= 0.5:
            raise ValueError(
                message(
                    where, f"`{name}` must be {self.legal()}", {name: value}
                )
            )
        return pair

    def legal(self):
        """Writes what is legal."""
        return "(low, high) with 0 <= low < high <= 0.5"

    def outside(self):
        """Gives one value that must be refused."""
        return (0.3, 0.2)


class Synonyms:
    """A mapping of each token to those that may stand for it, or None.

    Example:
        >>> Synonyms().check("WordSubstitution", "synonyms", {"3": [4, 5]})
        {3: (4, 5)}
    """

    search = None
    log = False

    def check(self, where, name, value):
        """Checks one value and returns it with tuples of int."""
        if value is None:
            return None
        try:
            return {
                int(word): tuple(int(other) for other in others)
                for word, others in value.items()
            }
        except (AttributeError, TypeError, ValueError):
            raise ValueError(
                message(
                    where, f"`{name}` must be {self.legal()}", {name: value}
                )
            ) from None

    def legal(self):
        """Writes what is legal."""
        return "a mapping of tokens to lists of tokens, or None"

    def outside(self):
        """Gives one value that must be refused."""
        return "no table"


class Ends:
    """A bound of columns: a number, one for each column, or None.

    Example:
        >>> Ends().check("TablePGD", "low", [0, 1])
        (0.0, 1.0)
    """

    search = None
    log = False

    def check(self, where, name, value):
        """Checks one value and returns None, a float or a tuple."""
        if value is None:
            return None
        try:
            found = np.asarray(value, "float64")
        except (TypeError, ValueError):
            found = np.array(np.nan)
        if found.ndim > 1 or not np.isfinite(found).all():
            raise ValueError(
                message(
                    where, f"`{name}` must be {self.legal()}", {name: value}
                )
            )
        return tuple(found.tolist()) if found.ndim else float(found)

    def legal(self):
        """Writes what is legal."""
        return "a number, one for each column, or None"

    def outside(self):
        """Gives one value that must be refused."""
        return "low"


class Groups:
    """A tuple of groups of columns.

    Example:
        >>> Groups().check("TablePGD", "groups", [[0, 1], [4, 5]])
        ((0, 1), (4, 5))
    """

    search = None
    log = False

    def check(self, where, name, value):
        """Checks one value and returns it as a tuple of tuples."""
        try:
            found = tuple(tuple(int(i) for i in group) for group in value)
        except TypeError:
            found = ((),)
        flat = [i for group in found for i in group]
        short = any(len(group) < 2 for group in found)
        if short or min(flat, default=0) < 0 or len(set(flat)) < len(flat):
            raise ValueError(
                message(
                    where, f"`{name}` must be {self.legal()}", {name: value}
                )
            )
        return found

    def legal(self):
        """Writes what is legal."""
        return "groups of at least two columns each, none of them in two"

    def outside(self):
        """Gives one value that must be refused."""
        return ((0,),)


BOUNDS = {"low": Bound(), "high": Bound()}
NORM = Choice(NORMS)
STEPS = Int(1)
