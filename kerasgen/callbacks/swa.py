"""SWA (Izmailov et al., 2018): the mean of the weights along the tail."""

import math

import keras

from kerasgen.callbacks.state import Remembering, read
from kerasgen.callbacks.statistics import refresh_statistics
from kerasgen.core import Float, Int, message, unpack


class SWA(Remembering):
    """Averages the weights at the ends of the last epochs, all alike.

    The learning rate of the tail keeps the weights moving about a wide
    minimum, whose middle their mean is. When training ends, the mean takes
    the weights' place, and the moving statistics are found again from the
    training data; until then the weights that train are validated. Put it
    behind callbacks that set weights or rates, such as `EarlyStop` and
    `WarmUpCosine`, and before `Keep`; `Average` would be averaged again.

    Args:
        start: float in [0, 1], the share of the epochs before the tail.
        rate: float > 0, the learning rate where each cycle of the tail
            begins, or None to leave the rate alone.
        low: float > 0, the rate where each cycle ends, or None for a
            constant rate.
        cycle: int >= 1, the epochs of a cycle; each adds its last weights.
        limit: int >= 1, the most batches that the statistics are taken from,
            or None for all.

    Attributes:
        count: int, the weights that the mean is of.

    Raises:
        ValueError: for an argument out of range, or `low` without `rate`.

    Source:
        Izmailov et al., "Averaging Weights Leads to Wider Optima and Better
        Generalization", 2018, arXiv:1803.05407, algorithm 1 and section 3.1.

    Example:
        >>> swa = SWA(rate=0.1, low=0.02, cycle=2)
        >>> [round(swa.rate_at(step, 4), 2) for step in range(4)]
        [0.08, 0.06, 0.04, 0.02]
    """

    def __init__(self, start=0.75, rate=None, low=None, cycle=1, limit=None):
        super().__init__()
        self.start = Float(0.0, 1.0).check("SWA", "start", start)
        self.rate = _positive("rate", rate)
        self.low = _positive("low", low)
        self.cycle = Int(1).check("SWA", "cycle", cycle)
        self.limit = (
            limit if limit is None else Int(1).check("SWA", "limit", limit)
        )
        if low is not None and rate is None:
            raise ValueError(
                message(
                    "SWA",
                    "a cycle needs the rate that it begins with",
                    {"low": low},
                    "Pass `rate`.",
                )
            )
        self.count = 0
        self._mean = None
        self._epoch = 0

    def rate_at(self, step, steps):
        """Gives the learning rate at a step of a cycle.

        Args:
            step: int, from 0.
            steps: int, of the whole cycle.

        Returns:
            float.
        """
        if self.low is None:
            return self.rate
        done = (step + 1) / steps
        return (1 - done) * self.rate + done * self.low

    def _tail(self, epoch):
        """Epochs into the tail; negative before it."""
        epochs = self.params["epochs"]
        first = min(math.floor(self.start * epochs), epochs - 1)
        return epoch - first

    def on_epoch_begin(self, epoch, logs=None):
        """Notes the epoch."""
        self._epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        """Sets the tail's rate."""
        inside, steps = self._tail(self._epoch), self.params.get("steps")
        if self.rate is None or inside < 0:
            return
        if self.low is None:
            if batch == 0:
                self.model.optimizer.learning_rate = self.rate
            return
        if not steps:
            raise ValueError(
                message(
                    "SWA",
                    "a cycle needs data of a known number of batches",
                    {"steps": steps},
                    "Pass steps_per_epoch to fit, or a constant rate.",
                )
            )
        step = (inside % self.cycle) * steps + batch
        rate = self.rate_at(step, self.cycle * steps)
        self.model.optimizer.learning_rate = rate

    def on_epoch_end(self, epoch, logs=None):
        """Takes the weights in where a cycle ends."""
        inside = self._tail(epoch)
        if inside < 0 or (inside + 1) % self.cycle:
            return
        values = [read(v).astype("float64") for v in averaged(self.model)]
        self.count += 1
        if self._mean is None:
            self._mean = values
            return
        self._mean = [
            mean + (value - mean) / self.count
            for mean, value in zip(self._mean, values, strict=True)
        ]

    def on_train_end(self, logs=None):
        """Puts the mean in place, with statistics of its own."""
        if self._mean is not None:
            put(self.model, self._mean, self.limit)

    def get_state(self):
        """Gives the mean and what it is of."""
        return {"count": self.count, "mean": self._mean}

    def set_state(self, state):
        """Takes back the mean and what it is of."""
        self.count = state["count"]
        self._mean = state["mean"]


def averaged(method):
    """Lists what is averaged: floating point, but no random state.

    Args:
        method: Method, or a plain keras.Model.

    Returns:
        list of keras.Variable.
    """
    model = getattr(method, "model", method)
    return [
        variable
        for variable in model.variables
        if "seed_generator" not in variable.path
        and keras.backend.is_float_dtype(variable.dtype)
    ]


def copied(method, name):
    """Makes variables of the values of what is averaged.

    Args:
        method: Method.
        name: str, what the variables' names begin with.

    Returns:
        list of keras.Variable, on the method's devices.
    """
    with method.distribute_strategy.scope():
        return [
            keras.Variable(
                variable,
                dtype=variable.dtype,
                trainable=False,
                aggregation="only_first_replica",
                name=f"{name}_{index}",
            )
            for index, variable in enumerate(averaged(method))
        ]


def put(method, values, limit=None):
    """Puts averaged weights in place and finds their statistics.

    Args:
        method: Method, or a plain keras.Model.
        values: list of arrays, for `averaged(method)`.
        limit: int, the most batches to look at, or None for all.
    """
    for variable, value in zip(averaged(method), values, strict=True):
        variable.assign(value)
    batches = getattr(method, "training_data", None)
    if batches is None:
        return
    if hasattr(batches, "shape"):
        batches = [batches[i : i + 256] for i in range(0, len(batches), 256)]
    batches = (method.normalized(unpack(batch)) for batch in batches)
    refresh_statistics(method, batches, limit)


def _positive(name, value):
    if value is None or value > 0:
        return value
    raise ValueError(
        message("SWA", f"`{name}` must be greater than 0", {name: value})
    )
