"""Losses of masks against brute force, closed forms and SciPy."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops
from scipy.ndimage import distance_transform_edt
from scipy.special import softmax

from kerasgen.core import value_and_gradients
from kerasgen.losses import (
    Boundary,
    Dice,
    Lovasz,
    Tversky,
    known_masks,
    signed_distances,
)

RANDOM = np.random.default_rng(0)
Y = RANDOM.integers(0, 3, (4, 5, 6))
Y[0, :2] = 255
LOGITS = RANDOM.normal(0.0, 2.0, (4, 5, 6, 3)).astype("float32")
FOUND = softmax(LOGITS.astype("float64"), -1)


def overlap(y, found, alpha, beta, smooth):
    scores = []
    for each in range(found.shape[-1]):
        truth, p = (y == each)[y != 255], found[..., each][y != 255]
        both = p[truth].sum()
        extra, missed = p[~truth].sum(), (1 - p[truth]).sum()
        whole = both + alpha * extra + beta * missed + smooth
        scores.append(1 - (both + smooth) / whole)
    return np.mean(scores)


def test_dice_and_tversky_are_their_formulas():
    wanted = [
        overlap(y, p, 0.2, 0.6, 2.0) for y, p in zip(Y, FOUND, strict=True)
    ]
    loss = Tversky(alpha=0.2, beta=0.6, smooth=2.0)
    assert np.allclose(loss.call(Y, LOGITS), wanted, atol=1e-5)
    for y, p, found in zip(
        Y, FOUND, Dice(smooth=3.0).call(Y, LOGITS), strict=True
    ):
        known = (y != 255)[..., None]
        truth = (y[..., None] == np.arange(3)) * known
        both = (truth * p).sum((0, 1))
        dice = (2 * both + 3) / ((truth + p * known).sum((0, 1)) + 3)
        assert np.isclose(float(found), 1 - dice.mean(), atol=1e-5)


def jaccard_loss(wrong, truth):
    """One minus the intersection over union of a set of wrong pixels."""
    return wrong.sum() / (truth | wrong).sum() if wrong.any() else 0.0


def extension(errors, truth):
    """Lovasz's extension by its integral over levels of the errors."""
    levels = np.concatenate([[0.0], np.sort(errors)])
    return sum(
        (high - low) * jaccard_loss(errors >= high, truth)
        for low, high in itertools.pairwise(levels)
    )


def test_lovasz_is_the_integral_over_levels():
    for y, p, found in zip(Y, FOUND, Lovasz().call(Y, LOGITS), strict=True):
        known = y != 255
        each = [
            extension(np.abs(truth - p[..., c][known]), truth)
            for c in range(3)
            if (truth := (y == c)[known]).any()
        ]
        assert np.isclose(float(found), np.mean(each), atol=1e-5)


def test_lovasz_at_sure_answers_is_the_jaccard_loss():
    answer = RANDOM.integers(0, 3, Y.shape)
    sure = 60.0 * np.eye(3, dtype="float32")[answer]
    for y, a, found in zip(Y, answer, Lovasz().call(Y, sure), strict=True):
        known = y != 255
        each = [
            jaccard_loss(((y == c) ^ (a == c))[known], (y == c)[known])
            for c in range(3)
            if (y == c).any()
        ]
        assert np.isclose(float(found), np.mean(each), atol=1e-5)


def test_distances_are_those_of_scipy():
    inside = RANDOM.random((2, 7, 9, 2)) < 0.3
    inside[1, ..., 1] = False
    found = np.asarray(signed_distances(ops.cast(inside, "float32")))
    far = np.hypot(7, 9)
    for i, c in ((0, 0), (0, 1), (1, 0)):
        here = inside[i, ..., c]
        wanted = distance_transform_edt(~here) - distance_transform_edt(here)
        assert np.allclose(found[i, ..., c] * far, wanted, atol=1e-4)
    assert np.allclose(found[1, ..., 1], 1.0)


def test_boundary_weighs_errors_by_their_distance():
    y = np.zeros((1, 1, 8), "int64")
    y[0, 0, :2] = 1
    logits = 60.0 * np.eye(2, dtype="float32")[y]
    near, far = logits.copy(), logits.copy()
    near[0, 0, 2] = near[0, 0, 2, ::-1]
    far[0, 0, 7] = far[0, 0, 7, ::-1]
    found = [float(Boundary()(y, each)) for each in (logits, near, far)]
    # One pixel and then six from the boundary, of both classes, of 8 pixels.
    wanted = np.array([0, 2 * 1, 2 * 6]) / 8 / np.hypot(1, 8)
    assert np.allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize("loss", [Dice(), Tversky(), Lovasz(), Boundary()])
def test_unknown_pixels_dont_count(loss):
    other = LOGITS.copy()
    other[0, :2] = RANDOM.normal(size=(2, 6, 3))
    assert np.allclose(loss.call(Y, LOGITS), loss.call(Y, other), atol=1e-6)
    spread, _ = known_masks(Y, LOGITS)
    assert np.allclose(loss.call(Y, LOGITS), loss.call(spread, LOGITS))
    nothing = np.full((1, 5, 6), 255)
    terms, _, (slope,) = value_and_gradients(
        lambda: ({"task": loss(nothing, variable)}, None),
        [variable := keras.Variable(LOGITS[:1])],
    )
    assert np.isfinite(float(terms["task"]))
    assert np.allclose(np.asarray(slope), 0.0)
