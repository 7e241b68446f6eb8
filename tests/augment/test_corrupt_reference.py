"""Image corruptions against the package `imagecorruptions`.

Both run the strengths of large images on a small picture, so that it is fast.
"""

import importlib
import io
import warnings

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from scipy import ndimage, stats
from sklearn.datasets import load_sample_image

from kerasgen.augment import resample
from kerasgen.augment.corrupt_digital import ElasticTransform
from kerasgen.augment.corrupt_weather import _ice, _plasma
from kerasgen.core import find

pytest.importorskip("skimage")
cv2 = pytest.importorskip("cv2", exc_type=ImportError)


@pytest.fixture(scope="module")
def reference():
    pytest.importorskip("imagecorruptions", exc_type=ImportError)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = importlib.import_module("imagecorruptions.corruptions")
    gaussian = importlib.import_module("skimage.filters").gaussian

    def shim(*args, multichannel=False, **kwargs):
        # Newer versions of scikit-image name the axis.
        axis = {"channel_axis": -1} if multichannel else {}
        return gaussian(*args, **axis, **kwargs)

    module.gaussian = shim
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "float_", np.float64, raising=False)
        yield module


@pytest.fixture(scope="module")
def picture():
    image = Image.fromarray(load_sample_image("china.jpg"))
    image = image.crop((100, 0, 420, 320)).resize((64, 64), Image.BOX)
    return np.asarray(image)


def theirs(module, name, picture, severity, count=1):
    np.random.seed(severity)
    image = Image.fromarray(picture)
    pillow = name in ("jpeg_compression", "pixelate", "spatter")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = [
            getattr(module, name)(image if pillow else picture, severity)
            for _ in range(count)
        ]
    return np.asarray([np.asarray(one, "float64") for one in made])


def ours(name, picture, severity, count=1, seed=(3, 5)):
    part = find("corruption", name)(severity=severity)
    strength = part.large[severity - 1]
    if isinstance(strength, tuple):
        strength = [tf.constant(float(value)) for value in strength]
    else:
        strength = tf.constant(strength)
    x = tf.constant(np.stack([picture] * count) / 255, tf.float32)
    out = part.formula(x, strength, tf.constant(seed))
    return np.clip(out.numpy(), 0, 1).astype("float64") * 255


# The greatest difference and the mean one, in 255ths.
EXACT = {
    "brightness": (0.01, 0.001),
    "contrast": (0.01, 0.01),
    "defocus_blur": (0.01, 0.01),
    "gaussian_blur": (0.01, 0.01),
    "jpeg_compression": (1.0, 0.01),
    "pixelate": (1.01, 0.5),
    "saturate": (0.01, 0.001),
    "zoom_blur": (0.02, 0.01),
}


@pytest.mark.parametrize("severity", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("name", EXACT)
def test_those_without_chance_agree(reference, picture, name, severity):
    wanted = theirs(reference, name, picture, severity)
    far = np.abs(ours(name, picture, severity) - wanted)
    greatest, mean = EXACT[name]
    if name == "defocus_blur" and severity > 3:
        # Their kernels of these radii are cut off and sum to 1.01.
        greatest, mean = 4.0, 2.0
    assert far.max() <= greatest and far.mean() <= mean


# Count of draws; how far apart mean, spread and distance from the picture
# may be, in 255ths; and the two distributions of residuals.
CHANCE = {
    "gaussian_noise": (16, 0.5, 0.01),
    "shot_noise": (16, 0.5, 0.01),
    "impulse_noise": (32, 0.5, 0.01),
    "speckle_noise": (16, 0.5, 0.01),
    "glass_blur": (8, 1.2, 0.015),
    "elastic_transform": (24, 0.5, 0.015),
    "motion_blur": (64, 2.5, 0.05),
    "snow": (96, 2.5, 0.04),
    "fog": (128, 6.0, 0.06),
    "spatter": (64, 1.5, 0.03),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "severity",
    [3, *(pytest.param(each, marks=pytest.mark.slow) for each in (1, 5))],
)
@pytest.mark.parametrize("name", CHANCE)
def test_those_of_chance_agree(reference, picture, name, severity):
    count, gap, apart = CHANCE[name]
    wanted = theirs(reference, name, picture, severity, count)
    out = ours(name, picture, severity, count)
    assert out.mean() == pytest.approx(wanted.mean(), abs=gap)
    assert out.std() == pytest.approx(wanted.std(), abs=gap)
    far = [np.abs(made - picture).mean() for made in (wanted, out)]
    assert far[0] == pytest.approx(far[1], abs=gap)
    # Pixels in steps of 1, since floats tie differently.
    residuals = [np.round(made - picture).ravel() for made in (wanted, out)]
    assert stats.ks_2samp(*residuals, method="asymp").statistic < apart


@pytest.mark.parametrize("angle", [-45.0, -120.0, 10.0, 33.3])
def test_streaks_are_theirs(reference, picture, angle):
    wanted = reference._motion_blur(picture, 10, 3, angle)
    x = tf.constant(picture[None], tf.float32)
    out = resample.streak(x, tf.constant(10), 3.0, tf.constant([angle]))
    far = np.abs(out[0].numpy() - wanted)
    # A step that ends between two pixels may fall to either.
    assert far.mean() < 0.5 and np.median(far) < 0.1


@pytest.mark.parametrize("decay", [1.4, 3.0])
def test_plasma_is_theirs(reference, decay):
    np.random.seed(0)
    wanted = [reference.plasma_fractal(32, decay) for _ in range(400)]
    seed = tf.constant([1, 2])
    out = _plasma(400, 32, 1, decay, seed).numpy()
    assert out.shape == (400, 32, 32)
    assert out.min() == 0 and out.max() == 1
    means = [np.mean(made, (1, 2)) for made in (wanted, out)]
    assert stats.ks_2samp(*means).pvalue > 0.001
    rough = [np.abs(np.diff(made, axis=2)).mean() for made in (wanted, out)]
    assert rough[0] == pytest.approx(rough[1], rel=0.05)
    spreads = [np.std(made, (1, 2)).mean() for made in (wanted, out)]
    assert spreads[0] == pytest.approx(spreads[1], rel=0.05)


def test_ice_is_as_bright_as_photographs_of_frost(reference):
    folder = importlib.resources.files("imagecorruptions") / "frost"
    names = ("frost1.png", "frost2.png", "frost3.png", "frost4.jpg")
    photos = [
        np.asarray(Image.open(folder / name).convert("L")) / 255
        for name in (*names, "frost5.jpg")
    ]
    ice = _ice(tf.constant([256, 48, 48, 3]), 1.0, tf.constant([1, 2])).numpy()
    means, within = ice.mean((1, 2, 3)), ice.std((1, 2, 3))
    assert means.mean() == pytest.approx(
        np.mean([photo.mean() for photo in photos]), abs=0.04
    )
    assert means.std() == pytest.approx(
        np.std([photo.mean() for photo in photos]), abs=0.05
    )
    assert within.mean() == pytest.approx(
        np.mean([photo.std() for photo in photos]), abs=0.03
    )
    # The weights of image and ice are the published ones.
    black = ours("frost", np.zeros((64, 64, 3)), 5)
    white = ours("frost", np.full((64, 64, 3), 64.0), 5)
    assert (white - black) == pytest.approx(0.6 * 64, abs=0.01)


def cifar_elastic(image, shift, sigma, corner):
    """CIFAR-C's formula, with OpenCV and SciPy."""
    side = len(image)
    image = image.astype("float32")
    half = side // 3
    middle = np.float32([side // 2] * 2)
    before = np.float32([middle + half, middle + [half, -half], middle - half])
    moved = np.random.uniform(-corner, corner, (3, 2)).astype("float32")
    matrix = cv2.getAffineTransform(before, before + moved)
    image = cv2.warpAffine(
        image, matrix, (side, side), borderMode=cv2.BORDER_REFLECT_101
    )
    noise = np.random.uniform(-1, 1, (2, side, side))
    smooth = [
        ndimage.gaussian_filter(one, sigma, mode="reflect", truncate=3)
        for one in noise
    ]
    places = np.indices((side, side)) + np.array(smooth) * shift
    return np.stack(
        [
            ndimage.map_coordinates(
                image[..., c], places, order=1, mode="reflect"
            )
            for c in range(3)
        ],
        -1,
    )


@pytest.mark.parametrize("severity", [1, 2, 3, 4, 5])
def test_elastic_of_small_images_is_cifar_cs(picture, severity):
    small = picture[16:48, 16:48]
    np.random.seed(0)
    shares = ElasticTransform.small[severity - 1]
    lengths = [32 * share for share in shares]
    wanted = np.array([cifar_elastic(small, *lengths) for _ in range(400)])
    x = tf.constant(np.stack([small] * 400), tf.float32)
    out = ElasticTransform(severity=severity)({"x": x}, [1, 1])["x"].numpy()
    far = [np.abs(made - small).mean() for made in (wanted, out)]
    assert far[0] == pytest.approx(far[1], rel=0.08)
    assert out.std() == pytest.approx(wanted.std(), abs=1.0)


@pytest.mark.parametrize("severity, quality", [(1, 80), (3, 58), (5, 40)])
@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_of_small_images_is_pillows(picture, severity, quality, channels):
    small = picture[16:48, 16:48, :channels]
    file = io.BytesIO()
    Image.fromarray(small.squeeze()).save(file, "JPEG", quality=quality)
    wanted = np.asarray(Image.open(file)).reshape(small.shape)
    part = find("corruption", "jpeg_compression")(severity=severity)
    out = part({"x": tf.constant(small)}, [0, 0])["x"].numpy()
    assert np.abs(out.astype(int) - wanted).max() <= 1
