"""Checks of factories and tasks."""

import pathlib
import tempfile

import keras
import numpy as np

from kerasgen.core import set_seed, split
from kerasgen.testing.expect import examples, expect, model_arguments, sample


def _tiny(factory):
    return factory(*model_arguments(factory), size="tiny")


def _inputs(factory, n=16):
    shape, *classes = model_arguments(factory)
    return examples(shape, *(classes or [3]), n=n)


def check_gives_logits(kind, factory):
    """The output is linear, float32, and as wide as asked."""
    _, *classes = model_arguments(factory)
    model = _tiny(factory)
    expect(
        model.output_shape[-1] == (classes or [1])[0], "the width must be right"
    )
    expect(
        model.get_layer("head").activation is keras.activations.linear,
        "logits out",
    )
    x, _ = _inputs(factory)
    expect(keras.ops.dtype(model(x)) == "float32", "logits must be float32")


def check_is_features_and_head(kind, factory):
    """head(features(x)) is model(x)."""
    model = _tiny(factory)
    features, head = split(model)
    x, _ = _inputs(factory)
    gap = np.abs(np.asarray(head(features(x))) - np.asarray(model(x))).max()
    expect(
        gap < 1e-6, f"{factory.__name__}: head after features must be the model"
    )


def check_saves_and_loads(kind, factory):
    """A `.keras` file gives the same outputs."""
    model = _tiny(factory)
    x, _ = _inputs(factory)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "model.keras")
        model.save(path)
        back = keras.models.load_model(path)
    gap = np.abs(np.asarray(back(x)) - np.asarray(model(x))).max()
    expect(gap == 0, f"{factory.__name__}: a reloaded model must give the same")


def check_exports(kind, factory):
    """A SavedModel gives the same outputs, for any batch size."""
    import tensorflow as tf

    model = _tiny(factory)
    x, _ = _inputs(factory, 5)
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, verbose=False)
        served = tf.saved_model.load(folder)
        for n in (1, 5):
            gap = np.abs(
                served.serve(x[:n]).numpy() - np.asarray(model(x[:n]))
            ).max()
            expect(
                gap < 1e-5,
                f"{factory.__name__}: a SavedModel must give the same",
            )


def check_rows_are_independent(kind, factory):
    """At inference, a batch of one is a row of the batch."""
    model = _tiny(factory)
    x, _ = _inputs(factory)
    gap = np.abs(np.asarray(model(x))[:1] - np.asarray(model(x[:1]))).max()
    expect(gap < 1e-5, f"{factory.__name__}: examples must not see each other")


def check_overfits(kind, factory):
    """Sixteen examples can be learnt by heart; training moves every weight."""
    set_seed(0)
    model = factory(*model_arguments(factory), size="tiny", dropout=0.0)
    x, y = _inputs(factory)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    if model.output_shape[-1] == 1:
        loss, y = "mse", y.astype("float32")
    before = [keras.ops.convert_to_numpy(v) for v in model.trainable_variables]
    model.compile(keras.optimizers.Adam(0.03), loss)
    losses = model.fit(x, y, batch_size=16, epochs=60, verbose=0).history[
        "loss"
    ]
    expect(
        losses[-1] < 0.1 * losses[0], f"{factory.__name__}: the loss must fall"
    )
    for old, variable in zip(before, model.trainable_variables, strict=True):
        moved = np.abs(old - keras.ops.convert_to_numpy(variable)).max() > 0
        expect(moved, f"{factory.__name__}: {variable.path} must move")


def check_same_seed_same_model(kind, factory):
    """One seed gives one model; another gives another."""
    weights = []
    for seed in (1, 1, 2):
        set_seed(seed)
        model = _tiny(factory)
        weights.append(np.concatenate([w.ravel() for w in model.get_weights()]))
    expect(
        np.array_equal(weights[0], weights[1]), "one seed must give one model"
    )
    expect(not np.array_equal(weights[0], weights[2]), "seeds must differ")


def check_sizes_grow(kind, factory):
    """tiny < small < base in parameters."""
    counts = [
        factory(*model_arguments(factory), size=size).count_params()
        for size in ("tiny", "small", "base")
    ]
    expect(
        counts == sorted(set(counts)), f"{factory.__name__}: sizes must grow"
    )


def check_mixed_precision(kind, factory):
    """Under mixed precision the outputs stay finite and float32."""
    policy = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy("mixed_bfloat16")
        x, _ = _inputs(factory)
        outputs = _tiny(factory)(x)
    finally:
        keras.config.set_dtype_policy(policy)
    fine = keras.ops.dtype(outputs) == "float32" and np.isfinite(outputs).all()
    expect(fine, f"{factory.__name__}: logits must be finite float32")


def check_judges(kind, part):
    """A right answer scores best, and every measure agrees."""
    task = sample(kind, part)
    y, right, wrong = _told(task.units)
    for measure in task.measures():
        best = measure.reduce_values(measure.values(y, right))
        worse = measure.reduce_values(measure.values(y, wrong))
        gain = best - worse if measure.better == "higher" else worse - best
        expect(
            gain > 0, f"{part.__name__}: {measure.name} must prefer the truth"
        )
    loss = task.loss()
    expect(float(loss(y, right)) < float(loss(y, wrong)), "the loss must, too")
    task.check(y)


def _told(units):
    """Labels, right outputs and wrong ones; of several tasks, dicts."""
    if isinstance(units, dict):
        told = {name: _told(width) for name, width in units.items()}
        return tuple({n: told[n][i] for n in told} for i in range(3))
    if units > 1:
        y = np.arange(12) % units
        right = np.eye(units, dtype="float32")[y] * 20.0
    else:
        y = np.linspace(-1.0, 1.0, 12).astype("float32")
        right = y[:, None]
    return y, right, np.roll(right, 1, 0)


def check_predicts(kind, part):
    """The served answer is a dict of tensors, one row an example."""
    task = sample(kind, part)
    outputs = keras.tree.map_structure(
        lambda width: keras.ops.ones((4, width)), task.units
    )
    answer = task.predict(outputs)
    expect(
        answer and isinstance(answer, dict),
        f"{part.__name__}: a dict must come",
    )
    for name, value in answer.items():
        expect(value.shape[0] == 4, f"{part.__name__}: {name} must have 4 rows")


MODEL_CHECKS = (
    check_gives_logits,
    check_is_features_and_head,
    check_saves_and_loads,
    check_exports,
    check_rows_are_independent,
    check_overfits,
    check_same_seed_same_model,
    check_sizes_grow,
    check_mixed_precision,
)
TASK_CHECKS = (check_judges, check_predicts)
