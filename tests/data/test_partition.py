"""partition: the train split dealt to clients."""

import numpy as np
import pytest
from scipy import stats

import kerasgen as kg
from kerasgen.data import synthetic
from kerasgen.data.partition import partition


def data(n=3000, classes=5):
    x = np.arange(2.0 * n).reshape(n, 2)
    return kg.data.load((x, np.arange(n) % classes), task="classification")


def counts(parts, classes=5):
    return np.stack(
        [np.bincount(p.splits["train"].y, minlength=classes) for p in parts]
    )


def test_every_example_has_one_client():
    whole = data()
    for alpha, quantity in (
        (0.05, None),
        (0.5, 0.3),
        (None, None),
        (np.inf, 1.0),
    ):
        parts = partition(whole, 7, alpha, quantity=quantity, least=3)
        ids = np.concatenate([part.splits["train"].ids for part in parts])
        assert np.array_equal(np.sort(ids), whole.splits["train"].ids)
        assert min(len(part.splits["train"]) for part in parts) >= 3
        for part in parts:
            assert part.prepare is whole.prepare
            assert part.splits["test"] is whole.splits["test"]
            assert part.splits["stop"] is whole.splits["stop"]


def test_clients_are_equal_unless_asked():
    sizes = counts(partition(data(), 7, 0.1)).sum(1)
    assert sizes.sum() == 1800 and np.ptp(sizes) <= 1
    sizes = counts(partition(data(), 7, 0.1, quantity=0.3, least=5)).sum(1)
    assert np.ptp(sizes) > 200 and sizes.min() >= 5


def test_without_alpha_clients_are_alike():
    table = counts(partition(data(), 6, None))
    assert stats.chi2_contingency(table).pvalue > 0.01
    table = counts(partition(data(), 6, 0.3))
    assert stats.chi2_contingency(table).pvalue < 1e-6


def test_shares_are_the_dirichlets():
    # Few small clients of a great set run no class out, so that each count is
    # Dirichlet-multinomial: its variance has a closed form.
    whole, alpha, size, found = data(20000), 2.0, 40, []
    for seed in range(40):
        parts = partition(whole, 300, alpha, seed)
        # The first to draw are spread at random over the list.
        found.append(counts(parts[:30]))
    found = np.concatenate(found)
    p = 0.2
    expected = size * p * (1 - p) * (size + alpha) / (1 + alpha)
    assert np.allclose(found.mean(0), size * p, atol=0.5)
    assert np.allclose(found.var(0), expected, rtol=0.12)


def test_small_alpha_gives_few_classes():
    held = [
        (counts(partition(data(), 5, alpha)) > 0).sum(1).mean()
        for alpha in (0.01, 1.0, 100.0)
    ]
    assert held[0] < 2.5 < held[1] <= held[2] == 5


def test_tiny_alpha_is_no_trouble():
    for seed in range(5):
        table = counts(partition(data(), 5, 1e-6, seed))
        assert table.sum() == 1800


def test_seeds():
    whole = data()
    one, two, other = (partition(whole, 4, 0.5, seed) for seed in (3, 3, 4))
    assert all(
        np.array_equal(a.splits["train"].ids, b.splits["train"].ids)
        for a, b in zip(one, two, strict=True)
    )
    assert not np.array_equal(counts(one), counts(other))


@pytest.mark.parametrize(
    "source, given",
    [
        (synthetic.table(200, classes=0), {}),
        (synthetic.masks(), {}),
        (synthetic.tokens(), {}),
        (synthetic.texts(), {}),
    ],
)
def test_other_targets(source, given):
    whole = kg.data.load(source, **given)
    parts = partition(whole, 3, 0.2)
    sizes = [len(part.splits["train"]) for part in parts]
    assert sum(sizes) == len(whole.splits["train"])
    assert str(parts[0]).startswith("arrays, client 1")
    assert next(iter(parts[2].batches("train", 4)))


@pytest.mark.parametrize(
    "given, words",
    [
        ({"clients": 1}, "clients"),
        ({"clients": 3, "alpha": 0.0}, "`alpha` must be > 0"),
        ({"clients": 3, "alpha": float("nan")}, "`alpha` must be > 0"),
        ({"clients": 3, "quantity": -1.0}, "`quantity` must be > 0"),
        ({"clients": 1000}, "2 examples for each client"),
    ],
)
def test_mistakes_are_named(given, words):
    with pytest.raises(ValueError, match=words):
        partition(data(), **given)
