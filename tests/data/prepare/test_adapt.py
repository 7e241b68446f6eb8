"""adapt: one pass, on train only, in bounded memory, by any plan."""

import dataclasses
import json
import tracemalloc

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

import kerasgen as kg
from kerasgen.core import parts
from kerasgen.data import Column, Schema, adapt
from kerasgen.data import prepare as p

RANDOM = np.random.default_rng(0)
COLUMNS = (
    Column("age"),
    Column("pay"),
    Column("town", "category"),
    Column("day", "category"),
)
TABLE = Schema("table", (4,), columns=COLUMNS)


def rows(n=300, seed=0):
    random = np.random.default_rng(seed)
    age = random.normal(40, 10, n).astype("float32")
    age[::7] = np.nan
    days = [f"2024-{m:02}-{d:02}" for m, d in random.integers(1, 13, (n, 2))]
    return {
        "age": age,
        "pay": random.lognormal(7, 1, n).astype("float32"),
        "town": np.array(random.choice(["Rom", "Oslo", ""], n), dtype=object),
        "day": np.array(days, dtype=object),
    }


class Once:
    """Batches that may be asked for one time."""

    def __init__(self, x, size=64):
        self.x, self.size, self.calls, self.seen = x, size, 0, 0

    def __call__(self):
        self.calls += 1
        n = len(
            next(iter(self.x.values())) if hasattr(self.x, "keys") else self.x
        )
        for i in range(0, n, self.size):
            part = tf.nest.map_structure(
                lambda v, i=i: v[i : i + self.size], self.x
            )
            self.seen += 1
            yield part


PLANS = {
    "default": None,
    "one": {"pay": "log"},
    "chain": {
        "pay": [p.Log(), p.Standardize()],
        "age": [p.Impute(), p.Quantile()],
    },
    "rest": {"*": [p.Impute(), p.RobustScale(), p.Clip(-3, 3)]},
    "categories": {"town": p.CategoryIndex(), "day": p.DateParts()},
    "beside": {
        "town": [[p.Impute("most_frequent"), p.OneHot()], [p.Missing()]],
        "age": [[p.Missing()], [p.Impute(indicator=False), p.Periodic(4)]],
    },
    "out": {
        "day": None,
        "town": {"name": "hashing", "bins": 8, "form": "one_hot"},
    },
    "pieces": {"pay": [p.Power(), p.Scale(), p.PiecewiseLinear(4)]},
    "bare": {"pay": []},
    "indices": {
        "age": None,
        "pay": None,
        "day": None,
        "town": p.CategoryIndex(),
    },
}


@pytest.mark.parametrize("name", PLANS)
def test_tables_by_plan_are_saved_streamed_and_read_once(name, tmp_path):
    batches = Once(rows())
    model, schema = adapt(TABLE, batches, PLANS[name])
    assert batches.calls <= 1
    test = {k: tf.constant(v) for k, v in rows(50, 1).items()}
    direct = model(test).numpy()
    assert direct.shape == (50, *model.output_shape[1:])
    assert np.isfinite(direct).all()
    stream = tf.data.Dataset.from_tensor_slices(test).batch(16).map(model)
    assert np.array_equal(np.concatenate(list(stream)), direct)
    model.save(tmp_path / "prepare.keras")
    again = keras.saving.load_model(tmp_path / "prepare.keras")
    assert np.array_equal(again(test), direct)
    # A plan that was written gives the same model.
    told = json.loads(json.dumps(p.write_plan(PLANS[name])))
    other, _ = adapt(TABLE, rows(), told)
    assert np.array_equal(other(test), direct)
    assert Schema.from_dict(schema.to_dict()) == schema


def test_columns_by_plan_are_the_formulas():
    x = rows()
    plan = {"pay": [p.Log(), p.Standardize()], "*": None, "town": p.OneHot()}
    model, schema = adapt(TABLE, x, plan)
    found = model({k: tf.constant(v) for k, v in x.items()}).numpy()
    logs = np.log1p(x["pay"].astype("float64"))
    expected = (logs - logs.mean()) / logs.std()
    assert np.allclose(found[:, 0], expected, atol=1e-5)
    assert schema.columns[2].vocabulary == ("Oslo", "Rom")
    assert found.shape == (300, 4)


def test_star_takes_the_columns_that_fit():
    model, _ = adapt(TABLE, rows(), {"*": p.Scale(), "town": p.Hashing(4)})
    layers = [type(layer).__name__ for layer in model.layers]
    # Both numbers share one layer; the other category keeps the default.
    assert layers.count("Scale") == 1 and layers.count("Encode") == 1
    x = {k: tf.constant(v) for k, v in rows().items()}
    assert model(x).shape[1] == len(set(rows()["day"])) + 1 + 2 + 1


def test_a_chain_after_a_learner_is_exact_where_the_sample_is_whole():
    x = RANDOM.lognormal(size=(2000, 3)).astype("float32")
    plan = [p.Power(), p.Standardize(), p.Quantile(quantiles=100)]
    chain = p.Chain(plan)
    for part in np.array_split(x, 9):
        chain.update(part)
    found = x
    for layer in chain.finish():
        found = layer(found)
    peer = make_pipeline(
        PowerTransformer(standardize=False),
        StandardScaler(),
        QuantileTransformer(n_quantiles=100, subsample=None),
    )
    expected = peer.fit_transform(x.astype("float64"))
    assert np.allclose(found, expected, atol=1e-4)


def test_a_chain_after_a_learner_is_near_on_a_long_stream():
    x = RANDOM.lognormal(size=(200_000, 1)).astype("float32")
    chain = p.Chain([p.RobustScale(), p.Standardize()])
    for part in np.array_split(x, 50):
        chain.update(part)
    first, second = chain.finish()
    peer = RobustScaler().fit(x.astype("float64"))
    assert np.allclose(first.learnt["median"], peer.center_, rtol=2e-3)
    scaled = peer.transform(x.astype("float64"))
    error = scaled.std() / np.sqrt(2**16)
    assert abs(second.mean[0] - scaled.mean()) < 5 * error


def test_nothing_is_read_where_nothing_is_learnt():
    batches = Once(np.zeros((4, 2, 2, 1), "uint8"))
    plan = [p.Scale(source_low=0, source_high=255)]
    model, _ = adapt(Schema("image", (2, 2, 1)), batches, plan)
    assert batches.calls == 0 and model.output_shape == (None, 2, 2, 1)


def sounds(n=6, samples=1600):
    return RANDOM.uniform(-1, 1, (n, samples)).astype("float32")


KINDS = {
    "image": (
        Schema("image", (4, 4, 3)),
        RANDOM.integers(0, 256, (9, 4, 4, 3)).astype("uint8"),
        [p.Scale(axis="image"), p.Standardize(axis="feature")],
    ),
    "video": (
        Schema("video", (3, 4, 4, 1)),
        RANDOM.integers(0, 256, (5, 3, 4, 4, 1)).astype("uint8"),
        [p.Scale(), p.Standardize()],
    ),
    "audio": (
        Schema("audio", (1600,), rate=8000),
        sounds(),
        [p.PCEN(mels=8), p.RobustScale()],
    ),
    "text": (
        Schema("text", ()),
        np.array(["A b!", "b c, é", "", "d"], dtype=object),
        [p.CleanText(accents="strip"), p.WordPiece(size=20, length=5)],
    ),
    "tokens": (
        Schema("tokens", (3,)),
        np.array([["a", "b", ""], ["B", "", ""]], dtype=object),
        [p.CleanText(), p.Words(size=9)],
    ),
}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("planned", [False, True])
def test_every_kind_is_saved_streamed_and_read_once(name, planned, tmp_path):
    schema, x, plan = KINDS[name]
    batches = Once(x, 2)
    model, same = adapt(schema, batches, plan if planned else None)
    assert batches.calls == 1 and same == schema
    assert not any(part.learnt for part in plan)
    raw = tf.constant(x if x.dtype == object else x.astype("float32"))
    direct = model(raw).numpy()
    stream = tf.data.Dataset.from_tensor_slices(raw).batch(2).map(model)
    assert np.array_equal(np.concatenate(list(stream)), direct)
    model.save(tmp_path / "prepare.keras")
    again = keras.saving.load_model(tmp_path / "prepare.keras")
    assert np.array_equal(again(raw), direct)
    expected = "int32" if name in ("text", "tokens") else "float32"
    assert direct.dtype == expected


def test_defaults_of_sounds_and_videos_are_standard():
    model, _ = adapt(*KINDS["audio"][:2])
    found = model(KINDS["audio"][1]).numpy()
    assert np.allclose(found.mean((0, 1)), 0, atol=1e-3)
    assert np.allclose(found.std((0, 1)), 1, atol=1e-3)
    schema, x, _ = KINDS["video"]
    found = adapt(schema, x)[0](x.astype("float32")).numpy()
    assert abs(found.mean()) < 1e-4 and abs(found.std() - 1) < 1e-4


def test_only_train_is_learnt_from():
    x = {
        "number": np.r_[np.zeros(50), np.full(50, 9.0)],
        "place": np.array(["a", "b"] * 50),
    }
    data = kg.data.load((x, np.arange(100) % 2))
    train = data.splits["train"].x
    again, _ = adapt(dataclasses.replace(data.schema), train)
    assert again.get_config() == data.prepare.get_config()
    mean = data.prepare.get_layer("encode").columns[0]["mean"]
    assert mean == pytest.approx(float(train["number"].mean()))


def test_the_default_is_exact_up_to_its_bound_and_near_beyond():
    def batches(n):
        random = np.random.default_rng(0)
        for _ in range(n // 1000):
            values = random.lognormal(size=1000).astype("float32")
            values[random.random(1000) < 0.3] = np.nan
            yield {"a": values}

    schema = Schema("table", (1,), columns=(Column("a"),))
    for n, tolerance in ((60_000, 1e-12), (300_000, 2e-3)):
        model, _ = adapt(schema, lambda n=n: batches(n))
        values = np.concatenate([b["a"] for b in batches(n)]).astype("float64")
        median = np.nanmedian(values)
        told = model.get_layer("encode").columns[0]
        assert told["median"] == pytest.approx(median, rel=tolerance)
        filled = np.where(np.isnan(values), told["median"], values)
        assert told["mean"] == pytest.approx(filled.mean(), rel=1e-9)
        assert told["scale"] == pytest.approx(filled.std(), rel=1e-9)


@pytest.mark.slow
def test_memory_is_bounded_on_a_long_stream():
    def batches(n):
        random = np.random.default_rng(0)
        for _ in range(n):
            yield {
                "a": random.normal(size=10_000).astype("float32"),
                "b": random.integers(0, 9, 10_000).astype(str).astype(object),
            }

    columns = (Column("a"), Column("b", "category"))
    schema = Schema("table", (2,), columns=columns)
    plan = {"a": [p.Impute(), p.Quantile(), p.Standardize()]}
    peaks = []
    for n in (20, 100):
        tracemalloc.start()
        adapt(schema, lambda n=n: batches(n), plan)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # Five times the stream: the same peak, but for a level of the sketch.
    assert peaks[1] < 1.2 * peaks[0]


def test_old_ways_to_hand_in_examples_go_on():
    x = RANDOM.integers(0, 256, (30, 4, 4, 1)).astype("uint8")
    schema = Schema("image", (4, 4, 1))
    ways = (
        x,
        iter([x[:7], x[7:]]),
        lambda: [x],
        (x[i : i + 1] for i in range(30)),
    )
    found = [adapt(schema, way)[0](x.astype("float32")).numpy() for way in ways]
    for each in found:
        assert np.allclose(each, found[0], atol=1e-6)
    expected = (x - x.mean(dtype="float64")) / x.std(dtype="float64")
    assert np.allclose(found[0], expected, atol=1e-5)


def test_plans_that_do_not_fit_are_refused():
    image = Schema("image", (4, 4, 1))
    text = Schema("text", ())
    cases = (
        (TABLE, {"agee": p.Log()}, ValueError, "Did you mean 'age'"),
        (TABLE, [p.Log()], TypeError, "`plan` must be of type Mapping"),
        (TABLE, {"age": p.Log}, TypeError, "with brackets"),
        (TABLE, {"age": 3}, TypeError, "must hold transforms"),
        (TABLE, {"age": "logg"}, ValueError, "Did you mean 'log'"),
        (TABLE, {"age": {"unit": 1}}, TypeError, "must have a `name`"),
        (
            TABLE,
            {"town": p.Log()},
            ValueError,
            "column 'town', Log takes numbers",
        ),
        (TABLE, {"town": []}, ValueError, "must be numbers"),
        (
            TABLE,
            {"age": p.LogMel(8000)},
            ValueError,
            "LogMel is for audio data",
        ),
        (TABLE, {"age": p.Words()}, ValueError, "Words takes strings"),
        (TABLE, {"*": None, "age": None}, ValueError, "must keep a column"),
        (image, [p.OneHot()], ValueError, "takes \\(batch"),
        (image, p.Words(), ValueError, "Words takes strings"),
        (text, p.CleanText(), ValueError, "must be numbers"),
        (
            text,
            [p.Words(), p.CleanText()],
            ValueError,
            "CleanText takes strings",
        ),
        (image, {"age": p.Log()}, TypeError, "must have a `name`"),
    )
    for schema, plan, error, words in cases:
        batches = rows() if schema is TABLE else np.zeros((2, 4, 4, 1))
        with pytest.raises(error, match=words):
            adapt(schema, batches, plan)


def test_a_split_without_examples_is_refused():
    for batches in (np.zeros((0, 4, 4, 1)), lambda: iter(())):
        with pytest.raises(ValueError, match="must be examples to learn from"):
            adapt(Schema("image", (4, 4, 1)), batches)


def test_half_precision_leaves_preparation_alone():
    x = RANDOM.normal(1000, 1, (50, 4, 4, 1)).astype("float32")
    schema = Schema("image", (4, 4, 1), 0.0, 2000.0)
    before = adapt(schema, x)[0](x).numpy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        after = adapt(schema, x)[0](x).numpy()
    finally:
        keras.config.set_dtype_policy("float32")
    assert after.dtype == "float32" and np.array_equal(before, after)


def test_every_transform_is_a_registered_part():
    names = {t for t in p.__all__ if isinstance(getattr(p, t), type)}
    layers = {t for t in names if issubclass(getattr(p, t), p.Transform)}
    found = {part.__name__ for part in parts("prepare").values()}
    assert found == layers - {"Transform"}


def test_the_same_plan_gives_the_same_names():
    plan = {"pay": [p.Log(), p.Standardize()], "age": p.Impute()}
    one, two = (adapt(TABLE, rows(), plan)[0].get_config() for _ in "12")
    assert one == two
    schema, x, plan = KINDS["text"]
    one, two = (adapt(schema, x, plan)[0].get_config() for _ in "12")
    assert one == two


def test_load_takes_a_plan_and_a_recipe_writes_it():
    plan = {"alcohol": [p.Log(), p.Standardize()], "*": "robust_scale"}
    data = kg.data.load("wine", prepare=plan)
    told = json.loads(json.dumps(p.write_plan(plan)))
    same = kg.data.load("wine", prepare=told)
    plain = kg.data.load("wine")
    assert data.fingerprint() == same.fingerprint() != plain.fingerprint()
    assert np.array_equal(data.tensors("test")[0], same.tensors("test")[0])
    fold = data.folds(3)[0]
    names = [type(layer).__name__ for layer in fold.prepare.layers]
    assert "RobustScale" in names and "Log" in names
    recipe = kg.Recipe(data={"source": "wine", "prepare": told})
    again = kg.Recipe.from_dict(json.loads(json.dumps(recipe.to_dict())))
    assert again.data["prepare"] == told


def test_columns_may_have_the_names_of_layers():
    names = ("encode", "join", "encode_stack", "log")
    schema = Schema("table", (4,), columns=tuple(map(Column, names)))
    x = {name: RANDOM.normal(size=9).astype("float32") for name in names}
    model, _ = adapt(
        schema, x, {"log": "log", "encode_stack": ["log", "scale"]}
    )
    assert model(x).shape == (9, 4)
    assert adapt(schema, x)[0](x).shape == (9, 4)


def test_a_column_may_be_called_name():
    schema = Schema("table", (1,), columns=(Column("name", "category"),))
    told = p.write_plan({"name": "one_hot"}, "table")
    assert list(told) == ["name"] and told["name"][0]["name"] == "one_hot"
    x = {"name": np.array(["a", "b"], dtype=object)}
    assert adapt(schema, x, told)[0].output_shape == (None, 3)
    assert p.write_plan({"name": "log"}) == [{"name": "log", "unit": 1.0}]
