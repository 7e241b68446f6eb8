"""shift: named test sets, against counts made by hand."""

import keras
import numpy as np
import pytest

import kerasgen as kg
from kerasgen.data import synthetic
from kerasgen.evaluate import Shift
from kerasgen.metrics import binomial


@pytest.fixture(scope="module")
def moved():
    """A model that reads the first pixel, and targets whose pixels moved."""
    x, y = synthetic.images(90, seed=0)
    far = {"near": (x, y), "far": (np.roll(x, 1, axis=2), np.roll(y, 1))}
    data = kg.data.Data.domains(source=(x, y), targets=far)
    inputs = keras.Input(data.shape)
    flat = keras.layers.Flatten()(inputs)
    model = keras.Model(inputs, keras.layers.Dense(3, name="head")(flat))
    return model, data


def right(model, data, split):
    x, y = data.tensors(split)
    return np.argmax(model(x), -1) == y


def test_each_set_is_measured_alone(moved):
    model, data = moved
    report = kg.evaluate(model, data, ["clean", "shift"])
    clean = report.value("clean/accuracy")
    for name in ("near", "far"):
        hits = right(model, data, name)
        row = report.row("shift/accuracy", domain=name)
        assert row.value == hits.mean() and row.n == len(hits)
        assert (row.low, row.high) == tuple(
            binomial(hits.sum(), len(hits), 0.95)
        )
        drop = report.row("shift/drop", domain=name)
        assert drop.value == pytest.approx(clean - hits.mean())
        assert drop.low <= drop.value <= drop.high
        assert drop.better == "lower"
    worst = report.row("shift/worst")
    assert worst.value == min(
        right(model, data, name).mean() for name in ("near", "far")
    )


def test_a_loss_that_falls_is_a_gain():
    probe = Shift()
    measure = kg.Regression().measures()[0]
    here, there = (probe.measured(measure, v) for v in ([1.0, 2], [3.0, 5]))
    drop = probe._drop(measure, here, there)
    assert drop.value == pytest.approx(2.5)
    assert drop.low <= drop.value <= drop.high


def test_without_named_sets_it_says_why():
    data = kg.data.load("wine")
    model = kg.tabular_classifier(data.shape, 3, size="tiny")
    (row,) = Shift()(model, data)
    assert row.value is None and "Data.domains" in row.why


def test_the_page_tells_of_them(moved, tmp_path):
    model, data = moved
    report = kg.evaluate(model, data, ["clean", "shift"])
    report.save(tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "Other test sets" in text and "Worst test set: " in text
