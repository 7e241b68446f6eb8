"""The calibration probe."""

import numpy as np
import pytest

from kerasgen.evaluate import Calibration
from kerasgen.metrics import brier, expected_calibration_error, nll
from kerasgen.tasks.base import probabilities


def test_rows_are_the_metrics(digits):
    data, model = digits
    x, y = data.tensors("test")
    p = probabilities(model(x))
    answer = Calibration(bins=10)(model, data)
    rows = {row.metric: row for row in answer}
    assert list(rows) == ["ece", "brier", "nll"]
    wanted = (
        ("ece", expected_calibration_error(y, p, 10)),
        ("brier", brier(y, p).mean()),
        ("nll", nll(y, p).mean()),
    )
    for name, value in wanted:
        assert rows[name].value == pytest.approx(value, rel=1e-4)
        assert rows[name].low <= value <= rows[name].high
        assert rows[name].better == "lower" and rows[name].n == 360
    bins = answer.tables["reliability"]["bins"]
    assert len(bins) == 10 and sum(row["n"] for row in bins) == 360
    for row in bins:
        if row["n"]:
            ends = row["accuracy_low"], row["accuracy_high"]
            assert ends[0] <= row["accuracy"] <= ends[1]
    assert len(answer.examples["calibration/brier"]) == 360


def test_overconfidence_is_seen(digits):
    data, model = digits
    x, _ = data.tensors("test")
    outputs = np.asarray(model(x))
    plain = Calibration()(model, data, outputs=outputs).rows[0]
    sharp = Calibration()(model, data, outputs=outputs * 1e4).rows[0]
    flat = Calibration()(model, data, outputs=outputs * 0.2).rows[0]
    assert sharp.value == pytest.approx(
        1 - np.mean(outputs.argmax(-1) == data.splits["test"].y), abs=1e-3
    )
    assert flat.low > plain.value


def test_without_probabilities_it_says_why(diabetes, digits):
    data, model = diabetes
    answer = Calibration()(model, data)
    assert [row.metric for row in answer] == ["ece", "brier", "nll"]
    assert all(row.value is None and row.why for row in answer)
    data, model = digits
    outputs = np.full((360, 10), np.nan)
    answer = Calibration()(model, data, outputs=outputs)
    assert all(row.value is None and "finite" in row.why for row in answer)
