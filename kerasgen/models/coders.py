"""Encoders and decoders that factories share, for rows and for images."""

import math

from keras import layers

from kerasgen.models.base import normalize

# Images are halved, and later doubled, until no side is longer.
_SMALL = 7


def is_image(shape):
    """Says whether an example is coded by convolutions.

    Args:
        shape: tuple, one example's shape.

    Returns:
        bool.

    Example:
        >>> is_image((28, 28, 1)), is_image((30,))
        (True, False)
    """
    return len(shape) == 3 and min(shape[:2]) >= 4


def encode(x, width, depth, dropout, normalization="none", name="encoder"):
    """Puts layers between an example and its code.

    Args:
        x: float tensor (batch, ...).
        width: int, of the dense layers, or the channels of the first
            convolution; each halving of an image doubles them.
        depth: int, the number of dense layers; images have as many
            convolutions as it takes to make them small.
        dropout: float in [0, 0.9], the rate between dense layers.
        normalization: str, see `normalize`.
        name: str, what the layers' names begin with.

    Returns:
        float tensor (batch, features).

    Example:
        >>> import keras
        >>> encode(keras.Input((28, 28, 1)), 4, 1, 0.0).shape
        (None, 784)
    """
    shape = tuple(x.shape[1:])
    if is_image(shape):
        x = _convolution(x, width, 1, f"{name}_stem", normalization)
        for i in range(_halvings(shape)):
            wide = width * 2 ** (i + 1)
            x = _convolution(x, wide, 2, f"{name}_down{i}", normalization)
        return layers.Flatten(name=f"{name}_flat")(x)
    if len(shape) > 1:
        x = layers.Flatten(name=f"{name}_flat")(x)
    for i in range(depth):
        if dropout and i:
            x = layers.Dropout(dropout, name=f"{name}_dropout{i}")(x)
        x = layers.Dense(width, name=f"{name}_dense{i}")(x)
        x = normalize(x, normalization, f"{name}_norm{i}")
        x = layers.Activation("gelu", name=f"{name}_gelu{i}")(x)
    return x


def decode(x, shape, width, depth, name="decoder"):
    """Puts layers between a code and the example that it stands for.

    Args:
        x: float tensor (batch, code).
        shape: tuple, the example's shape.
        width: int, as of `encode`.
        depth: int, as of `encode`.
        name: str, what the layers' names begin with.

    Returns:
        float tensor (batch, *shape).

    Source:
        Images are doubled by repetition and convolved, as Odena et al.,
        "Deconvolution and Checkerboard Artifacts", 2016, advise.

    Example:
        >>> import keras
        >>> decode(keras.Input((3,)), (28, 30, 1), 4, 1).shape
        (None, 28, 30, 1)
    """
    if is_image(shape):
        return _grow(x, shape, width, name)
    for i in range(depth):
        x = layers.Dense(width, "gelu", name=f"{name}_dense{i}")(x)
    x = layers.Dense(math.prod(shape), name=f"{name}_out")(x)
    if len(shape) > 1:
        x = layers.Reshape(shape, name=f"{name}_shape")(x)
    return x


def _grow(x, shape, width, name):
    doublings = _halvings(shape)
    small = [-(-side // 2**doublings) for side in shape[:2]]
    channels = width * 2**doublings
    units = math.prod(small) * channels
    x = layers.Dense(units, "gelu", name=f"{name}_dense")(x)
    x = layers.Reshape((*small, channels), name=f"{name}_small")(x)
    for i in reversed(range(doublings)):
        x = layers.UpSampling2D(name=f"{name}_double{i}")(x)
        x = _convolution(x, width * 2**i, 1, f"{name}_up{i}")
    over = [
        (0, 2**doublings * less - side)
        for less, side in zip(small, shape, strict=False)
    ]
    if any(extra for _, extra in over):
        x = layers.Cropping2D(over, name=f"{name}_crop")(x)
    return layers.Conv2D(shape[2], 3, padding="same", name=f"{name}_out")(x)


def _halvings(shape):
    return max(0, math.ceil(math.log2(max(shape[:2]) / _SMALL)))


def _convolution(x, width, stride, name, normalization="none"):
    x = layers.Conv2D(width, 3, stride, padding="same", name=name)(x)
    x = normalize(x, normalization, f"{name}_norm")
    return layers.Activation("gelu", name=f"{name}_gelu")(x)
