"""Layers between the numbers of tokens and what reads their vectors."""

import keras
from keras import layers, ops

from kerasgen.core import Int, register
from kerasgen.layers.base import Checked

# The id that kerasgen.data.prepare gives to padding.
_PAD = 0


@register("layer")
class Shorten(Checked):
    """Cuts the steps at the end that all examples of a batch lack.

    What comes after it works on the longest example's length instead of the
    data's; `Lengthen` brings back the latter.

    Args:
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: tensor (batch, time, ...).
        mask: bool tensor (batch, time), the steps that are there, or None to
            cut none; one that comes with `x` is taken by itself, and cut.

    Example:
        >>> mask = ops.array([[True, True, False], [True, False, False]])
        >>> Shorten()(ops.ones((2, 3, 4)), mask=mask).shape
        TensorShape([2, 2, 4])
    """

    def __init__(self, **kwargs):
        super().__init__({}, **kwargs)
        # XLA must know how long a batch is before it has seen it.
        self.supports_jit = False

    def call(self, x, mask=None):
        """Cuts."""
        return x if mask is None else x[:, : _longest(mask)]

    def compute_mask(self, x, mask=None):
        """Gives the mask, cut."""
        return None if mask is None else ShortMask()(mask)

    def compute_output_spec(self, x, mask=None):
        """Gives a tensor whose time isn't known."""
        return keras.KerasTensor((x.shape[0], None, *x.shape[2:]), x.dtype)


def _longest(mask):
    """The steps of the longest example, at least one."""
    place = ops.arange(1, ops.shape(mask)[1] + 1)
    here = ops.any(ops.cast(mask, "bool"), 0)
    return ops.max(ops.where(here, place, 1))


# Masks are a model's own inputs to what comes behind, so what changes them
# must be an operation of the model's graph.
@keras.saving.register_keras_serializable("kerasgen.layer")
class ShortMask(keras.Operation):
    """Cuts a mask as `Shorten` cuts what it belongs to.

    Example:
        >>> ShortMask()(ops.array([[True, False]])).shape
        TensorShape([1, 1])
    """

    def call(self, mask):
        """Cuts."""
        return mask[:, : _longest(mask)]

    def compute_output_spec(self, mask):
        """Gives a mask whose time isn't known."""
        return keras.KerasTensor((mask.shape[0], None), "bool")


@keras.saving.register_keras_serializable("kerasgen.layer")
class LongMask(keras.Operation):
    """Pads a mask as `Lengthen` pads what it belongs to.

    Args:
        length: int >= 1, the steps that come out.
        name: str, or None.

    Example:
        >>> LongMask(2)(ops.array([[True]])).numpy().tolist()
        [[True, False]]
    """

    def __init__(self, length, name=None):
        super().__init__(name=name)
        self.length = length

    def call(self, mask):
        """Pads."""
        batch, time = ops.shape(mask)[0], ops.shape(mask)[1]
        rest = ops.zeros((batch, self.length - time), "bool")
        mask = ops.concatenate([ops.cast(mask, "bool"), rest], 1)
        return ops.reshape(mask, (batch, self.length))

    def compute_output_spec(self, mask):
        """Gives a mask of that length."""
        return keras.KerasTensor((mask.shape[0], self.length), "bool")


@register("layer")
class Beside(Checked):
    """Puts further features beside those of steps, whose mask stays.

    Args:
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, time, features).
        other: float tensor (batch, time, further features).

    Example:
        >>> Beside()(ops.ones((1, 3, 4)), ops.ones((1, 3, 2))).shape
        TensorShape([1, 3, 6])
    """

    tries = ((4, 8), (4, 3))

    def __init__(self, **kwargs):
        super().__init__({}, **kwargs)

    def call(self, x, other):
        """Joins."""
        return ops.concatenate([x, other], -1)

    def compute_output_shape(self, x_shape, other_shape):
        """Gives the sum of the widths."""
        return (*x_shape[:-1], x_shape[-1] + other_shape[-1])


@register("layer")
class Lengthen(Checked):
    """Pads steps with zeros, back to the time that `Shorten` cut.

    Args:
        length: int >= 1, the steps that come out.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, time, features) with time <= length; its mask,
            if there is one, is padded as well.

    Raises:
        ValueError: for a length out of range.

    Example:
        >>> Lengthen(4)(ops.ones((1, 2, 3))).shape
        TensorShape([1, 4, 3])
    """

    arguments = {"length": Int(1)}

    def __init__(self, length=4, **kwargs):
        super().__init__({"length": length}, **kwargs)

    def call(self, x):
        """Pads."""
        batch, time = ops.shape(x)[0], ops.shape(x)[1]
        rest = ops.zeros((batch, self.length - time, x.shape[-1]), x.dtype)
        x = ops.concatenate([x, rest], 1)
        return ops.reshape(x, (batch, self.length, x.shape[-1]))

    def compute_mask(self, x, mask=None):
        """Gives the mask, padded."""
        return None if mask is None else LongMask(self.length)(mask)

    def compute_output_shape(self, x_shape):
        """Gives (batch, length, features)."""
        return (x_shape[0], self.length, x_shape[-1])


@register("layer")
class LetterCNN(Checked):
    """Reads each word's letters: a convolution, and the greatest of it.

    Args:
        filters: int >= 1, the width of a word's vector.
        width: int >= 1, the letters that a filter sees.
        letters: int >= 1, the number of different letters, 256 for bytes.
        embedding: int >= 1, the width of a letter's vector.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        ids: whole numbers (batch, time, length) of letters; 0 is padding.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Ma & Hovy, "End-to-end Sequence Labeling via Bi-directional
        LSTM-CNNs-CRF", 2016, arXiv:1603.01354, section 2.1; ReLU here.

    Example:
        >>> LetterCNN(8)(ops.ones((2, 5, 6), "int32")).shape
        TensorShape([2, 5, 8])
    """

    arguments = {
        "filters": Int(1, search=(16, 64)),
        "width": Int(1, 16, search=(2, 5)),
        "letters": Int(2),
        "embedding": Int(1, search=(8, 32)),
    }
    tries = (((4, 6), 256),)

    def __init__(
        self, filters=30, width=3, letters=256, embedding=25, **kwargs
    ):
        values = {"filters": filters, "width": width, "letters": letters}
        super().__init__({**values, "embedding": embedding}, **kwargs)
        self.table = self.part(
            layers.Embedding, letters, embedding, name="letters"
        )
        self.filter = self.part(
            layers.Conv1D,
            filters,
            width,
            padding="same",
            activation="relu",
            name="filter",
        )

    def build(self, ids_shape):
        """Makes the weights."""
        self.table.build((None, ids_shape[-1]))
        self.filter.build((None, ids_shape[-1], self.embedding))

    def call(self, ids):
        """Reads the letters."""
        batch, time, length = ops.shape(ids)
        flat = ops.reshape(ids, (-1, length))
        found = self.table(flat)
        here = ops.cast(flat != _PAD, found.dtype)[..., None]
        found = self.filter(found * here) * here
        return ops.reshape(ops.max(found, 1), (batch, time, self.filters))

    def compute_output_spec(self, ids):
        """Gives (batch, time, filters)."""
        return keras.KerasTensor(
            (*ids.shape[:-1], self.filters), self.compute_dtype
        )
