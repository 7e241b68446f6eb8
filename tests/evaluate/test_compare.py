"""Comparisons of two reports against scipy and by hand."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from kerasgen.evaluate import Clean, Report, Row, evaluate
from kerasgen.metrics import paired


def made(hits, errors, name="a", fingerprint="f"):
    hits, errors = list(map(int, hits)), list(map(float, errors))
    rows = [
        Row("clean", "accuracy", np.mean(hits), 0, 1, len(hits), "share"),
        Row(
            "clean",
            "rmse",
            np.sqrt(np.mean(errors)),
            0,
            99,
            len(hits),
            better="lower",
        ),
        Row("clean", "r2", 0.5, 0.4, 0.6, len(hits)),
        Row("cost", "size", 100.0 * len(name), n=1, unit="byte"),
        Row("cost", "latency_1", 2.0, 1.5, 2.5, 30, "ms", "lower"),
    ]
    examples = {"clean/accuracy": hits, "clean/rmse": errors}
    context = {"name": name, "fingerprint": fingerprint}
    return Report(rows, context, {}, examples)


@pytest.fixture
def pair():
    random = np.random.default_rng(0)
    hard = random.random(200)
    first = made(hard < 0.9, hard**2)
    second = made((hard < 0.8) ^ (random.random(200) < 0.03), hard, "bb")
    return first, second


def test_differences_are_paired(pair):
    first, second = pair
    found = first.compare(second)
    row = found.row("clean/accuracy")
    one, two = (each.examples["clean/accuracy"] for each in pair)
    assert row.value == pytest.approx(np.mean(one) - np.mean(two))
    assert row.low <= row.value <= row.high and row.n == 200
    assert (row.low, row.high) == pytest.approx(paired(one, two))
    root = found.row("clean/rmse")
    one, two = (np.sqrt(np.mean(each.examples["clean/rmse"])) for each in pair)
    assert root.value == pytest.approx(one - two)
    assert root.low < root.value < root.high < 0


def test_mcnemar_is_scipys_binomial_test(pair):
    first, second = pair
    found = first.compare(second)
    one, two = (
        np.array(each.examples["clean/accuracy"], bool) for each in pair
    )
    b, c = (one & ~two).sum(), (~one & two).sum()
    test = found.tables["tests"]["clean/accuracy"]
    assert test["p"] == pytest.approx(stats.binomtest(b, b + c).pvalue)
    assert (test["only_first"], test["only_second"]) == (b, c)
    assert "McNemar p" in found.table()
    assert "clean/rmse" not in found.tables["tests"]


def test_rows_without_examples(pair):
    found = pair[0].compare(pair[1])
    assert found.row("clean/r2").low is None and found.row("clean/r2").why
    size = found.row("cost/size")
    assert size.value == size.low == size.high == -100.0
    time = found.row("cost/latency_1")
    assert (time.value, time.low, time.high) == (0.0, -1.0, 1.0)


def test_turned_round_the_signs_turn(pair):
    there = pair[0].compare(pair[1]).row("clean/accuracy")
    back = pair[1].compare(pair[0]).row("clean/accuracy")
    assert there.value == pytest.approx(-back.value)
    same = pair[0].compare(pair[0])
    assert same.row("clean/accuracy").value == 0.0
    assert same.tables["tests"]["clean/accuracy"]["p"] == 1.0


def test_refuses_other_examples(pair):
    other = made([1], [0.0], fingerprint="g")
    with pytest.raises(ValueError, match="same test examples.*'f'.*'g'"):
        pair[0].compare(other)
    with pytest.raises(ValueError, match="same test examples"):
        Report([]).compare(Report([]))
    with pytest.raises(TypeError, match="other"):
        pair[0].compare("report.json")


def test_real_reports(digits, tmp_path):
    data, model = digits
    first = evaluate(model, data, [Clean()])
    worse = data.splits["test"]
    found = first.compare(evaluate(model, data, ["clean"], seed=5))
    assert found.row("clean/accuracy").value == 0.0
    other = dataclasses.replace(worse, y=(worse.y + 1) % 10)
    splits = {**data.splits, "test": other}
    changed = dataclasses.replace(data, splits=splits)
    with pytest.raises(ValueError, match="same test examples"):
        first.compare(evaluate(model, changed, ["clean"]))
    assert found.save(tmp_path / "c.html").exists()
    assert "McNemar" in (tmp_path / "c.html").read_text("utf-8")
