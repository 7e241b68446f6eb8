"""Examples to clusters."""

import keras
from keras import layers

from kerasgen.core import Choice, Int, message, register
from kerasgen.layers import ClusterCentres
from kerasgen.models.base import (
    KNOBS,
    NORMALIZATIONS,
    check_factory,
    finish,
    normalize,
)
from kerasgen.models.coders import encode, is_image

KERNELS = ("student", "gaussian", "linear")
_SIZES = {
    "tiny": {"width": 32, "depth": 1, "channels": 4},
    "small": {"width": 256, "depth": 2, "channels": 8},
    "base": {"width": 1024, "depth": 2, "channels": 32},
}
_KNOBS = {
    "kernel": Choice(KERNELS, search=KERNELS),
    "size": KNOBS["size"],
    "code": Int(1, search=(5, 50), log=True),
    "normalization": Choice(NORMALIZATIONS, search=("batch", "none")),
    "dropout": KNOBS["dropout"],
}


@register("model", arguments=_KNOBS)
def clusterer(
    shape,
    clusters,
    *,
    kernel="student",
    size="small",
    code=None,
    normalization="batch",
    dropout=0.0,
):
    """Makes a network from examples to the logits of clusters.

    With `kernel="student"` or "gaussian" the layer `head` is
    `ClusterCentres`, for the methods `DEC` (which lets them begin at those of
    k-means) and deep k-means; with "linear" it is a dense layer, for `IIC`
    and `IMSAT`.

    Args:
        shape: tuple of one prepared example: (features,) or
            (height, width, channels); other ranks are flattened.
        clusters: int >= 2.
        kernel: "student", "gaussian" or "linear", see above.
        size: "tiny" (a dense layer of 32, or 4 channels), "small" (two of
            256, or 8) or "base" (two of 1024, or 32); "linear" has twice as
            many channels.
        code: int, the features that clusters are told by; None takes as many
            as clusters, or for "linear" all that the encoder gives.
        normalization: "batch", "group", "layer" or "none".
        dropout: float in [0, 0.9], the rate between dense layers, and before
            a linear head.

    Returns:
        keras.Model from float (batch, *shape) to logits (batch, clusters).

    Raises:
        ValueError: for a shape, number of clusters or knob that can't be.

    Source:
        Xie et al., 2016, arXiv:1511.06335, section 3.1, and for "linear" Hu
        et al., 2017, arXiv:1702.08720, section 4; both on dense layers of
        other widths.

    Example:
        >>> clusterer((64,), 10, size="tiny").output_shape
        (None, 10)
    """
    where = "clusterer"
    values = {
        "kernel": kernel,
        "size": size,
        "code": code,
        "normalization": normalization,
        "dropout": dropout,
    }
    shape = check_factory(where, shape, len(shape), _KNOBS, values)
    Int(2).check(where, "clusters", clusters)
    if not shape:
        raise ValueError(
            message(where, "`shape` must have a number", {"shape": shape})
        )
    plan = dict(_SIZES[size])
    channels = plan.pop("channels")
    if is_image(shape):
        plan["width"] = channels
    inputs = keras.Input(shape, name="example")
    if kernel == "linear" and is_image(shape):
        x = _strokes(inputs, 2 * channels, normalization)
    else:
        x = encode(inputs, **plan, dropout=dropout, normalization=normalization)
    if kernel == "linear":
        if code:
            x = layers.Dense(code, name="code")(x)
            x = layers.Activation("gelu", name="code_gelu")(x)
        return finish(inputs, x, clusters, dropout, where)
    x = layers.Dense(code or clusters, name="code")(x)
    outputs = ClusterCentres(clusters, kernel, name="head")(x)
    return keras.Model(inputs, outputs, name=where)


def _strokes(x, width, normalization):
    """Three convolutions and a maximum, for which strokes are alike if thin."""
    for place, wide in enumerate((width, 2 * width, 4 * width)):
        name = f"encoder{place}"
        x = layers.Conv2D(
            wide, 3, 2 if place else 1, "same", use_bias=False, name=name
        )(x)
        x = normalize(x, normalization, f"{name}_norm")
        x = layers.ReLU(name=f"{name}_relu")(x)
        if not place:
            x = layers.MaxPooling2D(2, padding="same", name=f"{name}_pool")(x)
    return layers.Flatten(name="encoder_flat")(x)
