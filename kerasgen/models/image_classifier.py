"""Images to classes."""

import keras

from kerasgen.core import Choice, message, register
from kerasgen.models.airbench import quick_body
from kerasgen.models.base import (
    IMAGE_NORMALIZATIONS,
    KNOBS,
    check_factory,
    finish,
)
from kerasgen.models.bodies import residual_body
from kerasgen.models.branch import BRANCH_KNOBS
from kerasgen.models.convnet import plain_body
from kerasgen.models.convnext import convnext_body
from kerasgen.models.mobilenet import mobile_body
from kerasgen.models.patches import mixer_body, transformer_body

# Of each body the network, the normalization that it was made with, and what
# its sizes are.
_BODIES = {
    "resnet": (
        residual_body,
        "batch",
        {
            "tiny": {"widths": (8, 16), "blocks": 1},
            "small": {"widths": (32, 64, 128), "blocks": 1},
            "base": {"widths": (64, 128, 256, 512), "blocks": 2},
        },
    ),
    "wide_resnet": (
        residual_body,
        "batch",
        {
            "tiny": {"widths": (16, 32), "blocks": 1, "stem": 8},
            "small": {"widths": (64, 128, 256), "blocks": 1, "stem": 16},
            "base": {"widths": (160, 320, 640), "blocks": 4, "stem": 16},
        },
    ),
    "convnet": (
        plain_body,
        "batch",
        {
            "tiny": {"widths": (8, 16)},
            "small": {"widths": (32, 64, 128)},
            "base": {"widths": (64, 128, 256, 512)},
        },
    ),
    "airbench": (
        quick_body,
        "batch",
        {
            "tiny": {"widths": (8, 16)},
            "small": {"widths": (40, 112, 160)},
            "base": {"widths": (64, 256, 256)},
        },
    ),
    "convnext": (
        convnext_body,
        "layer",
        {
            "tiny": {"widths": (8, 16), "blocks": (1, 1)},
            "small": {"widths": (32, 64, 128), "blocks": (1, 1, 2)},
            "base": {"widths": (80, 160, 320, 640), "blocks": (2, 2, 6, 2)},
        },
    ),
    "mobilenet": (
        mobile_body,
        "batch",
        {
            "tiny": {"widths": (8, 16), "blocks": 1},
            "small": {"widths": (24, 48, 96), "blocks": 2},
            "base": {"widths": (32, 64, 128, 256), "blocks": 4},
        },
    ),
    "vit": (
        transformer_body,
        "layer",
        {
            "tiny": {"width": 16, "depth": 1, "heads": 2},
            "small": {"width": 96, "depth": 4, "heads": 3},
            "base": {"width": 256, "depth": 8, "heads": 4},
        },
    ),
    "mixer": (
        mixer_body,
        "layer",
        {
            "tiny": {"width": 16, "depth": 1},
            "small": {"width": 96, "depth": 4},
            "base": {"width": 256, "depth": 8},
        },
    ),
}
_KNOBS = {
    "body": Choice(tuple(_BODIES), search=("resnet", "convnet", "convnext")),
    **KNOBS,
    "normalization": Choice(IMAGE_NORMALIZATIONS, search=("batch", "group")),
    **BRANCH_KNOBS,
}


@register("model", arguments=_KNOBS)
def image_classifier(
    shape,
    classes,
    *,
    body="resnet",
    size="small",
    normalization=None,
    dropout=0.1,
    attention="none",
    drop_path=0.0,
):
    """Makes a network from images to logits.

    Args:
        shape: tuple (height, width, channels) of one prepared image, each
            side at least 4.
        classes: int, the number of classes, at least 2.
        body: "resnet" (activation before the weights), "wide_resnet",
            "convnet" (no skips), "airbench" (no skips; meant for a short
            training), "convnext", "mobilenet" (inverted
            residuals), "vit" (a transformer behind convolutions) or "mixer"
            (dense layers over patches).
        size: "tiny" (5 thousand parameters, wide_resnet 19, mixer 11),
            "small" (0.3 million; wide_resnet 1.2, airbench 0.6, mobilenet
            0.2, vit 0.5) or "base" (resnet 11 million, wide_resnet 36,
            convnet 5, airbench 2, convnext 13, mobilenet 3, vit 6, mixer 4),
            for images of 32x32.
        normalization: "batch", "group", "layer", "none", "renorm" (of the
            batch, for small ones), "instance" or "filter_response"; None
            takes the body's own: "layer" for convnext, vit and mixer, else
            "batch".
        dropout: float in [0, 0.9], the rate before the head.
        attention: "none", "se" (squeeze and excite), "eca", "cbam",
            "coordinate" or "non_local", in each block.
        drop_path: float in [0, 0.9], the share of examples that skip the last
            block's branch in training; earlier blocks are skipped less. A
            convnet or airbench has nothing to skip.

    Returns:
        keras.Model from float (batch, height, width, channels) to logits
        (batch, classes), with a dense layer `head`.

    Raises:
        ValueError: for a shape, number of classes or knob that can't be.

    Source:
        He et al., 2016, arXiv:1603.05027; fewer stages on small images. The
        bodies' own modules name the papers of the others.

    Example:
        >>> model = image_classifier((8, 8, 1), 10, size="tiny")
        >>> model.output_shape
        (None, 10)
    """
    values = {
        "body": body,
        "size": size,
        "normalization": normalization,
        "dropout": dropout,
        "attention": attention,
        "drop_path": drop_path,
    }
    shape = check_factory("image_classifier", shape, 3, _KNOBS, values, classes)
    inputs = keras.Input(shape, name="image")
    features = image_body(
        inputs, body, size, normalization, attention, drop_path
    )
    return finish(inputs, features, classes, dropout, "image_classifier")


def image_body(
    x, body, size, normalization=None, attention="none", drop_path=0.0
):
    """Gives the features of images by one of the bodies.

    Args:
        x: float tensor (batch, height, width, channels).
        body: str, see `image_classifier`; so are all others.
        size: str.
        normalization: str or None.
        attention: str.
        drop_path: float.

    Returns:
        float tensor (batch, features).

    Raises:
        ValueError: for stochastic depth in a body without skips.

    Example:
        >>> image_body(keras.Input((8, 8, 1)), "mixer", "tiny").shape
        (None, 16)
    """
    make, own, sizes = _BODIES[body]
    given = {"normalization": normalization or own, "attention": attention}
    if body not in ("convnet", "airbench"):
        given["drop_path"] = drop_path
    elif drop_path:
        raise ValueError(
            message(
                "image_classifier",
                "`drop_path` must be 0 for a body without skips",
                {"body": body, "drop_path": drop_path},
            )
        )
    return make(x, **sizes[size], **given)
