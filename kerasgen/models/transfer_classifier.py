"""Images to classes, by a network that has learnt elsewhere."""

import keras
from keras import layers

from kerasgen.core import Choice, Float, message, register
from kerasgen.models.base import KNOBS, check_factory, finish
from kerasgen.models.extractor import Source, find_extractor, fit_images
from kerasgen.models.image_classifier import image_body

_KNOBS = {
    "extractor": Source(models=True),
    "weights": Source(),
    "layer": Source(),
    "frozen": Choice((True, False)),
    "low": Float(),
    "high": Float(),
    "size": KNOBS["size"],
    "dropout": KNOBS["dropout"],
}


@register("model", arguments=_KNOBS)
def transfer_classifier(
    shape,
    classes,
    *,
    extractor=None,
    weights=None,
    layer=None,
    frozen=True,
    low=None,
    high=None,
    size="small",
    dropout=0.2,
):
    """Makes a classifier of images on top of a network that is there already.

    A frozen extractor keeps its weights, and its batch normalization keeps
    its statistics, also in training: a plain `fit` trains the head alone.
    `kerasgen.methods.transfer(method, ..., thaw=True)` then lets the layers
    below learn, stage by stage and at lower rates.

    Args:
        shape: tuple (height, width, channels) of one prepared image; one
            channel is shown three times where the extractor wants colours,
            and images of another size than it takes are resized.
        classes: int, the number of classes, at least 2.
        extractor: str, a network of `keras.applications` such as
            "MobileNetV2", the path of a `.keras` or `.h5` file, or "hub:" and
            a preset of KerasHub (the extra `hub`); or a functional or
            sequential keras.Model, which is copied; None takes the untrained
            body of `image_classifier`.
        weights: str, "imagenet", which is fetched, or the path of a file of
            weights; None leaves an application untrained, and a model with
            its own.
        layer: str, the layer of the extractor whose output are the features;
            None takes what goes into its layer `head`, or else its output.
        frozen: bool, whether the extractor stays as it is. One that has
            learnt nothing is never frozen.
        low: float, what black (0) became when images were prepared; then the
            pixels are brought to what the application was trained on. None
            hands them on as they are prepared.
        high: float, what white (255) became.
        size: "tiny", "small" or "base", of the body that stands in without an
            extractor: 5 thousand, 0.3 million or 11 million parameters.
        dropout: float in [0, 0.9], the rate before the head.

    Returns:
        keras.Model from float (batch, height, width, channels) to logits
        (batch, classes), with a dense layer `head`, and the extractor as one
        layer `extractor`.

    Raises:
        ValueError: for a shape, number of classes, network, layer or knob
            that can't be.
        TypeError: for an extractor or weights of another type.
        ImportError: for a preset without KerasHub.

    Source:
        Yosinski et al., "How transferable are features in deep neural
        networks?", 2014, arXiv:1411.1792.

    Example:
        >>> model = transfer_classifier((8, 8, 1), 10, size="tiny")
        >>> model.get_layer("extractor").output_shape
        (None, 16)
    """
    values = {
        "extractor": extractor,
        "weights": weights,
        "layer": layer,
        "frozen": frozen,
        "low": low,
        "high": high,
        "size": size,
        "dropout": dropout,
    }
    where = "transfer_classifier"
    shape = check_factory(where, shape, 3, _KNOBS, values, classes)
    if (low is None) != (high is None) or (low is not None and low >= high):
        raise ValueError(
            message(
                where,
                "`low` must be less than `high`, or both None",
                {"low": low, "high": high},
            )
        )
    x = inputs = keras.Input(shape, name="image")
    if extractor is None:
        seen = keras.Input(shape, name="image")
        body = image_body(seen, "resnet", size)
        extractor = keras.Model(seen, body, name="extractor")
        mode, learnt = "asis", False
    else:
        extractor, mode, learnt = find_extractor(
            extractor, shape, weights, layer
        )
    x = fit_images(x, extractor, mode, low, high)
    if frozen and learnt:
        extractor.trainable = False
    features = extractor(x)
    if len(features.shape) == 4:
        features = layers.GlobalAveragePooling2D(name="pool")(features)
    return finish(inputs, features, classes, dropout, where)
