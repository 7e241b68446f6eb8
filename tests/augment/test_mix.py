"""Mixing: shares, labels, masks, and the loss that goes with them."""

import dataclasses

import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

import kerasgen as kg
from kerasgen.augment import CutMix, FMix, MixOrCut, MixUp, ResizeMix
from kerasgen.augment.mix import beta
from kerasgen.recipe.build import build, load_data, shrink, train
from kerasgen.testing import check

SEED = tf.constant([3, 4])
ALL = (MixUp, CutMix, FMix, ResizeMix, MixOrCut)


def ones(n=256, side=16, dtype="uint8"):
    """Image i is all i, so that a pixel tells whose it is."""
    x = np.arange(n)[:, None, None, None] * np.ones((1, side, side, 3))
    return tf.constant(x, dtype)


@pytest.mark.parametrize("kind", ALL[:4])
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


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.2, 1.0, 8.0])
def test_beta_draws_are_right_at_small_strengths_too(alpha):
    found = beta(SEED, 20000, alpha).numpy().astype("float64")
    # Float32 rounds what is near one to one.
    edges = np.linspace(0.001, 0.999, 41)
    counted = np.searchsorted(np.sort(found), edges) / found.size
    expected = scipy.stats.beta(alpha, alpha).cdf(edges)
    assert np.abs(counted - expected).max() < 1.95 / np.sqrt(found.size)


def published_rectangle(share, side, random):
    """CutMix's area that stays, by its paper's equation 2."""
    kept = np.empty_like(share)
    for i, one in enumerate(share):
        length = int(side * np.sqrt(1 - one))
        row, column = random.integers(0, side, 2)
        rows = np.clip([row - length // 2, row + length // 2], 0, side)
        columns = np.clip([column - length // 2, column + length // 2], 0, side)
        kept[i] = 1 - np.diff(rows)[0] * np.diff(columns)[0] / side**2
    return kept


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [0.3, 1.0, 3.0])
def test_cutmix_areas_are_those_of_the_paper(alpha):
    n, side = 4096, 224
    random = np.random.default_rng(0)
    share = scipy.stats.beta(alpha, alpha).rvs(n, random_state=random)
    expected = published_rectangle(share, side, random)
    part, found = CutMix(alpha=alpha, classes=2), []
    for seed in range(8):
        key = tf.constant([seed, 1])
        x = tf.zeros((n // 8, side, side, 1), tf.uint8)
        share = part.share(n // 8, key)
        found.append(part.mixed(x, x, share, key)[1].numpy())
    test = scipy.stats.ks_2samp(np.concatenate(found), expected)
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


@pytest.mark.parametrize("side, least", [(40, 0.5), (31, 0.3), (28, 0.77)])
def test_resize_mix_agrees_with_a_nearest_resize(side, least):
    n = 16
    random = np.random.default_rng(0)
    x = random.integers(0, 100, (n, side, side, 3)).astype("uint8")
    other = (x + 100).astype("uint8")
    part = ResizeMix(least=least, most=least)
    share = part.share(n, SEED)
    new, kept, _ = part.mixed(tf.constant(x), tf.constant(other), share, SEED)
    new, length = new.numpy(), round(least * side)
    centre = (np.arange(length) + 0.5) * side / length
    at = np.floor(centre).astype(int)
    for i in range(n):
        where = (new[i] != x[i]).all(-1)
        top, left = where.argmax(0).max(), where.argmax(1).max()
        box = new[i, top : top + length, left : left + length]
        assert where.sum() == length**2
        assert np.array_equal(box, other[i][at][:, at])
    assert np.allclose(kept, 1 - (length / side) ** 2, atol=1e-6)


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


def test_one_hot_masks_and_columns_of_labels_are_read_as_such():
    y = np.arange(4)[:, None, None] * np.ones((1, 16, 16), int)
    hot = tf.constant(np.eye(4, dtype="int32")[y])
    part = MixUp(classes=4)
    from_hot = part({"x": ones(4), "y": hot}, SEED)["y"]
    from_whole = part({"x": ones(4), "y": tf.constant(y)}, SEED)["y"]
    assert np.allclose(from_hot, from_whole, atol=1e-6)
    column = part({"x": ones(4), "y": tf.range(4)[:, None]}, SEED)["y"]
    assert np.allclose(column, from_whole[:, 0, 0], atol=1e-6)
    flags = tf.constant([True, False, True, False])
    assert part({"x": ones(4), "y": flags}, SEED)["y"].shape == (4, 4)


def test_mix_or_cut_is_one_or_the_other():
    n = 64
    x, y = ones(n, dtype="float32"), tf.range(n)
    fields = {"x": x, "y": y, "mask": tf.cast(x[..., 0], tf.int32)}
    out = MixOrCut(classes=n)(fields, SEED)
    blended = [len(np.unique(image)) for image in out["x"][..., 0].numpy()]
    # A cut image shows both; a blend shows one colour that is neither's.
    cut = np.array(blended) == 2
    assert 15 < cut.sum() < 49
    label = out["y"].numpy()
    assert np.allclose(label.sum(1), 1, atol=1e-5)
    mean = out["x"].numpy()[..., 0].mean((1, 2))
    assert np.allclose((label * np.arange(n)).sum(1), mean, atol=1e-3)
    mask = (out["mask"].numpy() * np.arange(n)).sum(-1)
    assert np.allclose(mask, out["x"][..., 0], atol=1e-3)


@pytest.mark.parametrize("cut", [0.0, 1.0])
def test_mix_or_cut_at_its_ends(cut):
    x = ones(64, dtype="float32")
    part = MixOrCut(cut=cut)
    colours = [len(np.unique(i)) for i in part({"x": x}, SEED)["x"].numpy()]
    assert max(colours) == 1 + int(cut)


@pytest.mark.parametrize("kind", ALL)
def test_strength_zero_leaves_whole_number_labels(kind):
    least = {"rate": 0.0} if kind is ResizeMix else {"alpha": 0.0}
    if kind is MixOrCut:
        least["cut_alpha"] = 0.0
    x, y = ones(8), tf.range(8)
    out = kind(**least)((x, y), SEED)
    assert np.array_equal(out[0], x) and np.array_equal(out[1], y)
    assert out[1].dtype == y.dtype


@pytest.mark.parametrize("peer", ["MixUp", "CutMix"])
def test_shapes_and_sums_are_those_of_keras(peer):
    x = np.random.default_rng(0).uniform(size=(8, 12, 16, 3)).astype("float32")
    y = np.eye(5, dtype="float32")[np.arange(8) % 5]
    theirs = getattr(keras.layers, peer)(seed=1)(
        {"images": x, "labels": y}, training=True
    )
    ours = getattr(kg.augment, peer)()((tf.constant(x), tf.constant(y)), SEED)
    for one, two in zip(
        (theirs["images"], theirs["labels"]), ours, strict=True
    ):
        assert one.shape == two.shape
        assert keras.backend.standardize_dtype(one.dtype) == two.dtype.name
    for labels in (theirs["labels"], ours[1]):
        assert np.allclose(tf.reduce_sum(labels, -1), 1, atol=1e-5)
    # A label is another's where theirs is not alone: the same two at most.
    assert (ours[1].numpy() > 0).sum(1).max() <= 2


@pytest.mark.parametrize("kind", ALL)
def test_in_a_map_the_result_is_the_same_bit_for_bit(kind):
    n = 12
    x = np.random.default_rng(0).integers(0, 256, (n, 16, 16, 3), "uint8")
    fields = {"x": tf.constant(x), "y": tf.range(n)}
    part, runs = kind(classes=n), []
    for calls in (1, 4):
        data = tf.data.Dataset.from_tensors(fields).repeat(6).enumerate()
        data = data.map(
            lambda i, f: part(f, tf.stack([tf.cast(i, tf.int32), 5])),
            num_parallel_calls=calls,
        )
        runs.append(list(data.as_numpy_iterator()))
    for one, two in zip(*runs, strict=True):
        assert np.array_equal(one["x"], two["x"])
        assert np.array_equal(one["y"], two["y"])
    assert not np.array_equal(runs[0][0]["x"], runs[0][1]["x"])


@pytest.mark.parametrize("kind", ALL)
def test_conformance(kind):
    check(kind)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("field", ["boxes", "keypoints"])
def test_what_lies_in_an_image_and_cannot_mix_is_refused(kind, field):
    fields = {"x": ones(4), field: tf.zeros((4, 2, 4))}
    with pytest.raises(ValueError, match=f"{field}.*leave mixing out"):
        kind(classes=4)(fields, SEED)


def test_double_precision_and_whole_number_weights():
    x = np.random.default_rng(0).normal(size=(6, 3))
    fields = {"x": tf.constant(x), "weight": tf.range(6)}
    out = MixUp(1.0)(fields, SEED)
    assert out["x"].dtype == tf.float64 and out["weight"].dtype == tf.float32
    share = MixUp(1.0).share(6, SEED).numpy().astype("float64")[:, None]
    other = (out["x"].numpy() - share * x) / (1 - share)
    gaps = np.abs(other[:, None] - x[None]).max(-1).min(1)
    assert (gaps < 1e-12 / (1 - share[:, 0])).all()


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


@pytest.mark.parametrize(
    "kind", ["mix_up", "cut_mix", "f_mix", "resize_mix", "mix_or_cut"]
)
@pytest.mark.slow
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


@pytest.mark.slow
def test_a_search_moves_the_strengths_by_name():
    recipe = kg.Recipe(
        data="digits",
        model={"name": "image_classifier", "size": "tiny"},
        augment=["mix_up", {"name": "cut_mix", "alpha": 0.5}],
        epochs=1,
    )
    space = {
        name: bounds
        for name, bounds in recipe.space().items()
        if name.startswith("augment.")
    }
    ends = ("alpha", "rate")
    kinds = ("cut_mix", "mix_up")
    assert list(space) == [f"augment.{k}.{e}" for k in kinds for e in ends]
    assert recipe.get("augment.cut_mix.alpha") == 0.5
    data = shrink(load_data(recipe), 32)
    losses = []
    for end in (0, 1):
        trial = recipe.replace({n: b.search[end] for n, b in space.items()})
        assert trial.get("augment.mix_up.rate") == end
        epochs = train(trial, data, build(trial, data))
        losses.append(epochs[-1]["loss"])
    # At the low ends nothing is mixed, as if there were no augmentation.
    plain = dataclasses.replace(recipe, augment=())
    alone = train(plain, data, build(plain, data))[-1]["loss"]
    assert np.isclose(losses[0], alone) and losses[1] != losses[0]
    assert np.isfinite(losses).all()


@pytest.mark.parametrize("part", [CutMix(), FMix(), ResizeMix()])
def test_weights_of_pixels_go_with_the_pixels(part):
    x = np.random.default_rng(0).random((6, 8, 8, 1)).astype("float32")
    fields = {"x": x, "weight": {"mask": x[..., 0], "whole": x[:, 0, 0, 0]}}
    out = part(fields, [1, 2])
    assert not np.array_equal(out["x"], x)
    assert np.array_equal(out["weight"]["mask"], out["x"][..., 0])
    assert out["weight"]["whole"].shape == (6,)
