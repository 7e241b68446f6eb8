"""core: registry, errors, ranges, seeds, cut, fields, files."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasgen import core
from kerasgen.core.registry import KINDS
from kerasgen.quiet import import_quietly


def test_message_has_three_beats_and_the_remedy():
    text = core.message(
        "DropBlock", "`rate` must be >= 0", {"rate": -1}, "Fix it."
    )
    assert text == "DropBlock: `rate` must be >= 0. Received: rate=-1. Fix it."


@pytest.mark.parametrize(
    "typed, meant",
    [
        ("val_acuracy", "val_accuracy"),
        ("Loss", "loss"),
        ("qqqq", None),
        ("acc", "val_accuracy"),
    ],
)
def test_nearest(typed, meant):
    assert core.nearest(typed, ["loss", "val_accuracy"]) == meant


def test_need_names_the_extra():
    with pytest.raises(
        ImportError, match=r'pip install "kerasgen-toolkit\[federated\]"'
    ):
        core.need("no_such_package", extra="federated")


def test_register_refuses_a_taken_name():
    with pytest.raises(ValueError, match="belongs to kerasgen.methods.erm.ERM"):

        @core.register("method")
        class ERM:
            pass


def test_register_refuses_an_unknown_kind():
    with pytest.raises(ValueError, match="Did you mean 'method'"):
        core.register("metod")


def test_create_finds_the_nearest_name_and_argument():
    with pytest.raises(ValueError, match="Did you mean 'sam'"):
        core.create("step", "samm")
    with pytest.raises(ValueError, match="Did you mean 'rho'"):
        core.create("step", {"name": "sam", "rh": 0.1})
    with pytest.raises(TypeError, match="must have a `name`"):
        core.create("step", {"rho": 0.1})


def test_create_passes_objects_through():
    step = core.create("step", "sam")
    assert core.create("step", step) is step


def test_every_kind_but_the_handed_in_has_parts():
    assert all(core.parts(kind) for kind in KINDS)


def test_ranges_check_bounds_type_and_wholeness():
    rate = core.Float(0, 1, search=(0.1, 0.5))
    assert rate.check("A", "rate", np.float32(0.5)) == 0.5
    for value in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match=r"A: `rate` must lie in \[0, 1\]"):
            rate.check("A", "rate", value)
    with pytest.raises(TypeError, match="must be a number"):
        rate.check("A", "rate", "0.5")
    with pytest.raises(ValueError, match="whole number"):
        core.Int(1).check("A", "depth", 1.5)
    with pytest.raises(ValueError):
        core.Float(0, 1, search=(0.5, 2.0))
    with pytest.raises(ValueError, match="must be one of 'a', 'b'"):
        core.Choice(("a", "b")).check("A", "c", "d")


def test_choice_tells_true_from_one():
    with pytest.raises(ValueError):
        core.Choice((1, 2)).check("A", "a", True)


def test_child_seeds_are_stable_and_apart():
    seeds = {
        core.child_seed(0, name, index) for name in "abc" for index in range(50)
    }
    assert len(seeds) == 150
    assert core.child_seed(0, "shuffle") == core.child_seed(0, "shuffle")
    assert all(0 <= seed < 2**31 - 1 for seed in seeds)


def test_set_seed_repeats_keras_and_refuses_negatives():
    draws = []
    for _ in range(2):
        core.set_seed(4)
        draws.append(np.asarray(keras.random.normal((3,))))
    assert np.array_equal(*draws)
    with pytest.raises(ValueError, match="seed"):
        core.set_seed(-1)


def test_split_and_adopt():
    inputs = keras.Input((4,))
    x = keras.layers.Dense(3, name="body")(inputs)
    foreign = keras.Model(
        inputs, keras.layers.Dense(2, "softmax", name="out")(x)
    )
    with pytest.raises(ValueError, match="adopt"):
        core.split(foreign)
    model = core.adopt(foreign)
    features, head = core.split(model)
    data = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    logits = np.asarray(head(features(data)))
    assert np.allclose(keras.ops.softmax(logits), foreign(data), atol=1e-6)
    with pytest.raises(ValueError, match="Did you mean 'out'"):
        core.adopt(foreign, head="outt")


def test_pack_is_the_inverse_of_unpack():
    fields = {"x": 1, "y": 2, "weight": 3, "unlabeled": 4}
    assert core.unpack(core.pack(fields)) == fields


def test_input_gradient_of_a_quadratic():
    x = tf.constant([1.0, -2.0])
    assert np.allclose(core.input_gradient(lambda z: z**2, x), [2.0, -4.0])


def test_a_killed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(KeyError), core.atomic_write(path) as file:
        file.write("new")
        raise KeyError
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_an_unfinished_folder_does_not_appear(tmp_path):
    with pytest.raises(KeyError), core.atomic_folder(tmp_path / "1") as folder:
        (folder / "a").write_text("b")
        raise KeyError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_import_is_quiet():
    done = subprocess.run(
        [sys.executable, "-c", "import kerasgen"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) <= 1, done.stderr


def test_a_failing_import_tells_everything(tmp_path, monkeypatch, capfd):
    (tmp_path / "loud_module.py").write_text(
        "import os\nos.write(2, b'I0000 cause\\n')\nraise ImportError('bad')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportError, match="bad"):
        import_quietly("loud_module")
    assert "I0000 cause" in capfd.readouterr().err
