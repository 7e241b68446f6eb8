"""Adaptation under other kinds of shift: style, labels, classes, sources."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasgen as kg
from kerasgen.core import set_seed, split
from kerasgen.methods import (
    ADDA,
    CDAN,
    DANN,
    DIRTT,
    ERM,
    FDA,
    M3SDA,
    MCD,
    MME,
    OSBP,
    PADA,
    SHOT,
    VADA,
    AdaBN,
    LabelShift,
)
from kerasgen.methods.fda import swap_amplitudes
from kerasgen.methods.label_shift import label_weights

ROWS = (ADDA, AdaBN, LabelShift, M3SDA, MME, OSBP, PADA)
ALL = (*ROWS, FDA)
FOR_NUMBERS = (ADDA, AdaBN, M3SDA)


def tiny(width=2, classes=3):
    return kg.tabular_classifier((width,), classes, size="tiny")


def made(kind, **given):
    if kind is FDA:
        model = kg.image_classifier((8, 8, 1), 3, size="tiny")
    else:
        model = tiny()
    method = kind(model, kg.Classification(3), **given)
    method.compile("adam")
    return method, model.input_shape[1:]


def fields(shape, n, m, other=None):
    return {
        "inputs": ops.ones((n, *shape)),
        "unlabeled": ops.zeros((m, *(other or shape))),
        "group": ops.arange(n) % 2,
    }


@pytest.mark.parametrize("kind", ALL)
def test_bad_targets_are_refused(kind):
    method, shape = made(kind)
    x, y = ops.ones((8, *shape)), ops.zeros((8,))
    with pytest.raises(ValueError, match="unlabeled"):
        method.fit({"inputs": x, "group": ops.zeros((8,), "int32")}, y)
    other = (*shape[:-1], shape[-1] + 1)
    with pytest.raises(ValueError, match="one shape.*Resize"):
        method.train_step((fields(shape, 8, 8, other), y))


@pytest.mark.parametrize("kind", ROWS)
def test_numbers_are_adapted_or_refused(kind):
    model = kg.tabular_regressor((3,), size="tiny")
    if kind not in FOR_NUMBERS:
        with pytest.raises(ValueError, match="must have classes"):
            kind(model, kg.Regression())
        return
    method = kind(model, kg.Regression())
    method.compile("adam")
    logs = method.train_step((fields((3,), 8, 6), ops.ones((8, 1))))
    assert np.isfinite(float(logs["loss"]))


@pytest.mark.parametrize("kind", ALL)
def test_batches_of_one_of_other_lengths_and_with_weights(kind):
    method, shape = made(kind)
    for n, m in ((1, 1), (5, 3), (3, 5)):
        batch = (fields(shape, n, m), ops.zeros((n,)), ops.ones((n,)))
        logs = method.train_step(batch)
        assert all(np.isfinite(np.asarray(v)).all() for v in logs.values())


def test_cdan_counts_sure_examples_more_where_asked():
    x = fields((2,), 4, 4)
    losses = []
    for entropy in (True, False):
        set_seed(0)
        method = CDAN(tiny(), kg.Classification(3), entropy=entropy)
        method.compile("adam")
        rows = np.float32([[0, 0], [3, -9], [9, 4], [0, 1]])
        batch = {"x": rows, "y": ops.zeros(4), "weight": None}
        terms, _ = method.objective({**batch, "unlabeled": x["unlabeled"]})
        losses.append(float(terms["domain"]))
    assert abs(losses[0] - losses[1]) > 1e-6


# Moving statistics


def first_norm(model):
    """The first normalizing layer, and a model of what it sees."""
    layer = next(each for each in model.layers if "norm" in each.name)
    return layer, keras.Model(model.input, layer.input)


@pytest.mark.parametrize(
    "kind, passes",
    [(DANN, 1), (MCD, 3), (VADA, 1), (DIRTT, 1), (SHOT, 1), (ADDA, 2)],
)
def test_moving_statistics_are_the_targets(kind, passes):
    method = kind(tiny(6), kg.Classification(3))
    method.compile(keras.optimizers.SGD(0.0))
    draw = np.random.default_rng(0)
    x = draw.normal(0, 1, (64, 6)).astype("float32")
    u = draw.normal(3, 2, (32, 6)).astype("float32")
    layer, below = first_norm(method.model)
    seen, kept = np.asarray(below(u)), 0.9**passes
    method.train_step(({"inputs": x, "unlabeled": u}, np.arange(64) % 3))
    mean, var = (1 - kept) * seen.mean(0), kept + (1 - kept) * seen.var(0)
    assert np.allclose(layer.moving_mean, mean, rtol=1e-3, atol=1e-5)
    assert np.allclose(layer.moving_variance, var, rtol=1e-3)
    # What is found again after an average of weights is of the target, too.
    batch = {"x": x, "unlabeled": u}
    assert method.normalized(batch) is u


@pytest.mark.slow
def test_validation_is_by_the_sources_statistics():
    x, y = clouds(64, [0.4, 0.3, 0.3], 0)
    set_seed(0)
    model = kg.tabular_classifier((6,), 3, size="tiny", dropout=0.0)
    method = AdaBN(model, kg.Classification(3))
    method.compile(keras.optimizers.Adam(0.03))
    batch = {"inputs": x, "unlabeled": 5.0 - 3.0 * x}
    before = None
    for _ in range(2):
        logs = method.fit(
            batch, y, 64, epochs=30, verbose=0, validation_data=(x, y)
        ).history
        asked = method.evaluate(x, y, 64, verbose=0, return_dict=True)
        assert asked["accuracy"] < 0.7 < logs["val_accuracy"][-1]
        assert before is None or logs["val_loss"][-1] < before
        before = logs["val_loss"][-1]
    # Nothing but the target moved the statistics.
    layer, below = first_norm(model)
    assert np.allclose(layer.momentum, 0.9)
    seen = np.asarray(below(batch["unlabeled"])).mean(0)
    assert np.abs(layer.moving_mean - seen).max() < 1.5


def test_domains_in_one_batch_share_moving_statistics():
    method = PADA(tiny(6), kg.Classification(3))
    method.compile(keras.optimizers.SGD(0.0))
    x, u = np.zeros((8, 6), "float32"), np.ones((24, 6), "float32")
    layer, below = first_norm(method.model)
    method.train_step(({"inputs": x, "unlabeled": u}, np.arange(8) % 3))
    both = np.concatenate([x, u])
    seen = np.asarray(below(both)).mean(0)
    assert np.allclose(layer.moving_mean, 0.1 * seen, rtol=1e-3, atol=1e-5)
    found = method.normalized({"x": x, "unlabeled": u})
    assert np.array_equal(found, both)


# AdaBN


def test_ada_bn_leaves_the_targets_statistics():
    model = tiny(6)
    method = AdaBN(model, kg.Classification(3))
    method.compile(keras.optimizers.SGD(0.0))
    draw = np.random.default_rng(0)
    x = draw.normal(0, 1, (64, 6)).astype("float32")
    u = draw.normal(3, 2, (32, 6)).astype("float32")
    batch = ({"inputs": x, "unlabeled": u}, np.arange(64) % 3)
    layer, below = first_norm(model)
    seen = np.asarray(below(u))
    for left in (0.9, 0.81):
        method.train_step(batch)
        mean = (1 - left) * seen.mean(0)
        var = left + (1 - left) * seen.var(0)
        assert np.allclose(layer.moving_mean, mean, rtol=1e-3, atol=1e-5)
        assert np.allclose(layer.moving_variance, var, rtol=1e-3)


def test_ada_bn_needs_batch_normalization():
    model = kg.tabular_classifier((2,), 2, size="tiny", normalization="layer")
    with pytest.raises(ValueError, match='batch normalization.*"batch"'):
        AdaBN(model, kg.Classification(2))


# FDA


def by_numpy(x, u, reach):
    """Low amplitudes swapped in a centred spectrum, image by image."""
    out = np.empty(x.shape)
    for i, c in np.ndindex(len(x), x.shape[-1]):
        one, two = (
            np.fft.fftshift(np.fft.fft2(z[..., c].astype("float64")))
            for z in (x[i], u[i % len(u)])
        )
        h, w = (side // 2 for side in one.shape)
        low = np.s_[h - reach : h + reach + 1, w - reach : w + reach + 1]
        amplitude = np.abs(one)
        amplitude[low] = np.abs(two)[low]
        moved = amplitude * np.exp(1j * np.angle(one))
        out[i, ..., c] = np.fft.ifft2(np.fft.ifftshift(moved)).real
    return out


@pytest.mark.parametrize("side, other", [(8, 12), (9, 7)])
def test_fda_swaps_as_numpy_does(side, other):
    draw = np.random.default_rng(0)
    x = draw.uniform(0, 1, (5, side, other, 2)).astype("float32")
    u = draw.uniform(0, 1, (3, side, other, 2)).astype("float32")
    for share, reach in ((0.1, 0), (0.2, 1), (0.3, 2)):
        found = np.asarray(swap_amplitudes(x, u, share))
        assert np.allclose(found, by_numpy(x, u, reach), atol=1e-5)
    # Images that were centred become what their pixels would.
    found = np.asarray(swap_amplitudes(x * 2 - 3, u * 2 - 3, 0.3))
    assert np.allclose(found, by_numpy(x, u, 2) * 2 - 3, atol=1e-4)


def test_fda_without_a_share_or_a_strange_target_changes_nothing():
    x = np.random.default_rng(1).normal(size=(3, 8, 8, 1)).astype("float32")
    assert swap_amplitudes(x, x[::-1], 0.0) is x
    assert np.allclose(swap_amplitudes(x, x, 0.5), x, atol=1e-5)


def test_fda_is_for_images():
    with pytest.raises(ValueError, match="feature map.*rows use CORAL"):
        FDA(tiny(), kg.Classification(3))


# Label shift


def test_label_shift_is_found_in_predictions():
    draw = np.random.default_rng(0)
    source, target = np.array([0.5, 0.3, 0.2]), np.array([0.1, 0.3, 0.6])
    given = np.array([[0.7, 0.1, 0.2], [0.2, 0.8, 0.1], [0.1, 0.1, 0.7]])
    confusion = (given * source).astype("float32")
    share = (given @ target).astype("float32")
    found = np.asarray(label_weights(confusion, share))
    assert np.allclose(found, target / source, atol=1e-3)
    # Much of a ridge leaves all as it is; limits hold.
    assert np.allclose(label_weights(confusion, share, 1e6), 1.0, atol=1e-3)
    assert np.asarray(label_weights(confusion, share, 0.0, 2.0)).max() == 2.0
    noise = draw.dirichlet([1.0] * 3).astype("float32")
    found = np.asarray(label_weights(confusion, noise))
    assert (found >= 0).all() and (found <= 10).all()
    # Predictions that tell nothing give no reason to weigh.
    flat = np.tile(source / 3, (3, 1)).astype("float32")
    even = np.full(3, 1 / 3, "float32")
    assert np.allclose(label_weights(flat, even), 1.0, atol=1e-4)


def clouds(n, shares, seed, gap=2.0):
    """A cloud a class around the corners of a triangle."""
    draw = np.random.default_rng(seed)
    y = draw.choice(len(shares), n, p=shares)
    x = draw.normal(0, 1, (n, 6))
    angle = 2 * np.pi * y / len(shares)
    x[:, 0] += gap * np.cos(angle)
    x[:, 1] += gap * np.sin(angle)
    return x.astype("float32"), y


def trained(kind, x, u, y, classes=3, epochs=20, group=None, **given):
    set_seed(0)
    model = tiny(x.shape[1], classes)
    method = kind(model, kg.Classification(classes), **given)
    method.compile(keras.optimizers.Adam(0.003))
    batch = {"inputs": x, "unlabeled": u}
    if group is not None:
        batch["group"] = group
    # Where source and target differ in length, the shorter goes round.
    batch["unlabeled"] = u[np.arange(len(x)) % len(u)]
    method.fit(batch, y, batch_size=64, epochs=epochs, verbose=0)
    return method


def accuracy(method, u, v):
    guess = np.argmax(method.model.predict(u, verbose=0), 1)
    return (guess == v).mean()


@pytest.mark.slow
def test_label_shift_gains_where_classes_are_rarer():
    source, target = [0.8, 0.1, 0.1], [0.1, 0.1, 0.8]
    x, y = clouds(600, source, 0, 1.2)
    u, v = clouds(600, target, 1, 1.2)
    method = trained(LabelShift, x, u, y)
    plain = trained(ERM, x, u, y)
    assert accuracy(method, u, v) > accuracy(plain, u, v) + 0.05
    found = np.asarray(
        label_weights(
            method.confusion, method.share, method.ridge, method.limit
        )
    )
    assert found.argmax() == 2 and found[2] > 3 and found[0] < 0.4


# PADA


def test_padas_weights_are_the_mean_prediction_by_its_greatest():
    logits = np.random.default_rng(0).normal(0, 3, (7, 3)).astype("float32")
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    for momentum in (0.0, 0.9):
        method = PADA(tiny(), kg.Classification(3), momentum=momentum)
        method.compile("adam")
        assert np.allclose(method.class_weights(logits), 1.0)
        method.share.assign(np.full(3, 1 / 3))
        method.optimizer.iterations.assign(10**6)
        mean = momentum / 3 + (1 - momentum) * shares.mean(0)
        found = method.class_weights(logits)
        assert np.allclose(found, mean / mean.max(), atol=2e-4)


@pytest.mark.slow
def test_pada_leaves_out_classes_that_the_target_lacks():
    x, y = clouds(600, [0.25] * 4, 0, 4.0)
    u, v = clouds(600, [0.5, 0.5, 0.0, 0.0], 1, 4.0)
    u[:, 2] += 2.0
    method = trained(PADA, x, u, y, 4, ramp=200)
    share = np.asarray(method.share)
    assert share[2:].max() < 0.5 * share[:2].min()
    assert accuracy(method, u, v) > 0.9


# OSBP


@pytest.mark.slow
def test_osbp_finds_what_the_source_never_shows():
    x, y = clouds(400, [0.5, 0.5, 0.0], 0, 4.0)
    u, v = clouds(400, [0.4, 0.3, 0.3], 1, 4.0)
    u[:, 2] += 1.0
    method = trained(OSBP, x, u, y, epochs=30, ramp=100)
    plain = trained(ERM, x, u, y, epochs=30)
    assert accuracy(plain, u[v == 2], 2) < 0.1
    assert accuracy(method, u[v == 2], 2) > 0.8
    assert accuracy(method, u, v) > accuracy(plain, u, v) + 0.1


def test_osbp_needs_a_class_for_the_unknown():
    with pytest.raises(ValueError, match="unknown one as the last"):
        OSBP(tiny(classes=2), kg.Classification(2))
    method, shape = made(OSBP)
    for y in (np.array([0, 1, 2, 0]), np.eye(3)[[0, 2, 1, 1]]):
        with pytest.raises(ValueError, match="class='2', examples=1"):
            method.fit(fields(shape, 4, 4), y, verbose=0)


# ADDA


def test_adda_holds_the_head_and_the_source_after_the_first_steps():
    method = ADDA(tiny(6), kg.Classification(3), warm_up=4)
    method.compile(keras.optimizers.Adam(0.01, weight_decay=0.1))
    x, y = clouds(64, [0.4, 0.3, 0.3], 0)
    batch = {"inputs": x, "unlabeled": x + 1.0}
    method.fit(batch, y, batch_size=16, epochs=1, verbose=0)
    model, source = method.model.get_weights(), method.source.get_weights()
    assert all(
        np.array_equal(*pair) for pair in zip(model, source, strict=True)
    )
    head = method.head.get_weights()
    method.fit(batch, y, batch_size=16, epochs=2, verbose=0)
    kept = split(method.source)[1].get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(head, kept, strict=True))
    now = method.head.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(head, now, strict=True))
    moved = method.features.get_weights()[0]
    assert np.abs(moved - source[0]).max() > 1e-4


# M3SDA


@pytest.mark.slow
def test_two_targets_are_adapted_to_and_measured():
    parts = [
        kg.data.load(kg.data.synthetic.images(90, seed=s)) for s in (0, 1, 2)
    ]
    data = kg.data.Data.domains(
        source={"a": parts[0], "b": parts[1]},
        target={"c": parts[2], "d": kg.data.synthetic.images(90, seed=3)},
    )
    assert set(data.splits["unlabeled"].group) == {"c", "d"}
    model = kg.image_classifier(data.shape, data.classes, size="tiny")
    method = M3SDA(model, data.task)
    method.compile("adam")
    batches = data.batches("train", 16, needs=method.needs)
    history = method.fit(batches, epochs=1, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    report = kg.evaluate(model, data, ["shift"])
    asked = {row.slice.get("domain") for row in report.rows if row.value}
    assert {"c", "d"} <= asked


def test_m3sda_needs_no_source_in_every_batch():
    x, y = clouds(40, [0.4, 0.3, 0.3], 0)
    for group, apart in ((np.full(40, 5), 0), (np.repeat([0, 3], 20), 1)):
        method = M3SDA(tiny(6), kg.Classification(3))
        method.compile("adam")
        batch = {"inputs": x, "unlabeled": x, "group": group}
        logs = method.train_step((batch, y))
        assert float(logs["target"]) > 0
        assert (float(logs["sources"]) > 0) == apart


# MME


def test_mme_plays_against_the_head():
    # Without dropout, whose draws would differ.
    model = kg.tabular_classifier((6,), 3, size="tiny", dropout=0.0)
    method = MME(model, kg.Classification(3))
    method.compile("adam")
    x, y = clouds(32, [0.4, 0.3, 0.3], 0)
    batch = {"x": x, "y": y, "weight": None, "unlabeled": x + 1.0}

    def unsure():
        terms, _ = method.objective(batch)
        return -float(terms["entropy"])

    for part, way in ((method.head, 1), (method.features, -1)):
        variables = part.trainable_variables
        before = [ops.copy(v) for v in variables]
        first = unsure()
        *_, gradients = method.step.gradients(
            lambda: (
                {"entropy": method.objective(batch)[0]["entropy"]},
                None,
            ),
            variables,
            [],
        )
        for variable, gradient in zip(variables, gradients, strict=True):
            if gradient is not None:
                variable.assign_sub(0.003 * gradient)
        assert way * (unsure() - first) > 0
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)


def test_mme_needs_a_dense_head():
    inputs = keras.Input((4, 3))
    x = keras.layers.GlobalAveragePooling1D()(inputs)
    outputs = keras.layers.PReLU(name="head")(x)
    with pytest.raises(ValueError, match="`head` must be dense.*PReLU"):
        MME(keras.Model(inputs, outputs), kg.Classification(3))
