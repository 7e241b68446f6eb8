"""U-Net: down to a coarse grid and up again, past what each level saw."""

import math

from keras import layers

from kerasgen.models.base import normalize


def unet_body(x, widths, normalization, gates=False):
    """A U-Net that suits any image size.

    Args:
        x: float tensor (batch, height, width, channels).
        widths: tuple of int, the channels of each level, the finest first.
        normalization: str, see `normalize`.
        gates: bool, whether what goes past is weighted by what comes up.

    Returns:
        float tensor (batch, height, width, widths[0]).

    Source:
        Ronneberger et al., "U-Net: Convolutional Networks for Biomedical
        Image Segmentation", 2015, arXiv:1505.04597, with padding, so that the
        mask has the image's size; gates: Oktay et al., "Attention U-Net",
        2018, arXiv:1804.03999, by the signal that has already come up to the
        level.

    Example:
        >>> import keras
        >>> unet_body(keras.Input((9, 8, 1)), (4, 8), "batch").shape
        (None, 9, 8, 4)
    """
    past = []
    for level, width in enumerate(widths):
        if level:
            past.append(x)
            x = layers.MaxPooling2D(2, padding="same", name=f"down{level}")(x)
        x = _twice(x, width, normalization, f"encode{level}")
    for level in reversed(range(len(widths) - 1)):
        width, skip, name = widths[level], past[level], f"decode{level}"
        x = grow(x, skip.shape[1:3], "nearest", f"up{level}")
        x = convolve(x, width, 2, normalization, f"{name}_narrow")
        if gates:
            skip = _gated(skip, x, normalization, f"gate{level}")
        x = layers.Concatenate(name=f"{name}_join")([skip, x])
        x = _twice(x, width, normalization, name)
    return x


def convolve(x, width, side, normalization, name, dilation=1):
    """A convolution, its normalization and a rectifier.

    Args:
        x: float tensor (batch, height, width, channels).
        width: int, the channels that come out.
        side: int, the side of the kernel.
        normalization: str, see `normalize`.
        name: str, what the layers' names begin with.
        dilation: int, the step between the kernel's taps.

    Returns:
        float tensor (batch, height, width, `width`).

    Example:
        >>> import keras
        >>> convolve(keras.Input((8, 8, 1)), 4, 3, "batch", "a").shape
        (None, 8, 8, 4)
    """
    x = layers.Conv2D(
        width,
        side,
        padding="same",
        use_bias=normalization == "none",
        dilation_rate=dilation,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    x = normalize(x, normalization, f"{name}_norm")
    return layers.ReLU(name=f"{name}_relu")(x)


def grow(x, size, interpolation, name):
    """Brings a grid to a greater size.

    Args:
        x: float tensor (batch, height, width, channels).
        size: pair of int, at least the grid's.
        interpolation: "nearest" or "bilinear".
        name: str, the layer's name.

    Returns:
        float tensor (batch, *size, channels).

    Example:
        >>> import keras
        >>> grow(keras.Input((4, 4, 1)), (7, 8), "bilinear", "up").shape
        (None, 7, 8, 1)
    """
    times = [math.ceil(n / m) for n, m in zip(size, x.shape[1:3], strict=True)]
    if max(times) > 1:
        x = layers.UpSampling2D(times, interpolation=interpolation, name=name)(
            x
        )
    spare = [m - n for n, m in zip(size, x.shape[1:3], strict=True)]
    if max(spare):
        ends = [(n // 2, n - n // 2) for n in spare]
        x = layers.Cropping2D(ends, name=f"{name}_crop")(x)
    return x


def _twice(x, width, normalization, name):
    x = convolve(x, width, 3, normalization, f"{name}a")
    return convolve(x, width, 3, normalization, f"{name}b")


def _gated(skip, signal, normalization, name):
    """What goes past, times a weight in (0, 1) for each pixel."""
    width = max(skip.shape[-1] // 2, 1)
    bias = normalization == "none"
    parts = [
        normalize(
            layers.Conv2D(width, 1, use_bias=bias, name=f"{name}_{part}")(x),
            normalization,
            f"{name}_{part}_norm",
        )
        for part, x in (("past", skip), ("signal", signal))
    ]
    both = layers.ReLU(name=f"{name}_relu")(
        layers.Add(name=f"{name}_add")(parts)
    )
    weight = layers.Conv2D(1, 1, activation="sigmoid", name=f"{name}_weight")
    return layers.Multiply(name=name)([skip, weight(both)])
