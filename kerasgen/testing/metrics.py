"""Checks of metrics."""

import keras
import numpy as np

from kerasgen.testing.expect import expect
from kerasgen.testing.subjects import sample

_CLASSES = 3


def _numbers():
    random = np.random.default_rng(0)
    y = random.normal(3.0, 1.0, 64).astype("float32")
    found = (y + random.normal(0.0, 0.5, 64)).astype("float32")[:, None]
    return y, found, y[:, None], found[::-1].copy()


def _labels(classes=_CLASSES):
    random = np.random.default_rng(0)
    y = random.integers(0, classes, 64)
    sure = 4.0 * np.eye(classes, dtype="float32")[y]
    noise = random.normal(0.0, 2.0, sure.shape).astype("float32")
    return y, sure + noise, sure, -sure


def _drawn(metric):
    """Truth, outputs, outputs that are right, and outputs that are wrong."""
    return _numbers() if metric.asks == "number" else _labels()


def _streamed(metric, y, outputs, weight=None):
    metric.reset_state()
    for start in range(0, len(y), 24):
        part = slice(start, start + 24)
        metric.update_state(
            keras.ops.array(y[part]),
            keras.ops.array(outputs[part]),
            None if weight is None else keras.ops.array(weight[part]),
        )
    return float(metric.result())


def check_report_agrees(kind, part):
    """What training shows batch by batch is what a report tells."""
    metric = sample(kind, part)
    y, outputs, *_ = _drawn(metric)
    shown = _streamed(metric, y, outputs)
    told = metric.reduce(metric.values(y, outputs))
    # Ranks are counted in bins in training.
    gap = abs(shown - told)
    expect(gap < 3e-3, f"{part.__name__}: {shown} in training, {told} told")


def check_prefers_the_truth(kind, part):
    """A right answer is best, and a wrong one worse than most."""
    metric = sample(kind, part)
    y, outputs, right, wrong = _drawn(metric)
    best, middle, worst = (
        metric.reduce(metric.values(y, o)) for o in (right, outputs, wrong)
    )
    order = [worst, middle, best]
    if metric.better == "lower":
        order.reverse()
    expect(
        order == sorted(order) and best != worst,
        f"{part.__name__}: {metric.better} must be better, got {order}",
    )


def check_weights(kind, part):
    """Examples of weight zero don't count, and whole weights count twice."""
    metric = sample(kind, part)
    y, outputs, *_ = _drawn(metric)
    weight = np.repeat([0.0, 1.0, 2.0, 1.0], 16).astype("float32")
    rows = np.repeat(np.arange(64), weight.astype("int64"))
    one = _streamed(metric, y, outputs, weight)
    two = _streamed(metric, y[rows], outputs[rows])
    expect(abs(one - two) < 1e-4, f"{part.__name__}: weights must count")


def check_forgets(kind, part):
    """Nothing counted is a finite number, after a reset as before."""
    metric = sample(kind, part)
    y, outputs, *_ = _drawn(metric)
    first = _streamed(metric, y, outputs)
    metric.reset_state()
    expect(np.isfinite(float(metric.result())), "nothing must be finite")
    again = _streamed(metric, y, outputs)
    expect(first == again, f"{part.__name__}: a reset must forget everything")


def check_labels_of_any_form(kind, part):
    """Distributions are labels, and labels that are no class don't count."""
    metric = sample(kind, part)
    if metric.asks != "label":
        return
    y, outputs, *_ = _labels()
    known = _streamed(metric, y, outputs)
    soft = np.eye(_CLASSES, dtype="float32")[y]
    more = np.concatenate([outputs, outputs[:2]])
    for other, seen in (
        (soft, outputs),
        (np.append(y, [-1, 255]), more),
        (y.reshape(8, 8), outputs.reshape(8, 8, -1)),
    ):
        found = _streamed(metric, other, seen)
        told = metric.reduce(metric.values(other, seen))
        expect(abs(found - known) < 1e-5, f"{part.__name__}: labels are alike")
        expect(abs(told - known) < 3e-3, f"{part.__name__}: labels are alike")


def check_one_logit(kind, part):
    """One logit is that of the second of two classes."""
    if sample(kind, part).asks != "label":
        return
    y, outputs, *_ = _labels(2)
    single = outputs[:, 1:] - outputs[:, :1]
    one = _streamed(sample(kind, part), y, outputs)
    two = _streamed(sample(kind, part), y, single)
    expect(abs(one - two) < 2e-3, f"{part.__name__}: one logit is like two")


def check_fits_a_plain_model(kind, part):
    """Any Keras model takes it, in training and in evaluation."""
    metric = sample(kind, part)
    y, outputs, *_ = _drawn(metric)
    width = outputs.shape[-1]
    inputs = keras.Input((width,))
    outside = keras.layers.Dense(width, kernel_initializer="identity")(inputs)
    model = keras.Model(inputs, outside)
    loss = keras.losses.MeanSquaredError()
    if metric.asks == "label":
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.0), loss, metrics=[metric])
    history = model.fit(outputs, y, batch_size=24, verbose=0).history
    found = model.evaluate(outputs, y, verbose=0, return_dict=True)
    known = _streamed(sample(kind, part), y, outputs)
    for value in (history[metric.name][0], found[metric.name]):
        expect(abs(value - known) < 1e-5, f"{part.__name__}: {value}, {known}")


METRIC_CHECKS = (
    check_report_agrees,
    check_prefers_the_truth,
    check_weights,
    check_forgets,
    check_labels_of_any_form,
    check_one_logit,
    check_fits_a_plain_model,
)
