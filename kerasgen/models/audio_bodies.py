"""What factories of sounds share: front ends, and bodies over time."""

import math

import keras
import numpy as np
from keras import layers

from kerasgen.core import Choice, Float, Int, message
from kerasgen.layers import PCEN, LogMel
from kerasgen.models.base import normalize

FRONTS = ("log_mel", "pcen")
FRONT_KNOBS = {
    "front": Choice(FRONTS, search=FRONTS),
    "sample_rate": Int(1),
    "mels": Int(4, search=(20, 80)),
    "hop": Float(1e-4),
    "level": Choice((True, False), search=(True, False)),
}


def front_end(where, shape, *, front, sample_rate, mels, hop, level):
    """Makes a model's input, and a spectrum of it.

    Args:
        where: str, the factory's name.
        shape: tuple (samples,) of a waveform, or (frames, bands) of a
            spectrum that is made before the model.
        front: "log_mel" or "pcen", what turns a waveform into a spectrum.
        sample_rate: int, samples a second of a waveform.
        mels: int, the bands of a waveform's spectrum.
        hop: float, seconds from one frame to the next; a frame is 2.5 times
            as long.
        level: bool, whether each spectrum is brought to mean 0 and spread 1.

    Returns:
        Pair of symbolic tensors, the input and the spectrum (batch, frames,
        bands).

    Raises:
        ValueError: for a spectrum of less than 4 frames or bands.

    Example:
        >>> front_end("factory", (800,), front="log_mel", sample_rate=8000,
        ...           mels=20, hop=0.01, level=True)[1].shape
        (None, 8, 20)
    """
    if len(shape) == 2:
        x = inputs = keras.Input(shape, name="spectrogram")
    else:
        inputs = keras.Input(shape, name="waveform")
        made = {"log_mel": LogMel, "pcen": PCEN}[front](
            sample_rate,
            2.5 * hop,
            hop,
            mels,
            name=front,
            dtype="float32",
        )
        x = made(inputs)
    if min(x.shape[1:]) < 4:
        raise ValueError(
            message(
                where,
                "there must be at least 4 frames and 4 bands",
                {"shape": shape, "frames": x.shape[1], "bands": x.shape[2]},
            )
        )
    if level:
        x = layers.LayerNormalization(
            axis=(1, 2), center=False, scale=False, name="level"
        )(x)
    return inputs, x


def shorten(x, width, halvings, normalization):
    """Convolves a spectrum, each time with half the frames and bands.

    Args:
        x: float tensor (batch, frames, bands).
        width: int, the width that comes out.
        halvings: int, how often frames are halved; bands are as often.
        normalization: str, see `normalize`.

    Returns:
        float tensor (batch, frames / 2^halvings, width).

    Source:
        Dong et al., "Speech-Transformer", 2018,
        doi:10.1109/ICASSP.2018.8462506, section 3.2.

    Example:
        >>> shorten(keras.Input((20, 16)), 8, 2, "batch").shape
        (None, 5, 8)
    """
    channels = max(4, width // 4)
    x = layers.Reshape((*x.shape[1:], 1), name="image")(x)
    for index in range(2):
        stride = (2 if index < halvings else 1, 2)
        x = layers.Conv2D(
            channels, 3, stride, padding="same", name=f"shorten{index}"
        )(x)
        x = normalize(x, normalization, f"shorten{index}_norm")
        x = layers.ReLU(name=f"shorten{index}_relu")(x)
    frames, bands, channels = x.shape[1:]
    x = layers.Reshape((frames, bands * channels), name="frames")(x)
    return layers.Dense(width, name="frames_dense")(x)


def transformer_body(x, depth, heads, dropout):
    """Lets each frame look at all others.

    Args:
        x: float tensor (batch, frames, width).
        depth: int, the number of blocks.
        heads: int, which the width is a multiple of.
        dropout: float in [0, 0.9].

    Returns:
        float tensor shaped like `x`.

    Source:
        Vaswani et al., "Attention Is All You Need", 2017, arXiv:1706.03762,
        with the normalization before each part (Xiong et al., 2020,
        arXiv:2002.04745) and their sines for places.

    Example:
        >>> transformer_body(keras.Input((5, 8)), 1, 2, 0.0).shape
        (None, 5, 8)
    """
    frames, width = x.shape[1:]
    x = layers.Add(name="with_places")([x, _places(x, frames, width)])
    for index in range(depth):
        name = f"block{index}"
        y = layers.LayerNormalization(name=f"{name}_norm1")(x)
        y = layers.MultiHeadAttention(
            heads, width // heads, dropout=dropout, name=f"{name}_attention"
        )(y, y)
        x = layers.Add(name=f"{name}_add1")([x, y])
        y = layers.LayerNormalization(name=f"{name}_norm2")(x)
        y = layers.Dense(4 * width, "gelu", name=f"{name}_wide")(y)
        if dropout:
            y = layers.Dropout(dropout, name=f"{name}_dropout")(y)
        y = layers.Dense(width, name=f"{name}_narrow")(y)
        x = layers.Add(name=f"{name}_add2")([x, y])
    return layers.LayerNormalization(name="features_norm")(x)


def _places(x, frames, width):
    """Sines of each frame's place, as a tensor of the graph."""
    half = width - width // 2
    rates = np.exp(-math.log(1e4) * np.arange(half) / max(1, half))
    angles = np.arange(frames)[:, None] * rates
    table = np.concatenate([np.sin(angles), np.cos(angles)], 1)[:, :width]
    return keras.ops.zeros_like(x) + keras.ops.cast(table, x.dtype)


def conv_body(x, depth, normalization, dropout):
    """Residual convolutions along time, whose reach grows with depth.

    Args:
        x: float tensor (batch, frames, width).
        depth: int, the number of blocks; the gaps within them are 1, 2, 4, 1,
            2, 4, ... frames.
        normalization: str, see `normalize`.
        dropout: float in [0, 0.9].

    Returns:
        float tensor shaped like `x`.

    Source:
        Kriman et al., "QuartzNet", 2020, arXiv:1910.10261 (separable
        convolutions along time, residual); gaps as van den Oord et al., 2016,
        arXiv:1609.03499.

    Example:
        >>> conv_body(keras.Input((9, 8)), 2, "batch", 0.0).shape
        (None, 9, 8)
    """
    width = x.shape[-1]
    for index in range(depth):
        name = f"block{index}"
        y = layers.SeparableConv1D(
            width,
            5,
            padding="same",
            dilation_rate=2 ** (index % 3),
            name=f"{name}_conv",
        )(x)
        y = layers.ReLU(name=f"{name}_relu")(
            normalize(y, normalization, f"{name}_norm")
        )
        if dropout:
            y = layers.Dropout(dropout, name=f"{name}_dropout")(y)
        y = layers.Dense(width, name=f"{name}_mix")(y)
        x = layers.Add(name=f"{name}_add")([x, y])
    return layers.ReLU(name="features_relu")(
        normalize(x, normalization, "features_norm")
    )


def recurrent_body(x, depth, dropout):
    """Reads frames from both ends.

    Args:
        x: float tensor (batch, frames, width).
        depth: int, the number of layers.
        dropout: float in [0, 0.9], between layers.

    Returns:
        float tensor shaped like `x`.

    Source:
        Amodei et al., "Deep Speech 2", 2016, arXiv:1512.02595, section 3.

    Example:
        >>> recurrent_body(keras.Input((9, 8)), 1, 0.0).shape
        (None, 9, 8)
    """
    width = x.shape[-1]
    for index in range(depth):
        if dropout and index:
            x = layers.Dropout(dropout, name=f"block{index}_dropout")(x)
        x = layers.Bidirectional(
            layers.GRU(width // 2, return_sequences=True),
            name=f"block{index}_both",
        )(x)
    return x
