"""serve: every kind of data and every transform, as in the pipeline."""

import dataclasses
import json
import types

import keras
import numpy as np
import pytest
import tensorflow as tf

import kerasgen as kg
from kerasgen.core import parts
from kerasgen.data import Column, Data, Examples, Schema, adapt
from kerasgen.data import prepare as p
from kerasgen.serve import Predictor, raw_feeds

N = 24
RANDOM = np.random.default_rng(0)


def strings(values):
    return np.array(values, dtype=object)


def words(*shape):
    return strings(
        RANDOM.choice(["Fuchs", "dög,", "the", "jumps!", "läuft"], shape)
    )


def numbers():
    found = RANDOM.lognormal(size=N).astype("float32")
    found[::6] = np.nan
    return found


COLUMNS = (
    Column("a"),
    Column("b"),
    Column("c", "category"),
    Column("d", "category"),
)
RAW = {
    "image": (
        Schema("image", (4, 4, 3)),
        RANDOM.integers(0, 256, (N, 4, 4, 3)).astype("uint8"),
    ),
    "video": (
        Schema("video", (3, 4, 4, 1)),
        RANDOM.integers(0, 256, (N, 3, 4, 4, 1)).astype("uint8"),
    ),
    "audio": (
        Schema("audio", (1600,), rate=8000),
        RANDOM.uniform(-1, 1, (N, 1600)).astype("float32"),
    ),
    "text": (
        Schema("text", ()),
        strings([" ".join(row) for row in words(N, 6)]),
    ),
    "tokens": (Schema("tokens", (5,)), words(N, 5)),
    "table": (
        Schema("table", (4,), columns=COLUMNS),
        {
            "a": numbers(),
            "b": numbers(),
            "c": words(N),
            "d": strings([f"2024-0{1 + i % 9}-1{i % 9}" for i in range(N)]),
        },
    ),
}
IMPUTE = p.Impute("mean")
PLANS = {
    "image": {
        "default": None,
        "scale": p.Scale(),
        "known": p.Scale(source_low=0, source_high=255),
        "image": p.Standardize(axis="image"),
        "feature": p.Standardize(axis="feature"),
        "robust": p.RobustScale(axis="image"),
        "clip": [p.Clip(), p.Log(), p.Standardize()],
        "quantile": p.Quantile("normal", 50),
    },
    "video": {"default": None, "power": [p.Power(), p.Scale()]},
    "audio": {
        "default": None,
        "mfcc": [p.MFCC(), p.Standardize()],
        "pcen": [p.PCEN(mels=20), p.RobustScale()],
    },
    "text": {
        "default": None,
        "accents": [
            p.CleanText(accents="strip", punctuation="split"),
            p.Words(),
        ],
        "characters": p.Characters(length=30),
        "word_piece": [p.CleanText(), p.WordPiece(size=30, length=20)],
        "unigram": [p.CleanText(), p.Unigram(size=30, length=20)],
    },
    "tokens": {
        "default": None,
        "clean": [p.CleanText(), p.Words(size=6)],
        "letters": [p.Spelling(letters=4)],
    },
    "table": {
        "default": None,
        "numbers": {
            "a": [IMPUTE, p.Periodic(4)],
            "b": [IMPUTE, p.PiecewiseLinear(4), p.Standardize()],
            "c": [[p.Impute(), p.OneHot()], [p.Missing()]],
            "d": p.DateParts(),
        },
        "indices": {
            "a": None,
            "b": None,
            "c": p.CategoryIndex(),
            "d": p.Hashing(9),
        },
        "hashes": {"c": p.Hashing(9, "one_hot"), "d": p.OneHot(most=3)},
    },
}
CASES = [(kind, plan) for kind in PLANS for plan in PLANS[kind]]


def data_of(kind, plan):
    schema, x = RAW[kind]
    prepare, schema = adapt(schema, x, PLANS[kind][plan])
    y = np.arange(N) % 3
    ids = np.arange(N)
    examples = Examples(x, y, ids)
    task = kg.Classification(classes=3, labels=("a", "b", "c"))
    return Data(
        kind, task, schema, {"train": examples, "test": examples}, prepare
    )


def model_of(data):
    """The flattest model: it hides no difference of what was prepared."""
    keras.utils.set_random_seed(0)
    dtype = data.prepare.outputs[0].dtype
    inputs = keras.Input(data.shape, dtype=dtype)
    x = keras.layers.Rescaling(1.0)(inputs) if dtype == "int32" else inputs
    x = keras.layers.Flatten()(x)
    return keras.Model(inputs, keras.layers.Dense(3, name="head")(x))


class Reveal(keras.layers.Layer):
    """Shows what was prepared as it is."""

    def call(self, x):
        return tf.reshape(tf.cast(x, tf.float32), (tf.shape(x)[0], -1))


@pytest.mark.parametrize("kind, plan", CASES, ids=map("-".join, CASES))
def test_pipeline_and_saved_model_agree(kind, plan, tmp_path):
    data = data_of(kind, plan)
    width = int(np.prod(data.shape))
    inputs = keras.Input(data.shape, dtype=data.prepare.outputs[0].dtype)
    model = keras.Model(inputs, Reveal()(inputs))
    task = types.SimpleNamespace(
        units=width,
        predict=lambda x: {"value": x},
        answering=lambda model: model,
        get_config=dict,
    )
    shown = dataclasses.replace(data, task=task)
    object.__setattr__(shown, "_memory", {})
    predictor = Predictor(model, shown)
    tf.saved_model.save(predictor, str(tmp_path), predictor.signatures())
    served = tf.saved_model.load(str(tmp_path)).signatures["serving_default"]
    feeds = raw_feeds(data, N)
    found = served(**{k: tf.constant(v) for k, v in feeds.items()})["value"]
    batches = data.batches("test", 5)
    piped = np.concatenate([np.asarray(batch[0]) for batch in batches])
    piped = piped.reshape(N, -1)
    assert np.isfinite(piped).all() and np.ptp(piped) > 0
    assert np.abs(found - piped).max() <= 1e-6 * max(1, np.abs(piped).max())


@pytest.mark.parametrize("kind", ["text", "tokens", "audio", "video"])
def test_kinds_are_exported_and_checked(kind, tmp_path):
    data = data_of(kind, "default")
    path = kg.export(model_of(data), data, tmp_path)
    served = tf.saved_model.load(str(path)).signatures["serving_default"]
    given = served.structured_input_signature[1]
    names = {column.name for column in data.schema.columns} or {kind}
    assert set(given) == names
    # A fresh process was asked, with raw examples and with tensors.
    card = json.loads((path / "card.json").read_text("utf-8"))
    assert card["parity"]["examples"] == N
    assert card["parity"]["max_difference"] <= 1e-5
    assert card["signatures"]["tensors"]["inputs"]["x"]["dtype"] == (
        "int32" if kind in ("text", "tokens") else "float32"
    )
    log = (path / "assets.extra" / "tf_serving_warmup_requests").read_bytes()
    assert all(name.encode() in log for name in names)


@pytest.mark.parametrize("kind, fill", [("tokens", ""), ("audio", 0.0)])
def test_shorter_and_longer_examples_are_served(kind, fill):
    data = data_of(kind, "default")
    served = Predictor(model_of(data), data).signatures()["serving_default"]
    x = raw_feeds(data, 4)[kind]
    short = x[:, :3]
    filled = np.full_like(x, fill)
    filled[:, :3] = short
    longer = np.concatenate([filled, x], 1)
    found = [
        served(**{kind: tf.constant(each)})["logits"].numpy()
        for each in (short, filled, longer)
    ]
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


def test_texts_that_nobody_saw_are_served():
    for plan in PLANS["text"]:
        data = data_of("text", plan)
        served = Predictor(model_of(data), data).signatures()["serving_default"]
        texts = tf.constant([b"", b"\xff\xfe", "漢字 🙂".encode(), b"a" * 5000])
        assert np.isfinite(served(text=texts)["logits"]).all()
        assert served(text=tf.constant([], tf.string))["class"].shape == (0,)


def test_every_transform_is_among_the_cases():
    used = set()
    for plans in PLANS.values():
        told = str([p.write_plan(plan) for plan in plans.values()])
        used |= {name for name in parts("prepare") if f"'{name}'" in told}
    # Of the sounds' default.
    assert used | {"log_mel"} == set(parts("prepare"))


def test_data_without_a_task_are_refused(tmp_path):
    data = data_of("tokens", "default")
    bare = dataclasses.replace(data, task=None)
    with pytest.raises(ValueError, match="must have a task"):
        kg.export(model_of(data), bare, tmp_path)
