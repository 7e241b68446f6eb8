"""Bodies of videos: attention over frames, or convolutions over time."""

from keras import layers, ops

from kerasgen.layers import (
    AttentivePooling,
    MultiHeadAttention,
    SinusoidalPositions,
)
from kerasgen.models.base import normalize
from kerasgen.models.bodies import residual_block

# What a frame's features keep of its places: a grid of at most this side.
_GRID = 4
_PLACES = 8


def attention_body(x, widths, width, depth, heads, normalization):
    """Features of each frame, and attention over the frames.

    Args:
        x: float tensor (batch, frames, height, width, channels).
        widths: tuple of int, the channels of each stage of the network that
            sees a frame.
        width: int, the features of a frame.
        depth: int, the blocks of attention over time.
        heads: int, of which `width` is a multiple.
        normalization: str, see `normalize`.

    Returns:
        float tensor (batch, `width`).

    Source:
        Bertasius et al., "Is Space-Time Attention All You Need for Video
        Understanding?", 2021, arXiv:2102.05095, for its part over time alone,
        on a residual network as in Neimark et al., "Video Transformer
        Network", 2021, arXiv:2102.00719; beside its mean a frame keeps a
        coarse grid of few channels, so that what moves has a place.

    Example:
        >>> import keras
        >>> x = keras.Input((3, 8, 8, 1))
        >>> attention_body(x, (4, 8), 8, 1, 2, "batch").shape
        (None, 8)
    """
    frames = x.shape[1]
    x = ops.reshape(x, (-1, *x.shape[2:]))
    x = layers.Conv2D(widths[0], 3, padding="same", name="stem")(x)
    for stage, each in enumerate(widths):
        shrink = stage > 0 and min(x.shape[1:3]) > _GRID
        x = residual_block(
            x, each, 2 if shrink else 1, normalization, f"stage{stage}"
        )
    x = normalize(x, normalization, "features_norm")
    x = layers.ReLU(name="features_relu")(x)
    whole = layers.GlobalAveragePooling2D(name="whole")(x)
    # What it is doesn't hang on where it is: few channels tell the place.
    x = layers.Conv2D(_PLACES, 1, activation="relu", name="places")(x)
    size = tuple(max(1, -(-side // _GRID)) for side in x.shape[1:3])
    if max(size) > 1:
        x = layers.AveragePooling2D(size, padding="same", name="grid")(x)
    x = layers.Flatten(name="flat")(x)
    x = layers.Concatenate(name="seen")([whole, x])
    x = layers.Dense(width, name="frame")(x)
    x = ops.reshape(x, (-1, frames, width))
    # Without the time of a frame, forward is hardly told from backward.
    x = SinusoidalPositions(name="times")(x)
    for block in range(depth):
        name = f"time{block}"
        y = layers.LayerNormalization(name=f"{name}_norm1")(x)
        y = MultiHeadAttention(
            heads, positions="relative", name=f"{name}_look"
        )(y)
        x = layers.Add(name=f"{name}_add1")([x, y])
        y = layers.LayerNormalization(name=f"{name}_norm2")(x)
        y = layers.Dense(2 * width, "gelu", name=f"{name}_widen")(y)
        y = layers.Dense(width, name=f"{name}_narrow")(y)
        x = layers.Add(name=f"{name}_add2")([x, y])
    x = layers.LayerNormalization(name="time_norm")(x)
    return AttentivePooling(name="pool")(x)


def factored_body(x, widths, normalization):
    """Residual blocks of convolutions over places, and then over time.

    Args:
        x: float tensor (batch, frames, height, width, channels).
        widths: tuple of int, the channels of each stage.
        normalization: str, see `normalize`.

    Returns:
        float tensor (batch, widths[-1]).

    Source:
        Tran et al., "A Closer Look at Spatiotemporal Convolutions for Action
        Recognition", 2018, arXiv:1711.11248, section 3, with activation
        before the weights, as wide between the two convolutions as behind
        them, and all frames kept in the first stage.

    Example:
        >>> import keras
        >>> factored_body(keras.Input((3, 8, 8, 1)), (4, 8), "batch").shape
        (None, 8)
    """
    x = layers.Conv3D(widths[0], (1, 3, 3), padding="same", name="stem")(x)
    for stage, width in enumerate(widths):
        strides = [1, 1, 1]
        if stage:
            # Time is kept longer than places: clips are short.
            strides = [2 if x.shape[1] > 4 and stage > 1 else 1] + [
                2 if min(x.shape[2:4]) > _GRID else 1
            ] * 2
        x = _factored(x, width, strides, normalization, f"stage{stage}")
    x = normalize(x, normalization, "features_norm")
    x = layers.ReLU(name="features_relu")(x)
    return layers.GlobalAveragePooling3D(name="pool")(x)


def _factored(x, width, strides, normalization, name):
    bias = normalization == "none"

    def bent(y, part):
        y = normalize(y, normalization, f"{name}_norm_{part}")
        return layers.ReLU(name=f"{name}_relu_{part}")(y)

    def convolved(y, part, kernel, step=1):
        return layers.Conv3D(
            width,
            kernel,
            step,
            padding="same",
            use_bias=bias,
            name=f"{name}_{part}",
        )(y)

    y = bent(x, "in")
    skip = x
    if max(strides) > 1 or x.shape[-1] != width:
        skip = convolved(y, "skip", 1, strides)
    y = convolved(y, "place1", (1, 3, 3), (1, *strides[1:]))
    y = convolved(bent(y, "a"), "time1", (3, 1, 1), (strides[0], 1, 1))
    y = convolved(bent(y, "b"), "place2", (1, 3, 3))
    y = convolved(bent(y, "c"), "time2", (3, 1, 1))
    return layers.Add(name=f"{name}_add")([skip, y])
