"""perturb: inside the ball, worse, and as the attacks of NumPy do it."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasgen.attacks import FGSM, PGD, ball
from kerasgen.core import set_seed
from kerasgen.methods import perturb
from kerasgen.methods.perturb import ascent, bounds_of, project, somewhere

NORMS = ("inf", "2", "1")
RADIUS = {"inf": 0.1, "2": 0.4, "1": 1.0}


def linear(seed=0, shape=(4, 4, 1)):
    set_seed(seed)
    x = inputs = keras.Input(shape)
    x = keras.layers.Flatten()(x)
    return keras.Model(inputs, keras.layers.Dense(3, name="head")(x))


def examples(n=12, shape=(4, 4, 1)):
    draw = np.random.default_rng(0)
    x = draw.uniform(0, 1, (n, *shape)).astype("float32")
    return x, np.arange(n) % 3


def losses(model, x, y):
    return np.asarray(
        keras.losses.sparse_categorical_crossentropy(y, model(x), True)
    )


def harm(model, y):
    def value(x):
        logits = model(x, training=False)
        return ops.sparse_categorical_crossentropy(y, logits, from_logits=True)

    return value


@pytest.mark.parametrize("norm", NORMS)
def test_project_and_ascent_are_those_of_the_attacks(norm):
    draw = np.random.default_rng(1)
    step = draw.normal(0, 1, (9, 5, 5, 1)).astype("float32")
    for radius in (0.5, 3.0, 100.0):
        own = np.asarray(project(ops.array(step), radius, norm))
        assert np.allclose(own, ball.project(step, radius, norm), atol=1e-5)
    own = np.asarray(ascent(ops.array(step), norm))
    assert np.allclose(own, ball.ascent(step, norm), atol=1e-5)


@pytest.mark.parametrize("norm", NORMS)
def test_it_stays_inside_and_harms(norm):
    model, (x, y) = linear(), examples()
    seed = keras.random.SeedGenerator(0)
    given = {"epsilon": RADIUS[norm], "norm": norm, "seed": seed}
    found = np.asarray(perturb(harm(model, y), x, steps=5, **given))
    far = ball.length(found - x, norm)
    assert far.max() <= RADIUS[norm] + 1e-5 and far.min() > 0
    assert found.min() >= 0.0 and found.max() <= 1.0
    assert (losses(model, found, y) > losses(model, x, y)).all()


@pytest.mark.parametrize("norm", ("inf", "2"))
@pytest.mark.parametrize("steps", (1, 7))
def test_on_a_linear_model_it_is_pgd(norm, steps):
    model, (x, y) = linear(), examples()
    given = {"epsilon": RADIUS[norm], "norm": norm, "steps": steps}
    size = 2.5 * RADIUS[norm] / steps
    own = perturb(harm(model, y), x, size=size, **given)
    attack = PGD(**given, size=size, random=False, stop=False)
    assert np.allclose(own, attack(model, x, y), atol=1e-5)


def test_one_step_from_the_example_is_fgsm():
    model, (x, y) = linear(), examples()
    own = perturb(harm(model, y), x, epsilon=0.1, steps=1)
    assert np.allclose(own, FGSM(epsilon=0.1)(model, x, y), atol=1e-6)


def test_bounds_are_found_given_and_kept():
    def ends(x, *given):
        low, high = bounds_of(ops.array(x), *given)
        return float(ops.min(low)), float(ops.max(high))

    assert ends([[0.2, 0.9]]) == (0.0, 1.0)
    assert ends([[0.2, 90.0]]) == (0.0, 255.0)
    assert ends([[-0.2, 0.9]]) == (-np.inf, np.inf)
    assert ends([[0.2, 0.9]], -1.0) == (-1.0, np.inf)
    # What lies outside goes no farther, and isn't drawn back out of its ball.
    x = ops.array([[1.5, 0.5]])
    found = perturb(
        lambda x: ops.sum(x, -1), x, epsilon=0.2, steps=3, low=0.0, high=1.0
    )
    assert np.allclose(found, [[1.5, 0.7]])


@pytest.mark.parametrize("norm", NORMS)
def test_starts_fill_the_ball(norm):
    seed = keras.random.SeedGenerator(0)
    drawn = np.asarray(somewhere(ops.ones((400, 6)), norm, seed))
    size = ball.length(drawn, norm)
    assert size.max() <= 1.0 + 1e-5 and size.max() > 0.9
    assert abs(drawn.mean()) < 0.05


def test_no_gradient_flows_through_it():
    from kerasgen.core import value_and_gradients

    weight = keras.Variable(np.ones(2, "float32"))

    def objective():
        def value(x):
            return ops.sum(x * weight.value, -1)

        found = perturb(value, ops.ones((3, 2)), epsilon=0.5, steps=3, low=-9)
        return {"task": ops.sum(found * weight.value)}, None

    _, _, (gradient,) = value_and_gradients(objective, [weight])
    assert np.allclose(gradient, 3 * 1.5)


def test_a_model_without_slopes_is_refused():
    with pytest.raises(ValueError, match="smoothly"):
        perturb(lambda x: ops.round(x), ops.ones((1, 2)), epsilon=0.1)
