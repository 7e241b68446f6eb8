"""Checks of probes."""

import functools
import json
import math

import keras
import numpy as np

from kerasgen.data import load
from kerasgen.evaluate import Row, evaluate
from kerasgen.recipe import shrink
from kerasgen.testing.expect import expect
from kerasgen.testing.subjects import sample


@functools.cache
def _data(name):
    return shrink(load(name), 40)


def _constant(data):
    """A model that answers every example alike."""
    inputs = keras.Input(data.shape)
    flat = keras.layers.Flatten()(inputs)
    head = keras.layers.Dense(
        data.task.units, kernel_initializer="zeros", name="head"
    )
    return keras.Model(inputs, head(flat))


def _report(kind, part, name="digits"):
    data = _data(name)
    return evaluate(_constant(data), data, [sample(kind, part)])


@functools.cache
def _reports(kind, part):
    return [
        _report(kind, part, name)
        for name in ("digits", "breast_cancer", "diabetes")
    ]


def check_rows_are_whole(kind, part):
    """Every row has a value between its bounds and n, or says why not."""
    for report in _reports(kind, part):
        expect(report.rows, f"{part.__name__}: there must be rows")
        for row in report.rows:
            expect(isinstance(row, Row), f"{part.__name__}: rows must be Row")
            if row.value is None:
                expect(row.why, f"{part.__name__}: {row.metric} must say why")
                continue
            expect(math.isfinite(row.value), f"{row.metric} must be finite")
            expect(row.low <= row.value <= row.high, f"{row.metric}: {row}")
            expect(row.n >= 1, f"{row.metric} must tell n")
            expect(row.better in ("higher", "lower"), f"{row.metric}: better")


def check_rows_are_json(kind, part):
    """Rows go to JSON and back."""
    for report in _reports(kind, part):
        for row in report.rows:
            text = json.dumps(row.to_dict(), allow_nan=False)
            back = Row.from_dict(json.loads(text))
            expect(
                back == row, f"{part.__name__}: {row} must come back from JSON"
            )


def check_asks_twice_the_same(kind, part):
    """The same question gets the same answer, but for measured times."""
    first, second = _reports(kind, part)[0], _report(kind, part)
    for one, two in zip(first.rows, second.rows, strict=True):
        if one.unit != "ms":
            same = one == two or np.isclose(one.value, two.value, rtol=1e-9)
            expect(
                same, f"{part.__name__}: {one} must be repeatable, got {two}"
            )


PROBE_CHECKS = (
    check_rows_are_whole,
    check_rows_are_json,
    check_asks_twice_the_same,
)
