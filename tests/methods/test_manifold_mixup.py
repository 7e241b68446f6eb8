"""Manifold mixup: where it cuts, and what it minimises."""

import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from keras import layers, ops

import kerasgen as kg
from kerasgen.core import pack, unpack
from kerasgen.methods.manifold_mixup import beta_share, halves, places


def net():
    inputs = keras.Input((6,))
    first = layers.Dense(5, activation="relu", name="first")(inputs)
    skip = layers.Dense(5, name="skip")(first)
    both = layers.Add(name="both")([first, skip])
    return keras.Model(inputs, layers.Dense(3, name="head")(both))


def test_it_cuts_only_where_all_paths_meet():
    assert places(net(), 9) == [None, "first", "both"]
    assert places(net(), 1) == [None]
    assert places(net(), 2) == [None, "first"]


def test_without_a_head_a_layer_used_twice_leaves_only_the_input():
    inputs = keras.Input((6,))
    shared = layers.Dense(6, name="shared")
    outputs = layers.Dense(3, name="last")(shared(shared(inputs)))
    assert places(keras.Model(inputs, outputs), 5) == [None]


@pytest.mark.parametrize("place", ["first", "both"])
def test_halves_make_the_whole(place):
    model, x = net(), np.random.default_rng(0).normal(size=(4, 6))
    lower, upper = halves(model, place)
    assert np.allclose(upper(lower(x)), model(x), atol=1e-6)
    assert lower.weights[0] is model.get_layer("first").kernel


def test_a_linear_model_gives_mixtures_of_its_outputs():
    # Of a linear model each cut gives the same: mixed inputs, mixed outputs.
    inputs = keras.Input((6,))
    hidden = layers.Dense(6, name="hidden")(inputs)
    model = keras.Model(inputs, layers.Dense(2, name="head")(hidden))
    random = np.random.default_rng(0)
    x, y = random.normal(size=(2, 6)), np.array([0, 1])
    method = kg.methods.ManifoldMixup(model, kg.Classification(2))
    method.compile("sgd")
    batch = unpack(pack({"x": ops.array(x, "float32"), "y": ops.array(y)}))
    plain = model.predict(x, verbose=0)
    for _ in range(8):
        terms, outputs = method.objective(batch)
        outputs = np.asarray(outputs)
        share, *_ = np.linalg.lstsq(
            (plain - plain[::-1]).ravel()[:, None],
            (outputs - plain[::-1]).ravel(),
            rcond=None,
        )
        share = float(share[0])
        assert -1e-4 <= share <= 1 + 1e-4
        log = outputs - np.log(np.exp(outputs).sum(1, keepdims=True))
        closed = share * -log[[0, 1], y] + (1 - share) * -log[[0, 1], 1 - y]
        either = np.isclose(float(terms["task"]), closed.mean(), atol=1e-4)
        # The permutation of two may be the identity: nothing is mixed then.
        alone = np.isclose(float(terms["task"]), -log[[0, 1], y].mean())
        assert either or (np.isclose(share, 1, atol=1e-4) and alone)


def test_alpha_zero_is_erm():
    losses = []
    for kind in ("erm", {"name": "manifold_mixup", "alpha": 0.0}):
        keras.utils.set_random_seed(0)
        x, y = np.random.default_rng(0).normal(size=(32, 6)), np.arange(32) % 3
        method = kg.create("method", kind, net(), kg.Classification(3))
        method.compile("sgd")
        history = method.fit(x, y, epochs=2, shuffle=False, verbose=0)
        losses.append(history.history["loss"])
    assert np.allclose(*losses)


@pytest.mark.slow
def test_it_learns_digits():
    keras.utils.set_random_seed(0)
    data = kg.data.load("digits")
    model = kg.tabular_classifier((64,), 10, size="tiny")
    x, y = data.tensors("train")
    method = kg.methods.ManifoldMixup(model, data.task, alpha=0.5)
    method.compile("adam")
    method.fit(x.reshape(-1, 64), y, epochs=25, verbose=0)
    u, v = data.tensors("test")
    found = model.predict(u.reshape(-1, 64), verbose=0).argmax(-1)
    assert (found == v).mean() > 0.9


def tokens(**values):
    inputs = keras.Input((5,), dtype="int32")
    hidden = layers.Embedding(9, 4, name="embedding", **values)(inputs)
    hidden = layers.LSTM(3, name="lstm")(hidden)
    return keras.Model(inputs, layers.Dense(2, name="head")(hidden))


def test_whole_number_inputs_and_masks_are_never_mixed():
    assert places(tokens(), 9) == ["embedding", "lstm"]
    assert places(tokens(), 1) == ["embedding"]
    # After the embedding a mask of padding would be lost.
    assert places(tokens(mask_zero=True), 9) == ["lstm"]
    method = kg.methods.ManifoldMixup(tokens(), kg.Classification(2))
    method.compile("adam")
    x = np.random.default_rng(0).integers(0, 9, (16, 5))
    history = method.fit(x, x[:, 0] % 2, verbose=0).history
    assert np.isfinite(history["loss"]).all()


def test_a_model_with_nothing_to_mix_is_refused():
    inputs = keras.Input((5,), dtype="int32")
    outputs = layers.Dense(2, name="head")(ops.cast(inputs, "float32"))
    model = keras.Model(inputs, outputs)
    assert places(model, 3) != [None]
    hot = layers.CategoryEncoding(9, "multi_hot", name="head")(inputs)
    with pytest.raises(ValueError, match="layer that embeds"):
        kg.methods.ManifoldMixup(keras.Model(inputs, hot), kg.Classification(9))


def test_a_sequential_model_is_cut_like_a_functional_one():
    model = keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(5, name="first"),
            layers.Dense(3, name="head"),
        ]
    )
    assert places(model, 3) == [None, "first"]
    lower, upper = halves(model, "first")
    x = np.random.default_rng(0).normal(size=(4, 6))
    assert np.allclose(upper(lower(x)), model(x), atol=1e-6)


def test_layers_of_two_uses_make_no_wrong_cut():
    inputs = keras.Input((6,))
    first = layers.Dense(6, name="first")(inputs)
    shared = layers.Dense(6, name="shared")
    left, late = shared(first), layers.Dense(6, name="late")
    right = shared(late(inputs))
    both = layers.Add(name="both")([left, right])
    model = keras.Model(inputs, layers.Dense(3, name="head")(both))
    x = np.random.default_rng(0).normal(size=(4, 6))
    found = places(model, 9)
    assert found == [None, "both"]
    for place in found[1:]:
        lower, upper = halves(model, place)
        assert np.allclose(upper(lower(x)), model(x), atol=1e-6)


def test_before_the_head_where_the_body_is_shared():
    inputs = keras.Input((6,))
    shared = layers.Dense(6, name="shared")
    outputs = layers.Dense(3, name="head")(shared(shared(inputs)))
    model = keras.Model(inputs, outputs)
    assert places(model, 5) == [None, "head"]
    lower, upper = halves(model, "head")
    x = np.random.default_rng(0).normal(size=(4, 6))
    assert np.allclose(upper(lower(x)), model(x), atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [0.02, 0.3, 2.0])
def test_shares_follow_the_beta_distribution(alpha):
    keras.utils.set_random_seed(0)
    seed = keras.random.SeedGenerator()
    draw = tf.function(
        lambda: tf.stack([beta_share(alpha, seed) for _ in range(50)])
    )
    share = np.concatenate([draw().numpy() for _ in range(40)])
    inner = scipy.stats.beta(alpha, alpha).cdf([0.01, 0.25, 0.5, 0.75, 0.99])
    found = [(share < x).mean() for x in (0.01, 0.25, 0.5, 0.75, 0.99)]
    assert np.abs(found - inner).max() < 0.05


def test_only_the_drawn_branch_runs():
    keras.utils.set_random_seed(0)
    seen = {"a": keras.Variable(0.0, trainable=False)}

    class Count(layers.Layer):
        def call(self, x, training=False):
            seen[self.name].assign_add(1.0)
            return x

    inputs = keras.Input((4,))
    hidden = Count(name="a")(inputs)
    model = keras.Model(inputs, layers.Dense(2, name="head")(hidden))
    method = kg.methods.ManifoldMixup(model, kg.Classification(2))
    method.compile("sgd")
    x = np.random.default_rng(0).normal(size=(256, 4)).astype("float32")
    method.fit(x, np.arange(256) % 2, batch_size=8, epochs=2, verbose=0)
    # Each branch runs the layer once, and only the drawn branch runs.
    assert float(seen["a"]) == 64


def test_soft_labels_and_weights_under_another_step():
    random = np.random.default_rng(0)
    x = random.normal(size=(32, 6)).astype("float32")
    soft = random.dirichlet(np.ones(3), 32).astype("float32")
    method = kg.methods.ManifoldMixup(net(), kg.Classification(3), step="sam")
    method.compile("sgd")
    weight = random.uniform(size=32).astype("float32")
    history = method.fit(x, soft, sample_weight=weight, verbose=0).history
    assert np.isfinite(history["loss"]).all()
