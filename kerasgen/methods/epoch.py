"""Tells data which epoch begins, so that a resumed run sees the same."""

import keras


def told(data, callbacks):
    """Puts what tells the epoch before the other callbacks.

    Args:
        data: what is trained on; `Data.batches` has a counter `epoch`.
        callbacks: list of Keras callbacks, one of them, or None.

    Returns:
        list of Keras callbacks.

    Example:
        >>> told(None, None)
        []
    """
    callbacks = callbacks or []
    if not isinstance(callbacks, list):
        callbacks = [callbacks]
    counter = getattr(data, "epoch", None)
    return callbacks if counter is None else [_Epoch(counter), *callbacks]


class _Epoch(keras.callbacks.Callback):
    def __init__(self, counter):
        super().__init__()
        self.counter = counter

    def on_epoch_begin(self, epoch, logs=None):
        self.counter.assign(epoch - 1)
