"""Averages of the weights along the training path."""

from keras import ops

from kerasgen.callbacks.state import Remembering, hook, read
from kerasgen.callbacks.swa import averaged, copied
from kerasgen.core import Float, message


class Average(Remembering):
    """Exponential moving average of a method's weights, evaluated and kept.

    The average is updated in the graph after each step. It takes in the
    moving statistics of normalization layers, too: Keras's own average leaves
    them out, and the averaged weights then meet statistics of other weights.
    Its horizon grows with the steps taken, so that the start is soon
    forgotten. Before each validation the average takes the weights' place and
    stays there until the next epoch begins, so that early stopping and
    checkpoints see what was validated; after training it stays.

    Args:
        momentum: float in [0, 1), the greatest share of the average that a
            step keeps; 1 / (1 - momentum) is its horizon in steps.

    Raises:
        ValueError: for a momentum out of range.
        TypeError: where the model that is trained is no Method.

    Source:
        Polyak & Juditsky, "Acceleration of Stochastic Approximation by
        Averaging", 1992; momentum min(m, (1 + t) / (10 + t)) at step t, as in
        TensorFlow's ExponentialMovingAverage.

    Example:
        >>> Average(momentum=0.9).momentum
        0.9
    """

    def __init__(self, momentum=0.99):
        super().__init__()
        self.momentum = Float(0.0, 0.9999999).check(
            "Average", "momentum", momentum
        )
        self._averages = None
        self._raw = None

    def on_train_begin(self, logs=None):
        """Puts the update behind each step of the method."""
        if not hasattr(self.model, "hooks"):
            raise TypeError(
                message(
                    "Average",
                    "the model that is trained must be a kerasgen Method",
                    {"model": type(self.model).__name__},
                    "For a plain model use keras.callbacks.SwapEMAWeights.",
                )
            )
        if self._averages is not None:
            return
        self._averages = copied(self.model, "average")
        hook(self.model, self._update)

    def _update(self):
        step = ops.cast(self.model.optimizer.iterations, "float32")
        momentum = ops.minimum(self.momentum, (1.0 + step) / (10.0 + step))
        pairs = zip(self._averages, averaged(self.model), strict=True)
        for average, variable in pairs:
            share = ops.cast(1.0 - momentum, average.dtype)
            gap = ops.convert_to_tensor(variable) - average
            average.assign(average + share * gap)

    def on_epoch_begin(self, epoch, logs=None):
        """Brings back the weights that training moves."""
        if self._raw is not None:
            for variable, value in zip(
                averaged(self.model), self._raw, strict=True
            ):
                variable.assign(value)
            self._raw = None

    def on_test_begin(self, logs=None):
        """Puts the average in place for validation."""
        self._swap()

    def on_epoch_end(self, epoch, logs=None):
        """Puts the average in place where nothing was validated."""
        self._swap()

    def _swap(self):
        if self._raw is not None or self._averages is None:
            return
        variables = averaged(self.model)
        self._raw = [read(variable) for variable in variables]
        for variable, average in zip(variables, self._averages, strict=True):
            variable.assign(read(average))

    def get_state(self):
        """Gives the average, and the weights while they are set aside."""
        averages = self._averages or []
        return {
            "raw": self._raw,
            "averages": [read(average) for average in averages],
        }

    def set_state(self, state):
        """Takes back the average, and the weights that were set aside."""
        self._raw = state["raw"]
        for average, value in zip(
            self._averages, state["averages"], strict=True
        ):
            average.assign(value)
