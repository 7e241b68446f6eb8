"""Sounds, as waveforms or spectrograms, to classes."""

from keras import layers

from kerasgen.core import Choice, Int, register
from kerasgen.models.audio_bodies import (
    FRONT_KNOBS,
    front_end,
    shorten,
    transformer_body,
)
from kerasgen.models.base import KNOBS, check_factory, finish
from kerasgen.models.bodies import residual_body

_CNN = {
    "tiny": {"widths": (8, 16), "blocks": 1},
    "small": {"widths": (32, 64, 128), "blocks": 1},
    "base": {"widths": (64, 128, 256), "blocks": 2},
}
_TRANSFORMER = {
    "tiny": {"width": 16, "depth": 1, "heads": 2},
    "small": {"width": 96, "depth": 3, "heads": 4},
    "base": {"width": 192, "depth": 6, "heads": 6},
}
_BODIES = ("cnn", "transformer")
_KNOBS = {
    **KNOBS,
    "body": Choice(_BODIES, search=_BODIES),
    "width": Int(1, search=(8, 64), log=True),
    **FRONT_KNOBS,
}


@register("model", arguments=_KNOBS)
def audio_classifier(
    shape,
    classes,
    *,
    size="small",
    body="cnn",
    width=None,
    normalization="batch",
    dropout=0.1,
    front="log_mel",
    sample_rate=16000,
    mels=40,
    hop=0.010,
    level=True,
):
    """Makes a network from waveforms or spectrograms to logits.

    Args:
        shape: tuple (samples,) of one waveform, which the model then turns
            into a spectrogram; or (frames, bands) of a spectrogram, such as
            `kerasgen.data.prepare.LogMel` makes. There must be at least 4
            frames and bands.
        classes: int, the number of classes, at least 2.
        size: "tiny" (6 thousand parameters), "small" (0.3 million) or "base"
            (2.8 million).
        body: "cnn", a residual network that takes a spectrogram for an image;
            or "transformer", whose frames look at each other behind two
            convolutions.
        width: int, instead of the size's: the channels of the first stage,
            which each further stage doubles, or the width of a transformer.
        normalization: "batch", "group", "layer" or "none", of convolutions.
        dropout: float in [0, 0.9], the rate before the head, and within a
            transformer.
        front: "log_mel" or "pcen" (which learns to even out loudness and
            noise), what makes a waveform's spectrogram.
        sample_rate: int, samples a second of a waveform; a recipe takes the
            data's.
        mels: int >= 4, the bands of a waveform's spectrogram.
        hop: float, seconds from one of its frames to the next; a frame is 2.5
            times as long.
        level: bool, whether each spectrogram is brought to mean 0 and spread
            1, so that loudness doesn't matter.

    Returns:
        keras.Model from float (batch, samples) or (batch, frames, bands) to
        logits (batch, classes), with a dense layer `head`.

    Raises:
        ValueError: for a shape, number of classes or knob that can't be.

    Source:
        He et al., 2016, arXiv:1603.05027, on spectrograms as images: Hershey
        et al., "CNN Architectures for Large-Scale Audio Classification",
        2017, arXiv:1609.09430. Convolutions before a transformer: Gulati et
        al., "Conformer", 2020, arXiv:2005.08100, without convolutions inside
        its blocks.

    Example:
        >>> audio_classifier((40, 32), 10, size="tiny").output_shape
        (None, 10)
        >>> audio_classifier((8000,), 10, sample_rate=8000).input_shape
        (None, 8000)
    """
    front = {
        "front": front,
        "sample_rate": sample_rate,
        "mels": mels,
        "hop": hop,
        "level": level,
    }
    values = {"size": size, "normalization": normalization, "dropout": dropout}
    values = {**values, "body": body, "width": width, **front}
    rank = 1 if len(shape) == 1 else 2
    name = "audio_classifier"
    shape = check_factory(name, shape, rank, _KNOBS, values, classes)
    inputs, x = front_end(name, shape, **front)
    if body == "cnn":
        x = layers.Reshape((*x.shape[1:], 1), name="image")(x)
        plan = _CNN[size]
        widths = plan["widths"]
        if width is not None:
            widths = tuple(width * 2**stage for stage in range(len(widths)))
        x = residual_body(x, widths, plan["blocks"], normalization)
    else:
        plan = dict(_TRANSFORMER[size])
        usual = plan.pop("width")
        x = shorten(x, width or usual, 1, normalization)
        x = transformer_body(x, **plan, dropout=dropout)
        x = layers.GlobalAveragePooling1D(name="pool")(x)
    return finish(inputs, x, classes, dropout, name)
