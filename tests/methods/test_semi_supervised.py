"""Regularized and semi-supervised methods: closed forms, views, and gains."""

import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf
from keras import ops

import kerasgen as kg
from kerasgen.callbacks import Average
from kerasgen.core import create, set_seed
from kerasgen.data import forget_labels
from kerasgen.methods import (
    ERM,
    UDA,
    ConfidencePenalty,
    FixMatch,
    RDrop,
    SelfDistillation,
    SelfTraining,
)
from kerasgen.methods.semi_supervised import mean_of, together
from kerasgen.methods.views import hidden, moved, swapped

SEMI = (FixMatch, SelfTraining, UDA)
X = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
Y = np.arange(8) % 3


def tiny(shape=(4,), classes=3, **given):
    return kg.tabular_classifier(shape, classes, size="tiny", **given)


def linear():
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(3, name="head")(inputs))


def made(kind, model, **given):
    method = kind(model, kg.Classification(3), **given)
    method.compile("adam")
    return method


def batch(**extra):
    return {
        "x": ops.convert_to_tensor(X),
        "y": ops.convert_to_tensor(Y),
        "weight": None,
        **extra,
    }


def shares(logits):
    return scipy.special.softmax(np.asarray(logits, "float64"), -1)


def test_the_confidence_penalty_is_the_entropy():
    model = linear()
    terms, outputs = made(ConfidencePenalty, model, weight=0.5).objective(
        batch()
    )
    entropy = scipy.stats.entropy(shares(outputs), axis=1).mean()
    assert np.isclose(float(terms["confidence"]), -0.5 * entropy, rtol=1e-5)
    plain = made(ERM, model).objective(batch())[0]["task"]
    assert np.isclose(float(terms["task"]), float(plain))


def test_r_drop_is_the_divergence_of_two_passes():
    set_seed(0)
    inputs = keras.Input((4,))
    x = keras.layers.Dropout(0.5, seed=3)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(3, name="head")(x))
    start = [np.asarray(v) for v in model.variables]
    one, two = map(np.asarray, together(model, X, X))
    for variable, value in zip(model.variables, start, strict=True):
        variable.assign(value)
    terms, outputs = made(RDrop, model, weight=2.0).objective(batch())
    assert np.allclose(outputs, one)
    p, q = shares(one), shares(two)
    both = scipy.stats.entropy(p, q, axis=1), scipy.stats.entropy(q, p, axis=1)
    assert np.isclose(float(terms["agreement"]), sum(both).mean(), rtol=1e-4)
    loss = -0.5 * sum(np.log(s[np.arange(8), Y]).mean() for s in (p, q))
    assert np.isclose(float(terms["task"]), loss, rtol=1e-5)


def test_r_drop_refuses_a_model_without_chance():
    with pytest.raises(ValueError, match="RDrop.*something random.*Dropout"):
        RDrop(tiny(dropout=0.0), kg.Classification(3))


@pytest.mark.parametrize("align", [False, True])
def test_fix_match_by_hand(align):
    model = linear()
    same = {"name": "noise", "scale": 0.0}
    method = made(
        FixMatch, model, threshold=0.4, align=align, weak=same, strong=[same]
    )
    u = 2.0 * X[::-1]
    terms, outputs = method.objective(batch(unlabeled=u.copy()))
    logits = np.asarray(model(u))
    known = shares(logits)
    if align:
        # At the first step nine tenths of the running means are fresh.
        wanted = 1 / 3 + 0.9 * (np.bincount(Y) / 8 - 1 / 3)
        found = 1 / 3 + 0.9 * (known.mean(0) - 1 / 3)
        known = known * wanted / found
        known /= known.sum(1, keepdims=True)
    sure = known.max(1) >= 0.4
    assert 0 < sure.sum()
    lost = -np.log(shares(logits)[np.arange(8), known.argmax(1)])
    assert np.isclose(
        float(terms["agreement"]), (sure * lost).mean(), rtol=1e-4
    )
    assert np.allclose(outputs, model(X), atol=1e-6)


def test_uda_by_hand():
    model = linear()
    method = made(
        UDA,
        model,
        threshold=0.4,
        temperature=0.5,
        strong={"name": "noise", "scale": 0.0},
    )
    u = 2.0 * X[::-1]
    terms, _ = method.objective(batch(unlabeled=u.copy()))
    logits = np.asarray(model(u), "float64")
    sharp = shares(logits / 0.5)
    apart = scipy.stats.entropy(sharp, shares(logits), axis=1)
    sure = shares(logits).max(1) >= 0.4
    assert np.isclose(
        float(terms["agreement"]), (sure * apart).mean(), rtol=1e-4
    )


def test_the_signal_rises_and_rests_easy_examples():
    model = linear()
    for signal, half in (
        ("linear", 0.5),
        ("exp", np.exp(-2.5)),
        ("log", 1 - np.exp(-2.5)),
    ):
        method = made(UDA, model, signal=signal, ramp=10)
        method.optimizer.iterations.assign(5)
        expected = half * (2 / 3) + 1 / 3
        assert np.isclose(float(method.most()), expected, rtol=1e-5)
    found = shares(model(X))
    y, right = found.argmax(1), found.max(1)
    method = made(UDA, model, signal="linear", ramp=10000)
    done = (np.median(right) - 1 / 3) * 1.5
    method.optimizer.iterations.assign(round(1e4 * done))
    hard = right <= float(method.most())
    assert 0 < hard.sum() < 8
    fields = {**batch(unlabeled=ops.convert_to_tensor(X)), "y": y}
    terms, _ = method.objective(fields)
    expected = -np.log(right[hard]).mean()
    assert np.isclose(float(terms["task"]), expected, rtol=1e-4)
    assert float(mean_of(ops.ones((3,)), ops.zeros((3,)))) == 0.0


def test_self_training_ramps_up():
    method = made(SelfTraining, linear(), weight=3.0, wait=10, ramp=20)
    found = []
    for step in (0, 10, 20, 30, 99):
        method.optimizer.iterations.assign(step)
        found.append(float(method.factor()))
    assert np.allclose(found, [0, 0, 1.5, 3, 3])


def test_a_class_that_lags_has_a_lower_threshold():
    method = made(SelfTraining, linear(), threshold=0.8, flexible=True)
    known = ops.convert_to_tensor(
        np.float32([[0.9, 0.1, 0.0]] * 6 + [[0.1, 0.9, 0.0]] * 2)
    )
    taught = ops.one_hot(ops.argmax(known, -1), 3)
    found = np.asarray(method._thresholds(known, taught))
    # Nine tenths of the running means are fresh at the first step.
    learnt = 0.9 * np.array([0.75, 0.25, 0.0])
    lag = learnt / max(learnt.max(), 1 - learnt.sum())
    assert np.allclose(found, 0.8 * lag / (2 - lag), rtol=1e-5)


def test_a_teacher_follows_where_there_is_one():
    method = made(FixMatch, tiny(), momentum=0.5)
    assert method.teacher.trainable_weights == []
    method.fit({"inputs": X, "unlabeled": X}, Y, verbose=0)
    gap = zip(method.teacher.weights, method.model.weights, strict=True)
    assert any(not np.allclose(one, two) for one, two in gap)
    assert made(FixMatch, tiny()).teacher is None


def test_views_change_examples_one_by_one():
    seed = keras.random.SeedGenerator(0)
    x = ops.convert_to_tensor(X)
    other = np.asarray(swapped(x, 0.5, seed))
    for column in range(4):
        assert set(other[:, column]) <= set(X[:, column])
    assert np.allclose(swapped(x, 0.0, seed), X)
    images = np.random.default_rng(1).normal(size=(4, 9, 9, 2))
    images = images.astype("float32")
    assert np.allclose(moved(images, 0.0, 0.0, 0.0, seed), images, atol=1e-5)
    away = np.asarray(hidden(np.ones((64, 10, 10, 1), "float32"), 0.4, seed))
    parts = (away == 0).mean((1, 2, 3))
    assert 0.03 < parts.min() < parts.max() <= 0.2001
    assert len({tuple(row) for row in away[..., 0].reshape(64, -1)}) > 30


def test_a_quarter_turn_is_numpys():
    image = np.arange(25.0, dtype="float32").reshape(1, 5, 5, 1)
    draw = np.zeros((6, 1), "float32")
    draw[0] = 1.0

    def uniform(*_, **__):
        return ops.convert_to_tensor(draw)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.random, "uniform", uniform)
        found = moved(image, 0.0, np.pi / 2, 0.0, None)
    turned = [np.rot90(image[0], k) for k in (1, 3)]
    assert any(np.allclose(found[0], each, atol=1e-4) for each in turned)


@pytest.mark.slow
def test_registered_augmentations_run_in_the_step():
    model = kg.image_classifier((8, 8, 1), 3, size="tiny")
    spec = {
        "name": "fix_match",
        "weak": "translate",
        "strong": [
            {"name": "rotate", "degrees": 20.0},
            {"name": "erase", "rate": 1.0},
            {"name": "noise", "scale": 0.1},
        ],
    }
    method = create("method", spec, model, kg.Classification(3))
    method.compile("adam")
    x = np.random.default_rng(0).normal(size=(8, 8, 8, 1)).astype("float32")
    logs = method.fit({"inputs": x, "unlabeled": x}, Y, verbose=0)
    assert np.isfinite(logs.history["loss"][0])
    back = FixMatch.from_config(method.get_config())
    assert [type(p).__name__ for p in back.strong.parts] == [
        *("Rotate", "Erase", "Noise")
    ]


def test_ready_augmentations_are_saved_along(tmp_path):
    method = made(FixMatch, tiny(), weak=kg.augment.Noise(0.03))
    method.fit({"inputs": X, "unlabeled": X}, Y, verbose=0)
    method.save(tmp_path / "method.keras")
    back = keras.models.load_model(tmp_path / "method.keras")
    assert back.weak.parts[0].scale == 0.03


def test_bad_views_are_refused():
    with pytest.raises(ValueError, match="`weak` must hold.*mix"):
        FixMatch(tiny(), kg.Classification(3), weak="mix_up")
    with pytest.raises(ValueError, match="noize.*Did you mean 'noise'"):
        UDA(tiny(), kg.Classification(3), strong="noize")
    inputs = keras.Input((5,), dtype="int32")
    x = keras.layers.Embedding(9, 4)(inputs)
    x = keras.layers.GlobalAveragePooling1D()(x)
    words = keras.Model(inputs, keras.layers.Dense(3, name="head")(x))
    with pytest.raises(ValueError, match="floats.*Pass strong="):
        UDA(words, kg.Classification(3))
    SelfTraining(words, kg.Classification(3))


@pytest.mark.parametrize("kind", SEMI)
def test_numbers_and_batches_without_the_others_are_refused(kind):
    with pytest.raises(ValueError, match="must have classes"):
        kind(kg.tabular_regressor((3,), size="tiny"), kg.Regression())
    with pytest.raises(ValueError, match="unlabeled"):
        made(kind, tiny()).fit(X, Y, verbose=0)


@pytest.mark.parametrize("kind", SEMI)
def test_batches_of_one_of_other_lengths_and_with_soft_labels(kind):
    method = made(kind, tiny())
    for n, m in ((1, 1), (5, 3)):
        x = {"inputs": ops.ones((n, 4)), "unlabeled": ops.zeros((m, 4))}
        y = ops.ones((n, 3)) / 3.0
        logs = method.train_step((x, y, ops.ones((n,))))
        assert all(np.isfinite(np.asarray(v)).all() for v in logs.values())


@pytest.mark.slow
def test_the_average_of_weights_works_under_them():
    fields = {"inputs": X, "unlabeled": X}
    for kind in (*SEMI, ConfidencePenalty, RDrop, SelfDistillation):
        method = made(kind, tiny())
        method.fit(fields, Y, epochs=2, verbose=0, callbacks=[Average(0.5)])
        assert np.isfinite(np.asarray(method.model(X))).all()


def digits(kind, seed, steps, **given):
    """Test accuracy with 3 labels a class."""
    data = forget_labels(kg.data.load("digits"), 3, seed, repeat=35)
    set_seed(seed)
    model = kg.image_classifier(data.shape, data.classes, size="tiny")
    method = kind(model, data.task, **given)
    batches = data.batches("train", 64, needs=method.needs)
    rate = keras.optimizers.schedules.CosineDecay(3e-3, steps)
    method.compile(keras.optimizers.Adam(rate))
    method.fit(batches.repeat(steps).take(steps), verbose=0)
    x, y = data.tensors("test")
    return float((np.argmax(model(tf.constant(x)), -1) == y).mean())


@pytest.mark.slow
def test_it_gains_with_three_labels_a_class():
    assert digits(FixMatch, 0, 250) > digits(ERM, 0, 250) + 0.05


@pytest.mark.slow
@pytest.mark.parametrize("kind", SEMI)
def test_it_gains_over_labels_alone(kind):
    gains = [
        digits(kind, seed, 400) - digits(ERM, seed, 400) for seed in range(3)
    ]
    assert np.mean(gains) > 0.0, gains
