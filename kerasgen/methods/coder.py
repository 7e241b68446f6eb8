"""Small encoders and decoders, made for the shape of an example."""

import math

import keras
from keras import layers

from kerasgen.core import message

# Images are halved, and later doubled, until their sides are this small.
_SMALL = 7


def encoder(shape, units, width, activation="relu", name="encoder"):
    """Makes a network from examples of any shape to a code.

    Args:
        shape: tuple, one example's shape.
        units: int, the width of the code.
        width: int, of the hidden layers, or their channels for images.
        activation: str, of the code, or None.
        name: str.

    Returns:
        keras.Sequential, built, without normalization: nothing but its
        weights is its state.

    Example:
        >>> encoder((28, 28, 1), 10, 8).output_shape
        (None, 10)
    """
    parts = [keras.Input(shape)]
    if _is_image(shape):
        parts.append(_convolution(width))
        parts += [_convolution(width, 2) for _ in range(_halvings(shape))]
    parts.append(layers.Flatten(dtype="float32"))
    if not _is_image(shape):
        parts.append(layers.Dense(width, "relu", dtype="float32"))
    parts.append(layers.Dense(units, activation, dtype="float32"))
    return keras.Sequential(parts, name=name)


def decoder(seen, shape, width, name="decoder"):
    """Makes a network from a code back to examples of any shape.

    Args:
        seen: int, the width of the code.
        shape: tuple, one example's shape.
        width: int, of the hidden layer, or the channels for images.
        name: str.

    Returns:
        keras.Sequential, built, with linear outputs.

    Source:
        Images are doubled by repetition and convolved, as Odena et al.,
        "Deconvolution and Checkerboard Artifacts", 2016, advise.

    Example:
        >>> decoder(10, (28, 30, 1), 8).output_shape
        (None, 28, 30, 1)
    """
    parts = [keras.Input((seen,))]
    if _is_image(shape):
        doublings = _halvings(shape)
        small = [-(-side // 2**doublings) for side in shape[:2]]
        units = math.prod(small) * width
        parts.append(layers.Dense(units, "relu", dtype="float32"))
        parts.append(layers.Reshape((*small, width), dtype="float32"))
        for _ in range(doublings):
            parts.append(layers.UpSampling2D(dtype="float32"))
            parts.append(_convolution(width))
        over = [
            (0, 2**doublings * less - side)
            for less, side in zip(small, shape, strict=False)
        ]
        parts.append(layers.Cropping2D(over, dtype="float32"))
        parts.append(
            layers.Conv2D(shape[2], 3, padding="same", dtype="float32")
        )
    else:
        parts.append(layers.Dense(width, "relu", dtype="float32"))
        parts.append(layers.Dense(math.prod(shape), dtype="float32"))
        parts.append(layers.Reshape(shape, dtype="float32"))
    return keras.Sequential(parts, name=name)


def input_of(where, model):
    """Gives the shape of a model's examples, which must be real numbers.

    Args:
        where: str, who asks.
        model: keras.Model.

    Returns:
        tuple of int.

    Raises:
        ValueError: for several inputs, whole numbers or an open shape.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> input_of("here", model)
        (4,)
    """
    inputs = model.inputs
    shape = tuple(inputs[0].shape[1:])
    real = keras.backend.is_float_dtype(inputs[0].dtype)
    if len(inputs) > 1 or not real or None in shape:
        raise ValueError(
            message(
                where,
                "the model must take one input of real numbers and known "
                "shape, so that it can be rebuilt",
                {"inputs": [(str(i.dtype), tuple(i.shape)) for i in inputs]},
            )
        )
    return shape


def _is_image(shape):
    return len(shape) == 3 and min(shape[:2]) >= 4


def _halvings(shape):
    return max(0, math.ceil(math.log2(max(shape[:2]) / _SMALL)))


def _convolution(width, stride=1):
    return layers.Conv2D(
        width, 3, stride, padding="same", activation="relu", dtype="float32"
    )
