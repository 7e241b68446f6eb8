"""losses: distances and risks against loops and closed forms."""

import numpy as np
import pytest
import scipy.stats
from keras import ops

from kerasgen.core import input_gradient
from kerasgen.losses import (
    class_confusion,
    covariance_gap,
    kernel_discrepancy,
    mean_entropy,
    mutual_information,
)


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
