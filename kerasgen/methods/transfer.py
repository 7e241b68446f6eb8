"""Transfer in stages: the head alone, then layers below at lower rates."""

import math

import keras

from kerasgen.core import Float, Int, instance, message
from kerasgen.layers import BatchRenormalization, SwitchableNormalization
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
    groups=None,
    shares=(1.0,),
    thaw=False,
    statistics="keep",
    callbacks=None,
    **fit,
):
    """Trains a model that has learnt something else on a new task.

    First the body is frozen, batch normalization included, and the new head
    learns alone, so that its first wild gradients spoil nothing. Then all
    layers learn at a lower rate, that falls from the head down; or first the
    upper ones, and stage by stage more of them. Each stage is compiled anew.

    Args:
        method: Method on the model, made for the new task by
            `kerasgen.core.heads(model, units)`; it is compiled here.
        *args: what `method.fit` takes, such as `data.batches("train")`.
        frozen: int >= 0, the epochs of the first stage.
        epochs: int >= 0, those of each further stage.
        rate: float >= 0, of the first stage.
        lower: float >= 0, the head's rate of the others over that.
        decay: float in [0, 1], the rate of a layer over that of the one
            above.
        groups: int >= 1, how many groups of layers have a rate of their own,
            `decay` from one to the next; None gives each layer one. Deep
            networks want three to five.
        shares: tuple of float in (0, 1], of each stage after the first the
            share of the layers with weights below the head that learn, from
            the top.
        thaw: bool, whether layers that were frozen, such as those of
            `transfer_classifier`, learn in these stages as well.
        statistics: "keep" (batch normalization goes on with what it learnt,
            and doesn't learn in the second stage either: for small data) or
            "adapt" (it learns the new data's).
        callbacks: callable from a stage to a list of Keras callbacks, or
            None. Stages are "head", "whole", and "top 0.5" of a share below
            1.
        **fit: further arguments of `method.fit` for all stages.

    Returns:
        dict of stage to `keras.callbacks.History`. What could be trained
        before, or was thawed, can be trained again.

    Raises:
        ValueError: for an argument out of range.
        TypeError: for what is no Method.

    Source:
        Howard & Ruder, "Universal Language Model Fine-tuning for Text
        Classification", 2018, arXiv:1801.06146, section 3.3, with a stage for
        each share in place of one a layer; kept statistics are the advice of
        Keras's guide to transfer learning.

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
    _check_stages(shares, thaw, groups)
    nested = [m for m in _nested(method.model) if thaw or m.trainable]
    body = list(_body(method.model))
    layers = [layer for layer in body if thaw or layer.trainable]
    norms = [layer for layer in layers if _normalizes(layer)]
    kept = norms if statistics == "keep" else []
    plan = [("head", frozen, layers, keras.optimizers.Adam(rate))]
    for share in shares:
        low = LayeredAdam(rate * lower, decay=decay, groups=groups)
        name = "whole" if share == 1.0 else f"top {share:g}"
        still = [*_lower(layers, share), *kept]
        plan.append((name, epochs, still, low))
    done = {}
    try:
        for stage, count, still, optimizer in plan:
            _hold(nested, body, layers, still)
            method.compile(optimizer)
            own = [] if callbacks is None else callbacks(stage)
            done[stage] = method.fit(*args, epochs=count, callbacks=own, **fit)
    finally:
        _hold(nested, body, layers, [])
    return done


def _check_stages(shares, thaw, groups):
    instance("transfer", "thaw", thaw, bool)
    instance("transfer", "shares", shares, (tuple, list))
    if groups is not None:
        Int(1).check("transfer", "groups", groups)
    fits = all(0 < share <= 1 for share in shares)
    if not shares or not fits or list(shares) != sorted(set(shares)):
        raise ValueError(
            message(
                "transfer",
                "`shares` must be numbers in (0, 1] that grow",
                {"shares": shares},
            )
        )


def _lower(layers, share):
    """The lowest layers, all but a share of those with weights."""
    weighted = [layer for layer in layers if layer.weights]
    first = len(weighted) - math.ceil(share * len(weighted))
    return weighted[:first]


def _hold(nested, body, layers, still):
    """Lets layers learn, but for those that stay as they are."""
    # A model that is frozen hides what its layers would learn.
    for model in nested:
        model.trainable = True
    learn = {id(layer) for layer in layers} - {id(layer) for layer in still}
    for layer in body:
        layer.trainable = id(layer) in learn


def _nested(model):
    """The models within a model, the outer ones first; its head is none."""
    for layer in model.layers:
        if isinstance(layer, keras.Model) and layer.name != "head":
            yield layer
            yield from _nested(layer)


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
    kinds = (BatchRenormalization, SwitchableNormalization)
    return isinstance(layer, (keras.layers.BatchNormalization, *kinds))
