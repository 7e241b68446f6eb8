"""Videos to classes."""

import keras

from kerasgen.core import Choice, register
from kerasgen.models.base import KNOBS, check_factory, finish
from kerasgen.models.frames import attention_body, factored_body

_BODIES = ("attention", "2plus1d")
_SIZES = {
    "attention": {
        "tiny": {"widths": (8, 8), "width": 16, "depth": 1, "heads": 2},
        "small": {"widths": (16, 32, 64), "width": 96, "depth": 2, "heads": 4},
        "base": {
            "widths": (32, 64, 128, 256),
            "width": 256,
            "depth": 4,
            "heads": 8,
        },
    },
    "2plus1d": {
        "tiny": {"widths": (8, 16)},
        "small": {"widths": (16, 32, 64)},
        "base": {"widths": (64, 128, 256, 512)},
    },
}
_KNOBS = {"body": Choice(_BODIES, search=_BODIES), **KNOBS}


@register("model", arguments=_KNOBS)
def video_classifier(
    shape,
    classes,
    *,
    body="attention",
    size="small",
    normalization="batch",
    dropout=0.1,
):
    """Makes a network from clips to logits.

    Args:
        shape: tuple (frames, height, width, channels) of one prepared clip,
            each side at least 4.
        classes: int, the number of classes, at least 2.
        body: "attention" (a residual network sees each frame, and attention
            all frames) or "2plus1d" (convolutions over places and over time
            in turn).
        size: "tiny" (8 thousand parameters), "small" (0.3 million, 2plus1d
            0.1) or "base" (4 million, 2plus1d 7).
        normalization: "batch", "group", "layer" or "none".
        dropout: float in [0, 0.9], the rate before the head.

    Returns:
        keras.Model from float (batch, frames, height, width, channels) to
        logits (batch, classes), with a dense layer `head`.

    Raises:
        ValueError: for a shape, number of classes or knob that can't be.

    Source:
        Neimark et al., 2021, arXiv:2102.00719; Tran et al., 2018,
        arXiv:1711.11248.

    Example:
        >>> video_classifier((4, 8, 8, 1), 3, size="tiny").output_shape
        (None, 3)
    """
    values = {
        "body": body,
        "size": size,
        "normalization": normalization,
        "dropout": dropout,
    }
    shape = check_factory("video_classifier", shape, 4, _KNOBS, values, classes)
    inputs = keras.Input(shape, name="video")
    make = attention_body if body == "attention" else factored_body
    features = make(inputs, **_SIZES[body][size], normalization=normalization)
    return finish(inputs, features, classes, dropout, "video_classifier")
