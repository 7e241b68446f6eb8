"""evaluate: what is asked, and what the report remembers."""

import dataclasses

import keras
import numpy as np
import pytest

from kerasgen.evaluate import Clean, Report, evaluate
from kerasgen.evaluate.evaluate import fingerprint


def test_context(digits_report, digits):
    data, _ = digits
    context = digits_report.context
    for name in ("kerasgen", "python", "tensorflow", "keras"):
        assert context["versions"][name]
    assert context["name"] == "digits" and context["n"] == 360
    assert context["recipe"]["epochs"] == 12
    assert context["seconds"]["train"] == 12.5
    assert context["seconds"]["evaluate"] > 0
    assert context["fingerprint"] == fingerprint(data)
    assert context["seeds"] == {"data": 0, "evaluate": 0}
    assert [probe["name"] for probe in context["probes"]] == [
        "clean",
        "corruption",
        "calibration",
        "subgroup",
        "cost",
        "classic",
    ]
    assert context["data"]["counts"]["test"] == 360
    assert context["device"] and context["platform"] and context["created"]


def test_probes_by_name_description_or_object(digits):
    data, model = digits
    report = evaluate(model, data, [{"name": "clean", "draws": 100}])
    assert {row.probe for row in report.rows} == {"clean"}
    assert report.context["probes"][0]["draws"] == 100
    same = evaluate(model, data, [Clean(draws=100)])
    assert same.rows == report.rows
    with pytest.raises(ValueError, match="'clean'"):
        evaluate(model, data, ["claen"])


def test_same_again_but_for_times(digits, digits_report):
    data, model = digits
    again = evaluate(model, data)
    for one, two in zip(digits_report.rows, again.rows, strict=True):
        if one.unit != "ms":
            assert one == two


def test_refuses_what_cannot_be(digits):
    data, model = digits
    with pytest.raises(ValueError, match="'test'"):
        evaluate(model, data, split="tset")
    inputs = keras.Input(data.shape)
    flat = keras.layers.Flatten()(inputs)
    wrong = keras.Model(inputs, keras.layers.Dense(3)(flat))
    with pytest.raises(ValueError, match="10 units.*3"):
        evaluate(wrong, data, ["clean"])


def test_fingerprint_follows_the_examples_alone(digits, cancer):
    data, _ = digits
    test = data.splits["test"]
    first = fingerprint(data)
    renamed = dataclasses.replace(data, name="other", seed=4)
    assert fingerprint(renamed) == first != fingerprint(data, "train")
    x = test.x.copy()
    x[0, 0, 0] += 1
    for change in ({"x": x}, {"y": test.y[::-1]}, {"ids": test.ids + 1}):
        splits = {**data.splits, "test": dataclasses.replace(test, **change)}
        other = dataclasses.replace(data, splits=splits)
        assert fingerprint(other) != first
    assert fingerprint(cancer[0]) != first


def test_fingerprint_of_files_ignores_where_they_lie(digits):
    data, _ = digits
    test = data.splits["test"]

    def at(root, suffix=""):
        paths = [f"{root}/a/{i}{suffix}.png" for i in range(len(test.y))]
        moved = dataclasses.replace(test, x=np.array(paths))
        return fingerprint(dataclasses.replace(data, splits={"test": moved}))

    assert at("/here/b") == at("C:/there") != at("/here/b", "x")


def test_one_example(digits):
    data, model = digits
    test = data.splits["test"]
    one = dataclasses.replace(
        test, x=test.x[:1], y=test.y[:1], ids=test.ids[:1]
    )
    data = dataclasses.replace(data, splits={**data.splits, "test": one})
    report = evaluate(model, data)
    assert isinstance(report, Report)
    assert report.row("clean/accuracy").n == 1
    assert report.row("clean/nll").low is None and report.row("clean/nll").why
    assert report.table()
