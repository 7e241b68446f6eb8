"""Averages of the weights along the training path."""

import keras

from kerasgen.callbacks.state import Remembering
from kerasgen.core import Float


class Average(Remembering):
    """Exponential moving average of the weights, evaluated and kept.

    The average is updated in the graph by the optimizer itself. Before each
    validation it takes the weights' place and stays there until the next
    epoch begins, so that early stopping and checkpoints see the weights that
    were validated; after training it stays.

    Args:
        momentum: float in [0, 1), the share of the average that each step
            keeps; 1 / (1 - momentum) is its horizon in steps.

    Raises:
        ValueError: for a momentum out of range.

    Source:
        Polyak & Juditsky, "Acceleration of Stochastic Approximation by
        Averaging", 1992; the first step copies the weights, so that no bias
        has to be corrected.

    Example:
        >>> Average(momentum=0.9).momentum
        0.9
    """

    def __init__(self, momentum=0.99):
        super().__init__()
        self.momentum = Float(0.0, 0.9999999).check("Average", "momentum", momentum)
        self._raw = None

    def on_train_begin(self, logs=None):
        """Lets the optimizer keep the average."""
        optimizer = self.model.optimizer
        if optimizer.use_ema:
            return
        optimizer.use_ema = True
        optimizer.ema_momentum = self.momentum
        optimizer.ema_overwrite_frequency = None
        variables = optimizer._trainable_variables
        optimizer._model_variables_moving_average = (
            optimizer.add_optimizer_variables(variables, "average")
        )

    def on_epoch_begin(self, epoch, logs=None):
        """Brings back the weights that training moves."""
        if self._raw is not None:
            for variable, value in zip(self._variables(), self._raw, strict=True):
                variable.assign(value)
            self._raw = None

    def on_test_begin(self, logs=None):
        """Puts the average in place for validation."""
        self._swap()

    def on_epoch_end(self, epoch, logs=None):
        """Puts the average in place where nothing was validated."""
        self._swap()

    def _swap(self):
        optimizer = self.model.optimizer
        if self._raw is not None or int(optimizer.iterations) == 0:
            return
        variables = self._variables()
        self._raw = [keras.ops.convert_to_numpy(v) for v in variables]
        averages = optimizer._model_variables_moving_average
        for variable, average in zip(variables, averages, strict=True):
            variable.assign(average)

    def _variables(self):
        return self.model.optimizer._trainable_variables

    def get_state(self):
        """Gives the weights that training moves, while they are set aside."""
        return {"raw": self._raw}

    def set_state(self, state):
        """Takes back the weights that training moves."""
        self._raw = state["raw"]
