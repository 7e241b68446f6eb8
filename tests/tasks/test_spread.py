"""Quantiles, spreads, ratings and rankings against closed forms."""

import numpy as np
import pytest
import scipy.stats
from keras import ops
from sklearn.metrics import mean_pinball_loss

import kerasgen as kg
from kerasgen.data.labels import fit_task
from kerasgen.tasks.quantile import rising

RANDOM = np.random.default_rng(0)
Y = RANDOM.normal(10.0, 2.0, 50).astype("float32")


def test_pinball_is_scikit_learns():
    shares = (0.1, 0.5, 0.8)
    task = kg.QuantileRegression(10.0, 2.0, "m", quantiles=shares)
    outputs = RANDOM.normal(size=(50, 3)).astype("float32")
    found = np.array(task.predict(ops.array(outputs))["quantiles"])
    assert (np.diff(found, axis=1) > 0).all()
    theirs = np.mean(
        [
            mean_pinball_loss(Y, found[:, i], alpha=share)
            for i, share in enumerate(shares)
        ]
    )
    headline = task.headline
    ours = headline.reduce_values(headline.values(Y, outputs))
    assert ours == pytest.approx(theirs, rel=1e-5)
    loss = float(task.loss()(ops.array(Y), ops.array(outputs)))
    assert loss * 2.0 == pytest.approx(theirs, rel=1e-5)
    inside = (found[:, 0] <= Y) & (Y <= found[:, -1])
    values = {m.name: m.values(Y, outputs).mean() for m in task.measures()}
    assert values["coverage"] == inside.mean()
    width = (found[:, -1] - found[:, 0]).mean()
    assert values["width"] == pytest.approx(width, rel=1e-5)


def test_the_best_quantiles_minimise_the_pinball_loss():
    task = kg.QuantileRegression(quantiles=(0.25, 0.5, 0.75))
    y = RANDOM.normal(size=4001).astype("float32")
    cut = np.quantile(y, task.quantiles)
    steps = np.log(np.expm1(np.diff(cut)))
    best = np.array([[cut[0], *steps]], "float32")
    assert np.allclose(rising(ops.array(best)), cut, atol=1e-5)
    values = [
        float(task.loss()(y, ops.array(np.repeat(best + shift, len(y), 0))))
        for shift in (0.0, 0.1, -0.1)
    ]
    assert values[0] == min(values)


def test_gaussian_is_scipys():
    task = kg.GaussianRegression(10.0, 2.0, level=0.8)
    outputs = RANDOM.normal(size=(50, 2)).astype("float32")
    answer = {k: np.array(v) for k, v in task.predict(outputs).items()}
    theirs = -scipy.stats.norm.logpdf(Y, answer["value"], answer["deviation"])
    measures = {m.name: m.values(Y, outputs) for m in task.measures()}
    np.testing.assert_allclose(measures["nll"], theirs, rtol=1e-4)
    loss = float(task.loss()(ops.array(Y), ops.array(outputs)))
    assert loss + np.log(2.0) == pytest.approx(theirs.mean(), rel=1e-5)
    low, high = scipy.stats.norm.interval(
        0.8, answer["value"], answer["deviation"]
    )
    np.testing.assert_allclose(answer["low"], low, rtol=1e-4)
    np.testing.assert_allclose(answer["high"], high, rtol=1e-4)
    inside = ((low <= Y) & (Y <= high)).mean()
    assert measures["coverage"].mean() == inside


def test_scales_are_fitted_and_kinds_kept():
    for task in (
        kg.QuantileRegression(quantiles=(0.2, 0.8), unit="m"),
        kg.GaussianRegression(level=0.5, unit="m"),
        kg.Rating(low=1.0, high=5.0, unit="m"),
    ):
        found = fit_task(task, Y)
        assert type(found) is type(task) and found.unit == "m"
        assert found.mean == pytest.approx(float(Y.mean()), rel=1e-6)
        again = type(task).from_config(found.get_config())
        assert again == found


def test_data_take_such_tasks():
    task = kg.QuantileRegression()
    spread = kg.GaussianRegression(also=("r2",))
    names = [measure.name for measure in spread.measures()]
    assert len(set(names)) == len(names) and {"nll", "r2"} < set(names)
    data = kg.data.load("diabetes", task=task)
    model = kg.tabular_regressor(data.shape, units=data.task.units, size="tiny")
    report = kg.evaluate(model, data, ["clean"])
    assert report.headline.metric == "pinball"
    assert report.row("clean/coverage").unit == "share"


def test_ratings_stay_within_their_ends():
    task = kg.Rating(3.0, 1.0, low=1.0, high=5.0)
    outputs = np.array([[-9.0], [0.5], [9.0]], "float32")
    value = np.array(task.predict(ops.array(outputs))["value"])
    assert value.tolist() == [1.0, 3.5, 5.0]
    assert task.correct([1.0, 3.5, 5.0], outputs).tolist() == [0.0] * 3
    assert task.headline.name == "rmse"


@pytest.mark.parametrize("learn", ["softmax", "bpr"])
def test_ranking_losses(learn):
    scores = RANDOM.normal(size=(6, 5)).astype("float32")
    y = np.arange(6) % 5
    found = float(kg.Recommendation(5, learn=learn).loss()(y, scores))
    own = scores[np.arange(6), y][:, None]
    if learn == "softmax":
        expected = np.log(np.exp(scores - own).sum(1)).mean()
    else:
        every = np.log1p(np.exp(scores - own))
        every[np.arange(6), y] = 0.0
        expected = (every.sum(1) / 4).mean()
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: kg.QuantileRegression(quantiles=(0.5,)), "two rising"),
        (lambda: kg.QuantileRegression(quantiles=(0.9, 0.1)), "rising"),
        (lambda: kg.QuantileRegression(scale=0.0), "scale"),
        (lambda: kg.GaussianRegression(level=1.0), "level"),
        (lambda: kg.GaussianRegression(criterion="huber"), "`criterion`"),
        (lambda: kg.QuantileRegression(also=("r2",)), "`also`"),
        (lambda: kg.Rating(low=5.0, high=1.0), "less than"),
        (lambda: kg.Recommendation(1), "2 items"),
        (lambda: kg.Recommendation(3, learn="hinge"), "'bpr'"),
        (lambda: kg.Recommendation(3).check(np.array([3])), "[0, 2]"),
    ],
)
def test_what_cannot_be_is_refused(call, words):
    with pytest.raises(ValueError) as error:
        call()
    assert words in str(error.value)
