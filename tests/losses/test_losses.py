"""losses: distances and risks against loops and closed forms."""

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from keras import ops

from kerasgen.core import input_gradient
from kerasgen.losses import (
    class_confusion,
    covariance_gap,
    domain_moment_gap,
    kernel_discrepancy,
    mean_entropy,
    moment_gap,
    mutual_information,
    robust_entropy,
    sliced_wasserstein,
    transport_plan,
)


def clouds(n, width, shift=0.0, seed=0):
    draw = np.random.default_rng(seed)
    return draw.normal(shift, 1, (n, width)).astype("float32")


@pytest.fixture(scope="module")
def pair():
    draw = np.random.default_rng(0)
    x = draw.normal(0, 1, (9, 5)).astype("float32")
    return x, draw.normal(0.5, 2, (7, 5)).astype("float32")


def test_covariance_gap_is_numpys(pair):
    one, two = (np.cov(x, rowvar=False) for x in pair)
    expected = ((one - two) ** 2).sum() / (4 * 5**2)
    assert np.isclose(covariance_gap(*pair), expected, rtol=1e-5)
    assert float(covariance_gap(pair[0], pair[0] + 3)) < 1e-10
    assert np.isfinite(covariance_gap(pair[0][:1], pair[1][:1]))


def brute(sources, targets, scales):
    """Over all pairs, one by one."""
    kernel = 1.0
    n = len(sources[0])
    for source, target in zip(sources, targets, strict=True):
        x = np.concatenate([source, target]).astype("float64")
        far = np.array([[((a - b) ** 2).sum() for b in x] for a in x])
        width = far.sum() / (len(x) * (len(x) - 1))
        kernel = kernel * np.mean(
            [np.exp(-far / (width * scale)) for scale in scales], 0
        )
    return (
        kernel[:n, :n].mean()
        + kernel[n:, n:].mean()
        - 2 * kernel[:n, n:].mean()
    )


def test_kernel_discrepancy_is_that_of_a_loop(pair):
    scales = (0.5, 2.0)
    expected = brute([pair[0]], [pair[1]], scales)
    found = kernel_discrepancy(*pair, scales)
    assert np.isclose(found, expected, rtol=1e-4)
    layers = [pair[0], pair[0][:, :2]], [pair[1], pair[1][:, :2]]
    expected = brute(*layers, scales)
    assert np.isclose(kernel_discrepancy(*layers, scales), expected, rtol=1e-4)
    same = ops.ones((3, 2))
    assert np.isfinite(kernel_discrepancy(same, same))


def test_gradients_bring_domains_together(pair):
    for distance in (covariance_gap, kernel_discrepancy):
        x, target = ops.convert_to_tensor(pair[0]), pair[1]
        before = distance(x, target)
        move = input_gradient(lambda x: distance(x, target), x)  # noqa: B023
        assert float(distance(x - 0.01 * move, target)) < float(before)


def test_class_confusion_is_that_of_a_loop():
    logits = np.random.default_rng(1).normal(0, 2, (12, 3)).astype("float32")
    e = np.exp(logits / 2.5)
    p = e / e.sum(1, keepdims=True)
    weight = 1 + np.exp(-scipy.stats.entropy(p, axis=1))
    weight *= len(p) / weight.sum()
    between = np.zeros((3, 3))
    for i in range(len(p)):
        between += weight[i] * np.outer(p[i], p[i])
    between /= between.sum(1, keepdims=True)
    expected = (between.sum() - np.trace(between)) / 3
    assert np.isclose(class_confusion(logits), expected, rtol=1e-5)


def test_entropies_are_scipys():
    logits = np.random.default_rng(2).normal(0, 2, (12, 3)).astype("float32")
    e = np.exp(logits)
    p = e / e.sum(1, keepdims=True)
    each = scipy.stats.entropy(p, axis=1).mean()
    assert np.isclose(mean_entropy(logits), each, rtol=1e-5)
    told = scipy.stats.entropy(p.mean(0)) - each
    assert np.isclose(mutual_information(logits), told, rtol=1e-4)
    assert np.isfinite(mean_entropy(1e4 * np.eye(3, dtype="float32")))


def test_moment_gap_is_the_sum_over_orders():
    x, y = clouds(20, 3), clouds(30, 3, shift=0.5, seed=1)
    a, b = np.tanh(x), np.tanh(y)
    want = np.linalg.norm(a.mean(0) - b.mean(0)) / 2
    for k in range(2, 6):
        one, two = (
            np.array([np.mean((z - z.mean()) ** k) for z in part.T])
            for part in (a, b)
        )
        want += np.linalg.norm(one - two) / 2**k
    assert np.isclose(float(moment_gap(x, y)), want, rtol=1e-4)
    assert float(moment_gap(x, y, 1)) < float(moment_gap(x, y, 3))


def test_sliced_wasserstein_is_scipys_along_one_axis():
    x, y = clouds(25, 2), clouds(25, 2, shift=1.0, seed=1)
    one = ops.convert_to_tensor(np.float32([[1.0], [0.0]]))
    found = float(sliced_wasserstein(x, y, one))
    cost = (x[:, None, 0] - y[None, :, 0]) ** 2
    best = scipy.optimize.linear_sum_assignment(cost)
    assert np.isclose(found, cost[best].mean(), rtol=1e-4)


@pytest.mark.slow
def test_a_sharp_plan_is_the_exact_assignment():
    cost = np.random.default_rng(0).random((12, 12)).astype("float32")
    best = scipy.optimize.linear_sum_assignment(cost)
    plan = np.asarray(transport_plan(cost, 300.0, 2000))
    assert np.isclose((plan * cost).sum(), cost[best].mean(), rtol=0.01)
    assert np.allclose(plan.sum(0), 1 / 12, atol=1e-5)
    assert np.allclose(plan.sum(1), 1 / 12, atol=1e-3)


def test_a_plan_of_other_lengths_and_great_costs():
    cost = 1e6 * np.random.default_rng(0).random((4, 7)).astype("float32")
    plan = np.asarray(transport_plan(cost, 10.0, 200))
    assert np.isfinite(plan).all() and np.isclose(plan.sum(), 1, atol=1e-4)
    assert np.allclose(plan.sum(0), 1 / 7, atol=1e-5)


def test_domain_moments_are_those_of_a_loop(pair):
    x, u = pair
    group = np.array([4, 4, 0, 9, 9, 9, 0, 4, 4])
    for order in (1, 2, 3):
        far, apart = 0.0, 0.0
        for power in range(1, order + 1):
            moments = [(x[group == g] ** power).mean(0) for g in (0, 4, 9)]
            middle = (u**power).mean(0)
            far += np.mean([np.linalg.norm(m - middle) for m in moments])
            apart += np.mean(
                [
                    np.linalg.norm(moments[i] - moments[j])
                    for i, j in ((0, 1), (0, 2), (1, 2))
                ]
            )
        found = domain_moment_gap(x, group, u, order)
        assert np.allclose(found, (far, apart), rtol=1e-4)
    far, apart = domain_moment_gap(x, np.zeros(9, int), u)
    assert float(apart) == 0.0 and float(far) > 0.0

    def total(x):
        return sum(domain_moment_gap(x, group % 2 * 0, x))

    # The root's slope at zero is held.
    assert np.isfinite(input_gradient(total, ops.convert_to_tensor(x))).all()


def test_robust_entropy_is_charbonniers():
    logits = np.array([[0.0, 0.0, 0.0], [9.0, 0.0, 1.0]], "float32")
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    entropy = -(shares * np.log(shares)).sum(1) / np.log(3)
    for power in (1.0, 2.0):
        expected = ((entropy**2 + 0.001**2) ** power).mean()
        assert np.isclose(robust_entropy(logits, power), expected, rtol=1e-4)
