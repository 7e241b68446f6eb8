"""online: statistics by hand, TENT's move, EATA's choice, the guard."""

import keras
import numpy as np
import pytest

import kerasgen as kg
from kerasgen.core import set_seed
from kerasgen.online import (
    EATA,
    TENT,
    BatchStatistics,
    Memory,
    StreamNormalization,
    restated,
)

RANDOM = np.random.default_rng(0)


def net(norm="batch"):
    set_seed(0)
    return kg.image_classifier((8, 8, 1), 3, size="tiny", normalization=norm)


def images(n=30, seed=1):
    draw = np.random.default_rng(seed)
    return draw.normal(1.0, 2.0, (n, 8, 8, 1)).astype("float32")


@pytest.mark.parametrize("alpha, prior", [(1.0, 0.0), (0.5, 0.0), (0.8, 30.0)])
def test_statistics_are_mixed(alpha, prior):
    layer = StreamNormalization(alpha=alpha, prior=prior)
    x = RANDOM.normal(2, 3, (10, 5, 4)).astype("float32")
    layer.build(x.shape)
    values = [RANDOM.uniform(0.5, 2.0, 4).astype("float32") for _ in range(4)]
    layer.set_weights(values)
    gamma, beta, mean, variance = values
    share = alpha * 10 / (10 + prior)
    mean = (1 - share) * mean + share * x.mean((0, 1))
    variance = (1 - share) * variance + share * x.var((0, 1))
    want = gamma * (x - mean) / np.sqrt(variance + layer.epsilon) + beta
    assert np.allclose(layer(x), want, atol=1e-4)
    assert np.array_equal(layer.moving_mean, values[2])


def test_channels_first_and_masks():
    x = RANDOM.normal(2, 3, (10, 4, 5)).astype("float32")
    first = StreamNormalization(axis=1, prior=0.0)(x)
    last = StreamNormalization(prior=0.0)(x.transpose(0, 2, 1))
    assert np.allclose(first, np.asarray(last).transpose(0, 2, 1), atol=1e-5)
    x, mask = x.transpose(0, 2, 1), np.arange(5)[None] < 3
    mask = np.repeat(mask, 10, 0)
    found = StreamNormalization(prior=0.0)(x, mask=mask)
    alone = StreamNormalization(prior=0.0)(x[:, :3])
    assert np.allclose(found[:, :3], alone, atol=1e-5)


def test_without_a_share_it_is_the_model():
    model, x = net(), images()
    same = BatchStatistics(model, alpha=0.0).predict(x, verbose=0)
    assert np.allclose(same, model.predict(x, verbose=0), atol=1e-5)


def test_models_inside_models_are_found():
    inner = net()
    inputs = keras.Input((8, 8, 1))
    outer = keras.Model(inputs, inner(keras.layers.Rescaling(2.0)(inputs)))
    x = images()
    plain = BatchStatistics(inner, prior=0.0)(2.0 * x)
    assert np.allclose(BatchStatistics(outer, prior=0.0)(x), plain, atol=1e-5)
    flat = keras.Sequential([keras.layers.BatchNormalization()])
    flat(np.ones((2, 3), "float32"))
    assert restated(flat)(np.ones((2, 3))).shape == (2, 3)


def test_hidden_normalization_is_refused():
    class Hidden(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.norm = keras.layers.BatchNormalization()

        def call(self, x):
            return self.norm(x)

    inputs = keras.Input((3,))
    model = keras.Model(inputs, Hidden()(inputs))
    with pytest.raises(ValueError, match="hidden in another layer.*functional"):
        BatchStatistics(model)

    class Own(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(ValueError, match="functional or sequential"):
        TENT(Own())


@pytest.mark.parametrize("norm", ["batch", "group", "layer"])
def test_tent_lowers_entropy_by_scale_and_offset_alone(norm):
    live, x = TENT(net(norm), learning_rate=0.01, prior=0.0), images()
    before = {v.path: np.array(v) for v in live.model.variables}

    def entropy():
        logits = np.asarray(live(x), "float64")
        p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        return -(p * np.log(p)).sum(1).mean()

    first = entropy()
    for _ in range(5):
        live.predict(x, batch_size=30, verbose=0)
    assert entropy() < first
    for variable in live.model.variables:
        moved = not np.array_equal(before[variable.path], np.array(variable))
        assert moved == variable.path.endswith(("gamma", "beta"))


def test_tent_answers_before_it_moves():
    live, x = TENT(net(), learning_rate=0.1), images()
    want = np.asarray(live(x))
    found = live.predict(x, batch_size=30, verbose=0)
    assert np.allclose(found, want, atol=1e-5)


def test_eata_learns_from_the_sure_and_new():
    live = EATA(net(), entropy=0.5, likeness=0.9)
    logits = np.array(
        [[9.0, 0, 0], [0, 9.0, 0], [0.1, 0, 0], [8.0, 0, 0]], "float32"
    )
    live.usual.assign([0.0, 0.1, 1.0])
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    entropy = -(p * np.log(p)).sum(1)
    limit = 0.5 * np.log(3)
    taught = [0, 1, 3]
    weight = np.exp(limit - entropy[taught])
    want = (weight * entropy[taught]).mean()
    found = live.loss_of(logits, np.ones(4, "float32"))
    assert np.isclose(found, want, rtol=1e-3)
    usual = 0.9 * np.array([0.0, 0.1, 1.0]) + 0.1 * p[taught].mean(0)
    assert np.allclose(live.usual, usual, atol=1e-6)
    live.usual.assign([1.0, 0.0, 0.0])
    want = np.exp(limit - entropy[1]) * entropy[1]
    found = live.loss_of(logits, np.ones(4, "float32"))
    assert np.isclose(found, want, rtol=1e-3)


@pytest.mark.slow
def test_eata_is_tied_to_the_source():
    x, gaps = images(), []
    for hold in (0.0, 1e4):
        live = EATA(net(), learning_rate=0.02, hold=hold, entropy=1.0)
        live.anchor([x[:15], (x[15:], None)])
        assert all(float(np.min(v)) >= 0 for v in live.importance)
        assert max(float(np.max(v)) for v in live.importance) > 0
        for _ in range(5):
            live.predict(x, batch_size=30, verbose=0)
        gaps.append(
            sum(
                float(np.sum(w * np.square(np.array(v) - np.array(h))))
                for w, v, h in zip(
                    live.importance, live.moved, live.home, strict=True
                )
            )
        )
    assert gaps[1] < 0.5 * gaps[0]
    with pytest.raises(ValueError, match="must be a batch"):
        live.anchor([])


def test_the_memory_holds_the_latest_of_each_class():
    memory = Memory(6, (1,), 3)
    draw, seen = np.random.default_rng(0), []
    assert float(memory.variety()) == 0.0
    for step in range(6):
        label = draw.choice(3, 5, p=[0.7, 0.25, 0.05])
        x = 10.0 * step + np.arange(5.0)[:, None]
        memory.update(x.astype("float32"), label)
        seen += list(zip(x.ravel(), label, strict=True))
        held = np.array(memory.x).ravel()[np.array(memory.label) >= 0]
        by = [[v for v, c in seen[::-1] if c == k] for k in range(3)]
        want, depth = [], 0
        while len(want) < min(6, len(seen)):
            layer = sorted(b[depth] for b in by if len(b) > depth)[::-1]
            want += layer[: 6 - len(want)]
            depth += 1
        assert sorted(held) == sorted(want)
    memory.clear()
    assert float(memory.rows().numpy().sum()) == 0.0


@pytest.fixture(scope="module")
def task():
    """A trained net, shifted images, and their classes in turn."""
    draw = np.random.default_rng(0)
    y = np.arange(600) % 3
    x = draw.normal(0, 0.6, (600, 8, 8, 1))
    for k in range(3):
        x[y == k, 2 * k : 2 * k + 3] += 1.5
    model = net()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss)
    model.fit(x[:300], y[:300], epochs=6, verbose=0)
    return model, (2.0 * x[300:] + 1.0).astype("float32"), y[300:]


def share(live, x, y):
    logits = live.predict(x, batch_size=30, verbose=0)
    return float((np.argmax(logits, -1) == y).mean())


@pytest.mark.slow
def test_classes_in_turn_ruin_tent_but_not_with_a_memory(task):
    model, x, y = task
    order = np.argsort(y, kind="stable")
    plain = share(model, x, y)
    bare = TENT(model, learning_rate=0.03, prior=0.0)
    guarded = TENT(model, learning_rate=0.03, memory=60)
    mixed = share(bare, x, y)
    bare.reset()
    ruined = share(bare, x[order], y[order])
    held = share(guarded, x[order], y[order])
    assert ruined < mixed - 0.2
    assert held > max(plain, ruined + 0.2) - 0.05, (plain, mixed, ruined, held)


@pytest.mark.slow
def test_ruined_weights_go_home(task):
    model, x, y = task
    live = TENT(model, memory=60)
    live.predict(x, batch_size=30, verbose=0)
    for variable in live.moved:
        # No scale: all examples give one answer.
        variable.assign(np.zeros(variable.shape))
    live.predict(x[:30], batch_size=30, verbose=0)
    for place, variable in zip(live.home, live.moved, strict=True):
        assert np.array_equal(np.array(place), np.array(variable))


def test_a_loss_that_is_no_number_moves_nothing():
    live = TENT(net())
    live.predict(images() * np.nan, batch_size=30, verbose=0)
    for place, variable in zip(live.home, live.moved, strict=True):
        assert np.array_equal(np.array(place), np.array(variable))


def test_a_memory_needs_logits_of_classes():
    model = kg.tabular_regressor((4,), size="tiny")
    with pytest.raises(ValueError, match="Pass memory=0"):
        BatchStatistics(model, memory=8)
    with pytest.raises(ValueError, match="TENT takes other shapes"):
        EATA(model)
