"""imbalance and prior_shift: counts against closed forms."""

import numpy as np
import pytest
from scipy import stats

import kerasgen as kg
from kerasgen.data import synthetic
from kerasgen.data.imbalance import imbalance, prior_shift


def data(n=5000, classes=10):
    x = np.arange(2.0 * n).reshape(n, 2)
    return kg.data.load((x, np.arange(n) % classes), task="classification")


def counts(found, split="train"):
    return np.bincount(found.splits[split].y, minlength=found.classes)


def test_a_long_tail_is_geometric():
    # CIFAR's: 300 examples of each of 10 classes, greatest / least 100.
    found = imbalance(data(), 100)
    expected = [int(300 * 0.01 ** (i / 9) + 1e-9) for i in range(10)]
    assert counts(found).tolist() == expected
    assert expected[0] == 300 and expected[-1] == 3


def test_a_step_has_two_heights():
    assert (
        counts(imbalance(data(), 10, "step")).tolist() == [300] * 5 + [30] * 5
    )
    found = imbalance(data(), 10, "step", share=0.2, order=range(9, -1, -1))
    assert counts(found).tolist() == [30, 30] + [300] * 8


def test_unequal_classes_keep_the_factor():
    x, y = np.zeros((1000, 2)), np.repeat([0, 1, 2], [200, 500, 300])
    whole = kg.data.load((x, y), task="classification")
    assert counts(whole).tolist() == [120, 300, 180]
    found = counts(imbalance(whole, 4.0))
    assert found.tolist() == [120, 60, 30]
    assert counts(imbalance(whole, 1.0)).tolist() == [120, 120, 120]
    assert counts(imbalance(whole, 1e6)).tolist() == [120, 1, 1]


def test_only_train_differs_and_is_prepared_anew():
    whole = data()
    found = imbalance(whole, 50)
    for name in ("stop", "select", "test"):
        assert found.splits[name] is whole.splits[name]
    tensors = found.tensors("train")[0]
    assert np.allclose(tensors.mean(0), 0, atol=1e-4)
    ids = found.splits["train"].ids
    assert set(ids) <= set(whole.splits["train"].ids)
    assert (np.diff(ids) > 0).all()


def test_seeds_choose_the_examples():
    whole = data()
    one, two, other = (imbalance(whole, 50, seed=s) for s in (1, 1, 2))
    ids = [set(each.splits["train"].ids) for each in (one, two, other)]
    assert ids[0] == ids[1] != ids[2]


def test_a_class_is_thinned_at_random():
    whole = data(20000, 2)
    ids = imbalance(whole, 4.0).splits["train"].ids
    kept = ids[ids % 2 == 1]
    assert stats.kstest(kept / 20000, "uniform").pvalue > 0.01


@pytest.mark.parametrize(
    "given, words",
    [
        ({"factor": 0.5}, "factor"),
        ({"kind": "stairs"}, "kind"),
        ({"share": 1.0}, "share"),
        ({"order": [0, 1]}, "each class from 0 to 9 once"),
    ],
)
def test_mistakes_of_imbalance(given, words):
    with pytest.raises(ValueError, match=words):
        imbalance(data(), **given)


def test_shares_are_given():
    whole = data(5000, 4)
    found = counts(prior_shift(whole, [0.1, 0.2, 0.3, 0.4]))
    assert found.sum() == 750 / 0.4
    assert abs(found - [187.5, 375, 562.5, 750]).max() <= 0.5
    found = counts(prior_shift(whole, {"0": 1, "3": 1}))
    assert found.tolist() == [750, 0, 0, 750]
    same = prior_shift(whole, np.ones(4))
    assert np.array_equal(same.splits["train"].ids, whole.splits["train"].ids)


def test_shares_of_any_number_are_met():
    random = np.random.default_rng(0)
    whole = kg.data.load("wine")
    have = counts(whole)
    for _ in range(50):
        shares = random.dirichlet(np.ones(3))
        found = counts(prior_shift(whole, shares))
        assert (found <= have).all()
        assert abs(found - shares * found.sum()).max() < 1.5
        # No more could have stayed.
        assert (found >= have - 1).any()


def test_test_sets_can_be_shifted():
    whole = data(5000, 4)
    found = prior_shift(whole, [1, 1, 1, 7], split="test")
    share = counts(found, "test") / len(found.splits["test"])
    assert np.allclose(share, [0.1, 0.1, 0.1, 0.7], atol=0.01)
    assert found.prepare is whole.prepare
    one, two = (
        set(prior_shift(whole, [1, 1, 1, 7], seed=s).splits["train"].ids)
        for s in (0, 1)
    )
    assert one != two


@pytest.mark.parametrize(
    "shares, words",
    [
        ([1.0], "3 numbers of 0 or more"),
        ([1.0, -1.0, 1.0], "3 numbers of 0 or more"),
        ([0, 0, 0], "3 numbers of 0 or more"),
        ({"clas_1": 1.0}, "Did you mean 'class_1'"),
    ],
)
def test_mistakes_of_shares(shares, words):
    with pytest.raises(ValueError, match=words):
        prior_shift(kg.data.load("wine"), shares)


def test_other_kinds():
    for source in (synthetic.texts(), synthetic.videos()):
        found = prior_shift(kg.data.load(source), [1, 3])
        assert len(next(iter(found.batches("train", 4)))[1]) == 4
    with pytest.raises(ValueError, match="must have one class"):
        imbalance(kg.data.load(synthetic.masks()))
