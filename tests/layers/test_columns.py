"""Columns and discriminators: values by hand, and signs of gradients."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasgen.core import value_and_gradients
from kerasgen.layers import (
    DomainDiscriminator,
    FeatureTokens,
    GatedResidual,
    PeriodicEmbedding,
)


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(0, 1, shape).astype("float32")


def test_tokens_are_directions_and_looked_up_vectors():
    numbers, ids = draw(4, 2), np.array([0, 2, 1, 2])
    x = np.concatenate([numbers, np.eye(3, dtype="float32")[ids]], 1)
    layer = FeatureTokens(8, sizes=[1, 1, 3], summary=True)
    found = np.asarray(layer(x))
    kernel, bias = map(ops.convert_to_numpy, (layer.kernel, layer.bias))
    assert found.shape == (4, 4, 8)
    assert np.allclose(found[:, 0], layer.first[0, 0])
    for place in range(2):
        expected = numbers[:, place : place + 1] * kernel[place] + bias[place]
        assert np.allclose(found[:, 1 + place], expected, atol=1e-6)
    table = keras.layers.Embedding(3, 8, weights=[kernel[2:]])
    assert np.allclose(found[:, 3], table(ids) + bias[2], atol=1e-6)
    with pytest.raises(ValueError, match="add up"):
        FeatureTokens(8, sizes=[1, 3])(x)


def test_periodic_embeddings_are_waves_then_a_layer_each():
    x = draw(4, 3)
    for shared in (False, True):
        layer = PeriodicEmbedding(5, frequencies=6, spread=0.7, shared=shared)
        found = np.asarray(layer(x))
        waves, kernel, bias = map(ops.convert_to_numpy, layer.weights)
        for place in range(3):
            angle = 2 * np.pi * x[:, place : place + 1] * waves[place]
            seen = np.concatenate([np.sin(angle), np.cos(angle)], 1)
            row = 0 if shared else place
            expected = np.maximum(seen @ kernel[row] + bias[row], 0)
            assert np.allclose(found[:, place], expected, atol=1e-5)
    many = PeriodicEmbedding(1, frequencies=2000, spread=0.7)
    many.build((None, 1))
    assert abs(ops.convert_to_numpy(many.waves).std() - 0.7) < 0.05


def test_gated_residual_is_the_paper_s():
    x, context = draw(2, 5, 4), draw(2, 3)
    layer = GatedResidual(6)
    found = layer(x, context)

    def dense(name, value):
        part = getattr(layer, name)
        value = value @ ops.convert_to_numpy(part.kernel)
        return value + (ops.convert_to_numpy(part.bias) if part.use_bias else 0)

    hidden = dense("enter", x) + dense("told", context)[:, None]
    hidden = np.where(hidden > 0, hidden, np.expm1(hidden))
    leave = dense("leave", dense("inside", hidden))
    gated = leave[..., :6] / (1 + np.exp(-leave[..., 6:]))
    total = dense("skip", x) + gated
    gap = total - total.mean(-1, keepdims=True)
    expected = gap / np.sqrt(total.var(-1, keepdims=True) + 1e-3)
    assert np.allclose(found, expected, atol=1e-4)
    # Narrow as it came it needs no layer beside.
    assert not hasattr(GatedResidual(), "skip")
    assert GatedResidual()(x).shape == x.shape


def test_the_discriminator_learns_and_what_lies_below_unlearns():
    x = draw(64, 4) + np.repeat([[0.0], [2.0]], 32, 0)
    domain = np.repeat([0, 1], 32)
    below = keras.Variable(np.eye(4, dtype="float32"))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def gradients(layer):
        def objective():
            logits = layer(ops.matmul(x, below), training=True)
            return {"domain": loss(domain, logits)}, None

        variables = [below, *layer.trainable_variables]
        return value_and_gradients(objective, variables)[2]

    layer = DomainDiscriminator(2, width=8, factor=0.5)
    layer(x)
    plain = DomainDiscriminator(2, width=8, factor=1.0)
    plain(x)
    plain.set_weights(layer.get_weights())
    half, whole = gradients(layer), gradients(plain)
    assert np.allclose(2.0 * half[0], whole[0], atol=1e-6)
    for one, two in zip(half[1:], whole[1:], strict=True):
        assert np.allclose(one, two, atol=1e-6)
    # A step down the discriminator's gradient helps it; one below hurts it.
    before = float(loss(domain, plain(ops.matmul(x, below))))
    below.assign_sub(0.1 * whole[0])
    assert float(loss(domain, plain(ops.matmul(x, below)))) > before
