"""What long work tells the person who waits for it, by way of `logging`."""

import contextlib
import logging
import sys

LOGGER = logging.getLogger("kerasgen")


class _Stdout(logging.StreamHandler):
    """Writes to whatever `sys.stdout` is at the time."""

    def __init__(self):
        super().__init__(sys.stdout)
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record):
        self.stream = sys.stdout
        super().emit(record)


def speak(verbose="auto"):
    """Lets the log of the package be seen, and chooses Keras's verbosity.

    Args:
        verbose: "auto" (a progress bar on a terminal, one line an epoch
            elsewhere), 0 (silent), 1 (bar) or 2 (lines).

    Returns:
        int, the `verbose` to hand to Keras.

    Example:
        >>> speak(0)
        0
    """
    if verbose == "auto":
        verbose = 1 if sys.stdout.isatty() else 2
    if verbose and not LOGGER.handlers:
        LOGGER.addHandler(_Stdout())
        LOGGER.propagate = False
    LOGGER.setLevel(logging.INFO if verbose else logging.WARNING)
    return int(verbose)


def say(text, *values):
    """Logs one line at level INFO.

    Args:
        text: str, with %-style places for `values`.
        *values: what fills the places.

    Example:
        >>> say("trial %d of %d", 1, 3)
    """
    LOGGER.info(text, *values)


def warn(text, *values):
    """Logs one line at level WARNING.

    Args:
        text: str, with %-style places for `values`.
        *values: what fills the places.

    Example:
        >>> warn("%d examples are left out", 3)
    """
    LOGGER.warning(text, *values)


@contextlib.contextmanager
def without_retracing():
    """Holds back TensorFlow's warning of retracing.

    It counts how often functions of one name are traced, and models that are
    trained one after another each have functions of their own.

    Example:
        >>> with without_retracing():
        ...     logging.getLogger("tensorflow").warning("tf.function retracing")
    """
    log = logging.getLogger("tensorflow")

    def keep(record):
        return "tf.function retracing" not in record.getMessage()

    log.addFilter(keep)
    try:
        yield
    finally:
        log.removeFilter(keep)
