"""Quantiles of a number: what it lies below, and how often."""

import dataclasses

import keras
import numpy as np
from keras import ops

from kerasgen.core import Int, message, register
from kerasgen.metrics import MAE
from kerasgen.tasks.base import Measure
from kerasgen.tasks.value import Regression


@register("task")
@dataclasses.dataclass(frozen=True)
class QuantileRegression(Regression):
    """Several quantiles of a number: what it lies below, and how often.

    The first output is the lowest quantile; each further one is what is
    added, made positive, so that quantiles never cross.

    Args:
        mean: float, the train split's mean of `y`.
        scale: float > 0, its standard deviation.
        unit: str, the target's unit, for reports.
        criterion: None; the pinball loss is what it learns by.
        also: empty; metrics of one output don't know quantiles.
        quantiles: tuple of float in (0, 1), rising; the one nearest to one
            half is the answer, the first and last are its interval.

    Raises:
        ValueError: for quantiles that aren't in (0, 1) or don't rise, fewer
            than two, a scale that is not positive, a criterion or further
            metrics.

    Source:
        Koenker & Bassett, "Regression Quantiles", 1978 (the pinball loss).

    Example:
        >>> task = QuantileRegression(quantiles=(0.1, 0.5, 0.9))
        >>> answer = task.predict(ops.zeros((1, 3)))
        >>> bool(answer["low"] < answer["value"] < answer["high"])
        True
    """

    quantiles: tuple = (0.05, 0.5, 0.95)

    def __post_init__(self):
        super().__post_init__()
        given = tuple(float(share) for share in self.quantiles)
        inside = all(0.0 < share < 1.0 for share in given)
        rise = all(a < b for a, b in zip(given[:-1], given[1:], strict=True))
        if len(given) < 2 or not inside or not rise:
            raise ValueError(
                message(
                    "QuantileRegression",
                    "`quantiles` must be at least two rising numbers in (0, 1)",
                    {"quantiles": self.quantiles},
                )
            )
        object.__setattr__(self, "quantiles", given)
        refuse(self, criterion=self.criterion, also=self.also)

    @property
    def units(self):
        """int, one output a quantile."""
        return len(self.quantiles)

    @property
    def _middle(self):
        return int(np.argmin(np.abs(np.asarray(self.quantiles) - 0.5)))

    def loss(self):
        """The pinball loss on the standard scale."""
        return Pinball(self.quantiles, self.mean, self.scale)

    def metrics(self):
        """Mean absolute error of the middle quantile."""
        return [MiddleError(self.mean, self.scale, self._middle, name="mae")]

    def measures(self):
        """The pinball loss first, then error, coverage and width."""
        return [
            Measure("pinball", self._pinball, "lower", self.unit),
            Measure("mae", self._absolute, "lower", self.unit),
            Measure("coverage", self._covered, exact=True),
            Measure("width", self._width, "lower", self.unit),
        ]

    def _all(self, outputs):
        outputs = ops.convert_to_tensor(np.asarray(outputs, "float32"))
        found = np.asarray(ops.convert_to_numpy(rising(outputs)), "float64")
        return found * self.scale + self.mean

    def _value(self, outputs):
        return self._all(outputs)[:, self._middle]

    def _pinball(self, y, outputs):
        gap = np.asarray(y, "float64")[:, None] - self._all(outputs)
        share = np.asarray(self.quantiles)
        return np.maximum(share * gap, (share - 1.0) * gap).mean(1)

    def _covered(self, y, outputs):
        found, y = self._all(outputs), np.asarray(y, "float64")
        inside = (found[:, 0] <= y) & (y <= found[:, -1])
        return inside.astype("float64")

    def _width(self, y, outputs):
        found = self._all(outputs)
        return found[:, -1] - found[:, 0]

    def predict(self, outputs):
        """Gives the quantiles in the target's unit.

        Args:
            outputs: float tensor (batch, quantiles).

        Returns:
            dict with `value`, `low` and `high` (batch,), and `quantiles`
            (batch, quantiles).
        """
        found = rising(ops.cast(outputs, "float32")) * self.scale + self.mean
        return {
            "value": found[:, self._middle],
            "low": found[:, 0],
            "high": found[:, -1],
            "quantiles": found,
        }


def refuse(task, **given):
    """Refuses what a task inherits and has no use for.

    Args:
        task: Task.
        **given: the arguments that must be None or empty.

    Raises:
        ValueError: for another value.

    Example:
        >>> refuse(Regression(), criterion=None)
    """
    told = {name: value for name, value in given.items() if value}
    if told:
        raise ValueError(
            message(
                type(task).__name__,
                f"it takes no {' and no '.join(f'`{name}`' for name in told)}",
                told,
                "Use Regression, whose loss and metrics can be chosen.",
            )
        )


def rising(outputs):
    """Turns outputs into numbers that rise along the last axis.

    Args:
        outputs: float tensor (batch, k).

    Returns:
        float tensor (batch, k).

    Example:
        >>> found = rising(ops.array([[0.0, -50.0, 0.0]]))
        >>> [round(float(value), 4) for value in found[0]]
        [0.0, 0.0, 0.6931]
    """
    first, rest = outputs[:, :1], ops.softplus(outputs[:, 1:])
    return ops.cumsum(ops.concatenate([first, rest], 1), 1)


@keras.saving.register_keras_serializable("kerasgen.loss")
class Pinball(keras.losses.Loss):
    """The mean pinball loss of quantiles on the standard scale.

    Args:
        quantiles: tuple of float.
        mean: float.
        scale: float > 0.
        reduction: str, as in Keras.
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> loss = Pinball((0.25, 0.75))
        >>> round(float(loss(ops.array([1.0]), ops.array([[1.0, -50.0]]))), 6)
        0.0
    """

    def __init__(
        self,
        quantiles=(0.05, 0.5, 0.95),
        mean=0.0,
        scale=1.0,
        reduction="sum_over_batch_size",
        name="pinball",
        dtype=None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.quantiles = tuple(quantiles)
        self.mean = mean
        self.scale = scale

    def call(self, y_true, y_pred):
        """Gives one value per example.

        Args:
            y_true: float (batch,) or (batch, 1), in the target's unit.
            y_pred: float (batch, quantiles), see `rising`.

        Returns:
            float (batch,).
        """
        y_true = ops.reshape(ops.cast(y_true, "float32"), (-1, 1))
        found = rising(ops.cast(y_pred, "float32"))
        gap = (y_true - self.mean) / self.scale - found
        share = ops.array(self.quantiles, "float32")
        return ops.mean(ops.maximum(share * gap, (share - 1.0) * gap), 1)

    def get_config(self):
        """Gives the loss's arguments."""
        return {
            "name": self.name,
            "reduction": self.reduction,
            "quantiles": list(self.quantiles),
            "mean": self.mean,
            "scale": self.scale,
        }


@keras.saving.register_keras_serializable("kerasgen.metric")
class MiddleError(MAE):
    """Mean absolute error of one of several rising outputs.

    Args:
        mean: float, of the target on the train split.
        scale: float > 0, its standard deviation.
        place: int, which output is the answer.
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> metric = MiddleError(place=0)
        >>> _ = metric.update_state(ops.array([5.0]), ops.array([[1.0, 0.0]]))
        >>> float(metric.result())
        4.0
    """

    arguments = {**MAE.arguments, "place": Int(0)}

    def __init__(self, mean=0.0, scale=1.0, place=0, name="mae", dtype=None):
        super().__init__(mean, scale, place=place, name=name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts a batch; see `NumberMetric`."""
        found = rising(ops.cast(y_pred, "float32"))[:, self.place]
        return super().update_state(y_true, found, sample_weight)
