"""ranking: against scikit-learn and counting by hand."""

import numpy as np
import pytest
from sklearn.metrics import label_ranking_average_precision_score, ndcg_score

from kerasgen.metrics import ndcg_at, ranks, recall_at, reciprocal_rank

RANDOM = np.random.default_rng(0)
SCORES = RANDOM.normal(size=(30, 12))
WANTED = RANDOM.random((30, 12)) < 0.3
WANTED[:, 0] |= ~WANTED.any(1)


@pytest.mark.parametrize("k", [1, 3, 12, 50])
def test_ndcg_is_scikit_learns(k):
    theirs = ndcg_score(WANTED, SCORES, k=min(k, 12))
    assert ndcg_at(SCORES, WANTED, k).mean() == pytest.approx(theirs)


def test_recall_counts():
    for scores, wanted, found in zip(
        SCORES, WANTED, recall_at(SCORES, WANTED, 4), strict=True
    ):
        first = set(np.argsort(-scores)[:4])
        hits = len(first & set(np.flatnonzero(wanted)))
        assert found == hits / min(4, wanted.sum())


def test_one_wanted_item():
    items = RANDOM.integers(0, 12, 30)
    single = np.eye(12, dtype=bool)[items]
    place = ranks(SCORES, items)
    theirs = label_ranking_average_precision_score(single, SCORES)
    assert np.mean(1 / place) == pytest.approx(theirs)
    assert np.allclose(reciprocal_rank(SCORES, single), 1 / place)
    assert np.array_equal(recall_at(SCORES, single, 5), place <= 5)


def test_ties_stand_in_the_middle():
    assert ranks(np.zeros((1, 5)), [3]).tolist() == [3.0]


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="something wanted"):
        recall_at(SCORES, np.zeros_like(WANTED))
    with pytest.raises(ValueError, match="something wanted"):
        ndcg_at(SCORES, WANTED[:, 1:])
    with pytest.raises(ValueError, match="`k`"):
        ndcg_at(SCORES, WANTED, 0)
