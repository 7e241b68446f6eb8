"""splits: dealing never breaks, whatever shares and classes come."""

import numpy as np
import pytest

from kerasgen.data import cut

SHARES = (0.6, 0.1, 0.1, 0.2)


def test_any_shares_and_class_sizes_deal_each_example_once():
    random = np.random.default_rng(0)
    for seed in range(400):
        counts = random.integers(1, 30, random.integers(2, 9))
        y = np.repeat(np.arange(len(counts)), counts)
        shares = np.maximum(random.dirichlet(np.full(4, 0.5)), 0.02)
        try:
            parts = cut(y, tuple(shares / shares.sum()), seed)
        except ValueError as error:
            assert "would be empty" in str(error) and len(y) < 20
            continue
        assert np.array_equal(
            np.sort(np.concatenate(list(parts.values()))), np.arange(len(y))
        )
        for part in parts.values():
            big = np.flatnonzero(counts >= 4)
            assert np.isin(big, y[part]).all()


@pytest.mark.parametrize("groups", [4, 5, 7, 10])
def test_as_many_groups_as_splits_are_enough(groups):
    for seed in range(40):
        random = np.random.default_rng(seed)
        group = np.concatenate(
            [np.arange(groups), random.integers(0, groups, 40)]
        )
        y = random.integers(0, 2, len(group))
        parts = cut(y, SHARES, seed, group=group)
        seen = [set(group[part]) for part in parts.values()]
        assert all(seen) and sum(map(len, seen)) == groups


def test_fewer_groups_than_splits_are_named():
    with pytest.raises(ValueError, match="more groups"):
        cut(np.arange(30) % 2, SHARES, 0, group=np.arange(30) % 3)


def test_small_regressions_keep_their_shares():
    y = np.random.default_rng(0).normal(size=40)
    assert [len(part) for part in cut(y, SHARES, 0).values()] == [24, 4, 4, 8]
