"""Sounds to strings of symbols."""

from kerasgen.core import Choice, Int, message, register
from kerasgen.models.audio_bodies import (
    FRONT_KNOBS,
    conv_body,
    front_end,
    recurrent_body,
    shorten,
    transformer_body,
)
from kerasgen.models.base import KNOBS, check_factory, finish

_SIZES = {
    "tiny": {"width": 16, "depth": 1, "heads": 2},
    "small": {"width": 96, "depth": 4, "heads": 4},
    "base": {"width": 256, "depth": 8, "heads": 4},
}
_BODIES = ("cnn", "recurrent", "transformer")
_KNOBS = {
    **KNOBS,
    "body": Choice(_BODIES, search=_BODIES),
    "halvings": Int(0, 2, search=(0, 2)),
    **FRONT_KNOBS,
}


@register("model", arguments=_KNOBS)
def speech_recognizer(
    shape,
    symbols,
    *,
    size="small",
    body="cnn",
    normalization="batch",
    dropout=0.1,
    halvings=1,
    front="log_mel",
    sample_rate=16000,
    mels=40,
    hop=0.010,
    level=True,
):
    """Makes a network from sounds to a logit of each symbol in each frame.

    Args:
        shape: tuple (samples,) of one waveform, or (frames, bands) of a
            spectrogram; at least 4 frames and bands.
        symbols: int >= 1, the number of symbols; a blank, which CTC needs, is
            added as the last.
        size: "tiny" (4 thousand parameters), "small" (0.2 million) or "base"
            (1 million); of other bodies more.
        body: "cnn", residual convolutions along time; "recurrent", read from
            both ends; or "transformer", whose frames look at each other.
        normalization: "batch", "group", "layer" or "none", of convolutions.
        dropout: float in [0, 0.9], the rate before the head, and within the
            body.
        halvings: int, 0 to 2: how often the number of frames is halved. What
            is left must be more than a string is long.
        front: "log_mel" or "pcen", what makes a waveform's spectrogram.
        sample_rate: int, samples a second of a waveform; a recipe takes the
            data's.
        mels: int >= 4, the bands of a waveform's spectrogram.
        hop: float, seconds from one of its frames to the next; a frame is 2.5
            times as long.
        level: bool, whether each spectrogram is brought to mean 0 and spread
            1.

    Returns:
        keras.Model from float (batch, samples) or (batch, frames, bands) to
        logits (batch, frames, symbols + 1), with a dense layer `head`.

    Raises:
        ValueError: for a shape, number of symbols or knob that can't be.

    Source:
        Graves et al., 2006, doi:10.1145/1143844.1143891 (CTC); Amodei et al.,
        2016, arXiv:1512.02595 (convolutions, then recurrent layers); Kriman
        et al., 2020, arXiv:1910.10261 (convolutions alone).

    Example:
        >>> speech_recognizer((40, 32), 10, size="tiny").output_shape
        (None, 20, 11)
    """
    name = "speech_recognizer"
    front = {
        "front": front,
        "sample_rate": sample_rate,
        "mels": mels,
        "hop": hop,
        "level": level,
    }
    values = {"size": size, "normalization": normalization, "dropout": dropout}
    values = {**values, "body": body, "halvings": halvings, **front}
    rank = 1 if len(shape) == 1 else 2
    shape = check_factory(name, shape, rank, _KNOBS, values)
    if not isinstance(symbols, int) or symbols < 1:
        raise ValueError(
            message(
                name,
                "`symbols` must be a whole number of at least 1",
                {"symbols": symbols},
            )
        )
    inputs, x = front_end(name, shape, **front)
    width, depth, heads = _SIZES[size].values()
    x = shorten(x, width, halvings, normalization)
    if body == "cnn":
        x = conv_body(x, depth, normalization, dropout)
    elif body == "recurrent":
        x = recurrent_body(x, (depth + 1) // 2, dropout)
    else:
        x = transformer_body(x, depth, heads, dropout)
    return finish(inputs, x, symbols + 1, dropout, name)
