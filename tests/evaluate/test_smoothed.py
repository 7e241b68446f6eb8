"""Smoothed: certificates against closed forms and SciPy."""

import keras
import numpy as np
import pytest
import scipy.stats

import kerasgen as kg
from kerasgen.evaluate import Certified, Smoothed
from kerasgen.evaluate.smoothed import ABSTAIN

WAY = np.float32([3.0, 4.0])


def linear(x):
    """Of class 1 where 3 a + 4 b > 0: the true radius is a distance."""
    score = keras.ops.sum(x * WAY, -1, keepdims=True)
    return keras.ops.concatenate([-score, score], -1)


def distance(x):
    return x @ WAY / 5.0


def points():
    return np.float32([[0.1, 0.1], [0.3, 0.2], [-0.4, 0.1], [0.001, 0.0]])


def test_radii_are_below_the_true_ones_and_near():
    x = points()
    smoothed = Smoothed(linear, sigma=0.3)
    labels, radii = smoothed.certify(x, samples=100000)
    true = np.abs(distance(x))
    sure = labels != ABSTAIN
    assert np.array_equal(labels[sure], (distance(x) > 0)[sure])
    assert (radii <= true).all() and sure[:3].all() and not sure[3]
    # The bound on a share of 100,000 costs little while it isn't near 1.
    assert np.allclose(radii[:3], true[:3], atol=0.02)


def test_the_radius_is_that_of_the_paper_by_scipy():
    x, smoothed = points()[1], Smoothed(linear, sigma=0.5, alpha=0.01)
    _, (radius,) = smoothed.certify(x[None], samples=2000, choose=50, seed=3)
    random = np.random.default_rng([3, 0])
    smoothed.counts(x, 50, random)
    hits = smoothed.counts(x, 2000, random)[1]
    low = scipy.stats.binomtest(hits, 2000, alternative="greater")
    low = low.proportion_ci(0.99, "exact").low
    assert radius == pytest.approx(0.5 * scipy.stats.norm.ppf(low), rel=1e-6)


@pytest.mark.parametrize("share", (0.0, 0.05, 0.1, 0.3))
def test_predict_abstains_as_the_binomial_test_does(share):
    x = np.float32([[share, 0.0]])
    smoothed = Smoothed(linear, sigma=1.0, alpha=0.05)
    (label,) = smoothed.predict(x, samples=300, seed=1)
    counts = smoothed.counts(x[0], 300, np.random.default_rng([1, 0]))
    test = scipy.stats.binomtest(counts.max(), 300)
    expected = counts.argmax() if test.pvalue <= 0.05 else ABSTAIN
    assert label == expected


def test_predict_abstains_exactly_at_the_tests_edge():
    class Told(Smoothed):
        def counts(self, x, samples, random):
            return np.array([samples - self.hits, self.hits, 0])

    smoothed = Told(linear, sigma=1.0, alpha=0.01)
    for hits in range(50, 101):
        smoothed.hits = hits
        (label,) = smoothed.predict(np.zeros((1, 2)), samples=100)
        rejects = scipy.stats.binomtest(hits, 100).pvalue <= 0.01
        assert (label == 1) == rejects, hits


def test_one_seed_one_certificate():
    smoothed = Smoothed(linear, sigma=0.4, batch_size=64)
    one, two = (smoothed.certify(points(), 200, seed=5)[1] for _ in range(2))
    assert np.array_equal(one, two)


def test_a_radius_holds_where_the_classifier_is_known():
    """No point within a certified radius has another true answer."""
    x = points()[:3]
    _, radii = Smoothed(linear, sigma=0.3).certify(x, samples=20000)
    for each, radius in zip(x, radii, strict=True):
        away = each - radius * WAY / 5.0 * np.sign(distance(each))
        assert np.sign(distance(away)) == np.sign(distance(each))


def test_bad_arguments_are_refused():
    for given in ({"sigma": 0.0}, {"alpha": 0.5}, {"sigma": -1.0}):
        with pytest.raises(ValueError, match=next(iter(given))):
            Smoothed(linear, **given)


def test_certified_accuracy_falls_with_the_radius():
    draw = np.random.default_rng(0)
    x = draw.normal(0, 1, (300, 2))
    y = (distance(x) > 0).astype("int64")
    data = kg.data.load(({"a": x[:, 0], "b": x[:, 1]}, y), seed=0)
    inputs = keras.Input(data.shape)
    model = keras.Model(inputs, keras.layers.Dense(2, name="head")(inputs))
    model.layers[-1].set_weights(
        [np.float32([[-3, 3], [-4, 4]]), np.zeros(2, "f")]
    )
    probe = Certified(sigma=0.3, radii=(0.0, 0.2, 5.0), samples=500)
    answer = probe(model, data)
    values = [row.value for row in answer if row.metric == "accuracy"]
    assert values == sorted(values, reverse=True) and values[-1] == 0.0
    u, v = data.tensors("test", 50)
    at = (distance(u) * (2 * v - 1) >= 0.2).mean()
    assert at - 0.15 <= values[1] <= at
