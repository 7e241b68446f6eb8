"""Checks of losses: of labels, of numbers, and of embeddings."""

import dataclasses

import keras
import numpy as np

from kerasgen.core import value_and_gradients
from kerasgen.testing.expect import expect
from kerasgen.testing.subjects import sample

_CLASSES = 4


@dataclasses.dataclass(frozen=True)
class _Tried:
    """What a loss is tried on.

    Args:
        y: array (n, ...), the truth.
        outputs: float32 array (n, ...), any outputs.
        best: float32 array, the outputs that are right.
        worse: list of float32 arrays, outputs that are worse for each.
        forms: list of arrays, the truth in other forms.
    """

    y: np.ndarray
    outputs: np.ndarray
    best: np.ndarray
    worse: list
    forms: list


def _labels(loss):
    random = np.random.default_rng(0)
    y = np.arange(8) % _CLASSES
    logits = random.normal(0.0, 2.0, (8, _CLASSES)).astype("float32")
    sure = 30.0 * np.eye(_CLASSES, dtype="float32")
    worse = [logits, 0.0 * logits, sure[(y + 1) % _CLASSES]]
    forms = [np.eye(_CLASSES, dtype="float32")[y], y[:, None]]
    return _Tried(y, logits, sure[y], worse, forms)


def _numbers(loss):
    random = np.random.default_rng(0)
    y = np.linspace(-2.0, 2.0, 8).astype("float32")
    outputs = random.normal(0.0, 2.0, (8, loss.units)).astype("float32")
    best = np.zeros((8, loss.units), "float32")
    best[:, 0] = y
    best[:, 1:] = -4.0
    worse = []
    for gap in (0.5, -0.5, 4.0, -4.0):
        other = best.copy()
        other[:, 0] += gap
        worse.append(other)
    return _Tried(y, outputs, best, worse, [y[:, None]])


def _embeddings(loss):
    y = np.arange(8) % _CLASSES
    places = _places()[:, 0]
    corners = 2.0 * np.eye(8, dtype="float32")
    off = corners[np.arange(8) // 2]
    return _Tried(y, places, corners[y], [off], [y[:, None]])


def _pairs(loss):
    y = np.arange(8)
    corners = 2.0 * np.eye(8, dtype="float32")
    best = np.stack([corners, corners], 1)
    off = np.stack([corners, corners[(y + 1) % 8]], 1)
    return _Tried(y, _places(), best, [off], [y[:, None]])


def _places():
    random = np.random.default_rng(0)
    return random.normal(0.0, 1.0, (8, 2, 8)).astype("float32")


_TRIED = {
    "label": _labels,
    "number": _numbers,
    "embedding": _embeddings,
    "pair": _pairs,
}


def _values(loss, y, outputs):
    found = loss.call(keras.ops.array(y), keras.ops.array(outputs))
    return np.asarray(keras.ops.convert_to_numpy(found))


def _sample(kind, part):
    """A loss, and what it is tried on; None where another check tries it."""
    loss = sample(kind, part)
    make = _TRIED.get(getattr(loss, "asks", None))
    return loss, make and make(loss)


def check_gives_each_example(kind, part):
    """There is one number an example, for a truth of any form."""
    loss, tried = _sample(kind, part)
    if tried is None:
        return
    found = _values(loss, tried.y, tried.outputs)
    expect(
        found.shape == (len(tried.y),) and found.dtype == "float32",
        f"{part.__name__}: there must be one float32 number an example",
    )
    for other in tried.forms:
        gap = np.abs(_values(loss, other, tried.outputs) - found)
        expect(
            gap.max() < 1e-5, f"{part.__name__}: labels of any form are alike"
        )


def check_weights(kind, part):
    """A weight of zero drops an example; a weight of two counts it twice."""
    loss, tried = _sample(kind, part)
    if tried is None:
        return
    each = _values(loss, tried.y, tried.outputs)
    weight = np.array([0.0, 2.0] + [1.0] * (len(each) - 2), "float32")
    found = float(loss(tried.y, tried.outputs, sample_weight=weight))
    wanted = (each * weight).mean()
    expect(abs(found - wanted) < 1e-4, f"{part.__name__}: weights must count")


def check_mean_of_halves(kind, part):
    """The loss of a batch is the mean of those of its halves."""
    loss, tried = _sample(kind, part)
    if tried is None or not loss.rows:
        return
    half = len(tried.y) // 2
    y, outputs = tried.y, tried.outputs
    parts = [
        float(loss(y[p], outputs[p])) for p in (slice(half), slice(half, None))
    ]
    gap = abs(float(loss(y, outputs)) - sum(parts) / 2)
    expect(gap < 1e-4, f"{part.__name__}: examples must not see each other")


def check_prefers_the_truth(kind, part):
    """A right answer is better than any other."""
    loss, tried = _sample(kind, part)
    if tried is None:
        return
    best = _values(loss, tried.y, tried.best)
    for other in tried.worse:
        worse = _values(loss, tried.y, other)
        expect((best < worse).all(), f"{part.__name__}: the truth must be best")


def check_is_finite(kind, part):
    """Values and slopes are finite at extreme outputs."""
    loss, tried = _sample(kind, part)
    if tried is None:
        return
    scale = max(float(np.abs(tried.best).max()), 1.0)
    for size in (0.0, 1e2, 1e4):
        for outputs in (tried.best, tried.worse[-1]):
            variable = keras.Variable(outputs * (size / scale))
            terms, _, (slope,) = value_and_gradients(
                lambda v=variable: ({"task": loss(tried.y, v.value)}, None),
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
