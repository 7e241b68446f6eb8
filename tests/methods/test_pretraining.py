"""Learning features without labels: what moves, what is hidden, gains."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasgen as kg
from kerasgen.callbacks import Average
from kerasgen.core import set_seed
from kerasgen.data import forget_labels
from kerasgen.losses import contrast, redundancy
from kerasgen.methods import (
    ERM,
    BarlowTwins,
    MaskedAutoencoder,
    SimCLR,
)

ALL = (BarlowTwins, MaskedAutoencoder, SimCLR)
X = np.random.default_rng(0).normal(size=(16, 6)).astype("float32")
Y = np.arange(16) % 3
IMAGES = np.random.default_rng(0).normal(size=(8, 10, 8, 2)).astype("float32")


def tiny(shape=(6,)):
    return kg.tabular_classifier(shape, 3, size="tiny")


def made(kind, model, **given):
    method = kind(model, kg.Classification(3), **given)
    method.compile("adam")
    return method


@pytest.mark.slow
@pytest.mark.parametrize("kind", ALL)
def test_the_head_stays_and_labels_do_not_matter(kind):
    found = []
    for y in (Y, np.zeros_like(Y)):
        set_seed(0)
        method = made(kind, tiny())
        before = [np.array(v) for v in method.head.get_weights()]
        history = method.fit(X, y, epochs=2, verbose=0, shuffle=False).history
        assert sorted(history) == sorted(["loss", *method.terms])
        for one, two in zip(before, method.head.get_weights(), strict=True):
            assert np.array_equal(one, two)
        found.append(method.features.get_weights())
    for one, two in zip(*found, strict=True):
        assert np.array_equal(one, two)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ALL)
def test_metrics_and_validation_come_where_they_are_asked_for(kind):
    method = kind(tiny(), kg.Classification(3))
    method.compile("adam", metrics=method.task.metrics())
    history = method.fit(X, Y, verbose=0, validation_data=(X, Y)).history
    assert {"accuracy", "val_accuracy", "val_loss"} <= set(history)
    made(kind, tiny()).evaluate(X, Y, verbose=0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ALL)
def test_unlabeled_examples_count_where_they_come(kind):
    method = made(kind, tiny())
    batch = {"x": ops.convert_to_tensor(X[:2]), "unlabeled": X[2:]}
    assert method.examples(batch).shape == (16, 6)
    assert method.examples({"x": X}).shape == (16, 6)
    fields = {"inputs": X, "unlabeled": 2.0 * X}
    loss = method.fit(fields, Y, verbose=0).history["loss"]
    assert np.isfinite(loss[0])
    data = forget_labels(kg.data.load("wine"), keep=5)
    method = kind(kg.tabular_classifier((13,), 3, size="tiny"), data.task)
    method.compile("adam")
    method.fit(data.batches("unlabeled", shuffle=True), verbose=0)


def test_two_views_are_compared_by_the_losses():
    one, two = X[:8], X[8:]
    method = made(SimCLR, tiny(), temperature=0.2)
    expected = np.mean(contrast(one, two, 0.2))
    assert np.isclose(float(method.compared(one, two)), expected)
    method = made(BarlowTwins, tiny(), weight=0.1, width=6)
    expected = float(redundancy(one, two, 0.1)) / 6
    assert np.isclose(float(method.compared(one, two)), expected)


@pytest.mark.parametrize("shape", [(6,), (10, 8, 2), (12, 3)])
def test_so_much_is_hidden_in_patches(shape):
    inputs = keras.Input(shape)
    x = keras.layers.Dense(4)(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, keras.layers.Dense(3, name="head")(x))
    patch = {1: None, 2: 4, 3: 3}[len(shape)]
    method = made(MaskedAutoencoder, model, share=0.3, patch=patch)
    away = np.asarray(method._drawn(np.zeros((400, *shape), "float32")))
    assert away.shape == (400, *shape[:-1], 1 if len(shape) > 1 else shape[0])
    assert set(np.unique(away)) == {0.0, 1.0}
    assert abs(away.mean() - 0.3) < 0.05
    if len(shape) == 3:
        assert (away[:, :3, :3] == away[:, :1, :1]).all()
        assert (away[:, 9:, 6:] == away[:, 9:, 6:7]).all()
    if len(shape) == 2:
        assert (away[:, 4:8] == away[:, 4:5]).all()


def test_only_what_is_hidden_is_to_be_told():
    method = made(MaskedAutoencoder, tiny())
    away = np.zeros((16, 6), "float32")
    away[:, 1] = 1.0
    away[0] = 0.0
    method._drawn = lambda x: ops.convert_to_tensor(away)
    told = []
    decoder = method.decoder

    def told_by(h, training):
        told.append(decoder(h, training=training))
        return told[-1]

    method.decoder = None
    object.__setattr__(method, "decoder", told_by)
    batch = {"x": ops.convert_to_tensor(X), "y": Y, "weight": None}
    terms, outputs = method.objective(batch)
    error = np.square(np.asarray(told[0])[:, 1] - X[:, 1])
    assert outputs is None
    assert np.isclose(float(terms["hidden"]), error[1:].sum() / 16, rtol=1e-4)


def test_maps_tell_images_of_any_side():
    model = kg.image_classifier((10, 8, 2), 3, size="tiny")
    method = made(MaskedAutoencoder, model)
    assert method.decoder.output_shape == (None, 10, 8, 2)
    assert len(method._below.output_shape) == 4
    loss = method.fit(IMAGES, Y[:8], epochs=3, verbose=0).history["loss"]
    assert loss[-1] < loss[0]


def test_inputs_that_do_not_fit_are_refused():
    inputs = keras.Input((5,), dtype="int32")
    x = keras.layers.Embedding(9, 4)(inputs)
    x = keras.layers.GlobalAveragePooling1D()(x)
    words = keras.Model(inputs, keras.layers.Dense(3, name="head")(x))
    with pytest.raises(ValueError, match="one input of floats"):
        MaskedAutoencoder(words, kg.Classification(3))
    with pytest.raises(ValueError, match="Pass view="):
        SimCLR(words, kg.Classification(3))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ALL)
def test_one_model_goes_on_by_another_method(kind):
    model = tiny()
    method = made(kind, model)
    method.fit(X, Y, verbose=0, callbacks=[Average(0.5)])
    loss = made(ERM, model).fit(X, Y, verbose=0).history["loss"]
    assert np.isfinite(loss[0])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ALL)
def test_pretraining_helps_where_labels_are_few(kind):
    whole = kg.data.load("digits")
    gains = []
    for seed in range(3):
        data = forget_labels(whole, 3, seed)
        x, y = data.tensors("test")
        scores = []
        for pretrained in (False, True):
            set_seed(seed)
            model = kg.image_classifier(data.shape, 10, size="tiny")
            if pretrained:
                method = kind(model, data.task)
                method.compile(keras.optimizers.Adam(3e-3))
                batches = data.batches("unlabeled", 128, shuffle=True)
                method.fit(batches, epochs=50, verbose=0)
            method = ERM(model, data.task)
            method.compile(keras.optimizers.Adam(1e-3))
            batches = data.batches("train", 30).repeat(100)
            method.fit(batches, epochs=1, verbose=0)
            answers = np.argmax(model.predict(x, verbose=0), -1)
            scores.append((answers == y).mean())
        gains.append(scores[1] - scores[0])
    assert np.mean(gains) > 0.0, gains
