"""Columns to a class or a value."""

import keras

from kerasgen.core import Choice, Int, instance, message, register
from kerasgen.models.base import KNOBS, NORMALIZATIONS, check_factory, finish
from kerasgen.models.bodies import dense_body, own_scale
from kerasgen.models.tabular_bodies import (
    Columns,
    resnet_body,
    transformer_body,
    wide_deep_body,
)

_SIZES = {
    "tiny": {"width": 16, "depth": 1},
    "small": {"width": 64, "depth": 2},
    "base": {"width": 256, "depth": 3},
}
# The transformer's tokens are narrower than layers are.
_TOKENS = {"tiny": 8, "small": 32, "base": 96}
BODIES = ("mlp", "resnet", "ft_transformer", "wide_deep")
_KNOBS = {
    **KNOBS,
    # A search tries the transformer only where it is asked to: it takes long.
    "body": Choice(BODIES, search=("mlp", "resnet", "wide_deep")),
    "numbers": Choice(("plain", "periodic"), search=("plain", "periodic")),
    "normalization": Choice(NORMALIZATIONS, search=("batch", "none")),
    "width": Int(1, search=(16, 256), log=True),
    "depth": Int(0, 16, search=(1, 3)),
    "normalize_inputs": Choice((False, True)),
}


def _build(name, shape, units, classes, categories, values):
    shape = check_factory(name, shape, 1, _KNOBS, values, classes)
    pairs = _check_categories(name, shape[0], categories)
    size, body = values["size"], values["body"]
    width = values["width"] or _SIZES[size]["width"]
    if body == "ft_transformer":
        width = values["width"] or _TOKENS[size]
    depth = values["depth"]
    depth = _SIZES[size]["depth"] if depth is None else depth
    dropout = values["dropout"]
    inputs = keras.Input(shape, name="columns")
    if pairs and values["normalize_inputs"]:
        raise ValueError(
            message(
                name,
                "`normalize_inputs` is for rows of numbers alone",
                {"categories": pairs},
            )
        )
    x = own_scale(inputs) if values["normalize_inputs"] else inputs
    columns = Columns(shape[0], pairs, values["numbers"])
    rest = (width, depth, dropout, values["normalization"])
    if body == "ft_transformer":
        features = transformer_body(columns.tokens(x, width), depth, dropout)
    elif body == "wide_deep":
        features = wide_deep_body(columns, x, *rest)
        # The wide part is whole; the deep one had its dropout.
        dropout = 0.0
    elif body == "resnet":
        features = resnet_body(columns.flat(x), *rest)
    else:
        features = dense_body(columns.flat(x), *rest)
    return finish(inputs, features, units, dropout, name)


def _check_categories(where, columns, categories):
    pairs = tuple((int(a), int(b)) for a, b in categories or ())
    places = [place for place, _ in pairs]
    outside = any(not 0 <= place < columns for place in places)
    few = any(size < 2 for _, size in pairs)
    if outside or few or len(set(places)) < len(places):
        raise ValueError(
            message(
                where,
                "`categories` must be pairs of a column's place and of how "
                "many numbers it may have, at least 2",
                {"categories": pairs, "columns": columns},
            )
        )
    return pairs


@register("model", arguments=_KNOBS)
def tabular_classifier(
    shape,
    classes,
    *,
    categories=None,
    size="small",
    body="mlp",
    numbers="plain",
    width=None,
    depth=None,
    dropout=0.1,
    normalization="batch",
    normalize_inputs=False,
):
    """Makes a network from prepared columns to logits.

    Args:
        shape: tuple (features,) of one prepared row.
        classes: int, the number of classes, at least 2.
        categories: pairs of the place of a column that numbers categories,
            as `kerasgen.data.prepare.CategoryIndex` gives them, and of how
            many there are; each gets a vector that is learnt. None for rows
            of numbers alone, one-hot columns among them.
        size: "tiny" (1 layer of 16), "small" (2 of 64) or "base" (3 of 256);
            of a transformer, tokens of 8, 32 or 96.
        body: "mlp", "resnet" (residual blocks), "ft_transformer" (attention
            over columns; always with layer normalization) or "wide_deep" (a
            linear part beside an mlp).
        numbers: "plain", or "periodic" for numbers embedded by waves whose
            lengths are learnt.
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
        2021, arXiv:2106.11959, section 3; waves: Gorishniy et al., "On
        Embeddings for Numerical Features in Tabular Deep Learning", 2022,
        arXiv:2203.05556; wide and deep: Cheng et al., 2016, arXiv:1606.07792.

    Example:
        >>> tabular_classifier((30,), 2, size="tiny").output_shape
        (None, 2)
    """
    values = {
        "size": size,
        "body": body,
        "numbers": numbers,
        "width": width,
        "depth": depth,
        "dropout": dropout,
        "normalization": normalization,
        "normalize_inputs": normalize_inputs,
    }
    where = "tabular_classifier"
    return _build(where, shape, classes, classes, categories, values)


@register("model", arguments=_KNOBS)
def tabular_regressor(
    shape,
    *,
    units=1,
    categories=None,
    size="small",
    body="mlp",
    numbers="plain",
    width=None,
    depth=None,
    dropout=0.1,
    normalization="batch",
    normalize_inputs=False,
):
    """Makes a network from prepared columns to a value, or to several.

    Args:
        shape: tuple (features,) of one prepared row.
        units: int >= 1, the outputs: one for a value, or what a task for
            quantiles or a spread asks for (`task.units`).
        categories: pairs of the place of a column that numbers categories,
            as `kerasgen.data.prepare.CategoryIndex` gives them, and of how
            many there are; each gets a vector that is learnt. None for rows
            of numbers alone, one-hot columns among them.
        size: "tiny" (1 layer of 16), "small" (2 of 64) or "base" (3 of 256);
            of a transformer, tokens of 8, 32 or 96.
        body: "mlp", "resnet" (residual blocks), "ft_transformer" (attention
            over columns; always with layer normalization) or "wide_deep" (a
            linear part beside an mlp).
        numbers: "plain", or "periodic" for numbers embedded by waves whose
            lengths are learnt.
        width: int, the units of each layer, instead of the size's.
        depth: int in [0, 16], the number of layers, instead of the size's; 0
            is a linear model.
        dropout: float in [0, 0.9], the rate between layers and before the head.
        normalization: "batch", "group", "layer" or "none".
        normalize_inputs: bool, whether each column is first brought to mean 0
            and variance 1 by batch normalization, whose statistics methods
            such as `AdaBN` make the target's.

    Returns:
        keras.Model from float (batch, features) to (batch, units) on the
        task's standard scale, with a dense layer `head`.

    Raises:
        ValueError: for a shape, number of outputs or knob that can't be.
        TypeError: for outputs that are no number.

    Source:
        As `tabular_classifier`.

    Example:
        >>> tabular_regressor((10,), size="tiny").output_shape
        (None, 1)
    """
    where = "tabular_regressor"
    if instance(where, "units", units, int) < 1:
        expected = "`units` must be at least 1"
        raise ValueError(message(where, expected, {"units": units}))
    values = {
        "size": size,
        "body": body,
        "numbers": numbers,
        "width": width,
        "depth": depth,
        "dropout": dropout,
        "normalization": normalization,
        "normalize_inputs": normalize_inputs,
    }
    return _build(where, shape, units, None, categories, values)
