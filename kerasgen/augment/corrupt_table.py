"""Corruptions of tables at five severities, for evaluation."""

import tensorflow as tf

from kerasgen.augment.base import Augment, fold, uniform
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

    def scale(self, name, column):
        """Gives a column's standard deviation.

        Args:
            name: str, the column's name.
            column: float tensor (batch,).

        Returns:
            float scalar; the batch's own where none was handed in.
        """
        if self.scales is not None:
            return tf.constant(self.scales.get(name, 0.0), column.dtype)
        known = tf.math.is_finite(column)
        values = tf.boolean_mask(column, known)
        deviation = tf.math.reduce_std(values)
        return tf.where(tf.reduce_any(known), deviation, 0.0)


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

    def apply(self, fields, seed):
        """Adds noise to a batch.

        Args:
            fields: dict with `x`, a dict of columns (batch,).
            seed: int tensor (2,).

        Returns:
            dict of the same fields, shapes and dtypes.
        """
        x = dict(fields["x"])
        for index, name in enumerate(_numbers(x)):
            shape, salt = tf.shape(x[name]), fold(seed, index)
            noise = tf.random.stateless_normal(shape, salt, dtype=x[name].dtype)
            scale = self.scale(name, x[name]) * self.strength
            x[name] = x[name] + noise * scale
        return {**fields, "x": x}


@register("corruption")
class MissingColumns(_Columns):
    """Empties a share of each row's cells: numbers NaN, categories "".

    Every row loses equally many cells, of columns of its own.

    Args:
        severity: int in [1, 5]; a tenth to a half of the columns, at least
            one.
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
        lost = max(1, round(self.strength * len(names)))
        rows = tf.shape(x[names[0]])[0]
        draw = uniform(seed, (rows, len(names)))
        rank = tf.argsort(tf.argsort(draw, 1), 1)
        for index, name in enumerate(names):
            empty = "" if x[name].dtype == tf.string else float("nan")
            empty = tf.constant(empty, x[name].dtype)
            x[name] = tf.where(rank[:, index] < lost, empty, x[name])
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

    def apply(self, fields, seed):
        """Shifts a batch.

        Args:
            fields: dict with `x`, a dict of columns (batch,).
            seed: int tensor (2,), not used.

        Returns:
            dict of the same fields, shapes and dtypes.
        """
        x = dict(fields["x"])
        for name in _numbers(x):
            x[name] = x[name] + self.scale(name, x[name]) * self.strength
        return {**fields, "x": x}
