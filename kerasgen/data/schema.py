"""Schema: what a raw example is, before anything is done to it."""

import dataclasses

import numpy as np

from kerasgen.core import message, one_of
from kerasgen.data.images import decode_image
from kerasgen.data.sounds import decode_sound

KINDS = ("image", "table", "text", "tokens", "audio", "video")
TARGETS = (
    *("class", "number", "item", "mask", "tags", "text", "classes"),
    "symbols",
)
_RANGES = {"image": (0.0, 255.0), "video": (0.0, 255.0), "audio": (-1.0, 1.0)}


@dataclasses.dataclass(frozen=True)
class Column:
    """One column of a table.

    Args:
        name: str, a valid identifier.
        kind: "number" or "category".
        vocabulary: tuple of str, the categories seen in training, sorted.

    Raises:
        ValueError: for an unknown kind.

    Example:
        >>> Column("age", "number").kind
        'number'
    """

    name: str
    kind: str = "number"
    vocabulary: tuple = ()

    def __post_init__(self):
        one_of("Column", "kind", self.kind, ("number", "category"))
        object.__setattr__(self, "vocabulary", tuple(self.vocabulary))


@dataclasses.dataclass(frozen=True)
class Schema:
    """Kind, shape, range and columns of raw examples, and what is asked.

    Args:
        kind: "image", "table", "text", "tokens", "audio" or "video".
        shape: tuple of int, of one raw example: (height, width, channels),
            (frames, height, width, channels), (samples,), (time,) for tokens,
            () for text, or the number of columns.
        low: float, the least value of a pixel or sample; None takes the
            kind's: 0, and -1 for audio.
        high: float, the greatest; None takes 255, and 1 for audio.
        columns: tuple of Column, for tables.
        rate: int, samples in a second, for audio.
        target: "class", "number", "item" of many that comes next, "mask",
            "tags", "text", "symbols" of a string, or "classes" for several
            outputs.
        labels: tuple of str, the names of tags or of a mask's classes; for
            several outputs a tuple of pairs of the output's name and the
            names of its classes, none for a number.

    Raises:
        ValueError: for a kind, target or range that can't be.

    Example:
        >>> Schema("image", (8, 8, 1)).high
        255.0
        >>> Schema("audio", (8000,), rate=8000).low
        -1.0
    """

    kind: str
    shape: tuple
    low: float = None
    high: float = None
    columns: tuple = ()
    rate: int = None
    target: str = "class"
    labels: tuple = ()

    def __post_init__(self):
        one_of("Schema", "kind", self.kind, KINDS)
        one_of("Schema", "target", self.target, TARGETS)
        fill = object.__setattr__
        low, high = _RANGES.get(self.kind, (0.0, 255.0))
        fill(self, "low", low if self.low is None else float(self.low))
        fill(self, "high", high if self.high is None else float(self.high))
        fill(self, "shape", tuple(int(s) for s in self.shape))
        fill(self, "columns", tuple(self.columns))
        fill(self, "labels", _tuples(self.labels))
        if not self.low < self.high:
            raise ValueError(
                message(
                    "Schema",
                    "`low` must be less than `high`",
                    {"low": self.low, "high": self.high},
                )
            )
        if self.kind == "audio" and not self.rate:
            raise ValueError(
                message(
                    "Schema",
                    "audio must have a rate in Hz",
                    {"rate": self.rate},
                    "Pass sample_rate=.",
                )
            )

    def decode(self, encoded):
        """Turns the bytes of files into raw examples, in the graph.

        Args:
            encoded: string tensor () or (batch,): PNG, JPEG, BMP or GIF, or
                WAV; a text is what it is.

        Returns:
            Tensor of the schema's shape, or with a batch axis; pixels are
            uint8 where the range is [0, 255].

        Raises:
            ValueError: for a kind that has no files of its own.
        """
        if self.kind == "image":
            return decode_image(encoded, self.shape, self.low, self.high)
        if self.kind == "audio":
            return decode_sound(encoded, self.shape[0], self.rate)
        if self.kind == "text":
            return encoded
        raise ValueError(
            message(
                "Schema.decode",
                "the kind must be image, audio or text",
                {"kind": self.kind},
            )
        )

    def to_dict(self):
        """Writes the schema as JSON values."""
        values = dataclasses.asdict(self)
        return {name: _lists(value) for name, value in values.items()}

    @classmethod
    def from_dict(cls, values):
        """Makes a schema from what `to_dict` wrote."""
        columns = tuple(Column(**column) for column in values["columns"])
        return cls(**{**values, "columns": columns})


def _tuples(value):
    if isinstance(value, (list, tuple)):
        return tuple(_tuples(each) for each in value)
    return value


def _lists(value):
    if isinstance(value, dict):
        return {name: _lists(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_lists(each) for each in value]
    return value


def check_range(schema, x, where="data"):
    """Checks that raw examples have the range of a schema.

    Args:
        schema: Schema.
        x: raw pixels or samples, an array or tensor of numbers; other kinds
            pass.
        where: str, who complains.

    Raises:
        ValueError: for values outside, whole numbers from 0 to 1 or fractions
            where 0-255 is expected, or 0-255 where 0-1 is.

    Example:
        >>> check_range(Schema("image", (2, 2, 1)), np.full((2, 2, 1), 0.5))
        Traceback (most recent call last):
        ...
        ValueError: data: pixels must lie in [0, 255], ... Multiply by 255.
    """
    if schema.kind not in _RANGES or isinstance(x, dict):
        return
    x = np.asarray(x)
    if x.dtype.kind not in "uif" or not x.size:
        return
    low, high = float(np.min(x)), float(np.max(x))
    what = "samples" if schema.kind == "audio" else "pixels"
    wide = (schema.low, schema.high) == (0.0, 255.0)
    # Fractions up to 1 are another scale; a black uint8 picture is not.
    small = wide and x.dtype.kind == "f" and 0.0 < high <= 1.0
    slack = 1e-4 * (schema.high - schema.low)
    outside = low < schema.low - slack or high > schema.high + slack
    if not (small or outside or not np.isfinite([low, high]).all()):
        return
    raise ValueError(
        message(
            where,
            f"{what} must lie in [{schema.low:g}, {schema.high:g}], the range "
            "of the data that were trained on",
            {"min": low, "max": high, "dtype": str(x.dtype)},
            _remedy(schema, small, low, high),
        )
    )


def _remedy(schema, small, low, high):
    if small:
        return "Multiply by 255."
    if schema.kind == "audio":
        return "Divide 16-bit samples by 32768."
    if schema.high <= 1.0 and 1.0 < high <= 255.0 and low >= 0:
        return "Divide by 255."
    return f"Scale to [{schema.low:g}, {schema.high:g}]."
