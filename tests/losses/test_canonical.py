"""Canonical correlations against scikit-learn and NumPy."""

import numpy as np
import scipy.linalg
from keras import ops
from sklearn.cross_decomposition import CCA

from kerasgen.core import input_gradient
from kerasgen.losses import canonical_correlations


def views(n=400, seed=0):
    random = np.random.default_rng(seed)
    hidden = random.normal(size=(n, 3))
    one, two = (hidden @ random.normal(size=(3, d)) for d in (4, 5))
    noise = random.normal(size=one.shape), random.normal(size=two.shape)
    return one + noise[0], two + 0.5 * noise[1]


def test_they_are_those_of_scikit_learn():
    one, two = views()
    codes = CCA(4, max_iter=5000, tol=1e-10).fit_transform(one, two)
    known = [
        np.corrcoef(a, b)[0, 1]
        for a, b in zip(*map(np.transpose, codes), strict=True)
    ]
    found = np.asarray(canonical_correlations(one, two, ridge=0.0))
    assert np.allclose(found, known, atol=1e-4)


def test_the_ridge_is_that_of_the_generalized_eigenproblem():
    one, two = views(60, seed=1)
    one, two = (x - x.mean(0) for x in (one, two))
    a, b, c = (x.T @ y / 59 for x, y in ((one, one), (two, two), (one, two)))
    a += 0.2 * np.trace(a) / 4 * np.eye(4)
    b += 0.2 * np.trace(b) / 5 * np.eye(5)
    squares = scipy.linalg.eigh(c @ np.linalg.solve(b, c.T), a)[0]
    found = np.asarray(canonical_correlations(one, two, ridge=0.2))
    assert np.allclose(found, np.sqrt(squares[::-1]), atol=1e-4)


def test_they_are_blind_to_linear_maps_and_order():
    one, two = views(200, seed=2)
    random = np.random.default_rng(0)
    turned = one @ random.normal(size=(4, 4)) + 3.0
    found = [
        np.asarray(canonical_correlations(*pair, ridge=0.0))
        for pair in ((one, two), (turned, two), (two, one))
    ]
    assert np.allclose(found[0], found[1], atol=1e-3)
    assert np.allclose(found[0], found[2], atol=1e-4)


def test_what_can_not_be_correlated_has_finite_gradients():
    random = np.random.default_rng(0)
    for n in (1, 2, 30):
        one = ops.convert_to_tensor(random.normal(size=(n, 3)), "float32")
        for two in (ops.ones((n, 2)), ops.convert_to_tensor(one)):
            value = canonical_correlations(one, two)
            assert np.isfinite(np.asarray(value)).all()
            found = input_gradient(
                lambda x, two=two: canonical_correlations(x, two), one
            )
            assert np.isfinite(np.asarray(found)).all()
