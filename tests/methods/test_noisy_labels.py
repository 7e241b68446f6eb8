"""Noisy labels and unequal classes: terms by hand, and what they are for."""

import keras
import numpy as np
import pytest
from keras import ops
from sklearn.mixture import GaussianMixture

import kerasgen as kg
from kerasgen.methods import (
    ELR,
    CoTeaching,
    DeferredReweighting,
    HeadRetraining,
    SmallLoss,
    tau_normalized,
)
from kerasgen.methods.mixture import chance_of_low, improved, start
from kerasgen.methods.small_loss import smallest


@pytest.fixture
def batch():
    draw = np.random.default_rng(0)
    x = draw.normal(0, 1, (8, 4)).astype("float32")
    return {
        "x": x,
        "y": np.arange(8) % 3,
        "weight": None,
        "index": np.array([5, 2, 9, 0, 1, 11, 3, 7]),
    }


def made(kind, **values):
    keras.utils.set_random_seed(0)
    model = kg.tabular_classifier((4,), 3, size="tiny", dropout=0.0)
    method = kind(model, kg.Classification(3), **values)
    method.compile("adam")
    return method


def shares(net, x):
    logits = np.asarray(net(x, training=True), "float64")
    return np.exp(logits) / np.exp(logits).sum(1, keepdims=True)


def test_elr_remembers_by_index(batch):
    method = made(ELR, weight=2.0, momentum=0.6, memory=12)
    table = np.zeros((12, 3))
    for _ in range(2):
        p = shares(method.model, batch["x"])
        table[batch["index"]] = 0.6 * table[batch["index"]] + 0.4 * p
        terms, outputs = method.objective(batch)
        agree = (table[batch["index"]] * p).sum(1)
        expected = 2 * np.log(1 - agree).mean()
        assert np.isclose(terms["early"], expected, rtol=1e-3)
        method.settle(batch, outputs)
    assert np.allclose(method.targets, table, atol=1e-4)


def test_a_memory_too_small_is_refused():
    data = kg.data.load("wine")
    model = kg.tabular_classifier(data.shape, 3, size="tiny")
    method = ELR(model, data.task, memory=50)
    method.compile("adam")
    with pytest.raises(ValueError, match="107 training"):
        method.fit(data.batches("train", needs=method.needs), verbose=0)


def test_index_is_the_place_in_the_split():
    data = kg.data.load("wine")
    x, y = data.tensors("train")
    seen = []
    for fields, labels in data.batches("train", 16, needs=("index",)):
        place = fields["index"].numpy()
        assert np.allclose(x[place], fields["inputs"])
        assert (y[place] == labels.numpy()).all()
        seen += place.tolist()
    assert sorted(seen) == list(range(len(y))) and seen != sorted(seen)


def test_smallest_counts():
    draw = np.random.default_rng(0).random(10).astype("float32")
    for share, kept in ((0.0, 10), (0.3, 7), (0.35, 6), (0.99, 1)):
        found = np.asarray(smallest(draw, share))
        assert np.isclose(found.mean(), 1.0)
        chosen = np.flatnonzero(found)
        assert set(chosen) == set(np.argsort(draw)[:kept])
    assert np.asarray(smallest(np.ones(4, "float32"), 0.5)).sum() == 4


def test_networks_choose_for_each_other(batch):
    method = made(CoTeaching, forget=0.5, ramp=1)
    method.optimizer.iterations.assign(5)
    one, two = (
        -np.log(shares(net, batch["x"])[np.arange(8), batch["y"]])
        for net in (method.model, method.second)
    )
    terms, _ = method.objective(batch)
    assert np.isclose(terms["task"], one[np.argsort(two)[:4]].mean(), rtol=1e-3)
    second = two[np.argsort(one)[:4]].mean()
    assert np.isclose(terms["second"], second, rtol=1e-3)
    assert not np.allclose(one, two)


def test_agreement_is_jocor(batch):
    method = made(CoTeaching, forget=0.5, ramp=1, agreement=0.3)
    method.optimizer.iterations.assign(5)
    p, q = (shares(net, batch["x"]) for net in (method.model, method.second))
    rows = np.arange(8)
    lost = -np.log(p[rows, batch["y"]]) - np.log(q[rows, batch["y"]])
    apart = (p * np.log(p / q)).sum(1) + (q * np.log(q / p)).sum(1)
    joint = 0.7 * lost + 0.3 * apart
    terms, _ = method.objective(batch)
    expected = np.sort(joint)[:4].mean()
    assert np.isclose(sum(terms.values()), expected, rtol=1e-3)


def test_the_mixture_is_scikit_learns():
    draw = np.random.default_rng(0)
    losses = np.concatenate([draw.normal(0.2, 0.05, 700), draw.beta(8, 4, 300)])
    scaled = (losses - losses.min()) / np.ptp(losses)
    theirs = GaussianMixture(2, reg_covar=5e-4, tol=1e-6, random_state=0)
    theirs.fit(scaled[:, None])
    # Places below zero have not been seen, and don't count.
    table = np.concatenate([losses, -np.ones(50)]).astype("float32")
    table = np.stack([table, table], 1)
    mixture = improved(table, start(), turns=60)
    order = np.argsort(theirs.means_[:, 0])
    assert np.allclose(mixture[0, 0], theirs.means_[order, 0], atol=0.01)
    assert np.allclose(mixture[1, 1], theirs.covariances_[order, 0, 0], 0.1)
    found = np.asarray(chance_of_low(table, mixture, table))[:, 0]
    inside = (scaled > mixture[0, 0, 0]) & (scaled < mixture[0, 0, 1])
    wanted = theirs.predict_proba(scaled[:, None])[:, order[0]]
    assert np.abs(found[:1000] - wanted)[inside].max() < 0.05
    assert (found[1000:] == 1).all()
    assert (np.diff(found[:1000][np.argsort(losses)]) <= 1e-6).all()


def test_classes_are_counted_and_weighted(batch):
    method = made(DeferredReweighting, start=3)
    method.settle(batch, None)
    assert np.asarray(method.seen).tolist() == [3.0, 3.0, 2.0]
    method.seen.assign([89.0, 8.0, 0.0])
    weights = np.asarray(method.class_weights(1.0))
    assert np.allclose(weights, 1 / (3 * np.array([0.9, 0.09, 0.01])))
    losses = -np.log(shares(method.model, batch["x"])[np.arange(8), batch["y"]])
    terms, _ = method.objective(batch)
    assert np.isclose(terms["task"], losses.mean(), rtol=1e-3)
    method.optimizer.iterations.assign(3)
    terms, _ = method.objective(batch)
    expected = (losses * weights[batch["y"]]).mean()
    assert np.isclose(terms["task"], expected, rtol=1e-3)


def test_the_body_stays_when_the_head_is_trained_anew(batch):
    model = kg.tabular_classifier((4,), 3, size="tiny", dropout=0.0)
    head = model.get_layer("head").get_weights()
    body = [w.copy() for w in model.get_weights()][: -len(head)]
    method = HeadRetraining(model, kg.Classification(3))
    assert not np.allclose(model.get_layer("head").get_weights()[0], head[0])
    method.compile("adam")
    method.fit(batch["x"], batch["y"], epochs=2, verbose=0)
    for old, new in zip(body, model.get_weights(), strict=False):
        assert np.array_equal(old, new)
    kept = model.get_layer("head").get_weights()[0]
    HeadRetraining(model, kg.Classification(3), fresh=False)
    assert np.array_equal(kept, model.get_layer("head").get_weights()[0])


def test_tau_normalized():
    model = kg.tabular_classifier((4,), 3, size="tiny", dropout=0.0)
    head = model.get_layer("head")
    kernel, bias = head.get_weights()
    head.set_weights([kernel * [1.0, 2.0, 4.0], bias + 1.0])
    x = np.random.default_rng(0).normal(0, 1, (6, 4)).astype("float32")
    features, _ = kg.core.split(model)
    length = np.linalg.norm(head.kernel.numpy(), axis=0)
    wanted = features(x).numpy() @ (head.kernel.numpy() / length**0.5)
    assert np.allclose(tau_normalized(model, 0.5)(x), wanted, atol=1e-5)
    assert np.allclose(head.bias.numpy(), bias + 1.0)


def digits(rate):
    data = kg.data.load("digits")
    x, y = data.tensors("train")
    noisy = kg.data.label_noise(data, rate=rate).splits["train"].y
    xt, yt = data.tensors("test")
    return (x.reshape(len(x), -1), noisy), (xt.reshape(len(xt), -1), yt)


STEPS = 34
METHODS = {
    "co_teaching": {"forget": 0.4, "ramp": 5 * STEPS},
    "divide_mix": {"warm_up": 6 * STEPS, "weight": 1.0, "memory": 1100},
    "elr": {"weight": 5.0, "memory": 1100},
    "small_loss": {"forget": 0.4, "ramp": 5 * STEPS},
}
LOSSES = {"generalized_cross_entropy": {"q": 0.9}}


def accuracy(spec, criterion=None, epochs=60):
    (x, y), (xt, yt) = digits(0.4)
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(256, "relu"),
            keras.layers.Dense(10, name="head"),
        ]
    )
    task = kg.Classification(10, criterion=criterion)
    method = kg.create("method", spec, model, task)
    method.compile(keras.optimizers.Adam(2e-3))
    fields = {"inputs": x, "index": np.arange(len(x))}
    fields = fields if method.needs else x
    method.fit(fields, y, batch_size=32, epochs=epochs, verbose=0)
    return float((np.argmax(model.predict(xt, verbose=0), -1) == yt).mean())


@pytest.fixture(scope="module")
def plain():
    return accuracy("erm")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        # One that changes the loss and one that remembers; the others take
        # their time.
        name
        if name in ("elr", "generalized_cross_entropy")
        else pytest.param(name, marks=pytest.mark.slow)
        for name in [*METHODS, *LOSSES]
    ],
)
def test_wrong_labels_hurt_less(plain, name):
    if name in LOSSES:
        found = accuracy("erm", {"name": name, **LOSSES[name]})
    else:
        found = accuracy({"name": name, **METHODS[name]})
    assert found > plain + 0.05, (found, plain)


def test_small_loss_of_nothing_left_out_is_erm(batch):
    method = made(SmallLoss, forget=0.0)
    terms, outputs = method.objective(batch)
    wanted = method.task_loss(batch, outputs)
    assert np.isclose(terms["task"], wanted)
    weighted = {**batch, "weight": ops.arange(8)}
    terms, outputs = method.objective(weighted)
    assert np.isclose(terms["task"], method.task_loss(weighted, outputs))
