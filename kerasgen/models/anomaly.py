"""Examples to a score of how strange they are."""

import math

import keras
from keras import layers, ops

from kerasgen.core import Choice, Float, Int, message, register
from kerasgen.layers import (
    GaussianSample,
    SubspaceMixtures,
    Threshold,
    TrimGradient,
    kl_to_standard,
)
from kerasgen.models.base import SIZES, check_factory
from kerasgen.models.coders import decode, encode, is_image

BODIES = ("autoencoder", "variational", "one_class", "mixture")
_SIZES = {
    "tiny": {"width": 32, "depth": 1, "channels": 4},
    "small": {"width": 128, "depth": 1, "channels": 8},
    "base": {"width": 256, "depth": 2, "channels": 32},
}
# Prepared numbers have mean 0 and spread 1.
_AWAY = 3.0
_MEMBERS = {"tiny": 4, "small": 24, "base": 64}
_KNOBS = {
    "body": Choice(BODIES, search=BODIES),
    "size": Choice(SIZES, search=("tiny", "small")),
    "code": Int(1, search=(2, 64), log=True),
    "noise": Float(0.0, 4.0, search=(0.0, 1.0)),
    "trim": Float(0.0, 0.9, search=(0.0, 0.3)),
    "contamination": Float(0.0, 0.5),
    "dropout": Float(0.0, 0.9),
}


@register("model", arguments=_KNOBS)
def anomaly_detector(
    shape,
    *,
    body="autoencoder",
    size="small",
    code=None,
    noise=0.0,
    trim=0.0,
    contamination=0.1,
    dropout=0.0,
):
    """Makes a network from examples to a score, higher for stranger ones.

    The score is what training lowers, so that a loss which is the score
    itself (`kerasgen.Anomaly`) trains it. "autoencoder" scores by the mean
    squared error of what it makes out of a narrow code; "variational" by the
    bound on the log likelihood with a normal prior on the code;
    "one_class" (deep SVDD) by the squared distance of the code to a fixed
    centre; "mixture" by the mean of how unlikely an example is to several
    small mixtures of Gaussians, each on half of the columns, for rows. The
    layer `head` is a `Threshold`; after training let it `adapt`,
    which a recipe does by itself: scores above the quantile of train are then
    positive.

    Args:
        shape: tuple of one prepared example: (features,) or
            (height, width, channels); other ranks are flattened.
        body: "autoencoder", "variational", "one_class" or "mixture".
        size: "tiny" (dense layers of 32, or 4 channels, or 4 mixtures),
            "small" (128, or 8, or 24) or "base" (two of 256, or 32, or 64).
        code: int, the numbers of the code, or the Gaussians of a mixture;
            None takes half of the features, between 2 and 32, or 3
            Gaussians.
        noise: float in [0, 4], the standard deviation of what is added to
            examples in training; with it the autoencoder denoises, and no
            Gaussian of a mixture is narrower.
        trim: float in [0, 0.9], the share of each training batch, the
            strangest for now, from which nothing is learnt, where anomalies
            may be among them; each mixture has its own.
        contamination: float in [0, 0.5], the share of train that the
            threshold takes for anomalies.
        dropout: float in [0, 0.9], the rate between dense layers.

    Returns:
        keras.Model from float (batch, *shape) to scores (batch, 1).

    Raises:
        ValueError: for a shape or knob that can't be.

    Source:
        Hawkins et al., "Outlier Detection Using Replicator Neural Networks",
        2002; Vincent et al., "Stacked Denoising Autoencoders", 2010; Kingma
        & Welling, 2014, arXiv:1312.6114; Ruff et al., "Deep One-Class
        Classification", 2018: layers without biases; but the centre is drawn
        at the start, where there it is the mean of the first codes, and 3 is
        added to all numbers, which prepared have mean 0.

    Example:
        >>> anomaly_detector((9,), size="tiny").output_shape
        (None, 1)
    """
    where = "anomaly_detector"
    values = {
        "body": body,
        "size": size,
        "code": code,
        "noise": noise,
        "trim": trim,
        "contamination": contamination,
        "dropout": dropout,
    }
    shape = check_factory(where, shape, len(shape), _KNOBS, values)
    if not shape:
        raise ValueError(
            message(where, "`shape` must have a number", {"shape": shape})
        )
    plan = dict(_SIZES[size])
    channels = plan.pop("channels")
    if is_image(shape):
        plan["width"] = channels
    if body == "mixture":
        plan, code = {"members": _MEMBERS[size]}, code or 3
    code = code or max(2, min(32, math.prod(shape) // 2))
    x = inputs = keras.Input(shape, name="example")
    if noise:
        x = layers.GaussianNoise(noise, name="noise")(x)
    make = {
        "autoencoder": _autoencoder,
        "variational": _variational,
        "one_class": _one_class,
        "mixture": _mixture,
    }[body]
    scores = make(inputs, x, shape, code, plan, dropout)
    if trim:
        scores = TrimGradient(trim, name="trim")(scores)
    score = ops.mean(scores, -1, keepdims=True)
    outputs = Threshold(contamination, name="head")(score)
    return keras.Model(inputs, outputs, name=where)


def _error(inputs, told):
    """The mean squared error of each example, (batch, 1)."""
    gap = ops.cast(inputs, "float32") - ops.cast(told, "float32")
    gap = ops.reshape(ops.square(gap), (-1, math.prod(inputs.shape[1:])))
    return ops.mean(gap, -1, keepdims=True)


def _autoencoder(inputs, x, shape, code, plan, dropout):
    x = encode(x, **plan, dropout=dropout)
    x = layers.Dense(code, name="code")(x)
    return _error(inputs, decode(x, shape, **plan))


def _variational(inputs, x, shape, code, plan, dropout):
    x = encode(x, **plan, dropout=dropout)
    mean = layers.Dense(code, name="code")(x)
    spread = layers.Dense(
        code, name="code_log_variance", kernel_initializer="zeros"
    )(x)
    drawn = GaussianSample(name="draw")(mean, spread)
    error = _error(inputs, decode(drawn, shape, **plan))
    mean, spread = (ops.cast(part, "float32") for part in (mean, spread))
    far = ops.expand_dims(kl_to_standard(mean, spread), -1)
    # A unit normal around what is told, per number of the example.
    return 0.5 * error + far / math.prod(shape)


def _one_class(inputs, x, shape, code, plan, dropout):
    x = layers.Flatten(name="flat")(x) if len(shape) > 1 else x
    # Without biases all are told by their direction alone, as seen from the
    # origin: it must not lie among them.
    x = x + _AWAY
    for i in range(plan["depth"] + 1):
        if dropout and i:
            x = layers.Dropout(dropout, name=f"dropout{i}")(x)
        x = layers.Dense(
            plan["width"], "leaky_relu", use_bias=False, name=f"dense{i}"
        )(x)
    x = layers.Dense(code, use_bias=False, name="code", dtype="float32")(x)
    x = Centre(name="centre")(x)
    return ops.mean(ops.square(x), -1, keepdims=True)


def _mixture(inputs, x, shape, code, plan, dropout):
    x = layers.Flatten(name="flat")(x) if len(shape) > 1 else x
    x = layers.Dropout(dropout, name="dropout")(x) if dropout else x
    return SubspaceMixtures(components=code, **plan, name="mixtures")(x)


@keras.saving.register_keras_serializable("kerasgen.layer")
class Centre(layers.Layer):
    """Subtracts a point that is drawn once and never moves.

    Args:
        **kwargs: arguments of `keras.layers.Layer`.

    Example:
        >>> Centre()(ops.ones((2, 3))).shape
        TensorShape([2, 3])
    """

    def build(self, input_shape):
        """Draws the point."""
        self.point = self.add_weight(
            shape=(input_shape[-1],),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            trainable=False,
            name="point",
        )
        self.built = True

    def call(self, x):
        """Gives the way from the point."""
        return x - ops.cast(self.point, x.dtype)
