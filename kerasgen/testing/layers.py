"""Checks of layers."""

import pathlib
import tempfile

import keras
import numpy as np
import tensorflow as tf

from kerasgen.core import set_seed, value_and_gradients
from kerasgen.testing.expect import expect
from kerasgen.testing.subjects import sample

_SHAPE = (4, 8)


def inputs_of(layer, n=3):
    """Draws what a layer is called with.

    Args:
        layer: keras.layers.Layer; a class attribute `tries` names the shapes
            of one example of each of its inputs, ((4, 8),) where there is
            none, and an input of whole numbers as (shape, below). Other
            class attributes say what a layer can't: `rows = False` where
            examples see each other, `sized = True` where its sides are fixed
            when it is built.
        n: int, the number of examples.

    Returns:
        list of arrays (n, ...).

    Example:
        >>> inputs_of(keras.layers.ReLU())[0].shape
        (3, 4, 8)
    """
    random = np.random.default_rng(0)
    found = []
    for tried in getattr(layer, "tries", (_SHAPE,)):
        if tried and isinstance(tried[0], tuple):
            shape, below = tried
            found.append(random.integers(0, below, (n, *shape)))
        else:
            drawn = random.normal(0.0, 1.0, (n, *tried))
            found.append(drawn.astype("float32"))
    return found


def _model(kind, part):
    layer = sample(kind, part)
    inputs = [
        keras.Input(x.shape[1:], dtype=str(x.dtype)) for x in inputs_of(layer)
    ]
    return keras.Model(inputs, layer(*inputs)), inputs_of(layer)


def _flat(outputs):
    return [np.asarray(o, "float64") for o in keras.tree.flatten(outputs)]


def check_saves_and_loads(kind, part):
    """In a model it survives a file, and tells its output's shape."""
    model, x = _model(kind, part)
    before = model(x)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "model.keras")
        model.save(path)
        after = keras.models.load_model(path)(x)
    for told, one, two in zip(
        keras.tree.flatten(model.output),
        _flat(before),
        _flat(after),
        strict=True,
    ):
        expect(
            np.array_equal(one, two), f"{part.__name__}: a file must hold it"
        )
        fits = all(
            a in (None, b) for a, b in zip(told.shape, one.shape, strict=True)
        )
        expect(
            fits, f"{part.__name__}: the shape it tells must be the true one"
        )


def check_inference_is_pure(kind, part):
    """At inference it gives the same twice, row by row, and nothing moves."""
    model, x = _model(kind, part)
    before = [np.array(w) for w in model.get_weights()]
    first, second = (_flat(model(x, training=False)) for _ in range(2))
    rows = _flat(model([each[:1] for each in x], training=False))
    for one, two, row in zip(first, second, rows, strict=True):
        expect(
            np.array_equal(one, two), f"{part.__name__}: it must be the same"
        )
        if getattr(part, "rows", True):
            gap = np.abs(one[:1] - row).max(initial=0.0)
            expect(gap < 1e-5, f"{part.__name__}: examples must stand alone")
    for old, new in zip(before, model.get_weights(), strict=True):
        expect(np.array_equal(old, new), f"{part.__name__}: nothing may move")


def check_learns(kind, part):
    """Training gives finite outputs, and a finite gradient for each weight."""
    set_seed(0)
    model, x = _model(kind, part)

    def loss():
        outputs = keras.tree.flatten(model(x, training=True))
        parts = [keras.ops.cast(o, "float32") for o in outputs]
        terms = [keras.ops.mean(keras.ops.square(o)) for o in parts]
        return dict(enumerate(terms)), None

    terms, _, slopes = value_and_gradients(loss, model.trainable_variables)
    fine = np.isfinite([float(term) for term in terms.values()]).all()
    expect(fine, f"{part.__name__}: it must be finite")
    for variable, slope in zip(model.trainable_variables, slopes, strict=True):
        fine = (
            slope is not None
            and np.isfinite(keras.ops.convert_to_numpy(slope)).all()
        )
        expect(fine, f"{part.__name__}: {variable.path} must learn")


def check_mixed_precision(kind, part):
    """Under mixed precision it gives finite numbers."""
    policy = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy("mixed_bfloat16")
        model, x = _model(kind, part)
        outputs = _flat(model(x, training=True))
    finally:
        keras.config.set_dtype_policy(policy)
    for output in outputs:
        expect(np.isfinite(output).all(), f"{part.__name__}: it must be finite")


def check_same_seed_same_outputs(kind, part):
    """One seed gives the same outputs in training."""
    found = []
    for _ in range(2):
        set_seed(1)
        model, x = _model(kind, part)
        found.append(_flat(model(x, training=True)))
    for one, two in zip(*found, strict=True):
        expect(np.array_equal(one, two), f"{part.__name__}: a seed must decide")


def check_takes_any_size(kind, part):
    """Compiled for sizes not known yet, it gives what it gave before."""
    if getattr(part, "sized", False):
        return
    layer = sample(kind, part)
    x = inputs_of(layer)
    before = _flat(layer(*x, training=False))
    loose = []
    for each in x:
        sides = [None] * len(each.shape[1:])
        if each.dtype.kind == "f" and sides:
            sides[-1] = each.shape[-1]
        loose.append(keras.Input(sides, dtype=str(each.dtype)))
    free = keras.Model(loose, layer(*loose))

    def both(*x):
        return [free(list(x), training=mode) for mode in (False, True)]

    specs = [tf.TensorSpec(each.shape, each.dtype) for each in loose]
    after = tf.function(both, input_signature=specs)(*x)
    for told, one, two, trained in zip(
        keras.tree.flatten(free.output),
        before,
        *map(_flat, after),
        strict=True,
    ):
        fine = one.shape == two.shape == trained.shape
        fine = fine and np.abs(one - two).max(initial=0.0) < 1e-4
        expect(fine, f"{part.__name__}: it must take any size")
        fits = all(
            a in (None, b) for a, b in zip(told.shape, one.shape, strict=True)
        )
        expect(fits, f"{part.__name__}: it must not tell a wrong size")


def check_ignores_padding(kind, part):
    """A mask goes on, and what it hides changes nothing that it shows."""
    layer = sample(kind, part)
    x, *others = inputs_of(layer)
    if x.dtype.kind != "f" or x.ndim != 3 or not layer.supports_masking:
        return
    shown = np.arange(x.shape[1]) < x.shape[1] - 1
    shown = np.broadcast_to(shown, x.shape[:2])
    found = []
    for filler in (0.0, 9.0):
        set_seed(0)
        layer = sample(kind, part)
        padded = tf.constant(np.where(shown[..., None], x, filler), "float32")
        padded._keras_mask = tf.constant(shown)
        found.append(layer(padded, *others, training=True))
    for one, two in zip(*map(keras.tree.flatten, found), strict=True):
        mask = getattr(one, "_keras_mask", None)
        one, two = np.asarray(one), np.asarray(two)
        if one.shape[:2] == shown.shape:
            # A layer that says itself what becomes of its mask may end it.
            fine = mask is None and "compute_mask" in vars(part)
            fine = fine or (
                mask is not None and (np.asarray(mask) == shown).all()
            )
            expect(fine, f"{part.__name__}: the mask must go on")
            one, two = one[:, :-1], two[:, :-1]
        expect(
            np.abs(one - two).max(initial=0.0) < 1e-4,
            f"{part.__name__}: padding must change nothing",
        )


LAYER_CHECKS = (
    check_saves_and_loads,
    check_inference_is_pure,
    check_learns,
    check_mixed_precision,
    check_same_seed_same_outputs,
    check_takes_any_size,
    check_ignores_padding,
)
