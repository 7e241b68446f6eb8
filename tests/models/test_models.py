"""models: sizes, wrong arguments, and the momentum that small data need."""

import keras
import numpy as np
import pytest

from kerasgen import models
from kerasgen.core import set_seed, split


@pytest.mark.parametrize(
    "call, words",
    [
        (
            lambda: models.image_classifier((8, 8), 3),
            "3 positive whole numbers",
        ),
        (
            lambda: models.image_classifier((8, 8, 0), 3),
            "3 positive whole numbers",
        ),
        (lambda: models.image_classifier((8, 8, 1), 1), "at least 2"),
        (lambda: models.image_classifier((8, 8, 1), "3"), "type int"),
        (lambda: models.tabular_classifier(6, 3), "type tuple or list"),
        (lambda: models.tabular_classifier((6,), 3, size="huge"), "'base'"),
        (lambda: models.tabular_regressor((6,), depth=-1), "depth"),
        (
            lambda: models.tabular_regressor((6,), normalize_inputs="yes"),
            "normalize_inputs",
        ),
    ],
)
def test_wrong_arguments_are_refused(call, words):
    with pytest.raises((ValueError, TypeError), match=words):
        call()


@pytest.mark.parametrize(
    "shape", [(4, 4, 1), (8, 8, 1), (33, 20, 3), (64, 64, 3)]
)
def test_any_image_size_ends_with_a_small_grid(shape):
    model = models.image_classifier(shape, 3, size="small")
    grid = model.get_layer("pool").input.shape[1:3]
    assert max(grid) <= max(16, max(shape) // 4) and min(grid) >= 1


def test_stated_parameter_counts_hold():
    counts = [
        models.image_classifier((32, 32, 3), 10, size=size).count_params()
        for size in ("tiny", "small", "base")
    ]
    assert 4e3 < counts[0] < 6e3 and 2.5e5 < counts[1] < 3.5e5
    assert 1.0e7 < counts[2] < 1.2e7


@pytest.mark.parametrize(
    "normalization",
    [
        "batch",
        *(
            pytest.param(n, marks=pytest.mark.slow)
            for n in ("group", "layer", "none")
        ),
    ],
)
def test_every_normalization_trains(normalization):
    set_seed(0)
    model = models.image_classifier(
        (8, 8, 1), 2, size="tiny", normalization=normalization
    )
    y = np.arange(16) % 2
    x = np.random.default_rng(0).normal(
        y[:, None, None, None], 0.3, (16, 8, 8, 1)
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.02), loss)
    losses = model.fit(x, y, epochs=15, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_moving_statistics_follow_within_a_hundred_steps():
    """Keras's momentum would leave a third of the way after 100 steps."""
    model = models.tabular_classifier((4,), 2, size="tiny")
    norm = model.get_layer("norm0")
    x = np.random.default_rng(0).normal(5.0, 1.0, (64, 4)).astype("float32")
    for _ in range(100):
        model(x, training=True)
    mean = np.asarray(model.get_layer("dense0")(x)).mean(0)
    assert np.allclose(
        keras.ops.convert_to_numpy(norm.moving_mean), mean, rtol=1e-3
    )


def test_depth_zero_is_a_linear_model_of_columns_on_their_own_scale():
    model = models.tabular_classifier(
        (3,), 2, depth=0, dropout=0.0, normalize_inputs=True
    )
    x = np.random.default_rng(0).normal(5.0, (1, 2, 4), (256, 3))
    for _ in range(100):
        model(x, training=True)
    weights, bias = (np.asarray(w) for w in model.get_layer("head").weights)
    expected = (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-3) @ weights + bias
    assert np.allclose(np.asarray(model(x)), expected, atol=1e-3)
    assert len(model.trainable_variables) == 2


def test_a_linear_model_has_a_head_to_cut_at():
    model = models.tabular_regressor((3,), depth=0, dropout=0.0)
    features, head = split(model)
    x = np.ones((2, 3), "float32")
    assert np.allclose(np.asarray(features(x)), x)
    assert np.allclose(np.asarray(head(features(x))), np.asarray(model(x)))


def test_the_width_of_a_net_for_sounds_doubles_from_stage_to_stage():
    model = models.audio_classifier((8, 8), 2, size="small", width=4)
    assert model.get_layer("stem").filters == 4
    assert model.get_layer("head").kernel.shape == (16, 2)
