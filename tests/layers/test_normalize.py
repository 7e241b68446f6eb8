"""Normalization: values against loops and Keras's own layers."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasgen.core import set_seed
from kerasgen.layers import (
    BatchRenormalization,
    DomainNormalization,
    FilterResponse,
    InstanceNormalization,
    MixStyle,
    StandardizedConv2D,
    SwitchableNormalization,
    SwitchableWhitening,
    adapt_domains,
)
from kerasgen.layers.mix_style import restyled
from kerasgen.layers.whiten import inverse_root


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(1, 2, shape).astype("float32")


def test_instance_normalization_is_keras_group_normalization():
    x = draw(2, 4, 5, 3)
    theirs = keras.layers.GroupNormalization(-1, epsilon=1e-5)
    assert np.allclose(InstanceNormalization()(x), theirs(x), atol=1e-4)
    mask = np.arange(5)[None] < np.array([[3], [5]])
    rows = draw(2, 5, 3)
    found = InstanceNormalization()(rows, mask=mask)
    alone = InstanceNormalization()(rows[:1, :3])
    assert np.allclose(found[:1, :3], alone, atol=1e-4)
    with pytest.raises(ValueError, match="places"):
        InstanceNormalization()(draw(2, 3))


def test_filter_response_divides_by_the_root_mean_square():
    x = draw(2, 4, 5, 3)
    layer = FilterResponse()
    layer.build(x.shape)
    layer.gamma.assign([1.0, 2.0, 3.0])
    layer.beta.assign([0.0, 0.5, -0.5])
    layer.tau.assign([-1.0, 0.0, 0.2])
    root = np.sqrt(np.square(x).mean((1, 2), keepdims=True) + 1e-6)
    normal = x / root * [1, 2, 3] + [0, 0.5, -0.5]
    expected = np.maximum(normal, [-1.0, 0.0, 0.2])
    assert np.allclose(layer(x), expected, atol=1e-5)
    plain = FilterResponse(threshold=False, learns=True)
    root = np.sqrt(np.square(x).mean((1, 2), keepdims=True) + 1e-4)
    assert np.allclose(plain(x), x / root, atol=1e-3)
    assert len(plain.trainable_weights) == 3


def test_switchable_normalization_is_each_of_the_three():
    x = draw(6, 4, 3)
    layer = SwitchableNormalization(momentum=0.0)
    layer.build(x.shape)
    axes = {0: (1,), 1: (1, 2), 2: (0, 1)}
    for place, over in axes.items():
        shares = np.full(3, -50.0)
        shares[place] = 50.0
        layer.mean_shares.assign(shares)
        layer.variance_shares.assign(shares)
        gap = x - x.mean(over, keepdims=True)
        expected = gap / np.sqrt(x.var(over, keepdims=True) + 1e-5)
        assert np.allclose(layer(x, training=True), expected, atol=1e-3)
    # With momentum 0 the moving statistics are the last batch's.
    assert np.allclose(layer(x), expected, atol=1e-3)


@pytest.mark.parametrize("whose", ["batch", "example"])
def test_whitening_leaves_no_correlation(whose):
    x = draw(3, 40, 8)
    x[..., 1] += x[..., 0]
    x[..., 6] -= 0.5 * x[..., 5]
    mask = np.arange(40)[None] < np.array([[40], [30], [35]])
    layer = SwitchableWhitening(width=4, steps=20, momentum=0.0, epsilon=1e-5)
    layer.build(x.shape)
    for weight in (layer.mean_shares, layer.covariance_shares):
        weight.assign([50.0, -50.0] if whose == "batch" else [-50.0, 50.0])
    found = np.asarray(layer(x, mask=mask, training=True))
    parts = (
        [mask]
        if whose == "batch"
        else [mask & r for r in np.eye(3)[..., None] > 0]
    )
    for shown in parts:
        rows = found[shown]
        assert np.allclose(rows.mean(0), 0.0, atol=1e-3)
        for group in (rows[:, :4], rows[:, 4:]):
            assert np.allclose(np.cov(group.T, bias=True), np.eye(4), atol=0.01)
    # With momentum 0 inference has the batch's statistics.
    same = np.allclose(
        np.asarray(layer(x, mask=mask))[mask], found[mask], atol=1e-3
    )
    assert same


def test_newton_s_iteration_is_the_inverse_root():
    root = draw(5, 5) + 4.0 * np.eye(5, dtype="float32")
    values, vectors = np.linalg.eigh(root @ root.T)
    expected = vectors / np.sqrt(values) @ vectors.T
    found = inverse_root(ops.convert_to_tensor(root @ root.T), 30)
    assert np.allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize("scaled", [False, True])
def test_standardized_convolution_is_one_by_a_standardized_kernel(scaled):
    x = draw(2, 6, 6, 3)
    layer = StandardizedConv2D(4, scaled=scaled)
    found = layer(x)
    kernel = ops.convert_to_numpy(layer.kernel)
    kernel = kernel - kernel.mean((0, 1, 2))
    kernel = kernel / np.sqrt(kernel.var((0, 1, 2)) + 1e-5)
    if scaled:
        kernel = kernel / np.sqrt(27)
    plain = keras.layers.Conv2D(4, 3, padding="same")
    plain.build(x.shape)
    plain.set_weights([kernel, np.zeros(4)])
    assert np.allclose(found, plain(x), atol=1e-3)
    # The mean of the inputs doesn't come through.
    inside = np.asarray(layer(x + 100.0) - found)[:, 1:-1, 1:-1]
    assert np.abs(inside).max() < 1e-2


def test_scaled_convolutions_keep_the_spread():
    x = np.random.default_rng(0).normal(0, 1, (8, 16, 16, 32))
    layer = StandardizedConv2D(64, scaled=True, padding="valid")
    assert abs(np.asarray(layer(x)).std() - 1.0) < 0.1


def test_renormalization_starts_as_batch_normalization():
    x = draw(8, 3)
    layer = BatchRenormalization(ramp=10)
    plain = keras.layers.BatchNormalization(momentum=0.9)
    for _ in range(2):
        ours = np.asarray(layer(x, training=True))
        theirs = np.asarray(plain(x, training=True))
        gap = np.abs(ours - theirs).max()
        # At first alike, then towards the moving statistics.
        assert gap < 1e-5 if _ == 0 else 1e-3 < gap
    assert np.allclose(layer.moving_mean, plain.moving_mean, atol=1e-6)


def test_renormalization_within_its_limits_is_inference():
    x = draw(64, 3)
    layer = BatchRenormalization(r_max=100.0, d_max=100.0)
    layer.build(x.shape)
    before = np.asarray(layer(x))
    assert np.allclose(layer(x, training=True), before, atol=1e-4)
    # Beyond them: r is 1/2 to 2 and d at most 1 in size.
    layer = BatchRenormalization(r_max=2.0, d_max=1.0)
    layer.build(x.shape)
    normal = (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-3)
    r = np.clip(np.sqrt(x.var(0) + 1e-3) / np.sqrt(1.001), 0.5, 2.0)
    d = np.clip(x.mean(0) / np.sqrt(1.001), -1.0, 1.0)
    assert np.allclose(layer(x, training=True), normal * r + d, atol=1e-4)
    with pytest.raises(ValueError, match="last axis"):
        BatchRenormalization(axis=1)


def test_one_domain_is_batch_normalization():
    x, zeros = draw(8, 5, 3), np.zeros(8, "int32")
    mask = np.arange(5)[None] < np.arange(1, 9)[:, None] % 5 + 1
    ours = DomainNormalization(1)
    theirs = keras.layers.BatchNormalization(momentum=0.9)
    for mode in (True, False):
        found = np.asarray(ours(x, zeros, x_mask=mask, training=mode))
        expected = np.asarray(theirs(x, mask=mask, training=mode))
        assert np.allclose(found[mask], expected[mask], atol=1e-4)


@pytest.mark.parametrize("affine", ["own", "shared"])
def test_each_domain_has_its_own_statistics(affine):
    x = draw(12, 3)
    domain = np.array([0] * 5 + [2] * 7)
    x[5:] = x[5:] * 3.0 + 10.0
    layer = DomainNormalization(3, momentum=0.0, epsilon=0.0, affine=affine)
    found = np.asarray(layer(x, domain, training=True))
    for rows in (slice(5), slice(5, 12)):
        normal = (x[rows] - x[rows].mean(0)) / x[rows].std(0)
        assert np.allclose(found[rows], normal, atol=1e-3)
    assert np.allclose(layer(x, domain), found, atol=1e-3)
    # A strange domain, and one that was never seen: the mixture of both.
    mean = (x[:5].mean(0) + x[5:].mean(0)) / 2
    square = (np.square(x[:5]).mean(0) + np.square(x[5:]).mean(0)) / 2
    normal = (x - mean) / np.sqrt(square - mean**2)
    for strange in (-1, 1, 7):
        found = layer(x, np.full(12, strange))
        assert np.allclose(found, normal, atol=1e-3)
    assert layer.gamma.shape[0] == (3 if affine == "own" else 1)


def test_plain_averages_are_exact_over_batches():
    x, domain = draw(30, 3), np.arange(30) % 2
    layer = DomainNormalization(2, momentum=None)
    for n in (slice(0, 5), slice(5, 18), slice(18, 30)):
        layer(x[n], domain[n], training=True)
    for place in range(2):
        rows = x[domain == place]
        mean, spread = layer.moving_mean[place], layer.moving_variance[place]
        assert np.allclose(mean, rows.mean(0), atol=1e-4)
        assert np.allclose(spread, rows.var(0), atol=1e-3)


@pytest.mark.parametrize("frozen", [False, True])
def test_adapting_domains_moves_nothing_else(frozen):
    set_seed(0)
    x, domain = keras.Input((3,)), keras.Input((), dtype="int32")
    hidden = keras.layers.BatchNormalization()(x)
    hidden = keras.layers.Dropout(0.5, seed=0)(hidden)
    layer = DomainNormalization(2)
    model = keras.Model([x, domain], layer(hidden, domain))
    layer.trainable = not frozen
    before = {w.path: ops.convert_to_numpy(w) for w in model.weights}
    batches = [([draw(4, 3), np.array([0, 0, 0, 0])], None)] * 2
    assert adapt_domains(model, batches) == 1
    moved = {
        w.path.split("/")[-1]
        for w in model.weights
        if not np.array_equal(before[w.path], ops.convert_to_numpy(w))
    }
    assert moved == {"moving_mean", "moving_variance", "count"}
    assert layer.momentum == 0.9 and layer.trainable is not frozen
    assert np.array_equal(ops.convert_to_numpy(layer.count)[:, 0], [8, 0])


def test_mix_style_mixes_mean_and_deviation():
    x = draw(2, 6, 3)
    other, share = np.array([1, 0]), np.float32(0.25)
    mask = np.array([[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]], bool)
    found = np.asarray(restyled(x, other, share, mask))
    means = [x[0, :4].mean(0), x[1].mean(0)]
    stds = [x[0, :4].std(0), x[1].std(0)]
    mean = 0.25 * means[0] + 0.75 * means[1]
    std = 0.25 * stds[0] + 0.75 * stds[1]
    normal = (x[0, :4] - means[0]) / stds[0]
    assert np.allclose(found[0, :4], normal * std + mean, atol=1e-3)


def test_mix_style_keeps_what_is_normal():
    x = draw(64, 50, 3)
    layer = MixStyle(rate=1.0, alpha=1.0, seed=0)
    assert np.array_equal(layer(x), x)
    found = np.asarray(layer(x, training=True))
    assert not np.allclose(found, x, atol=1e-2)

    def normal(x):
        return (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)

    assert np.allclose(normal(found), normal(x), atol=1e-3)
    never = MixStyle(rate=0.0)
    assert np.array_equal(never(x, training=True), x)


@pytest.mark.parametrize(
    "layer",
    [SwitchableNormalization(), SwitchableWhitening(), DomainNormalization(2)],
    ids=lambda layer: type(layer).__name__,
)
def test_statistics_of_a_frozen_layer_stay(layer):
    x = np.random.default_rng(0).normal(size=(6, 4, 4, 8)).astype("float32")
    domain = (np.arange(6) % 2,) * isinstance(layer, DomainNormalization)
    layer(x, *domain, training=True)
    layer.trainable = False
    before = [np.array(each) for each in layer.weights]
    frozen = layer(3.0 * x + 1.0, *domain, training=True)
    for old, new in zip(before, layer.weights, strict=True):
        assert np.array_equal(old, new)
    same = layer(3.0 * x + 1.0, *domain, training=False)
    assert np.array_equal(frozen, same)
