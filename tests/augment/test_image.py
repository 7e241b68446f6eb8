"""Image moves against SciPy, Pillow, TensorFlow and closed forms."""

import numpy as np
import PIL.Image
import PIL.ImageEnhance
import PIL.ImageOps
import pytest
import scipy.ndimage
import scipy.stats
import tensorflow as tf

from kerasgen import augment as a
from kerasgen.augment.auto_augment import policy_of
from kerasgen.augment.bits import hashed, normal
from kerasgen.augment.policy import OPERATIONS, USUAL, matrix_of
from kerasgen.augment.warp import warp
from kerasgen.core import parts

SEED = tf.constant([1, 2])
MODES = {"edge": "nearest", "reflect": "reflect", "zero": "constant"}


def smooth(n=1, height=24, width=33, channels=3):
    """Smooth pictures, higher than wide nowhere: swapped axes would show."""
    random = np.random.default_rng(0)
    x = random.normal(size=(n, height, width, channels)) * 400 + 128
    x = scipy.ndimage.gaussian_filter(x, (0, 2, 2, 0), mode="wrap")
    return np.clip(np.round(x), 0, 255).astype("uint8")


@pytest.mark.parametrize("fill", MODES)
@pytest.mark.parametrize("projective", [False, True])
def test_warping_equals_scipy(fill, projective):
    x = smooth()[0]
    matrix = np.array([[1.1, 0.3, -2.3], [-0.2, 0.9, 1.7], [0, 0, 1]])
    if projective:
        matrix[2] = [0.004, -0.003, 1.0]
    rows, columns = np.mgrid[:24, :33].astype("float64")
    u, v, w = np.einsum(
        "ij,jhw->ihw", matrix, np.stack([columns, rows, np.ones_like(rows)])
    )
    known = [
        scipy.ndimage.map_coordinates(
            x[..., c].astype("float64"),
            [v / w, u / w],
            order=1,
            mode=MODES[fill].replace("constant", "grid-constant"),
        )
        for c in range(3)
    ]
    out = warp(
        tf.constant(x), tf.constant(matrix, "float32"), None, fill, projective
    )
    gap = np.abs(out.numpy().astype(float) - np.stack(known, -1))
    # Positions are known to 1/256 of a pixel: a steep slope shows that.
    assert gap.max() <= 1.5 and gap.mean() < 0.35


def geometric():
    return [
        a.Flip(1.0),
        a.Flip(1.0, "vertical"),
        a.Translate(0.2),
        a.Rotate(30),
        a.Shear(0.3),
        a.Zoom(0.3),
        a.Crop(0.2),
        a.ResizedCrop(0.6),
        a.Perspective(0.4),
        a.Elastic(0.05),
        a.RandAugment(0.5),
    ]


@pytest.mark.parametrize("part", geometric(), ids=lambda p: type(p).__name__)
def test_points_boxes_and_masks_follow_the_image(part):
    n, height, width = 4, 48, 66
    x = np.zeros((n, height, width, 1), "uint8")
    x[:, 22:27, 28:33] = 255
    fields = {
        "x": x,
        "y": (x > 0).astype("int32")[..., 0],
        "mask": (x > 0).astype("int64"),
        "keypoints": np.full((n, 1, 2), (30.5, 24.5), "float32"),
        "boxes": np.tile(np.float32([[[28, 22, 33, 27]]]), (n, 1, 1)),
    }
    if isinstance(part, a.RandAugment):
        part.names = ("shear_x", "rotate", "translate_y")
    out = {k: v.numpy() for k, v in part(fields, SEED).items()}
    assert out["y"].dtype == np.int32 and out["mask"].dtype == np.int64
    assert (out["y"] == out["mask"][..., 0]).all()
    # The label map is the picture's nearest pixels.
    assert np.mean((out["x"][..., 0] > 127) != (out["y"] > 0)) < 0.01
    for i in range(n):
        weight = out["x"][i, ..., 0].astype("float64")
        rows, columns = np.mgrid[:height, :width] + 0.5
        centre = (columns * weight).sum(), (rows * weight).sum()
        centre = np.divide(centre, weight.sum())
        assert np.abs(centre - out["keypoints"][i, 0]).max() < 0.6
        where = np.argwhere(weight > 127)
        (top, left), (bottom, right) = where.min(0), where.max(0) + 1
        seen = np.array([left, top, right, bottom])
        grown = out["boxes"][i, 0]
        assert (grown[:2] <= seen[:2] + 1.2).all()
        assert (grown[2:] >= seen[2:] - 1.2).all()
        assert np.abs(grown - seen).max() < 6


def test_whole_pixel_moves_are_exact():
    x = smooth(6)
    out = a.Crop(0.25, "reflect")({"x": x}, SEED)["x"].numpy()
    wide = np.pad(x, ((0, 0), (6, 6), (8, 8), (0, 0)), "symmetric")
    for image, padded in zip(out, wide, strict=True):
        windows = np.lib.stride_tricks.sliding_window_view(padded, (24, 33, 3))[
            ..., 0, :, :, :
        ]
        assert (windows == image).all((-1, -2, -3)).any()
    assert len({image.tobytes() for image in out}) > 3
    flipped = a.Flip(1.0)({"x": x}, SEED)["x"].numpy()
    assert (flipped == x[:, :, ::-1]).all()


def test_a_resized_crop_reads_its_part():
    part = a.ResizedCrop(0.8, 1.5, height=20, width=16)
    ramp = np.mgrid[:40, :60].transpose(1, 2, 0)[None].astype("float32")
    x = np.repeat(np.concatenate([ramp, ramp[..., :1]], -1), 8, 0)
    matrix = part.draw(SEED, x.shape).numpy()
    out = part({"x": x}, SEED)["x"].numpy()
    for image, m in zip(out, matrix, strict=True):
        top, left = m[1, 1] * -0.5 + m[1, 2] + 0.5, m[0, 2] + 0.5
        left -= 0.5 * m[0, 0]
        high, wide = m[1, 1] * 20, m[0, 0] * 16
        assert top + high * 0 >= -0.51 and high <= 40.01 and wide <= 60.01
        assert 0.19 <= high * wide / 2400 <= 1.001
        rows = np.clip(m[1, 1] * np.arange(20) + m[1, 2], 0, 39)
        columns = np.clip(m[0, 0] * np.arange(16) + m[0, 2], 0, 59)
        assert np.abs(image[:, 3, 0] - rows).max() < 0.02
        assert np.abs(image[3, :, 1] - columns).max() < 0.02


def pillow(function):
    def run(x, *args):
        return np.asarray(function(PIL.Image.fromarray(x), *args))

    return run


@pytest.mark.parametrize(
    "part, known, args, gap",
    [
        (a.Invert(1.0), PIL.ImageOps.invert, (), 0),
        (a.Posterize(1.0, 3), PIL.ImageOps.posterize, (3,), 0),
        (a.Solarize(1.0, 128 / 255), PIL.ImageOps.solarize, (128,), 0),
        (a.AutoContrast(1.0), PIL.ImageOps.autocontrast, (), 1),
        (a.Equalize(1.0), PIL.ImageOps.equalize, (), 0),
        (a.Grayscale(1.0), lambda i: i.convert("L").convert("RGB"), (), 1),
    ],
    ids=lambda v: type(v).__name__,
)
def test_tone_equals_pillow(part, known, args, gap):
    x = smooth(2) // 2 + 40
    out = part({"x": x}, SEED)["x"].numpy().astype(int)
    for before, after in zip(x, out, strict=True):
        want = pillow(known)(before, *args).astype(int)
        assert np.abs(after - want).max() <= gap
    floats = part.bind(high=1.0)({"x": x.astype("float32") / 255}, SEED)["x"]
    assert np.abs(floats.numpy() * 255 - out).max() <= 1.01


@pytest.mark.parametrize(
    "part, known",
    [
        (a.Saturation(0.8), PIL.ImageEnhance.Color),
        (a.Contrast(0.8), PIL.ImageEnhance.Contrast),
        (a.Sharpness(0.9), PIL.ImageEnhance.Sharpness),
    ],
    ids=lambda v: type(v).__name__,
)
def test_enhancements_equal_pillow(part, known):
    x = smooth(4)
    factors = part.draw(SEED, x.shape).numpy()
    out = part({"x": x}, SEED)["x"].numpy().astype(int)
    for before, after, factor in zip(x, out, factors, strict=True):
        image = known(PIL.Image.fromarray(before)).enhance(float(factor))
        inner = np.s_[1:-1, 1:-1]
        gap = np.abs(after - np.asarray(image).astype(int))[inner]
        assert gap.max() <= 2


def test_brightness_gamma_and_hue():
    x = smooth(4)
    add = a.Brightness(0.4).draw(SEED, x.shape).numpy()[:, None, None, None]
    out = a.Brightness(0.4)({"x": x}, SEED)["x"].numpy()
    known = np.clip(x / 255 + add, 0, 1) * 255
    assert np.abs(out - known).max() <= 0.5 + 1e-3
    power = a.Gamma(0.5).draw(SEED, x.shape).numpy()[:, None, None, None]
    out = a.Gamma(0.5)({"x": x}, SEED)["x"].numpy()
    assert np.abs(out - (x / 255) ** power * 255).max() <= 0.5 + 1e-3
    turns = a.Hue(0.3).draw(SEED, x.shape)
    out = a.Hue(0.3, high=1.0)({"x": x / np.float32(255)}, SEED)["x"]
    for before, after, turn in zip(x, out, turns, strict=True):
        want = tf.image.adjust_hue(before / np.float32(255), turn)
        assert np.abs(after - want).max() < 1e-4


def test_a_jitter_is_its_four_moves():
    x = smooth(3)
    part = a.ColorJitter(0.3, 0.3, 0.3, 0.1)
    light, spread, colour, turn = (d.numpy() for d in part.draw(SEED, x.shape))
    out = part({"x": x}, SEED)["x"].numpy()
    grey = np.array([0.299, 0.587, 0.114])
    for i in range(3):
        v = np.clip(x[i] / 255 + light[i], 0, 1)
        mean = v.mean((0, 1)) @ grey
        v = np.clip(mean + (v - mean) * spread[i], 0, 1)
        v = np.clip(
            (v @ grey)[..., None] * (1 - colour[i]) + v * colour[i], 0, 1
        )
        v = tf.image.adjust_hue(v.astype("float32"), float(turn[i])).numpy()
        assert np.abs(out[i] - v * 255).max() <= 1.0


def test_blur_equals_scipy():
    x = smooth(3).astype("float32")
    part = a.GaussianBlur(1.0, 2.0)
    _, kernels = part.draw(SEED, x.shape)
    out = part({"x": x}, SEED)["x"].numpy()
    for before, after, kernel in zip(x, out, kernels.numpy(), strict=True):
        want = before
        for axis in (0, 1):
            want = scipy.ndimage.convolve1d(want, kernel, axis, mode="reflect")
        assert np.abs(after - want).max() < 1e-2
    steps = np.arange(-6, 7)
    spread = np.sqrt((kernels.numpy() * steps**2).sum(1))
    assert (spread > 0).all() and (spread < 2.05).all()


def test_motion_blur_averages_a_line():
    x = smooth(3).astype("float32")
    part = a.MotionBlur(1.0, 7)
    _, lines = part.draw(SEED, x.shape)
    out = part({"x": x}, SEED)["x"].numpy()
    wide = np.pad(x, ((0, 0), (4, 4), (4, 4), (0, 0)), "edge")
    for i, line in enumerate(lines.numpy()):
        want = np.mean(
            [wide[i, 4 + d : 28 + d, 4 + r : 37 + r] for d, r in line], 0
        )
        assert np.abs(out[i] - want).max() < 1e-2


def test_noise_and_hash_are_what_they_say():
    draw = normal((200, 200), tf.constant(7)).numpy().ravel()
    assert scipy.stats.kstest(draw, "norm").pvalue > 1e-3
    assert abs(np.corrcoef(draw[1:], draw[:-1])[0, 1]) < 0.02
    other = normal((200, 200), tf.constant(8)).numpy().ravel()
    assert abs(np.corrcoef(draw, other)[0, 1]) < 0.02
    bits = hashed(40000, tf.constant(7)).numpy()
    counts = np.bincount(bits >> 24, minlength=128)
    assert scipy.stats.chisquare(counts).pvalue > 1e-3
    assert scipy.stats.chisquare(np.bincount(bits % 64)).pvalue > 1e-3


def test_erasing_stays_inside_and_takes_the_mean():
    x = smooth(64)
    part = a.Erase(1.0, 0.3, 3.0)
    box = part.draw(SEED, x.shape)[0].numpy()
    out = part({"x": x}, SEED)["x"].numpy()
    assert (box[:, 0] >= 0).all() and (box[:, 1] <= 24).all()
    assert (box[:, 2] >= 0).all() and (box[:, 3] <= 33).all()
    area = (box[:, 1] - box[:, 0]) * (box[:, 3] - box[:, 2]) / (24 * 33)
    assert area.max() <= 0.36 and 0.1 < area.mean() < 0.2
    for before, after, (top, bottom, left, right) in zip(
        x, out, box, strict=True
    ):
        want = before.copy()
        want[top:bottom, left:right] = np.round(before.mean((0, 1)))
        assert np.abs(after.astype(int) - want).max() <= 1


def test_a_grid_hides_the_stated_share():
    x = np.full((40, 60, 60, 1), 9, "uint8")
    out = a.GridMask(1.0, 0.5)({"x": x}, SEED)["x"].numpy()
    hidden = (out == 0).mean((1, 2, 3))
    assert np.abs(hidden - 0.25).mean() < 0.06


# One for all operations: it compiles once.
POLICY = a.RandAugment()


@pytest.mark.parametrize(
    "name, amount, known",
    [
        ("auto_contrast", 0, PIL.ImageOps.autocontrast),
        ("equalize", 0, PIL.ImageOps.equalize),
        ("invert", 0, PIL.ImageOps.invert),
        ("posterize", 2.0, lambda i: PIL.ImageOps.posterize(i, 6)),
        ("solarize", 0.6, lambda i: PIL.ImageOps.solarize(i, 102)),
        (
            "brightness",
            0.4,
            lambda i: PIL.ImageEnhance.Brightness(i).enhance(1.4),
        ),
        ("contrast", -0.5, lambda i: PIL.ImageEnhance.Contrast(i).enhance(0.5)),
        ("color", 0.7, lambda i: PIL.ImageEnhance.Color(i).enhance(1.7)),
        (
            "sharpness",
            0.9,
            lambda i: PIL.ImageEnhance.Sharpness(i).enhance(1.9),
        ),
    ],
)
def test_each_operation_of_a_policy_equals_pillow(name, amount, known):
    x = smooth(1) // 2 + 40
    codes = tf.constant([[OPERATIONS.index(name)]])
    amounts = tf.constant([[float(amount)]])
    matrix = matrix_of(codes, amounts, x.shape)
    draw = (codes, amounts, matrix)
    out = POLICY.each(tf.constant(x), draw).numpy()[0].astype(int)
    want = np.asarray(known(PIL.Image.fromarray(x[0]))).astype(int)
    assert np.abs(out - want)[1:-1, 1:-1].max() <= 2


def test_policies_draw_as_published():
    n = 6000
    codes, amounts = a.RandAugment(0.5).program(SEED, n)
    counts = np.bincount(codes.numpy().ravel(), minlength=len(OPERATIONS))
    assert counts[OPERATIONS.index("invert")] == 0
    assert scipy.stats.chisquare(counts[counts > 0]).pvalue > 1e-3
    turned = amounts.numpy()[codes.numpy() == OPERATIONS.index("rotate")]
    assert set(np.round(np.abs(turned), 4)) == {USUAL["rotate"] / 2}
    assert 0.4 < (turned > 0).mean() < 0.6
    codes, _ = a.AutoAugment(policy="cifar10").program(SEED, n)
    table = policy_of("cifar10")
    want = sum(
        often
        for pair in table
        for what, often, _ in pair
        if what == "translate_y"
    )
    seen = (codes.numpy() == OPERATIONS.index("translate_y")).sum()
    low, high = scipy.stats.poisson.interval(0.999, n * want / 25)
    assert low <= seen <= high
    assert {len(policy_of(p)) for p in ("imagenet", "cifar10", "svhn")} == {25}


@pytest.mark.slow
def test_augmix_keeps_clean_views_and_bounds():
    x = smooth(2)
    views = a.AugMix().triple({"x": tf.constant(x)}, SEED)["x"].numpy()
    assert (views[:, 0] == x).all()
    assert not (views[:, 1] == views[:, 2]).all()
    flat = np.full((2, 24, 33, 3), 77, "uint8")
    mild = a.AugMix(0.3)({"x": flat}, SEED)["x"].numpy()
    assert mild.min() >= 0 and np.isfinite(mild).all()


IMAGE = [
    name
    for name, part in parts("augment").items()
    if part.kind == "image" and part.stage == "raw" and name != "jpeg"
]


# Each is compiled for four sizes: one of a form by default.
BRIEF = ("color_jitter", "erase", "flip", "rotate")


@pytest.mark.parametrize(
    "name",
    [
        name if name in BRIEF else pytest.param(name, marks=pytest.mark.slow)
        for name in IMAGE
    ],
)
def test_ranges_channels_and_unknown_sizes(name):
    part = parts("augment")[name]()
    x = smooth(2)
    whole = part({"x": x}, SEED)["x"].numpy().astype("float64")
    # One range for most: each is compiled anew.
    both = name in ("brightness", "hue", "rand_augment", "clahe")
    for high in (1.0, 255.0) if both else (1.0,):
        given = (x * np.float32(high / 255)).astype("float32")
        out = part.bind(high=high)({"x": given}, SEED)["x"].numpy()
        assert out.dtype == np.float32 and np.isfinite(out).all()
        assert out.min() >= -1e-5 and out.max() <= high * (1 + 1e-5)
        gap = np.abs(out * (255 / high) - whole)
        # A table's step may fall to either side of a rounding.
        assert np.mean(gap > 2.0) < 0.02
    grey = part({"x": x[..., :1]}, SEED)["x"]
    assert grey.shape == (2, 24, 33, 1)
    loose = tf.function(
        lambda x: part({"x": x}, SEED)["x"],
        input_signature=[tf.TensorSpec((None, None, None, 3), tf.uint8)],
    )
    gap = np.abs(loose(tf.constant(x)).numpy().astype("float64") - whole)
    assert gap.max() <= 1
