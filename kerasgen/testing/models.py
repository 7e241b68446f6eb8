"""Checks of factories and tasks."""

import pathlib
import tempfile

import keras
import numpy as np

from kerasgen.core import set_seed, split, widths
from kerasgen.testing.expect import expect
from kerasgen.testing.subjects import sample, subject, told


def _tiny(factory):
    return factory(*subject(factory).arguments, size="tiny")


def _gap(first, second):
    """The largest difference of two outputs, tensors or dicts of them."""
    pairs = zip(
        keras.tree.flatten(first), keras.tree.flatten(second), strict=True
    )
    return max(
        float(np.abs(np.asarray(a, "float64") - np.asarray(b)).max())
        for a, b in pairs
    )


def check_gives_logits(kind, factory):
    """The output is linear, float32, and as wide as asked."""
    tried, model = subject(factory), _tiny(factory)
    expect(widths(model) == tried.width, "the width must be right")
    activation = getattr(model.get_layer("head"), "activation", None)
    expect(activation in (None, keras.activations.linear), "logits out")
    for output in keras.tree.flatten(model(tried.x)):
        expect(keras.ops.dtype(output) == "float32", "logits must be float32")


def check_is_features_and_head(kind, factory):
    """head(features(x)) is model(x)."""
    model = _tiny(factory)
    features, head = split(model)
    x = subject(factory).x
    gap = _gap(head(features(x)), model(x))
    expect(
        gap < 1e-6, f"{factory.__name__}: head after features must be the model"
    )


def check_saves_and_loads(kind, factory):
    """A `.keras` file gives the same outputs."""
    model, x = _tiny(factory), subject(factory).x
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "model.keras")
        model.save(path)
        back = keras.models.load_model(path)
    gap = _gap(back(x), model(x))
    expect(gap == 0, f"{factory.__name__}: a reloaded model must give the same")


def check_exports(kind, factory):
    """A SavedModel gives the same outputs, for any batch size."""
    import tensorflow as tf

    model, tried = _tiny(factory), subject(factory)
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, verbose=False)
        served = tf.saved_model.load(folder)
        for n in (1, 5):
            rows = tried.rows(n)
            gap = _gap(served.serve(rows), model(rows))
            expect(
                gap < 1e-5,
                f"{factory.__name__}: a SavedModel must give the same",
            )


def check_rows_are_independent(kind, factory):
    """At inference, a batch of one is a row of the batch."""
    model, tried = _tiny(factory), subject(factory)
    whole = keras.tree.map_structure(lambda t: t[:1], model(tried.x))
    gap = _gap(whole, model(tried.rows(1)))
    expect(gap < 1e-5, f"{factory.__name__}: examples must not see each other")


def check_overfits(kind, factory):
    """Sixteen examples can be learnt by heart; training moves every weight."""
    set_seed(0)
    tried = subject(factory)
    model = factory(*tried.arguments, size="tiny", dropout=0.0)
    before = [keras.ops.convert_to_numpy(v) for v in model.trainable_variables]
    model.compile(keras.optimizers.Adam(0.03), tried.loss)
    # Before `fit`, which else traces the step twice.
    model.optimizer.build(model.trainable_variables)
    losses = model.fit(
        tried.x, tried.y, batch_size=16, epochs=60, verbose=0
    ).history["loss"]
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
        factory(*subject(factory).arguments, size=size).count_params()
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
        outputs = keras.tree.flatten(_tiny(factory)(subject(factory).x))
    finally:
        keras.config.set_dtype_policy(policy)
    fine = all(
        keras.ops.dtype(o) == "float32" and np.isfinite(o).all()
        for o in outputs
    )
    expect(fine, f"{factory.__name__}: logits must be finite float32")


def check_judges(kind, part):
    """A right answer scores best, and every measure agrees."""
    task = sample(kind, part)
    y, right, wrong, *taught = told(task)
    for measure in task.measures():
        best = measure.reduce_values(measure.values(y, right))
        worse = measure.reduce_values(measure.values(y, wrong))
        gain = best - worse if measure.better == "higher" else worse - best
        expect(
            gain > 0, f"{part.__name__}: {measure.name} must prefer the truth"
        )
    task.check(y)
    loss = task.loss()
    y, right, wrong = taught[0] if taught else (y, right, wrong)
    expect(float(loss(y, right)) < float(loss(y, wrong)), "the loss must, too")


def check_predicts(kind, part):
    """The served answer is a dict of tensors, one row an example."""
    task = sample(kind, part)
    _, right, *_ = told(task)
    outputs = keras.tree.map_structure(
        lambda values: keras.ops.array(values[:4]), right
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
