"""Transfer in two stages: the head alone, then all layers at lower rates."""

import keras

from kerasgen.core import Float, Int, instance, message
from kerasgen.methods.base import Method
from kerasgen.methods.layered import LayeredAdam


def transfer(
    method,
    *args,
    frozen=5,
    epochs=20,
    rate=1e-3,
    lower=0.1,
    decay=0.4,
    statistics="keep",
    callbacks=None,
    **fit,
):
    """Trains a model that has learnt something else on a new task.

    First the body is frozen, batch normalization included, and the new head
    learns alone, so that its first wild gradients spoil nothing. Then all
    layers learn at a lower rate, that falls from the head down.

    Args:
        method: Method on the model, made for the new task by
            `kerasgen.core.heads(model, units)`; it is compiled here.
        *args: what `method.fit` takes, such as `data.batches("train")`.
        frozen: int >= 0, the epochs of the first stage.
        epochs: int >= 0, those of the second.
        rate: float >= 0, of the first stage.
        lower: float >= 0, the head's rate of the second over that.
        decay: float in [0, 1], the rate of a layer over that of the one
            above.
        statistics: "keep" (batch normalization goes on with what it learnt,
            and doesn't learn in the second stage either: for small data) or
            "adapt" (it learns the new data's).
        callbacks: callable from a stage ("head", "whole") to a list of Keras
            callbacks, or None.
        **fit: further arguments of `method.fit` for both stages.

    Returns:
        dict of stage to `keras.callbacks.History`. What could be trained
        before can be trained again.

    Raises:
        ValueError: for an argument out of range.
        TypeError: for what is no Method.

    Source:
        Howard & Ruder, "Universal Language Model Fine-tuning for Text
        Classification", 2018, arXiv:1801.06146, section 3.3, with two stages
        for their one a layer; kept statistics are the advice of Keras's guide
        to transfer learning.

    Example:
        >>> import kerasgen as kg
        >>> from kerasgen.core import heads
        >>> learnt = kg.tabular_classifier((4,), 5, size="tiny")
        >>> method = kg.methods.ERM(heads(learnt, 2), kg.Classification(2))
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> done = transfer(method, x, y, frozen=1, epochs=2, verbose=0)
        >>> [len(history.epoch) for history in done.values()]
        [1, 2]
    """
    instance("transfer", "method", method, Method)
    frozen = Int(0).check("transfer", "frozen", frozen)
    epochs = Int(0).check("transfer", "epochs", epochs)
    for name, value in (("rate", rate), ("lower", lower)):
        Float(0.0).check("transfer", name, value)
    Float(0.0, 1.0).check("transfer", "decay", decay)
    if statistics not in ("keep", "adapt"):
        raise ValueError(
            message(
                "transfer",
                "`statistics` must be 'keep' or 'adapt'",
                {"statistics": statistics},
            )
        )
    layers = [layer for layer in _body(method.model) if layer.trainable]
    norms = [layer for layer in layers if _normalizes(layer)]
    plan = (
        ("head", frozen, layers, keras.optimizers.Adam(rate)),
        (
            "whole",
            epochs,
            norms if statistics == "keep" else [],
            LayeredAdam(rate * lower, decay=decay),
        ),
    )
    done = {}
    try:
        for stage, count, still, optimizer in plan:
            _hold(layers, still)
            method.compile(optimizer)
            own = [] if callbacks is None else callbacks(stage)
            done[stage] = method.fit(*args, epochs=count, callbacks=own, **fit)
    finally:
        _hold(layers, [])
    return done


def _hold(layers, still):
    """Lets layers learn, but for those that stay as they are."""
    held = {id(layer) for layer in still}
    for layer in layers:
        layer.trainable = id(layer) not in held


def _body(model):
    """The layers below the head, those within nested models too."""
    for layer in model.layers:
        if layer.name == "head":
            continue
        if isinstance(layer, keras.Model):
            yield from _body(layer)
        else:
            yield layer


def _normalizes(layer):
    return isinstance(layer, keras.layers.BatchNormalization)
