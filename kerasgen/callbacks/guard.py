"""Stops a training whose loss is no longer a number, and says where."""

import itertools
import math

import keras
import numpy as np

from kerasgen.callbacks.state import Remembering, read
from kerasgen.core import inputs_of, message


class NaNGuard(Remembering):
    """Raises at the first batch whose loss is not finite, naming the layer.

    Keras's `TerminateOnNaN` ends the training without a word about the cause.
    The batch is run again layer by layer; where the data can't be had again,
    the first layer with weights that are not finite is named.

    Example:
        >>> guard = NaNGuard()
    """

    def __init__(self):
        super().__init__()
        self._epoch = 0

    def on_epoch_begin(self, epoch, logs=None):
        """Notes the epoch."""
        self._epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        """Looks at the loss.

        Raises:
            FloatingPointError: where it is not finite.
        """
        loss = (logs or {}).get("loss", 0.0)
        if math.isfinite(loss):
            return
        raise FloatingPointError(
            message(
                "NaNGuard",
                f"the loss must stay finite; epoch {self._epoch + 1}, step "
                f"{batch + 1}: {self._cause(batch)}",
                {"loss": float(loss)},
                "Lower the learning rate, or set clipnorm of the optimizer.",
            )
        )

    def _cause(self, batch):
        model = getattr(self.model, "model", self.model)
        data = getattr(self.model, "training_data", None)
        try:
            x = inputs_of(next(itertools.islice(data, batch, batch + 1))[0])
        except (TypeError, StopIteration):
            x = None
        if x is not None and not _finite(x):
            return "the batch itself holds values that are not finite"
        for variable in model.trainable_variables:
            if not _finite(variable):
                layer = variable.path.rsplit("/", 1)[0]
                return f"the weights of layer {layer!r} are not finite"
        return _walk(model, x)


def _finite(tensor):
    return bool(np.all(np.isfinite(read(tensor))))


def _walk(model, x):
    rest = "every layer's output is finite, so look at the loss and its labels"
    if x is None:
        return rest
    layers = [
        layer
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
    ]
    probe = keras.Model(model.input, [layer.output for layer in layers])
    # With the batch's own statistics: the moving ones have already taken in
    # what is not finite.
    for layer, output in zip(layers, probe(x, training=True), strict=True):
        if not _finite(output):
            return (
                f"layer {layer.name!r} is the first whose output is not finite"
            )
    return rest
