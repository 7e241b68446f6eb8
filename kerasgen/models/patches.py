"""Images as a grid of patches: transformer and mixer."""

import math

from keras import layers

from kerasgen.models.base import normalize
from kerasgen.models.branch import branch_ends

# Patches are so large that no side of their grid is longer.
_GRID = 8


def transformer_body(
    x,
    width,
    depth,
    heads,
    normalization,
    attention="none",
    drop_path=0.0,
):
    """A vision transformer behind a few convolutions.

    Args:
        x: float tensor (batch, height, width, channels).
        width: int, the channels of a patch.
        depth: int, the number of blocks.
        heads: int, of which `width` is a multiple.
        normalization: str, see `normalize`; theirs is "layer".
        attention: str, see `attend`, at the end of each block's branches.
        drop_path: float in [0, 0.9], the rate of stochastic depth.

    Returns:
        float tensor (batch, width).

    Source:
        Dosovitskiy et al., "An Image is Worth 16x16 Words", 2021,
        arXiv:2010.11929; the convolutional stem is Xiao et al.'s, "Early
        Convolutions Help Transformers See Better", 2021, arXiv:2106.14881,
        positions are Chu et al.'s, "Conditional Positional Encodings for
        Vision Transformers", 2021, arXiv:2102.10882, and the mean over
        patches is Zhai et al.'s, 2022, arXiv:2106.04560.

    Example:
        >>> import keras
        >>> x = keras.Input((16, 16, 1))
        >>> transformer_body(x, 8, 1, 2, "layer").shape
        (None, 8)
    """
    x = _stem(x, width, normalization)
    place = layers.DepthwiseConv2D(3, padding="same", name="place")(x)
    x = layers.Add(name="place_add")([x, place])
    ends = iter(branch_ends(2 * depth, attention, drop_path))
    for block in range(depth):
        name = f"block{block}"
        y = normalize(x, normalization, f"{name}_norm1")
        y = _line(y, f"{name}_line")
        # Of a bias of keys the softmax would see nothing.
        look = layers.MultiHeadAttention(
            heads, width // heads, use_bias=False, name=f"{name}_look"
        )
        y = layers.Reshape(x.shape[1:], name=f"{name}_grid")(look(y, y))
        x = layers.Add(name=f"{name}_add1")([x, next(ends)(y, f"{name}_a")])
        y = normalize(x, normalization, f"{name}_norm2")
        y = _dense(y, 4 * width, width, f"{name}_mlp")
        x = layers.Add(name=f"{name}_add2")([x, next(ends)(y, f"{name}_b")])
    x = normalize(x, normalization, "features_norm")
    return layers.GlobalAveragePooling2D(name="pool")(x)


def mixer_body(x, width, depth, normalization, attention="none", drop_path=0.0):
    """A network of dense layers alone: over patches, and over channels.

    Args:
        x: float tensor (batch, height, width, channels).
        width: int, the channels of a patch.
        depth: int, the number of blocks.
        normalization: str, see `normalize`; theirs is "layer".
        attention: str, see `attend`, at the end of each block's branches.
        drop_path: float in [0, 0.9], the rate of stochastic depth.

    Returns:
        float tensor (batch, width).

    Source:
        Tolstikhin et al., "MLP-Mixer: An all-MLP Architecture for Vision",
        2021, arXiv:2105.01601, section 2.

    Example:
        >>> import keras
        >>> mixer_body(keras.Input((16, 16, 1)), 8, 1, "layer").shape
        (None, 8)
    """
    patch = math.ceil(max(x.shape[1:3]) / _GRID)
    x = layers.Conv2D(width, patch, patch, padding="same", name="stem")(x)
    ends = iter(branch_ends(2 * depth, attention, drop_path))
    places = x.shape[1] * x.shape[2]
    for block in range(depth):
        name = f"block{block}"
        y = normalize(x, normalization, f"{name}_norm1")
        y = layers.Permute((2, 1), name=f"{name}_turn")(
            _line(y, f"{name}_line")
        )
        y = _dense(y, max(width // 2, places), places, f"{name}_places")
        y = layers.Permute((2, 1), name=f"{name}_return")(y)
        y = layers.Reshape(x.shape[1:], name=f"{name}_grid")(y)
        x = layers.Add(name=f"{name}_add1")([x, next(ends)(y, f"{name}_a")])
        y = normalize(x, normalization, f"{name}_norm2")
        y = _dense(y, 4 * width, width, f"{name}_channels")
        x = layers.Add(name=f"{name}_add2")([x, next(ends)(y, f"{name}_b")])
    x = normalize(x, normalization, "features_norm")
    return layers.GlobalAveragePooling2D(name="pool")(x)


def _stem(x, width, normalization):
    """Convolutions that halve the grid until it is small, and a last one."""
    steps = max(0, math.ceil(math.log2(max(x.shape[1:3]) / _GRID)))
    for step in range(steps):
        x = layers.Conv2D(
            max(width >> (steps - step), 8),
            3,
            2,
            padding="same",
            name=f"stem{step}",
        )(x)
        x = normalize(x, normalization, f"stem{step}_norm")
        x = layers.ReLU(name=f"stem{step}_relu")(x)
    return layers.Conv2D(width, 1, name="stem")(x)


def _line(x, name):
    return layers.Reshape((x.shape[1] * x.shape[2], x.shape[3]), name=name)(x)


def _dense(x, wide, narrow, name):
    x = layers.Dense(wide, "gelu", name=f"{name}_widen")(x)
    return layers.Dense(narrow, name=f"{name}_narrow")(x)
