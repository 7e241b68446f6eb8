"""Corruptions of tables at five severities, for evaluation."""

import tensorflow as tf

from kerasgen.augment.base import Augment, fold, uniform
from kerasgen.augment.tabular import swap_cells
from kerasgen.core import Int, instance, register


class _Columns(Augment):
    """Raw columns, with the scale of each number column."""

    arguments = {"severity": Int(1, 5)}
    kind = "table"
    stage = "raw"
    strengths = ()

    def __init__(self, severity=3, scales=None):
        super().__init__(severity=severity)
        if scales is not None:
            scales = dict(instance(type(self).__name__, "scales", scales, dict))
            scales = {name: float(scale) for name, scale in scales.items()}
        self.scales = scales

    def get_config(self):
        """Gives the arguments."""
        return {**super().get_config(), "scales": self.scales}

    @property
    def strength(self):
        """float, what the severity stands for."""
        return self.strengths[self.severity - 1]

    def apply(self, fields, seed):
        """Moves the number columns of a batch.

        Args:
            fields: dict with `x`, a dict of columns (batch,).
            seed: int tensor (2,).

        Returns:
            dict of the same fields, shapes and dtypes.
        """
        x = dict(fields["x"])
        names = _numbers(x)
        if not names:
            return fields
        table = tf.stack([tf.cast(x[name], tf.float32) for name in names], 1)
        scale = self._scale(names, table) * self.strength
        moves = tf.unstack(self.move(tf.shape(table), seed) * scale, axis=1)
        for name, move in zip(names, moves, strict=True):
            x[name] = x[name] + tf.cast(move, x[name].dtype)
        return {**fields, "x": x}

    def move(self, shape, seed):
        """Gives how far cells move, in standard deviations times severity."""
        raise NotImplementedError

    def _scale(self, names, table):
        """Gives the columns' scales, the batch's own where none came."""
        if self.scales is not None:
            known = [self.scales.get(name, 0.0) for name in names]
            return tf.constant(known, tf.float32)
        known = tf.math.is_finite(table)
        count = tf.maximum(tf.reduce_sum(tf.cast(known, tf.float32), 0), 1.0)
        mean = tf.reduce_sum(tf.where(known, table, 0.0), 0) / count
        gaps = tf.where(known, table - mean, 0.0)
        return tf.sqrt(tf.reduce_sum(gaps**2, 0) / count)


def _numbers(x):
    return [name for name in sorted(x) if x[name].dtype.is_floating]


@register("corruption")
class ColumnNoise(_Columns):
    """Adds Gaussian noise to every number column.

    Args:
        severity: int in [1, 5]; the noise's standard deviation is .1, .25,
            .5, .75 or 1 of the column's own.
        scales: dict of column name to the standard deviation on the train
            split; a column that isn't named is left alone. None for those of
            each batch.

    Raises:
        ValueError: for an argument out of range.
        TypeError: for scales that are no dict.

    Source:
        Bishop, "Training with Noise is Equivalent to Tikhonov
        Regularization", 1995, for noise in units of a feature's own spread;
        the severities are ours.

    Example:
        >>> x = {"age": tf.zeros((1000,)), "town": tf.fill((1000,), "a")}
        >>> out = ColumnNoise(5, {"age": 10.0})({"x": x}, [0, 0])["x"]
        >>> 9 < float(tf.math.reduce_std(out["age"])) < 11
        True
    """

    strengths = (0.1, 0.25, 0.5, 0.75, 1.0)

    def move(self, shape, seed):
        """Draws a normal number for each cell."""
        return tf.random.stateless_normal(shape, seed)


@register("corruption")
class MissingColumns(_Columns):
    """Empties a share of each row's cells: numbers NaN, categories "".

    Every row loses equally many cells, up to one, of columns of its own.

    Args:
        severity: int in [1, 5]; a tenth to a half of all cells.
        scales: not used; every table corruption takes it.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Rubin, "Inference and Missing Data", 1976: missing completely at
        random; the severities are ours.

    Example:
        >>> x = {"age": tf.zeros((3,)), "town": tf.fill((3,), "a")}
        >>> out = MissingColumns(severity=5)({"x": x}, [0, 0])["x"]
        >>> gone = tf.math.is_nan(out["age"]) | (out["town"] == "")
        >>> bool(tf.reduce_all(gone))
        True
    """

    strengths = (0.1, 0.2, 0.3, 0.4, 0.5)

    def apply(self, fields, seed):
        """Empties cells of a batch.

        Args:
            fields: dict with `x`, a dict of columns (batch,).
            seed: int tensor (2,).

        Returns:
            dict of the same fields, shapes and dtypes.
        """
        x = dict(fields["x"])
        names = [n for n in sorted(x) if x[n].dtype == tf.string]
        names = sorted(names + _numbers(x))
        if not names:
            return fields
        rows = tf.shape(x[names[0]])[0]
        # A share of a cell is the probability to lose one more.
        share = self.strength * len(names) + uniform(fold(seed, 1), (rows, 1))
        lost = tf.cast(tf.floor(share), tf.int32)
        draw = uniform(seed, (rows, len(names)))
        gone = tf.unstack(tf.argsort(tf.argsort(draw, 1), 1) < lost, axis=1)
        for name, chosen in zip(names, gone, strict=True):
            empty = "" if x[name].dtype == tf.string else float("nan")
            x[name] = tf.where(
                chosen, tf.constant(empty, x[name].dtype), x[name]
            )
        return {**fields, "x": x}


@register("corruption")
class ShiftedColumns(_Columns):
    """Adds a constant to every number column, as a drifting sensor does.

    Args:
        severity: int in [1, 5]; .1, .25, .5, .75 or 1 of the column's
            standard deviation is added.
        scales: dict of column name to the standard deviation on the train
            split; a column that isn't named is left alone. None for those of
            each batch.

    Raises:
        ValueError: for an argument out of range.
        TypeError: for scales that are no dict.

    Source:
        Quinonero-Candela et al., "Dataset Shift in Machine Learning", 2009,
        chapter 1 (covariate shift); the severities are ours.

    Example:
        >>> x = {"age": tf.constant([30.0, 40.0])}
        >>> out = ShiftedColumns(5, {"age": 10.0})({"x": x}, [0, 0])["x"]
        >>> out["age"].numpy().tolist()
        [40.0, 50.0]
    """

    strengths = (0.1, 0.25, 0.5, 0.75, 1.0)

    def move(self, shape, seed):
        """Gives one for each cell."""
        return tf.ones(shape)


@register("corruption")
class SwappedColumns(Augment):
    """Replaces cells by those of other rows, as a faulty join does.

    Every cell keeps a value that its column has, so that only what columns
    tell about each other is lost.

    Args:
        severity: int in [1, 5]; a tenth to a half of all cells.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Yoon et al., "VIME", 2020, section 4.1, for the formula; the
        severities are ours.

    Example:
        >>> x = {"age": tf.range(1000.0)}
        >>> out = SwappedColumns(severity=5)({"x": x}, [0, 0])["x"]
        >>> moved = tf.cast(out["age"] != x["age"], tf.float32)
        >>> 0.45 < float(tf.reduce_mean(moved)) < 0.55
        True
    """

    arguments = {"severity": Int(1, 5)}
    kind = "table"
    strengths = (0.1, 0.2, 0.3, 0.4, 0.5)

    def __init__(self, severity=3):
        super().__init__(severity=severity)

    def apply(self, fields, seed):
        """Swaps cells of a batch.

        Args:
            fields: dict with `x`, a dict of columns (batch,).
            seed: int tensor (2,).

        Returns:
            dict of the same fields, shapes and dtypes.
        """
        strength = self.strengths[self.severity - 1]
        return {**fields, "x": swap_cells(fields["x"], seed, strength)}


# Thousands, hundreds and tens either way; feet, pounds, inches and miles.
_UNITS = (10.0, 100.0, 1000.0, 0.1, 0.01, 0.001)
_UNITS += (0.3048, 3.28084, 2.20462, 0.453592, 2.54, 1.60934)


@register("corruption")
class UnitErrors(Augment):
    """Writes numbers in the wrong unit: cells are multiplied by a factor.

    A factor is drawn for each cell: 10, 100 or 1000 either way, or of feet to
    metres, pounds to kilograms, inches to centimetres, miles to kilometres.
    Whole numbers are rounded and kept within their type.

    Args:
        severity: int in [1, 5]; .02, .05, .1, .2 or .3 of the number cells.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Schelter et al., "Learning to Validate the Predictions of Black Box
        Classifiers on Unseen Data", 2020, section 6 (scaling); the factors
        and severities are ours.

    Example:
        >>> x = {"height": tf.fill((1000,), 180.0)}
        >>> out = UnitErrors(severity=5)({"x": x}, [0, 0])["x"]
        >>> wrong = tf.cast(out["height"] != x["height"], tf.float32)
        >>> 0.25 < float(tf.reduce_mean(wrong)) < 0.35
        True
    """

    arguments = {"severity": Int(1, 5)}
    kind = "table"
    strengths = (0.02, 0.05, 0.1, 0.2, 0.3)

    def __init__(self, severity=3):
        super().__init__(severity=severity)

    def apply(self, fields, seed):
        """Multiplies cells of a batch.

        Args:
            fields: dict with `x`, a dict of columns (batch,).
            seed: int tensor (2,).

        Returns:
            dict of the same fields, shapes and dtypes.
        """
        x = dict(fields["x"])
        strength = self.strengths[self.severity - 1]
        for place, name in enumerate(sorted(x)):
            column = x[name]
            if not (column.dtype.is_floating or column.dtype.is_integer):
                continue
            key = fold(seed, place)
            draw = uniform(key, tf.shape(column))
            unit = tf.random.stateless_uniform(
                tf.shape(column), fold(key, 1), 0, len(_UNITS), tf.int32
            )
            # Of float64, since whole numbers beyond 2**24 must stay exact.
            wrong = tf.cast(column, tf.float64)
            wrong *= tf.gather(tf.constant(_UNITS, tf.float64), unit)
            if column.dtype.is_integer:
                wrong = tf.round(wrong)
            wrong = tf.saturate_cast(wrong, column.dtype)
            x[name] = tf.where(draw < strength, wrong, column)
        return {**fields, "x": x}
