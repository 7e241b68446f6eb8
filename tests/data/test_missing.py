"""missing_values: rates, mechanisms, and what prepares them."""

import numpy as np
import pytest
from scipy import stats

import kerasgen as kg
from kerasgen.data import synthetic
from kerasgen.data.missing import missing_values


def data(n=20000, missing=0.0):
    source = synthetic.table(n, missing=missing, numbers=3)
    return kg.data.load(source, missing="impute")


def gone(found, name, split="train"):
    values = found.splits[split].x[name]
    return np.isnan(values) if values.dtype.kind == "f" else values == ""


def z(whole, name):
    values = whole.splits["train"].x[name].astype("float64")
    return (values - np.nanmean(values)) / np.nanstd(values)


@pytest.fixture(scope="module")
def whole():
    return data()


@pytest.mark.parametrize("kind", ["mcar", "mar", "mnar"])
@pytest.mark.parametrize("rate", [0.05, 0.4, 0.9])
def test_rates_are_met(whole, kind, rate):
    found = missing_values(whole, rate, kind)
    names = [c.name for c in whole.schema.columns]
    stays = {"mcar": (), "mar": ("number_0",), "mnar": ("category_0",)}[kind]
    for name in names:
        share = gone(found, name).mean()
        if name in stays:
            assert share == 0
        else:
            assert abs(share - rate) < 4 * np.sqrt(0.25 / 12000)


def test_random_gaps_depend_on_nothing(whole):
    found = missing_values(whole, 0.3)
    lost = gone(found, "number_1")
    for name in ("number_0", "number_1", "number_2"):
        assert stats.ks_2samp(*_split(z(whole, name), lost)).pvalue > 0.005
    table = np.zeros((2, 2))
    np.add.at(table, (lost.astype(int), gone(found, "number_2").astype(int)), 1)
    assert stats.chi2_contingency(table).pvalue > 0.005


def _split(values, lost):
    return values[lost], values[~lost]


@pytest.mark.parametrize("kind", ["mar", "mnar"])
@pytest.mark.parametrize("strength", [-1.5, 3.0])
def test_gaps_are_logistic_in_the_cause(whole, kind, strength):
    from sklearn.linear_model import LogisticRegression

    found = missing_values(
        whole, 0.3, kind, ["number_1"], strength=strength, seed=2
    )
    cause = z(whole, "number_0" if kind == "mar" else "number_1")
    lost = gone(found, "number_1")
    fit = LogisticRegression(C=1e9).fit(cause[:, None], lost)
    assert np.isclose(fit.coef_[0, 0], strength, rtol=0.1)


def test_given_the_cause_the_rest_does_not_matter(whole):
    found = missing_values(whole, 0.5, "mar", ["number_1"], by="number_2")
    lost, cause = gone(found, "number_1"), z(whole, "number_2")
    own = np.abs(cause) < 0.1
    pair = _split(z(whole, "number_1")[own], lost[own])
    assert stats.ks_2samp(*pair).pvalue > 0.005


def test_gaps_add_to_those_that_are_there():
    whole = data(20000, missing=0.2)
    found = missing_values(whole, 0.5, "mnar", ["number_0"])
    before, after = gone(whole, "number_0"), gone(found, "number_0")
    assert after[before].all()
    assert abs(after[~before].mean() - 0.5) < 0.02
    assert np.isfinite(found.tensors("test")[0]).all()


def test_what_prepares_knows_the_gaps(whole):
    found = missing_values(whole, 0.3, columns=["number_0", "category_0"])
    train = found.splits["train"]
    assert train.x["number_0"].dtype == np.float32
    tensors = found.tensors("train")[0]
    assert np.isfinite(tensors).all()
    assert found.shape[0] == whole.shape[0] + 1
    assert set(found.schema.columns[-1].vocabulary) == set(
        whole.schema.columns[-1].vocabulary
    )
    for name in ("number_1", "number_2"):
        assert np.array_equal(train.x[name], whole.splits["train"].x[name])
    assert np.array_equal(train.y, whole.splits["train"].y)


def test_seeds_and_splits(whole):
    one, two, other = (missing_values(whole, 0.3, seed=s) for s in (1, 1, 2))
    lost = [gone(each, "number_0").tolist() for each in (one, two, other)]
    assert lost[0] == lost[1] != lost[2]
    # A column's gaps don't hang on which others lose cells.
    less = missing_values(whole, 0.3, columns=["number_0"], seed=1)
    assert gone(less, "number_0").tolist() == lost[0]
    test = missing_values(whole, 0.3, split="test")
    assert 0.2 < gone(test, "number_0", "test").mean() < 0.4
    assert test.prepare is whole.prepare
    assert np.isfinite(test.tensors("test")[0]).all()
    assert missing_values(whole, 0.0, "mar").splits["train"].x.keys()


def test_mistakes_are_named(whole):
    with pytest.raises(ValueError, match="Did you mean 'mcar'"):
        missing_values(whole, kind="mcr")
    with pytest.raises(ValueError, match="`columns` must be one of"):
        missing_values(whole, columns=["number_9"])
    with pytest.raises(ValueError, match="`columns` must be one of"):
        missing_values(whole, kind="mar", columns=["number_0"], by="number_0")
    with pytest.raises(ValueError, match="`columns` must be one of"):
        missing_values(whole, kind="mnar", columns=["category_0"])
    with pytest.raises(ValueError, match="some cells must stay"):
        missing_values(whole, 1.0)
    with pytest.raises(ValueError, match="must be a table"):
        missing_values(kg.data.load("digits"))
