"""Distillation: closed forms, teachers that fit or don't, and gains."""

import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf
from keras import ops

import kerasgen as kg
from kerasgen.callbacks import Average
from kerasgen.core import create, set_seed
from kerasgen.methods import (
    ERM,
    AttentionTransfer,
    DataFreeDistillation,
    Distillation,
    FeatureDistillation,
    SelfDistillation,
)
from kerasgen.methods.attention_transfer import attention
from kerasgen.methods.data_free_distillation import generator
from kerasgen.methods.taught import maps_of, watching

X = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
Y = np.arange(8) % 3
ROWS = (DataFreeDistillation, Distillation, FeatureDistillation)


def tiny(size="tiny", shape=(4,), **given):
    return kg.tabular_classifier(shape, 3, size=size, **given)


def linear(seed):
    inputs = keras.Input((4,))
    start = keras.initializers.RandomNormal(stddev=1.0, seed=seed)
    head = keras.layers.Dense(3, name="head", kernel_initializer=start)
    return keras.Model(inputs, head(inputs))


def made(kind, model, **given):
    method = kind(model, kg.Classification(3), **given)
    method.compile("adam")
    return method


def batch(**extra):
    return {
        "x": ops.convert_to_tensor(X),
        "y": ops.convert_to_tensor(Y),
        "weight": None,
        **extra,
    }


def shares(logits, heat=1.0):
    return scipy.special.softmax(np.asarray(logits, "float64") / heat, -1)


def test_distillation_by_hand_and_its_gradient_keeps_its_scale():
    teacher, student = linear(1), linear(2)
    for heat in (1.0, 4.0, 100.0):
        method = made(
            Distillation,
            student,
            teacher=teacher,
            weight=0.7,
            temperature=heat,
        )
        with tf.GradientTape() as tape:
            terms, outputs = method.objective(batch())
        p, q = shares(teacher(X), heat), shares(student(X), heat)
        apart = heat**2 * scipy.stats.entropy(p, q, axis=1).mean()
        assert np.isclose(float(terms["teacher"]), 0.7 * apart, rtol=1e-2)
        loss = -np.log(shares(outputs)[np.arange(8), Y]).mean()
        assert np.isclose(float(terms["task"]), 0.3 * loss, rtol=1e-4)
        bias = student.get_layer("head").bias
        found = tape.gradient(terms["teacher"], bias.value)
        expected = 0.7 * heat * (q - p).mean(0)
        assert np.allclose(found, expected, rtol=1e-2, atol=1e-4)
    # Hinton et al., equation 4: at great temperatures, logits are matched.
    gap = np.asarray(student(X)) - np.asarray(teacher(X))
    gap -= gap.mean(1, keepdims=True)
    assert np.allclose(found, 0.7 * gap.mean(0) / 3, rtol=0.05, atol=6e-3)


def test_unlabeled_examples_are_asked_too():
    teacher, student = linear(1), linear(2)
    method = made(
        Distillation, student, teacher=teacher, weight=1.0, temperature=1.0
    )
    terms, outputs = method.objective(batch(unlabeled=3.0 * X))
    whole = np.concatenate([X, 3.0 * X])
    p, q = shares(teacher(whole)), shares(student(whole))
    expected = scipy.stats.entropy(p, q, axis=1).mean()
    assert np.isclose(float(terms["teacher"]), expected, rtol=1e-4)
    assert outputs.shape == (8, 3)


def test_hints_are_told_by_a_line():
    teacher, student = tiny("small"), tiny()
    method = made(
        FeatureDistillation,
        student,
        teacher=teacher,
        weight=2.0,
        hint="relu0",
        guided="relu0",
    )
    set_seed(1)
    terms, _ = method.objective(batch())
    hints = np.asarray(watching("me", teacher, ["relu0"])(X)[0])
    below = keras.Model(student.input, student.get_layer("relu0").output)
    told = np.asarray(method.project(below(X, training=True)))
    expected = 2.0 * np.square(told - hints).mean() / np.square(hints).mean()
    assert np.isclose(float(terms["hints"]), expected, rtol=1e-3)
    with pytest.raises(ValueError, match="must have the layer.*nowhere"):
        FeatureDistillation(student, kg.Classification(3), hint="nowhere")


def test_attention_by_hand():
    maps = np.random.default_rng(0).normal(size=(3, 4, 5, 2))
    flat = np.square(maps).sum(-1).reshape(3, -1)
    expected = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    found = np.asarray(attention(maps.astype("float32")))
    assert np.allclose(found, expected, atol=1e-6)
    assert np.isfinite(np.asarray(attention(ops.zeros((1, 2, 2, 1))))).all()


def test_attention_of_other_sizes_and_of_rows():
    one, two = (
        kg.image_classifier((8, 8, 1), 3, size=size)
        for size in ("tiny", "small")
    )
    assert list(maps_of("me", one)) == [(8, 8), (4, 4)]
    method = made(AttentionTransfer, one, teacher=two)
    assert len(method._student.outputs) == 3
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(4, 3, name="map")(inputs)
    x = keras.layers.GlobalAveragePooling2D()(x)
    other = keras.Model(inputs, keras.layers.Dense(3, name="head")(x))
    method = made(AttentionTransfer, other, teacher=two)
    x = np.random.default_rng(0).normal(size=(8, 8, 8, 1)).astype("float32")
    logs = method.fit(x, Y, verbose=0).history
    assert np.isfinite(logs["attention"][0])
    with pytest.raises(ValueError, match="feature map.*For rows"):
        AttentionTransfer(tiny(), kg.Classification(3))


def test_the_past_is_renewed_now_and_then():
    method = made(SelfDistillation, tiny(), weight=0.5, ramp=4, every=2)
    method.optimizer.learning_rate.assign(0.1)
    found, same = [], []
    for _ in range(5):
        found.append(float(method.factor()))
        method.train_step((ops.convert_to_tensor(X), ops.convert_to_tensor(Y)))
        one, two = method.past.weights[0], method.model.weights[0]
        same.append(bool(np.allclose(one, two, atol=1e-6)))
    assert same == [False, True, False, True, False]
    assert np.allclose(found, [0.0, 0.0, 0.25, 0.375, 0.5])


def test_past_answers_by_hand():
    student = linear(2)
    method = made(SelfDistillation, student, weight=0.5, ramp=1, every=1)
    method.past.set_weights(linear(1).get_weights())
    method.optimizer.iterations.assign(7)
    terms, _ = method.objective(batch())
    known, told = shares(method.past(X)), shares(student(X))
    lost = -(known * np.log(told)).sum(1).mean()
    assert np.isclose(float(terms["past"]), 0.5 * lost, rtol=1e-4)


def test_the_generator_is_drawn_to_what_the_teacher_remembers():
    teacher = tiny("small")
    made(ERM, teacher).fit(X, Y, epochs=3, verbose=0)
    method = made(DataFreeDistillation, tiny(), teacher=teacher)
    x = np.random.default_rng(3).normal(size=(50, 4)).astype("float32")
    norm = method._norms[0]
    seen = teacher.get_layer("dense0")(x)
    strange = float(method._strange([seen, *_rest(teacher, x)]))
    total = 0.0
    for layer, values in zip(
        method._norms, [seen, *_rest(teacher, x)], strict=True
    ):
        values = np.asarray(values, "float64")
        known = np.asarray(layer.moving_variance) + layer.epsilon
        gap = np.square(values.mean(0) - np.asarray(layer.moving_mean)) / known
        ratio = np.square((values.var(0) + layer.epsilon) / known - 1)
        total += (gap + ratio).mean()
    assert np.isclose(strange, total / len(method._norms), rtol=1e-3)
    assert norm.name == "norm0"


def _rest(teacher, x):
    names = [layer.name for layer in teacher.layers]
    found = [name for name in names if name.startswith("dense")][1:]
    return [
        keras.Model(teacher.input, teacher.get_layer(name).output)(x)
        for name in found
    ]


def test_generators_make_any_shape():
    for shape in ((5,), (9, 6, 2), (7, 3)):
        made_up = generator(shape, 4, 8)(ops.ones((2, 4)))
        assert made_up.shape == (2, *shape)


@pytest.mark.parametrize("kind", ROWS)
def test_teachers_that_do_not_fit_are_refused(kind):
    model, task = tiny(), kg.Classification(3)
    with pytest.raises(ValueError, match="another model"):
        kind(model, task, teacher=model)
    with pytest.raises(ValueError, match="same input_shape"):
        kind(model, task, teacher=tiny(shape=(5,)))
    other = kg.tabular_classifier((4,), 2, size="tiny")
    with pytest.raises(ValueError, match="same output_shape"):
        kind(model, task, teacher=other)
    with pytest.raises(TypeError, match="teacher.*Model"):
        kind(model, task, teacher=3)


def test_a_teacher_is_saved_along_and_may_be_a_path_or_a_method(tmp_path):
    teacher = tiny("small")
    teacher.save(tmp_path / "teacher.keras")
    expected = np.asarray(teacher(X))
    spec = {"name": "distillation", "teacher": str(tmp_path / "teacher.keras")}
    method = create("method", spec, tiny(), kg.Classification(3))
    method.compile("adam")
    method.fit(X, Y, verbose=0)
    method.save(tmp_path / "method.keras")
    back = keras.models.load_model(tmp_path / "method.keras")
    for each in (method, back):
        assert np.allclose(each.teacher(X), expected, atol=1e-6)
    by = made(Distillation, tiny(), teacher=made(ERM, teacher))
    assert by.teacher is teacher


@pytest.mark.slow
@pytest.mark.parametrize("kind", ROWS)
def test_nothing_trains_the_teacher_but_its_own_past(kind):
    teacher = tiny("small")
    before = [np.array(w) for w in teacher.get_weights()]
    method = made(kind, tiny(), teacher=teacher)
    x = {"inputs": X, "unlabeled": X}
    method.fit(x, Y, epochs=2, verbose=0, callbacks=[Average(0.5)])
    for one, two in zip(before, teacher.get_weights(), strict=True):
        assert np.array_equal(one, two)
    method = made(kind, tiny())
    before = np.array(method.teacher.weights[0])
    method.fit(x, Y, epochs=2, verbose=0)
    assert not np.allclose(before, method.teacher.weights[0])


def clouds(n, seed):
    draw = np.random.default_rng(seed)
    y = draw.integers(0, 3, n)
    middles = np.random.default_rng(9).normal(0, 1.2, (3, 4))
    return (draw.normal(0, 1, (n, 4)) + middles[y]).astype("float32"), y


@pytest.mark.slow
def test_a_student_without_labels_of_its_own_learns_by_the_teacher():
    x, y = clouds(600, 0)
    u, v = clouds(600, 1)
    set_seed(0)
    teacher = tiny("small")
    made(ERM, teacher).fit(x, y, epochs=5, verbose=0)
    student = tiny()
    method = made(Distillation, student, teacher=teacher, weight=1.0)
    method.optimizer.learning_rate.assign(0.01)
    method.fit(x, np.zeros_like(y), epochs=8, verbose=0)
    right = (np.argmax(teacher(u), -1) == v).mean()
    assert (np.argmax(student(u), -1) == v).mean() > right - 0.04


@pytest.mark.slow
def test_a_student_learns_without_any_data():
    data = kg.data.load("digits")
    x, y = data.tensors("test")
    set_seed(0)
    teacher = kg.image_classifier(data.shape, 10, size="tiny")
    made_of = ERM(teacher, data.task)
    made_of.compile(keras.optimizers.Adam(3e-3))
    made_of.fit(data.batches("train", 64), epochs=30, verbose=0)
    student = kg.image_classifier(data.shape, 10, size="tiny")
    method = DataFreeDistillation(student, data.task, teacher=teacher)
    method.compile(keras.optimizers.Adam(2e-3))
    nothing = np.zeros((64 * 20, 8, 8, 1), "float32")
    labels = np.zeros(len(nothing))
    method.fit(nothing, labels, batch_size=64, epochs=60, verbose=0)
    found = [(np.argmax(m(x), -1) == y).mean() for m in (teacher, student)]
    assert found[1] > 0.6, found
