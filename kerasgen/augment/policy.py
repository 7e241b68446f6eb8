"""Policies: a few operations drawn for each image, carried out in one pass.

Whatever is drawn, values go through one table, colour and sharpness follow,
and one resampling by one matrix comes last. Operations that are drawn for
none of these cost nothing.
"""

import tensorflow as tf

from kerasgen.augment.base import uniform
from kerasgen.augment.colour import saturated, stored
from kerasgen.augment.filters import sharpened
from kerasgen.augment.geometry import Geometric, Pose, centred
from kerasgen.augment.move import Move
from kerasgen.augment.tone import equalized, posterized, stretched
from kerasgen.augment.values import (
    Table,
    count_values,
    grey_mean,
    levels_of,
    values_of,
)
from kerasgen.core import message

OPERATIONS = (
    "identity",
    "auto_contrast",
    "equalize",
    "invert",
    "posterize",
    "solarize",
    "brightness",
    "contrast",
    "color",
    "sharpness",
    "shear_x",
    "shear_y",
    "translate_x",
    "translate_y",
    "rotate",
)
# What the greatest magnitude means; signed where either way may be drawn.
USUAL = {
    "posterize": 4.0,
    "solarize": 1.0,
    "brightness": 0.9,
    "contrast": 0.9,
    "color": 0.9,
    "sharpness": 0.9,
    "shear_x": 0.3,
    "shear_y": 0.3,
    "translate_x": 150.0 / 331.0,
    "translate_y": 150.0 / 331.0,
    "rotate": 30.0,
}
_UNSIGNED = ("posterize", "solarize")
_CODE = {name: code for code, name in enumerate(OPERATIONS)}
# The first eight are tables; four of them need to know the image.
_LAST_VALUE = _CODE["contrast"]
_KNOWING = tuple(_CODE[n] for n in ("auto_contrast", "equalize", "contrast"))


class Policy(Move):
    """A move that draws operations.

    A subclass writes `program`.

    Attributes:
        names: tuple of str, the operations that may be drawn.
    """

    high = None
    fill = "edge"
    names = OPERATIONS

    def program(self, seed, n):
        """Draws operations; a subclass writes this.

        Args:
            seed: int tensor (2,).
            n: int or scalar tensor, the batch.

        Returns:
            int32 tensor (n, count), codes of `OPERATIONS`, and float32 tensor
            (n, count), what each is applied with (see `amounts`).
        """
        raise NotImplementedError

    def draw(self, seed, size):
        """Draws operations, and one matrix for those that are geometric."""
        codes, amounts = self.program(seed, size[0])
        return codes, amounts, matrix_of(codes, amounts, size)

    def one(self, x, draw):
        """Carries out what was drawn for one image."""
        return self.carry_out(x, draw)

    def carry_out(self, x, draw, weight=None):
        """Carries out what was drawn for one image.

        Args:
            x: tensor (height, width, channels).
            draw: codes (count,), amounts (count,) and matrix (3, 3).
            weight: how often each value is there, as `value_counts` gives it;
                None counts where it is needed.

        Returns:
            tensor of the same shape and dtype.
        """
        codes, amounts, matrix = draw
        count = codes.shape[0]
        if x.dtype != tf.uint8:
            self.need("high", "the greatest value of float images")
        high = 255.0 if x.dtype == tf.uint8 else self.high
        x = _valued(x, codes, amounts, high, weight)
        if x.shape[2] == 3 and "color" in self.names:
            x = _coloured(x, codes, amounts, high)
        for place in range(count if "sharpness" in self.names else 0):
            x = _sharper(x, codes[place], amounts[place], high)
        size = tuple(x.shape[a] or tf.shape(x)[a] for a in (0, 1))
        return Pose(matrix, size, self.fill, False).apply(x)

    def along(self, fields, draws):
        """Moves masks, boxes and keypoints by the matrix."""
        geometry = Geometric()
        geometry.fill = self.fill
        return geometry.along(fields, draws[2])


def matrix_of(codes, amounts, size):
    """Multiplies the geometric operations of each image.

    Args:
        codes: int32 tensor (batch, count).
        amounts: float32 tensor (batch, count).
        size: tuple (batch, height, width, channels).

    Returns:
        float32 tensor (batch, 3, 3).

    Example:
        >>> codes = tf.fill((2, 1), OPERATIONS.index("identity"))
        >>> bool(tf.reduce_all(matrix_of(codes, tf.zeros((2, 1)), (2, 4, 4, 1))
        ...                    == tf.eye(3)))
        True
    """
    matrix = tf.eye(3, batch_shape=(size[0],))
    height, width = (tf.cast(side, tf.float32) for side in size[1:3])
    for place in range(codes.shape[1]):
        code, amount = codes[:, place], amounts[:, place]

        def only(name, code=code, amount=amount):
            return tf.where(tf.equal(code, _CODE[name]), amount, 0.0)

        angle = only("rotate") * 0.017453292
        cos, sin = tf.cos(angle), tf.sin(angle)
        matrix = matrix @ centred(
            size,
            cos,
            only("shear_x") - sin,
            only("shear_y") + sin,
            cos,
            only("translate_x") * width,
            only("translate_y") * height,
        )
    return matrix


def value_counts(x, codes, high):
    """Counts an image's values where a drawn operation needs to know.

    Args:
        x: tensor (height, width, channels).
        codes: int32 tensor, codes of `OPERATIONS`.
        high: float, the greatest value of float images.

    Returns:
        float32 tensor (256, channels); zeros where nothing needs it.

    Example:
        >>> x, codes = tf.zeros((2, 2, 1), tf.uint8), codes_of(["equalize"])
        >>> float(value_counts(x, codes, 255.0)[0, 0])
        4.0
    """
    knowing = tf.reduce_any(codes[..., None] == tf.constant(_KNOWING))
    channels = x.shape[2] or tf.shape(x)[2]
    return tf.cond(
        knowing,
        lambda: count_values(levels_of(x, high)),
        lambda: tf.zeros_like(Table(channels).values),
    )


def _valued(x, codes, amounts, high, weight):
    """Puts values through the table of all drawn operations."""
    moved = tf.reduce_any((codes > 0) & (codes <= _LAST_VALUE))

    def looked_up():
        levels, known = levels_of(x, high), weight
        if known is None:
            known = value_counts(x, codes, high)
        table = _table(levels, codes, amounts, known)
        if x.dtype == tf.uint8:
            return table.apply(x)
        return values_of(table.apply(levels), levels, x, high)

    return tf.cond(moved, looked_up, lambda: x)


def _table(x, codes, amounts, weight):
    channels = x.shape[2] or tf.shape(x)[2]
    values = Table(channels).values
    for place in range(codes.shape[0]):
        code, amount = codes[place], amounts[place]
        code = tf.where(code <= _LAST_VALUE, code, 0)
        new = tf.switch_case(code, _shades(values / 255.0, amount, weight))
        values = tf.round(tf.clip_by_value(new, 0.0, 1.0) * 255.0)
    return Table(channels, values)


def _shades(values, amount, weight):
    """The first eight operations on a table's values, in their order."""

    def contrast():
        mean = grey_mean(values, weight)
        return mean + (values - mean) * (1.0 + amount)

    return [
        lambda: values,
        lambda: stretched(values, weight),
        lambda: equalized(values, weight),
        lambda: 1.0 - values,
        lambda: posterized(values, tf.pow(2.0, tf.round(amount))),
        lambda: tf.where(values < 1.0 - amount, values, 1.0 - values),
        lambda: values * (1.0 + amount),
        contrast,
    ]


def _coloured(x, codes, amounts, high):
    """Saturations multiply: they share one grey."""
    drawn = tf.equal(codes, _CODE["color"])
    factor = tf.reduce_prod(tf.where(drawn, 1.0 + amounts, 1.0))

    def coloured():
        return stored(saturated(tf.cast(x, tf.float32), factor), x.dtype, high)

    return tf.cond(tf.reduce_any(drawn), coloured, lambda: x)


def _sharper(x, code, amount, high):
    def sharp():
        values = sharpened(tf.cast(x, tf.float32), 1.0 + amount)
        return stored(values, x.dtype, high)

    return tf.cond(tf.equal(code, _CODE["sharpness"]), sharp, lambda: x)


def amounts(codes, magnitudes, sign, table):
    """Turns magnitudes in [0, 1] into what operations are applied with.

    Args:
        codes: int32 tensor, codes of `OPERATIONS`.
        magnitudes: float32 tensor of the same shape.
        sign: float32 tensor of the same shape, 1 or -1.
        table: mapping of operation to what magnitude 1 means.

    Returns:
        float32 tensor of the same shape.

    Example:
        >>> code = tf.constant([OPERATIONS.index("rotate")])
        >>> half, left = tf.constant([0.5]), tf.constant([-1.0])
        >>> amounts(code, half, left, USUAL).numpy()
        array([-15.], dtype=float32)
    """
    most = tf.constant([table.get(name, 0.0) for name in OPERATIONS])
    plain = tf.constant([name in _UNSIGNED for name in OPERATIONS])
    sign = tf.where(tf.gather(plain, codes), 1.0, sign)
    return tf.gather(most, codes) * magnitudes * sign


def signs(seed, shape):
    """Draws 1 or -1.

    Args:
        seed: int tensor (2,).
        shape: shape of the draw.

    Returns:
        float32 tensor.

    Example:
        >>> float(abs(signs(tf.constant([1, 2]), ())))
        1.0
    """
    return tf.where(uniform(seed, shape) < 0.5, -1.0, 1.0)


def codes_of(names):
    """Gives the codes of operations.

    Args:
        names: iterable of str.

    Returns:
        int32 tensor.

    Raises:
        ValueError: for an unknown operation.

    Example:
        >>> codes_of(["identity"]).numpy().tolist()
        [0]
    """
    for name in names:
        if name not in _CODE:
            raise ValueError(
                message(
                    "Policy",
                    f"operations must be among {', '.join(OPERATIONS)}",
                    {"operation": name},
                )
            )
    return tf.constant([_CODE[name] for name in names], tf.int32)
