"""Checks of adapters."""

import functools
import pathlib
import tempfile

import keras
import numpy as np

from kerasgen.core import set_seed
from kerasgen.models import tabular_classifier
from kerasgen.testing.expect import CheckError, examples, expect


@functools.cache
def _trained():
    """A net with batch normalization, and more examples than it saw."""
    x, y = examples((6,), n=360)
    set_seed(0)
    model = tabular_classifier((6,), 3, size="tiny", dropout=0.0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.02), loss)
    model.fit(x[:120], y[:120], epochs=15, verbose=0)
    return model, x[120:], y[120:]


def _answers(model, x):
    return np.asarray(model.predict(x, batch_size=60, verbose=0))


def _right(model, x, y):
    return float((np.argmax(_answers(model, x), -1) == y).mean())


def _guarded(part):
    model = _trained()[0]
    return part(model, **({"memory": 30} if "memory" in part.arguments else {}))


def check_resets(kind, part):
    """After `reset` it answers as at first, and the model was never touched."""
    model, x, _ = _trained()
    before = model.get_weights()
    for made in (part(model), _guarded(part)):
        first = _answers(made, x)
        made.reset()
        same = np.array_equal(first, _answers(made, x))
        expect(same, f"{part.__name__}: one stream, one answer")
    for old, new in zip(before, model.get_weights(), strict=True):
        expect(
            np.array_equal(old, new), f"{part.__name__}: the model must stay"
        )


def check_looks_without_learning(kind, part):
    """A call answers and changes nothing."""
    _, x, _ = _trained()
    made = _guarded(part)
    _answers(made, x)
    before = [np.array(v) for v in made.variables]
    made(x[:8])
    for old, new in zip(before, made.variables, strict=True):
        expect(np.array_equal(old, new), f"{part.__name__}: {new.path} moved")


def check_helps_after_a_shift(kind, part):
    """Fewer err where every column has another unit."""
    model, x, y = _trained()
    x = 3.0 * x + 2.0
    found = _right(model, x, y), _right(part(model), x, y)
    expect(found[1] > found[0], f"{part.__name__}: it must help: {found}")


def check_stays_where_classes_take_turns(kind, part):
    """With its memory it is no worse where classes come one by one."""
    model, x, y = _trained()
    order = np.argsort(y, kind="stable")
    x, y = x[order], y[order]
    found = _right(model, x, y), _right(_guarded(part), x, y)
    expect(
        found[1] > found[0] - 0.1,
        f"{part.__name__}: classes in turn must not ruin it: {found}",
    )


def check_adapter_saves_and_loads(kind, part):
    """A file of it goes on where it was."""
    _, x, _ = _trained()
    made = _guarded(part)
    _answers(made, x)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "saved.keras")
        made.save(path)
        back = keras.models.load_model(path)
    gap = np.abs(_answers(made, x) - _answers(back, x)).max()
    expect(gap < 1e-5, f"{part.__name__}: a reloaded one must go on: {gap}")


def check_needs_normalization(kind, part):
    """A model without normalization is refused in words."""
    model = tabular_classifier((6,), 3, size="tiny", normalization="none")
    try:
        part(model)
    except ValueError as error:
        expect("normalization" in str(error), f"{part.__name__}: {error}")
        return
    raise CheckError(f"{part.__name__}: a model without must be refused")


def check_serves(kind, part):
    """What is served is a plain model that answers alike."""
    model, x, _ = _trained()
    made = part(model)
    _answers(made, x)
    served = made.served()
    gap = np.abs(np.asarray(served(x[:60])) - np.asarray(made(x[:60]))).max()
    expect(gap < 1e-5, f"{part.__name__}: what is served must agree: {gap}")


ADAPTER_CHECKS = (
    check_resets,
    check_looks_without_learning,
    check_helps_after_a_shift,
    check_stays_where_classes_take_turns,
    check_adapter_saves_and_loads,
    check_needs_normalization,
    check_serves,
)
