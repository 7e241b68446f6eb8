"""Image corruptions against NumPy, SciPy, Pillow and matplotlib."""

import numpy as np
import pytest
import tensorflow as tf
from matplotlib.colors import hsv_to_rgb, rgb_to_hsv
from PIL import Image
from scipy.ndimage import gaussian_filter

from kerasgen.augment.corrupt import (
    FAMILIES,
    STANDARD,
    Brightness,
    Contrast,
    GaussianBlur,
    GaussianNoise,
    Pixelate,
    ShotNoise,
)
from kerasgen.core import find

ALL = (
    Brightness,
    Contrast,
    GaussianBlur,
    GaussianNoise,
    Pixelate,
    ShotNoise,
)

EVERY = sorted({name for names in FAMILIES.values() for name in names})


def picture(side=32, channels=3, n=2, seed=0, dtype="uint8"):
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (n, side, side, channels)).astype(dtype)


def corrupt(part, x, severity=3, seed=(0, 0), **given):
    part = part(severity=severity, **given)
    return part({"x": tf.constant(x)}, seed)["x"].numpy()


@pytest.mark.parametrize("part", ALL)
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("side, channels", [(8, 1), (8, 3), (33, 3), (224, 1)])
def test_keeps_dtype_shape_and_range(part, dtype, side, channels):
    x = picture(side, channels, dtype=dtype)
    for severity in (1, 5):
        out = corrupt(part, x, severity)
        assert out.dtype == x.dtype and out.shape == x.shape
        assert out.min() >= 0 and out.max() <= 255
        assert (out != x).any()


def test_families_name_parts_once():
    parts = [find("corruption", name) for name in EVERY]
    assert all(part.kind == "image" for part in parts)
    counts = {name: len(names) for name, names in FAMILIES.items()}
    assert counts == {
        "standard": 6,
        "imagenet_c": 15,
        "imagenet_c_extra": 4,
        "mnist_c": 15,
    }
    assert len(EVERY) == 34 and set(STANDARD) < set(EVERY)


# Those that everyone reports; the others' graphs take their time.
@pytest.mark.parametrize(
    "name",
    [
        name if name in STANDARD else pytest.param(name, marks=pytest.mark.slow)
        for name in EVERY
    ],
)
def test_all_keep_form_in_graphs_of_unknown_size(name):
    part = find("corruption", name)
    for channels, high in ((1, 255.0), (3, 255.0), (3, 1.0)):
        x = picture(28, channels, n=2) if high == 255.0 else None
        x = picture(28, 3, dtype="float32") / 255 if x is None else x
        piece = part(severity=5, high=high)
        loose = tf.function(
            lambda batch, piece=piece: piece({"x": batch}, [0, 1])["x"],
            input_signature=[
                tf.TensorSpec((None, None, None, channels), x.dtype)
            ],
            autograph=False,
        )
        for batch in (x, x[:, :, 1:]):
            out = loose(batch).numpy()
            assert out.dtype == x.dtype and out.shape == batch.shape
            assert out.min() >= 0 and out.max() <= high
            assert np.isfinite(out).all()
            grey = name == "saturate" and channels == 1
            assert grey or (out != batch).any()
    # A flat black image has no maximum, no edges and no hue.
    flat = corrupt(part, np.zeros((1, 28, 28, 3), "float32"), 1)
    assert np.isfinite(flat).all()


@pytest.mark.parametrize("part", ALL)
def test_harder_is_farther(part):
    # A smooth picture with edges: noise on noise would say little.
    ramp = np.linspace(60, 180, 32)
    x = np.broadcast_to(ramp[:, None] * 0.5 + ramp[None, :] * 0.5, (32, 32))
    x = (x + 40.0 * (np.indices((32, 32)).sum(0) % 8 < 4))[None, ..., None]
    far = [
        np.abs(corrupt(part, x.astype("float32"), severity) - x).mean()
        for severity in range(1, 6)
    ]
    assert all(a < b for a, b in zip(far, far[1:], strict=False))


@pytest.mark.parametrize("part", ALL)
def test_pure_in_the_seed_and_in_tf_data(part):
    x = picture(n=4)
    first = corrupt(part, x)
    np.testing.assert_array_equal(first, corrupt(part, x))
    other = corrupt(part, x, seed=(1, 5))
    random = part in (GaussianNoise, ShotNoise)
    assert (first != other).any() == random
    piece = part()
    flow = tf.data.Dataset.from_tensor_slices(x).batch(4)
    flow = flow.map(lambda batch: piece({"x": batch}, [0, 0])["x"])
    np.testing.assert_array_equal(first, next(iter(flow)))


@pytest.mark.parametrize("part", ALL)
def test_takes_one_example_and_unknown_sizes(part):
    x = picture(n=1)
    single = part()({"x": tf.constant(x[0]), "y": 1}, [0, 0])
    assert single["x"].shape == x[0].shape and int(single["y"]) == 1
    signature = [tf.TensorSpec((None, None, None, 3), tf.uint8)]
    piece = part()
    loose = tf.function(
        lambda batch: piece({"x": batch}, [0, 0])["x"],
        input_signature=signature,
        autograph=False,
    )
    # Compiled arithmetic may round a half the other way.
    far = loose(x).numpy().astype(int) - corrupt(part, x)
    assert np.abs(far).max() <= 1 and (far != 0).mean() < 0.1


@pytest.mark.parametrize("part", ALL)
def test_config_range_and_refusals(part):
    piece = part(severity=2, low=-1.0, high=1.0)
    again = part.from_config(piece.get_config())
    assert again.get_config() == {"severity": 2, "low": -1.0, "high": 1.0}
    x = picture(dtype="float32")
    whole = corrupt(part, x, 2)
    scaled = corrupt(part, x / 255.0, 2, high=1.0)
    np.testing.assert_allclose(scaled * 255.0, whole, atol=2e-3)
    with pytest.raises(ValueError, match="severity=6"):
        part(severity=6)
    with pytest.raises(ValueError, match="less than `high`"):
        part(low=1.0, high=1.0)


@pytest.mark.parametrize("severity, spread", [(1, 0.04), (3, 0.08), (5, 0.1)])
def test_noise_has_cifar_cs_spread_on_small_images(severity, spread):
    x = np.full((8, 32, 32, 3), 127.5, "float32")
    out = corrupt(GaussianNoise, x, severity)
    assert out.std() / 255 == pytest.approx(spread, rel=0.03)


def test_strength_at_the_sizes_of_both_sets_and_between():
    def at(side):
        shape = (1, side, side, 3)
        return float(GaussianNoise(severity=5).strength(tf.constant(shape)))

    assert at(8) == at(32) == pytest.approx(0.10)
    assert at(224) == at(500) == pytest.approx(0.38)
    middle = int(round(np.sqrt(32 * 224)))
    assert at(middle) == pytest.approx(0.24, abs=0.002)


@pytest.mark.parametrize("side, photons", [(32, 50.0), (224, 3.0)])
def test_shot_noise_counts_photons(side, photons):
    x = np.full((4, side, side, 1), 0.3, "float32")
    out = corrupt(ShotNoise, x, 5, high=1.0)
    counts = out * photons
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-3)
    assert out.mean() == pytest.approx(0.3, rel=0.05)
    assert out.var() == pytest.approx(0.3 / photons, rel=0.1)


@pytest.mark.parametrize("side, severity, sigma", [(32, 5, 1.0), (224, 3, 3.0)])
def test_blur_is_scipys_filter(side, severity, sigma):
    x = picture(side, dtype="float32")
    wanted = gaussian_filter(
        x, (0, sigma, sigma, 0), mode="nearest", truncate=4.0
    )
    out = corrupt(GaussianBlur, x, severity)
    np.testing.assert_allclose(out, wanted, atol=0.01)
    whole = corrupt(GaussianBlur, x.astype("uint8"), severity)
    assert np.abs(whole - wanted).max() <= 0.51


@pytest.mark.parametrize("severity, light", [(1, 0.05), (5, 0.3)])
def test_brightness_is_the_value_of_hsv(severity, light):
    x = picture(dtype="float32") / 255.0
    x[0, 0, 0] = 0.0
    hsv = rgb_to_hsv(x)
    hsv[..., 2] = np.clip(hsv[..., 2] + light, 0, 1)
    out = corrupt(Brightness, x, severity, high=1.0)
    np.testing.assert_allclose(out, hsv_to_rgb(hsv), atol=1e-5)
    grey = x[..., :1]
    out = corrupt(Brightness, grey, severity, high=1.0)
    np.testing.assert_allclose(out, np.clip(grey + light, 0, 1), atol=1e-6)


@pytest.mark.parametrize("side, share", [(16, 0.15), (224, 0.05)])
def test_contrast_scales_the_distance_from_the_mean(side, share):
    x = picture(side, dtype="float32")
    mean = x.mean((1, 2), keepdims=True)
    out = corrupt(Contrast, x, 5)
    np.testing.assert_allclose(out, (x - mean) * share + mean, atol=0.01)


@pytest.mark.parametrize("severity", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("side", [8, 32, 45, 224])
def test_pixelate_is_pillows_box_filter(side, severity):
    x = picture(side, n=1)
    shares = Pixelate.small if side <= 32 else Pixelate.large
    if side == 45:
        where = np.log(45 / 32) / np.log(7)
        pairs = zip(Pixelate.small, Pixelate.large, strict=True)
        shares = [s + (big - s) * where for s, big in pairs]
    few = int(side * shares[severity - 1])
    image = Image.fromarray(x[0])
    image = image.resize((few, few), Image.Resampling.BOX)
    image = image.resize((side, side), Image.Resampling.BOX)
    out = corrupt(Pixelate, x, severity)[0]
    # Pillow rounds after the rows and again after the columns.
    far = np.abs(out.astype(int) - np.asarray(image).astype(int))
    # In a side of 45 the middle lies on an edge: there Pillow's floats decide.
    assert (far <= 1).mean() > 0.93 if side == 45 else (far <= 1).all()
