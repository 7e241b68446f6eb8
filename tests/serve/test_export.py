"""serve: signatures, parity, warm-up, versions, and what goes wrong."""

import dataclasses
import json
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

import kerasgen as kg
from kerasgen.data import Column, Schema, synthetic
from kerasgen.serve import Predictor, fresh_answers, largest_gap, raw_feeds


def cases():
    return {
        "digits": kg.data.load("digits"),
        "table": kg.data.load(
            synthetic.table(200, missing=0.1), missing="impute"
        ),
        "diabetes": kg.data.load("diabetes"),
        "unit_images": kg.data.load(
            (
                synthetic.images(100)[0].astype("float32") / 255,
                np.arange(100) % 3,
            )
        ),
    }


DATA = cases()


def model_of(data):
    kg.core.set_seed(0)
    if data.classes is None:
        return kg.tabular_regressor(data.shape, size="tiny")
    factory = kg.image_classifier
    if data.schema.kind == "table":
        factory = kg.tabular_classifier
    return factory(data.shape, data.classes, size="tiny")


@pytest.fixture(scope="module")
def exported(tmp_path_factory, checked_here):
    found = {}
    for name, data in DATA.items():
        model = model_of(data)
        folder = tmp_path_factory.mktemp("served") / name
        with checked_here():
            found[name] = data, model, kg.export(model, data, folder)
    return found


GOLDEN = {
    "digits": (
        {"image": ("string", (None,))},
        {"x": ("float32", (None, 8, 8, 1))},
        {
            "class": ("string", (None,)),
            "label": ("int64", (None,)),
            "logits": ("float32", (None, 10)),
            "probability": ("float32", (None, 10)),
        },
    ),
    "table": (
        {
            "category_0": ("string", (None,)),
            **{f"number_{i}": ("float32", (None,)) for i in range(4)},
        },
        {"x": ("float32", (None, 13))},
        {
            "class": ("string", (None,)),
            "label": ("int64", (None,)),
            "logits": ("float32", (None, 3)),
            "probability": ("float32", (None, 3)),
        },
    ),
}


def described(specs):
    return {
        name: (spec.dtype.name, tuple(spec.shape))
        for name, spec in specs.items()
    }


@pytest.mark.parametrize("name", GOLDEN)
def test_signatures_are_golden(exported, name):
    served = tf.saved_model.load(str(exported[name][2]))
    raw, tensors, outputs = GOLDEN[name]
    for key, inputs in (("serving_default", raw), ("tensors", tensors)):
        signature = served.signatures[key]
        given = signature.structured_input_signature[1]
        assert described(given) == inputs
        assert described(signature.structured_outputs) == outputs


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("n", [1, 7])
def test_served_answers_are_the_models(exported, name, n):
    data, model, path = exported[name]
    served = tf.saved_model.load(str(path))
    feeds = {k: tf.constant(v[:n]) for k, v in raw_feeds(data, 7).items()}
    answer = served.signatures["serving_default"](**feeds)
    x, _ = data.tensors("test", limit=n)
    logits = model.predict(x, verbose=0)
    if data.classes is None:
        expected = logits[:, 0] * data.task.scale + data.task.mean
        assert np.allclose(answer["value"], expected, rtol=1e-5)
        return
    # Images of float values pass through 8-bit files.
    atol = 2e-2 if name == "unit_images" else 1e-5
    assert np.allclose(answer["logits"], logits, atol=atol)
    names = [data.labels[i] for i in answer["label"].numpy()]
    assert [c.decode() for c in answer["class"].numpy()] == names
    assert np.allclose(answer["probability"].numpy().sum(1), 1, atol=1e-5)


def test_an_unseen_category_and_a_missing_number_get_an_answer(exported):
    data, _, path = exported["table"]
    served = tf.saved_model.load(str(path))
    feeds = {k: tf.constant(v[:1]) for k, v in raw_feeds(data, 1).items()}
    feeds["category_0"] = tf.constant(["never seen"])
    feeds["number_0"] = tf.constant([float("nan")])
    logits = served.signatures["serving_default"](**feeds)["logits"]
    assert np.isfinite(logits).all()


def test_a_picture_of_another_size_and_kind_is_served(exported):
    data, _, path = exported["digits"]
    served = tf.saved_model.load(str(path))
    photo = (
        np.random.default_rng(0).integers(0, 256, (31, 20, 3)).astype("uint8")
    )
    files = [
        tf.io.encode_jpeg(photo),
        tf.io.encode_png(photo),
        tf.io.encode_png(photo[..., :1]),
    ]
    answer = served.signatures["serving_default"](image=tf.stack(files))
    assert answer["label"].shape == (3,)


def test_the_card_tells_what_one_must_know(exported):
    data, _, path = exported["digits"]
    card = json.loads((path / "card.json").read_text("utf-8"))
    assert card["classes"] == list("0123456789")
    assert card["schema"]["shape"] == [8, 8, 1]
    assert card["parity"]["max_difference"] <= 1e-5
    assert card["parity"]["examples"] == 32
    assert card["signatures"]["tensors"]["inputs"]["x"]["shape"] == [
        None,
        8,
        8,
        1,
    ]
    assert card["data_fingerprint"] == data.fingerprint()
    assert card["versions"]["tensorflow"] == tf.__version__


def messages():
    """tensorflow_serving's messages, described anew."""
    file = descriptor_pb2.FileDescriptorProto(
        name="serving.proto", package="s", syntax="proto3"
    )
    file.dependency.append("tensorflow/core/framework/tensor.proto")
    text, part = 9, 11
    for name, fields in {
        "ModelSpec": [
            ("name", 1, text, None),
            ("signature_name", 3, text, None),
        ],
        "Entry": [
            ("key", 1, text, None),
            ("value", 2, part, ".tensorflow.TensorProto"),
        ],
        "PredictRequest": [
            ("model_spec", 1, part, ".s.ModelSpec"),
            ("inputs", 2, part, ".s.Entry"),
        ],
        "PredictLog": [("request", 1, part, ".s.PredictRequest")],
        "PredictionLog": [("predict_log", 6, part, ".s.PredictLog")],
    }.items():
        made = file.message_type.add(name=name)
        for field, number, kind, of in fields:
            label = 3 if field == "inputs" else 1
            made.field.add(
                name=field, number=number, type=kind, type_name=of, label=label
            )
    pool = descriptor_pool.Default()
    pool.Add(file)
    return message_factory.GetMessageClass(
        pool.FindMessageTypeByName("s.PredictionLog")
    )


def test_warm_up_requests_are_what_serving_reads(exported):
    data, _, path = exported["digits"]
    file = path / "assets.extra" / "tf_serving_warmup_requests"
    kind = messages()
    logs = [
        kind.FromString(record.numpy())
        for record in tf.data.TFRecordDataset(str(file))
    ]
    requests = [log.predict_log.request for log in logs]
    assert [r.model_spec.signature_name for r in requests] == [
        "serving_default",
        "tensors",
    ]
    assert {r.model_spec.name for r in requests} == {"digits"}
    served = tf.saved_model.load(str(path))
    for request in requests:
        feeds = {
            entry.key: tf.constant(tf.make_ndarray(entry.value))
            for entry in request.inputs
        }
        answer = served.signatures[request.model_spec.signature_name](**feeds)
        assert answer["logits"].shape == (1, 10)


@pytest.mark.slow
def test_saved_model_cli_shows_and_runs(exported, tmp_path):
    _, _, path = exported["digits"]
    tool = pathlib.Path(sys.executable).with_name("saved_model_cli")
    shown = subprocess.run(
        [tool, "show", "--dir", path, "--all"], capture_output=True, text=True
    )
    assert shown.returncode == 0, shown.stderr
    for word in (
        "serving_default",
        "tensors",
        "inputs['image']",
        "probability",
    ):
        assert word in shown.stdout
    np.save(tmp_path / "x.npy", np.zeros((2, 8, 8, 1), "float32"))
    ran = subprocess.run(
        [
            *(tool, "run", "--dir", path, "--tag_set", "serve"),
            *("--signature_def", "tensors"),
            *("--inputs", f"x={tmp_path / 'x.npy'}", "--outdir", tmp_path),
        ],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert np.load(tmp_path / "logits.npy").shape == (2, 10)


@pytest.mark.slow
def test_versions_count_up_and_nothing_half_is_left(exported, tmp_path):
    data, model, _ = exported["table"]
    (tmp_path / "not-a-number").mkdir()
    assert kg.export(model, data, tmp_path).name == "1"
    (tmp_path / "7").mkdir()
    assert kg.export(model, data, tmp_path).name == "8"
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"1", "7", "8", "not-a-number"}


class TwoFaced(keras.layers.Layer):
    """Answers otherwise in a graph than eagerly."""

    def call(self, x):
        return x if tf.executing_eagerly() else x + 1e-3


def test_a_model_that_differs_is_not_exported(exported, tmp_path):
    data = exported["table"][0]
    head = keras.layers.Dense(3, name="head")
    model = keras.Sequential([keras.Input(data.shape), head, TwoFaced()])
    with pytest.raises(RuntimeError, match="largest difference=0.00"):
        kg.export(model, data, tmp_path / "served")
    assert list((tmp_path / "served").iterdir()) == []


@pytest.mark.slow
def test_a_process_that_fails_says_why(tmp_path):
    with pytest.raises(RuntimeError, match="no such folder|does not exist"):
        fresh_answers(tmp_path / "nothing", {"tensors": {"x": np.ones(1)}})


def test_what_does_not_fit_is_refused(exported):
    data = exported["digits"][0]
    for model, words in (
        (kg.image_classifier((8, 8, 3), 10, size="tiny"), "must take examples"),
        (
            kg.image_classifier((8, 8, 1), 3, size="tiny"),
            "must give 10 outputs",
        ),
        (keras.Sequential([keras.layers.Dense(3)]), "must be built"),
    ):
        with pytest.raises(ValueError, match=words):
            Predictor(model, data)


def test_an_unwritable_folder_is_an_error(exported, tmp_path):
    data, model, _ = exported["table"]
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="must be one that can be written"):
        kg.export(model, data, tmp_path / "file" / "served")


def test_a_read_only_folder_is_an_error(exported, tmp_path, monkeypatch):
    data, model, _ = exported["table"]
    # Root may write everywhere, so the system's answer is played.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError, match="Choose another folder"):
        kg.export(model, data, tmp_path / "served")


def test_a_model_that_answers_nan_is_not_exported(exported, tmp_path):
    data, _, _ = exported["table"]
    model = model_of(data)
    model.get_layer("head").bias.assign(np.full(3, np.nan))
    with pytest.raises(ValueError, match="`probability` must be finite"):
        kg.export(model, data, tmp_path / "served")
    assert list((tmp_path / "served").iterdir()) == []


class Subclassed(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.head = keras.layers.Dense(units)

    def call(self, x):
        return self.head(x)


@pytest.mark.slow
def test_a_subclassed_model_and_odd_columns_are_served(tmp_path):
    random = np.random.default_rng(0)
    names = ("x", "inputs", "größe", "_hidden", "class", "self", "training")
    x = {name: random.normal(size=60).astype("float32") for name in names}
    x["kind"] = np.array(["a", "b"] * 30, dtype=object)
    data = kg.data.load((x, np.arange(60) % 2))
    model = Subclassed(2)
    model(np.zeros((1, *data.shape), "float32"))
    path = kg.export(model, data, tmp_path)
    served = tf.saved_model.load(str(path)).signatures["serving_default"]
    columns = {column.name for column in data.schema.columns}
    assert set(served.structured_input_signature[1]) == columns


def test_a_subclassed_model_that_does_not_fit_is_refused(exported, tmp_path):
    data = exported["table"][0]
    wide = Subclassed(5)
    wide(np.zeros((1, *data.shape), "float32"))
    with pytest.raises(ValueError, match="must give 3 outputs"):
        kg.export(wide, data, tmp_path)
    narrow = Subclassed(3)
    narrow(np.zeros((1, 2), "float32"))
    with pytest.raises(ValueError, match="must take examples of shape"):
        kg.export(narrow, data, tmp_path)


def test_a_column_that_tensorflow_cannot_serve_is_refused(tmp_path):
    data = DATA["diabetes"]
    for name in ("class", "self", "two words", "größe", "_x"):
        schema = Schema("table", (1,), columns=(Column(name, "number"),))
        wrong = dataclasses.replace(data, schema=schema)
        with pytest.raises(ValueError, match="Rename the column"):
            kg.export(model_of(data), wrong, tmp_path)


@pytest.mark.slow
def test_lookup_tables_are_served(tmp_path):
    data = kg.data.load(synthetic.table(60, numbers=1))
    number = keras.Input((), name="number_0")
    category = keras.Input((), dtype="string", name="category_0")
    look = keras.layers.StringLookup(
        vocabulary=list("abc"), output_mode="one_hot"
    )
    parts = [keras.layers.Reshape((1,))(number), look(category)]
    prepare = keras.Model(
        {"number_0": number, "category_0": category},
        keras.layers.Concatenate()(parts),
    )
    data = dataclasses.replace(data, prepare=prepare)
    path = kg.export(model_of(data), data, tmp_path)
    assert json.loads((path / "card.json").read_text())["parity"]["examples"]


@pytest.mark.slow
def test_the_optimizer_is_not_served(exported, tmp_path):
    data, _, plain = exported["digits"]
    model = model_of(data)
    model.compile("adam", data.task.loss())
    model.fit(data.batches("train").take(1), shuffle=False, verbose=0)
    path = kg.export(model, data, tmp_path)
    name = "variables/variables.data-00000-of-00001"
    sizes = [(each / name).stat().st_size for each in (path, plain)]
    # Adam keeps two more numbers for each weight.
    assert sizes[0] < 1.1 * sizes[1]


def test_an_empty_batch_is_answered(exported):
    data, _, path = exported["table"]
    served = tf.saved_model.load(str(path)).signatures["serving_default"]
    feeds = {k: tf.constant(v[:0]) for k, v in raw_feeds(data, 1).items()}
    assert served(**feeds)["class"].shape == (0,)


def test_gaps():
    one = {"s": {"a": np.array([1.0, 2.0]), "c": np.array(["x", "y"])}}
    two = {"s": {"a": np.array([1.0, 2.5]), "c": np.array(["x", "y"])}}
    # Half of a unit at 2.0: a quarter of it.
    assert largest_gap(one, one) == 0.0 and largest_gap(one, two) == 0.25
    two["s"]["a"] = np.array([1.0, np.nan])
    assert largest_gap(one, two) == float("inf")
    assert largest_gap(two, two) == 0.0
    two["s"]["a"] = one["s"]["a"]
    two["s"]["c"] = np.array(["x", "z"])
    assert largest_gap(one, two) == float("inf")
    assert largest_gap(one, {"s": {}}) == float("inf")
