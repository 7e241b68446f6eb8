"""SWA, SWAD and fresh statistics, against averages by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasgen import callbacks, methods, models, tasks
from kerasgen.callbacks.swad import valley
from kerasgen.core import set_seed

X = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")
Y = (X.sum(1) > 0).astype("int64")


def make(dropout=0.1):
    set_seed(0)
    model = models.tabular_classifier((6,), 2, size="tiny", dropout=dropout)
    method = methods.ERM(model, tasks.Classification(2))
    method.compile({"name": "adam", "learning_rate": 0.05})
    return method


def data():
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(16)


def trained(method):
    return [np.array(v) for v in method.model.trainable_variables]


class Watch(keras.callbacks.Callback):
    """Notes the weights after every batch, and feigns a loss."""

    def __init__(self, losses=()):
        super().__init__()
        self.losses, self.seen = losses, []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(trained(self.model))

    def on_epoch_end(self, epoch, logs=None):
        if self.losses:
            logs["val_loss"] = self.losses[epoch]


def mean(rows):
    return [np.mean([r[i] for r in rows], 0) for i in range(len(rows[0]))]


def check_same(one, two, atol=1e-6):
    for a, b in zip(one, two, strict=True):
        assert np.allclose(a, b, atol=atol)


def test_swa_is_the_mean_of_the_tail():
    method, watch, swa = make(), Watch(), callbacks.SWA(0.5, 0.1, 0.02, 2)
    method.fit(data(), epochs=8, verbose=0, callbacks=[watch, swa])
    ends = [watch.seen[epoch * 4 + 3] for epoch in (5, 7)]
    assert swa.count == 2
    check_same(trained(method), mean(ends))
    assert np.isclose(float(method.optimizer.learning_rate), 0.02)


def test_swa_has_statistics_of_its_own():
    method = make(dropout=0.0)
    swa = callbacks.SWA(0.5)
    method.fit(data(), epochs=4, verbose=0, callbacks=[swa])
    model = method.model
    seen = keras.Model(model.input, model.get_layer("norm0").input)
    values = np.asarray(seen(X))
    norm = model.get_layer("norm0")
    assert np.allclose(norm.moving_mean, values.mean(0), atol=1e-5)
    assert np.allclose(norm.moving_variance, values.var(0), rtol=1e-4)


def test_statistics_of_uneven_batches_are_those_of_all():
    inputs = keras.Input((5, 3))
    layer = keras.layers.BatchNormalization()
    model = keras.Model(inputs, layer(inputs))
    x = np.random.default_rng(0).normal(2, 3, (10, 5, 3)).astype("float32")
    assert callbacks.refresh_statistics(model, [x[:7], (x[7:], 0)]) == 2
    assert np.allclose(layer.moving_mean, x.mean((0, 1)), atol=1e-5)
    assert np.allclose(layer.moving_variance, x.var((0, 1)), rtol=1e-5)
    assert layer.momentum == 0.99
    with pytest.raises(ValueError, match="must be a batch"):
        callbacks.refresh_statistics(model, [])


def test_statistics_leave_weights_and_dropout_alone():
    method = make(dropout=0.5)
    before = [np.array(v) for v in method.model.variables]
    callbacks.refresh_statistics(method, data())
    for old, new in zip(before, method.model.variables, strict=True):
        if "moving" not in new.path:
            assert np.array_equal(old, np.array(new)), new.path


LOSSES = [5, 3, 1, 1.2, 1.1, 1.0, 1.2, 9, 1.3, 9, 9, 9, 9, 9]


def published(losses, converge, overfit, ratio):
    """The paper's algorithm 1, step by step."""
    first, last, limit = 0, len(losses) - 1, None
    for i in range(len(losses)):
        if limit is None:
            window = [losses[i - j] for j in range(converge) if i >= j]
            if len(window) == converge and losses[i - converge + 1] == min(
                window
            ):
                first = i - converge + 1
                limit = ratio * sum(window) / converge
        elif min(losses[i - j] for j in range(overfit) if i >= j) > limit:
            return first, i - overfit
    return (first if limit else None), last


def test_the_valley_is_the_published_one():
    draw = np.random.default_rng(0)
    broken = 0
    for _ in range(300):
        losses = (4 * np.exp(-np.arange(20) / 3) + draw.random(20)).tolist()
        losses += (draw.random(12) * np.arange(12)).tolist()
        want, got = published(losses, 3, 4, 1.3), valley(losses, 3, 4, 1.3)
        assert got[0] == want[0]
        if want[1] < len(losses) - 1:
            assert got[1] == want[1]
            broken += 1
    assert broken > 30
    assert valley([3, 2, 1]) == (None, 2)
    assert valley([1, 2, 1, 9, 9]) == (0, 2)


@pytest.mark.parametrize("epochs", [6, 14])
def test_swad_is_the_mean_of_every_step_in_the_valley(epochs):
    method, watch = make(), Watch(LOSSES)
    swad = callbacks.SWAD(converge=3, overfit=4)
    method.fit(data(), epochs=epochs, verbose=0, callbacks=[watch, swad])
    start, end = swad.span
    assert (start, end) == ((2, 5) if epochs == 6 else (2, 8))
    assert len(watch.seen) == 4 * min(epochs, 13)
    inside = watch.seen[start * 4 : (end + 1) * 4]
    check_same(trained(method), mean(inside), 1e-5)


@pytest.mark.slow
def test_without_a_valley_the_last_epoch_stands():
    method, watch, swad = make(), Watch([3, 2, 1]), callbacks.SWAD()
    method.fit(data(), epochs=3, verbose=0, callbacks=[watch, swad])
    assert swad.span is None
    check_same(trained(method), mean(watch.seen[8:]), 1e-5)


class Killed(Exception):
    pass


class Killer(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.optimizer.iterations) == 18:
            raise Killed


@pytest.mark.parametrize("kind", ["SWA", "SWAD"])
def test_a_killed_tail_ends_as_an_uninterrupted_one(tmp_path, kind):
    ends = []
    for kill in (False, True):
        folder = tmp_path / str(kill)
        for attempt in range(1 + kill):
            method, watch = make(), Watch(LOSSES)
            tail = getattr(callbacks, kind)()
            keep = callbacks.Keep(folder, callbacks=[tail])
            chosen = [watch, tail, keep]
            if kill and attempt == 0:
                with pytest.raises(Killed):
                    method.fit(
                        data(),
                        epochs=7,
                        verbose=0,
                        callbacks=[*chosen, Killer()],
                    )
            else:
                method.fit(data(), epochs=7, verbose=0, callbacks=chosen)
        ends.append(method.model.get_weights())
    for one, two in zip(*ends, strict=True):
        assert np.array_equal(one, two)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="begins with.*`rate`"):
        callbacks.SWA(low=0.1)
    with pytest.raises(ValueError, match="`rate` must be greater"):
        callbacks.SWA(rate=0.0)
    with pytest.raises(ValueError, match="validation_data"):
        make().fit(data(), verbose=0, callbacks=[callbacks.SWAD()])
    model = models.tabular_classifier((6,), 2, size="tiny")
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(True))
    with pytest.raises(TypeError, match="Method"):
        model.fit(X, Y, verbose=0, callbacks=[callbacks.SWAD()])
