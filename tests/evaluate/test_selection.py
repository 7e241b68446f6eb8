"""selection: against loops and closed forms, and blind to target labels."""

import dataclasses

import numpy as np
import pytest
import scipy.stats

import kerasgen as kg
from kerasgen.data import synthetic
from kerasgen.evaluate.risk import (
    deep_embedded,
    density_ratio,
    importance_weighted,
)
from kerasgen.evaluate.selection import (
    RULES,
    class_correlation,
    entropy,
    information,
    judge,
    looks_at,
    neighborhood_density,
    nuclear_norm,
)


@pytest.fixture(scope="module")
def logits():
    return np.random.default_rng(0).normal(0, 3, (1100, 4))


def shares(logits):
    e = np.exp(logits - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def test_entropy_and_information_are_scipys(logits):
    p = shares(logits)
    each = scipy.stats.entropy(p, axis=1)
    assert np.isclose(entropy(logits), each.mean())
    whole = scipy.stats.entropy(p.mean(0))
    assert np.isclose(information(logits), whole - each.mean())


def test_neighborhood_density_is_that_of_a_loop(logits):
    # More rows than one block has.
    p = shares(logits)
    p /= np.sqrt((p**2).sum(1))[:, None]
    found = []
    for i in range(len(p)):
        near = np.delete(p @ p[i], i) / 0.05
        found.append(scipy.stats.entropy(np.exp(near - near.max())))
    assert np.isclose(neighborhood_density(logits), np.mean(found))


def test_norm_and_correlation_by_their_definitions(logits):
    p = shares(logits)
    singular = np.sqrt(np.maximum(np.linalg.eigvalsh(p.T @ p), 0))
    expected = singular.sum() / np.sqrt(len(p) * 4)
    assert np.isclose(nuclear_norm(logits), expected)
    products = sum(np.outer(one, one) for one in p).ravel()
    eye = np.eye(4).ravel()
    cosine = products @ eye / np.linalg.norm(products) / np.linalg.norm(eye)
    assert np.isclose(class_correlation(logits), cosine)


def test_one_class_for_everything_is_told_apart(logits):
    same = np.tile([50.0, 0, 0, 0], (40, 1))
    good = 50.0 * np.eye(4)[np.arange(40) % 4]
    for rule in (information, nuclear_norm, class_correlation):
        assert rule(good) > rule(same) + 0.4
    # These two are known not to see it.
    assert entropy(same) == pytest.approx(entropy(good), abs=1e-9)
    assert neighborhood_density(same) > neighborhood_density(good)


def test_density_ratio_of_two_normals():
    draw = np.random.default_rng(0)
    source, target = draw.normal(0, 1, (4000, 1)), draw.normal(1, 1, (2000, 1))
    x = np.linspace(-1, 2, 7)[:, None]
    exact = np.exp(x[:, 0] - 0.5)
    assert np.allclose(density_ratio(source, target, x), exact, rtol=0.15)


def test_weighted_risks_estimate_the_targets():
    draw = np.random.default_rng(1)
    x = draw.normal(0, 1, 20000)
    weights, losses = np.exp(x - 0.5), (x > 0.5).astype(float)
    truth = scipy.stats.norm.sf(0.5 - 1.0)
    assert importance_weighted(losses, weights) == pytest.approx(
        truth, abs=0.03
    )
    assert deep_embedded(losses, weights) == pytest.approx(truth, abs=0.03)
    even = np.ones(20000)
    assert deep_embedded(losses, even) == pytest.approx(losses.mean())
    # The control variate lowers the variance over samples.
    plain, less = [], []
    for part in np.split(np.arange(20000), 100):
        plain.append(np.mean(weights[part] * losses[part]))
        less.append(deep_embedded(losses[part], weights[part]))
    assert np.var(less) < np.var(plain)


@pytest.fixture(scope="module")
def domains():
    (x, y), (u, v) = (synthetic.images(90, seed=s) for s in (0, 1))
    return kg.data.Data.domains(source=(x, y), target=kg.data.load((u, v)))


@pytest.fixture(scope="module")
def model(domains):
    return kg.image_classifier(domains.shape, domains.classes, size="tiny")


def permuted(data, name):
    part = data.splits[name]
    order = np.random.default_rng(0).permutation(len(part.y))
    part = dataclasses.replace(part, y=part.y[order])
    return dataclasses.replace(data, splits={**data.splits, name: part})


@pytest.mark.parametrize("rule", RULES)
def test_only_the_oracle_sees_the_targets_labels(rule, domains, model):
    first = judge(rule, model, domains)
    assert np.isfinite(first)
    wrong = 1 - np.asarray(domains.splits["target"].y)
    part = dataclasses.replace(domains.splits["target"], y=wrong)
    other = dataclasses.replace(
        domains, splits={**domains.splits, "target": part}
    )
    again = judge(rule, model, permuted(other, "target"))
    assert (first == again) == (rule != "oracle")
    assert ("labels, as no user" in looks_at(rule)) == (rule == "oracle")


def test_what_cannot_be_judged_is_refused(domains, model):
    with pytest.raises(ValueError, match="Did you mean 'entropy'"):
        judge("entropi", model, domains)
    with pytest.raises(ValueError, match="Data.domains"):
        judge("entropy", model, kg.data.load("digits"))
    bare = {k: v for k, v in domains.splits.items() if k != "target"}
    with pytest.raises(ValueError, match="an oracle needs"):
        judge("oracle", model, dataclasses.replace(domains, splits=bare))
    with pytest.raises(ValueError, match="2 classes or more"):
        entropy(np.zeros((3, 1)))


@pytest.mark.slow
def test_tune_ranks_without_the_targets_labels(domains, tmp_path):
    tables = []
    for number, data in enumerate((domains, permuted(domains, "target"))):
        recipe = kg.Recipe(
            name="shift",
            data=data,
            model={"name": "image_classifier", "size": "tiny"},
            epochs=1,
        )
        result = kg.tune(
            recipe,
            tmp_path / str(number),
            trials=2,
            objective="information",
            verbose=0,
        )
        tables.append(
            [
                row["select/information"]
                for row in result.report.context["trials"]
            ]
        )
        rule = result.report.context["selection"]["rule"]
    assert tables[0] == tables[1] and len(tables[0]) == 2
    assert rule == "highest information on the target, without its labels"
