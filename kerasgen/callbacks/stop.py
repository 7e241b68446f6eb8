"""Early stopping on the stop split."""

import math

from kerasgen.callbacks.state import Remembering
from kerasgen.core import Int, message, nearest, one_of


class EarlyStop(Remembering):
    """Stops when a validated number no longer improves, and keeps the best.

    Args:
        monitor: str, the logged number to watch.
        patience: int >= 1, the epochs without improvement to wait for.
        better: "lower" or "higher".

    Raises:
        ValueError: for an argument out of range, or, when training begins to
            validate, a number that isn't logged.

    Source:
        Prechelt, "Early Stopping - But When?", 1998.

    Example:
        >>> EarlyStop(patience=3).monitor
        'val_loss'
    """

    def __init__(self, monitor="val_loss", patience=10, better="lower"):
        super().__init__()
        self.monitor = monitor
        self.patience = Int(1).check("EarlyStop", "patience", patience)
        self.better = one_of("EarlyStop", "better", better, ("lower", "higher"))
        self.best = None
        self.best_epoch = None
        self.wait = 0
        self._weights = None

    def on_epoch_end(self, epoch, logs=None):
        """Compares this epoch with the best one."""
        logs = logs or {}
        if not any(name.startswith("val_") for name in logs):
            return
        if self.monitor not in logs:
            near = nearest(self.monitor, logs)
            raise ValueError(
                message(
                    "EarlyStop",
                    f"`monitor` must be one of {', '.join(sorted(logs))}",
                    {"monitor": self.monitor},
                    f"Did you mean {near!r}?" if near else None,
                )
            )
        value = float(logs[self.monitor])
        if self._improves(value):
            self.best, self.best_epoch, self.wait = value, epoch, 0
            self._weights = self.model.get_weights()
            return
        self.wait += 1
        if self.wait >= self.patience:
            self.model.stop_training = True

    def _improves(self, value):
        if not math.isfinite(value):
            return False
        if self.best is None:
            return True
        return (
            value < self.best if self.better == "lower" else value > self.best
        )

    def on_train_end(self, logs=None):
        """Puts the best weights in place."""
        if self._weights is not None:
            self.model.set_weights(self._weights)

    def get_state(self):
        """Gives the best epoch, its weights and the wait."""
        return {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "wait": self.wait,
            "weights": self._weights,
        }

    def set_state(self, state):
        """Takes back the best epoch, its weights and the wait."""
        self.best = state["best"]
        self.best_epoch = state["best_epoch"]
        self.wait = state["wait"]
        self._weights = state["weights"]
