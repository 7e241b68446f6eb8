"""covariate_shift: chances, directions and exact weights."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.decomposition import PCA

import kerasgen as kg
from kerasgen.data import synthetic
from kerasgen.data.covariate import covariate_shift, keep_chances


def data(n=20000, seed=0):
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, 3)) @ np.diag([1.0, 2.0, 3.0])
    x[:, 1] += x[:, 2]
    return kg.data.load((x, (x.sum(1) > 0).astype(int)), task="classification")


def test_chances_are_logistic():
    whole = data()
    values = whole.splits["train"].x["feature_1"].astype("float64")
    z = (values - values.mean()) / values.std()
    for strength in (-1.0, 0.0, 3.0):
        found = keep_chances(whole, "feature_1", strength)
        assert np.allclose(found, expit(strength * z), atol=1e-9)


def test_the_direction_is_the_first_component():
    for whole in (data(), kg.data.load(synthetic.images(300))):
        x = whole.tensors("train")[0]
        x = x.reshape(len(x), -1).astype("float64")
        first = PCA(1).fit(x).components_[0]
        first *= np.sign(first[np.abs(first).argmax()])
        score = x @ first
        z = (score - score.mean()) / score.std()
        assert np.allclose(
            keep_chances(whole, None, 2.0), expit(2 * z), atol=1e-3
        )


def test_a_long_direction_is_the_first_component():
    random = np.random.default_rng(0)
    x = random.normal(size=(200, 48, 48, 1)) * 8 + 100
    x[:, 5:20] += random.normal(size=(200, 1, 1, 1)) * 20
    whole = kg.data.load(
        (np.clip(x, 0, 255).astype("uint8"), np.arange(200) % 2)
    )
    x = whole.tensors("train")[0].reshape(120, -1).astype("float64")
    first = PCA(1, svd_solver="full").fit(x).components_[0]
    score = x @ first * np.sign(first[np.abs(first).argmax()])
    z = (score - score.mean()) / score.std()
    assert np.allclose(keep_chances(whole, None, 2.0), expit(2 * z), atol=1e-3)


def test_weights_undo_the_shift():
    whole = data()
    shifted = covariate_shift(whole, "feature_0", 2.0)
    before = whole.splits["train"]
    after = shifted.splits["train"]
    chances = keep_chances(whole, "feature_0", 2.0)
    weight = 1 / chances[np.searchsorted(before.ids, after.ids)]
    values = after.x["feature_0"]
    assert values.mean() > 0.4
    # The weighted mean is the mean before, within its standard error.
    mean = np.average(values, weights=weight)
    error = np.sqrt(np.sum((weight * values) ** 2)) / weight.sum()
    assert abs(mean - before.x["feature_0"].mean()) < 4 * error


def test_what_stays_is_drawn_by_its_chance():
    whole = data(40000)
    chances = keep_chances(whole, "feature_2", 1.5)
    ids = covariate_shift(whole, "feature_2", 1.5).splits["train"].ids
    kept = np.isin(whole.splits["train"].ids, ids)
    for low in np.arange(0, 1, 0.1):
        own = (chances >= low) & (chances < low + 0.1)
        expected, n = chances[own].mean(), own.sum()
        assert abs(kept[own].mean() - expected) < 4 * np.sqrt(0.25 / n)


def test_a_direction_can_be_given():
    whole = data()
    x = whole.tensors("train")[0].astype("float64")
    score = x @ [1.0, -1.0, 0.5]
    z = (score - score.mean()) / score.std()
    found = keep_chances(whole, [1.0, -1.0, 0.5], 1.0)
    assert np.allclose(found, expit(z), atol=1e-6)
    with pytest.raises(ValueError, match="3 numbers of a prepared"):
        keep_chances(whole, [1.0])


def test_splits_and_seeds():
    whole = data(2000)
    one, two, other = (covariate_shift(whole, seed=s) for s in (1, 1, 2))
    ids = [each.splits["train"].ids.tolist() for each in (one, two, other)]
    assert ids[0] == ids[1] != ids[2]
    assert one.splits["test"] is whole.splits["test"]
    assert np.allclose(one.tensors("train")[0].mean(0), 0, atol=1e-4)
    test = covariate_shift(whole, "feature_0", split="test")
    assert test.prepare is whole.prepare
    assert len(test.splits["test"]) < len(whole.splits["test"])


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="Did you mean 'alcohol'"):
        covariate_shift(kg.data.load("wine"), "alcohl")
    source = synthetic.table(missing=0.2)
    gaps = kg.data.load(source, missing="impute")
    with pytest.raises(ValueError, match="no missing cells"):
        covariate_shift(gaps, "number_0")
    with pytest.raises(ValueError, match="`by` must be one of"):
        covariate_shift(gaps, "category_0")
    assert len(covariate_shift(gaps).splits["train"]) > 10
