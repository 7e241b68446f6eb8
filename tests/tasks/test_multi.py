"""Several tasks at once, alone and under methods."""

import json

import keras
import numpy as np
import pytest
from keras import ops

import kerasgen as kg
from kerasgen.core import heads, set_seed, split
from kerasgen.methods import CORAL, DAN, DANN, ERM
from kerasgen.tasks.multi import SumOfLosses


def task(**given):
    tasks = {"kind": kg.Classification(3), "size": kg.Regression(5.0, 2.0)}
    return kg.MultiTask(tasks, **given)


def model(shape=(4,)):
    return heads(kg.tabular_classifier(shape, 3, size="tiny"), task().units)


def examples(n=64):
    x = np.random.default_rng(0).normal(size=(n, 4)).astype("float32")
    kind = np.digitize(x[:, 0], [-0.5, 0.5])
    return x, {"kind": kind, "size": 5.0 + 2.0 * x[:, 1]}


def test_the_loss_is_the_weighted_sum():
    both = task(weights={"size": 0.5})
    _, y = examples()
    random = np.random.default_rng(1)
    outputs = {
        name: ops.array(random.normal(size=(64, width)).astype("float32"))
        for name, width in both.units.items()
    }
    losses = {n: t.loss()(y[n], outputs[n]) for n, t in both.tasks.items()}
    found = both.loss()(y, outputs)
    known = float(losses["kind"]) + 0.5 * float(losses["size"])
    assert np.isclose(float(found), known, rtol=1e-5)
    weight = np.arange(64) % 2
    halves = both.loss()(y, outputs, sample_weight=weight)
    each = both.loss().call({n: ops.array(v) for n, v in y.items()}, outputs)
    assert np.isclose(float(halves), (np.asarray(each) * weight).mean())


def test_it_answers_by_name():
    both = task()
    _, y = examples(6)
    right = {
        "kind": np.eye(3, dtype="float32")[y["kind"]] * 9,
        "size": ((y["size"] - 5.0) / 2.0)[:, None],
    }
    found = both.correct(y, right)
    assert found["kind"].tolist() == [1.0] * 6
    assert np.allclose(found["size"], 0.0, atol=1e-5)
    answer = both.predict({n: ops.array(v) for n, v in right.items()})
    assert sorted(answer) == [
        *("kind_label", "kind_logits", "kind_probability", "size_value"),
    ]
    assert np.allclose(answer["size_value"], y["size"], atol=1e-4)
    names = [measure.name for measure in both.measures()]
    assert names == ["kind_accuracy", "kind_nll", "size_mae", "size_rmse"]
    both.check(y)


@pytest.mark.parametrize(
    "change, told",
    [
        ({"kind": np.array([0, 1, 7])}, "'kind': labels must lie in"),
        ({"size": np.zeros(2)}, "as many labels"),
        ({"more": np.zeros(3)}, "names of the tasks"),
    ],
)
def test_labels_that_do_not_fit_are_refused(change, told):
    y = {"kind": np.array([0, 1, 2]), "size": np.zeros(3), **change}
    with pytest.raises(ValueError, match=told):
        task().check(y)


def test_bad_tasks_are_refused():
    with pytest.raises(ValueError, match="there must be tasks"):
        kg.MultiTask({})
    with pytest.raises(ValueError, match="identifier"):
        kg.MultiTask({"a b": kg.Regression()})
    with pytest.raises(TypeError, match="tasks"):
        kg.MultiTask({"a": "regression"})
    with pytest.raises(ValueError, match="Did you mean 'size'"):
        task(weights={"siz": 1.0})
    with pytest.raises(ValueError, match="must lie in"):
        task(weights={"size": -1.0})


def test_json_there_and_back():
    both = task(weights={"kind": 2.0})
    for one in (both, both.loss()):
        text = json.dumps(keras.saving.serialize_keras_object(one))
        back = keras.saving.deserialize_keras_object(json.loads(text))
        again = json.dumps(keras.saving.serialize_keras_object(back))
        assert type(back) is type(one) and again == text
    assert (
        keras.saving.deserialize_keras_object(
            keras.saving.serialize_keras_object(both)
        )
        == both
    )
    assert isinstance(both.loss(), SumOfLosses)


def test_several_heads_are_one_head_that_can_be_cut_off(tmp_path):
    made = model()
    x, _ = examples()
    made.save(tmp_path / "model.keras")
    back = keras.models.load_model(tmp_path / "model.keras")
    copy = keras.models.clone_model(made)
    copy.set_weights(made.get_weights())
    whole = made(x)
    for each in (made, back, copy):
        features, head = split(each)
        found = head(features(x))
        for name, values in whole.items():
            assert np.allclose(found[name], values, atol=1e-6)


def test_outputs_that_do_not_fit_the_task_are_refused():
    plain = kg.tabular_classifier((4,), 3, size="tiny")
    with pytest.raises(ValueError, match="'kind': 3, 'size': 1"):
        ERM(plain, task())
    with pytest.raises(ValueError, match="must give"):
        ERM(heads(plain, {"kind": 2, "size": 1}), task())
    with pytest.raises(ValueError, match="must give 3"):
        ERM(model(), kg.Classification(3))


@pytest.mark.parametrize(
    "kind",
    [
        CORAL,
        *(pytest.param(k, marks=pytest.mark.slow) for k in (ERM, DANN, DAN)),
    ],
)
def test_methods_train_it_save_it_and_judge_it(kind, tmp_path):
    x, y = examples()
    set_seed(0)
    method = kind(model(), task())
    method.compile(keras.optimizers.Adam(0.02))
    fields = {"inputs": x, "unlabeled": x + 0.3} if kind.needs else x
    logs = method.fit(fields, y, epochs=12, verbose=0).history
    losses = logs["task" if kind.needs else "loss"]
    assert losses[-1] < 0.7 * losses[0]
    assert logs["kind_accuracy"][-1] > logs["kind_accuracy"][0]
    assert logs["size_mae"][-1] < logs["size_mae"][0]
    found = method.evaluate(x, y, verbose=0, return_dict=True)
    known = float(method.task.loss()(y, method.model.predict(x, verbose=0)))
    assert np.isclose(found["loss"], known, rtol=1e-4)
    assert {"kind_accuracy", "loss", "size_mae"} <= set(found)
    method.save(tmp_path / "method.keras")
    back = keras.models.load_model(tmp_path / "method.keras")
    for name, values in method(x).items():
        assert np.array_equal(values, back(x)[name])
    back.fit(fields, y, verbose=0)


def test_it_is_loaded_with_a_dict_of_targets():
    x, y = examples(100)
    data = kg.data.load((x, y), task=task())
    assert data.task.units == task().units
    size = data.splits["train"].y["size"]
    assert np.isclose(data.task.tasks["size"].scale, size.std())
    fields, labels = next(iter(data.batches("train", 8)))
    assert sorted(labels) == ["kind", "size"]
    method = ERM(model(), data.task)
    method.compile("adam")
    history = method.fit(
        data.batches("train", 16),
        validation_data=data.batches("stop", 16),
        verbose=0,
    ).history
    assert "val_size_mae" in history
    for name in ("train", "test"):
        data.task.check(data.splits[name].y, name)


def test_a_report_has_a_row_for_each_task():
    x, y = examples(100)
    data = kg.data.load((x, y), task=task())
    made = model()
    report = kg.evaluate(made, data, ["clean"])
    names = {f"clean/{measure.name}" for measure in data.task.measures()}
    assert {row.key for row in report.rows} == names
    inputs, truth = data.tensors("test")
    found = data.task.correct(truth, made.predict(inputs, verbose=0))
    assert np.isclose(report.value("clean/size_mae"), found["size"].mean())
    assert np.isclose(report.value("clean/kind_accuracy"), found["kind"].mean())
