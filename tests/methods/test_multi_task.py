"""Several tasks: weights against closed forms, a recipe from end to end."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

import kerasgen as kg
from kerasgen.core import set_seed
from kerasgen.methods import (
    ERM,
    GradNorm,
    Joint,
    PCGrad,
    UncertaintyWeighting,
)

DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(64, 4)).astype("float32")
Y = {"kind": np.digitize(X[:, 0], [-0.5, 0.5]), "size": X[:, 1].copy()}
TASK = kg.MultiTask({"kind": kg.Classification(3), "size": kg.Regression()})


def made(kind, **given):
    set_seed(0)
    method = kind(
        kg.multi_task((4,), TASK.tasks, size="tiny", dropout=0.0), TASK, **given
    )
    method.compile(keras.optimizers.SGD(0.1))
    return method


def test_joint_is_the_sum_with_the_losses_apart():
    one, two = made(ERM), made(Joint)
    for method in (one, two):
        logs = method.fit(
            X, Y, batch_size=64, epochs=3, verbose=0, shuffle=False
        )
    logs = logs.history
    assert np.allclose(
        np.add(logs["kind"], logs["size"]), logs["loss"], rtol=1e-5
    )
    for a, b in zip(one.get_weights(), two.get_weights(), strict=False):
        assert np.allclose(a, b, atol=1e-5)


def test_uncertainty_finds_the_variance():
    # Where the model can't move, the price is least at the loss itself.
    method = made(UncertaintyWeighting)
    method.model.trainable = False
    method.compile(keras.optimizers.Adam(0.1))
    method.fit(X, Y, batch_size=64, epochs=80, verbose=0)
    kind, size = (
        float(task.loss()(Y[name], method.model.predict(X, verbose=0)[name]))
        for name, task in TASK.tasks.items()
    )
    found = np.exp(np.asarray(method.logs))
    # d/ds of exp(-s) L + s / 2, and of exp(-s) L / 2 + s / 2.
    assert np.allclose(found, [2 * kind, size], rtol=0.25)


def test_grad_norm_gives_the_slow_task_more():
    method = made(GradNorm, alpha=1.0)
    batch = {"x": X, "y": Y, "weight": None}
    outputs = method.model(X)
    method.settle(batch, outputs)
    first = np.asarray(method.first)
    assert np.allclose(
        first, [float(v) for v in method.losses_of(batch, outputs)], rtol=1e-5
    )
    # One of them has fallen to a hundredth, as it seems.
    method.first.assign(first * np.array([1.0, 100.0]))
    for _ in range(30):
        method._move(method.phases()[1], batch, method.step)
    weights = np.asarray(method.weights_of_tasks())
    assert weights[0] > weights[1] and np.isclose(weights.sum(), 2.0)


def test_conflicts_are_projected_away():
    variable = keras.Variable(np.zeros(2, "float32"))
    for one, two, known in (
        ([1.0, 0.0], [-1.0, 1.0], [0.5, 1.5]),
        ([1.0, 0.0], [1.0, 1.0], [2.0, 1.0]),
    ):
        *_, (found,) = PCGrad().gradients(
            lambda a=one, b=two: (
                {
                    "a": ops.sum(variable.value * ops.array(a)),
                    "b": ops.sum(variable.value * ops.array(b)),
                },
                None,
            ),
            [variable],
            [],
        )
        assert np.allclose(found, known, atol=1e-6)


@pytest.mark.parametrize(
    "body, shape", [("sounds", (2000,)), ("images", (8, 8, 1))]
)
def test_any_body_and_stages(body, shape, tmp_path):
    model = kg.multi_task(
        shape,
        {"coarse": 2, "fine": 4},
        size="tiny",
        body=body,
        width=8,
        stages=True,
    )
    x = DRAW.normal(size=(3, *shape)).astype("float32")
    model.save(tmp_path / "model.keras")
    back = keras.models.load_model(tmp_path / "model.keras")
    for name, values in model(x).items():
        assert np.array_equal(values, back(x)[name])
    assert model.get_layer("head").get_layer("fine_own").input.shape[-1] == (
        model.get_layer("head").input.shape[-1] + 2
    )


@pytest.mark.slow
def test_a_recipe_serves_all_answers(tmp_path):
    y = {
        "kind": np.array(["red", "white"])[(X[:, 0] > 0) * 1],
        "size": 9 + X[:, 1],
    }
    data = kg.data.load(
        (X.repeat(2, 0), {n: v.repeat(2) for n, v in y.items()})
    )
    assert data.task.units == {"kind": 2, "size": 1}
    assert data.task.tasks["size"].mean > 8
    recipe = kg.Recipe(
        data=data,
        model={"name": "multi_task", "size": "tiny"},
        method={"name": "joint", "step": "pc_grad"},
        epochs=1,
        probes=("clean", "cost"),
    )
    found = kg.run(recipe, tmp_path, smoke=True, verbose=0)
    assert found.report.row("clean/kind_accuracy").n > 0
    served = tf.saved_model.load(str(found.served)).signatures["tensors"]
    answer = served(x=tf.constant(data.tensors("test")[0][:4]))
    assert set(answer) >= {"kind_class", "kind_label", "size_value"}
    assert answer["kind_class"].numpy()[0] in (b"red", b"white")


def test_wrong_arguments_are_refused():
    with pytest.raises(TypeError, match="mapping"):
        kg.multi_task((4,), ["kind"])
    with pytest.raises(ValueError, match="number of outputs"):
        kg.multi_task((4,), {"kind": 0})
    with pytest.raises(ValueError, match="1 to 4"):
        kg.multi_task((4, 4, 4, 4, 4), {"kind": 2})
