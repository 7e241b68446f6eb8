"""Schema: what a raw example is, before anything is done to it."""

import dataclasses

from kerasgen.core import message, one_of
from kerasgen.data.images import decode_image

KINDS = ("image", "table")


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
    """Kind, shape, range and columns of raw examples.

    Args:
        kind: "image" or "table".
        shape: tuple of int, (height, width, channels) of a raw image, or the
            number of columns.
        low: float, the least value of an image's pixel.
        high: float, the greatest.
        columns: tuple of Column, for tables.

    Raises:
        ValueError: for a kind or range that can't be.

    Example:
        >>> Schema("image", (8, 8, 1)).high
        255.0
    """

    kind: str
    shape: tuple
    low: float = 0.0
    high: float = 255.0
    columns: tuple = ()

    def __post_init__(self):
        one_of("Schema", "kind", self.kind, KINDS)
        object.__setattr__(self, "shape", tuple(int(s) for s in self.shape))
        object.__setattr__(self, "columns", tuple(self.columns))
        if not self.low < self.high:
            raise ValueError(
                message(
                    "Schema",
                    "`low` must be less than `high`",
                    {"low": self.low, "high": self.high},
                )
            )

    def decode(self, encoded):
        """Turns image files into pixels of the schema's shape and range.

        Args:
            encoded: string tensor () or (batch,), PNG, JPEG, BMP or GIF.

        Returns:
            float32 tensor (height, width, channels), or with a batch axis.
        """
        return decode_image(encoded, self.shape, self.low, self.high)

    def to_dict(self):
        """Writes the schema as JSON values."""
        values = dataclasses.asdict(self)
        values["shape"] = list(self.shape)
        for column in values["columns"]:
            column["vocabulary"] = list(column["vocabulary"])
        return {**values, "columns": list(values["columns"])}

    @classmethod
    def from_dict(cls, values):
        """Makes a schema from what `to_dict` wrote."""
        columns = tuple(Column(**column) for column in values["columns"])
        return cls(**{**values, "columns": columns})
