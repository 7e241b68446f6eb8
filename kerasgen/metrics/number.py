"""Metrics of numbers: absolute, squared and relative error, and R2."""

import numpy as np
from keras import ops

from kerasgen.core import Float, register
from kerasgen.metrics.base import OwnMetric, weights_of
from kerasgen.metrics.label import ratio


class NumberMetric(OwnMetric):
    """A metric of one number for each example; a subclass writes `sums`.

    The first of an example's outputs is its number, on the scale of
    `(y - mean) / scale`; the metric is in the target's own unit.

    Args:
        mean: float, of the target.
        scale: float > 0, the target's standard deviation.
        name: str; None takes the class's name.
        dtype: str, as in Keras.
    """

    arguments = {"mean": Float(), "scale": Float(1e-30)}
    asks = "number"
    better = "lower"
    size = 2

    def __init__(self, mean=0.0, scale=1.0, **kwargs):
        super().__init__(mean=mean, scale=scale, **kwargs)
        self._sums = self.add_variable(
            (self.size,), initializer="zeros", name="sums"
        )

    def sums(self, y, found):
        """Gives what is added up, of each example; a subclass writes this.

        Args:
            y: float (n,), the truth.
            found: float (n,), the answers, in the same unit.

        Returns:
            list of float (n,), the last of which is 1.
        """
        raise NotImplementedError

    def score(self, sums):
        """Makes the metric of the sums; the mean of the first by default.

        Args:
            sums: float (size,).

        Returns:
            float scalar.
        """
        return ratio(sums[0], sums[-1])

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts a batch.

        Args:
            y_true: (batch,) or (batch, 1), in the target's unit.
            y_pred: float (batch, units), on the standard scale.
            sample_weight: float (batch,), or None.
        """
        y = ops.reshape(ops.cast(y_true, "float32"), (-1,))
        found = ops.reshape(ops.cast(y_pred, "float32"), (ops.shape(y)[0], -1))
        weights = weights_of(None, sample_weight, ops.shape(y))
        parts = self.sums(y, found[:, 0] * self.scale + self.mean)
        sums = [ops.sum(part * weights) for part in parts]
        self._sums.assign_add(ops.cast(ops.stack(sums), self.dtype))

    def result(self):
        """Gives the metric of all batches since the last reset."""
        return self.score(ops.cast(self._sums, "float32"))

    def values(self, y, outputs):
        """Gives the numbers that are added up; see `OwnMetric.values`."""
        y = np.asarray(y, "float64").reshape(-1)
        found = np.asarray(outputs, "float64").reshape(len(y), -1)[:, 0]
        parts = self.sums(y, found * self.scale + self.mean)
        return np.stack([np.asarray(part) for part in parts], 1)

    def reduce(self, values):
        """Makes the metric of rows that `values` gave."""
        return float(self.score(np.asarray(values, "float64").sum(0)))


@register("metric")
class MAE(NumberMetric):
    """Mean absolute error.

    Args:
        mean: float, of the target.
        scale: float > 0, the target's standard deviation.
        **kwargs: `name` and `dtype`, as in Keras.

    Example:
        >>> metric = MAE()
        >>> metric.update_state(ops.array([1.0, 5.0]), ops.zeros((2, 1)))
        >>> float(metric.result())
        3.0
    """

    def sums(self, y, found):
        """Adds distances; see `NumberMetric.sums`."""
        return [abs(y - found), 0.0 * y + 1.0]


@register("metric")
class RMSE(NumberMetric):
    """Root of the mean squared error.

    Args:
        mean: float, of the target.
        scale: float > 0, the target's standard deviation.
        **kwargs: `name` and `dtype`, as in Keras.

    Example:
        >>> metric = RMSE()
        >>> metric.update_state(ops.array([1.0, 7.0]), ops.zeros((2, 1)))
        >>> float(metric.result())
        5.0
    """

    def sums(self, y, found):
        """Adds squares; see `NumberMetric.sums`."""
        return [(y - found) ** 2, 0.0 * y + 1.0]

    def score(self, sums):
        """Gives the root of the mean; see `NumberMetric.score`."""
        return ops.sqrt(ratio(sums[0], sums[1]))


@register("metric")
class MAPE(NumberMetric):
    """Mean of the absolute error over the size of the truth.

    Args:
        mean: float, of the target.
        scale: float > 0, the target's standard deviation.
        **kwargs: `name` and `dtype`, as in Keras.

    Source:
        As `sklearn.metrics.mean_absolute_percentage_error`: a share, not a
        percentage, and sizes below the rounding of float64 count as that.

    Example:
        >>> metric = MAPE()
        >>> metric.update_state(ops.array([2.0, 4.0]), ops.ones((2, 1)))
        >>> float(metric.result())
        0.625
    """

    def sums(self, y, found):
        """Adds shares; see `NumberMetric.sums`."""
        size = ops.maximum(abs(y), float(np.finfo("float64").eps))
        return [abs(y - found) / size, 0.0 * y + 1.0]


@register("metric")
class R2(NumberMetric):
    """Share of the targets' variance that the answers explain.

    Args:
        mean: float, of the target.
        scale: float > 0, the target's standard deviation.
        **kwargs: `name` and `dtype`, as in Keras.

    Source:
        Wright, 1921. Targets that don't differ have the value 0.

    Example:
        >>> metric = R2()
        >>> found = ops.array([[1.0], [2.0]])
        >>> metric.update_state(ops.array([1.0, 3.0]), found)
        >>> float(metric.result())
        0.5
    """

    better = "higher"
    size = 4

    def sums(self, y, found):
        """Adds squares of errors and of targets; see `NumberMetric.sums`."""
        # Around the known mean, so that few digits are lost.
        y, gap = (y - self.mean) / self.scale, (y - found) / self.scale
        return [gap**2, y**2, y, 0.0 * y + 1.0]

    def score(self, sums):
        """Gives the share; see `NumberMetric.score`."""
        rest, squares, total, n = (sums[index] for index in range(4))
        spread = squares - ratio(total**2, n)
        share = 1.0 - ratio(rest, ops.maximum(spread, 1e-30))
        return ops.where(spread > 1e-12 * n, share, 0.0)
