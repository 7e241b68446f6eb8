"""Staged transfer: what moves in which stage, and how far."""

import keras
import numpy as np
import pytest

import kerasgen as kg
from kerasgen.core import heads, set_seed
from kerasgen.methods import DANN, ERM, LayeredAdam, transfer
from kerasgen.methods.layered import factors


def examples():
    x = np.random.default_rng(0).normal(size=(64, 5)).astype("float32")
    return x + 2.0, (x[:, 0] > 0).astype("int64")


def learnt():
    set_seed(0)
    model = kg.tabular_classifier((5,), 3, size="small", depth=2)
    method = ERM(model, kg.Classification(3))
    method.compile("adam")
    x, y = examples()
    method.fit(x, y, verbose=0)
    return model


class Look(keras.callbacks.Callback):
    """Remembers all weights before and after a stage."""

    def __init__(self, seen):
        super().__init__()
        self.seen = seen

    def _all(self):
        return {v.path: v.numpy() for v in self.model.model.variables}

    def on_train_begin(self, logs=None):
        self.seen.append(self._all())

    def on_train_end(self, logs=None):
        self.seen.append(self._all())


def moved(seen):
    before, after = seen
    return {
        path
        for path in before
        if not np.array_equal(before[path], after[path]) and "seed" not in path
    }


def stages(statistics, kind=ERM):
    seen = {"head": [], "whole": []}
    method = kind(heads(learnt(), 2), kg.Classification(2))
    x, y = examples()
    fields = {"inputs": x, "unlabeled": x + 1.0} if kind.needs else x
    transfer(
        method,
        fields,
        y,
        frozen=2,
        epochs=2,
        statistics=statistics,
        callbacks=lambda stage: [Look(seen[stage])],
        verbose=0,
    )
    assert all(layer.trainable for layer in method.model.layers)
    return {stage: moved(pair) for stage, pair in seen.items()}, method


@pytest.mark.slow
@pytest.mark.parametrize("kind", (ERM, DANN))
def test_the_head_moves_first_and_alone(kind):
    found, _ = stages("keep", kind)
    assert found["head"] == {"head/kernel", "head/bias"}
    dense = {f"dense{i}/{w}" for i in (0, 1) for w in ("kernel", "bias")}
    assert found["whole"] == {"head/kernel", "head/bias"} | dense


def test_statistics_move_where_they_should_adapt():
    found, method = stages("adapt")
    assert found["head"] == {"head/kernel", "head/bias"}
    every = {v.path for v in method.model.variables if "seed" not in v.path}
    assert found["whole"] == every
    assert {"norm0/moving_mean", "norm0/gamma"} <= found["whole"]


def test_a_layer_further_down_moves_less():
    seen = {"head": [], "whole": []}
    method = ERM(heads(learnt(), 2), kg.Classification(2))
    x, y = examples()
    transfer(
        method,
        x,
        y,
        frozen=0,
        epochs=1,
        decay=0.1,
        batch_size=64,
        rate=1e-2,
        callbacks=lambda stage: [Look(seen[stage])],
        verbose=0,
    )
    before, after = seen["whole"]
    # The first step of Adam is the rate itself.
    far = [
        np.abs(after[f"{name}/kernel"] - before[f"{name}/kernel"]).max()
        for name in ("head", "dense1", "dense0")
    ]
    assert np.allclose(far, [1e-3, 1e-4, 1e-5], rtol=0.05)


def test_factors_and_decay_one_is_adam():
    names = ["a", "a", "b", "head/kind", "head/size", "judge/d"]
    assert factors(names, 0.5) == [0.25, 0.25, 0.5, 1.0, 1.0, 1.0]
    assert factors(["a", "b"], 0.5) == [0.5, 1.0]
    deep = [*"abcdef", "head"]
    assert factors(deep, 0.5, 3) == [0.125] * 2 + [0.25] * 2 + [0.5] * 2 + [1]
    assert factors(deep, 0.5, 1) == [0.5] * 6 + [1.0]
    x, y = examples()
    weights = []
    for optimizer in (keras.optimizers.Adam(0.01), LayeredAdam(0.01, 1.0)):
        set_seed(1)
        method = ERM(
            kg.tabular_classifier((5,), 2, size="tiny"), kg.Classification(2)
        )
        method.compile(optimizer)
        method.fit(x, y, epochs=2, shuffle=False, verbose=0)
        weights.append(method.model.get_weights())
    for one, two in zip(*weights, strict=True):
        assert np.allclose(one, two, atol=1e-6)


def test_a_new_head_shares_the_body():
    old = learnt()
    new = heads(old, 4)
    assert new.output_shape == (None, 4)
    assert new.get_layer("dense0") is old.get_layer("dense0")


def test_bad_arguments_are_refused():
    method = ERM(
        kg.tabular_classifier((5,), 2, size="tiny"), kg.Classification(2)
    )
    for name, value in (
        *(("frozen", -1), ("epochs", -1), ("rate", -1.0), ("lower", -0.1)),
        *(("decay", 2.0), ("statistics", "some"), ("groups", 0)),
        *(("shares", (0.5, 0.2)), ("shares", (0.0,)), ("shares", ())),
    ):
        with pytest.raises(ValueError, match=name):
            transfer(method, None, **{name: value})
    with pytest.raises(TypeError, match="method"):
        transfer(method.model, None)
