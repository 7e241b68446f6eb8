"""Dropout of blocks, paths, words, and of the same channels all along."""

import keras
from keras import ops

from kerasgen.core import Float, Int, register
from kerasgen.layers.base import Checked, middle_axes

_RATE = Float(0.0, 0.9, search=(0.0, 0.5))


@register("layer")
class DropBlock(Checked):
    """Drops blocks of neighbours from feature maps, each channel its own.

    Args:
        rate: float in [0, 0.9], the share that is dropped.
        block: int >= 1, the side of a block, or the map's where it is less.
        ramp: int >= 0, the training steps over which the rate grows from 0; 0
            starts with the whole of it.
        seed: int >= 0, or None.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., channels) with 1 to 3 axes of places;
            the output has its shape.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Ghiasi et al., "DropBlock: A Regularization Method for Convolutional
        Networks", 2018, arXiv:1810.12890, algorithm 1 and equation 1, and
        the scheduled rate of section 3.2.

    Example:
        >>> DropBlock(0.2, block=3)(ops.ones((2, 8, 8, 4))).shape
        TensorShape([2, 8, 8, 4])
    """

    arguments = {
        "rate": _RATE,
        "block": Int(1, search=(3, 7)),
        "ramp": Int(0),
        "seed": Int(0),
    }

    def __init__(self, rate=0.1, block=7, ramp=0, seed=None, **kwargs):
        values = {"rate": rate, "block": block, "ramp": ramp, "seed": seed}
        super().__init__(values, **kwargs)

    def build(self, input_shape):
        """Makes a count of steps."""
        self.seen = self.add_weight(
            shape=(),
            initializer="zeros",
            dtype="int64",
            trainable=False,
            name="seen",
        )

    def call(self, x, training=False):
        """Gives the feature maps without some blocks, scaled up."""
        if not training or not self.rate:
            return x
        rate = ops.convert_to_tensor(self.rate, "float32")
        if self.ramp:
            share = ops.cast(self.seen, "float32") / self.ramp
            rate = rate * ops.minimum(share, 1.0)
            self.seen.assign_add(1)
        kept = ops.cast(self._kept(x, rate), "float32")
        scale = 1.0 / ops.maximum(ops.mean(kept), 1e-6)
        return x * ops.cast(kept * scale, x.dtype)

    def _kept(self, x, rate):
        axes, shape = middle_axes(x), ops.shape(x)
        block = [min(self.block, x.shape[axis] or self.block) for axis in axes]
        drawn, share = list(shape), rate
        for axis, side in zip(axes, block, strict=True):
            # Blocks begin where the whole of one fits in.
            size, known = shape[axis], isinstance(shape[axis], int)
            begins = size - side + 1
            drawn[axis] = begins if known else ops.maximum(begins, 1)
            covered = drawn[axis] * (side if known else ops.minimum(side, size))
            share = share * ops.cast(size, "float32")
            share = share / ops.cast(covered, "float32")
        seeds = keras.random.uniform(drawn, seed=self.seed_generator) < share
        seeds = ops.cast(seeds, "float32")
        around = [(side - 1, side - 1) for side in block]
        seeds = ops.pad(seeds, [(0, 0), *around, (0, 0)])
        gone = ops.max_pool(seeds, tuple(block), 1)
        return 1.0 - gone[tuple(slice(size) for size in shape)]


@register("layer")
class DropPath(Checked):
    """Drops the whole branch for some examples (stochastic depth).

    It stands at the end of a residual branch, before the sum.

    Args:
        rate: float in [0, 0.9], the chance of an example to be dropped.
        seed: int >= 0, or None.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ...); the output has its shape, and in
            training what is kept is scaled up.

    Raises:
        ValueError: for a rate out of range.

    Source:
        Huang et al., "Deep Networks with Stochastic Depth", 2016,
        arXiv:1603.09382, equation 2, for each example, and scaled in training
        instead of at inference.

    Example:
        >>> DropPath(0.1)(ops.ones((2, 4))).shape
        TensorShape([2, 4])
    """

    arguments = {"rate": _RATE, "seed": Int(0)}

    def __init__(self, rate=0.1, seed=None, **kwargs):
        super().__init__({"rate": rate, "seed": seed}, **kwargs)

    def call(self, x, training=False):
        """Gives the branch, or zeros."""
        if not training or not self.rate:
            return x
        alone = (ops.shape(x)[0], *[1] * (len(x.shape) - 1))
        return keras.random.dropout(
            x, self.rate, noise_shape=alone, seed=self.seed_generator
        )


@register("layer")
class LockedDropout(Checked):
    """Drops the same channels at every step of a sequence.

    Over all steps it is Keras's `SpatialDropout1D`, for any number of axes.

    Args:
        rate: float in [0, 0.9], the share of channels that is dropped.
        axis: int >= 1, the axis of time.
        seed: int >= 0, or None.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        x: float tensor (batch, ..., channels); the output has its shape.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Gal & Ghahramani, "A Theoretically Grounded Application of Dropout in
        Recurrent Neural Networks", 2016, arXiv:1512.05287, section 4.

    Example:
        >>> LockedDropout(0.2)(ops.ones((2, 5, 4))).shape
        TensorShape([2, 5, 4])
    """

    arguments = {"rate": _RATE, "axis": Int(1), "seed": Int(0)}

    def __init__(self, rate=0.2, axis=1, seed=None, **kwargs):
        super().__init__({"rate": rate, "axis": axis, "seed": seed}, **kwargs)

    def call(self, x, training=False):
        """Gives the sequence without some channels, scaled up."""
        if not training or not self.rate:
            return x
        shape = [*ops.shape(x)]
        shape[self.axis] = 1
        return keras.random.dropout(
            x, self.rate, noise_shape=tuple(shape), seed=self.seed_generator
        )


@register("layer")
class WordDropout(Checked):
    """Makes some tokens the unknown one, and leaves padding alone.

    Args:
        rate: float in [0, 0.9], the chance of a token.
        unknown: int >= 0, what stands for a word that isn't known.
        seed: int >= 0, or None.
        **kwargs: arguments of `keras.layers.Layer`.

    Call:
        tokens: int tensor (batch, time), 0 where there is padding; the output
            is of its shape and type. It stands before the embedding.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Iyyer et al., "Deep Unordered Composition Rivals Syntactic Methods for
        Text Classification", 2015, section 3.1, who leave the words out; the
        unknown token in their place is Bowman et al.'s, 2016,
        arXiv:1511.06349, section 3.

    Example:
        >>> WordDropout(0.1)(ops.array([[5, 4, 0]])).numpy().tolist()
        [[5, 4, 0]]
    """

    arguments = {
        "rate": Float(0.0, 0.9, search=(0.0, 0.3)),
        "unknown": Int(0),
        "seed": Int(0),
    }
    tries = (((6,), 9),)

    def __init__(self, rate=0.1, unknown=1, seed=None, **kwargs):
        values = {"rate": rate, "unknown": unknown, "seed": seed}
        super().__init__(values, **kwargs)

    def call(self, tokens, training=False):
        """Gives the tokens, in training with some unknown."""
        if not training or not self.rate:
            return tokens
        drawn = keras.random.uniform(
            ops.shape(tokens), seed=self.seed_generator
        )
        gone = ops.logical_and(drawn < self.rate, tokens != 0)
        unknown = ops.cast(self.unknown, tokens.dtype)
        return ops.where(gone, unknown, tokens)

    def compute_output_spec(self, tokens, training=False):
        """Gives the symbolic output, whole numbers as they came."""
        return keras.KerasTensor(tokens.shape, tokens.dtype)
