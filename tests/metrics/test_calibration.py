"""Calibration against scikit-learn, by hand and by simulation."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss

from kerasgen.metrics import (
    brier,
    calibration_interval,
    expected_calibration_error,
    nll,
    reliability,
)


def draw(n, classes, seed, temperature=1.0):
    """Labels drawn from probabilities; the model sharpens or flattens them."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=(n, classes)) * 2.0
    truth = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    y = (truth.cumsum(-1) > random.random((n, 1))).argmax(-1)
    told = np.exp(logits / temperature)
    return y, told / told.sum(-1, keepdims=True)


def test_nll_is_log_loss():
    y, p = draw(300, 5, 0)
    assert nll(y, p).mean() == pytest.approx(log_loss(y, p, labels=range(5)))
    assert np.isfinite(nll([0], [[0.0, 1.0]])).all()


def test_brier_is_twice_the_one_sided_score_for_two_classes():
    y, p = draw(300, 2, 1)
    wanted = 2.0 * brier_score_loss(y, p[:, 1])
    assert brier(y, p).mean() == pytest.approx(wanted)
    y, p = draw(300, 4, 1)
    whole = ((p - np.eye(4)[y]) ** 2).sum(-1)
    np.testing.assert_allclose(brier(y, p), whole, atol=1e-12)


def test_ece_by_hand():
    p = [[0.95, 0.05], [0.92, 0.08], [0.6, 0.4], [0.3, 0.7]]
    y = [0, 1, 0, 0]
    # Bins of a tenth: (.9, 1]: confidence .935, accuracy .5;
    # (.5, .6]: .6 and 1; (.6, .7]: .7 and 0.
    wanted = (2 * abs(0.935 - 0.5) + 0.4 + 0.7) / 4
    assert expected_calibration_error(y, p, 10) == pytest.approx(wanted)


def test_ece_is_the_sum_over_the_reliability_table():
    y, p = draw(500, 3, 2, temperature=0.5)
    rows = reliability(y, p, 12)
    assert sum(row["n"] for row in rows) == 500
    assert [row["low"] for row in rows[1:]] == [r["high"] for r in rows[:-1]]
    total = sum(
        row["n"] / 500 * abs(row["confidence"] - row["accuracy"])
        for row in rows
        if row["n"]
    )
    assert expected_calibration_error(y, p, 12) == pytest.approx(total)
    hits = (p.argmax(-1) == y).sum()
    assert sum(row["hits"] for row in rows) == hits


def test_edges_of_bins_belong_to_the_lower_bin():
    rows = reliability([0, 0], [[1.0, 0.0], [0.8, 0.2]], 10)
    assert rows[9]["n"] == 1 and rows[7]["n"] == 1
    assert rows[0]["accuracy"] is None and rows[0]["n"] == 0


def binned_truth(classes, temperature, bins):
    y, p = draw(200_000, classes, 99, temperature)
    return expected_calibration_error(y, p, bins)


@pytest.mark.parametrize("n", [50, 100, 500])
def test_interval_of_a_calibrated_model_holds_zero(n):
    holds = 0
    for seed in range(100):
        y, p = draw(n, 4, seed)
        holds += calibration_interval(y, p, 15, seed, 200).low == 0.0
    assert holds >= 93


@pytest.mark.parametrize("n", [100, 500])
def test_interval_of_an_overconfident_model_covers(n):
    truth = binned_truth(4, 0.4, 15)
    assert truth > 0.1
    covers = 0
    for seed in range(100):
        y, p = draw(n, 4, seed, 0.4)
        end = calibration_interval(y, p, 15, seed, 200)
        value = expected_calibration_error(y, p, 15)
        assert end.low <= value <= end.high
        covers += end.low <= truth <= end.high
    assert covers >= 92


def test_interval_where_errors_are_rare():
    random = np.random.default_rng(0)
    holds = covers = 0
    for seed in range(200):
        y = (random.random(60) > 0.98).astype(int)
        sure, right = np.full((60, 2), 1e-4), np.full((60, 2), 0.02)
        sure[:, 0], right[:, 0] = 1.0 - 1e-4, 0.98
        holds += calibration_interval(y, right, 15, seed, 100).low == 0.0
        end = calibration_interval(y, sure, 15, seed, 100)
        covers += end.low <= 0.02 - 1e-4 <= end.high
    assert holds >= 190 and covers >= 190


def test_interval_of_few():
    assert np.isnan(calibration_interval([], np.zeros((0, 3)))).all()
    assert np.isnan(calibration_interval([0], [[0.7, 0.3]])).all()
    assert np.isnan(expected_calibration_error([], np.zeros((0, 3))))


@pytest.mark.parametrize(
    "y, p, match",
    [
        ([0], [0.5, 0.5], "shape"),
        ([0, 1], [[0.5, 0.5]], "shape"),
        ([2], [[0.5, 0.5]], r"\[0, 1\]"),
        ([0], [[3.0, -1.0]], "softmax"),
        ([0], [[np.nan, 0.5]], "softmax"),
    ],
)
def test_refused(y, p, match):
    for metric in (nll, brier, reliability, expected_calibration_error):
        with pytest.raises(ValueError, match=match):
            metric(y, p)
    with pytest.raises(ValueError, match="bins=0"):
        reliability([0], [[0.5, 0.5]], 0)
