"""Attacks on linear models, where the answer is known in closed form."""

import keras
import numpy as np
import pytest
import scipy.optimize
from keras import ops

import kerasgen as kg
from kerasgen import attacks
from kerasgen.attacks.apgd import checkpoints
from kerasgen.attacks.ball import ascent, length, project, somewhere
from kerasgen.attacks.fab import onto
from kerasgen.attacks.victim import (
    Victim,
    cross_entropy,
    logits_ratio,
    targeted_ratio,
)

DRAW = np.random.default_rng(0)
WEIGHTS = DRAW.normal(0, 1, (6, 5)).astype("float32")
X = DRAW.normal(0, 1, (60, 6)).astype("float32")
Y = (X @ WEIGHTS).argmax(1)
DUAL = {"inf": 1, "2": 2, "1": np.inf}


def linear(x):
    return ops.matmul(x, WEIGHTS)


def distances(norm):
    """How far each example lies from the nearest other class, exactly."""
    logits = X @ WEIGHTS
    rows = np.arange(len(X))
    gaps = logits[rows, Y][:, None] - logits
    apart = WEIGHTS[:, Y].T[:, :, None] - WEIGHTS[None]
    size = np.linalg.norm(apart, DUAL[norm], axis=1)
    return np.where(
        np.eye(5)[Y] == 1, np.inf, gaps / np.maximum(size, 1e-9)
    ).min(1)


def stands(attack):
    found = attack(linear, X, Y)
    assert (length(found - X, attack.norm) <= attack.epsilon * 1.0001).all()
    return (found @ WEIGHTS).argmax(1) == Y


@pytest.mark.parametrize("norm", ["inf", "2"])
@pytest.mark.parametrize(
    "make",
    [
        lambda **v: attacks.APGD(steps=50, **v),
        lambda **v: attacks.APGD(steps=30, loss="targeted", targets=4, **v),
        lambda **v: attacks.FAB(steps=20, targets=4, **v),
        lambda **v: attacks.AutoAttack(steps=20, queries=20, **v),
        lambda **v: attacks.PGD(steps=60, restarts=3, **v),
    ],
    ids=["apgd", "apgd-targeted", "fab", "auto", "pgd"],
)
def test_robust_accuracy_is_exact(make, norm):
    far = distances(norm)
    for epsilon in np.quantile(far, [0.3, 0.7]):
        # Examples within a hundredth of the border may go either way.
        sure = np.abs(far / epsilon - 1) > 0.01
        found = stands(make(epsilon=float(epsilon), norm=norm))
        # The cross-entropy may lead to another class than the nearest.
        assert ((found == (far > epsilon)) | ~sure).mean() > 0.93
        assert not (found < (far > epsilon))[sure].any()


def test_least_changes_are_the_distances():
    far = distances("2")
    found = attacks.DeepFool(overshoot=0.001)(linear, X, Y)
    assert np.allclose(length(found - X, "2"), far, rtol=0.01, atol=1e-3)
    found = attacks.DeepFool(overshoot=0.001, norm="inf")(linear, X, Y)
    exact = distances("inf")
    assert np.allclose(length(found - X, "inf"), exact, rtol=0.01, atol=1e-3)
    found = attacks.CarliniWagner(steps=200, rate=0.02)(linear, X, Y)
    assert ((found @ WEIGHTS).argmax(1) != Y).all()
    assert np.median(length(found - X, "2") / far) < 1.1
    for norm in ("inf", "2", "1"):
        attack = attacks.FAB(epsilon=1e3, steps=30, norm=norm, targets=4)
        found = attack(linear, X, Y)
        moved = length(found - X, norm)
        assert np.median(moved / distances(norm)) < 1.02


def test_fgsm_is_the_sign_of_the_slope():
    found = attacks.FGSM(epsilon=0.1)(linear, X, Y)
    shares = np.exp(X @ WEIGHTS)
    shares /= shares.sum(1, keepdims=True)
    slope = (shares - np.eye(5)[Y]) @ WEIGHTS.T
    assert np.allclose(found - X, 0.1 * np.sign(slope), atol=1e-6)
    near = attacks.FGSM(epsilon=0.1, targeted=True)(linear, X, Y)
    assert np.allclose(near - X, X - found, atol=1e-6)
    start = attacks.RFGSM(epsilon=0.1, start=0.5)(linear, X, Y)
    assert np.abs(start - X).max() <= 0.1 + 1e-6
    assert not np.allclose(start, found)


def test_targets_are_reached():
    goal = (Y + 1) % 5
    attack = attacks.PGD(epsilon=20.0, steps=100, targeted=True)
    found = attack(linear, X, goal)
    assert ((found @ WEIGHTS).argmax(1) == goal).mean() > 0.95


def test_momentum_and_stopping():
    shared = {"epsilon": 0.3, "steps": 20}
    plain = attacks.PGD(**shared)(linear, X, Y)
    moved = attacks.PGD(**shared, momentum=1.0)(linear, X, Y)
    rates = [((z @ WEIGHTS).argmax(1) == Y).mean() for z in (plain, moved)]
    assert abs(rates[0] - rates[1]) < 0.05
    victims = []
    for stop in (True, False):
        attack = attacks.PGD(**shared, stop=stop)
        attack.bounds = (-np.inf, np.inf)
        victim = Victim(linear, cross_entropy)
        found = attack.find(victim, X, Y, np.random.default_rng(0))
        victims.append((victim.asked, (found @ WEIGHTS).argmax(1) == Y))
    assert victims[0][0] < victims[1][0]
    assert np.array_equal(victims[0][1], victims[1][1])


def test_numbers_are_attacked_by_their_error():
    y = (X @ WEIGHTS[:, :1]).astype("float32") + 0.1
    found = attacks.PGD(epsilon=0.1, steps=5, random=False)(
        lambda x: ops.matmul(x, WEIGHTS[:, :1]), X, y
    )
    error = np.abs(found @ WEIGHTS[:, :1] - y)[:, 0]
    reach = 0.1 + 0.1 * np.abs(WEIGHTS[:, 0]).sum()
    assert np.allclose(error, reach, rtol=1e-3)


def test_square_and_noise_ask_for_logits_only():
    def stepped(x):
        return ops.matmul(ops.round(4.0 * x) / 4.0, WEIGHTS)

    for attack in (
        attacks.Square(epsilon=0.5, steps=100),
        attacks.UniformNoise(epsilon=0.5),
    ):
        found = attack(stepped, X, Y)
        wrong = np.asarray(stepped(found)).argmax(1) != Y
        assert wrong.mean() > 0.2
    with pytest.raises(ValueError, match="smoothly.*Square"):
        attacks.FGSM()(lambda x: ops.one_hot(ops.argmax(x, -1), 6), X, Y)


@pytest.mark.parametrize("norm", ["inf", "2"])
def test_square_beats_noise_and_pgd_beats_square(norm):
    ball = {"epsilon": 0.3 if norm == "inf" else 0.6, "norm": norm}
    found = {
        name: stands(attack).mean()
        for name, attack in {
            "noise": attacks.UniformNoise(**ball, draws=50),
            "square": attacks.Square(**ball, steps=200),
            "pgd": attacks.PGD(**ball),
        }.items()
    }
    assert found["pgd"] <= found["square"] <= found["noise"], found


def test_projections():
    drawn = DRAW.normal(0, 1, (20, 7))
    for norm in ("inf", "2", "1"):
        inside = project(drawn, 0.8, norm)
        assert (length(inside, norm) <= 0.8 + 1e-9).all()
        assert np.allclose(project(inside, 0.8, norm), inside)
    one = drawn[0]
    best = scipy.optimize.minimize(
        lambda z: ((z[:7] - z[7:] - one) ** 2).sum(),
        np.zeros(14),
        bounds=[(0, None)] * 14,
        constraints={"type": "ineq", "fun": lambda z: 0.8 - z.sum()},
        tol=1e-12,
    ).x
    assert np.allclose(
        project(drawn[:1], 0.8, "1")[0], best[:7] - best[7:], atol=2e-3
    )
    for norm in ("inf", "2", "1"):
        random = np.random.default_rng(0)
        assert (
            length(somewhere((99, 7), 0.8, norm, random), norm) <= 0.8
        ).all()
        assert np.allclose(length(ascent(drawn, norm), norm), 1)


@pytest.mark.parametrize("norm", ["inf", "2", "1"])
def test_the_least_step_to_a_plane_within_bounds(norm):
    x = DRAW.uniform(0, 1, (15, 4))
    slope = DRAW.normal(0, 1, (15, 4))
    inside = DRAW.uniform(0, 1, (15, 4))
    border = (slope * inside).sum(1)
    step = onto(x, slope, border, norm, (0.0, 1.0))
    assert np.allclose((slope * (x + step)).sum(1), border, atol=1e-4)
    assert (x + step >= -1e-6).all() and (x + step <= 1 + 1e-6).all()
    assert (length(step, norm) <= length(inside - x, norm) + 1e-5).all()


@pytest.mark.parametrize("norm", ["inf", "1"])
def test_the_least_step_is_that_of_linear_programs(norm):
    x = DRAW.uniform(0, 1, (8, 4))
    slope = DRAW.normal(0, 1, (8, 4))
    border = (slope * DRAW.uniform(0, 1, (8, 4))).sum(1)
    step = onto(x, slope, border, norm, (0.0, 1.0))
    eye, one = np.eye(4), np.ones((4, 1))
    # Steps s and their sizes t: -t <= s <= t, a shared t for the greatest.
    size = one if norm == "inf" else eye
    count = size.shape[1]
    for i in range(8):
        best = scipy.optimize.linprog(
            np.r_[np.zeros(4), np.ones(count)],
            A_ub=np.block([[eye, -size], [-eye, -size]]),
            b_ub=np.zeros(8),
            A_eq=np.r_[slope[i], np.zeros(count)][None],
            b_eq=[border[i] - slope[i] @ x[i]],
            bounds=[*zip(-x[i], 1 - x[i], strict=True)] + [(0, None)] * count,
        )
        assert np.isclose(length(step[i : i + 1], norm)[0], best.fun, atol=1e-5)


def test_losses_are_their_formulas():
    z = np.float32([[2.0, 5.0, 1.0, 0.5, 4.0]])
    found = float(logits_ratio(np.array([1]), ops.array(z))[0])
    assert np.isclose(found, -(5 - 4) / (5 - 2))
    found = float(targeted_ratio(np.array([[1, 3]]), ops.array(z))[0])
    assert np.isclose(found, -(5 - 0.5) / (5 - (2 + 1) / 2))
    assert checkpoints(100)[:4] == [22, 41, 57, 70]


def test_bounds_are_found_or_given():
    pixels = np.clip(np.round(128 + 60 * X), 0, 255)
    found = attacks.FGSM(epsilon=8.0)(linear, pixels, Y)
    assert found.min() >= 0 and found.max() <= 255
    with pytest.raises(ValueError, match="must lie in"):
        attacks.FGSM(low=0.0, high=1.0)(linear, pixels, Y)
    free = attacks.FGSM(epsilon=9.0)(linear, X, Y)
    assert np.abs(free - X).max() > 8


def test_a_method_and_a_net_of_many_sizes_can_be_attacked():
    x, y = kg.data.synthetic.images(40)
    x = (x / 255.0).astype("float32")
    model = kg.image_classifier((8, 8, 1), 3, size="tiny")
    method = kg.methods.ERM(model, kg.Classification(3))
    attack = attacks.PGD(epsilon=0.1, steps=3)
    one = attack(method, x[:13], y[:13])
    assert np.allclose(one, attack(model, x[:13], y[:13]), atol=1e-6)


def test_models_are_let_go():
    import gc
    import weakref

    inputs = keras.Input((6,))
    model = keras.Model(inputs, keras.layers.Dense(5)(inputs))
    attacks.FGSM()(model, X, Y)
    watched = weakref.ref(model)
    del model, inputs
    keras.backend.clear_session()
    gc.collect()
    assert watched() is None
