"""Bodies of images: every one learns, saves, and keeps what it promises."""

import keras
import numpy as np
import pytest

from kerasgen import models
from kerasgen.core import set_seed, value_and_gradients
from kerasgen.models.airbench import Cosines, Passing

BODIES = (
    *("resnet", "wide_resnet", "convnet", "convnext", "mobilenet"),
    *("airbench", "vit", "mixer"),
)
MASKS = ("unet", "attention_unet", "deeplab", "fpn")


def slopes(model, shape):
    """Whether each weight's gradient is there and finite."""
    x = np.random.default_rng(0).normal(size=shape).astype("float32")
    weights = model.trainable_variables
    terms, _, found = value_and_gradients(
        lambda: (
            {"t": keras.ops.mean(model(x, training=True)[..., 0] ** 2)},
            None,
        ),
        weights,
    )
    assert np.isfinite(float(terms["t"]))
    return [
        w.path
        for w, slope in zip(weights, found, strict=True)
        if slope is None or not np.any(np.asarray(slope))
    ]


@pytest.mark.parametrize("body", BODIES)
def test_every_weight_of_a_body_learns(body):
    set_seed(0)
    model = models.image_classifier((9, 12, 2), 3, body=body, size="tiny")
    assert model.output_shape == (None, 3)
    assert slopes(model, (4, 9, 12, 2)) == []
    back = type(model).from_config(model.get_config())
    assert back.count_params() == model.count_params()


@pytest.mark.parametrize("body", MASKS)
def test_every_weight_of_a_segmenter_learns(body):
    set_seed(0)
    model = models.segmenter((9, 12, 2), 3, body=body, size="tiny")
    assert model.output_shape == (None, 9, 12, 3)
    assert slopes(model, (4, 9, 12, 2)) == []


def test_stated_parameter_counts_of_other_bodies_hold():
    counts = {
        body: models.image_classifier((32, 32, 3), 10, body=body).count_params()
        for body in ("wide_resnet", "airbench", "mobilenet", "vit")
    }
    assert 5e5 < counts["airbench"] < 6e5
    assert 1.1e6 < counts["wide_resnet"] < 1.3e6
    assert 1.5e5 < counts["mobilenet"] < 2.5e5 < 4e5 < counts["vit"] < 5e5


@pytest.mark.parametrize("body", ("resnet", "vit"))
def test_drop_path_leaves_out_branches_in_training_alone(body):
    set_seed(0)
    plain, model = (
        models.image_classifier(
            (8, 8, 1), 2, body=body, size="tiny", dropout=0.0, drop_path=rate
        )
        for rate in (0.0, 0.5)
    )
    known = {w.path: w.numpy() for w in plain.weights}
    for weight in model.weights:
        if "seed" not in weight.path:
            weight.assign(known[weight.path])
    x = np.random.default_rng(0).normal(size=(16, 8, 8, 1)).astype("float32")
    still = np.asarray(plain(x))
    assert np.allclose(model(x), still, atol=1e-6)
    assert np.abs(np.asarray(model(x, training=True)) - still).max() > 1e-4


@pytest.mark.parametrize("body", ("convnet", "airbench"))
def test_a_body_without_skips_has_no_branch_to_drop(body):
    with pytest.raises(ValueError, match="drop_path"):
        models.image_classifier((8, 8, 1), 2, body=body, drop_path=0.1)


@pytest.mark.parametrize("channels", (1, 3, 4))
def test_cosine_kernels_see_all_of_a_patch(channels):
    kernel = np.asarray(Cosines()((2, 2, channels, 8 * channels)))
    rows = kernel.reshape(4 * channels, -1).T
    first, second = np.split(rows, 2)
    assert np.allclose(first @ first.T, np.eye(4 * channels), atol=1e-6)
    assert np.array_equal(second, -first)
    # The first is the patch's mean; no other sees an even grey.
    assert np.allclose(first[0], first[0, 0])
    assert np.allclose(first[1:].sum(1), 0, atol=1e-6)


@pytest.mark.parametrize("channels, count", ((3, 5), (5, 3), (4, 4)))
def test_passing_kernels_hand_on_channels(channels, count):
    kernel = Passing(seed=1)((3, 3, channels, count))
    x = np.random.default_rng(0).normal(size=(2, 6, 6, channels))
    y = np.asarray(keras.ops.conv(x.astype("float32"), kernel, padding="same"))
    same = min(channels, count)
    assert np.allclose(y[..., :same], x[..., :same], atol=1e-6)
    if count > channels:
        drawn = np.asarray(kernel[..., channels:])
        assert 0 < np.abs(drawn).max() <= (6 / (9 * channels)) ** 0.5


@pytest.mark.slow
@pytest.mark.parametrize("body", BODIES)
def test_every_body_learns_by_heart(body):
    set_seed(0)
    model = models.image_classifier(
        (8, 8, 1), 3, body=body, size="tiny", dropout=0.0
    )
    random = np.random.default_rng(0)
    y = np.arange(24) % 3
    x = random.normal(y[:, None, None, None] - 1.0, 1.0, (24, 8, 8, 1))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss)
    losses = model.fit(x, y, epochs=60, verbose=0).history["loss"]
    assert losses[-1] < 0.1 * losses[0]


@pytest.mark.slow
@pytest.mark.parametrize("body", MASKS)
def test_every_segmenter_finds_blocks(body):
    import kerasgen as kg

    set_seed(0)
    x, y = kg.data.synthetic.masks(48, 3, (16, 16, 1))
    model = models.segmenter((16, 16, 1), 3, body=body, size="tiny")
    method = kg.methods.ERM(model, kg.Segmentation(3))
    method.compile(keras.optimizers.Adam(0.01))
    seen = method.fit(x / 64.0 - 1.0, y, epochs=60, verbose=0).history
    assert seen["dice"][-1] > 0.9


@pytest.mark.parametrize("body", ("attention", "2plus1d"))
def test_every_weight_of_a_video_classifier_learns(body):
    set_seed(0)
    shape = (5, 9, 12, 2)
    model = models.video_classifier(shape, 3, body=body, size="tiny")
    assert slopes(model, (4, *shape)) == []
    x = np.random.default_rng(0).normal(size=(2, *shape)).astype("float32")
    # A clip that runs backwards is another one.
    gap = np.abs(np.asarray(model(x)) - np.asarray(model(x[:, ::-1])))
    assert gap.max() > 1e-5


@pytest.mark.parametrize(
    "attention", ("se", "eca", "cbam", "coordinate", "non_local")
)
def test_attention_stands_in_every_block(attention):
    plain, model = (
        models.image_classifier((8, 8, 1), 2, size="tiny", attention=each)
        for each in ("none", attention)
    )
    names = [layer.name for layer in model.layers]
    assert "stage1_block0_attention" in names
    assert model.count_params() > plain.count_params()
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 1))
    assert np.isfinite(model(x)).all()


@pytest.mark.parametrize("body", ("attention", "2plus1d"))
def test_forward_is_told_from_backward(body):
    # Both ways have the same frames, so their order alone tells the class.
    set_seed(0)
    random = np.random.default_rng(0)
    x = np.zeros((128, 4, 8, 8, 1), "float32")
    for clip in x:
        row, column = random.integers(0, 8), random.integers(0, 5)
        for frame in range(4):
            clip[frame, row, column + frame] = 1.0
    y = np.arange(128) % 2
    x[y == 1] = x[y == 1][:, ::-1]
    model = models.video_classifier(x.shape[1:], 2, body=body, size="tiny")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
    found = model.fit(x, y, 32, epochs=20, verbose=0).history["accuracy"]
    assert max(found[-5:]) > 0.95
