"""Confident learning against cleanlab, and against simulated noise."""

import numpy as np
import pytest
from cleanlab.count import compute_confident_joint, estimate_latent
from cleanlab.filter import find_label_issues
from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

from kerasgen.data import (
    anchor_matrix,
    confident_joint,
    find_mislabelled,
    noise_matrix,
    transition,
)

RULES = {
    "rate": "prune_by_noise_rate",
    "class": "prune_by_class",
    "both": "both",
    "joint": "confident_learning",
}


@pytest.fixture(scope="module")
def noisy():
    """Digits with pair noise, and probabilities out of fold."""
    x, truth = load_digits(return_X_y=True)
    matrix = transition("pair", 0.25, 10)
    draw = np.random.default_rng(0)
    y = np.array([draw.choice(10, p=matrix[label]) for label in truth])
    found = cross_val_predict(
        KNeighborsClassifier(25, weights="distance"),
        x / 16.0,
        y,
        cv=5,
        method="predict_proba",
    )
    return y, truth, found


def test_the_joint_is_cleanlabs(noisy):
    y, _, found = noisy
    theirs = compute_confident_joint(y, found)
    joint = confident_joint(y, found)
    # Theirs are rounded to whole numbers row by row.
    assert np.abs(joint - theirs).max() <= 1.0
    assert np.allclose(joint.sum(1), np.bincount(y))
    _, rates, _ = estimate_latent(theirs, y)
    assert np.abs(noise_matrix(joint) - rates.T).max() < 0.02


@pytest.mark.parametrize("rule", sorted(RULES))
def test_the_examples_are_cleanlabs(noisy, rule):
    y, _, found = noisy
    mine = find_mislabelled(y, found, by=rule)
    theirs = find_label_issues(
        y,
        found,
        filter_by=RULES[rule],
        return_indices_ranked_by="self_confidence",
        n_jobs=1,
    )
    common = len(set(mine) & set(theirs))
    assert common / len(set(mine) | set(theirs)) > 0.95
    own = found[mine, y[mine]]
    assert (np.diff(own) >= 0).all()


def test_wrong_labels_are_found(noisy):
    y, truth, found = noisy
    wrong = np.flatnonzero(y != truth)
    named = find_mislabelled(y, found)
    hits = np.isin(named, wrong).mean(), np.isin(wrong, named).mean()
    assert min(hits) > 0.8
    matrix = noise_matrix(confident_joint(y, found))
    assert np.abs(matrix - transition("pair", 0.25, 10)).max() < 0.12


def test_anchors_of_exact_probabilities():
    draw = np.random.default_rng(1)
    matrix = transition("pair", 0.3, 4)
    sure = np.vstack([np.eye(4), draw.dirichlet(np.ones(4), 200)])
    assert np.allclose(anchor_matrix(sure @ matrix, 1.0), matrix)


def test_what_does_not_fit_is_refused():
    p = np.full((3, 2), 0.5)
    for y in ([0, 1], [0, 1, 2], [0.0, 1.0, 0.0]):
        with pytest.raises(ValueError, match="confident_joint"):
            confident_joint(np.array(y), p)
    with pytest.raises(ValueError, match="both"):
        find_mislabelled([0, 1, 1], p, by="bath")
    with pytest.raises(ValueError, match="square"):
        noise_matrix(np.ones((2, 3)))
    with pytest.raises(ValueError, match="classes"):
        anchor_matrix(np.ones(3))
