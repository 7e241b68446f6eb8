"""Columns of a table, embedded for networks that mix them."""

import math

import keras
import numpy as np
from keras import ops

from kerasgen.core import Choice, Float, Int, Numbers, message, register
from kerasgen.layers.base import Checked


@register("layer")
class FeatureTokens(Checked):
    """Turns each feature of a row into a token, for a transformer.

    A number becomes a learnt direction times the number, a category one
    learnt vector of its own; each feature has a bias.

    Args:
        width: int >= 1, the channels of a token.
        sizes: list of int >= 1, how many columns each feature takes: 1 for a
            number, the number of categories for a one-hot category; None
            takes each column for a number.
        summary: bool, whether a learnt token for the whole row comes first.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, columns), the features side by side, as they
            come prepared; the output is (batch, features, width), with one
            token more for the summary.

    Raises:
        ValueError: for an argument out of range, or sizes that don't fit the
            columns.

    Source:
        Gorishniy et al., "Revisiting Deep Learning Models for Tabular Data",
        2021, arXiv:2106.11959, section 3.3, and equation 1 for categories,
        whose table of vectors the one-hot columns look up.

    Example:
        >>> FeatureTokens(8, sizes=[1, 1, 3])(ops.ones((2, 5))).shape
        TensorShape([2, 3, 8])
    """

    arguments = {
        "width": Int(1, search=(8, 64), log=True),
        "sizes": Numbers(1, 1),
        "summary": Choice((False, True)),
    }
    tries = ((8,),)

    def __init__(self, width=32, sizes=None, summary=False, **kwargs):
        values = {"width": width, "sizes": sizes, "summary": summary}
        super().__init__(values, **kwargs)
        if sizes is not None:
            self.sizes = tuple(int(size) for size in sizes)
        self.supports_masking = False

    def build(self, input_shape):
        """Makes the vectors and the biases."""
        columns = input_shape[-1]
        sizes = self.sizes or (1,) * columns
        if sum(sizes) != columns:
            raise ValueError(
                message(
                    "FeatureTokens",
                    "`sizes` must add up to the number of columns",
                    {"sizes": list(sizes), "columns": columns},
                )
            )
        around = keras.initializers.RandomUniform
        limit = 1.0 / math.sqrt(self.width)
        self.kernel, self.bias = (
            self.add_weight(
                shape=(rows, self.width),
                initializer=around(-limit, limit),
                name=name,
            )
            for rows, name in ((columns, "kernel"), (len(sizes), "bias"))
        )
        if self.summary:
            self.first = self.add_weight(
                shape=(1, 1, self.width),
                initializer=around(-limit, limit),
                name="first",
            )
        owner = np.repeat(np.arange(len(sizes)), sizes)
        self._owner = np.eye(len(sizes), dtype="float32")[owner]

    def call(self, x):
        """Gives the tokens."""
        if len(self._owner) == self._owner.shape[1]:
            tokens = x[:, :, None] * self.kernel
        else:
            owner = ops.cast(self._owner, x.dtype)
            kernel = owner[:, :, None] * self.kernel[:, None]
            tokens = ops.tensordot(x, kernel, 1)
        tokens = tokens + self.bias
        if not self.summary:
            return tokens
        first = ops.repeat(self.first, ops.shape(x)[0], 0)
        return ops.concatenate([ops.cast(first, x.dtype), tokens], 1)

    def compute_output_shape(self, input_shape):
        """Gives (batch, tokens, width)."""
        count = len(self.sizes) if self.sizes else input_shape[-1]
        return (input_shape[0], count + int(self.summary), self.width)

    def get_config(self):
        """Gives the layer's arguments."""
        sizes = None if self.sizes is None else list(self.sizes)
        return {**super().get_config(), "sizes": sizes}


@register("layer")
class PeriodicEmbedding(Checked):
    """Embeds each number by waves of learnt lengths.

    Args:
        width: int >= 1, the channels of an embedded number.
        frequencies: int >= 1, the waves of each number.
        spread: float >= 1e-4, the deviation of the frequencies at first; the
            one argument worth a search.
        shared: bool, whether all numbers share the layer behind the waves.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, features); the output is (batch, features,
            width).

    Raises:
        ValueError: for an argument out of range.

    Source:
        Gorishniy et al., "On Embeddings for Numerical Features in Tabular
        Deep Learning", 2022, arXiv:2203.05556, equation 2 and "PLR" of
        section 3.4 (periodic, linear, ReLU); shared: "lite" in Gorishniy et
        al., 2024, arXiv:2307.14338.

    Example:
        >>> PeriodicEmbedding(8)(ops.ones((2, 5))).shape
        TensorShape([2, 5, 8])
    """

    arguments = {
        "width": Int(1, search=(8, 64), log=True),
        "frequencies": Int(1, search=(8, 96), log=True),
        "spread": Float(1e-4, search=(0.01, 10.0), log=True),
        "shared": Choice((False, True)),
    }
    tries = ((8,),)

    def __init__(
        self, width=24, frequencies=48, spread=0.1, shared=False, **kwargs
    ):
        values = {"width": width, "frequencies": frequencies}
        values |= {"spread": spread, "shared": shared}
        super().__init__(values, **kwargs)
        self.supports_masking = False

    def build(self, input_shape):
        """Makes the frequencies and the layer behind."""
        features, count = input_shape[-1], self.frequencies
        self.waves = self.add_weight(
            shape=(features, count),
            initializer=keras.initializers.RandomNormal(stddev=self.spread),
            autocast=False,
            name="waves",
        )
        rows = 1 if self.shared else features
        limit = 1.0 / math.sqrt(2 * count)
        around = keras.initializers.RandomUniform
        self.kernel = self.add_weight(
            shape=(rows, 2 * count, self.width),
            initializer=around(-limit, limit),
            name="kernel",
        )
        self.bias = self.add_weight(
            shape=(rows, self.width),
            initializer=around(-limit, limit),
            name="bias",
        )

    def call(self, x):
        """Gives the embedded numbers."""
        # Angles need the digits that half precision lacks.
        angle = 2.0 * math.pi * ops.cast(x, "float32")[..., None] * self.waves
        seen = ops.concatenate([ops.sin(angle), ops.cos(angle)], -1)
        seen = ops.cast(seen, x.dtype)
        if self.shared:
            found = ops.matmul(seen, self.kernel[0])
        else:
            found = ops.einsum("bfk,fkw->bfw", seen, self.kernel)
        return ops.relu(found + self.bias)

    def compute_output_shape(self, input_shape):
        """Gives (batch, features, width)."""
        return (*input_shape, self.width)


@register("layer")
class GatedResidual(Checked):
    """A residual block that a gate can close where it isn't needed.

    Args:
        units: int >= 1, the width of the output, or None for the input's.
        dropout: float in [0, 0.9], the rate before the gate.
        seed: int >= 0, or None.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., channels); the output is as wide as
            `units`.
        context: float tensor (batch, width) that the block also sees, the
            same for all places of an example, or None.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Lim et al., "Temporal Fusion Transformers", 2021, arXiv:1912.09363,
        equations 2 to 5.

    Example:
        >>> GatedResidual(6)(ops.ones((2, 4)), ops.ones((2, 3))).shape
        TensorShape([2, 6])
    """

    arguments = {
        "units": Int(1, search=(8, 256), log=True),
        "dropout": Float(0.0, 0.9, search=(0.0, 0.5)),
        "seed": Int(0),
    }

    def __init__(self, units=None, dropout=0.0, seed=None, **kwargs):
        values = {"units": units, "dropout": dropout, "seed": seed}
        super().__init__(values, **kwargs)
        self.drop = self.part(
            keras.layers.Dropout, self.dropout, seed=self.seed, name="drop"
        )

    def build(self, x_shape, context_shape=None):
        """Makes the layers."""
        seen = x_shape[-1]
        units, dense = self.units or seen, keras.layers.Dense
        self.enter = self.part(dense, units, name="enter", shape=(None, seen))
        inner = (None, units)
        self.inside = self.part(dense, units, name="inside", shape=inner)
        self.leave = self.part(dense, 2 * units, name="leave", shape=inner)
        self.norm = self.part(
            keras.layers.LayerNormalization,
            name="norm",
            shape=(*x_shape[:-1], units),
        )
        if context_shape is not None:
            self.told = self.part(
                dense, units, use_bias=False, name="told", shape=context_shape
            )
        if units != seen:
            self.skip = self.part(dense, units, name="skip", shape=(None, seen))

    def call(self, x, context=None, training=False):
        """Gives the block's output."""
        hidden = self.enter(x)
        if context is not None:
            told = self.told(context)
            for _ in range(len(x.shape) - len(context.shape)):
                told = ops.expand_dims(told, 1)
            hidden = hidden + told
        hidden = self.drop(self.inside(ops.elu(hidden)), training=training)
        found = ops.glu(self.leave(hidden), -1)
        units = self.units or x.shape[-1]
        old = x if units == x.shape[-1] else self.skip(x)
        return self.norm(old + found)

    def compute_output_shape(self, x_shape, context_shape=None):
        """Gives the input's shape, as wide as `units`."""
        return (*x_shape[:-1], self.units or x_shape[-1])
