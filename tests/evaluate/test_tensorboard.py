"""Events, read back by TensorBoard's own reader."""

import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import (
    EventAccumulator,
)
from tensorboard.plugins.hparams import plugin_data_pb2

from kerasgen.evaluate import Report


def read(folder):
    found = EventAccumulator(str(folder), {"tensors": 0})
    found.Reload()
    return found


def scalars(events):
    return {
        tag: {
            each.step: tf.make_ndarray(each.tensor_proto).item()
            for each in events.Tensors(tag)
        }
        for tag in events.Tags()["tensors"]
        if events.SummaryMetadata(tag).plugin_data.plugin_name == "scalars"
    }


def hparams(events):
    found = {}
    for tag in events.Tags()["tensors"]:
        data = events.SummaryMetadata(tag).plugin_data
        if data.plugin_name == "hparams":
            parsed = plugin_data_pb2.HParamsPluginData.FromString(data.content)
            for name, value in parsed.session_start_info.hparams.items():
                kind = value.WhichOneof("kind")
                found[name] = getattr(value, kind)
    return found


@pytest.fixture(scope="module")
def folder(digits_report, tmp_path_factory):
    return digits_report.tensorboard(tmp_path_factory.mktemp("log") / "events")


def test_rows_are_scalars(folder, digits_report):
    found = scalars(read(folder))
    row = digits_report.row("clean/accuracy")
    for tag, value in (("", row.value), ("/low", row.low), ("/high", row.high)):
        got = found[f"clean/accuracy{tag}"][0]
        assert got == pytest.approx(value, rel=1e-6)
    curve = found["corruption/accuracy/gaussian_blur"]
    assert sorted(curve) == [1, 2, 3, 4, 5]
    wanted = digits_report.value(
        "corruption/accuracy", corruption="gaussian_blur", severity=4
    )
    assert curve[4] == pytest.approx(wanted, rel=1e-6)
    assert "subgroup/accuracy/3" in found


def test_learning_curves(folder, digits_report):
    found = scalars(read(folder))
    losses = [epoch["val_loss"] for epoch in digits_report.context["history"]]
    assert list(found["epoch/val_loss"].values()) == pytest.approx(losses)
    assert sorted(found["epoch/loss"]) == list(range(12))


def test_hyperparameters(folder):
    found = hparams(read(folder))
    assert found["model.name"] == "image_classifier"
    assert found["optimizer.learning_rate"] == pytest.approx(0.001)
    assert found["epochs"] == 12


def test_trials_are_runs_of_their_own(folder):
    trials = sorted(p.name for p in folder.iterdir() if p.is_dir())
    assert trials == ["trial_0", "trial_1", "trial_2"]
    events = read(folder / "trial_1")
    assert scalars(events)["select/accuracy"][0] == pytest.approx(0.98)
    assert hparams(events)["step.rho"] == pytest.approx(0.05)


def test_history_as_keras_gives_it(tmp_path):
    report = Report([], {"history": {"loss": [2.0, 1.0], "x": ["a", "b"]}})
    found = scalars(read(report.tensorboard(tmp_path / "run")))
    assert found == {"epoch/loss": {0: 2.0, 1: 1.0}}
