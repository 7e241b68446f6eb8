"""methods: the training step, SAM by hand, replicas, wrong arguments."""

import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasgen import methods, models, tasks
from kerasgen.core import set_seed

X = np.random.default_rng(0).normal(size=(32, 6)).astype("float32")
Y = (X.sum(1) > 0).astype("int64")


def linear():
    inputs = keras.Input((6,))
    return keras.Model(inputs, keras.layers.Dense(2, name="head")(inputs))


def gradient(weights, bias):
    """Of the mean cross-entropy of a linear model, in closed form."""
    logits = X @ weights + bias
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    gap = (p - np.eye(2)[Y]) / len(X)
    return X.T @ gap, gap.sum(0)


def one_step(step, rate=0.1):
    set_seed(0)
    model = linear()
    before = [w.astype("float64") for w in model.get_weights()]
    method = methods.ERM(model, tasks.Classification(2), step=step)
    method.compile({"name": "sgd", "learning_rate": rate, "momentum": 0.0})
    method.fit(X, Y, batch_size=32, verbose=0, shuffle=False)
    return before, model.get_weights()


def test_descent_is_gradient_descent():
    before, after = one_step("descent")
    for old, new, g in zip(before, after, gradient(*before), strict=True):
        assert np.allclose(new, old - 0.1 * g, atol=1e-6)


def test_sam_follows_its_equations():
    before, after = one_step({"name": "sam", "rho": 0.5})
    first = gradient(*before)
    norm = np.sqrt(sum((g**2).sum() for g in first))
    moved = [w + 0.5 * g / norm for w, g in zip(before, first, strict=True)]
    for old, new, g in zip(before, after, gradient(*moved), strict=True):
        assert np.allclose(new, old - 0.1 * g, atol=1e-6)


def test_asam_follows_its_equations():
    before, after = one_step({"name": "asam", "rho": 0.5, "eta": 0.01})
    first = gradient(*before)
    sizes = [np.abs(w) + 0.01 for w in before]
    scaled = [g * t for g, t in zip(first, sizes, strict=True)]
    norm = np.sqrt(sum((g**2).sum() for g in scaled))
    moved = [
        w + 0.5 * t**2 * g / norm
        for w, g, t in zip(before, first, sizes, strict=True)
    ]
    for old, new, g in zip(before, after, gradient(*moved), strict=True):
        assert np.allclose(new, old - 0.1 * g, atol=1e-6)


def test_sam_of_radius_zero_is_descent():
    straight, flat = (
        one_step("descent")[1],
        one_step({"name": "sam", "rho": 0.0})[1],
    )
    for one, two in zip(straight, flat, strict=True):
        assert np.allclose(one, two, atol=1e-7)


def test_sam_updates_moving_statistics_once():
    found = []
    for step in ("descent", "sam"):
        set_seed(0)
        model = models.tabular_classifier((6,), 2, size="tiny", dropout=0.0)
        method = methods.ERM(model, tasks.Classification(2), step=step)
        method.compile("adam")
        method.fit(X, Y, batch_size=32, verbose=0, shuffle=False)
        norm = next(x for x in model.layers if "norm" in x.name)
        found.append(np.asarray(norm.moving_mean))
    assert np.allclose(*found, atol=1e-7)


def test_erm_trains_as_plain_keras_does():
    losses = []
    for plain in (True, False):
        set_seed(0)
        model = models.tabular_classifier((6,), 2, size="tiny", dropout=0.0)
        if plain:
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            model.compile(
                keras.optimizers.Adam(0.01), loss, metrics=["accuracy"]
            )
        else:
            model = methods.ERM(model, tasks.Classification(2))
            model.compile(keras.optimizers.Adam(0.01))
        data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)
        history = model.fit(data, epochs=3, verbose=0, shuffle=False).history
        losses.append([history["loss"], history["accuracy"]])
    assert np.allclose(*losses, atol=1e-5)


def test_sample_weights_count():
    set_seed(0)
    method = methods.ERM(linear(), tasks.Classification(2))
    method.compile({"name": "sgd", "learning_rate": 1.0})
    before = method.model.get_weights()
    method.fit(X, Y, sample_weight=np.zeros(32), batch_size=32, verbose=0)
    for old, new in zip(before, method.model.get_weights(), strict=True):
        assert np.array_equal(old, new)


def test_a_loss_that_is_no_number_moves_nothing():
    method = methods.ERM(linear(), tasks.Classification(2))
    method.compile("adam")
    before = method.model.get_weights()
    method.fit(X * np.nan, Y, batch_size=32, verbose=0)
    for old, new in zip(before, method.model.get_weights(), strict=True):
        assert np.array_equal(old, new)


@pytest.mark.parametrize(
    # Each replica looks around by the gradient of its own half.
    "step, atol",
    [
        ("descent", 1e-6),
        pytest.param("sam", 5e-3, marks=pytest.mark.slow),
        pytest.param("look_sam", 2e-2, marks=pytest.mark.slow),
    ],
)
def test_two_replicas_train_as_one(step, atol):
    line = next(x for x in on_replicas(step) if x.startswith("RESULT"))
    assert all(float(gap) < atol for gap in line.split()[1:]), line


@pytest.mark.slow
def test_every_method_trains_on_two_replicas_which_stay_alike():
    *failed, last = (
        x for x in on_replicas("every") if x.startswith(("FAILED", "DONE"))
    )
    assert not failed, "\n".join(failed)
    assert int(last.split()[1]) > 60


def on_replicas(what):
    script = pathlib.Path(__file__).with_name("replicas.py")
    done = subprocess.run(
        [sys.executable, script, what], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_under_mixed_precision_weights_stay_finite():
    policy = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy("mixed_float16")
        model = models.tabular_classifier((6,), 2, size="tiny")
        method = methods.ERM(model, tasks.Classification(2), step="sam")
        method.compile("adam")
        losses = method.fit(X, Y, epochs=5, verbose=0).history["loss"]
    finally:
        keras.config.set_dtype_policy(policy)
    assert np.isfinite(losses).all() and losses[-1] < losses[0]


def test_wrong_arguments_are_refused():
    task = tasks.Classification(2)
    with pytest.raises(ValueError, match="must give 3 outputs"):
        methods.ERM(linear(), tasks.Classification(3))
    with pytest.raises(TypeError, match="keras.Model|Model"):
        methods.ERM("model", task)
    with pytest.raises(ValueError, match="Did you mean 'asam'"):
        methods.ERM(linear(), task, step="asamm")
    with pytest.raises(TypeError, match="the task decides the loss"):
        methods.ERM(linear(), task).compile("adam", loss="mse")
