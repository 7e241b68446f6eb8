"""Ranges of arguments that are several numbers or several parts."""

from collections.abc import Mapping

from kerasgen.core import Float, message, one_of, parts


class Numbers:
    """A row of numbers >= 0 that rise, one or more.

    Example:
        >>> Numbers().check("Attack", "epsilons", [0.1, 0.3])
        (0.1, 0.3)
    """

    search = None
    log = False

    def check(self, where, name, value):
        """Checks numbers and returns them as a tuple, from the least on."""
        value = (value,) if isinstance(value, (int, float)) else tuple(value)
        value = [Float(0.0).check(where, name, each) for each in value]
        if not value:
            raise ValueError(
                message(where, f"`{name}` must hold a number", {name: value})
            )
        return tuple(sorted(set(map(float, value))))

    def legal(self):
        """Writes the legal values."""
        return "numbers >= 0"

    def outside(self):
        """Gives one value that must be refused."""
        return -1.0


class Parts:
    """Parts of a kind: names, or mappings of `name` and arguments.

    Args:
        kind: str, the kind.

    Example:
        >>> Parts("attack").check("Attack", "attacks", "pgd")
        ({'name': 'pgd'},)
    """

    search = None
    log = False

    def __init__(self, kind):
        self.kind = kind

    def check(self, where, name, value):
        """Checks parts and returns them as a tuple of mappings."""
        if isinstance(value, (str, Mapping)):
            value = (value,)
        specs = [{"name": v} if isinstance(v, str) else dict(v) for v in value]
        for spec in specs:
            one_of(where, name, spec.get("name"), parts(self.kind))
        return tuple(specs)

    def legal(self):
        """Writes the legal values."""
        return f"names of {self.kind}s, or mappings of `name` and arguments"

    def outside(self):
        """Gives one value that must be refused."""
        return f"no such {self.kind}"
