"""Masks and warped time of spectrograms."""

import numpy as np
import pytest
import tensorflow as tf

from kerasgen.augment.spectrogram import SpecAugment, masks

RANDOM = np.random.default_rng(0)


def run(part, x, seed=(1, 2)):
    return part({"x": tf.constant(x)}, seed)["x"].numpy()


@pytest.mark.parametrize("size, share", [(80, 0.35), (10, 0.3), (7, 1.0)])
def test_masks_have_even_widths_and_places(size, share):
    out = masks(tf.constant([1, 2]), 20000, size, share, 1).numpy()
    edges = np.diff(np.pad(out.astype(int), ((0, 0), (1, 1))), axis=1)
    assert ((edges == 1).sum(1) <= 1).all()
    most = int(size * share + 1e-9)
    widths = np.bincount(out.sum(1), minlength=most + 1)
    assert len(widths) == most + 1
    np.testing.assert_allclose(
        widths / 20000, 1 / (most + 1), atol=4 / np.sqrt(20000 * (most + 1))
    )
    # The chance of each place, by the definition in the paper.
    want = np.zeros(size)
    for width in range(1, most + 1):
        starts = size - width + 1
        for start in range(starts):
            want[start : start + width] += 1 / starts / (most + 1)
    np.testing.assert_allclose(out.mean(0), want, atol=0.02)


def test_several_masks_hide_what_any_hides():
    one = masks(tf.constant([1, 2]), 4000, 50, 0.2, 1).numpy().mean()
    three = masks(tf.constant([1, 2]), 4000, 50, 0.2, 3).numpy().mean()
    assert one == pytest.approx(0.1, rel=0.05)
    assert 2.3 * one < three < 3 * one


@pytest.mark.parametrize("fill", ["mean", "zero"])
@pytest.mark.parametrize("tail", [(), (1,)])
def test_masks_are_whole_bands_and_whole_frames(fill, tail):
    x = RANDOM.normal(3.0, 1.0, (40, 30, 16, *tail)).astype("float32")
    out = run(SpecAugment(0.4, 0.4, fill=fill), x)
    painted = (out != x).reshape(40, 30, 16)
    for before, after, hidden in zip(x, out, painted, strict=True):
        frames, bands = hidden.all(1), hidden.all(0)
        np.testing.assert_array_equal(hidden, frames[:, None] | bands)
        value = before.mean() if fill == "mean" else 0.0
        np.testing.assert_allclose(
            after.reshape(30, 16)[hidden], value, atol=1e-5
        )
    assert len({row.tobytes() for row in painted}) > 35


def test_only_the_asked_axis_is_masked():
    x = RANDOM.normal(size=(20, 30, 16)).astype("float32")
    bands = run(SpecAugment(0.4, 0.0), x) != x
    assert bands.any() and (bands == bands[:, :1]).all()
    frames = run(SpecAugment(0.0, 0.4), x) != x
    assert frames.any() and (frames == frames[:, :, :1]).all()
    none = SpecAugment(0.4, 0.4, frequency_masks=0, time_masks=0)
    np.testing.assert_array_equal(run(none, x), x)


def test_warp_is_two_straight_pieces_between_fixed_ends():
    frames = 101
    x = np.arange(frames, dtype="float32")[None, :, None]
    x = np.repeat(np.repeat(x, 64, 0), 3, 2)
    out = run(SpecAugment(0.0, 0.0, warp=0.2), x)
    np.testing.assert_array_equal(out[:, :, 0], out[:, :, 2])
    np.testing.assert_allclose(out[:, 0], 0.0, atol=1e-4)
    np.testing.assert_allclose(out[:, -1], 100.0, atol=1e-4)
    steps = np.diff(out[:, :, 0], axis=1)
    assert (steps > 0).all()
    reach = []
    for row, step in zip(out[:, :, 0], steps, strict=True):
        # One slope, a bend within one step, another slope.
        bend = np.abs(np.diff(step)).argmax()
        np.testing.assert_allclose(step[:bend], step[0], atol=1e-3)
        np.testing.assert_allclose(step[bend + 2 :], step[-1], atol=1e-3)
        reach.append(np.abs(row - np.arange(frames)).max())
    assert 10 < max(reach) <= 20.5


def test_pure_in_the_seed_and_in_tf_data_with_unknown_sizes():
    x = RANDOM.normal(size=(8, 30, 16)).astype("float32")
    part = SpecAugment(warp=0.1)
    first = run(part, x)
    np.testing.assert_array_equal(first, run(part, x))
    assert (first != run(part, x, (3, 4))).any()
    spec = tf.TensorSpec((None, None, None), tf.float32)
    data = tf.data.Dataset.from_generator(lambda: [x, x], output_signature=spec)
    for out in data.map(lambda x: part({"x": x}, [1, 2])["x"], 2):
        np.testing.assert_allclose(out, first, atol=1e-6)
    assert run(part, x[0]).shape == (30, 16)
