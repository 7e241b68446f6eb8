"""Dates: ISO texts or unix seconds -> numbers that a model can use."""

import numpy as np
import tensorflow as tf

from kerasgen.core import Choice, message, register
from kerasgen.data.prepare.base import Transform
from kerasgen.data.prepare.category import features

PARTS = ("year", "month", "day", "weekday", "hour")
# What a part runs through before it begins anew, and where it begins.
_CYCLE = {"month": (12, 1), "day": (31, 1), "weekday": (7, 0), "hour": (24, 0)}
_TIME = r"(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:\.\d+)?)?)?)?"
_PATTERN = (
    r"\s*(\d{4})-(\d\d)-(\d\d)" + _TIME + r"\s*(?:Z|[+-]\d\d(?::?\d\d)?)?\s*"
)
_DAY = 86_400


class Parts:
    """Some of the parts of a date, as the range of an argument.

    Example:
        >>> Parts().check("DateParts", "parts", ["year"])
        ('year',)
    """

    search = None

    def check(self, where, name, value):
        """Checks one value and gives it as a tuple."""
        parts = tuple([value] if isinstance(value, str) else value)
        if not parts or not set(parts) <= set(PARTS):
            raise ValueError(
                message(
                    where, f"`{name}` must be {self.legal()}", {name: value}
                )
            )
        return parts

    def legal(self):
        """Writes the legal values."""
        return f"some of {', '.join(PARTS)}"

    def outside(self):
        """Gives one value that must be refused."""
        return ("century",)


@register("prepare")
class DateParts(Transform):
    """Gives year, month, day, weekday and hour of dates, and what is missing.

    Takes texts such as "2024-05-17", "2024-05-17T13:45" or
    "2024-05-17 13:45:10+02:00" (the clock as it is written; the zone is left
    out), or numbers: unix seconds, UTC. Seconds in float32 are only known to
    two minutes; pass texts where that matters. With cycles, a part that runs
    round is the sine and the cosine of its turn, hours with their minutes.

    For each feature the parts come in the order of `PARTS`, then a column
    that is 1 where there is no date or none that the calendar has; the parts
    are 0 there. Weekdays count from Monday, 0.

    Args:
        parts: list of str out of "year", "month", "day", "weekday", "hour".
        cyclic: bool, whether month, day, weekday and hour become sine and
            cosine.
        **values: arguments of `keras.layers.Layer`.

    Raises:
        ValueError: for an unknown part, or none.

    Source:
        The calendar's arithmetic after Hinnant, "chrono-compatible low-level
        date algorithms".

    Example:
        >>> layer = DateParts(cyclic=False)
        >>> layer(tf.constant([["2024-05-17"]])).numpy().tolist()
        [[2024.0, 5.0, 17.0, 4.0, 0.0, 0.0]]
    """

    arguments = {"parts": Parts(), "cyclic": Choice((True, False))}
    takes = "any"
    learns = False

    def __init__(self, parts=PARTS, cyclic=True, **values):
        super().__init__(parts=parts, cyclic=cyclic, **values)

    def check(self, shape, kind):
        """Refuses what isn't (batch, features)."""
        super().check(shape, kind)
        features("DateParts", shape)

    def shape_of(self, shape):
        """Gives the number of columns."""
        width = sum(1 + (self.cyclic and p in _CYCLE) for p in self.parts)
        return (shape[0] * (width + 1),)

    def transform(self, x):
        """Takes a batch of dates apart."""
        texts = x.dtype == tf.string
        seconds, good = _parsed(x) if texts else _counted(x)
        days = tf.math.floordiv(seconds, _DAY)
        year, month, day = _calendar(days)
        minute = tf.math.floordiv(seconds - days * _DAY, 60)
        found = {
            "year": year,
            "month": month,
            "day": day,
            # The first of January 1970 was a Thursday.
            "weekday": tf.math.floormod(days + 3, 7),
            "hour": tf.math.floordiv(minute, 60),
        }
        columns = []
        for part in [name for name in PARTS if name in self.parts]:
            value = tf.cast(found[part], tf.float64)
            if not (self.cyclic and part in _CYCLE):
                columns.append(value)
                continue
            turn, first = _CYCLE[part]
            if part == "hour":
                value = tf.cast(minute, tf.float64) / 60.0
            angle = 2.0 * np.pi * (value - first) / turn
            columns += [tf.sin(angle), tf.cos(angle)]
        known = tf.cast(good, tf.float64)
        columns = [column * known for column in columns] + [1.0 - known]
        found = tf.stack(columns, -1)
        width = len(columns) * x.shape[1]
        return tf.cast(tf.reshape(found, (-1, width)), tf.float32)


def _parsed(x):
    """Seconds of the clock as written (int64), and whether it is a date."""
    good = tf.strings.regex_full_match(x, _PATTERN)
    safe = tf.where(good, x, "1970-01-01")

    def number(place):
        text = tf.strings.regex_replace(safe, _PATTERN, rf"\{place}")
        text = tf.where(text == "", "0", text)
        return tf.strings.to_number(text, tf.int64)

    year, month, day, hour, minute, second = map(number, range(1, 7))
    good &= (month >= 1) & (month <= 12)
    good &= (hour < 24) & (minute < 60) & (second <= 60)
    days = _day_number(year, tf.clip_by_value(month, 1, 12), day)
    # A day that the month doesn't have comes back as another.
    same = _calendar(days)
    good &= (same[1] == month) & (same[2] == day)
    clock = hour * 3600 + minute * 60 + tf.minimum(second, 59)
    seconds = days * _DAY + clock
    return tf.where(good, seconds, tf.zeros_like(seconds)), good


def _counted(x):
    x = tf.cast(x, tf.float64)
    # Years 1 to 9999, those that a text can write.
    good = (x >= -62_135_596_800.0) & (x < 253_402_300_800.0)
    safe = tf.where(good, x, tf.zeros_like(x))
    return tf.cast(tf.floor(safe), tf.int64), good


def _day_number(year, month, day):
    """Days since 1970-01-01, in years that begin in March."""
    year = tf.where(month <= 2, year - 1, year)
    era = tf.math.floordiv(year, 400)
    rest = year - era * 400
    shifted = tf.math.floormod(month + 9, 12)
    in_year = tf.math.floordiv(153 * shifted + 2, 5) + day - 1
    leaps = tf.math.floordiv(rest, 4) - tf.math.floordiv(rest, 100)
    return era * 146_097 + rest * 365 + leaps + in_year - 719_468


def _calendar(days):
    """Year, month and day of a number of days."""
    days = days + 719_468
    era = tf.math.floordiv(days, 146_097)
    rest = days - era * 146_097
    year = tf.math.floordiv(
        rest
        - tf.math.floordiv(rest, 1460)
        + tf.math.floordiv(rest, 36_524)
        - tf.math.floordiv(rest, 146_096),
        365,
    )
    leaps = tf.math.floordiv(year, 4) - tf.math.floordiv(year, 100)
    in_year = rest - (365 * year + leaps)
    shifted = tf.math.floordiv(5 * in_year + 2, 153)
    day = in_year - tf.math.floordiv(153 * shifted + 2, 5) + 1
    month = tf.where(shifted < 10, shifted + 3, shifted - 9)
    year = year + era * 400
    return tf.where(month <= 2, year + 1, year), month, day
