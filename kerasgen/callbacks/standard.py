"""The set of callbacks that most runs want."""

from kerasgen.callbacks.average import Average
from kerasgen.callbacks.guard import NaNGuard
from kerasgen.callbacks.keep import Keep
from kerasgen.callbacks.schedule import WarmUpCosine
from kerasgen.callbacks.stop import EarlyStop


def standard(
    folder=None,
    *,
    monitor="val_loss",
    better="lower",
    patience=10,
    average=0.99,
    warm_up=0.05,
    every=1,
):
    """Makes the callbacks that most runs want.

    Early stopping and checkpoints see the averaged weights. Without
    validation data nothing is stopped early.

    Args:
        folder: path for checkpoints, or None for none.
        monitor: str, the number that early stopping watches.
        better: "lower" or "higher".
        patience: int >= 1, the epochs that early stopping waits, or None for
            no early stopping.
        average: float in [0, 1), the momentum of the weights' average, or
            None for none.
        warm_up: float in [0, 1], the share of all steps that the learning
            rate rises before it falls, or None for a constant rate.
        every: int >= 1, the epochs between two checkpoints.

    Returns:
        list of Keras callbacks.

    Raises:
        ValueError: for an argument out of range.

    Example:
        >>> [type(callback).__name__ for callback in standard()]
        ['NaNGuard', 'Average', 'WarmUpCosine', 'EarlyStop']
    """
    chosen = [NaNGuard()]
    if average is not None:
        chosen.append(Average(average))
    if warm_up is not None:
        chosen.append(WarmUpCosine(warm_up))
    if patience is not None:
        chosen.append(EarlyStop(monitor, patience, better))
    if folder is not None:
        chosen.append(Keep(folder, every=every, callbacks=list(chosen)))
    return chosen
