"""Extractors: image networks that have learnt something elsewhere."""

import dataclasses
import os
import pathlib

import keras
from keras import layers, ops

from kerasgen.core import clone, message, nearest, one_of
from kerasgen.core.check import need

_HUB = "hub:"
# What the pixels must be like: by the module of the application.
_MODES = {
    "convnext": "pixels",
    "densenet": "torch",
    "efficientnet": "pixels",
    "efficientnet_v2": "pixels",
    "inception_resnet_v2": "signed",
    "inception_v3": "signed",
    "mobilenet": "signed",
    "mobilenet_v2": "signed",
    "mobilenet_v3": "pixels",
    "nasnet": "signed",
    "resnet": "caffe",
    "resnet_v2": "signed",
    "vgg16": "caffe",
    "vgg19": "caffe",
    "xception": "signed",
}
# The least side of an image, where it isn't 32.
_LEAST = {"inception_resnet_v2": 75, "inception_v3": 75, "xception": 71}
_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_BLUE_FIRST = (103.939, 116.779, 123.68)


@dataclasses.dataclass(frozen=True)
class Source:
    """What names an extractor or its weights: a text, a path or a model.

    Args:
        models: bool, whether a Keras model is legal, too.

    Example:
        >>> Source().check("factory", "weights", "imagenet")
        'imagenet'
    """

    models: bool = False

    # No search draws a file.
    search = None

    def check(self, where, name, value):
        """Checks one value and returns it."""
        kinds = (str, os.PathLike)
        kinds = (*kinds, keras.Model) if self.models else kinds
        if not isinstance(value, kinds):
            raise TypeError(
                message(
                    where, f"`{name}` must be {self.legal()}", {name: value}
                )
            )
        return value

    def legal(self):
        """Writes what is legal."""
        return "a name, a path" + " or a Keras model" * self.models

    def outside(self):
        """Gives one value that must be refused."""
        return 3


def applications():
    """Lists the networks of `keras.applications`.

    Returns:
        dict of name to function.

    Example:
        >>> "MobileNetV2" in applications()
        True
    """
    found = vars(keras.applications).items()
    return {
        name: part
        for name, part in sorted(found)
        if callable(part) and name[:1].isupper()
    }


def find_extractor(source, shape, weights=None, layer=None):
    """Makes an extractor from whatever names it.

    Args:
        source: str, the name of a network of `keras.applications`, the path
            of a `.keras` or `.h5` file, or "hub:" and a preset of KerasHub;
            or a keras.Model.
        shape: tuple (height, width, channels) of the images to come.
        weights: str, "imagenet" or the path of a file of weights; None leaves
            an application untrained, and a model as it is.
        layer: str, the layer whose output are the features; None takes what
            goes into a layer `head`, or else the output.

    Returns:
        Triple of keras.Model from images to a map (batch, height, width,
        channels) or a row of features, named `extractor`; how it wants its
        pixels; and whether it has learnt anything.

    Raises:
        ValueError: for a name that is no network and no file, or a layer that
            isn't there.
        ImportError: for a preset without KerasHub; the extra is `hub`.

    Example:
        >>> inputs = keras.Input((8, 8, 3))
        >>> outputs = keras.layers.Conv2D(4, 3, name="last")(inputs)
        >>> model = keras.Model(inputs, outputs)
        >>> find_extractor(model, (8, 8, 3))[0].output_shape
        (None, 6, 6, 4)
    """
    if isinstance(source, keras.Model):
        # A copy: what is frozen here shall go on learning there.
        made = clone(source)
        if weights is not None:
            made.load_weights(weights)
        return _cut(made, layer), "asis", True
    name = str(source)
    if name.startswith(_HUB):
        hub = need("keras_hub", "hub")
        made = hub.models.Backbone.from_preset(
            name[len(_HUB) :], load_weights=weights is not None
        )
        return _cut(made, layer), "asis", weights is not None
    if pathlib.Path(name).suffix in (".keras", ".h5", ".hdf5"):
        if not pathlib.Path(name).exists():
            raise ValueError(
                message(
                    "transfer_classifier",
                    "the extractor's file must exist",
                    {"extractor": name},
                )
            )
        made = keras.models.load_model(name, compile=False)
        return find_extractor(made, shape, weights, layer)
    made, mode = _application(name, shape, weights)
    return _cut(made, layer), mode, weights is not None


def _application(name, shape, weights):
    known = applications()
    lower = {each.lower(): each for each in known}
    if name.lower() not in lower:
        near = nearest(name, known)
        remedy = f"Did you mean {near!r}?" if near else None
        raise ValueError(
            message(
                "transfer_classifier",
                "`extractor` must be a network of keras.applications, a file "
                "that ends in .keras or .h5, or 'hub:' and a preset",
                {"extractor": name},
                remedy,
            )
        )
    make = known[lower[name.lower()]]
    module = make.__module__.rpartition(".")[2]
    mode = one_of("transfer_classifier", "extractor", module, _MODES)
    least = _LEAST.get(module, 32)
    size = tuple(max(side, least) for side in shape[:2])
    made = make(
        include_top=False,
        weights=None if weights is None else str(weights),
        input_shape=(*size, 3),
    )
    return made, _MODES[mode]


def _cut(model, layer):
    """The model up to its features, as one layer named `extractor`."""
    names = [each.name for each in model.layers]
    if layer is not None:
        one_of("transfer_classifier", "layer", layer, names)
        output = model.get_layer(layer).output
    elif "head" in names:
        output = model.get_layer("head").input
        # What the head's dropout hides is no feature's fault.
        while isinstance(maker := output._keras_history[0], layers.Dropout):
            output = maker.input
    else:
        output = model.output
    if not hasattr(output, "shape") or len(output.shape) not in (2, 4):
        shape = getattr(output, "shape", output)
        raise ValueError(
            message(
                "transfer_classifier",
                "the extractor must give one map or one row of features",
                {"output": shape},
                "Name the layer that does in `layer`.",
            )
        )
    return keras.Model(model.input, output, name="extractor")


def fit_images(x, extractor, mode, low=None, high=None):
    """Brings prepared images to what an extractor takes.

    Args:
        x: float tensor (batch, height, width, channels), prepared images.
        extractor: keras.Model.
        mode: str, how it wants its pixels: "asis", "pixels" (0 to 255),
            "signed" (-1 to 1), "torch" (standardised) or "caffe" (blue first,
            without the mean).
        low: float, what black became when images were prepared, or None to
            hand them on as they are.
        high: float, what white became.

    Returns:
        float tensor of the extractor's input shape.

    Raises:
        ValueError: for a number of channels that doesn't fit.

    Example:
        >>> model = keras.Model(x := keras.Input((8, 8, 3)), x)
        >>> fit_images(keras.Input((4, 5, 1)), model, "signed", 0, 1).shape
        (None, 8, 8, 3)
    """
    height, width, channels = extractor.input_shape[1:]
    if x.shape[-1] == 1 and channels == 3:
        x = layers.Concatenate(name="colours")([x, x, x])
    if x.shape[-1] != channels:
        raise ValueError(
            message(
                "transfer_classifier",
                f"the extractor takes images of {channels} channels",
                {"channels": x.shape[-1]},
            )
        )
    if None not in (height, width) and x.shape[1:3] != (height, width):
        x = layers.Resizing(height, width, name="resize")(x)
    if low is None:
        return x
    scale = 255.0 / (high - low)
    offset = -low * scale
    if mode == "signed":
        scale, offset = scale / 127.5, offset / 127.5 - 1.0
    elif mode == "torch":
        pairs = list(zip(_MEAN, _SPREAD, strict=True))
        offset = [(offset / 255.0 - mean) / spread for mean, spread in pairs]
        scale = [scale / 255.0 / spread for _, spread in pairs]
    elif mode == "caffe":
        x = ops.flip(x, -1)
        offset = [offset - mean for mean in _BLUE_FIRST]
    return layers.Rescaling(scale, offset, name="pixels")(x)
