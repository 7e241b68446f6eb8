"""Costs against closed forms."""

import time

import keras
import pytest

from kerasgen.evaluate import Cost
from kerasgen.evaluate.cost import device, flops, latency, size


def model_of(shape, *layers):
    inputs = keras.Input(shape)
    x = inputs
    for layer in layers:
        x = layer(x)
    return keras.Model(inputs, x)


def test_flops_of_a_dense_layer():
    model = model_of((7,), keras.layers.Dense(5))
    assert flops(model, (7,)) == (2 * 7 * 5 + 5, None)


@pytest.mark.parametrize(
    "padding, stride, side", [("same", 1, 9), ("valid", 1, 7), ("same", 2, 5)]
)
def test_flops_of_a_convolution(padding, stride, side):
    layer = keras.layers.Conv2D(4, 3, stride, padding, use_bias=False)
    model = model_of((9, 9, 2), layer)
    assert flops(model, (9, 9, 2)) == (2 * side * side * 4 * 3 * 3 * 2, None)


def test_flops_say_what_they_leave_out():
    layer = keras.layers.LSTM(3)
    count, missing = flops(model_of((5, 2), layer), (5, 2))
    assert count is not None and "While" in missing


def test_flops_are_silent(capfd):
    flops(model_of((7,), keras.layers.Dense(5)), (7,))
    told = capfd.readouterr()
    assert told.out == "" and told.err == ""


def test_size_is_that_of_the_file(tmp_path):
    model = model_of((7,), keras.layers.Dense(500))
    model.save(tmp_path / "model.keras")
    written = (tmp_path / "model.keras").stat().st_size
    assert size(model) == pytest.approx(written, abs=64)
    assert size(model) > 4 * 7 * 500


def test_latency_counts_calls():
    model = model_of((7,), keras.layers.Dense(5))
    x = keras.ops.convert_to_numpy(keras.ops.zeros((4, 7)))
    times = latency(model, x, Cost(seconds=0.5), calls=12)
    assert len(times) == 12 and all(0 < ms < 1000 for ms in times)

    class Slow(keras.Model):
        def call(self, x, training=False):
            keras.tree.map_structure(lambda _: None, x)
            return x

    assert len(latency(Slow(), x, Cost(seconds=0.05), calls=10**6)) >= 7


def test_rows(digits):
    data, model = digits
    start = time.perf_counter()
    answer = Cost()(model, data)
    assert time.perf_counter() - start < 5
    rows = {row.metric: row for row in answer}
    assert list(rows) == [
        "parameters",
        "flops",
        "size",
        "latency_1",
        "latency_256",
    ]
    wanted = 9 * 16 + 16 + 36 * 16 * 32 + 32 + 32 * 10 + 10
    assert rows["parameters"].value == wanted
    assert rows["parameters"].low == rows["parameters"].high == wanted
    convolution = 2 * 36 * 16 * 9 + 36 * 16
    dense = 2 * 576 * 32 + 32 + 2 * 32 * 10 + 10
    assert rows["flops"].value == convolution + dense
    for name in ("latency_1", "latency_256"):
        row = rows[name]
        assert row.low <= row.value <= row.high and row.unit == "ms"
        assert 7 <= row.n <= 30
    assert answer.tables["cost"]["device"] == device()
