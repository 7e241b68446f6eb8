"""Checks of methods, steps and optimizers."""

import pathlib
import tempfile

import keras
import numpy as np
import tensorflow as tf

from kerasgen.callbacks import standard
from kerasgen.core import pack, set_seed, unpack, untuned
from kerasgen.methods import ERM
from kerasgen.testing.expect import CheckError, examples, expect
from kerasgen.testing.subjects import sample


def _examples(method, n=16):
    shape = method.model.input_shape[1:]
    x, y = examples(shape, n=n)
    if len(shape) == 3:
        # Of images the shape tells the class, not the brightness.
        x[:, :, shape[1] // 2 :] *= -1.0
    return x, y


def _batches(method, n=32, skip=()):
    x, y = _examples(method, n)
    places = np.arange(n)
    # What stands beside may have another shape, which the method then knows.
    shape = getattr(method, "shape", None) or x.shape[1:]
    view, labels = examples(tuple(shape), n=n, seed=1)
    extras = {
        "unlabeled": x + 0.3,
        "other": {"x": view, "y": labels},
        "pairs": {"x": x, "view": view},
        "domain": places % 2,
        "group": places % 2,
        "index": places,
    }
    fields = {"x": x, "y": y}
    for need in method.needs:
        if need not in skip:
            fields[need] = extras[need]
    return untuned(tf.data.Dataset.from_tensor_slices(pack(fields)).batch(8))


def _losses(method, epochs=8):
    method.compile({"name": "adam", "learning_rate": 0.02})
    history = method.fit(_batches(method), epochs=epochs, verbose=0)
    return history.history[method.terms[0] if method.terms else "loss"]


def check_trains_resumes_saves(kind, part, **values):
    """The loss falls; a halved training ends the same; files go on.

    One check for three promises, since a training takes seconds to compile.
    """
    name = part.__name__
    with tempfile.TemporaryDirectory() as folder:
        plan = _plan(folder)
        method, losses = _train(kind, part, plan, values)
        expect(losses[-1] < losses[0], f"{name}: the loss must fall: {losses}")
        end = method.model.get_weights()
        max(pathlib.Path(folder).glob("*.npz")).unlink()
        # Back to the checkpoint of the half, and on, without compiling anew.
        method.fit(_batches(method), **plan)
        _check_same(name, end, method.model.get_weights())
        _check_files(method, pathlib.Path(folder, "saved.keras"))


def check_resumes_after_a_kill(kind, part):
    """A training that a new object goes on with ends the same."""
    with tempfile.TemporaryDirectory() as folder:
        straight, _ = _train(kind, part, _plan(folder), {})
        max(pathlib.Path(folder).glob("*.npz")).unlink()
        resumed, _ = _train(kind, part, _plan(folder), {})
    found = (m.model.get_weights() for m in (straight, resumed))
    _check_same(part.__name__, *found)


def _check_same(name, first, second):
    pairs = zip(first, second, strict=True)
    same = all(np.array_equal(one, two) for one, two in pairs)
    expect(same, f"{name}: a resumed training must end the same")


def _plan(folder):
    """As a run trains, with checkpoints halfway and at the end."""
    callbacks = standard(folder, warm_up=None, every=4)
    return {"epochs": 8, "callbacks": callbacks, "verbose": 0}


def _train(kind, part, plan, values):
    set_seed(3)
    method = sample(kind, part, **values)
    method.compile({"name": "adam", "learning_rate": 0.02})
    history = method.fit(_batches(method), **plan).history
    return method, history[method.terms[0] if method.terms else "loss"]


def _check_files(method, path):
    """A `.keras` file of the method goes on; one of its model stands alone."""
    name = type(method).__name__
    x, _ = _examples(method)
    for made in (method.model, method):
        made.save(path)
        back = keras.models.load_model(path)
        gap = np.abs(np.asarray(back(x)) - np.asarray(method(x))).max()
        expect(gap == 0, f"{name}: a reloaded one must give the same")
    steps = [int(o.iterations) for o in back.optimizers.values()]
    expect(min(steps) > 0, f"{name}: the optimizers must remember")
    _step(back)


def _step(method, **changes):
    """Makes one step, eagerly: compiling it would take longer."""
    method.run_eagerly = True
    batches = _batches(method, 8)
    for name, change in changes.items():
        batches = batches.map(
            lambda *batch, name=name, change=change: _changed(
                batch, name, change
            )
        )
    return method.fit(batches, epochs=1, verbose=0).history


def _changed(batch, name, change):
    fields = unpack(batch)
    return pack({**fields, name: change(fields[name])})


def check_composes_with_steps(kind, part):
    """The loss falls under a step that asks for gradients twice."""
    set_seed(0)
    losses = _losses(sample(kind, part, step="sam"))
    expect(losses[-1] < losses[0], f"{part.__name__} under sam must learn")


def check_needs(kind, part):
    """A batch without a needed field is refused by the field's name."""
    method = sample(kind, part)
    for need in method.needs:
        method.compile("adam")
        try:
            method.fit(_batches(method, skip=(need,)), verbose=0)
        except ValueError as error:
            expect(
                need in str(error),
                f"{part.__name__}: the error must name {need}",
            )
            continue
        raise CheckError(
            f"{part.__name__}: a batch without {need} must be refused"
        )


def check_odd_batches(kind, part):
    """Distributions as labels, and a batch of one, give finite losses."""
    set_seed(0)
    method = sample(kind, part)
    method.compile("adam")
    wide = {"y": lambda y: tf.one_hot(y, 3)}
    one = {name: _first for name in ("x", "y", *method.needs)}
    for changes in (wide, one):
        loss = _step(method, **changes)["loss"]
        expect(np.isfinite(loss).all(), f"{part.__name__}: {changes}: {loss}")
    finite = all(np.isfinite(w).all() for w in method.model.get_weights())
    expect(finite, f"{part.__name__}: a batch of one must leave finite weights")


def _first(value):
    return tf.nest.map_structure(lambda part: part[:1], value)


def check_other_shape(kind, part):
    """A target of another shape is refused in words."""
    method = sample(kind, part)
    if "unlabeled" not in method.needs:
        return
    method.compile("adam")
    try:
        _step(method, unlabeled=lambda x: tf.concat([x, x], 1))
    except ValueError as error:
        told = "shape" in str(error)
        expect(told, f"{part.__name__}: the error must tell of the shape")
        return
    raise CheckError(f"{part.__name__}: another shape must be refused")


def check_step_learns(kind, part):
    """The loss falls under the step."""
    set_seed(0)
    losses = _losses(sample("method", ERM, step=part()))
    expect(losses[-1] < losses[0], f"{part.__name__}: the loss must fall")


def check_step_leaves_no_trace(kind, part):
    """Asking for gradients moves no variable."""
    set_seed(0)
    method = sample("method", ERM)
    model = method.model
    x, y = examples((6,))
    loss = method.task.loss()

    def objective():
        outputs = model(x, training=False)
        return {"task": loss(y, outputs)}, outputs

    before = [keras.ops.convert_to_numpy(v) for v in model.variables]
    part().gradients(
        objective, model.trainable_variables, model.non_trainable_variables
    )
    for old, variable in zip(before, model.variables, strict=True):
        same = np.array_equal(old, keras.ops.convert_to_numpy(variable))
        expect(same, f"{part.__name__}: {variable.path} must stay")


def check_step_resumes(kind, part):
    """What the step remembers is resumed with the method, and saved."""
    if not part().build([[]]):
        return
    check_trains_resumes_saves("method", ERM, step=part())
    method = sample("method", ERM, step=part())
    _losses(method, 1)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "saved.keras")
        method.save(path)
        back = keras.models.load_model(path)
    # Without what metrics count, which is not saved.
    pairs = zip(method.weights, back.weights, strict=True)
    for old, new in pairs:
        same = np.array_equal(*map(keras.ops.convert_to_numpy, (old, new)))
        expect(same, f"{part.__name__}: {old.path} must be saved")


def check_optimizer_moves(kind, part):
    """The optimizer lowers a parabola, and can be cloned."""
    optimizer = part()
    variable = keras.Variable(np.ones(3, "float32"))
    optimizer.build([variable])
    for _ in range(5):
        optimizer.apply([2.0 * variable.value], [variable])
    expect(float(np.abs(variable).max()) < 1.0, f"{part.__name__} must descend")
    config = keras.optimizers.serialize(optimizer)
    back = keras.optimizers.deserialize(config)
    expect(type(back) is type(optimizer), f"{part.__name__} must be cloned")


METHOD_CHECKS = (
    check_trains_resumes_saves,
    check_resumes_after_a_kill,
    check_composes_with_steps,
    check_needs,
    check_odd_batches,
    check_other_shape,
)
STEP_CHECKS = (
    check_step_learns,
    check_step_leaves_no_trace,
    check_step_resumes,
)
OPTIMIZER_CHECKS = (check_optimizer_moves,)
