"""Dropout and noise: expectations, shapes of what is dropped, gradients."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy.ndimage import binary_opening

from kerasgen.core import input_gradient, value_and_gradients
from kerasgen.layers import (
    ConcreteDropout,
    DropBlock,
    DropPath,
    JacobianPenalty,
    LockedDropout,
    OrthogonalPenalty,
    ShakeDrop,
    SpreadNoise,
    WordDropout,
)


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(0, 1, shape).astype("float32")


@pytest.mark.parametrize(
    "layer, shape",
    [
        (DropBlock(0.3, block=3, seed=0), (400, 8, 8, 4)),
        (DropBlock(0.3, block=2, seed=0), (2000, 9, 4)),
        (DropPath(0.3, seed=0), (20000, 2)),
        (LockedDropout(0.3, seed=0), (2000, 3, 8)),
        (ConcreteDropout(0.3, seed=0), (2000, 16)),
        (SpreadNoise(0.5, seed=0), (2000, 16)),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_mean_in_training_is_inference(layer, shape):
    x = np.ones(shape, "float32")
    assert np.array_equal(layer(x), x)
    found = np.asarray(layer(x, training=True))
    assert abs(found.mean() - 1.0) < 0.02
    assert layer(np.ones((2, *shape[1:])), training=True).shape[0] == 2


def test_shake_drop_is_its_mean_at_inference():
    layer = ShakeDrop(0.4, seed=0)
    found = np.asarray(layer(np.ones((50000, 1), "float32"), training=True))
    assert abs(found.mean() - 0.6) < 0.01
    assert np.allclose(layer(np.ones((1, 1))), 0.6)
    # Shaken both ways, between -1 and 1; the others stay.
    assert np.isclose((found == 1.0).mean(), 0.6, atol=0.01)
    assert -1.0 <= found.min() < -0.9


def test_shake_drop_s_gradient_is_another_number():
    layer = ShakeDrop(0.4, seed=0)
    x = np.ones((20000, 1), "float32")
    seen = input_gradient(lambda x: layer(x, training=True), x)
    seen = np.asarray(seen)
    assert np.isclose((seen == 1.0).mean(), 0.6, atol=0.02)
    assert seen.min() >= 0.0 and abs(seen.mean() - 0.8) < 0.01


@pytest.mark.parametrize("block", [1, 3, 5])
def test_drop_block_drops_whole_blocks_at_its_rate(block):
    layer = DropBlock(0.2, block=block, seed=1)
    found = np.asarray(layer(np.ones((300, 12, 12, 4)), training=True))
    gone = found == 0.0
    assert 0.15 < gone.mean() < 0.22
    # Each dropped place lies in a block of dropped ones.
    for n in range(20):
        opened = binary_opening(gone[n, :, :, 0], np.ones((block, block)))
        assert np.array_equal(opened, gone[n, :, :, 0])
    # Each channel has blocks of its own.
    assert not np.array_equal(gone[..., 0], gone[..., 1])


def test_drop_block_s_rate_grows():
    layer = DropBlock(0.5, block=1, ramp=10, seed=0)
    x = np.ones((64, 8, 8, 4), "float32")
    shares = [
        (np.asarray(layer(x, training=True)) == 0).mean() for _ in range(12)
    ]
    assert shares[0] == 0.0 and abs(shares[5] - 0.25) < 0.02
    assert abs(shares[11] - 0.5) < 0.02


def test_a_block_greater_than_the_map_drops_the_map():
    found = np.asarray(
        DropBlock(0.5, block=7, seed=0)(np.ones((500, 3, 2)), training=True)
    )
    gone = (found == 0.0).mean(1)
    assert set(np.unique(gone)) == {0.0, 1.0} and 0.45 < gone.mean() < 0.55


def test_drop_path_drops_examples_and_locked_dropout_channels():
    x = draw(64, 5, 6)
    gone = np.asarray(DropPath(0.5, seed=0)(x, training=True)) == 0
    assert set(np.unique(gone.mean((1, 2)))) == {0.0, 1.0}
    ours = np.asarray(LockedDropout(0.5, seed=3)(x, training=True))
    gone = ours == 0
    assert set(np.unique(gone.mean(1))) == {0.0, 1.0}
    keras_s = keras.layers.SpatialDropout1D(0.5, seed=3)(x, training=True)
    assert np.allclose(ours, keras_s)
    frames = np.ones((8, 5, 4, 6), "float32")
    kept = np.asarray(LockedDropout(0.5, seed=0)(frames, training=True))
    assert np.array_equal(kept, np.repeat(kept[:, :1], 5, 1))


def test_word_dropout_takes_tokens_and_leaves_padding():
    tokens = np.tile(np.array([[5, 6, 7, 0]]), (2000, 1))
    found = np.asarray(
        WordDropout(0.3, unknown=1, seed=0)(tokens, training=True)
    )
    assert np.all(found[:, 3] == 0) and found.dtype == tokens.dtype
    assert abs((found[:, :3] == 1).mean() - 0.3) < 0.02
    assert np.all((found == 1) | (found == tokens))


def test_spread_noise_is_as_large_as_each_channel():
    x = draw(20000, 2) * np.array([0.1, 5.0], "float32")
    noise = np.asarray(SpreadNoise(0.5, seed=0)(x, training=True)) - x
    assert np.allclose(noise.std(0), 0.5 * x.std(0), rtol=0.03)


def test_concrete_dropout_s_loss_is_the_entropy_of_its_rate():
    layer = ConcreteDropout(0.2, weight=0.5)
    layer(np.ones((2, 8)), training=True)
    entropy = -(0.2 * np.log(0.2) + 0.8 * np.log(0.8))
    assert np.isclose(float(layer.losses[0]), -0.5 * 8 * entropy, atol=1e-5)


@pytest.mark.parametrize("useful", [False, True])
def test_concrete_dropout_s_rate_falls_where_nothing_may_be_dropped(useful):
    """Inputs that matter pull the rate down, inputs that don't let it rise."""
    layer = ConcreteDropout(0.3, weight=0.05, seed=0)
    x = ops.convert_to_tensor(draw(512, 4))
    layer.build(x.shape)
    kernel = float(useful)

    def objective():
        kept = layer(x, training=True)
        error = kernel * ops.sum(kept - x, -1)
        return {"task": ops.mean(error**2), "rate": layer.losses[0]}, None

    _, _, (slope,) = value_and_gradients(objective, [layer.logit])
    assert slope > 0.01 if useful else slope < -0.01


def test_orthogonal_penalty_is_zero_for_orthonormal_filters():
    penalty = OrthogonalPenalty(1.0)
    q, _ = np.linalg.qr(draw(18, 5))
    assert float(penalty(ops.reshape(q, (3, 3, 2, 5)))) < 1e-9
    assert float(penalty(ops.convert_to_tensor(q.T))) < 1e-9
    w = draw(6, 4)
    expected = np.square(w.T @ w - np.eye(4)).sum()
    assert np.isclose(float(penalty(ops.convert_to_tensor(w))), expected)
    layer = keras.layers.Dense(3, kernel_regularizer=OrthogonalPenalty(0.1))
    back = keras.layers.Dense.from_config(layer.get_config())
    assert back.kernel_regularizer.factor == 0.1
    with pytest.raises(ValueError, match="factor"):
        OrthogonalPenalty(-1.0)


def test_jacobian_penalty_is_half_the_squared_norm():
    dense = keras.layers.Dense(3)
    layer = JacobianPenalty(dense, factor=2.0, directions=2, seed=0)
    x = draw(2000, 5)
    assert np.allclose(layer(x), dense(x)) and not layer.losses
    layer(x, training=True)
    expected = np.square(ops.convert_to_numpy(dense.kernel)).sum()
    assert np.isclose(float(layer.losses[0]), expected, rtol=0.05)


def test_jacobian_penalty_trains_and_is_saved(tmp_path):
    inputs = keras.Input((4,))
    inner = keras.Sequential([keras.layers.Dense(3, "tanh")])
    outputs = JacobianPenalty(inner, factor=1.0)(inputs)
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before = np.square(inner.layers[0].get_weights()[0]).sum()
    x = draw(32, 4)
    model.fit(x, np.zeros((32, 3)), epochs=5, verbose=0)
    assert np.square(inner.layers[0].get_weights()[0]).sum() < before
    model.save(tmp_path / "model.keras")
    back = keras.models.load_model(tmp_path / "model.keras")
    assert np.allclose(back(x), model(x))
    with pytest.raises(TypeError, match="layer"):
        JacobianPenalty("dense")
