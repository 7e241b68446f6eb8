"""augment: moves against NumPy and SciPy."""

import numpy as np
import pytest
import scipy.ndimage
import tensorflow as tf

from kerasgen import augment

RANDOM = np.random.default_rng(0)
X = RANDOM.integers(0, 256, (64, 8, 8, 1)).astype("uint8")


def run(part, x=X, seed=(1, 2), **fields):
    return part({"x": tf.constant(x), **fields}, tf.constant(seed))


def test_flip_mirrors_or_leaves_each_image():
    out = run(augment.Flip(rate=0.5))["x"].numpy()
    flipped = [
        np.array_equal(a, b[:, ::-1]) for a, b in zip(out, X, strict=True)
    ]
    left = [np.array_equal(a, b) for a, b in zip(out, X, strict=True)]
    assert all(f or s for f, s in zip(flipped, left, strict=True))
    assert 15 < sum(flipped) < 49
    down = run(augment.Flip(rate=1.0, axis="vertical"))["x"].numpy()
    assert np.array_equal(down, X[:, ::-1])


def test_translate_stays_within_its_rate():
    x = np.zeros((64, 17, 17, 1), "float32")
    x[:, 8, 8] = 1.0
    out = run(augment.Translate(rate=0.25), x)["x"].numpy()[..., 0]
    rows = (out.sum(2) * np.arange(17)).sum(1) / out.sum((1, 2)) - 8
    assert np.abs(rows).max() <= 0.25 * 17 + 1e-3 and rows.std() > 1.0


def test_rotate_agrees_with_scipy():
    part = augment.Rotate(degrees=30.0)
    x = scipy.ndimage.gaussian_filter(RANDOM.normal(size=(33, 33)), 3)
    x = x.astype("float32")[None, :, :, None]
    out = run(part, x)["x"].numpy()[0, :, :, 0]
    gaps = [
        np.abs(
            scipy.ndimage.rotate(
                x[0, :, :, 0], angle, reshape=False, order=1, mode="nearest"
            )
            - out
        )[8:25, 8:25].max()
        for angle in np.arange(-30, 30.01, 0.05)
    ]
    assert min(gaps) < 0.02 * np.abs(x).max() < max(gaps)


def test_erase_paints_one_rectangle_of_the_stated_area():
    x = RANDOM.normal(size=(200, 20, 20, 3)).astype("float32")
    out = run(augment.Erase(rate=1.0, area=0.3), x)["x"].numpy()
    changed = np.any(out != x, -1)
    assert changed.mean((1, 2)).max() <= 0.4
    for mask in changed:
        rows, columns = np.where(mask.any(1))[0], np.where(mask.any(0))[0]
        if len(rows):
            assert mask[
                rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1
            ].all()


def test_noise_has_the_stated_scale():
    out = run(augment.Noise(0.3), np.zeros((2000, 5), "float32"))["x"].numpy()
    assert np.isclose(out.std(), 0.3, rtol=0.03) and abs(out.mean()) < 0.01


def test_swap_noise_keeps_each_column_of_values():
    x = np.arange(500, dtype="float32").reshape(100, 5)
    out = run(augment.SwapNoise(0.2), x)["x"].numpy()
    for column in range(5):
        assert set(out[:, column]) <= set(x[:, column])
    assert 0.15 < (out != x).mean() < 0.25


@pytest.mark.parametrize("alpha", [0.1, 1.0])
def test_mixup_mixes_inputs_and_labels_alike(alpha):
    y = np.arange(512) % 4
    x = np.eye(4, dtype="float32")[y] * 10
    out = run(augment.MixUp(alpha, classes=4), x, y=tf.constant(y))
    assert np.allclose(out["x"], out["y"].numpy() * 10, atol=1e-4)
    assert np.allclose(out["y"].numpy().sum(1), 1, atol=1e-5)
    share = out["y"].numpy().max(1)
    assert share.min() < 0.75


def test_mixup_weights_follow_the_beta_distribution():
    x = np.repeat([[0.0], [1.0]], 5000, 0).astype("float32")
    out = run(augment.MixUp(0.4), x, y=tf.constant(x[:, 0]))["x"].numpy()[:, 0]
    mixed = out[(out > 1e-6) & (out < 1 - 1e-6)]
    # Var of Beta(a, a) is 1 / (4 (2 a + 1)).
    assert np.isclose(mixed.var(), 1 / (4 * 1.8), rtol=0.1)


def test_float_images_keep_their_type():
    x = X.astype("float32") / 255
    for part in (
        augment.Translate(),
        augment.Rotate(),
        augment.ColorJitter(high=1.0),
    ):
        assert run(part, x)["x"].dtype == tf.float32
