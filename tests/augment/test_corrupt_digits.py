"""MNIST-C's own corruptions against SciPy, scikit-image and NumPy."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from scipy import ndimage
from sklearn.datasets import load_digits

from kerasgen.augment import corrupt, edges


@pytest.fixture(scope="module")
def digits():
    found = []
    for image in load_digits().images[:16]:
        image = Image.fromarray((image * 255 / 16).astype("uint8"))
        image = image.resize((20, 20), Image.Resampling.BICUBIC)
        found.append(np.pad(np.asarray(image), 4))
    return np.array(found)[..., None]


def made(part, x, severity, seed=(0, 1)):
    x = tf.constant(x.astype("float32"))
    return part(severity=severity)({"x": x}, seed)["x"].numpy()


def warped(image, matrix):
    """Samples an image about its middle; what comes in is black."""
    middle = (len(image) - 1) / 2
    rows, columns = np.indices(image.shape) - middle
    x = matrix[0][0] * columns + matrix[0][1] * rows
    y = matrix[1][0] * columns + matrix[1][1] * rows
    # With a margin of black, so that the border fades as it should.
    wide = np.pad(image.astype("float64"), 1)
    return ndimage.map_coordinates(
        wide, [y + middle + 1, x + middle + 1], order=1, mode="constant"
    )


def one_of_two(out, wanted, atol=0.02):
    """Each image must be one of the two that its draw allows."""
    hits = []
    for image, pair in zip(out[..., 0], wanted, strict=True):
        far = [np.abs(image - one).max() for one in pair]
        assert min(far) < atol
        hits.append(int(np.argmin(far)))
    assert len(set(hits)) == 2


@pytest.mark.parametrize("severity", [1, 3, 5])
def test_rotate_and_shear(digits, severity):
    turn = 0.2 * severity

    def rotation(a):
        return [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]

    def lean(a):
        return [[1.0, -np.sin(a)], [0.0, np.cos(a)]]

    for part, matrix in ((corrupt.Rotate, rotation), (corrupt.Shear, lean)):
        wanted = [
            [warped(image, matrix(a)) for a in (turn, -turn)]
            for image in digits[..., 0]
        ]
        one_of_two(made(part, digits, severity), wanted)


@pytest.mark.parametrize("severity, share", [(1, 0.9), (5, 0.5)])
def test_scale(digits, severity, share):
    out = made(corrupt.Scale, digits, severity)
    matrix = [[1 / share, 0.0], [0.0, 1 / share]]
    for image, wanted in zip(out, digits, strict=True):
        np.testing.assert_allclose(
            image[..., 0], warped(wanted[..., 0], matrix), atol=0.02
        )


@pytest.mark.parametrize("side", [28, 56])
def test_translate_grows_with_the_side(digits, side):
    x = np.kron(digits, np.ones((1, side // 28, side // 28, 1)))
    step = 3 * side // 28
    out = made(corrupt.Translate, x, 3)
    wide = np.pad(x, ((0, 0), (step, step), (step, step), (0, 0)))
    seen = set()
    for image, around in zip(out, wide, strict=True):
        for move in ((0, 0), (0, 1), (1, 0), (1, 1)):
            top, left = (2 * step * bit for bit in move)
            if np.abs(around[top:, left:][:side, :side] - image).max() < 0.01:
                seen.add(move)
    assert len(seen) == 4


def test_stripe(digits):
    out = made(corrupt.Stripe, digits, 3)
    wanted = digits.astype("float32")
    wanted[:, :, :7] = 255 - wanted[:, :, :7]
    wanted[:, :, 21:] = 255 - wanted[:, :, 21:]
    np.testing.assert_allclose(out, wanted, atol=1e-3)


def ink(c0, r0, c1, r1):
    """A stroke of MNIST-C, pixel by pixel."""
    out = np.zeros((28, 28))
    for row in range(28):
        for column in range(int(np.floor(c0)), min(int(np.ceil(c1)), 28)):
            far = abs(row - ((r1 - r0) / (c1 - c0) * (column - c0) + r0))
            if far < 2.3:
                out[row, column] = np.clip(np.log(1 - far / 2.3) + 1, 0, 1)
    return out


def test_dotted_line_is_one_of_729(digits):
    black = np.zeros((4, 28, 28, 1))
    out = made(corrupt.DottedLine, black, 1)[..., 0] / 255
    dots = np.arange(28) // 2 % 2 == 1
    lines = {
        (a, b): ink(0, a, 27, b) * dots for a in range(27) for b in range(27)
    }
    found = set()
    for image in out:
        far = {ends: np.abs(image - line).max() for ends, line in lines.items()}
        best = min(far, key=far.get)
        assert far[best] < 1e-3
        found.add(best)
    assert len(found) > 1


def zigzag(start, rise):
    """MNIST-C's corners of a zigzag of half length and width 2."""
    turn = np.arctan(rise / 23)
    length = 23 / np.cos(turn)
    corners = [(0, 0)]
    for i in range(int((length - 2) // 4) + 1):
        corners.append(((2 * i + 1) * 2, (-1) ** i * 2))
    rest = length - 4 * (length // 4)
    corners.append((length, corners[-1][1] / (2 * rest)))
    matrix = np.array(
        [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    )
    return (matrix @ np.array(corners).T).T + [2, start]


def test_zigzag_is_one_of_270():
    out = made(corrupt.Zigzag, np.zeros((4, 28, 28, 1)), 1)[..., 0] / 255
    drawn = []
    for start in range(27):
        for rise in range(-5, 5):
            corners = zigzag(start, rise)
            total = sum(
                ink(*one, *two)
                for one, two in zip(corners, corners[1:], strict=False)
            )
            drawn.append(np.clip(total, 0, 1))
    for image in out:
        assert min(np.abs(image - one).max() for one in drawn) < 1e-3


def test_canny_is_scikit_images(digits):
    feature = pytest.importorskip("skimage.feature")
    out = made(corrupt.CannyEdges, digits, 5)[..., 0] / 255
    wanted = np.array([feature.canny(x / 255) for x in digits[..., 0]])
    assert set(np.unique(out)) == {0.0, 1.0}
    # Slopes that tie exactly may fall either way.
    assert (out != wanted).mean() < 0.002
    half = made(corrupt.CannyEdges, digits, 2)[..., 0] / 255
    mixed = digits[..., 0] / 255 * 0.6 + out * 0.4
    np.testing.assert_allclose(half, mixed, atol=1e-5)


def test_distance_is_scipys():
    random = np.random.default_rng(0)
    marks = random.random((3, 40, 30)) < 0.01
    out = edges.distance(tf.constant(marks[..., None]), 20)[..., 0].numpy()
    for one, wanted in zip(out, marks, strict=True):
        wanted = ndimage.distance_transform_edt(~wanted)
        np.testing.assert_allclose(one, np.minimum(wanted, 20), atol=1e-4)


def test_linked_is_scipys_hysteresis():
    filters = pytest.importorskip("skimage.filters")
    random = np.random.default_rng(0)
    x = random.random((3, 40, 30))
    out = edges.linked(
        tf.constant(x[..., None] > 0.6), tf.constant(x[..., None] > 0.98)
    )
    for one, image in zip(out[..., 0].numpy(), x, strict=True):
        grown = filters.apply_hysteresis_threshold(image, 0.6, 0.98)
        labels, _ = ndimage.label(image > 0.6, np.ones((3, 3)))
        wanted = np.isin(labels, np.unique(labels[image > 0.98])) & (labels > 0)
        np.testing.assert_array_equal(one, wanted)
        # scikit-image links along sides only.
        assert (grown <= wanted).all()


def test_strengths_are_those_of_large_images_and_grow():
    part = corrupt.DigitMotionBlur(severity=2)
    at = {
        side: [float(v) for v in part.strength(tf.constant([1, side, side, 1]))]
        for side in (28, 56)
    }
    assert at[28] == [15.0, 5.0] and at[56] == [30.0, 10.0]
    shot = corrupt.DigitShotNoise(severity=5)
    assert float(shot.strength(tf.constant([1, 28, 28, 1]))) == 3.0


def test_glass_copies_in_the_published_order():
    """Follows the same draws one pixel after another, as the loop does."""
    part = corrupt.GlassBlur()
    shape, reach = tf.constant([1, 12, 11, 1]), 2
    seed = tf.constant([4, 2])
    source = part._sources(shape, reach, seed)[0].numpy()
    moves = tf.random.stateless_uniform(
        (2, 1, 132), seed, -reach, reach, tf.int32
    ).numpy()[:, 0]
    x = np.arange(132).reshape(12, 11)
    for row in range(12 - reach, reach, -1):
        for column in range(11 - reach, reach, -1):
            down, across = moves[:, row * 11 + column]
            x[row, column] = x[row + down, column + across]
    np.testing.assert_array_equal(source, x.ravel())
