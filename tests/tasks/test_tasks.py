"""tasks: losses, metrics and measures against independent formulas."""

import keras
import numpy as np
import pytest
from scipy.special import log_softmax, softmax
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error

from kerasgen.tasks import Classification, Regression

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(size=(20, 4)).astype("float32")
Y = RANDOM.integers(0, 4, 20)


def test_cross_entropy_agrees_with_sklearn():
    expected = log_loss(
        Y, softmax(LOGITS.astype("float64"), -1), labels=range(4)
    )
    task = Classification(4)
    assert np.isclose(float(task.loss()(Y, LOGITS)), expected, rtol=1e-5)
    nll = task.measures()[1]
    assert np.isclose(
        nll.reduce_values(nll.values(Y, LOGITS)), expected, rtol=1e-9
    )


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_soft_labels_equal_whole_numbers(smoothing):
    loss = Classification(4, label_smoothing=smoothing).loss()
    hard = float(loss(Y, LOGITS))
    soft = float(loss(np.eye(4, dtype="float32")[Y], LOGITS))
    target = np.eye(4)[Y] * (1 - smoothing) + smoothing / 4
    expected = -(target * log_softmax(LOGITS, -1)).sum(-1).mean()
    assert np.isclose(hard, soft, rtol=1e-6) and np.isclose(
        hard, expected, rtol=1e-5
    )


def test_accuracy_for_whole_numbers_and_distributions():
    metric = Classification(4).metrics()[0]
    expected = accuracy_score(Y, LOGITS.argmax(-1))
    metric.update_state(Y, LOGITS)
    assert np.isclose(float(metric.result()), expected)
    metric.reset_state()
    metric.update_state(np.eye(4)[Y], LOGITS)
    assert np.isclose(float(metric.result()), expected)


def test_measures_take_whole_numbers_and_distributions():
    task, soft = Classification(4), RANDOM.dirichlet(np.ones(4), 20)
    expected = (LOGITS.argmax(-1) == soft.argmax(-1)).astype(float)
    assert np.array_equal(task.correct(soft, LOGITS), expected)
    assert np.array_equal(
        task.correct(np.eye(4)[Y], LOGITS), task.correct(Y, LOGITS)
    )
    nll = task.measures()[1].values(soft, LOGITS)
    by_hand = -(soft * log_softmax(LOGITS.astype("float64"), -1)).sum(-1)
    assert np.allclose(nll, by_hand, rtol=1e-9)


def test_loss_stays_finite_at_extreme_logits():
    loss = Classification(2).loss()
    assert np.isfinite(
        float(loss(np.array([0]), np.array([[-1e9, 1e9]], "float32")))
    )


def test_weights_drop_examples():
    weight = np.zeros(20)
    weight[:5] = 1.0
    for task, y, outputs in (
        (Classification(4), Y, LOGITS),
        (Regression(1.0, 2.0), LOGITS[:, 0], LOGITS[:, 1:2]),
    ):
        loss = task.loss()
        some = float(loss(y, outputs, sample_weight=weight)) * 20 / 5
        assert np.isclose(some, float(loss(y[:5], outputs[:5])), rtol=1e-5)


def test_regression_is_in_the_unit_of_the_target():
    task = Regression(mean=100.0, scale=20.0)
    y = RANDOM.normal(100, 20, 30)
    outputs = ((y + 3 - 100) / 20)[:, None].astype("float32")
    mae, rmse = task.measures()
    assert np.isclose(mae.reduce_values(mae.values(y, outputs)), 3, atol=1e-4)
    assert np.isclose(rmse.reduce_values(rmse.values(y, outputs)), 3, atol=1e-4)
    metric = task.metrics()[0]
    metric.update_state(y, outputs)
    expected = mean_absolute_error(y, y + 3)
    assert np.isclose(float(metric.result()), expected, atol=1e-3)
    assert np.allclose(task.predict(outputs)["value"], y + 3, atol=1e-3)
    assert np.isclose(float(task.loss()(y, outputs)), (3 / 20) ** 2, rtol=1e-3)


def test_predict_gives_a_distribution():
    answer = Classification(4).predict(LOGITS)
    assert np.allclose(answer["probability"], softmax(LOGITS, -1), atol=1e-6)
    assert np.array_equal(answer["label"], LOGITS.argmax(-1))


@pytest.mark.parametrize(
    "y, words",
    [
        (np.array([0, 4]), r"\[0, 3\].*max=4"),
        (np.array([-1, 0]), "min=-1"),
        (np.array([0.5, 1.0]), "whole numbers"),
        (np.eye(4), "argmax"),
    ],
)
def test_labels_are_checked(y, words):
    with pytest.raises(ValueError, match=words):
        Classification(4).check(y)


def test_targets_are_checked():
    with pytest.raises(ValueError, match="finite"):
        Regression().check(np.array([1.0, np.nan]))
    with pytest.raises(ValueError, match="numbers"):
        Regression().check(np.array(["a"]))


def test_arguments_are_checked():
    for wrong in (
        {"classes": 1},
        {"classes": 2, "labels": ("a",)},
        {"classes": 2, "label_smoothing": 1.0},
    ):
        with pytest.raises(ValueError, match="Classification"):
            Classification(**wrong)
    with pytest.raises(ValueError, match="scale"):
        Regression(scale=0.0)


def test_tasks_come_back_from_their_configuration():
    for task in (
        Classification(2, labels=("a", "b")),
        Regression(1.0, 2.0, "mm"),
    ):
        config = keras.saving.serialize_keras_object(task)
        assert keras.saving.deserialize_keras_object(config) == task
