"""Mixing: shares, labels, masks, and the loss that goes with them."""

import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

import kerasgen as kg
from kerasgen.augment import CutMix, FMix, MixUp, ResizeMix

SEED = tf.constant([3, 4])
ALL = (MixUp, CutMix, FMix, ResizeMix)


def ones(n=256, side=16, dtype="uint8"):
    """Image i is all i, so that a pixel tells whose it is."""
    x = np.arange(n)[:, None, None, None] * np.ones((1, side, side, 3))
    return tf.constant(x, dtype)


@pytest.mark.parametrize("kind", ALL)
def test_labels_are_the_shares_of_pixels(kind):
    n = 64
    x, y = ones(n, dtype="float32"), tf.range(n)
    out = kind(classes=n)({"x": x, "y": y}, SEED)
    label = out["y"].numpy()
    assert np.allclose(label.sum(1), 1, atol=1e-5)
    if kind is MixUp:
        seen = (label * np.arange(n)).sum(1)
        assert np.allclose(out["x"].numpy()[:, 0, 0, 0], seen, atol=1e-3)
        return
    pixels = out["x"].numpy()[..., 0].reshape(n, -1).astype(int)
    counted = np.stack([np.bincount(p, minlength=n) for p in pixels])
    assert np.allclose(counted / pixels.shape[1], label, atol=1e-5)
    assert (counted > 0).sum(1).max() == 2


@pytest.mark.parametrize("kind", [MixUp, FMix])
def test_shares_follow_the_beta_distribution(kind):
    n, alpha = 512, 0.7
    x = np.zeros((n, 16, 16, 1), "float32")
    part = kind(alpha=alpha, classes=n)
    label = part((tf.constant(x), tf.range(n)), SEED)[1].numpy()
    share = label[np.arange(n), np.arange(n)]
    share = share[share < 1]
    test = scipy.stats.kstest(share, scipy.stats.beta(alpha, alpha).cdf)
    assert test.pvalue > 1e-3


def test_fmix_shares_are_exact_to_the_pixel():
    n = 128
    part = FMix(classes=n)
    share = part.share(n, SEED).numpy()
    seen = part.seen(tf.constant([n, 20, 24, 3]), tf.constant(share), SEED)
    kept = seen.numpy().reshape(n, -1).sum(1)
    assert np.abs(kept - share * 480).max() <= 0.5 + 1e-3
    # Low frequencies: neighbours mostly belong together.
    assert (seen.numpy()[:, 1:] == seen.numpy()[:, :-1]).mean() > 0.85


def test_cutmix_area_before_the_border_cuts_it():
    """With the centre in the middle the rectangle has the area of 1 - share."""
    n, side = 400, 64
    part = CutMix(classes=2)
    share = tf.linspace(0.0, 1.0, n)
    seen = part.seen(tf.constant([n, side, side, 3]), share, SEED).numpy()
    gone = ~seen
    rows, columns = gone.any(2), gone.any(1)
    # The hidden part is the product of its shadows: a rectangle.
    assert (gone == rows[:, :, None] & columns[:, None, :]).all()
    length = np.sqrt(1 - share.numpy()) * side
    assert (rows.sum(1) <= length + 1).all()
    inside = ~(rows[:, 0] | rows[:, -1])
    assert np.abs(rows.sum(1) - length)[inside].max() <= 1


def test_resize_mix_shows_the_whole_second_image():
    n, side = 32, 40
    ramp = np.tile(np.arange(side)[None, :, None, None], (n, 1, side, 1)) + 100
    out = ResizeMix(classes=n, least=0.5, most=0.5)
    x = tf.constant(ramp, "float32")
    other = x * -1.0
    share = tf.fill((n,), 0.75)
    new, kept, _ = out.mixed(x, other, share, SEED)
    pasted = new.numpy()[..., 0] < 0
    assert (pasted.reshape(n, -1).sum(1) == (side // 2) ** 2).all()
    assert np.allclose(kept, 0.75)
    for image, where in zip(new.numpy()[..., 0], pasted, strict=True):
        rows = image[where.any(1)][:, where.any(0)][:, 0]
        assert rows[0] > -103 and rows[-1] < -136
        assert (np.diff(rows) == -2).all()


@pytest.mark.parametrize("kind", [CutMix, FMix, ResizeMix])
@pytest.mark.parametrize("rank", [3, 4])
def test_masks_are_pasted_like_pixels(kind, rank):
    x = ones(32)
    y = tf.cast(x[..., 0] if rank == 3 else x[..., :1], tf.int32)
    out = kind()({"x": x, "y": y}, SEED)
    seen = out["x"].numpy()[..., 0]
    assert out["y"].dtype == tf.int32
    assert (out["y"].numpy().reshape(seen.shape) == seen).all()


def test_mixup_makes_masks_soft():
    y = tf.constant(np.arange(4)[:, None, None] * np.ones((1, 16, 16)), "int32")
    out = MixUp(classes=4)({"x": ones(4), "y": y}, SEED)["y"]
    assert out.shape == (4, 16, 16, 4)
    assert np.allclose(tf.reduce_sum(out, -1), 1, atol=1e-5)


def test_numbers_and_weights_are_blended():
    x = np.arange(8, dtype="float32")[:, None] * np.ones((1, 3), "float32")
    fields = {"x": x, "y": x[:, 0], "weight": x[:, 0]}
    out = MixUp(1.0)(fields, SEED)
    assert np.allclose(out["y"], out["x"][:, 0], atol=1e-5)
    assert np.allclose(out["weight"], out["x"][:, 0], atol=1e-5)


def test_sounds_videos_and_embeddings_mix():
    for shape in ((8, 100), (8, 3, 6, 6, 3), (8, 5, 7)):
        x = np.random.default_rng(0).normal(size=shape).astype("float32")
        out = MixUp(1.0, classes=2)((tf.constant(x), tf.range(8) % 2), SEED)
        assert out[0].shape == shape and out[1].shape == (8, 2)


def test_rate_is_the_share_of_mixed_examples():
    n = 2000
    x = tf.cast(tf.range(n)[:, None], tf.float32)
    out = MixUp(1.0, rate=0.3)({"x": x}, SEED)["x"]
    mixed = int((out.numpy() != x.numpy()).sum())
    low, high = scipy.stats.binom.interval(0.9999, n, 0.3)
    assert low <= mixed <= high


@pytest.mark.parametrize("kind", ALL)
def test_what_cannot_be_mixed_is_refused(kind):
    x, y = ones(4), tf.range(4)
    with pytest.raises(ValueError, match="classes=.*kerasgen.data"):
        kind()({"x": x, "y": y}, SEED)
    with pytest.raises(ValueError, match="Tags and texts can't be mixed"):
        kind(classes=3)({"x": x, "y": tf.zeros((4, 5), tf.int32)}, SEED)
    with pytest.raises(TypeError, match="words mix as embeddings"):
        kind(classes=3)({"x": tf.zeros((4, 5), tf.int32), "y": y}, SEED)


def test_the_loss_is_the_mixture_of_losses():
    random = np.random.default_rng(0)
    logits = random.normal(size=(6, 4)).astype("float32")
    one, two, share = np.arange(6) % 4, np.arange(6)[::-1] % 4, 0.3
    soft = np.eye(4)[one] * share + np.eye(4)[two] * (1 - share)
    loss = kg.Classification(4).loss()
    parts = [float(loss(y, logits)) for y in (one, two)]
    mixture = share * parts[0] + (1 - share) * parts[1]
    assert np.isclose(float(loss(soft, logits)), mixture, atol=1e-6)


@pytest.mark.parametrize("kind", ["mix_up", "cut_mix", "f_mix", "resize_mix"])
def test_training_on_whole_number_labels_learns(kind):
    keras.utils.set_random_seed(0)
    data = kg.data.load("digits")
    model = kg.image_classifier(data.shape, data.classes, size="tiny")
    method = kg.methods.ERM(model, data.task)
    method.compile("adam")
    batches = data.batches("train", 64, augment=[kg.create("augment", kind)])
    history = method.fit(batches, epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]


def test_plain_pairs_and_plain_keras():
    x, y = ones(64), tf.range(64) % 3
    data = tf.data.Dataset.from_tensor_slices((x, y)).batch(16)
    data = kg.augment.augment(data, "cut_mix", classes=3)
    model = keras.Sequential(
        [
            keras.layers.Rescaling(1 / 255),
            keras.layers.Flatten(),
            keras.layers.Dense(3),
        ]
    )
    task = kg.Classification(3)
    model.compile("sgd", task.loss(), metrics=task.metrics())
    history = model.fit(data, epochs=2, shuffle=False, verbose=0).history
    assert np.isfinite(history["loss"]).all()


def test_strengths_are_in_the_tuning_space():
    recipe = kg.Recipe(data="digits", augment=["mix_up", "cut_mix", "rotate"])
    names = {name for name in recipe.space() if name.startswith("augment")}
    ends = {".".join(name.split(".")[1:]) for name in names}
    assert {"mix_up.alpha", "cut_mix.rate", "rotate.degrees"} <= ends
