"""Moves of videos: every frame alike, and other frames for frames."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasgen.augment.affine import Flip, Rotate, Translate
from kerasgen.augment.audio import Gain
from kerasgen.augment.base import Augment
from kerasgen.augment.crop import ResizedCrop
from kerasgen.augment.erase import Erase
from kerasgen.augment.mix import MixUp
from kerasgen.augment.spectrogram import SpecAugment
from kerasgen.augment.tone import Brightness
from kerasgen.augment.video import FrameDrop, TimeCrop, TimeReverse, Video
from kerasgen.core import Float, create

RANDOM = np.random.default_rng(0)
SEED = (1, 2)


def clips(n=8, frames=4, side=12, channels=3, dtype="uint8"):
    shape = (n, frames, side, side, channels)
    return RANDOM.integers(0, 256, shape).astype(dtype)


def numbered(n=300, frames=10):
    """Clips whose pixels are the frame's number."""
    x = np.arange(frames, dtype="float32").reshape(1, -1, 1, 1, 1)
    return np.broadcast_to(x, (n, frames, 2, 2, 1)).copy()


def run(part, x, seed=SEED, **fields):
    return part({"x": tf.constant(x), **fields}, seed)


@pytest.mark.parametrize(
    "move",
    [Flip(), Rotate(30.0), Translate(0.3), Erase(1.0), Brightness(0.4)],
    ids=lambda part: type(part).__name__,
)
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_every_frame_is_moved_as_the_image_part_moves_it(move, dtype):
    x = clips(dtype=dtype)
    move = move.bind(high=255.0)
    out = run(Video(move), x)["x"].numpy()
    assert out.dtype == x.dtype and (out != x).any()
    for frame in range(4):
        want = run(move, x[:, frame])["x"].numpy()
        np.testing.assert_array_equal(out[:, frame], want)


def test_a_still_clip_stays_still_and_clips_differ():
    still = np.repeat(clips(1, 1), 12, 0).repeat(5, 1)
    out = run(Video(Rotate(40.0)), still)["x"].numpy()
    np.testing.assert_array_equal(out, out[:, :1].repeat(5, 1))
    assert len({clip.tobytes() for clip in out}) == 12


def test_rate_is_the_probability_of_a_clip():
    x = clips(200, 2, 4)
    flipped = Video(Flip(rate=1.0), rate=0.3)
    out = run(flipped, x)["x"].numpy()
    moved = (out == x[:, :, :, ::-1]).all((1, 2, 3, 4))
    left = (out == x).all((1, 2, 3, 4))
    assert (moved ^ left).all() and 0.2 < moved.mean() < 0.4
    none = run(Video("flip", rate=0.0), x)["x"].numpy()
    np.testing.assert_array_equal(none, x)


def test_fields_with_and_without_frames_go_along():
    x = clips(6, 3)
    mask = RANDOM.integers(0, 2, (6, 3, 12, 12)).astype("uint8")
    still = RANDOM.integers(0, 2, (6, 12, 12)).astype("uint8")
    box = np.array([1.0, 2.0, 5.0, 7.0], "float32")
    boxes = np.broadcast_to(box, (6, 3, 1, 4)).copy()
    fields = {"mask": mask, "y": still, "boxes": boxes, "weight": np.ones(6)}
    part = Video(Flip(rate=1.0))
    out = run(part, x, **fields)
    np.testing.assert_array_equal(out["x"], x[:, :, :, ::-1])
    np.testing.assert_array_equal(out["mask"], mask[:, :, :, ::-1])
    np.testing.assert_array_equal(out["y"], still[:, :, ::-1])
    np.testing.assert_allclose(
        out["boxes"], np.broadcast_to([7.0, 2.0, 11.0, 7.0], (6, 3, 1, 4))
    )
    np.testing.assert_array_equal(out["weight"], np.ones(6))
    half = run(Video(Flip(rate=1.0), rate=0.5), x, **fields)
    for clip in range(6):
        moved = (half["x"][clip].numpy() != x[clip]).any()
        want = out if moved else fields
        for name in ("mask", "y", "boxes"):
            np.testing.assert_array_equal(half[name][clip], want[name][clip])


def test_labels_stay():
    x = clips(4, 2)
    for y in (np.arange(4), np.eye(4, dtype="float32")):
        out = run(Video("flip"), x, y=tf.constant(y))
        np.testing.assert_array_equal(out["y"], y)
    x, y = Video("flip")((tf.constant(x), tf.constant(y)), SEED)
    assert x.shape == (4, 2, 12, 12, 3) and y.shape == (4, 4)


def test_parts_that_change_the_size():
    x = clips(4, 2)
    part = Video(ResizedCrop(height=6, width=8))
    assert run(part, x)["x"].shape == (4, 2, 6, 8, 3)
    with pytest.raises(ValueError, match="changes the size"):
        run(Video(ResizedCrop(height=6, width=8), rate=0.5), x)


@pytest.mark.parametrize(
    "part",
    [
        Video("rotate"),
        Video("flip", 0.5),
        TimeCrop(0.5),
        TimeReverse(0.5),
        FrameDrop(0.5),
    ],
    ids=lambda part: type(part).__name__,
)
def test_unknown_sizes_in_a_parallel_map(part):
    x = clips()
    spec = tf.TensorSpec((None,) * 5, tf.uint8)
    data = tf.data.Dataset.from_generator(lambda: [x, x], output_signature=spec)
    want = run(part, x)["x"].numpy().astype(int)
    for out in data.map(lambda x: part({"x": x}, SEED)["x"], 2):
        # Compiled for known sizes, resampling may round the other way.
        assert np.abs(out.numpy() - want).max() <= 1
    one = run(part, x[0])["x"]
    assert one.shape == x[0].shape
    assert (run(part, x, (3, 4))["x"].numpy() != want).any()


def test_descriptions_names_and_objects():
    spec = {"name": "video", "move": {"name": "rotate", "degrees": 5.0}}
    part = create("augment", spec)
    assert part.move.degrees == 5.0 and part.rate == 1.0
    config = json.loads(json.dumps(part.get_config()))
    assert config["move"]["name"] == "rotate"
    again = Video.from_config(config)
    assert again.get_config() == part.get_config()
    saved = keras.saving.serialize_keras_object(Video(Flip(0.2)))
    assert keras.saving.deserialize_keras_object(saved).move.rate == 0.2


def test_what_fits_no_frame_is_refused():
    for move in (MixUp(), Gain(), SpecAugment(), Video()):
        with pytest.raises(ValueError, match="single images"):
            Video(move)
    with pytest.raises(ValueError, match="flip"):
        Video("flipp")
    with pytest.raises(TypeError, match="move=3"):
        Video(3)


class OpenPart(Augment):
    """An image part that waits for the data's range."""

    arguments = {"high": Float(0.0)}
    kind = "image"
    stage = "prepared"

    def __init__(self, high=None):
        super().__init__(high=high)

    def apply(self, fields, seed):
        return {**fields, "x": self.need("high", "a test") - fields["x"]}


def test_what_data_know_reaches_the_part():
    part = Video(OpenPart())
    assert part.stage == "prepared"
    with pytest.raises(ValueError, match="Pass high="):
        run(part, clips(dtype="float32"))
    bound = part.bind(high=1.0, classes=3)
    x = clips(dtype="float32") / 255
    np.testing.assert_allclose(run(bound, x)["x"], 1 - x)
    assert bound.bind(high=0.5) is bound


def test_time_crop_plays_a_window_over_the_whole_length():
    out = run(TimeCrop(0.6), numbered())["x"].numpy()[:, :, 0, 0, 0]
    steps = np.diff(out, axis=1)
    assert set(np.unique(steps)) == {0.0, 1.0}
    span = out[:, -1] - out[:, 0] + 1
    assert span.min() == 4 and span.max() == 10
    assert set(out[:, 0]) >= {0.0, 3.0} and set(out[:, -1]) >= {9.0, 5.0}
    # Every frame of a window is shown about equally long.
    shown = [np.bincount((row - row[0]).astype(int)) for row in out]
    assert max(counts[1:-1].max() for counts in shown if len(counts) > 2) <= 3


def test_time_crop_of_the_whole_is_one_frame_at_least():
    out = run(TimeCrop(1.0), numbered())["x"].numpy()[:, :, 0, 0, 0]
    assert (np.ptp(out, axis=1) <= 2).any() and (out >= 0).all()
    assert (out <= 9).all()


def test_time_reverse_plays_backwards():
    x = numbered()
    out = run(TimeReverse(0.5), x)["x"].numpy()
    back = (out == x[:, ::-1]).all((1, 2, 3, 4))
    left = (out == x).all((1, 2, 3, 4))
    assert (back ^ left).all() and 0.4 < back.mean() < 0.6


def test_frame_drop_repeats_the_last_frame_kept():
    out = run(FrameDrop(0.3), numbered())["x"].numpy()[:, :, 0, 0, 0]
    place = np.arange(10)
    lost = out != place
    assert not lost[:, 0].any() and 0.25 < lost[:, 1:].mean() < 0.35
    for row, gone in zip(out, lost, strict=True):
        want = 0.0
        for frame in range(10):
            want = want if gone[frame] else frame
            assert row[frame] == want
    assert len({row.tobytes() for row in out}) > 100


@pytest.mark.parametrize("part", [TimeCrop, TimeReverse, FrameDrop])
def test_dense_targets_follow_their_frames(part):
    x = numbered(20)
    out = run(part(1.0), x, y=x[..., 0], mask=x, weight=np.ones(20))
    np.testing.assert_array_equal(out["y"], out["x"][..., 0])
    np.testing.assert_array_equal(out["mask"], out["x"])
    label = run(part(1.0), x, y=np.arange(20))["y"]
    np.testing.assert_array_equal(label, np.arange(20))
    np.testing.assert_array_equal(run(part(0.0), x)["x"], x)
