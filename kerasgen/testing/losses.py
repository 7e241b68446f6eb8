"""Checks of losses of labels."""

import keras
import numpy as np

from kerasgen.core import value_and_gradients
from kerasgen.testing.expect import expect
from kerasgen.testing.subjects import sample

_CLASSES = 4


def _batch(n=8):
    random = np.random.default_rng(0)
    logits = random.normal(0.0, 2.0, (n, _CLASSES)).astype("float32")
    return np.arange(n) % _CLASSES, logits


def _values(loss, y, logits):
    return np.asarray(keras.ops.convert_to_numpy(loss.call(y, logits)))


def check_gives_each_example(kind, part):
    """There is one number an example, for labels of either form."""
    loss = sample(kind, part)
    y, logits = _batch()
    found = _values(loss, keras.ops.array(y), logits)
    expect(
        found.shape == y.shape and found.dtype == "float32",
        f"{part.__name__}: there must be one float32 number an example",
    )
    spread = np.eye(_CLASSES, dtype="float32")[y]
    for other in (spread, y[:, None]):
        gap = np.abs(_values(loss, keras.ops.array(other), logits) - found)
        expect(
            gap.max() < 1e-5, f"{part.__name__}: labels of any form are alike"
        )


def check_weights(kind, part):
    """A weight of zero drops an example; a weight of two counts it twice."""
    loss = sample(kind, part)
    y, logits = _batch()
    each = _values(loss, keras.ops.array(y), logits)
    weight = np.array([0.0, 2.0] + [1.0] * (len(y) - 2), "float32")
    found = float(loss(y, logits, sample_weight=weight))
    wanted = (each * weight).mean()
    expect(abs(found - wanted) < 1e-4, f"{part.__name__}: weights must count")


def check_mean_of_halves(kind, part):
    """The loss of a batch is the mean of those of its halves."""
    loss = sample(kind, part)
    y, logits = _batch()
    half = len(y) // 2
    parts = [
        float(loss(y[p], logits[p])) for p in (slice(half), slice(half, None))
    ]
    gap = abs(float(loss(y, logits)) - sum(parts) / 2)
    expect(gap < 1e-4, f"{part.__name__}: examples must not see each other")


def check_prefers_the_truth(kind, part):
    """A sure right answer is better than any other."""
    loss = sample(kind, part)
    y, logits = _batch()
    sure = 30.0 * np.eye(_CLASSES, dtype="float32")
    best = _values(loss, keras.ops.array(y), sure[y])
    for other in (logits, 0.0 * logits, sure[(y + 1) % _CLASSES]):
        worse = _values(loss, keras.ops.array(y), other)
        expect((best < worse).all(), f"{part.__name__}: the truth must be best")


def check_is_finite(kind, part):
    """Values and slopes are finite at extreme logits."""
    loss = sample(kind, part)
    y = np.arange(8) % _CLASSES
    for size in (0.0, 1e2, 1e4):
        for place in (y, (y + 1) % _CLASSES):
            logits = size * np.eye(_CLASSES, dtype="float32")[place]
            variable = keras.Variable(logits)
            terms, _, (slope,) = value_and_gradients(
                lambda v=variable: ({"task": loss(y, v.value)}, None),
                [variable],
            )
            fine = np.isfinite(float(terms["task"]))
            fine = fine and np.isfinite(np.asarray(slope)).all()
            expect(fine, f"{part.__name__}: it must be finite at {size}")


LOSS_CHECKS = (
    check_gives_each_example,
    check_weights,
    check_mean_of_halves,
    check_prefers_the_truth,
    check_is_finite,
)
