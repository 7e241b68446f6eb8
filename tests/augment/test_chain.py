"""Chains, chance, layers, and augmentation of any data."""

import copy
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

import kerasgen as kg
from kerasgen.augment import AugmentLayer, Chain, Sometimes, augment, worst_of
from kerasgen.augment.move import Fused

SEED = tf.constant([5, 6])
X = np.random.default_rng(0).integers(0, 256, (6, 20, 24, 3)).astype("uint8")


def test_whole_pixel_moves_in_one_pass_are_exact():
    flip, crop = kg.augment.Flip(1.0), kg.augment.Crop(0.2, fill="zero")
    chain = Chain([flip, crop, kg.augment.Invert(1.0)])
    out = chain({"x": X}, SEED)["x"].numpy()
    # Values change places with geometry: what comes in stays black.
    inverted = 255 - X[:, :, ::-1]
    salted = kg.augment.base.fold(SEED, 1)
    alone = crop({"x": tf.constant(inverted)}, salted)["x"].numpy()
    assert (out == alone).all()


def test_neighbours_share_a_pass_and_codecs_do_not():
    chain = Chain(["flip", "rotate", "contrast", "jpeg", "shear"])
    kinds = [type(part).__name__ for _, part in chain._steps]
    assert kinds == ["Fused", "JPEG", "Shear"]


def test_one_resampling_loses_less_than_two():
    smooth = tf.image.resize(X.astype("float32"), (96, 96), "bicubic")
    smooth = tf.clip_by_value(smooth, 0, 255)
    turn = kg.augment.Rotate(40, fill="reflect")
    parts = [(0, turn), (1, turn), (2, turn)]
    once = Fused(parts)({"x": smooth}, SEED)["x"].numpy()
    many = smooth
    for salt, part in parts:
        many = part({"x": many}, kg.augment.base.fold(SEED, salt))["x"]
    middle = np.s_[:, 30:-30, 30:-30]
    gap = np.abs(once[middle] - many.numpy()[middle]).mean()
    assert gap < 8
    blur = [np.abs(np.diff(v, axis=2)).mean() for v in (once, many.numpy())]
    assert blur[0] >= blur[1]


def test_masks_boxes_and_points_go_along_in_one_pass():
    mask = (X[..., 0] > 128).astype("int32")
    points = np.tile(np.array([[[4.5, 7.5]]], "float32"), (6, 1, 1))
    boxes = np.tile(np.array([[[2.0, 3.0, 9.0, 8.0]]], "float32"), (6, 1, 1))
    fields = {"x": X, "mask": mask, "boxes": boxes, "keypoints": points}
    chain = Chain([kg.augment.Flip(1.0), "equalize", kg.augment.Flip(1.0)])
    out = chain(fields, SEED)
    assert (out["mask"].numpy() == mask).all()
    assert np.allclose(out["keypoints"], points)
    assert np.allclose(out["boxes"], boxes)


def test_chains_are_saved_and_copied():
    chain = Chain(["flip", {"name": "rotate", "degrees": 5.0}, "color_jitter"])
    first = chain({"x": X}, SEED)["x"]
    text = json.dumps(keras.saving.serialize_keras_object(chain))
    back = keras.saving.deserialize_keras_object(json.loads(text))
    for other in (back, copy.deepcopy(chain)):
        assert (other({"x": X}, SEED)["x"].numpy() == first.numpy()).all()


def test_what_does_not_belong_together_is_refused():
    with pytest.raises(ValueError, match="one kind of data and one stage"):
        Chain(["flip", "mix_up"])
    with pytest.raises(ValueError, match="there must be a part"):
        Chain([])
    with pytest.raises(ValueError, match="Did you mean 'rotate'"):
        Chain(["rotat"])
    with pytest.raises(ValueError, match="have a `rate` of their own"):
        Sometimes(0.5, "mix_up")
    with pytest.raises(ValueError, match="must not change labels"):
        AugmentLayer("cut_mix")


def test_sometimes_moves_the_stated_share():
    x = tf.zeros((1000, 4, 4, 1), tf.uint8)
    part = {"name": "invert", "rate": 1.0}
    out = Sometimes(0.3, part)({"x": x}, SEED)["x"].numpy()
    share = (out[:, 0, 0, 0] == 255).mean()
    assert 0.25 < share < 0.35


def pairs(data):
    return [x.numpy() for x, _ in data]


@pytest.mark.slow
def test_any_data_can_be_augmented_and_epochs_differ():
    data = tf.data.Dataset.from_tensor_slices((X, np.arange(6))).batch(3)
    moved = augment(data, ["flip", "rand_augment"], seed=1)
    assert len(moved) == 2
    first, second = pairs(moved), pairs(moved)
    assert not all(map(np.array_equal, first, second))
    again = augment(data, ["flip", "rand_augment"], seed=1)
    assert all(map(np.array_equal, first, pairs(again)))
    again.epoch.assign(-1)
    assert all(map(np.array_equal, first, pairs(again)))
    other = augment(data, ["flip", "rand_augment"], seed=2)
    assert not all(map(np.array_equal, first, pairs(other)))


def test_streams_of_data_join_their_moves():
    data = kg.data.load("digits")
    parts = [kg.augment.Translate(0.1), kg.augment.Rotate(10)]
    batches = data.batches("train", 32, augment=parts)
    first, second = (np.stack([x[0] for x in pairs(batches)[:3]]) for _ in "ab")
    assert not np.array_equal(first, second)
    again = data.batches("train", 32, augment=parts)
    assert np.array_equal(first, np.stack([x[0] for x in pairs(again)[:3]]))


def test_a_layer_does_what_the_pipeline_does():
    layer = AugmentLayer(["flip", "rotate"], seed=7)
    key = keras.random.SeedGenerator(7).next()
    key = tf.bitcast(tf.cast(key, tf.uint32), tf.int32)
    alone = Chain(["flip", "rotate"])({"x": X}, key)["x"]
    assert (layer(X, training=True).numpy() == alone.numpy()).all()
    assert (layer(X, training=False).numpy() == X).all()


@pytest.mark.slow
def test_a_model_carries_its_augmentation(tmp_path):
    model = keras.Sequential(
        [
            keras.Input((20, 24, 3), dtype="uint8"),
            AugmentLayer("rand_augment", seed=1),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Flatten(),
            keras.layers.Dense(2),
        ]
    )
    model.compile("sgd", "mse")
    model.fit(X, np.zeros((6, 2)), verbose=0)
    model.save(tmp_path / "m.keras")
    back = keras.models.load_model(tmp_path / "m.keras")
    assert np.allclose(back.predict(X, verbose=0), model.predict(X, verbose=0))
    model.export(tmp_path / "served", verbose=False)
    served = tf.saved_model.load(tmp_path / "served")
    assert np.allclose(served.serve(X), model.predict(X, verbose=0), atol=1e-5)


def test_float_images_of_unknown_range_are_refused():
    with pytest.raises(ValueError, match="`high` must be known.*Pass high="):
        kg.augment.Brightness()({"x": X.astype("float32")}, SEED)
    with pytest.raises(TypeError, match="uint8 or float.*int32"):
        kg.augment.Flip()({"x": X.astype("int32")}, SEED)


def test_the_worst_copy_is_the_one_that_scores_highest():
    part = kg.augment.Brightness(0.5)

    def light(fields):
        return tf.reduce_mean(tf.cast(fields["x"], tf.float32), (1, 2, 3))

    copies = [
        light(part({"x": X}, kg.augment.base.fold(SEED, salt))).numpy()
        for salt in range(4)
    ]
    out = worst_of(part, {"x": X, "y": np.arange(6)}, SEED, light, 4)
    assert np.allclose(light(out), np.max(copies, 0))
    assert (out["y"].numpy() == np.arange(6)).all()


def test_clahe_equals_opencv_on_grey_images():
    cv2 = pytest.importorskip("cv2")
    rough = np.random.default_rng(1).normal(size=(6, 6))
    smooth = cv2.resize(rough, (64, 48), interpolation=cv2.INTER_CUBIC)
    grey = np.clip(smooth * 40 + 120, 0, 255).astype("uint8")
    for clip, tiles in ((2.0, 8), (4.0, 4)):
        known = cv2.createCLAHE(clip, (tiles, tiles)).apply(grey)
        part = kg.augment.CLAHE(1.0, clip, tiles)
        out = part({"x": grey[None, ..., None]}, SEED)["x"].numpy()[0, ..., 0]
        assert np.abs(out.astype(int) - known).max() <= 1


def test_fourier_mix_swaps_amplitudes_and_keeps_phases():
    x = X[:4, :, :, :1].astype("float32")
    part = kg.augment.FourierMix(1.0, share=1.0, mode="swap", high=1e9)
    style = x[::-1] + 300.0
    out = part({"x": x, "style": style}, SEED)["x"].numpy()[..., 0]
    new, own = np.fft.fft2(out), np.fft.fft2(x[..., 0])
    other = np.fft.fft2(style[..., 0])
    # Values below 0 are cut off: only what wasn't can be compared.
    whole = (out > 0).all((1, 2))
    assert whole.any()
    assert np.allclose(np.abs(new)[whole], np.abs(other)[whole], rtol=2e-3)
    turn = np.exp(1j * (np.angle(new) - np.angle(own)))
    assert np.allclose(turn[whole].real, 1, atol=1e-2)
