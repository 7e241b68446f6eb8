"""Metrics by name against scikit-learn, in models, tasks and reports."""

import numpy as np
import pytest
import sklearn.metrics as sk
from keras import ops
from scipy.special import softmax

import kerasgen as kg
from kerasgen.core import heads
from kerasgen.methods import ERM

DRAW = np.random.default_rng(0)


def drawn(classes, n=400):
    y = DRAW.integers(0, classes, n) * (DRAW.random(n) > 0.3)
    logits = DRAW.normal(0, 1, (n, classes))
    logits[np.arange(n), y] += 1.0
    return y, logits.astype("float32")


def both(metric, y, logits):
    metric.update_state(ops.array(y), ops.array(logits))
    return float(metric.result()), metric.reduce(metric.values(y, logits))


AVERAGED = {
    "precision": lambda y, a, how: sk.precision_score(
        y, a, average=how, zero_division=0
    ),
    "recall": lambda y, a, how: sk.recall_score(y, a, average=how),
    "f1": lambda y, a, how: sk.f1_score(y, a, average=how),
    "jaccard": lambda y, a, how: sk.jaccard_score(y, a, average=how),
}
PLAIN = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "matthews": sk.matthews_corrcoef,
    "kappa": sk.cohen_kappa_score,
}


@pytest.mark.parametrize("name", AVERAGED)
@pytest.mark.parametrize("classes", (2, 5))
def test_averages_are_scikit_learns(name, classes):
    y, logits = drawn(classes)
    answer = logits.argmax(-1)
    for how in ("macro", "micro", "weighted", "auto"):
        metric = kg.create("metric", name, average=how)
        known = how if how != "auto" else {2: "binary", 5: "macro"}[classes]
        known = AVERAGED[name](y, answer, known)
        assert np.allclose(both(metric, y, logits), known, atol=1e-6)


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("classes", (2, 5))
def test_counts_are_scikit_learns(name, classes):
    y, logits = drawn(classes)
    known = PLAIN[name](y, logits.argmax(-1))
    found = both(kg.create("metric", name), y, logits)
    assert np.allclose(found, known, atol=1e-5)


def test_ranks_are_scikit_learns():
    for classes in (2, 5):
        y, logits = drawn(classes)
        p = softmax(logits.astype("float64"), 1)
        p = p[:, 1] if classes == 2 else p
        shown, told = both(kg.metrics.AUC(), y, logits)
        known = sk.roc_auc_score(y, p, multi_class="ovr")
        assert np.isclose(told, known, atol=1e-9)
        assert np.isclose(shown, known, atol=2e-3)
        spread = y if classes == 2 else np.eye(classes)[y]
        shown, told = both(kg.metrics.AveragePrecision(), y, logits)
        known = sk.average_precision_score(spread, p)
        assert np.isclose(told, known, atol=1e-9)
        assert np.isclose(shown, known, atol=5e-3)
    y, logits = drawn(5)
    known = sk.top_k_accuracy_score(y, logits, k=3)
    assert np.allclose(both(kg.metrics.TopK(3), y, logits), known)


def test_sure_answers_are_still_ranked():
    y, logits = drawn(4)
    metric = kg.metrics.AUC()
    shown, told = both(metric, y, 40.0 * logits)
    assert abs(shown - told) < 0.01 and told > 0.6


def test_numbers_are_scikit_learns():
    y = DRAW.normal(100, 10, 200)
    found = (y + DRAW.normal(0, 4, 200) - 90) / 8
    answer = found * 8 + 90
    for name, known in (
        ("mae", sk.mean_absolute_error(y, answer)),
        ("rmse", sk.root_mean_squared_error(y, answer)),
        ("mape", sk.mean_absolute_percentage_error(y, answer)),
        ("r2", sk.r2_score(y, answer)),
    ):
        metric = kg.create("metric", name, mean=90.0, scale=8.0)
        assert np.allclose(both(metric, y, found[:, None]), known, rtol=1e-4)


def test_masks_of_layers_count():
    y, logits = drawn(3, 12)
    outputs = ops.array(logits.reshape(2, 6, 3))
    outputs._keras_mask = ops.array(np.arange(12).reshape(2, 6) % 2 == 0)
    metric = kg.metrics.Accuracy()
    metric.update_state(ops.array(y.reshape(2, 6)), outputs)
    known = (logits.argmax(-1) == y)[::2].mean()
    assert np.isclose(metric.result(), known)


@pytest.mark.slow
def test_a_task_shows_and_reports_them():
    data = kg.data.load("wine")
    task = kg.Classification(
        3, also=("f1", {"name": "f1", "average": "micro"}, "auc")
    )
    method = ERM(kg.tabular_classifier(data.shape, 3, size="tiny"), task)
    method.compile("adam")
    history = method.fit(data.batches("train", 32), verbose=0).history
    assert {"accuracy", "f1", "f1_micro", "auc"} < set(history)
    report = kg.evaluate(method.model, data, ["clean"], task=task)
    x, y = data.tensors("test")
    logits = method.model.predict(x, verbose=0)
    known = sk.roc_auc_score(y, softmax(logits, 1), multi_class="ovr")
    row = report.row("clean/auc")
    assert np.isclose(row.value, known) and row.low <= known <= row.high
    again = kg.Classification.from_config(task.get_config())
    assert again == task


def test_a_method_is_told_them_at_compile():
    x = DRAW.normal(size=(32, 4)).astype("float32")
    task = kg.MultiTask({"kind": kg.Classification(3), "size": kg.Regression()})
    method = ERM(
        heads(kg.tabular_classifier((4,), 3, size="tiny"), task.units), task
    )
    method.compile("adam", {"kind": ["f1", "top_k"], "size": ["r2"]})
    y = {"kind": np.arange(32) % 3, "size": x[:, 0]}
    found = method.fit(x, y, verbose=0).history
    assert {"kind_f1", "kind_top_k", "size_r2"} < set(found)
    with pytest.raises(ValueError, match="Did you mean 'f1'"):
        method.compile("adam", {"kind": [{"name": "f11", "k": 2}]})
