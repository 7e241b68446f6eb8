"""Row: checks, names and JSON."""

import dataclasses
import json

import numpy as np
import pytest

from kerasgen.evaluate import Row


def test_goes_to_json_and_back():
    row = Row(
        "corruption",
        "accuracy",
        np.float32(0.5),
        np.float64(0.25),
        1,
        np.int64(8),
        "share",
        "higher",
        {"corruption": "blur", "severity": 3},
    )
    text = json.dumps(row.to_dict(), allow_nan=False)
    assert Row.from_dict(json.loads(text)) == row
    assert row.name == "corruption/accuracy[corruption=blur, severity=3]"
    assert (row.low, row.high, row.n) == (0.25, 1.0, 8)


def test_not_a_number_needs_a_why():
    with pytest.raises(ValueError, match="must say `why`.*clean/mae"):
        Row("clean", "mae", float("nan"))
    row = Row("clean", "mae", np.nan, 0.0, 1.0, why="no examples")
    assert (row.value, row.low, row.high) == (None, None, None)
    assert "NaN" not in json.dumps(row.to_dict())


def test_refuses_a_value_outside_and_an_unknown_direction():
    with pytest.raises(ValueError, match="value=0.5, low=0.6"):
        Row("clean", "mae", 0.5, 0.6, 0.7)
    with pytest.raises(ValueError, match="better"):
        Row("clean", "mae", 0.5, better="up")


def test_is_frozen_and_shares_no_slice():
    where = {"class": "a"}
    row = Row("subgroup", "accuracy", 1.0, slice=where)
    where["class"] = "b"
    assert row.slice == {"class": "a"}
    with pytest.raises(dataclasses.FrozenInstanceError):
        row.value = 2.0
