"""GSAM and LookSAM by hand, and what a step remembers."""

import keras
import numpy as np
import pytest

from kerasgen import methods, tasks
from kerasgen.core import set_seed

X = np.random.default_rng(0).normal(size=(32, 6)).astype("float32")
Y = (X.sum(1) > 0).astype("int64")


def gradient(place):
    """Of the mean cross-entropy of a linear model, as one vector."""
    weights, bias = place[:12].reshape(6, 2), place[12:]
    logits = X @ weights + bias
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    gap = (p - np.eye(2)[Y]) / len(X)
    return np.concatenate([(X.T @ gap).ravel(), gap.sum(0)])


def flat(model):
    return np.concatenate(
        [np.asarray(w, "float64").ravel() for w in model.get_weights()]
    )


def make(step):
    set_seed(0)
    inputs = keras.Input((6,))
    model = keras.Model(inputs, keras.layers.Dense(2, name="head")(inputs))
    method = methods.ERM(model, tasks.Classification(2), step=step)
    method.compile({"name": "sgd", "learning_rate": 0.5, "momentum": 0.0})
    return method


def walk(method, steps):
    places = [flat(method.model)]
    for _ in range(steps):
        method.fit(X, Y, batch_size=32, verbose=0, shuffle=False)
        places.append(flat(method.model))
    return places


def test_gsam_goes_up_what_is_orthogonal():
    before, after = walk(make({"name": "gsam", "rho": 0.5, "alpha": 0.3}), 1)
    plain = gradient(before)
    sharp = gradient(before + 0.5 * plain / np.linalg.norm(plain))
    unit = sharp / np.linalg.norm(sharp)
    side = plain - (plain @ unit) * unit
    want = before - 0.5 * (sharp - 0.3 * side)
    assert np.abs(0.5 * 0.3 * side).max() > 1e-4
    assert np.allclose(after, want, atol=1e-6)


def test_gsam_without_alpha_is_sam():
    one, two = (
        walk(make(step), 2)[-1]
        for step in ("sam", {"name": "gsam", "alpha": 0.0})
    )
    assert np.allclose(one, two, atol=1e-7)


def test_look_sam_follows_its_algorithm():
    step = {"name": "look_sam", "rho": 0.5, "every": 3, "alpha": 0.6}
    places = walk(make(step), 7)
    side = None
    for k, (before, after) in enumerate(
        zip(places[:-1], places[1:], strict=True)
    ):
        plain = gradient(before)
        if k % 3 == 0:
            move = gradient(before + 0.5 * plain / np.linalg.norm(plain))
            cosine = move @ plain / np.linalg.norm(plain) ** 2
            side = move - cosine * plain
        else:
            size = np.linalg.norm(plain) / np.linalg.norm(side)
            move = plain + 0.6 * size * side
        assert np.allclose(after, before - 0.5 * move, atol=2e-6), k


def test_look_sam_of_every_step_is_sam():
    one, two = (
        walk(make(step), 3)[-1]
        for step in ("sam", {"name": "look_sam", "every": 1})
    )
    assert np.allclose(one, two, atol=1e-6)


def test_look_sam_looks_seldom():
    seen = []

    class Counted(methods.ERM):
        def objective(self, batch):
            logits, outputs = super().objective(batch)
            keras.ops.convert_to_tensor(0.0)
            self.calls.assign_add(1)
            return logits, outputs

    set_seed(0)
    inputs = keras.Input((6,))
    model = keras.Model(inputs, keras.layers.Dense(2, name="head")(inputs))
    method = Counted(
        model,
        tasks.Classification(2),
        step={"name": "look_sam", "every": 4},
    )
    method.calls = keras.Variable(0, dtype="int32", trainable=False)
    method.compile("adam")
    for _ in range(8):
        method.fit(X, Y, batch_size=32, verbose=0)
        seen.append(int(method.calls))
    assert np.diff([0, *seen]).tolist() == [2, 1, 1, 1, 2, 1, 1, 1]


def test_each_move_remembers_for_itself():
    inputs = keras.Input((6,))
    x = keras.layers.Dense(4, "relu")(inputs)
    model = methods.MCD(
        keras.Model(inputs, keras.layers.Dense(2, name="head")(x)),
        tasks.Classification(2),
        step="look_sam",
    )
    model.compile("adam")
    model.fit({"inputs": X, "unlabeled": X + 1}, Y, batch_size=8, verbose=0)
    memory = model._remembered
    assert len(memory) == len(model.phases())
    assert [int(each.count) for each in memory] == [4] * len(memory)


def test_a_method_can_be_compiled_again():
    method = make("look_sam")
    walk(method, 1)
    method.compile("adam")
    walk(method, 1)
    assert int(method._remembered[0].count) == 1
    names = [v.path for v in method.non_trainable_variables]
    assert len(names) == len(set(names)), names


def test_negative_arguments_are_refused():
    with pytest.raises(ValueError, match="every"):
        methods.LookSAM(every=0)
    with pytest.raises(ValueError, match="alpha"):
        methods.GSAM(alpha=-1.0)
