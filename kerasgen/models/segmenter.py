"""Images to masks."""

import keras
from keras import layers

from kerasgen.core import Choice, register
from kerasgen.models.base import KNOBS, check_factory
from kerasgen.models.pyramid import deeplab_body, fpn_body
from kerasgen.models.unet import unet_body

_BODIES = ("unet", "attention_unet", "deeplab", "fpn")
_SIZES = {
    "tiny": (8, 16),
    "small": (16, 32, 64, 128),
    "base": (32, 64, 128, 256, 512),
}
_KNOBS = {"body": Choice(_BODIES, search=_BODIES), **KNOBS}


@register("model", arguments=_KNOBS)
def segmenter(
    shape,
    classes,
    *,
    body="unet",
    size="small",
    normalization="batch",
    dropout=0.1,
):
    """Makes a network from images to a class for each pixel.

    Args:
        shape: tuple (height, width, channels) of one prepared image, each
            side at least 4.
        classes: int, the number of classes, at least 2.
        body: "unet", "attention_unet" (what goes past is gated), "deeplab"
            (an atrous pyramid with a decoder) or "fpn" (a feature pyramid).
        size: "tiny" (7 thousand parameters, deeplab 16, fpn 13), "small"
            (0.5 million, deeplab 1.0, fpn 0.7) or "base" (8 million, deeplab
            15, fpn 11).
        normalization: "batch", "group", "layer" or "none".
        dropout: float in [0, 0.9], the rate of whole channels before the
            head.

    Returns:
        keras.Model from float (batch, height, width, channels) to logits
        (batch, height, width, classes), with a convolution `head`.

    Raises:
        ValueError: for a shape, number of classes or knob that can't be.

    Source:
        Ronneberger et al., 2015, arXiv:1505.04597; Oktay et al., 2018,
        arXiv:1804.03999; Chen et al., 2018, arXiv:1802.02611; Lin et al.,
        2017, arXiv:1612.03144.

    Example:
        >>> segmenter((8, 8, 1), 3, size="tiny").output_shape
        (None, 8, 8, 3)
    """
    values = {
        "body": body,
        "size": size,
        "normalization": normalization,
        "dropout": dropout,
    }
    shape = check_factory("segmenter", shape, 3, _KNOBS, values, classes)
    inputs = keras.Input(shape, name="image")
    widths = _SIZES[size]
    if body in ("deeplab", "fpn"):
        make = {"deeplab": deeplab_body, "fpn": fpn_body}[body]
        features = make(inputs, widths, normalization)
    else:
        gates = body == "attention_unet"
        features = unet_body(inputs, widths, normalization, gates)
    if dropout:
        features = layers.SpatialDropout2D(dropout, name="head_dropout")(
            features
        )
    # float32 even under mixed precision: losses need the digits of logits.
    outputs = layers.Conv2D(classes, 1, name="head", dtype="float32")(features)
    return keras.Model(inputs, outputs, name="segmenter")
