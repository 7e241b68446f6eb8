"""Sounds, as spectrograms, to classes."""

import keras
from keras import layers

from kerasgen.core import Choice, Int, register
from kerasgen.models.base import KNOBS, check_factory, finish
from kerasgen.models.bodies import residual_body

_SIZES = {
    "tiny": {"widths": (8, 16), "blocks": 1},
    "small": {"widths": (32, 64, 128), "blocks": 1},
    "base": {"widths": (64, 128, 256), "blocks": 2},
}
_KNOBS = {
    **KNOBS,
    "width": Int(1, search=(8, 64), log=True),
    "level": Choice((True, False), search=(True, False)),
}


@register("model", arguments=_KNOBS)
def audio_classifier(
    shape,
    classes,
    *,
    size="small",
    width=None,
    normalization="batch",
    dropout=0.1,
    level=True,
):
    """Makes a residual network from spectrograms to logits.

    Args:
        shape: tuple (frames, bands) of one prepared sound, each side at least
            4; `kerasgen.data.prepare.LogMel` makes such.
        classes: int, the number of classes, at least 2.
        size: "tiny" (5 thousand parameters), "small" (0.3 million) or "base"
            (2.8 million).
        width: int, the channels of the first stage, instead of the size's;
            each further stage has twice as many.
        normalization: "batch", "group", "layer" or "none".
        dropout: float in [0, 0.9], the rate before the head.
        level: bool, whether each spectrogram is brought to mean 0 and spread
            1, so that loudness doesn't matter.

    Returns:
        keras.Model from float (batch, frames, bands) to logits (batch,
        classes), with a dense layer `head`.

    Raises:
        ValueError: for a shape, number of classes or knob that can't be.

    Source:
        He et al., 2016, arXiv:1603.05027, on spectrograms as images: Hershey
        et al., "CNN Architectures for Large-Scale Audio Classification",
        2017, arXiv:1609.09430.

    Example:
        >>> audio_classifier((40, 32), 10, size="tiny").output_shape
        (None, 10)
    """
    values = {
        "size": size,
        "width": width,
        "normalization": normalization,
        "dropout": dropout,
        "level": level,
    }
    shape = check_factory("audio_classifier", shape, 2, _KNOBS, values, classes)
    x = inputs = keras.Input(shape, name="spectrogram")
    if level:
        x = layers.LayerNormalization(
            axis=(1, 2), center=False, scale=False, name="level"
        )(x)
    x = layers.Reshape((*shape, 1), name="image")(x)
    plan = _SIZES[size]
    widths = plan["widths"]
    if width is not None:
        widths = tuple(width * 2**stage for stage in range(len(widths)))
    features = residual_body(x, widths, plan["blocks"], normalization)
    return finish(inputs, features, classes, dropout, "audio_classifier")
