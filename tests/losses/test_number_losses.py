"""Losses of numbers against Keras, SciPy and their minimisers."""

import keras
import numpy as np
import pytest
import scipy.stats
from keras import ops

import kerasgen as kg
from kerasgen.losses import (
    GaussianNLL,
    Huber,
    LogCosh,
    Quantile,
    SquaredError,
)
from kerasgen.recipe.build import build, load_data

DRAW = np.random.default_rng(0)
Y = DRAW.normal(0, 3, 20).astype("float32")
FOUND = DRAW.normal(0, 3, (20, 2)).astype("float32")


def values(loss):
    return np.asarray(loss.call(ops.array(Y), FOUND[:, : loss.units]))


def test_they_are_kerass():
    for mine, theirs in (
        (SquaredError(), keras.losses.MeanSquaredError(reduction="none")),
        (Huber(0.7), keras.losses.Huber(0.7, reduction="none")),
        (LogCosh(), keras.losses.LogCosh(reduction="none")),
    ):
        known = theirs(Y[:, None], FOUND[:, :1])
        assert np.allclose(values(mine), known, rtol=1e-4, atol=1e-5)


def test_gaussian_is_scipys():
    deviation = np.exp(FOUND[:, 1] / 2)
    known = -scipy.stats.norm.logpdf(Y, FOUND[:, 0], deviation)
    assert np.allclose(values(GaussianNLL()), known, rtol=1e-4)
    assert np.allclose(
        values(GaussianNLL(beta=0.5)), known * deviation, rtol=1e-4
    )


@pytest.mark.parametrize("level", (0.1, 0.5, 0.9))
def test_the_quantile_is_the_minimizer(level):
    places = np.linspace(-8, 8, 1601).astype("float32")
    loss = Quantile(level)
    lost = [float(loss(Y, np.full((20, 1), place))) for place in places[::8]]
    best = places[::8][int(np.argmin(lost))]
    low, high = np.quantile(Y, [level - 0.06, level + 0.06])
    assert low <= best <= high


def test_regression_takes_them_by_name():
    x = DRAW.normal(size=(64, 4)).astype("float32")
    y = 50.0 + 10.0 * x[:, 0]
    data = kg.data.load(
        (x, y), task=kg.Regression(unit="m", criterion="gaussian_nll")
    )
    task = data.task
    assert task.criterion == {"name": "gaussian_nll"} and task.mean > 40
    assert task.units == 2
    outputs = np.array([[0.0, 0.0]], "float32")
    answer = task.predict(ops.array(outputs))
    assert np.isclose(answer["value"][0], task.mean)
    assert np.isclose(answer["deviation"][0], task.scale)
    nll = task.measures()[2].values(np.array([45.0]), outputs)
    known = -scipy.stats.norm.logpdf(45.0, task.mean, task.scale)
    assert np.isclose(nll, known, rtol=1e-4)
    recipe = kg.Recipe(
        data=data,
        task={"criterion": {"name": "quantile", "level": 0.9}, "also": ("r2",)},
        epochs=1,
    )
    method = build(recipe, load_data(recipe))
    assert [metric.name for metric in method.task.metrics()] == ["mae", "r2"]
    assert kg.Recipe.from_dict(kg.Recipe(task=recipe.task).to_dict()).task == {
        "criterion": recipe.task["criterion"],
        "also": ["r2"],
    }


def test_what_is_for_something_else_is_refused():
    with pytest.raises(ValueError, match="must be one of"):
        kg.Regression(criterion="focal")
    with pytest.raises(ValueError, match="must be one of"):
        kg.Classification(3, criterion="huber")
    with pytest.raises(ValueError, match="must be one of"):
        kg.Classification(3, also=("r2",))
    with pytest.raises(TypeError, match="also"):
        kg.Regression(also=(3,))
    with pytest.raises(ValueError, match="delta"):
        kg.Regression(criterion={"name": "huber", "delta": -1.0})
