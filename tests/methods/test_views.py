"""Reconstruction, two shapes and two views: what the methods gain."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasgen as kg
from kerasgen.core import set_seed
from kerasgen.losses import canonical_correlations
from kerasgen.methods import DRCN, DSN, ERM, DeepCCA, TwoEncoders
from kerasgen.methods.coder import decoder, encoder, input_of
from kerasgen.methods.dsn import common, scale_free_error


def tiny(shape=(2,), classes=2, **knobs):
    return kg.tabular_classifier(shape, classes, size="tiny", **knobs)


@pytest.mark.parametrize(
    "shape", [(5,), (7, 3), (4, 4, 1), (3, 9, 2), (28, 30, 1), (33, 8, 3)]
)
def test_coders_fit_any_shape(shape):
    code = encoder(shape, 6, 4)(ops.ones((2, *shape)))
    assert code.shape == (2, 6)
    back = decoder(6, shape, 4)
    assert back(code).shape == (2, *shape)
    assert not encoder(shape, 6, 4).non_trainable_variables
    assert len(back.trainable_variables) >= 4


def test_what_can_not_be_rebuilt_is_refused():
    inputs = keras.Input((4,), dtype="int32")
    outputs = keras.layers.Embedding(5, 2)(inputs)
    outputs = keras.layers.Flatten()(outputs)
    outputs = keras.layers.Dense(2, name="head")(outputs)
    words = keras.Model(inputs, outputs)
    for kind in (DRCN, DSN, TwoEncoders):
        with pytest.raises(ValueError, match="real numbers"):
            kind(words, kg.Classification(2))
    with pytest.raises(ValueError, match="known shape"):
        open_ended = keras.Input((None, 3))
        input_of("here", keras.Model(open_ended, open_ended))


@pytest.mark.slow
def test_reconstruction_falls_and_weight_zero_is_erm():
    x = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")
    y = (x[:, 0] > 0).astype("int64")
    fields = {"inputs": x, "unlabeled": x + 1.0}
    set_seed(0)
    method = DRCN(tiny((6,)), kg.Classification(2), noise=0.0)
    method.compile(keras.optimizers.Adam(0.01))
    logs = method.fit(fields, y, epochs=30, verbose=0).history
    assert logs["rebuild"][-1] < 0.5 * logs["rebuild"][0]
    fixed = DRCN(tiny((6,)), kg.Classification(2), weight=0.0)
    fixed.compile(keras.optimizers.SGD(0.1))
    before = fixed.decoder.get_weights()
    fixed.fit(fields, y, verbose=0)
    for old, new in zip(before, fixed.decoder.get_weights(), strict=True):
        assert np.array_equal(old, new)


def test_common_is_the_paper_s_norm_and_zero_for_what_is_orthogonal():
    random = np.random.default_rng(0)
    one, two = random.normal(size=(9, 4)), random.normal(size=(9, 3))
    rows = []
    for x in (one, two):
        x = x - x.mean(0)
        rows.append(x / np.linalg.norm(x, axis=1, keepdims=True))
    known = np.linalg.norm(rows[0].T @ rows[1]) ** 2 / 81
    found = common(*(ops.convert_to_tensor(x, "float32") for x in (one, two)))
    assert np.isclose(float(found), known, rtol=1e-4)
    sides = np.float32([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    assert float(common(*(ops.array(sides[:, [i]]) for i in (0, 1)))) == 0.0


def test_an_error_that_is_the_same_everywhere_costs_nothing():
    x = np.random.default_rng(0).normal(size=(3, 4, 2)).astype("float32")
    assert np.allclose(scale_free_error(x, x + 2.0), 0.0, atol=1e-5)
    moved = np.random.default_rng(1).normal(size=x.shape).astype("float32")
    gap = (moved - x).reshape(3, -1)
    assert np.allclose(scale_free_error(x, moved), gap.var(1), atol=1e-5)


@pytest.mark.parametrize("alike", ("adversarial", "kernel"))
def test_dsn_moves_what_it_uses(alike):
    set_seed(0)
    method = DSN(tiny((6,)), kg.Classification(2), alike=alike)
    method.compile(keras.optimizers.Adam(0.01))
    x = np.random.default_rng(0).normal(size=(32, 6)).astype("float32")
    y = (x[:, 0] > 0).astype("int64")
    before = method.judge.get_weights()
    logs = method.fit({"inputs": x, "unlabeled": x + 1.0}, y, verbose=0)
    still = all(
        np.array_equal(old, new)
        for old, new in zip(before, method.judge.get_weights(), strict=True)
    )
    assert still == (alike == "kernel")
    assert np.isfinite(logs.history["loss"]).all()


def test_another_shape_than_the_method_knows_is_refused():
    x, y = ops.ones((8, 2)), ops.zeros((8,))
    wrong = ops.ones((8, 5))
    fields = {
        DeepCCA: {"pairs": {"x": x, "view": wrong}},
        TwoEncoders: {"unlabeled": x, "other": {"x": wrong, "y": y}},
    }
    for kind, extra in fields.items():
        for shape in (None, (4, 4, 1)):
            method = kind(tiny(), kg.Classification(2), shape=shape)
            method.compile("adam")
            with pytest.raises(ValueError, match="Pass shape="):
                method.fit({"inputs": x, **extra}, y, verbose=0)
    with pytest.raises(ValueError, match="must have classes"):
        TwoEncoders(kg.tabular_regressor((3,), size="tiny"), kg.Regression())
    with pytest.raises(TypeError, match="`shape` must be a tuple"):
        DeepCCA(tiny(), kg.Classification(2), shape=3)


def test_the_other_shape_is_that_of_the_model_unless_told():
    for kind in (DeepCCA, TwoEncoders):
        method = kind(tiny((5,)), kg.Classification(2))
        assert method.encoder.input_shape == (None, 5)


def clouds(n, seed, classes=4):
    """Two views of hidden points around the centers of classes."""
    world = np.random.default_rng(7)
    centers = world.normal(size=(classes, 4)) * 2.0
    maps = [world.normal(size=(4, d)) for d in (10, 16)]
    random = np.random.default_rng(seed)
    y = np.arange(n) % classes
    hidden = centers[y] + random.normal(size=(n, 4))
    one, two = (np.tanh(hidden @ m / 3) for m in maps)
    one = one + 0.5 * random.normal(size=one.shape)
    two = two + 0.1 * random.normal(size=two.shape)
    return one.astype("float32"), two.astype("float32"), y


@pytest.mark.slow
def test_views_correlate_on_examples_that_training_never_saw():
    one, two, y = clouds(512, 0)
    model = tiny((10,), 4, normalization="none", dropout=0.0)
    set_seed(0)
    method = DeepCCA(
        model, kg.Classification(4), shape=(16,), dimensions=3, weight=5.0
    )
    method.compile(keras.optimizers.Adam(0.01))
    new = clouds(512, 1)
    before = canonical_correlations(*method.codes(*new[:2]))
    fields = {"inputs": one, "pairs": {"x": one, "view": two}}
    method.fit(fields, y, batch_size=128, epochs=25, verbose=0)
    after = canonical_correlations(*method.codes(*new[:2]))
    plain = canonical_correlations(*new[:2])[:3]
    assert float(ops.mean(after)) > float(ops.mean(before))
    assert float(ops.mean(after)) > float(ops.mean(plain)) - 0.1


def accuracy(kind, fields, y, test, epochs, **values):
    scores = []
    for seed in range(3):
        set_seed(seed)
        model = tiny((10,), 4)
        method = kind(model, kg.Classification(4), **values)
        method.compile(keras.optimizers.Adam(0.005))
        method.fit(fields, y, batch_size=64, epochs=epochs, verbose=0)
        guess = model.predict(test[0], verbose=0).argmax(1)
        scores.append((guess == test[2]).mean())
    return np.mean(scores)


@pytest.mark.slow
def test_views_and_shapes_help_where_labels_are_few():
    one, two, labels = clouds(512, 0)
    other = clouds(512, 2)
    few = np.tile(np.arange(8), 64)
    x, y, test = one[few], labels[few], clouds(1000, 1)
    plain = accuracy(ERM, x, y, test, 20)
    pairs = {"inputs": x, "pairs": {"x": one, "view": two}}
    paired = accuracy(DeepCCA, pairs, y, test, 20, shape=(16,), dimensions=3)
    fields = {
        "inputs": x,
        "unlabeled": one,
        "other": {"x": other[1], "y": other[2]},
    }
    beside = accuracy(TwoEncoders, fields, y, test, 20, shape=(16,), ramp=100)
    assert paired > plain + 0.03, (plain, paired)
    assert beside > plain + 0.03, (plain, beside)
