"""Row: one measured number, with its interval and what it rests on."""

import dataclasses
import math

from kerasgen.core import message, one_of

BETTER = ("higher", "lower")


@dataclasses.dataclass(frozen=True)
class Row:
    """One number of a report.

    Args:
        probe: str, who asked.
        metric: str, what was measured.
        value: float, or None where the question doesn't fit.
        low: float at most `value`, the interval's lower end, or None.
        high: float at least `value`, its upper end, or None.
        n: int, the examples, calls or models that the number rests on.
        unit: str; "share" for a share of examples, "" for a bare number.
        better: "higher" or "lower".
        slice: dict of what the number is restricted to, {} for everything.
        why: str, why there is no value or no interval, or a remark.

    Raises:
        ValueError: for a value outside its interval, or none without a why.

    Example:
        >>> row = Row("clean", "accuracy", 0.9, 0.8, 0.95, 100, "share")
        >>> row.key, Row.from_dict(row.to_dict()) == row
        ('clean/accuracy', True)
    """

    probe: str
    metric: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    unit: str = ""
    better: str = "higher"
    slice: dict = dataclasses.field(default_factory=dict)
    why: str | None = None

    def __post_init__(self):
        for name in ("value", "low", "high"):
            object.__setattr__(self, name, _number(getattr(self, name)))
        object.__setattr__(self, "n", int(self.n))
        object.__setattr__(self, "slice", dict(self.slice))
        one_of("Row", "better", self.better, BETTER)
        if self.value is None:
            object.__setattr__(self, "low", None)
            object.__setattr__(self, "high", None)
            if not self.why:
                raise ValueError(
                    message(
                        "Row",
                        "a row without a finite value must say `why`",
                        {"row": self.name, "value": self.value},
                    )
                )
            return
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        if not low <= self.value <= high:
            raise ValueError(
                message(
                    "Row",
                    "`value` must lie in its interval",
                    {"value": self.value, "low": low, "high": high},
                )
            )

    @property
    def key(self):
        """str, the probe and the metric."""
        return f"{self.probe}/{self.metric}"

    @property
    def name(self):
        """str, the key and the slice: unique in a report."""
        return self.key + _slice(self.slice)

    def to_dict(self):
        """Gives the row as JSON can hold it."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values):
        """Makes the row from what `to_dict` gave."""
        return cls(**values)


def _slice(values):
    if not values:
        return ""
    return "[" + ", ".join(f"{k}={v}" for k, v in values.items()) + "]"


def _number(value):
    if value is None:
        return None
    value = float(value)
    return value if math.isfinite(value) else None
