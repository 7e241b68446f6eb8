"""A number and its spread: a normal distribution for each example."""

import dataclasses

import keras
import numpy as np
import scipy.stats
from keras import ops

from kerasgen.core import Float, register
from kerasgen.tasks.base import Measure
from kerasgen.tasks.quantile import MiddleError, refuse
from kerasgen.tasks.value import Regression

# No standard deviation is less, in those of the target.
_LEAST = 1e-3


@register("task")
@dataclasses.dataclass(frozen=True)
class GaussianRegression(Regression):
    """A number and its spread: a normal distribution for each example.

    Args:
        mean: float, the train split's mean of `y`.
        scale: float > 0, its standard deviation.
        unit: str, the target's unit, for reports.
        criterion: None; the likelihood is what it learns by.
        also: metrics that training and reports show beside its own: names
            of registered ones, such as "r2", or mappings.
        level: float in (0, 1), how often the interval shall cover the truth.

    Raises:
        ValueError: for a level outside (0, 1), a scale that is not positive,
            a criterion, or an unknown metric.

    Source:
        Nix & Weigend, "Estimating the Mean and Variance of the Target
        Probability Distribution", 1994.

    Example:
        >>> task = GaussianRegression(mean=10.0, scale=2.0)
        >>> answer = task.predict(ops.zeros((1, 2)))
        >>> float(answer["value"][0]), bool(answer["low"][0] < 10.0)
        (10.0, True)
    """

    level: float = 0.9

    def __post_init__(self):
        super().__post_init__()
        Float(1e-6, 1.0 - 1e-6).check("GaussianRegression", "level", self.level)
        refuse(self, criterion=self.criterion)

    @property
    def units(self):
        """int, two outputs: the mean, and what the spread is made of."""
        return 2

    def loss(self):
        """The negative log likelihood on the standard scale."""
        return GaussianLoss(self.mean, self.scale)

    def metrics(self):
        """Mean absolute error in the target's unit, and the further ones."""
        more = [each for each in self.shown(self.also) if each.name != "mae"]
        return [MiddleError(self.mean, self.scale, 0, name="mae"), *more]

    def measures(self):
        """The log loss first, then error, coverage and width."""
        error, *rest = super().measures()
        return [
            Measure("nll", self._nll, "lower", "nat"),
            error,
            *rest,
            Measure("coverage", self._covered, exact=True),
            Measure("width", self._width, "lower", self.unit),
        ]

    def _value(self, outputs):
        return super()._value(np.asarray(outputs)[:, 0])

    def _deviation(self, outputs):
        raw = np.asarray(outputs, "float64")[:, 1]
        return (np.logaddexp(0.0, raw) + _LEAST) * self.scale

    def _nll(self, y, outputs):
        y = np.asarray(y, "float64")
        return -scipy.stats.norm.logpdf(
            y, self._value(outputs), self._deviation(outputs)
        )

    def _covered(self, y, outputs):
        gap = np.abs(np.asarray(y, "float64") - self._value(outputs))
        return (gap <= self._reach * self._deviation(outputs)).astype("float64")

    def _width(self, y, outputs):
        return 2.0 * self._reach * self._deviation(outputs)

    @property
    def _reach(self):
        return float(scipy.stats.norm.ppf(0.5 + self.level / 2.0))

    def predict(self, outputs):
        """Gives value, standard deviation and interval in the target's unit.

        Args:
            outputs: float tensor (batch, 2).

        Returns:
            dict with `value`, `deviation`, `low` and `high` (batch,).
        """
        outputs = ops.cast(outputs, "float32")
        value = outputs[:, 0] * self.scale + self.mean
        deviation = (ops.softplus(outputs[:, 1]) + _LEAST) * self.scale
        reach = self._reach * deviation
        return {
            "value": value,
            "deviation": deviation,
            "low": value - reach,
            "high": value + reach,
        }


@keras.saving.register_keras_serializable("kerasgen.loss")
class GaussianLoss(keras.losses.Loss):
    """The negative log likelihood of a normal distribution.

    Args:
        mean: float.
        scale: float > 0.
        reduction: str, as in Keras.
        name: str.
        dtype: str, as in Keras.

    Example:
        >>> loss = GaussianLoss()
        >>> y, outputs = ops.array([0.0]), ops.array([[0.0, 0.5413]])
        >>> round(float(loss(y, outputs)), 2)
        0.92
    """

    def __init__(
        self,
        mean=0.0,
        scale=1.0,
        reduction="sum_over_batch_size",
        name="gaussian",
        dtype=None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.mean = mean
        self.scale = scale

    def call(self, y_true, y_pred):
        """Gives one value per example.

        Args:
            y_true: float (batch,) or (batch, 1), in the target's unit.
            y_pred: float (batch, 2), see `GaussianRegression`.

        Returns:
            float (batch,).
        """
        y_true = ops.reshape(ops.cast(y_true, "float32"), (-1,))
        y_pred = ops.cast(y_pred, "float32")
        spread = ops.softplus(y_pred[:, 1]) + _LEAST
        gap = ((y_true - self.mean) / self.scale - y_pred[:, 0]) / spread
        return ops.log(spread) + (ops.square(gap) + np.log(2.0 * np.pi)) / 2.0

    def get_config(self):
        """Gives the loss's arguments."""
        return {
            "name": self.name,
            "reduction": self.reduction,
            "mean": self.mean,
            "scale": self.scale,
        }
