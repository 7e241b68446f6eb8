"""Subgroups: rows, the worst, the gap, and whether their bounds hold."""

import dataclasses

import numpy as np
import pytest

from kerasgen.evaluate import Subgroup
from kerasgen.metrics import binomial


def test_classes(cancer):
    data, model = cancer
    x, y = data.tensors("test")
    hit = np.asarray(model(x)).argmax(-1) == y
    answer = Subgroup()(model, data)
    rows = {row.slice.get("class"): row for row in answer}
    for index, name in enumerate(data.task.labels):
        inside = hit[y == index]
        row = rows[name]
        assert row.value == pytest.approx(inside.mean())
        assert (row.low, row.high) == binomial(inside.sum(), len(inside))
        assert answer.examples[row.name] == inside.astype(int).tolist()
    extremes = {r.metric: r for r in answer if r.slice == {"by": "class"}}
    values = [rows[name].value for name in data.task.labels]
    assert extremes["worst"].value == pytest.approx(min(values))
    assert extremes["gap"].value == pytest.approx(max(values) - min(values))
    assert extremes["gap"].better == "lower"
    assert extremes["worst"].n == 114


def test_groups_of_numbers(diabetes):
    data, model = diabetes
    answer = Subgroup()(model, data)
    rows = {row.slice.get("group"): row for row in answer}
    assert {"male", "female"} < set(rows)
    worst = next(row for row in answer if row.metric == "worst")
    assert worst.value == max(rows["male"].value, rows["female"].value)
    assert worst.low <= worst.value <= worst.high
    assert rows["male"].n + rows["female"].n == 90


def test_without_groups_or_with_ids_it_says_why(ungrouped, diabetes):
    _, model = diabetes
    answer = Subgroup()(model, ungrouped)
    assert [row.metric for row in answer] == ["worst", "gap"]
    assert all("group=" in row.why for row in answer)
    test = ungrouped.splits["test"]
    many = dataclasses.replace(test, group=np.arange(90).astype(str))
    splits = {**ungrouped.splits, "test": many}
    data = dataclasses.replace(ungrouped, splits=splits)
    answer = Subgroup()(model, data)
    assert len(answer) == 1 and "90 values" in answer.rows[0].why


def test_bounds_of_worst_and_gap_hold(digits):
    data, model = digits
    random = np.random.default_rng(0)
    y = data.splits["test"].y
    share = np.linspace(0.7, 0.95, 10)
    held = np.zeros(2)
    for _ in range(100):
        right = random.random(360) < share[y]
        outputs = np.eye(10)[np.where(right, y, (y + 1) % 10)]
        answer = Subgroup()(model, data, outputs=outputs)
        worst, gap = answer.rows[-2:]
        held += [
            worst.low <= 0.7 <= worst.high,
            gap.low <= 0.25 <= gap.high,
        ]
    assert (held >= 95).all()
