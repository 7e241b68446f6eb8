"""Domain generalization: each penalty against a loop over the groups."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasgen as kg
from kerasgen.layers.mix_style import restyled
from kerasgen.methods import (
    IRM,
    VREX,
    DomainMixup,
    Fishr,
    GroupCORAL,
    GroupDRO,
    MixStyle,
)
from kerasgen.methods.domain_mixup import strangers
from kerasgen.methods.grouped import fellows

GROUP = np.array([3, 3, 3, 9, 9, 5, 5, 5, 5])


@pytest.fixture
def batch():
    draw = np.random.default_rng(0)
    x = draw.normal(0, 1, (9, 4)).astype("float32")
    return {"x": x, "y": np.arange(9) % 3, "weight": None, "group": GROUP}


def made(kind, **values):
    model = kg.tabular_classifier((4,), 3, size="tiny", dropout=0.0)
    method = kind(model, kg.Classification(3), **values)
    method.compile("adam")
    return method


def answers(method, batch):
    """Features before the head, probabilities, and each example's loss."""
    model = method.model
    features = keras.Model(model.input, model.get_layer("head").input)
    seen = np.asarray(features(batch["x"], training=True))
    logits = np.asarray(model(batch["x"], training=True))
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    losses = -np.log(shares[np.arange(len(logits)), batch["y"]])
    return seen, logits, shares, losses


def by_group(values):
    return np.array([values[GROUP == g].mean(0) for g in np.unique(GROUP)])


def test_fellows():
    average, once = fellows(ops.convert_to_tensor(GROUP))
    values = np.random.default_rng(0).normal(0, 1, (9, 1)).astype("float32")
    mean = {g: values[GROUP == g].mean() for g in GROUP}
    assert np.allclose(
        ops.matmul(average, values)[:, 0], [mean[g] for g in GROUP]
    )
    assert np.isclose(ops.sum(once * values[:, 0]), by_group(values).mean())


def test_vrex_is_the_variance_over_groups(batch):
    method = made(VREX, weight=3.0, ramp=0)
    risks = by_group(answers(method, batch)[3])
    terms, _ = method.objective(batch)
    assert np.isclose(terms["task"], risks.mean() / 4, rtol=1e-4)
    assert np.isclose(terms["variance"], 3 * risks.var() / 4, rtol=1e-3)


def test_irm_is_the_slope_by_a_factor(batch):
    method = made(IRM, weight=3.0, ramp=0)
    _, logits, shares, losses = answers(method, batch)
    slope = ((shares - np.eye(3)[batch["y"]]) * logits).sum(1)
    terms, _ = method.objective(batch)
    expected = 3 * (by_group(slope) ** 2).mean() / 4
    assert np.isclose(terms["penalty"], expected, rtol=1e-3)
    assert np.isclose(terms["task"], by_group(losses).mean() / 4, rtol=1e-4)


@pytest.mark.parametrize("kind, term", [(VREX, "variance"), (IRM, "penalty")])
def test_a_ramp_waits(batch, kind, term):
    method = made(kind, ramp=5)
    assert float(method.objective(batch)[0][term]) == 0
    method.optimizer.iterations.assign(5)
    assert float(method.objective(batch)[0][term]) > 0


def test_group_dro_moves_weights_to_the_worst(batch):
    method = made(GroupDRO, rate=0.5, groups=10)
    risks = by_group(answers(method, batch)[3])
    logs = np.zeros(3)
    for _ in range(2):
        logs += 0.5 * risks
        weights = np.exp(logs) / np.exp(logs).sum()
        terms, _ = method.objective(batch)
        expected = (weights * risks).sum()
        assert np.isclose(terms["task"], expected, rtol=1e-4)


def test_fishr_is_the_distance_of_gradient_variances(batch):
    method = made(Fishr, weight=2.0, ramp=0)
    seen, _, shares, losses = answers(method, batch)
    slope = shares - np.eye(3)[batch["y"]]
    seen = np.concatenate([seen, np.ones((9, 1))], 1)
    each = np.einsum("nc,nd->ncd", slope, seen).reshape(9, -1)
    spread = np.array([each[GROUP == g].var(0) for g in np.unique(GROUP)])
    gap = ((spread - spread.mean(0)) ** 2).sum(1).mean()
    terms, _ = method.objective(batch)
    assert np.isclose(terms["penalty"], 2 * gap, rtol=1e-3)
    assert np.isclose(terms["task"], losses.mean(), rtol=1e-4)


def test_group_coral_is_the_mean_distance_of_pairs(batch):
    method = made(GroupCORAL, weight=2.0)
    seen, _, _, losses = answers(method, batch)
    each = [seen[GROUP == g] for g in np.unique(GROUP)]
    # A group of one example has no covariance.
    spread = [
        np.cov(s.T) if len(s) > 1 else np.zeros((len(s[0]),) * 2) for s in each
    ]
    gaps = [
        ((each[i].mean(0) - each[j].mean(0)) ** 2).mean()
        + ((spread[i] - spread[j]) ** 2).mean()
        for i in range(3)
        for j in range(i)
    ]
    terms, _ = method.objective(batch)
    assert np.isclose(terms["coral"], 2 * np.mean(gaps), rtol=1e-3)
    assert np.isclose(terms["task"], losses.mean(), rtol=1e-4)


def test_partners_are_strangers():
    seed = keras.random.SeedGenerator(0)
    group = ops.convert_to_tensor(GROUP)
    for _ in range(10):
        assert (GROUP[np.asarray(strangers(group, seed))] != GROUP).all()
    alone = np.asarray(strangers(ops.zeros((4,)), seed))
    assert ((0 <= alone) & (alone < 4)).all()


def test_styles_are_taken_over():
    x = np.random.default_rng(0).normal(3, 2, (2, 5, 5, 4)).astype("float32")
    moved = np.asarray(restyled(x, ops.array([1, 0]), 0.25))
    middle, spread = x.mean((1, 2)), x.std((1, 2))
    want = 0.25 * middle + 0.75 * middle[::-1]
    assert np.allclose(moved.mean((1, 2)), want, atol=1e-4)
    want = 0.25 * spread + 0.75 * spread[::-1]
    assert np.allclose(moved.std((1, 2)), want, atol=1e-4)
    assert np.allclose(restyled(x, ops.array([1, 0]), 1.0), x, atol=1e-4)


def test_rows_have_no_style():
    with pytest.raises(ValueError, match="feature map.*DomainMixup"):
        made(MixStyle)


@pytest.mark.parametrize("kind", [DomainMixup, GroupDRO, IRM, VREX])
def test_numbers_are_learnt_too(kind):
    model = kg.tabular_regressor((3,), size="tiny")
    method = kind(model, kg.Regression())
    method.compile("adam")
    x = {"inputs": ops.ones((6, 3)), "group": ops.arange(6) % 2}
    loss = method.fit(x, ops.ones((6, 1)), verbose=0).history["loss"]
    assert np.isfinite(loss[0])


def test_fishr_needs_classes():
    with pytest.raises(ValueError, match="must have classes"):
        Fishr(kg.tabular_regressor((3,), size="tiny"), kg.Regression())


def test_weights_and_one_hot_labels_count(batch):
    method = made(VREX, weight=0.0)
    hot = {**batch, "y": np.eye(3, dtype="float32")[batch["y"]]}
    one, two = (float(method.objective(b)[0]["task"]) for b in (batch, hot))
    assert np.isclose(one, two, rtol=1e-5)
    heavy = {**batch, "weight": np.full(9, 2.0, "float32")}
    assert np.isclose(float(method.objective(heavy)[0]["task"]), 2 * one)
