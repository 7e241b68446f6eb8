"""Virtual adversarial loss, teachers, and what they keep still."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasgen as kg
from kerasgen.core import set_seed
from kerasgen.methods import DIRTT, SHOT, VAT, SelfEnsembling
from kerasgen.methods.self_ensembling import shifted
from kerasgen.methods.smoothness import divergence, unit, virtual_adversarial
from kerasgen.methods.teacher import copied, follow


def fields(n=8, width=2):
    x = np.random.default_rng(0).normal(0, 1, (n, width)).astype("float32")
    return {"inputs": x, "unlabeled": x + 1.0}, np.arange(n) % 2


def test_divergence_is_scipys():
    draw = np.random.default_rng(1)
    one, two = draw.normal(0, 2, (2, 6, 3)).astype("float32")
    p, q = (np.exp(z) / np.exp(z).sum(1, keepdims=True) for z in (one, two))
    expected = (p * np.log(p / q)).sum(1)
    assert np.allclose(divergence(one, two), expected, atol=1e-5)


def test_the_direction_is_the_one_that_moves_answers_most():
    # One logit reads the second number alone: nothing else can move it.
    weights = np.float32([[0.0, 0.0], [3.0, 0.0], [0.0, 0.0]])
    x = ops.ones((5, 3))

    def answer(x):
        return ops.matmul(x, weights)

    seed = keras.random.SeedGenerator(0)
    found = virtual_adversarial(
        answer, x, answer(x), epsilon=0.5, probe=0.1, turns=3, seed=seed
    )
    sides = [
        divergence(answer(x), answer(x + 0.5 * way * np.eye(3)[1]))
        for way in (-1.0, 1.0)
    ]
    either = np.minimum(
        np.abs(found - np.asarray(sides[0])),
        np.abs(found - np.asarray(sides[1])),
    )
    assert either.max() < 1e-3
    assert np.allclose(np.linalg.norm(unit(1e-20 * x), axis=1), 1, atol=1e-4)


def test_a_teacher_follows():
    model = kg.tabular_classifier((2,), 2, size="tiny")
    teacher = copied(model)
    before = [np.array(w) for w in teacher.get_weights()]
    for weight in model.variables:
        weight.assign_add(ops.ones_like(weight))
    follow(teacher, model, 0.75)
    for old, new, weight in zip(
        before, teacher.get_weights(), model.get_weights(), strict=True
    ):
        assert np.allclose(new, 0.75 * old + 0.25 * weight, atol=1e-6)


def test_the_teacher_takes_part_in_the_training_step():
    model = kg.tabular_classifier((2,), 2, size="tiny")
    method = SelfEnsembling(model, kg.Classification(2))
    method.compile("adam")
    before = method.teacher.get_weights()
    method.train_step(fields())
    moved = [
        not np.array_equal(old, new)
        for old, new in zip(before, method.teacher.get_weights(), strict=True)
    ]
    assert all(moved)


def test_a_view_is_drawn_instead_of_noise_and_shift():
    x = np.arange(12, dtype="float32").reshape(6, 2)
    found = []
    for view, noise in (({"name": "noise", "scale": 0.0}, 9.0), (None, 0.0)):
        set_seed(0)
        model = kg.tabular_classifier((2,), 2, size="tiny", dropout=0.0)
        method = SelfEnsembling(
            model, kg.Classification(2), view=view, noise=noise
        )
        method.compile("adam")
        logs = method.train_step(({"inputs": x, "unlabeled": x}, x[:, 0] % 2))
        found.append(float(logs["loss"]))
    assert np.isclose(*found)
    again = SelfEnsembling.from_config(method.get_config())
    assert again.view is None
    method = SelfEnsembling(
        model, kg.Classification(2), view=kg.augment.Noise(0.2)
    )
    again = SelfEnsembling.from_config(method.get_config())
    assert again.view.parts[0].scale == 0.2
    with pytest.raises(ValueError, match="view.*mix examples"):
        SelfEnsembling(model, kg.Classification(2), view="mix_up")


def test_shifts_keep_sizes_and_values():
    x = np.arange(36, dtype="float32").reshape(1, 6, 6, 1)
    seed = keras.random.SeedGenerator(3)
    seen = [np.asarray(shifted(x, 2, seed)) for _ in range(20)]
    assert len({s.tobytes() for s in seen}) > 5
    wide = np.pad(x[0, ..., 0], 2, mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(wide, (6, 6))
    places = {w.tobytes() for row in windows for w in row}
    assert all(s[0, ..., 0].tobytes() in places for s in seen)


def test_what_needs_no_source_ignores_its_labels():
    for kind in (SHOT, DIRTT):
        found = []
        for flip in (0, 1):
            set_seed(0)
            model = kg.tabular_classifier((2,), 2, size="tiny")
            method = kind(model, kg.Classification(2))
            method.compile("adam")
            x, y = fields()
            x["inputs"] = x["inputs"] + 5.0 * flip
            method.train_step((x, (y + flip) % 2))
            found.append(model.trainable_variables)
        for one, two in zip(*found, strict=True):
            assert np.array_equal(one, two)


def test_shot_leaves_the_head_and_keeps_centers():
    model = kg.tabular_classifier((2,), 2, size="tiny")
    head = model.get_layer("head").get_weights()
    method = SHOT(model, kg.Classification(2))
    method.compile("adam")
    method.train_step(fields())
    for old, new in zip(
        head, model.get_layer("head").get_weights(), strict=True
    ):
        assert np.array_equal(old, new)
    assert np.abs(method.centers).sum() > 0


def test_vat_smooths_what_has_no_labels():
    model = kg.tabular_classifier((2,), 2, size="tiny")
    method = VAT(model, kg.Classification(2), entropy=0.1)
    method.compile("adam")
    x, y = fields()
    alone = {"x": x["inputs"], "y": y, "weight": None}
    terms, _ = method.objective({**alone, "unlabeled": x["unlabeled"]})
    assert float(terms["smoothness"]) > float(
        method.objective(alone)[0]["smoothness"]
    )
