"""What all probes share."""

import keras
import numpy as np
import pytest

from kerasgen.core import create, parts
from kerasgen.evaluate import Answer, Clean, Probe, Row
from kerasgen.evaluate.probe import ask_all, forward, judge, listed
from kerasgen.tasks import Classification, Regression

NAMES = ("calibration", "clean", "corruption", "cost", "shift", "subgroup")


def test_forward_keeps_order_and_fills_the_last_batch(digits):
    data, model = digits
    x, _ = data.tensors("test")
    for size in (100, 360, 512):
        outputs = forward(model, data.batches("test", batch_size=size), size)
        np.testing.assert_allclose(outputs, model(x), atol=1e-5)


def test_forward_compiles_once():
    traces = []

    @keras.saving.register_keras_serializable("test")
    class Counting(keras.layers.Layer):
        def call(self, x):
            traces.append(x.shape)
            return x

    inputs = keras.Input((3,))
    model = keras.Model(inputs, Counting()(inputs))
    traces.clear()
    x = np.arange(30.0, dtype="float32").reshape(10, 3)
    batches = [(x[:4], 0), (x[4:8], 0), (x[8:], 0, 1)]
    np.testing.assert_array_equal(forward(model, batches, 4), x)
    forward(model, batches, 4)
    assert len(traces) == 1


@pytest.mark.parametrize("name", NAMES)
def test_registered_with_defaults_and_config(name):
    assert name in parts("probe")
    probe = create("probe", {"name": name, "seed": 3})
    assert probe.name == name and probe.seed == 3
    again = type(probe).from_config(probe.get_config())
    assert again.get_config() == probe.get_config()
    assert set(probe.get_config()) == set(probe.arguments)
    with pytest.raises(ValueError, match="seed=-1"):
        type(probe)(seed=-1)
    with pytest.raises(ValueError, match="draws"):
        type(probe)(draws=10)


def test_judge_doesnt_trust_outputs_that_arent_finite():
    outputs = np.array([[1.0, 0.0], [np.nan, 0.0]])
    values = judge(Classification(2).headline, np.array([0, 0]), outputs)
    assert values[0] == 1.0 and np.isnan(values[1])


def test_measured_rows():
    probe = Clean()
    exact, loss = Classification(2).measures()[:2]
    row = probe.measured(exact, [1.0, 0.0, 1.0], color="red")
    assert row.unit == "share" and row.slice == {"color": "red"}
    assert row.value == pytest.approx(2 / 3) and row.n == 3
    row = probe.measured(exact, [1.0, np.nan])
    assert row.value is None and "1 of 2" in row.why
    row = probe.measured(loss, [])
    assert row.value is None and row.n == 0
    row = probe.measured(loss, [0.3])
    assert row.value == 0.3 and row.low is None and "one example" in row.why
    rmse = Regression(unit="kg").measures()[1]
    row = probe.measured(rmse, [4.0, 4.0])
    assert (row.value, row.unit, row.better) == (2.0, "kg", "lower")


def test_listed():
    assert listed(np.array([1.0, 0.0]), exact=True) == [1, 0]
    assert listed(np.array([1 / 3, np.nan])) == [0.333333333, None]


def test_outputs_are_computed_once_and_shared(digits):
    data, model = digits
    asked = []

    class Watch(Probe):
        def ask(self, model, data, task, split, batch_size, outputs):
            asked.append(outputs)
            return Answer((Row("watch", f"m{len(asked)}", 1.0),))

    class Alone(Watch):
        reads_outputs = False

    answer = ask_all(
        [Watch(), Watch(), Alone()], model, data, data.task, "test", 128
    )
    assert len(answer) == 3 and asked[0] is asked[1] and asked[2] is None
    assert [row.metric for row in answer] == ["m1", "m2", "m3"]
    Watch()(model, data)
    assert asked[3].shape == (360, 10)
