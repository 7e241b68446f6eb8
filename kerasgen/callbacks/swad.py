"""SWAD (Cha et al., 2021): the mean of the weights across a valley."""

import keras
from keras import ops

from kerasgen.callbacks.state import Remembering, hook, read
from kerasgen.callbacks.swa import averaged, copied, put
from kerasgen.core import Float, Int, message, nearest


class SWAD(Remembering):
    """Averages the weights of all steps between two epochs that it finds.

    The average begins where the validated loss has stopped to fall, and ends
    before it rises for good; then training stops. It takes the weights'
    place when training ends, and the moving statistics are found again from
    the training data. Until then the weights that train are validated. The
    learning rate should be constant, and the weights that train be validated:
    leave out `WarmUpCosine` and `Average`. Put it behind `EarlyStop`, if
    there is one, and before `Keep`.

    Args:
        monitor: str, the logged loss to watch.
        converge: int >= 1, the epochs without a lower loss after which the
            valley has begun.
        overfit: int >= 1, the epochs above the tolerance after which it has
            ended.
        tolerance: float >= 1, the factor of the loss at the beginning, a mean
            of `converge` epochs, above which an epoch lies outside.
        limit: int >= 1, the most batches that the statistics are taken from,
            or None for all.

    Attributes:
        span: pair of int, the first and the last epoch of the average, or
            None where no valley began.

    Raises:
        ValueError: for an argument out of range, or, while training, a
            monitored number that isn't logged.
        TypeError: where the model that is trained is no Method.

    Source:
        Cha et al., "SWAD: Domain Generalization by Seeking Flat Minima",
        2021, arXiv:2102.08604, algorithm 1, whose losses come every 50 to
        300 steps; here once an epoch. Where no valley begins, the mean of
        the last epoch stands, as in the authors' code.

    Example:
        >>> SWAD(tolerance=1.2).converge
        3
    """

    def __init__(
        self,
        monitor="val_loss",
        converge=3,
        overfit=6,
        tolerance=1.3,
        limit=None,
    ):
        super().__init__()
        self.monitor = monitor
        self.converge = Int(1).check("SWAD", "converge", converge)
        self.overfit = Int(1).check("SWAD", "overfit", overfit)
        self.tolerance = Float(1.0).check("SWAD", "tolerance", tolerance)
        self.limit = (
            limit if limit is None else Int(1).check("SWAD", "limit", limit)
        )
        self.losses = []
        self._parts = []
        self._means = None

    @property
    def span(self):
        """The first and the last epoch of the average, from 0, or None."""
        start, end = valley(
            self.losses, self.converge, self.overfit, self.tolerance
        )
        return None if start is None else (start, end)

    def on_train_begin(self, logs=None):
        """Puts the average of an epoch behind each step of the method."""
        if not hasattr(self.model, "hooks"):
            raise TypeError(
                message(
                    "SWAD",
                    "the model that is trained must be a kerasgen Method",
                    {"model": type(self.model).__name__},
                    "Wrap it: kerasgen.methods.ERM(model, task).",
                )
            )
        if self._means is not None:
            return
        with self.model.distribute_strategy.scope():
            self._steps = keras.Variable(
                0.0,
                dtype="float32",
                trainable=False,
                aggregation="only_first_replica",
                name="swad_steps",
            )
        self._means = copied(self.model, "swad")
        hook(self.model, self._update)

    def _update(self):
        self._steps.assign_add(1.0)
        share = 1.0 / ops.convert_to_tensor(self._steps)
        pairs = zip(self._means, averaged(self.model), strict=True)
        for mean, variable in pairs:
            # The first step leaves nothing of what stood there.
            part = ops.cast(share, mean.dtype)
            now = ops.convert_to_tensor(variable)
            mean.assign((1.0 - part) * mean + part * now)

    def on_epoch_begin(self, epoch, logs=None):
        """Begins the average of an epoch."""
        self._steps.assign(0.0)

    def on_epoch_end(self, epoch, logs=None):
        """Takes the epoch in, and stops behind the valley."""
        logs = logs or {}
        if self.monitor not in logs:
            near = nearest(self.monitor, logs)
            remedy = f"Did you mean {near!r}?" if near else None
            if not any(name.startswith("val_") for name in logs):
                remedy = "Pass validation_data to fit."
            raise ValueError(
                message(
                    "SWAD",
                    f"`monitor` must be one of {', '.join(sorted(logs))}",
                    {"monitor": self.monitor},
                    remedy,
                )
            )
        self.losses.append(float(logs[self.monitor]))
        values = [read(mean).astype("float64") for mean in self._means]
        steps = float(read(self._steps))
        self._parts.append({"epoch": epoch, "steps": steps, "mean": values})
        self._forget()
        span = self.span
        if span is not None and epoch - span[1] >= self.overfit:
            self.model.stop_training = True

    def _forget(self):
        """Keeps no more than what may still decide."""
        if self.span is None:
            self._parts = self._parts[-self.converge :]
            return
        start, _ = self.span
        self._parts = [p for p in self._parts if p["epoch"] >= start]
        settled = len(self.losses) - 1 - self.overfit
        while len(self._parts) > 1 and self._parts[1]["epoch"] <= settled:
            self._parts[:2] = [_joined(*self._parts[:2])]

    def on_train_end(self, logs=None):
        """Puts the average in place, with statistics of its own."""
        if not self._parts:
            return
        chosen = self._parts[-1:]
        if self.span is not None:
            last = self.span[1]
            chosen = [p for p in self._parts if p["epoch"] <= last]
        whole = chosen[0]
        for part in chosen[1:]:
            whole = _joined(whole, part)
        put(self.model, whole["mean"], self.limit)

    def get_state(self):
        """Gives the losses and the averages of epochs."""
        return {"losses": self.losses, "parts": self._parts}

    def set_state(self, state):
        """Takes back the losses and the averages of epochs."""
        self.losses = list(state["losses"])
        self._parts = list(state["parts"])


def _joined(one, two):
    steps = one["steps"] + two["steps"]
    share = two["steps"] / steps
    return {
        # Of its beginning in a valley, and of its end while it is joined.
        "epoch": one["epoch"],
        "steps": steps,
        "mean": [
            a + share * (b - a)
            for a, b in zip(one["mean"], two["mean"], strict=True)
        ],
    }


def valley(losses, converge=3, overfit=6, tolerance=1.3):
    """Finds where a row of losses has stopped to fall, and rises again.

    Args:
        losses: list of float, validated one after the other.
        converge: int, how many losses must not be lower than the first.
        overfit: int, how many must lie above the limit.
        tolerance: float, the limit as a factor of the mean of the first.

    Returns:
        Pair of int, the places of the first and last loss inside; the first
        is None where the losses go on falling.

    Source:
        Cha et al., 2021, arXiv:2102.08604, algorithm 1; losses above the
        limit at the very end are left out, as in the authors' code.

    Example:
        >>> valley([3, 2, 1, 1, 1, 9, 9], converge=3, overfit=2)
        (2, 4)
    """
    start, limit, last = None, None, len(losses) - 1
    for place in range(len(losses)):
        if start is None:
            window = losses[max(0, place - converge + 1) : place + 1]
            if len(window) == converge and window[0] == min(window):
                start = place - converge + 1
                limit = tolerance * sum(window) / converge
            continue
        window = losses[max(start, place - overfit + 1) : place + 1]
        if len(window) == overfit and min(window) > limit:
            return start, place - overfit
    if start is not None:
        while last > start and losses[last] > limit:
            last -= 1
    return start, last
