"""Moves of table rows."""

import tensorflow as tf

from kerasgen.augment.base import Augment, fold, uniform
from kerasgen.core import Float, instance, register


@register("augment")
class Noise(Augment):
    """Adds Gaussian noise to prepared features.

    Args:
        scale: float >= 0, the noise's standard deviation, in units of a
            feature's own, since prepared features are standardised.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Bishop, "Training with Noise is Equivalent to Tikhonov
        Regularization", 1995.

    Example:
        >>> Noise(scale=0.1)({"x": tf.zeros((2, 3))}, [0, 0])["x"].shape
        TensorShape([2, 3])
    """

    arguments = {"scale": Float(0.0, search=(0.0, 0.3))}
    stage = "prepared"

    def __init__(self, scale=0.1):
        super().__init__(scale=scale)

    def apply(self, fields, seed):
        """Adds noise to a batch."""
        x = fields["x"]
        noise = tf.random.stateless_normal(tf.shape(x), seed) * self.scale
        return {**fields, "x": x + tf.cast(noise, x.dtype)}


@register("augment")
class SwapNoise(Augment):
    """Replaces features by those of other rows of the batch.

    Args:
        rate: float in [0, 1], the probability for each feature.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Yoon et al., "VIME", 2020, section 4.1 (pretext generator).

    Example:
        >>> SwapNoise(rate=0.5)({"x": tf.zeros((2, 3))}, [0, 0])["x"].shape
        TensorShape([2, 3])
    """

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.3))}
    kind = "table"
    stage = "prepared"

    def __init__(self, rate=0.1):
        super().__init__(rate=rate)

    def apply(self, fields, seed):
        """Swaps within a batch; each feature takes from a row of its own."""
        x = fields["x"]
        shape = tf.shape(x)
        rows = tf.random.stateless_uniform(
            shape, fold(seed, 1), 0, shape[0], dtype=tf.int32
        )
        columns = tf.broadcast_to(tf.range(shape[1])[None, :], shape)
        other = tf.gather_nd(x, tf.stack([rows, columns], -1))
        return {
            **fields,
            "x": tf.where(uniform(seed, shape) < self.rate, other, x),
        }


@register("augment")
class JitterColumns(Augment):
    """Adds Gaussian noise to the number columns of raw rows.

    Missing numbers stay missing, categories and whole numbers as they are.

    Args:
        scale: float >= 0, the noise's standard deviation, in units of the
            column's own.
        scales: dict of column name to the standard deviation on the train
            split; a column that isn't named is left alone. None for those of
            each batch.

    Raises:
        ValueError: for an argument out of range.
        TypeError: for scales that are no dict.

    Source:
        Bishop, "Training with Noise is Equivalent to Tikhonov
        Regularization", 1995.

    Example:
        >>> x = {"age": tf.zeros((1000,)), "town": tf.fill((1000,), "a")}
        >>> out = JitterColumns(0.1, {"age": 10.0})({"x": x}, [0, 0])["x"]
        >>> 0.9 < float(tf.math.reduce_std(out["age"])) < 1.1
        True
    """

    arguments = {"scale": Float(0.0, search=(0.0, 0.3))}
    kind = "table"
    stage = "raw"

    def __init__(self, scale=0.1, scales=None):
        super().__init__(scale=scale)
        if scales is not None:
            scales = instance(type(self).__name__, "scales", scales, dict)
            scales = {name: float(value) for name, value in scales.items()}
        self.scales = scales

    def get_config(self):
        """Gives the arguments."""
        return {**super().get_config(), "scales": self.scales}

    def apply(self, fields, seed):
        """Adds noise to a batch."""
        if self.scale == 0:
            return fields
        x = dict(fields["x"])
        for place, name in enumerate(sorted(x)):
            column = x[name]
            if not column.dtype.is_floating:
                continue
            noise = tf.random.stateless_normal(
                tf.shape(column), fold(seed, place), dtype=column.dtype
            )
            if self.scales is None:
                spread = spread_of(column)
            else:
                spread = self.scales.get(name, 0.0)
            x[name] = column + noise * self.scale * spread
        return {**fields, "x": x}


def spread_of(column):
    """Gives the standard deviation of the finite numbers of a column.

    Args:
        column: float tensor (batch,).

    Returns:
        float tensor (), 0 where there are none.

    Example:
        >>> float(spread_of(tf.constant([1.0, 3.0, float("nan")])))
        1.0
    """
    known = tf.math.is_finite(column)
    count = tf.maximum(tf.reduce_sum(tf.cast(known, column.dtype)), 1.0)
    mean = tf.reduce_sum(tf.where(known, column, 0.0)) / count
    gaps = tf.where(known, column - mean, 0.0)
    return tf.sqrt(tf.reduce_sum(gaps**2) / count)


@register("augment")
class SwapCells(Augment):
    """Replaces cells of raw rows by those of other rows of the batch.

    Unlike `SwapNoise`, which sees prepared features, it takes a category as a
    whole, missing ones too, so that no row has half of two.

    Args:
        rate: float in [0, 1], the probability for each cell.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Yoon et al., "VIME", 2020, section 4.1 (pretext generator).

    Example:
        >>> x = {"age": tf.range(4.0), "town": tf.fill((4,), "a")}
        >>> sorted(SwapCells(rate=0.5)({"x": x}, [0, 0])["x"])
        ['age', 'town']
    """

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.3))}
    kind = "table"
    stage = "raw"

    def __init__(self, rate=0.1):
        super().__init__(rate=rate)

    def apply(self, fields, seed):
        """Swaps within a batch."""
        if self.rate == 0:
            return fields
        return {**fields, "x": swap_cells(fields["x"], seed, self.rate)}


def swap_cells(x, seed, rate):
    """Replaces cells by those of another row, each of a row of its own.

    Args:
        x: dict of columns (batch,).
        seed: int tensor (2,).
        rate: float in [0, 1], the probability for each cell.

    Returns:
        dict of columns (batch,); of a single row, as it came.

    Example:
        >>> x = {"age": tf.constant([1.0, 2.0])}
        >>> swap_cells(x, [0, 0], 1.0)["age"].numpy().tolist()
        [2.0, 1.0]
    """
    names = sorted(x)
    rows = tf.shape(x[names[0]])[0]
    shape = (rows, len(names))
    chosen = tf.unstack(uniform(seed, shape) < rate, axis=1)
    # One to rows - 1 farther on is never the row itself.
    step = uniform(fold(seed, 1), shape) * tf.cast(rows - 1, tf.float32)
    step = 1 + tf.minimum(tf.cast(step, tf.int32), rows - 2)
    other = tf.unstack((tf.range(rows)[:, None] + step) % rows, axis=1)
    return {
        **x,
        **{
            name: tf.where(chosen[k], tf.gather(x[name], other[k]), x[name])
            for k, name in enumerate(names)
        },
    }


@register("augment")
class CategoryDropout(Augment):
    """Empties categories of raw rows, as if they were missing.

    A model that never met a missing category in training can't tell what to
    do with one, nor with one that it doesn't know.

    Args:
        rate: float in [0, 1], the probability for each cell of a text column.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Volkovs et al., "DropoutNet: Addressing Cold Start in Recommender
        Systems", 2017, where the inputs of whole columns are dropped; ours
        are drawn cell by cell.

    Example:
        >>> x = {"age": tf.range(2.0), "town": tf.constant(["a", "b"])}
        >>> out = CategoryDropout(rate=1.0)({"x": x}, [0, 0])["x"]
        >>> out["town"].numpy().tolist()
        [b'', b'']
    """

    arguments = {"rate": Float(0.0, 1.0, search=(0.0, 0.3))}
    kind = "table"
    stage = "raw"

    def __init__(self, rate=0.1):
        super().__init__(rate=rate)

    def apply(self, fields, seed):
        """Empties cells of a batch."""
        x = dict(fields["x"])
        for place, name in enumerate(sorted(x)):
            column = x[name]
            if column.dtype == tf.string:
                draw = uniform(fold(seed, place), tf.shape(column))
                x[name] = tf.where(draw < self.rate, "", column)
        return {**fields, "x": x}
