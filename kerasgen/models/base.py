"""What every factory obeys: sizes, knobs, and the layer named `head`."""

import keras
from keras import layers

from kerasgen.core import Choice, Float, check_arguments, instance, message
from kerasgen.layers import (
    BatchRenormalization,
    FilterResponse,
    InstanceNormalization,
)

SIZES = ("tiny", "small", "base")
NORMALIZATIONS = ("batch", "group", "layer", "none")

# What needs places to average over, for images.
IMAGE_NORMALIZATIONS = (
    *NORMALIZATIONS,
    *("renorm", "instance", "filter_response"),
)
_OTHERS = {
    "renorm": BatchRenormalization,
    "instance": InstanceNormalization,
    "filter_response": FilterResponse,
}

# Keras's momentum of 0.99 needs about 500 steps until the moving statistics
# are those of the data; a small set is trained long before that.
MOMENTUM = 0.9

KNOBS = {
    "size": Choice(SIZES, search=("tiny", "small")),
    "normalization": Choice(NORMALIZATIONS, search=("batch", "group")),
    "dropout": Float(0.0, 0.9, search=(0.0, 0.5)),
}


def normalize(x, kind, name=None):
    """Applies a normalization layer.

    Args:
        x: float tensor (batch, ..., channels).
        kind: str, "batch", "group", "layer" or "none"; for images "renorm",
            "instance" and "filter_response", too.
        name: str, the layer's name.

    Returns:
        float tensor shaped like `x`.

    Source:
        Ioffe & Szegedy, 2015, arXiv:1502.03167 (batch); Wu & He, 2018,
        arXiv:1803.08494 (group); Ba et al., 2016, arXiv:1607.06450 (layer). The
        layers of `kerasgen.layers` name those of the others.

    Example:
        >>> normalize(keras.ops.ones((2, 4)), "none").shape
        TensorShape([2, 4])
    """
    if kind == "batch":
        return layers.BatchNormalization(momentum=MOMENTUM, name=name)(x)
    if kind == "group":
        channels = x.shape[-1]
        groups = max(g for g in (1, 2, 4, 8) if channels % g == 0)
        return layers.GroupNormalization(groups, name=name)(x)
    if kind == "layer":
        return layers.LayerNormalization(name=name)(x)
    if kind in _OTHERS:
        return _OTHERS[kind](name=name)(x)
    return x


def finish(inputs, features, units, dropout, name):
    """Ends a network: dropout, the dense layer `head`, logits out.

    Args:
        inputs: the network's symbolic input.
        features: float tensor (batch, features).
        units: int, the width of the output.
        dropout: float in [0, 0.9], the rate before the head.
        name: str, the model's name.

    Returns:
        keras.Model with float32 logits (batch, units).

    Example:
        >>> inputs = keras.Input((4,))
        >>> finish(inputs, inputs, 2, 0.0, "line").output_shape
        (None, 2)
    """
    if dropout:
        features = layers.Dropout(dropout, name="head_dropout")(features)
    # float32 even under mixed precision: losses need the digits of logits.
    outputs = layers.Dense(units, name="head", dtype="float32")(features)
    return keras.Model(inputs, outputs, name=name)


def check_factory(where, shape, rank, table, values, classes=None):
    """Checks the arguments that all factories share.

    Args:
        where: str, the factory's name.
        shape: tuple of int, one example's shape.
        rank: int, the length that `shape` must have.
        table: mapping of knob to range.
        values: mapping of knob to value.
        classes: int, the number of classes, or None.

    Returns:
        tuple of int, the checked shape.

    Raises:
        ValueError: for a shape, number of classes or knob that can't be.
        TypeError: for a shape that is no tuple.

    Example:
        >>> check_factory("factory", [3], 1, {}, {})
        (3,)
    """
    instance(where, "shape", shape, (tuple, list))
    shape = tuple(shape)
    if len(shape) != rank or any(not size or size < 1 for size in shape):
        raise ValueError(
            message(
                where,
                f"`shape` must have {rank} positive whole numbers",
                {"shape": shape},
            )
        )
    if classes is not None and (instance(where, "classes", classes, int)) < 2:
        raise ValueError(
            message(where, "`classes` must be at least 2", {"classes": classes})
        )
    check_arguments(where, table, values)
    return shape
