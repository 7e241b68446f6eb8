"""Columns to a class or a value."""

import keras

from kerasgen.core import Choice, Int, register
from kerasgen.models.base import KNOBS, NORMALIZATIONS, check_factory, finish
from kerasgen.models.bodies import dense_body, own_scale

_SIZES = {
    "tiny": {"width": 16, "depth": 1},
    "small": {"width": 64, "depth": 2},
    "base": {"width": 256, "depth": 3},
}
_KNOBS = {
    **KNOBS,
    "normalization": Choice(NORMALIZATIONS, search=("batch", "none")),
    "width": Int(1, search=(16, 256), log=True),
    "depth": Int(0, 16, search=(1, 3)),
    "normalize_inputs": Choice((False, True)),
}


def _build(name, shape, units, classes, **values):
    shape = check_factory(name, shape, 1, _KNOBS, values, classes)
    plan = {
        key: _SIZES[values["size"]][key] if values[key] is None else values[key]
        for key in ("width", "depth")
    }
    dropout, normalization = values["dropout"], values["normalization"]
    inputs = keras.Input(shape, name="columns")
    x = own_scale(inputs) if values["normalize_inputs"] else inputs
    features = dense_body(
        x, **plan, dropout=dropout, normalization=normalization
    )
    return finish(inputs, features, units, dropout, name)


@register("model", arguments=_KNOBS)
def tabular_classifier(
    shape,
    classes,
    *,
    size="small",
    width=None,
    depth=None,
    dropout=0.1,
    normalization="batch",
    normalize_inputs=False,
):
    """Makes a multilayer perceptron from prepared columns to logits.

    Args:
        shape: tuple (features,) of one prepared row.
        classes: int, the number of classes, at least 2.
        size: "tiny" (1 layer of 16), "small" (2 of 64) or "base" (3 of 256).
        width: int, the units of each layer, instead of the size's.
        depth: int in [0, 16], the number of layers, instead of the size's; 0
            is a linear model.
        dropout: float in [0, 0.9], the rate between layers and before the head.
        normalization: "batch", "group", "layer" or "none".
        normalize_inputs: bool, whether each column is first brought to mean 0
            and variance 1 by batch normalization, whose statistics methods
            such as `AdaBN` make the target's.

    Returns:
        keras.Model from float (batch, features) to logits (batch, classes),
        with a dense layer `head`.

    Raises:
        ValueError: for a shape, number of classes or knob that can't be.

    Source:
        Gorishniy et al., "Revisiting Deep Learning Models for Tabular Data",
        2021, arXiv:2106.11959, section 3.1.

    Example:
        >>> tabular_classifier((30,), 2, size="tiny").output_shape
        (None, 2)
    """
    return _build(
        "tabular_classifier",
        shape,
        classes,
        classes,
        size=size,
        width=width,
        depth=depth,
        dropout=dropout,
        normalization=normalization,
        normalize_inputs=normalize_inputs,
    )


@register("model", arguments=_KNOBS)
def tabular_regressor(
    shape,
    *,
    size="small",
    width=None,
    depth=None,
    dropout=0.1,
    normalization="batch",
    normalize_inputs=False,
):
    """Makes a multilayer perceptron from prepared columns to one value.

    Args:
        shape: tuple (features,) of one prepared row.
        size: "tiny" (1 layer of 16), "small" (2 of 64) or "base" (3 of 256).
        width: int, the units of each layer, instead of the size's.
        depth: int in [0, 16], the number of layers, instead of the size's; 0
            is a linear model.
        dropout: float in [0, 0.9], the rate between layers and before the head.
        normalization: "batch", "group", "layer" or "none".
        normalize_inputs: bool, whether each column is first brought to mean 0
            and variance 1 by batch normalization, whose statistics methods
            such as `AdaBN` make the target's.

    Returns:
        keras.Model from float (batch, features) to (batch, 1) on the task's
        standard scale, with a dense layer `head`.

    Raises:
        ValueError: for a shape or knob that can't be.

    Source:
        Gorishniy et al., 2021, arXiv:2106.11959, section 3.1.

    Example:
        >>> tabular_regressor((10,), size="tiny").output_shape
        (None, 1)
    """
    return _build(
        "tabular_regressor",
        shape,
        1,
        None,
        size=size,
        width=width,
        depth=depth,
        dropout=dropout,
        normalization=normalization,
        normalize_inputs=normalize_inputs,
    )
