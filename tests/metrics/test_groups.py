"""metrics: rankings, clusters and topics against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn import metrics as peer

from kerasgen import metrics

RANDOM = np.random.default_rng(0)
LABELS = RANDOM.integers(0, 2, 200)
# Rounded, so that there are ties.
SCORES = np.round(RANDOM.normal(size=200) + LABELS, 1)
CLASSES = RANDOM.integers(0, 4, 300)
CLUSTERS = np.where(RANDOM.random(300) < 0.6, CLASSES, 7 - CLASSES)


def test_rankings_agree_with_sklearn():
    assert np.isclose(
        metrics.auroc(SCORES, LABELS), peer.roc_auc_score(LABELS, SCORES)
    )
    assert np.isclose(
        metrics.average_precision(SCORES, LABELS),
        peer.average_precision_score(LABELS, SCORES),
    )


def test_rankings_of_one_kind_are_no_numbers():
    assert np.isnan(metrics.auroc([1.0, 2.0], [0, 0]))
    assert np.isnan(metrics.average_precision([1.0, 2.0], [0, 0]))
    with pytest.raises(ValueError, match="0 or 1"):
        metrics.auroc([1.0], [2])


@pytest.mark.parametrize("clusters", [CLUSTERS, CLASSES, CLASSES * 0])
def test_clusters_agree_with_sklearn(clusters):
    found = metrics.normalized_mutual_information(CLASSES, clusters)
    wanted = peer.normalized_mutual_info_score(CLASSES, clusters)
    assert np.isclose(found, wanted)
    found = metrics.adjusted_rand(CLASSES, clusters)
    assert np.isclose(found, peer.adjusted_rand_score(CLASSES, clusters))


def test_accuracy_of_clusters_is_the_best_naming():
    names = np.array([3, 1, 0, 2])
    assert metrics.cluster_accuracy(CLASSES, names[CLASSES]) == 1.0
    # Half of a class in a cluster of its own is wrong.
    y = np.array([0, 0, 1, 1])
    assert metrics.cluster_accuracy(y, [0, 5, 1, 1]) == 0.75


def test_coherence_by_hand():
    documents = np.array([[1, 1], [1, 0], [0, 1], [0, 0]])
    assert np.isclose(metrics.coherence([[0, 1]], documents)[0], 0.0)
    documents = np.array([[1, 1], [1, 1], [1, 0], [0, 0]])
    wanted = np.log(0.5 / (0.75 * 0.5)) / -np.log(0.5)
    assert np.isclose(metrics.coherence([[0, 1]], documents)[0], wanted)
    with pytest.raises(ValueError, match="two words"):
        metrics.coherence([[0]], documents)
