"""Images to classes."""

import keras

from kerasgen.core import register
from kerasgen.models.base import KNOBS, check_factory, finish
from kerasgen.models.bodies import residual_body

_SIZES = {
    "tiny": {"widths": (8, 16), "blocks": 1},
    "small": {"widths": (32, 64, 128), "blocks": 1},
    "base": {"widths": (64, 128, 256, 512), "blocks": 2},
}


@register("model", arguments=KNOBS)
def image_classifier(
    shape, classes, *, size="small", normalization="batch", dropout=0.1
):
    """Makes a residual network from images to logits.

    Args:
        shape: tuple (height, width, channels) of one prepared image, each
            side at least 4.
        classes: int, the number of classes, at least 2.
        size: "tiny" (5 thousand parameters), "small" (0.3 million) or "base"
            (11 million).
        normalization: "batch", "group", "layer" or "none".
        dropout: float in [0, 0.9], the rate before the head.

    Returns:
        keras.Model from float (batch, height, width, channels) to logits
        (batch, classes), with a dense layer `head`.

    Raises:
        ValueError: for a shape, number of classes or knob that can't be.

    Source:
        He et al., 2016, arXiv:1603.05027; fewer stages on small images.

    Example:
        >>> model = image_classifier((8, 8, 1), 10, size="tiny")
        >>> model.output_shape
        (None, 10)
    """
    values = {"size": size, "normalization": normalization, "dropout": dropout}
    shape = check_factory("image_classifier", shape, 3, KNOBS, values, classes)
    inputs = keras.Input(shape, name="image")
    features = residual_body(
        inputs, **_SIZES[size], normalization=normalization
    )
    return finish(inputs, features, classes, dropout, "image_classifier")
