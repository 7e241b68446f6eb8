"""contrast and redundancy: against loops and NumPy."""

import numpy as np
from keras import ops

from kerasgen.losses import contrast, cross_correlation, redundancy

DRAW = np.random.default_rng(0)


def pairs(n=6, d=4):
    one = DRAW.normal(size=(n, d)).astype("float32")
    return one, one + DRAW.normal(0, 0.5, (n, d)).astype("float32")


def test_contrast_is_the_brute_force_loop():
    one, two = pairs()
    found = np.asarray(contrast(one, two, 0.3))
    views = np.concatenate([one, two]).astype("float64")
    n = len(one)
    for i in range(2 * n):
        partner = (i + n) % (2 * n)
        close = [
            views[i] @ v / np.linalg.norm(views[i]) / np.linalg.norm(v)
            for v in views
        ]
        others = [np.exp(close[k] / 0.3) for k in range(2 * n) if k != i]
        expected = -np.log(np.exp(close[partner] / 0.3) / sum(others))
        assert np.isclose(found[i], expected, rtol=1e-5)


def test_contrast_of_one_pair_is_zero_and_of_zeros_finite():
    one, two = pairs(1)
    assert np.allclose(contrast(one, two), 0.0, atol=1e-6)
    zeros = contrast(np.zeros((3, 2), "float32"), np.zeros((3, 2), "float32"))
    assert np.allclose(zeros, np.log(5.0))


def test_the_cross_correlation_is_numpys():
    one, two = pairs(50, 3)
    expected = np.corrcoef(one.T, two.T)[:3, 3:]
    assert np.allclose(cross_correlation(one, two), expected, atol=1e-5)
    on = np.square(1 - np.diag(expected)).sum()
    off = np.square(expected).sum() - np.square(np.diag(expected)).sum()
    found = float(redundancy(one, two, 0.1))
    assert np.isclose(found, on + 0.1 * off, rtol=1e-4)


def test_a_constant_feature_correlates_with_nothing():
    one, two = pairs(8, 2)
    one[:, 0] = 3.0
    found = np.asarray(cross_correlation(one, two))
    assert np.allclose(found[0], 0.0) and np.isfinite(found).all()
    assert np.isfinite(float(redundancy(ops.ones((1, 2)), ops.ones((1, 2)))))
