"""Losses of numbers: Huber, log-cosh, quantile, Gaussian likelihood."""

import math

from keras import ops

from kerasgen.core import Float, register
from kerasgen.losses.base import OwnLoss


class NumberLoss(OwnLoss):
    """A loss of one number for each example; a subclass writes `values`.

    Any Keras model that gives (batch, units) can be compiled with it.

    Args:
        **values: the subclass's declared arguments, and `reduction`, `name`
            and `dtype`, as in Keras.

    Attributes:
        units: int, the outputs that an example has: one, or two where the
            second is the logarithm of the variance.
    """

    asks = "number"
    units = 1

    def call(self, y_true, y_pred):
        """Gives one value per example.

        Args:
            y_true: (batch,) or (batch, 1) numbers.
            y_pred: float (batch, units); (batch,) where there is one unit.

        Returns:
            float (batch,).
        """
        y_true = ops.reshape(ops.cast(y_true, "float32"), (-1,))
        y_pred = ops.cast(y_pred, "float32")
        return self.values(y_true, ops.reshape(y_pred, (-1, self.units)))

    def values(self, target, outputs):
        """Gives one value per example; a subclass writes this.

        Args:
            target: float32 (batch,).
            outputs: float32 (batch, units).

        Returns:
            float32 (batch,).
        """
        raise NotImplementedError


@register("loss")
class SquaredError(NumberLoss):
    """The squared distance: a model that minimises it gives means.

    Args:
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Source:
        Legendre, 1805.

    Example:
        >>> float(SquaredError()(ops.array([3.0]), ops.array([[1.0]])))
        4.0
    """

    def values(self, target, outputs):
        """Gives one value per example; see `NumberLoss.values`."""
        return ops.square(target - outputs[:, 0])


@register("loss")
class Huber(NumberLoss):
    """Squared near zero and linear beyond, so that outliers pull less.

    Args:
        delta: float > 0, where the one becomes the other, on the scale that
            the model works on: standard deviations under `Regression`.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Huber, "Robust Estimation of a Location Parameter", 1964,
        doi:10.1214/aoms/1177703732.

    Example:
        >>> loss = Huber(delta=1.0)
        >>> float(loss(ops.array([3.0]), ops.array([[0.0]])))
        2.5
    """

    arguments = {"delta": Float(1e-6, search=(0.1, 3.0), log=True)}

    def __init__(self, delta=1.0, **kwargs):
        super().__init__(delta=delta, **kwargs)

    def values(self, target, outputs):
        """Gives one value per example; see `NumberLoss.values`."""
        gap = ops.abs(target - outputs[:, 0])
        near = ops.minimum(gap, self.delta)
        return 0.5 * ops.square(near) + self.delta * (gap - near)


@register("loss")
class LogCosh(NumberLoss):
    """log cosh of the distance: Huber's shape, smooth everywhere.

    Args:
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Source:
        Green, "Bayesian Reconstructions from Emission Tomography Data Using a
        Modified EM Algorithm", 1990, doi:10.1109/42.52985.

    Example:
        >>> loss = LogCosh()
        >>> round(float(loss(ops.array([1.0]), ops.array([[0.0]]))), 4)
        0.4338
    """

    def values(self, target, outputs):
        """Gives one value per example; see `NumberLoss.values`."""
        gap = ops.abs(target - outputs[:, 0])
        # cosh itself leaves float32 at a distance of 90.
        return gap + ops.softplus(-2.0 * gap) - math.log(2.0)


@register("loss")
class Quantile(NumberLoss):
    """The pinball loss: a model that minimises it gives a quantile.

    Args:
        level: float in (0, 1), which quantile; 0.5 is the median, and the
            loss then half of the absolute distance.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Koenker & Bassett, "Regression Quantiles", 1978, doi:10.2307/1913643,
        equation 1.3.

    Example:
        >>> loss = Quantile(level=0.75)
        >>> found = loss.call(ops.array([2.0, 0.0]), ops.array([0.0, 2.0]))
        >>> [float(value) for value in found]
        [1.5, 0.5]
    """

    arguments = {"level": Float(1e-4, 1.0 - 1e-4)}

    def __init__(self, level=0.5, **kwargs):
        super().__init__(level=level, **kwargs)

    def values(self, target, outputs):
        """Gives one value per example; see `NumberLoss.values`."""
        gap = target - outputs[:, 0]
        return ops.maximum(self.level * gap, (self.level - 1.0) * gap)


@register("loss")
class GaussianNLL(NumberLoss):
    """The surprise at the truth under a normal distribution that is told.

    The model gives two numbers an example: the mean, and the logarithm of the
    variance, so that it also learns where it can't know.

    Args:
        beta: float in [0, 1]: each example's loss is multiplied by its
            variance to this power, through which no gradient flows, so that
            examples of a great variance are not given up; 0 is the plain
            likelihood.
        **kwargs: `reduction`, `name` and `dtype`, as in Keras.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Nix & Weigend, "Estimating the Mean and Variance of the Target
        Probability Distribution", 1994, doi:10.1109/ICNN.1994.374138;
        Seitzer et al., "On the Pitfalls of Heteroscedastic Uncertainty
        Estimation with Probabilistic Neural Networks", 2022,
        arXiv:2203.09168, equation 6, for `beta`. The logarithm of the
        variance is kept within +-15.

    Example:
        >>> loss = GaussianNLL()
        >>> round(float(loss(ops.array([1.0]), ops.array([[1.0, 0.0]]))), 4)
        0.9189
    """

    arguments = {"beta": Float(0.0, 1.0, search=(0.0, 1.0))}
    units = 2

    def __init__(self, beta=0.0, **kwargs):
        super().__init__(beta=beta, **kwargs)

    def values(self, target, outputs):
        """Gives one value per example; see `NumberLoss.values`."""
        logs = ops.clip(outputs[:, 1], -15.0, 15.0)
        square = ops.square(target - outputs[:, 0])
        lost = 0.5 * (square * ops.exp(-logs) + logs + math.log(2 * math.pi))
        if self.beta:
            lost = lost * ops.stop_gradient(ops.exp(self.beta * logs))
        return lost
