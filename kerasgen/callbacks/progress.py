"""One line an epoch, where there is no terminal for a bar."""

import time

from kerasgen.callbacks.state import Remembering
from kerasgen.core import say


class Progress(Remembering):
    """Logs one line at the end of each epoch.

    Args:
        name: str, what stands before the epoch's number.

    Example:
        >>> Progress("trial 3").name
        'trial 3'
    """

    def __init__(self, name="epoch"):
        super().__init__()
        self.name = name
        self._begin = None

    def on_epoch_begin(self, epoch, logs=None):
        """Starts the clock."""
        self._begin = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        """Logs the line."""
        numbers = "  ".join(f"{k} {v:.4f}" for k, v in (logs or {}).items())
        seconds = time.monotonic() - self._begin
        total = self.params["epochs"]
        width = len(str(total))
        place = f"{epoch + 1:{width}d}/{total}"
        say("%s %s  %s  %.1f s", self.name, place, numbers, seconds)
