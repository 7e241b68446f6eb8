"""Clean scores against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics

from kerasgen.evaluate import Clean


def by_metric(answer):
    return {row.metric: row for row in answer}


def test_labels(digits):
    data, model = digits
    x, y = data.tensors("test")
    outputs = np.asarray(model(x))
    answer = Clean()(model, data)
    rows = by_metric(answer)
    guess = outputs.argmax(-1)
    p = np.exp(outputs) / np.exp(outputs).sum(-1, keepdims=True)
    wanted = {
        "accuracy": metrics.accuracy_score(y, guess),
        "balanced_accuracy": metrics.balanced_accuracy_score(y, guess),
        "nll": metrics.log_loss(y, p / p.sum(-1, keepdims=True)),
    }
    for name, value in wanted.items():
        assert rows[name].value == pytest.approx(value, rel=1e-5)
        assert rows[name].low < value < rows[name].high
        assert rows[name].n == 360
    assert rows["accuracy"].unit == "share"
    table = answer.tables["confusion"]
    matrix = metrics.confusion_matrix(y, guess, labels=range(10))
    np.testing.assert_array_equal(table["counts"], matrix)
    hits = answer.examples["clean/accuracy"]
    np.testing.assert_array_equal(hits, guess == y)


def test_numbers(diabetes):
    data, model = diabetes
    x, y = data.tensors("test")
    value = np.asarray(model(x))[:, 0] * data.task.scale + data.task.mean
    answer = Clean()(model, data)
    rows = by_metric(answer)
    assert rows["mae"].value == pytest.approx(
        metrics.mean_absolute_error(y, value), rel=1e-5
    )
    assert rows["rmse"].value == pytest.approx(
        metrics.root_mean_squared_error(y, value), rel=1e-5
    )
    assert rows["r2"].value == pytest.approx(metrics.r2_score(y, value), 1e-5)
    assert rows["rmse"].unit == "points" and rows["r2"].better == "higher"
    for row in rows.values():
        assert row.low < row.value < row.high and row.n == 90
    assert len(answer.tables["scatter"]["truth"]) == 90


def test_an_oracle_is_perfect_and_its_interval_isnt(digits):
    data, model = digits
    y = data.splits["test"].y
    answer = Clean()(model, data, outputs=np.eye(10)[y] * 30.0)
    rows = by_metric(answer)
    for name in ("accuracy", "balanced_accuracy"):
        assert rows[name].value == 1.0 == rows[name].high
        assert 0.985 < rows[name].low < 0.995
    assert rows["nll"].value == pytest.approx(0.0, abs=1e-9)


def test_outputs_that_arent_finite_give_no_number(digits, diabetes):
    data, model = digits
    outputs = np.zeros((360, 10))
    outputs[3] = np.nan
    for row in Clean()(model, data, outputs=outputs):
        assert row.value is None and row.why
    data, model = diabetes
    outputs = np.full((90, 1), np.inf)
    for row in Clean()(model, data, outputs=outputs):
        assert row.value is None and row.why
