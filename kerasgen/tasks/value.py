"""Tasks whose answer is a number."""

import dataclasses

import keras
import numpy as np
from keras import ops

from kerasgen.core import message, register
from kerasgen.tasks.base import Measure, Task


@register("task")
@dataclasses.dataclass(frozen=True)
class Regression(Task):
    """One number for each example.

    The model works on the scale of `(y - mean) / scale`, which is fitted on
    the train split, so that no user has to scale targets by hand; metrics and
    answers are in the target's own unit.

    Args:
        mean: float, the train split's mean of `y`.
        scale: float > 0, its standard deviation.
        unit: str, the target's unit, for reports.

    Raises:
        ValueError: for a scale that is not positive.

    Example:
        >>> task = Regression(mean=10.0, scale=2.0)
        >>> float(task.predict(ops.array([[1.0]]))["value"][0])
        12.0
    """

    mean: float = 0.0
    scale: float = 1.0
    unit: str = ""

    def __post_init__(self):
        if not self.scale > 0:
            raise ValueError(
                message(
                    "Regression",
                    "`scale` must be positive",
                    {"scale": self.scale},
                )
            )

    @property
    def units(self):
        """int, one output."""
        return 1

    def loss(self):
        """Mean squared error on the standard scale."""
        return StandardizedError(self.mean, self.scale)

    def metrics(self):
        """Mean absolute error in the target's unit."""
        return [AbsoluteError(self.mean, self.scale, name="mae")]

    def measures(self):
        """Mean absolute error first, then the root mean squared error."""
        return [
            Measure("mae", self._absolute, "lower", self.unit),
            Measure("rmse", self._squared, "lower", self.unit, _root_mean),
        ]

    def _value(self, outputs):
        outputs = np.asarray(outputs, "float64").reshape(len(outputs))
        return outputs * self.scale + self.mean

    def _absolute(self, y, outputs):
        return np.abs(np.asarray(y, "float64") - self._value(outputs))

    def _squared(self, y, outputs):
        return (np.asarray(y, "float64") - self._value(outputs)) ** 2

    def predict(self, outputs):
        """Gives the value in the target's unit.

        Args:
            outputs: float tensor (batch, 1).

        Returns:
            dict with `value` (batch,).
        """
        outputs = ops.cast(outputs, "float32")
        return {"value": outputs[:, 0] * self.scale + self.mean}

    def check(self, y, where="Regression"):
        """Checks that targets are finite numbers of shape (n,)."""
        y = np.asarray(y)
        if y.ndim != 1 or not np.issubdtype(y.dtype, np.number):
            raise ValueError(
                message(
                    where,
                    "targets must be numbers of shape (n,)",
                    {"shape": y.shape, "dtype": str(y.dtype)},
                )
            )
        if not np.all(np.isfinite(y)):
            raise ValueError(
                message(
                    where,
                    "targets must be finite",
                    {"not finite": int((~np.isfinite(y)).sum())},
                )
            )


def _root_mean(values):
    return np.sqrt(np.mean(values))


@keras.saving.register_keras_serializable("kerasgen.loss")
class StandardizedError(keras.losses.Loss):
    """Squared error between `(y - mean) / scale` and the output.

    Args:
        mean: float.
        scale: float > 0.
        reduction: str, as in Keras.
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> loss = StandardizedError(mean=1.0, scale=2.0)
        >>> float(loss(ops.array([5.0]), ops.array([[0.0]])))
        4.0
    """

    def __init__(
        self,
        mean=0.0,
        scale=1.0,
        reduction="sum_over_batch_size",
        name="squared_error",
        dtype=None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.mean = mean
        self.scale = scale

    def call(self, y_true, y_pred):
        """Gives one value per example.

        Args:
            y_true: float (batch,) or (batch, 1), in the target's unit.
            y_pred: float (batch, 1), on the standard scale.

        Returns:
            float (batch,).
        """
        y_true = ops.reshape(ops.cast(y_true, "float32"), (-1,))
        y_pred = ops.reshape(ops.cast(y_pred, "float32"), (-1,))
        return ops.square((y_true - self.mean) / self.scale - y_pred)

    def get_config(self):
        """Gives the loss's arguments."""
        return {
            "name": self.name,
            "reduction": self.reduction,
            "mean": self.mean,
            "scale": self.scale,
        }


@keras.saving.register_keras_serializable("kerasgen.metric")
class AbsoluteError(keras.metrics.Mean):
    """Mean absolute error in the target's unit.

    Args:
        mean: float, of the target on the train split.
        scale: float > 0, its standard deviation.
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> metric = AbsoluteError(mean=1.0, scale=2.0)
        >>> _ = metric.update_state(ops.array([5.0]), ops.array([[0.0]]))
        >>> float(metric.result())
        4.0
    """

    def __init__(self, mean=0.0, scale=1.0, name="mae", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self._direction = "down"
        self.mean = mean
        self.scale = scale

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts a batch.

        Args:
            y_true: float (batch,), in the target's unit.
            y_pred: float (batch, 1), on the standard scale.
            sample_weight: float (batch,), or None.
        """
        y_true = ops.reshape(ops.cast(y_true, "float32"), (-1,))
        y_pred = ops.reshape(ops.cast(y_pred, "float32"), (-1,))
        error = ops.abs(y_true - (y_pred * self.scale + self.mean))
        return super().update_state(error, sample_weight)

    def get_config(self):
        """Gives the metric's arguments."""
        return {**super().get_config(), "mean": self.mean, "scale": self.scale}
