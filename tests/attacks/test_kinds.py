"""Attacks by decisions, on random models, sounds, rows and texts."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from sklearn.ensemble import RandomForestClassifier

from kerasgen import attacks
from kerasgen.attacks.ball import length
from kerasgen.attacks.tokens import embedding_of

DRAW = np.random.default_rng(1)
WEIGHTS = DRAW.normal(0, 1, (6, 3)).astype("float32")
X = DRAW.normal(0, 1, (12, 6)).astype("float32")
Y = (X @ WEIGHTS).argmax(1)


def distances(norm):
    logits = X @ WEIGHTS
    gaps = logits[np.arange(len(X)), Y][:, None] - logits
    apart = WEIGHTS[:, Y].T[:, :, None] - WEIGHTS[None]
    size = np.linalg.norm(apart, {"inf": 1, "2": 2}[norm], axis=1)
    gaps[np.arange(len(X)), Y] = np.inf
    return (gaps / np.maximum(size, 1e-9)).min(1)


@pytest.mark.parametrize("norm", ["2", "inf"])
def test_hop_skip_jump_finds_distances_by_classes_alone(norm):
    asked = []

    def classes(x):
        asked.append(len(x))
        return (np.asarray(x) @ WEIGHTS).argmax(1)

    attack = attacks.HopSkipJump(norm=norm, steps=20, queries=60)
    found = attack(classes, X, Y)
    assert (classes(found) != Y).all()
    ratio = length(found - X, norm) / distances(norm)
    assert np.median(ratio) < 1.1 and ratio.min() > 0.999
    near = attacks.HopSkipJump(
        norm=norm,
        steps=20,
        queries=60,
        epsilon=float(np.median(distances(norm))),
    )(classes, X, Y)
    moved = length(near - X, norm)
    assert (moved <= near.dtype.type(np.median(distances(norm)) * 1.001)).all()
    assert 1 <= (classes(near) != Y).sum() <= 6


def test_expectation_sees_through_random_masks():
    def masked(x, seed):
        drawn = tf.random.stateless_uniform(tf.shape(x), seed)
        return x * tf.cast(drawn < 0.4, "float32")

    def linear(x):
        return ops.matmul(x, WEIGHTS)

    def margin_to(goal):
        return lambda y, z: z[:, goal] - z[:, 0]

    inner = {"name": "fgsm", "epsilon": 0.1}
    slope = np.sign(WEIGHTS[:, 1] - WEIGHTS[:, 0])
    moved = {}
    for draws in (1, 40):
        attack = attacks.EOT(inner, masked, draws=draws)
        found = attack(linear, X, np.zeros(12, int), loss=margin_to(1))
        moved[draws] = (found - X) / 0.1
    # One draw hides some slopes; the mean of many shows all of them.
    assert (np.abs(moved[1]) < 1e-3).mean() > 0.4
    assert np.allclose(moved[40], slope, atol=1e-5)
    with pytest.raises(ValueError, match="fgsm"):
        attacks.EOT("fgms")


def test_eot_takes_augmentations_and_their_descriptions():
    x = DRAW.uniform(0.3, 0.7, (4, 8, 8, 1)).astype("float32")
    y = np.array([0, 1, 0, 1])

    def model(x):
        return ops.stack(
            [ops.mean(x[:, :4], (1, 2, 3)), ops.mean(x[:, 4:], (1, 2, 3))], -1
        )

    shared = {"epsilon": 0.1, "steps": 3, "random": False, "stop": False}
    exact = attacks.PGD(**shared)(model, x, y)
    for transform in ("gaussian_noise", {"name": "flip", "rate": 1.0}):
        attack = attacks.EOT({"name": "pgd", **shared}, transform, draws=2)
        found = attack(model, x, y)
        # Left and right count alike here: the slope is as it was.
        assert np.allclose(found, exact, atol=1e-6)


def waves():
    time = np.arange(64)
    x = 0.3 * np.sin(0.7 * time)[None] + DRAW.normal(0, 0.05, (8, 64))
    weights = DRAW.normal(0, 1, (64, 2)).astype("float32")
    return x.astype("float32"), weights, (x @ weights).argmax(1)


@pytest.mark.parametrize("band", [(0.0, 0.5), (0.1, 0.25)])
def test_sounds_change_by_the_best_of_their_band(band):
    x, weights, y = waves()
    attack = attacks.WavePGD(snr=26.0, band=band, steps=10)

    def lead(x):
        z = x @ weights
        return z[np.arange(8), 1 - y] - z[np.arange(8), y]

    found = attack(lambda x: 1e-3 * ops.matmul(x, weights), x, y)
    change = found.astype("float64") - x
    ratio = length(x, "2") / length(change, "2")
    assert np.allclose(20 * np.log10(ratio)[lead(found) < 0], 26, atol=1e-3)
    way = weights[:, 1] - weights[:, 0]
    spectrum = np.fft.rfft(way)
    places = np.fft.rfftfreq(64)
    outside = (places < band[0]) | (places > band[1])
    spectrum[outside] = 0
    best = np.linalg.norm(np.fft.irfft(spectrum, 64)) * length(x, "2") / 10**1.3
    still = lead(found) < 0
    assert still.any()
    assert np.allclose((lead(found) - lead(x))[still], best[still], rtol=1e-3)
    spent = np.abs(np.fft.rfft(change))
    assert spent[:, outside].max(initial=0.0) < 1e-5 * spent.max()


def test_sounds_have_a_greatest_change_too():
    x, weights, y = waves()
    for values in (
        {"snr": None, "epsilon": 0.01},
        {"epsilon": 0.01, "band": (0.0, 0.2)},
    ):
        found = attacks.WavePGD(**values)(
            lambda x: ops.matmul(x, weights), x, y
        )
        assert 0 < np.abs(found - x).max() <= 0.01 + 1e-6
    for values, words in (
        ({"snr": None}, "bounded by"),
        ({"band": (0.4, 0.2)}, "band"),
    ):
        with pytest.raises(ValueError, match=words):
            attacks.WavePGD(**values)
    with pytest.raises(ValueError, match="unit.*32768"):
        attacks.WavePGD(epsilon=327.0)(lambda x: x, x, y)
    with pytest.raises(ValueError, match="waves"):
        attacks.WavePGD()(lambda x: x, X[:, :, None], Y)


class Places(keras.layers.Layer):
    """Adds a vector for each place, from an Embedding layer of its own."""

    def __init__(self):
        super().__init__()
        self.table = keras.layers.Embedding(4, 3)

    def call(self, x):
        return x + self.table(ops.arange(4)[None])


def text_model():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4,), dtype="int32")
    layer = keras.layers.Embedding(12, 3, embeddings_initializer="normal")
    hidden = keras.layers.Flatten()(Places()(layer(inputs)))
    outputs = keras.layers.Dense(2, name="head")(hidden)
    return keras.Model(inputs, outputs), layer


def test_vectors_of_words_move_by_the_closed_form():
    model, layer = text_model()
    x = DRAW.integers(1, 12, (6, 4))
    x[:3, 3] = 0
    y = np.asarray(model(x)).argmax(1)
    assert embedding_of(model, x) is layer
    attack = attacks.EmbeddingPGD(epsilon=0.01, steps=5)
    found = attack(model, x, y)
    table = np.asarray(layer.embeddings)
    change = found - table[x]
    radius = 0.01 * np.linalg.norm(table, axis=1).mean()
    moved = np.linalg.norm(change, axis=-1)
    assert np.abs(change[:3, 3]).max() == 0
    assert np.allclose(moved[x != 0], radius, rtol=1e-3)
    weights = np.asarray(model.get_layer("head").kernel).reshape(4, 3, 2)
    gap = np.linalg.norm(weights[..., 1] - weights[..., 0], axis=1)
    best = radius * (gap * (x != 0)).sum(1)
    rows = np.arange(6)
    leads = [
        z[rows, 1 - y] - z[rows, y]
        for z in (np.asarray(model(x)), attack.answers(model, x, found))
    ]
    assert np.allclose(leads[1] - leads[0], best, rtol=1e-3)
    with pytest.raises(ValueError, match="Embedding.*WordSubstitution"):
        attack(lambda x: x, x, y)
    with pytest.raises(ValueError, match="tokens"):
        attack(model, x + 0.5, y)


def test_words_are_those_of_a_search_of_all_texts():
    model, _ = text_model()
    x = DRAW.integers(2, 12, (6, 4))
    rows = np.arange(6)
    y = np.asarray(model(x)).argmax(1)
    table = {
        word: [(word - 2 + k) % 10 + 2 for k in (1, 2)] for word in range(2, 12)
    }
    attack = attacks.WordSubstitution(changes=4, synonyms=table)
    found = attack(model, x, y)
    fooled = np.asarray(model(found)).argmax(1) != y
    for text, new, label, hit in zip(x, found, y, fooled, strict=True):
        for old, word in zip(text, new, strict=True):
            assert word == old or word in table[old]
        every = np.array(
            list(itertools.product(*([w, *table[w]] for w in text)))
        )
        # Of a model that adds up, one word after the other finds any answer.
        possible = (np.asarray(model(every)).argmax(1) != label).any()
        assert hit == possible
    few = attacks.WordSubstitution(changes=1, synonyms=table)(model, x, y)
    assert ((few != x).sum(1) <= 1).all()
    z = np.asarray(model(few))
    assert (z[rows, y] <= np.asarray(model(x))[rows, y] + 1e9).all()
    near = attacks.WordSubstitution(changes=4, near=11, keep=(0, 1))(
        model, x, y
    )
    assert near.min() >= 2 and (np.asarray(model(near)).argmax(1) != y).any()


def rows():
    x = DRAW.uniform(0, 1, (20, 6)).astype("float32")
    x[:, 0] *= 50.0
    x[:, 2:5] = np.eye(3)[DRAW.integers(0, 3, 20)]
    x[:, 5] = DRAW.integers(0, 4, 20)
    return x


TABLE = {
    "low": [0, 0, 0, 0, 0, 0],
    "high": [50, 1, 1, 1, 1, 3],
    "groups": ((2, 3, 4),),
    "categories": (5,),
}


def test_rows_change_by_the_closed_form():
    x = rows()
    way = np.float32([0.002, 0.1, 0.05, -0.03, 0.01, 0.02])

    def model(x):
        lead = ops.matmul(x, way[:, None])
        return ops.concatenate([10.0 - lead, lead], -1)

    y = np.zeros(20, int)
    attack = attacks.TablePGD(epsilon=0.1, swaps=2, **TABLE)
    found = attack(model, x, y)
    best = x.copy()
    best[:, 0] = np.minimum(x[:, 0] + 5.0, 50.0)
    best[:, 1] = np.minimum(x[:, 1] + 0.1, 1.0)
    best[:, 2:5] = [1, 0, 0]
    best[:, 5] = 3
    assert np.allclose(found, best, atol=1e-4)
    fixed = attacks.TablePGD(epsilon=0.1, immutable=(0, 3, 5), **TABLE)
    found = fixed(model, x, y)
    assert np.array_equal(found[:, [0, 2, 3, 4, 5]], x[:, [0, 2, 3, 4, 5]])
    search = attacks.TableSearch(epsilon=0.1, swaps=2, steps=300, **TABLE)
    found = search(lambda x: np.asarray(model(x)), x, y)
    assert np.allclose(found @ way, best @ way, atol=0.01)


def test_forests_are_fooled_and_rows_stay_valid():
    x = rows()
    x = np.concatenate([x] * 10) + 0.0
    x[:, :2] = DRAW.uniform(0, 1, (200, 2)) * [50, 1]
    y = (x[:, 0] / 50 + x[:, 1] + 0.3 * x[:, 2] > 1.1).astype(int)
    forest = RandomForestClassifier(8, random_state=0).fit(x, y)
    attack = attacks.TableSearch(epsilon=0.15, steps=60, **TABLE)
    found = attack(forest.predict_proba, x[:50], y[:50])
    right = [(forest.predict(z) == y[:50]).mean() for z in (x[:50], found)]
    assert right[1] < right[0] - 0.1
    assert (found[:, 2:5].sum(1) == 1).all()
    assert np.isin(found[:, 5], range(4)).all()
    far = np.abs(found - x[:50])[:, :2]
    assert (far <= [0.15 * 50 + 1e-4, 0.15 + 1e-5]).all()
    with pytest.raises(ValueError, match="TableSearch"):
        attacks.TablePGD(**TABLE)(forest.predict_proba, x[:5], y[:5])


def test_rows_that_break_their_own_rules_are_refused():
    x = rows()
    y = np.zeros(20, int)
    for column, value, word in (
        (2, 0.5, "one-hot"),
        (5, 1.5, "whole"),
        (0, 51, "ranges"),
    ):
        broken = x.copy()
        broken[0, column] = value
        with pytest.raises(ValueError, match=word):
            attacks.TablePGD(**TABLE)(lambda x: x, broken, y)
    with pytest.raises(ValueError, match="exist"):
        attacks.TablePGD(immutable=(9,))(lambda x: x, x, y)


def test_one_logit_is_that_of_the_second_class():
    inputs = keras.Input((6,))
    head = keras.layers.Dense(1, activation="sigmoid")
    model = keras.Model(inputs, head(inputs))
    y = (np.asarray(model(X))[:, 0] > 0.5).astype("float32")
    found = attacks.FGSM(epsilon=0.1)(model, X, y[:, None])
    way = np.sign(np.asarray(head.kernel))[:, 0]
    sign = np.where(y == 1, -1, 1)[:, None]
    assert np.allclose(found - X, 0.1 * sign * way, atol=1e-5)


def test_a_model_that_learnt_since_is_seen_as_it_is():
    inputs = keras.Input((6,))
    head = keras.layers.Dense(3, activation="softmax")
    model = keras.Model(inputs, head(inputs))
    attack = attacks.FGSM(epsilon=0.1)
    attack(model, X, Y)
    head.set_weights([WEIGHTS, np.zeros(3)])
    found = attack(model, X, Y)
    exact = attack(lambda x: ops.matmul(x, WEIGHTS), X, Y)
    assert np.allclose(found, exact, atol=1e-6)
    nested = keras.Sequential([keras.Input((6,)), model])
    assert np.allclose(attack(nested, X, Y), exact, atol=1e-6)
    assert head.activation.__name__ == "softmax"
    sure = lambda x: 1e4 * ops.matmul(x, WEIGHTS)  # noqa: E731
    # Nothing is left of the loss's slope there; the lead's is followed.
    second = np.argsort(X @ WEIGHTS, 1)[:, 1]
    way = np.sign(WEIGHTS[:, second] - WEIGHTS[:, Y]).T
    assert np.allclose(attack(sure, X, Y) - X, 0.1 * way, atol=1e-6)
    with pytest.raises(ValueError, match="smoothly.*HopSkipJump"):
        attack(lambda x: ops.sign(ops.matmul(x, WEIGHTS)), X, Y)
    same = attack(lambda x: 0.0 * ops.matmul(x, WEIGHTS), X, Y)
    assert np.array_equal(same, X)


def test_units_and_labels_are_checked():
    pixels = DRAW.integers(0, 256, (2, 4, 4, 1))
    with pytest.raises(ValueError, match="pixels.*7.65"):
        attacks.FGSM(epsilon=0.03)(lambda x: x[:, 0, :, 0], pixels, [0, 1])
    near = attacks.FGSM(epsilon=0.03, low=0, high=255)
    assert near(lambda x: x[:, 0, :, 0], pixels, [0, 1]).shape == pixels.shape
    with pytest.raises(ValueError, match="unit"):
        attacks.PGD(epsilon=8.0, norm="2")(
            lambda x: x[:, 0, :, 0], pixels / 255, [0, 1]
        )
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3)])
    for labels in ([3] * 12, [-1] * 12):
        with pytest.raises(ValueError, match="labels must"):
            attacks.FGSM()(model, X, np.array(labels))
    attack = attacks.FGSM()
    attack(model, X, Y)
    assert set(vars(attack)) == set(attack.arguments)
