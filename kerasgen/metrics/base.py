"""What our metrics share: one definition for training and for reports."""

import keras
import numpy as np
from keras import ops

from kerasgen.core import check_arguments, snake


class OwnMetric(keras.metrics.Metric):
    """A metric for training, batch by batch, and for reports, by example.

    In training it is a Keras metric: any model's `compile` takes it. A report
    asks `values` for numbers of each example, and `reduce` for what a set of
    them amounts to, so that intervals can be drawn by resampling examples.

    Args:
        name: str; None takes the class's name.
        dtype: str, as in Keras.
        **values: the subclass's declared arguments.

    Raises:
        ValueError: for an argument out of range.

    Attributes:
        arguments: mapping of argument name to its range.
        asks: "label" or "number", what a model gives.
        better: "higher" or "lower".
        unit: str, "share" for a number from 0 to 1, and "" for none.
        exact: bool, whether each example counts 0 or 1, and the metric is
            the mean.
    """

    arguments = {}
    asks = None
    better = "higher"
    unit = ""
    exact = False

    def __init__(self, name=None, dtype=None, **values):
        where = type(self).__name__
        super().__init__(name=name or snake(where), dtype=dtype)
        self._direction = "up" if self.better == "higher" else "down"
        self._given = check_arguments(where, self.arguments, values)
        for key, value in self._given.items():
            setattr(self, key, value)

    def values(self, y, outputs):
        """Gives the numbers of each example that a report keeps.

        Args:
            y: array (n, ...), the truth.
            outputs: float array (n, ..., units).

        Returns:
            float array (n,) or (n, k).
        """
        raise NotImplementedError

    def reduce(self, values):
        """Makes the metric of examples, whole or resampled by rows.

        Args:
            values: float array, rows of what `values` gave.

        Returns:
            float.
        """
        return float(np.mean(values))

    def get_config(self):
        """Gives the metric's arguments."""
        return {"name": self.name, "dtype": self.dtype, **self._given}


def weights_of(y_pred, sample_weight, shape):
    """Gives each answer's weight: the example's, and 0 where it is masked.

    Args:
        y_pred: tensor, which may carry the mask of a Keras layer.
        sample_weight: float (batch,) or (batch, ...), or None.
        shape: tuple, that of the labels.

    Returns:
        float32 tensor of that shape.

    Example:
        >>> weights_of(ops.ones((2, 3, 4)), ops.array([1.0, 0.0]), (2, 3))[:, 0]
        <tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 0.], ...
    """
    weights = ops.ones(shape, "float32")
    mask = getattr(y_pred, "_keras_mask", None)
    for part in (mask, sample_weight):
        if part is not None:
            part = ops.cast(part, "float32")
            if len(part.shape) > len(weights.shape):
                part = ops.reshape(part, shape)
            while len(part.shape) < len(weights.shape):
                part = part[..., None]
            weights = weights * part
    return weights
