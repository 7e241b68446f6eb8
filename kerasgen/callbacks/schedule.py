"""Schedules of the learning rate."""

import math

from kerasgen.callbacks.state import Remembering, read
from kerasgen.core import Float


class WarmUpCosine(Remembering):
    """Linear warm-up, then half a cosine down.

    The rate follows the batch number alone, so that a resumed run has the
    rates of an uninterrupted one. It is set at most 500 times, since each
    setting costs a copy to the device.

    Args:
        warm_up: float in [0, 1], the share of all steps that the rate rises.
        final: float in [0, 1], the share of the top rate that remains at the
            end.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Goyal et al., 2017, arXiv:1706.02677 (warm-up); Loshchilov & Hutter,
        "SGDR", 2017, arXiv:1608.03983, equation 5, without restarts.

    Example:
        >>> schedule = WarmUpCosine(warm_up=0.5, final=0.0)
        >>> [round(schedule.share(step, 4), 2) for step in range(4)]
        [0.5, 1.0, 1.0, 0.5]
    """

    def __init__(self, warm_up=0.05, final=0.01):
        super().__init__()
        unit = Float(0.0, 1.0)
        self.warm_up = unit.check("WarmUpCosine", "warm_up", warm_up)
        self.final = unit.check("WarmUpCosine", "final", final)
        self._top = None
        self._epoch = 0

    def share(self, step, total):
        """Gives the share of the top rate at a step.

        Args:
            step: int, from 0.
            total: int, all steps of the training.

        Returns:
            float in [0, 1].
        """
        rise = math.ceil(self.warm_up * total)
        if step < rise:
            return (step + 1) / rise
        done = min(1.0, (step - rise) / max(1, total - rise))
        return self.final + (1 - self.final) * 0.5 * (
            1 + math.cos(math.pi * done)
        )

    def on_train_begin(self, logs=None):
        """Notes the top rate."""
        if self._top is None:
            self._top = float(read(self.model.optimizer.learning_rate))

    def on_epoch_begin(self, epoch, logs=None):
        """Notes where the epoch stands."""
        self._epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        """Sets the rate."""
        steps = self.params.get("steps")
        if not steps:
            return
        total = steps * self.params["epochs"]
        step = self._epoch * steps + batch
        every = max(1, total // 500)
        if step % every == 0 or batch == 0:
            rate = self._top * self.share(step, total)
            self.model.optimizer.learning_rate = rate

    def get_state(self):
        """Gives the top rate."""
        return {"top": self._top}

    def set_state(self, state):
        """Takes back the top rate."""
        self._top = state["top"]
