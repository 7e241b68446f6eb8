"""Robust methods: terms against NumPy, statistics, and what they are for."""

import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats
from keras import ops
from scipy.spatial.distance import jensenshannon

import kerasgen as kg
from kerasgen.attacks import PGD
from kerasgen.core import set_seed
from kerasgen.methods import (
    MART,
    TRADES,
    AdversarialTraining,
    Consistency,
    FreeTraining,
    LearnedAdversary,
    LogitPairing,
)
from kerasgen.methods.consistency import disagreement
from kerasgen.methods.mart import boosted

ROBUST = (AdversarialTraining, TRADES, MART, LogitPairing, Consistency)


def noisy(n=400, seed=0, width=12):
    """One number tells the class for sure; many tell it weakly.

    A model of least loss leans on the weak ones, which a small change of
    each turns round; a robust one reads the first.
    """
    draw = np.random.default_rng(seed)
    y = np.arange(n) % 2
    sign = (2.0 * y - 1.0)[:, None]
    strong = sign * (draw.random((n, 1)) < 0.95) * 1.0
    strong -= sign * (strong == 0)
    weak = 0.4 * sign + draw.normal(0, 0.4, (n, width))
    return np.concatenate([strong, weak], 1).astype("float32"), y


def network(width=13, units=2, seed=0):
    set_seed(seed)
    x = inputs = keras.Input((width,))
    x = keras.layers.Dense(16, "relu")(x)
    return keras.Model(inputs, keras.layers.Dense(units, name="head")(x))


def robust_accuracy(model, x, y, epsilon):
    found = PGD(epsilon=epsilon, steps=20)(model, x, y)
    return float((np.argmax(model(found), -1) == y).mean())


def trained(part, epochs=8, **values):
    x, y = noisy()
    method = part(network(), kg.Classification(2), **values)
    method.compile({"name": "adam", "learning_rate": 0.01})
    method.fit(x, y, batch_size=32, epochs=epochs, verbose=0)
    return method


@pytest.fixture(scope="module")
def plain():
    x, y = noisy(seed=1)
    model = trained(kg.methods.ERM).model
    return robust_accuracy(model, x, y, 0.5)


@pytest.mark.slow
@pytest.mark.parametrize(
    "part, values",
    [
        (AdversarialTraining, {"steps": 1}),
        (AdversarialTraining, {"steps": 5, "clean": 0.2, "ramp": 20}),
        (TRADES, {"steps": 5}),
        (MART, {"steps": 5}),
        (LogitPairing, {"steps": 5}),
        (Consistency, {"steps": 5}),
        (FreeTraining, {"room": 32}),
        (LearnedAdversary, {"clean": 0.2}),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_it_stands_attacks_that_a_plain_training_doesnt(part, values, plain):
    x, y = noisy(seed=1)
    model = trained(part, epsilon=0.5, **values).model
    assert robust_accuracy(model, x, y, 0.5) > plain + 0.1


def shares(z):
    return scipy.special.softmax(np.asarray(z, "float64"), -1)


def answered(part, **values):
    """Outputs of a method's two passes, and its terms on them."""
    x, y = noisy(8)
    method = part(network(), kg.Classification(2), **values)
    method.compile("adam")
    worse = ops.array(x[::-1].copy())
    batch = {"x": ops.array(x), "y": y, "weight": None, "worse": worse}
    terms, _ = method.judged(batch)
    one, two = (shares(method.model(z)) for z in (x, worse))
    return {k: float(v) for k, v in terms.items()}, one, two, y, method


def test_trades_terms():
    terms, p, q, y, _ = answered(TRADES, weight=3.0)
    apart = scipy.stats.entropy(p, q, axis=1).mean()
    assert terms["steadiness"] == pytest.approx(3.0 * apart, rel=1e-4)
    task = -np.log(p[np.arange(8), y]).mean()
    assert terms["task"] == pytest.approx(task, rel=1e-4)


def test_mart_terms():
    terms, p, q, y, _ = answered(MART, weight=2.0)
    rows = np.arange(8)
    lost = -np.log(q[rows, y]) - np.log(1 - q[rows, 1 - y])
    assert terms["adversarial"] == pytest.approx(lost.mean(), rel=1e-4)
    apart = scipy.stats.entropy(p, q, axis=1) * (1 - p[rows, y])
    assert terms["steadiness"] == pytest.approx(2 * apart.mean(), rel=1e-4)


def test_boosted_takes_the_best_wrong_class():
    z = np.float32([[2.0, 1.0, -1.0], [0.0, 3.0, 1.0]])
    p, y = shares(z), np.array([0, 2])
    expected = -np.log(p[[0, 1], y]) - np.log(1 - p[[0, 1], [1, 1]])
    found = boosted(ops.one_hot(y, 3), ops.array(z))
    assert np.allclose(found, expected, atol=1e-5)


def test_logit_pairing_terms():
    terms, _, _, y, method = answered(LogitPairing, weight=0.5)
    x, _ = noisy(8)
    one, two = (np.asarray(method.model(z)) for z in (x, x[::-1]))
    apart = ((one - two) ** 2).sum(1).mean()
    assert terms["pairing"] == pytest.approx(0.5 * apart, rel=1e-4)


def test_disagreement_is_scipys():
    draw = np.random.default_rng(3)
    one, two = draw.normal(0, 2, (2, 7, 4)).astype("float32")
    expected = jensenshannon(shares(one), shares(two), axis=1) ** 2
    assert np.allclose(disagreement(one, two), expected, atol=1e-5)


@pytest.mark.parametrize("part", ROBUST, ids=lambda part: part.__name__)
def test_statistics_move_once_and_not_by_the_attack(part):
    """After one step they are those of one pass over the changed inputs."""
    set_seed(0)
    model = kg.tabular_classifier((13,), 2, size="tiny", dropout=0.0)
    x, y = noisy(32)
    method = (
        part(model, kg.Classification(2), epsilon=0.0, noise=0.0)
        if (part is Consistency)
        else part(model, kg.Classification(2), epsilon=0.0)
    )
    method.compile({"name": "sgd", "learning_rate": 0.0})
    norm = next(layer for layer in model.layers if "norm" in layer.name)
    dense = model.layers[model.layers.index(norm) - 1]
    before = np.asarray(norm.moving_mean)
    seen = np.asarray(dense(x)).mean(0)
    method.fit(x, y, batch_size=32, verbose=0)
    kept = norm.momentum
    expected = kept * before + (1 - kept) * seen
    assert np.allclose(norm.moving_mean, expected, atol=1e-5)


def test_steps_that_ask_twice_see_one_attack():
    seen = []

    class Watched(TRADES):
        def judged(self, batch):
            seen.append(batch["worse"])
            return super().judged(batch)

    method = Watched(network(), kg.Classification(2), step="awp")
    method.compile("adam", run_eagerly=True)
    x, y = noisy(16)
    method.fit(x, y, batch_size=16, verbose=0)
    assert len(seen) == 2 and np.array_equal(seen[0], seen[1])


def test_epsilon_grows_over_the_ramp():
    far = []

    class Watched(AdversarialTraining):
        def judged(self, batch):
            gap = ops.max(ops.abs(batch["worse"] - batch["x"]))
            far.append(float(gap))
            return super().judged(batch)

    method = Watched(
        network(), kg.Classification(2), epsilon=0.4, steps=3, ramp=4
    )
    method.compile("adam", run_eagerly=True)
    x, y = noisy(24)
    method.fit(x, y, batch_size=4, verbose=0)
    assert np.allclose(far, [0.1, 0.2, 0.3, 0.4, 0.4, 0.4], atol=1e-5)


def test_free_training_moves_the_change_by_signs_and_keeps_it():
    x, y = noisy(8)
    method = FreeTraining(
        network(), kg.Classification(2), epsilon=0.25, replays=3, room=8
    )
    method.compile({"name": "sgd", "learning_rate": 0.0})
    method.fit(x, y, batch_size=8, verbose=0, shuffle=False)
    change = np.asarray(method.change)
    assert set(np.unique(np.abs(change)).round(6)) <= {0.0, 0.25}
    assert (change != 0).mean() > 0.9
    plain, worse = (np.asarray(method.model(z)) for z in (x, x + change))
    rows = np.arange(8)
    lost = [-np.log(shares(z)[rows, y]).mean() for z in (plain, worse)]
    assert lost[1] > lost[0]
    assert not method.change.path.startswith("optimizer")
    assert all(method.change is not v for v in method.optimizer.variables)


def test_free_training_shares_changes_in_a_greater_batch():
    x, y = noisy(20)
    method = FreeTraining(network(), kg.Classification(2), room=8)
    method.compile("adam")
    assert np.isfinite(
        method.fit(x, y, batch_size=20, verbose=0).history["loss"]
    ).all()


@pytest.mark.slow
def test_the_adversary_begins_as_a_copy_and_fools_a_fixed_model():
    x, y = noisy(200)
    model = trained(kg.methods.ERM).model
    method = LearnedAdversary(
        model, kg.Classification(2), epsilon=0.5, clean=0.0
    )
    copies = method.adversary.layers[1].get_weights()
    for own, theirs in zip(copies, model.layers[1].get_weights(), strict=True):
        assert np.array_equal(own, theirs)
    before = model.get_weights()
    method.compile({"name": "adam", "learning_rate": 0.01})
    method.optimizer.learning_rate.assign(0.0)
    method.fit(x, y, batch_size=20, epochs=10, verbose=0)
    for own, theirs in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(own, theirs)
    worse = np.asarray(method.changed(x))
    assert np.abs(worse - x).max() <= 0.5 + 1e-6
    right = [(np.argmax(model(z), -1) == y).mean() for z in (x, worse)]
    assert right[1] < right[0] - 0.3


def test_whole_numbers_are_refused():
    inputs = keras.Input((4,), dtype="int32")
    hidden = keras.layers.Flatten()(keras.layers.Embedding(5, 3)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(2, name="head")(hidden))
    for part in (*ROBUST, FreeTraining, LearnedAdversary):
        with pytest.raises(ValueError, match="floats"):
            part(model, kg.Classification(2))


def test_awp_follows_its_equations():
    set_seed(0)
    x, y = noisy(32)
    inputs = keras.Input((13,))
    model = keras.Model(inputs, keras.layers.Dense(2, name="head")(inputs))
    weight, bias = (w.astype("float64") for w in model.get_weights())

    def gradient(weight):
        gap = (shares(x @ weight + bias) - np.eye(2)[y]) / len(x)
        return x.T @ gap, gap.sum(0)

    first = gradient(weight)[0]
    moved = weight + 0.3 * np.linalg.norm(weight) * first / np.linalg.norm(
        first
    )
    expected = gradient(moved)
    method = kg.methods.ERM(
        model, kg.Classification(2), step={"name": "awp", "gamma": 0.3}
    )
    method.compile({"name": "sgd", "learning_rate": 0.1, "momentum": 0.0})
    method.fit(x, y, batch_size=32, verbose=0, shuffle=False)
    for old, new, g in zip(
        (weight, bias), model.get_weights(), expected, strict=True
    ):
        assert np.allclose(new, old - 0.1 * g, atol=1e-6)


@pytest.mark.slow
def test_robust_training_works_for_numbers():
    x, _ = noisy(64)
    y = x[:, 0] * 2.0
    set_seed(0)
    model = network(units=1)
    method = AdversarialTraining(model, kg.Regression(), steps=2)
    method.compile({"name": "adam", "learning_rate": 0.01})
    lost = method.fit(x, y, epochs=5, verbose=0).history["loss"]
    assert lost[-1] < lost[0]
