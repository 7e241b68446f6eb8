"""Layers inside a SavedModel: once for images, once for sequences, rows."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasgen import layers


def images(x):
    x = layers.StandardizedConv2D(8)(x)
    for layer in (
        layers.FilterResponse(),
        layers.SqueezeExcite(4),
        layers.CBAM(4, kernel=3),
        layers.ECA(),
        layers.CoordinateAttention(4),
        layers.NonLocal(),
        layers.InstanceNormalization(),
        layers.SwitchableNormalization(),
        layers.SwitchableWhitening(),
        layers.MixStyle(),
        layers.DropBlock(0.1, block=3),
        layers.ShakeDrop(),
    ):
        x = layer(x)
    return keras.layers.GlobalAveragePooling2D()(x)


def tokens(x):
    x = layers.WordDropout(0.1)(x)
    x = keras.layers.Embedding(9, 8, mask_zero=True)(x)
    for positions in ("rotary", "relative", "alibi"):
        x = layers.MultiHeadAttention(2, positions=positions)(x)
    x = layers.DropPath(0.1)(layers.LockedDropout(0.1)(x))
    x = layers.LinearAttention(2, causal=True)(x)
    x = layers.AdditiveAttention(4)(x, x)
    x = layers.MultiplicativeAttention()(x, x)
    return layers.AttentivePooling(2)(x)


def rows(x):
    x = layers.PeriodicEmbedding(4)(x)
    x = layers.GatedResidual(8)(keras.layers.Flatten()(x))
    x = layers.FeatureTokens(4, summary=True)(x)
    x = keras.layers.Flatten()(x)
    x = layers.ConcreteDropout()(layers.SpreadNoise()(x))
    return layers.DomainDiscriminator(3)(layers.BatchRenormalization()(x))


@pytest.mark.parametrize(
    "body, shape, kind",
    [
        pytest.param(
            images, (None, None, 3), "float32", marks=pytest.mark.slow
        ),
        pytest.param(tokens, (None,), "int32", marks=pytest.mark.slow),
        (rows, (5,), "float32"),
    ],
    ids=["images", "tokens", "rows"],
)
def test_layers_are_served_as_they_were(body, shape, kind, tmp_path):
    inputs = keras.Input(shape, dtype=kind)
    model = keras.Model(inputs, body(inputs))
    shape = [side or 6 for side in shape]
    draw = np.random.default_rng(0)
    x = draw.integers(0, 9, (3, *shape)).astype(kind)
    before = model(x)
    model.export(tmp_path / "served", verbose=False)
    served = tf.saved_model.load(str(tmp_path / "served"))
    assert np.allclose(served.serve(x), before, atol=1e-4)
    assert served.serve(x[:1]).shape[0] == 1
