"""attack: robust accuracy against closed forms, and attacks that fail."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasgen as kg
from kerasgen.core import set_seed
from kerasgen.evaluate import Attack
from kerasgen.evaluate.raw_model import seen_from_outside
from kerasgen.metrics import binomial


@pytest.fixture(scope="module")
def digits():
    data = kg.data.load("digits")
    set_seed(0)
    x = inputs = keras.Input(data.shape)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(32, "relu")(x)
    model = keras.Model(inputs, keras.layers.Dense(10, name="head")(x))
    method = kg.methods.ERM(model, data.task)
    method.compile({"name": "adam", "learning_rate": 0.005})
    method.fit(data.batches("train", 64), epochs=12, verbose=0)
    return model, data


def asked(model, data, **values):
    values = {"limit": 80, "epsilons": (0.05, 0.3), **values}
    answer = Attack(**values)(model, data)
    rows = {row.name: row for row in answer}
    return rows, [row for row in answer if row.metric == "violation"]


def test_an_ordinary_model_falls_and_is_not_flagged(digits, caplog):
    rows, wrong = asked(*digits)
    assert not wrong and "trust" not in caplog.text
    near, far = (
        rows[f"attack/robust_accuracy[epsilon={e}]"] for e in (0.05, 0.3)
    )
    assert near.value > far.value and far.n == 80
    assert (far.low, far.high) == tuple(binomial(far.value * 80, 80))
    assert rows["attack/worst"].value == far.value < 0.1
    for name in ("pgd", "square", "uniform_noise"):
        alone = rows[f"attack/accuracy[epsilon=0.05, attack={name}]"]
        assert alone.value >= near.value


def test_a_rounded_input_is_flagged(digits, caplog):
    model, data = digits
    inputs = keras.Input(data.shape)
    blind = keras.Model(inputs, model(ops.round(inputs)))
    rows, wrong = asked(blind, data)
    assert wrong and "not to be trusted" in wrong[0].why
    assert "Don't trust" in caplog.text
    lost = rows["attack/accuracy[attack=pgd]"]
    assert lost.value is None and "smoothly" in lost.why


def test_great_logits_hide_nothing(digits):
    model, data = digits
    inputs = keras.Input(data.shape)
    steep = keras.Model(inputs, keras.layers.Rescaling(1e4)(model(inputs)))
    rows, wrong = asked(steep, data)
    assert not wrong and rows["attack/worst"].value < 0.1


def test_shattered_slopes_are_flagged(digits, caplog):
    model, data = digits
    inputs = keras.Input(data.shape)
    # A ripple too small to see, whose slope drowns the model's.
    torn = inputs + 1e-3 * ops.sin(1e5 * inputs)
    _, wrong = asked(keras.Model(inputs, model(torn)), data)
    checks = {row.slice["check"] for row in wrong}
    assert "pgd_50 <= square" in checks
    assert "Don't trust" in caplog.text


def test_on_a_linear_model_it_is_the_margin():
    """A linear rule of two classes falls where epsilon reaches its margin."""
    draw = np.random.default_rng(0)
    x = draw.normal(0, 1, (200, 4))
    y = (x[:, 0] > 0).astype("int64")
    names = [f"c{i}" for i in range(4)]
    table = {name: x[:, i] for i, name in enumerate(names)}
    data = kg.data.load((table, y), seed=0)
    inputs = keras.Input(data.shape)
    model = keras.Model(inputs, keras.layers.Dense(2, name="head")(inputs))
    way = np.float32([[1.0], [0.2], [-0.2], [0.1]])
    model.layers[-1].set_weights([np.hstack([-way, way]), np.zeros(2, "f")])
    u, v = data.tensors("test")
    margin = (2 * v - 1) * (u @ way)[:, 0]
    for norm, dual in (
        ("inf", np.abs(way).sum()),
        ("2", np.sqrt((way**2).sum())),
    ):
        rows, wrong = asked(
            model, data, attacks="pgd", norm=norm, epsilons=(0.1, 0.5, 1.0)
        )
        assert not wrong
        for epsilon in (0.1, 0.5, 1.0):
            stands = (margin > epsilon * dual).mean()
            row = rows[f"attack/robust_accuracy[epsilon={epsilon}]"]
            assert row.value == pytest.approx(stands, abs=0.011)


def test_raw_pixels_are_what_is_changed(digits):
    model, data = digits
    whole, x, y, bounds = seen_from_outside(model, data, "test", 20)
    assert bounds == (0.0, 1.0) and 0 <= x.min() and x.max() <= 1
    u, v = data.tensors("test", 20)
    assert np.array_equal(y, v)
    assert np.allclose(whole(x), model(u), atol=1e-4)


def test_other_questions_say_why():
    data = kg.data.load("diabetes")
    model = keras.Sequential(
        [keras.Input(data.shape), keras.layers.Dense(1, name="head")]
    )
    (row,) = Attack()(model, data)
    assert row.value is None and "accuracy" in row.why


def test_unknown_attacks_and_sizes_are_refused():
    with pytest.raises(ValueError, match="Did you mean 'pgd'"):
        Attack(attacks=["pgdd"])
    with pytest.raises(ValueError, match="epsilons"):
        Attack(epsilons=(-0.1, 0.2))


def test_the_page_shows_the_curve(digits, tmp_path):
    model, data = digits
    probe = {"name": "attack", "limit": 20, "epsilons": (0.1,)}
    report = kg.evaluate(model, data, ["clean", probe])
    report.save(tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "Under attack" in text and 'id="attack-curves"' in text


def test_input_range_is_what_pixels_become(digits):
    _, data = digits
    low, high = kg.data.input_range(data)
    x, _ = data.tensors("test")
    raw = data.raw("test")
    assert np.isclose(x.min(), low + (high - low) * raw.min() / 255)
    assert np.isclose(x.max(), low + (high - low) * raw.max() / 255)
    with pytest.raises(ValueError, match="images"):
        kg.data.input_range(kg.data.load("wine"))
    each = {"name": "standardize", "axis": "image"}
    with pytest.raises(ValueError, match="scale"):
        kg.data.input_range(kg.data.load("digits", prepare=each))
