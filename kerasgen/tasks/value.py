"""Tasks whose answer is a number."""

import dataclasses

import keras
import numpy as np
from keras import ops

from kerasgen.core import create, find, message, register
from kerasgen.metrics import MAE
from kerasgen.tasks.base import Measure, Task
from kerasgen.tasks.named import also_of, criterion_of, measures_of, metric_of


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
        criterion: what training minimises, on the standard scale: the name
            of a registered loss of numbers, such as "huber", "quantile" or
            "gaussian_nll", or a mapping of its name and arguments; None takes
            the squared error.
        also: metrics that training and reports show beside the absolute
            error: names of registered ones, such as "r2", or mappings.

    Raises:
        ValueError: for a scale that is not positive, an unknown loss or
            metric, or one of its arguments out of range.
        TypeError: for a loss or metric of another form.

    Example:
        >>> task = Regression(mean=10.0, scale=2.0)
        >>> float(task.predict(ops.array([[1.0]]))["value"][0])
        12.0
    """

    mean: float = 0.0
    scale: float = 1.0
    unit: str = ""
    criterion: object = dataclasses.field(default=None, hash=False)
    also: tuple = dataclasses.field(default=(), hash=False)

    def __post_init__(self):
        if not self.scale > 0:
            raise ValueError(
                message(
                    "Regression",
                    "`scale` must be positive",
                    {"scale": self.scale},
                )
            )

        put = object.__setattr__
        if self.criterion is not None:
            spec = criterion_of("Regression", self.criterion, "number")
            put(self, "criterion", spec)
        put(self, "also", also_of("Regression", self.also, "number"))

    @property
    def units(self):
        """int, one output, or those that the criterion asks for."""
        if self.criterion is None:
            return 1
        return find("loss", self.criterion["name"]).units

    @property
    def _spread(self):
        """bool, whether the second output tells how sure the first is."""
        return self.criterion is not None and self.units == 2

    def loss(self):
        """The criterion on the standard scale; squared error by default."""
        return StandardizedError(self.mean, self.scale, self.criterion)

    def metrics(self):
        """Mean absolute error in the target's unit, and the further ones."""
        more = [each for each in self.shown(self.also) if each.name != "mae"]
        return [MAE(self.mean, self.scale), *more]

    def shown(self, metrics):
        """Makes metrics by name; see `Task.shown`."""
        known = {"mean": self.mean, "scale": self.scale}
        return [metric_of(spec, **known) for spec in metrics]

    def measures(self):
        """Mean absolute error first, then the root mean squared error."""
        own = [
            Measure("mae", self._absolute, "lower", self.unit),
            Measure("rmse", self._squared, "lower", self.unit, _root_mean),
        ]
        if self._spread:
            own.append(Measure("nll", self._nll, "lower", "nat"))
        names = [measure.name for measure in own]
        return [*own, *measures_of(self.shown(self.also), names)]

    def _value(self, outputs):
        outputs = np.asarray(outputs, "float64").reshape(len(outputs), -1)
        return outputs[:, 0] * self.scale + self.mean

    def _absolute(self, y, outputs):
        return np.abs(np.asarray(y, "float64") - self._value(outputs))

    def _squared(self, y, outputs):
        return (np.asarray(y, "float64") - self._value(outputs)) ** 2

    def _nll(self, y, outputs):
        logs = np.clip(np.asarray(outputs, "float64")[:, 1], -15.0, 15.0)
        logs = logs + 2.0 * np.log(self.scale)
        square = self._squared(y, outputs) * np.exp(-logs)
        return 0.5 * (square + logs + np.log(2.0 * np.pi))

    def predict(self, outputs):
        """Gives the value in the target's unit.

        Args:
            outputs: float tensor (batch, units).

        Returns:
            dict with `value` (batch,), and where the criterion asks for it
            also `deviation` (batch,), the standard deviation that the model
            expects.
        """
        outputs = ops.cast(outputs, "float32")
        answer = {"value": outputs[:, 0] * self.scale + self.mean}
        if self._spread:
            logs = ops.clip(outputs[:, 1], -15.0, 15.0)
            answer["deviation"] = ops.exp(0.5 * logs) * self.scale
        return answer

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
    """A loss of numbers between `(y - mean) / scale` and the output.

    Args:
        mean: float.
        scale: float > 0.
        criterion: a registered loss of numbers, or a mapping of its `name`
            and arguments; None takes the squared error.
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
        criterion=None,
        reduction="sum_over_batch_size",
        name=None,
        dtype=None,
    ):
        made = create("loss", criterion or "squared_error")
        name = name or made.name
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.mean = mean
        self.scale = scale
        self.criterion = criterion
        self._made = made

    def call(self, y_true, y_pred):
        """Gives one value per example.

        Args:
            y_true: float (batch,) or (batch, 1), in the target's unit.
            y_pred: float (batch, units), on the standard scale.

        Returns:
            float (batch,).
        """
        y_true = ops.reshape(ops.cast(y_true, "float32"), (-1,))
        return self._made.call((y_true - self.mean) / self.scale, y_pred)

    def get_config(self):
        """Gives the loss's arguments."""
        return {
            "name": self.name,
            "reduction": self.reduction,
            "mean": self.mean,
            "scale": self.scale,
            "criterion": self.criterion,
        }
