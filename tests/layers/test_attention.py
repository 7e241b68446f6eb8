"""Attention: values against loops and Keras's own layers, masks, positions."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasgen.layers import (
    CBAM,
    ECA,
    AdditiveAttention,
    AttentivePooling,
    CoordinateAttention,
    LinearAttention,
    MultiHeadAttention,
    MultiplicativeAttention,
    NonLocal,
    SqueezeExcite,
)
from kerasgen.layers.relative import buckets, rotate, slopes


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(0, 1, shape).astype("float32")


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def softmax(x, axis=-1):
    x = np.exp(x - x.max(axis, keepdims=True))
    return x / x.sum(axis, keepdims=True)


def arrays(layer):
    return {
        "/".join(w.path.split("/")[-2:]): ops.convert_to_numpy(w)
        for w in layer.weights
    }


def test_squeeze_excite_is_two_dense_layers_of_the_mean():
    x = draw(2, 3, 4, 8)
    layer = SqueezeExcite(2)
    found = layer(x)
    w = arrays(layer)
    mean = x.mean((1, 2))
    hidden = np.maximum(mean @ w["squeeze/kernel"] + w["squeeze/bias"], 0)
    weight = sigmoid(hidden @ w["excite/kernel"] + w["excite/bias"])
    assert w["squeeze/kernel"].shape == (8, 4)
    assert np.allclose(found, x * weight[:, None, None], atol=1e-5)


def test_eca_convolves_over_channels():
    x = draw(2, 5, 16)
    layer = ECA(3)
    found = layer(x)
    kernel = arrays(layer)["mixing/kernel"][:, 0, 0]
    mean = np.pad(x.mean(1), ((0, 0), (1, 1)))
    mixed = sum(kernel[i] * mean[:, i : i + 16] for i in range(3))
    assert np.allclose(found, x * sigmoid(mixed)[:, None], atol=1e-5)
    # The paper's kernels for 64, 256 and 2048 channels.
    for channels, kernel in ((64, 3), (256, 5), (2048, 7)):
        layer = ECA()
        layer.build((None, 4, channels))
        assert layer.count_params() == kernel


def test_cbam_weighs_channels_then_places():
    x = draw(2, 4, 5, 8)
    layer = CBAM(4, kernel=1)
    found = layer(x)
    w = arrays(layer)

    def heard(seen):
        hidden = seen @ w["squeeze/kernel"] + w["squeeze/bias"]
        return np.maximum(hidden, 0) @ w["excite/kernel"] + w["excite/bias"]

    gate = sigmoid(heard(x.mean((1, 2))) + heard(x.max((1, 2))))
    y = x * gate[:, None, None]
    maps = np.stack([y.mean(-1), y.max(-1)], -1)
    place = sigmoid(maps @ w["place/kernel"][0, 0] + w["place/bias"])
    assert np.allclose(found, y * place, atol=1e-5)
    assert CBAM(4, kernel=3)(draw(2, 3, 4, 4, 8)).shape == (2, 3, 4, 4, 8)


def test_coordinate_attention_tells_rows_from_columns():
    x = draw(2, 3, 4, 8)
    layer = CoordinateAttention(4)
    found = layer(x)
    w = arrays(layer)

    def gate(seen, name):
        hidden = seen @ w["squeeze/kernel"] / np.sqrt(1.001)
        hidden = hidden * np.clip(hidden / 6 + 0.5, 0, 1)
        return sigmoid(hidden @ w[f"{name}/kernel"] + w[f"{name}/bias"])

    rows, columns = gate(x.mean(2), "rows"), gate(x.mean(1), "columns")
    expected = x * rows[:, :, None] * columns[:, None]
    assert np.allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("mode", ["softmax", "mean"])
def test_non_local_adds_what_all_places_say(mode):
    x = draw(2, 2, 3, 4)
    layer = NonLocal(width=5, mode=mode)
    assert np.array_equal(layer(x), x)
    layer.last.kernel.assign(draw(5, 4))
    found, weights = layer(x, return_attention_scores=True)
    w, lined = arrays(layer), x.reshape(2, 6, 4)
    query, key, value = (
        lined @ w[f"{name}/kernel"] + w[f"{name}/bias"]
        for name in ("query", "key", "value")
    )
    scores = query @ key.swapaxes(1, 2)
    share = softmax(scores) if mode == "softmax" else scores / 6
    heard = (share @ value) @ w["last/kernel"]
    assert np.allclose(weights, share, atol=1e-5)
    assert np.allclose(found, x + heard.reshape(x.shape), atol=1e-4)


def test_additive_attention_is_a_network_of_both():
    query, value = draw(2, 3, 4), draw(2, 5, 6, seed=1)
    layer = AdditiveAttention(7)
    found, weights = layer(query, value, return_attention_scores=True)
    w = arrays(layer)
    asked = query @ w["ask/kernel"] + w["ask/bias"]
    told = value @ w["tell/kernel"]
    scores = np.zeros((2, 3, 5))
    for b, t, s in np.ndindex(2, 3, 5):
        met = np.tanh(asked[b, t] + told[b, s])
        scores[b, t, s] = met @ w["judge/kernel"][:, 0]
    assert np.allclose(weights, softmax(scores), atol=1e-5)
    assert np.allclose(found, softmax(scores) @ value, atol=1e-5)


def test_dot_attention_is_keras_attention():
    query, value = draw(2, 3, 4), draw(2, 5, 4, seed=1)
    mask = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], bool)
    ours = MultiplicativeAttention("dot")(query, value, value_mask=mask)
    keras_s = keras.layers.Attention()
    theirs = keras_s([query, value], mask=[None, ops.convert_to_tensor(mask)])
    assert np.allclose(ours, theirs, atol=1e-5)
    scaled = MultiplicativeAttention("scaled")(2.0 * query, value)
    plain = MultiplicativeAttention("dot")(query, value)
    assert np.allclose(scaled, plain, atol=1e-5)  # the root of 4 is 2


def test_bilinear_attention_needs_no_equal_widths():
    query, value = draw(2, 3, 4), draw(2, 5, 6, seed=1)
    layer = MultiplicativeAttention()
    found, weights = layer(query, value, return_attention_scores=True)
    between = arrays(layer)["between/kernel"]
    expected = softmax(query @ (value @ between).swapaxes(1, 2))
    assert np.allclose(weights, expected, atol=1e-5)
    assert np.allclose(found, expected @ value, atol=1e-5)
    with pytest.raises(ValueError, match="equally wide"):
        MultiplicativeAttention("dot")(query, value)


@pytest.mark.parametrize(
    "layer",
    [
        AdditiveAttention(4),
        MultiplicativeAttention(),
        MultiHeadAttention(2, positions="relative"),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_weights_sum_to_one_over_what_may_be_seen(layer):
    query, value = draw(2, 3, 4), draw(2, 5, 6, seed=1)
    mask = np.array([[1, 1, 0, 0, 0], [0, 0, 0, 0, 0]], bool)
    found, weights = layer(
        query, value, value_mask=mask, return_attention_scores=True
    )
    weights = np.asarray(weights)
    assert np.allclose(weights[0].sum(-1), 1.0, atol=1e-6)
    assert np.all(weights[0][..., 2:] == 0)
    # Where nothing may be seen nothing is heard, and nothing is NaN.
    assert np.all(weights[1] == 0) and np.isfinite(found).all()


def test_attention_takes_the_mask_that_comes_with_its_values():
    ids = np.array([[3, 4, 0], [5, 0, 0]])
    value = keras.layers.Embedding(9, 4, mask_zero=True)(ids)
    query = ops.convert_to_tensor(draw(2, 2, 4))
    for layer in (AdditiveAttention(), MultiHeadAttention(2)):
        _, weights = layer(query, value, return_attention_scores=True)
        weights = np.asarray(weights).reshape(2, -1, 3)
        assert np.all(weights[0, :, 2] == 0) and np.all(weights[1, :, 1:] == 0)


def test_scores_can_be_asked_for_in_a_functional_model():
    query, value = keras.Input((None, 4)), keras.Input((5, 6))
    image = keras.Input((2, 3, 4))
    asked = {"return_attention_scores": True}
    for outputs, shape in (
        (AdditiveAttention()(query, value, **asked), (None, None, 5)),
        (MultiHeadAttention(2)(query, value, **asked), (None, 2, None, 5)),
        (AttentivePooling(3)(value, **asked), (None, 3, 5)),
        (NonLocal()(image, **asked), (None, 6, 6)),
    ):
        assert outputs[1].shape == shape and outputs[1].dtype == "float32"
        keras.Model([query, value, image], outputs)


def test_pooling_weighs_steps_of_each_head():
    x = draw(2, 5, 4)
    mask = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], bool)
    layer = AttentivePooling(heads=2, units=3, spread=True)
    found, weights = layer(x, mask=mask, return_attention_scores=True)
    w = arrays(layer)
    hidden = np.tanh(x @ w["hidden/kernel"] + w["hidden/bias"])
    scores = hidden @ w["judge/kernel"]
    for b, n in ((0, 3), (1, 5)):
        share = softmax(scores[b, :n], 0)
        mean = share.T @ x[b, :n]
        square = share.T @ x[b, :n] ** 2
        rows = np.concatenate([mean, np.sqrt(square - mean**2)])
        assert np.allclose(found[b], rows.reshape(-1), atol=1e-4)
        assert np.allclose(weights[b][:, :n], share.T, atol=1e-5)


def test_pooling_is_told_off_for_heads_that_look_at_the_same():
    layer = AttentivePooling(heads=2, penalty=0.5)
    layer(draw(2, 3, 4), training=True)
    layer.judge.kernel.assign(np.zeros((4, 2)))
    layer._clear_losses()
    layer(draw(2, 3, 4), training=True)
    # Equal weights 1/3: their products are 1/3 everywhere.
    expected = 0.5 * (2 * (1 / 3 - 1) ** 2 + 2 * (1 / 3) ** 2)
    assert np.isclose(float(layer.losses[0]), expected)


def copied(ours, theirs, query, value):
    """Keras's layer with our weights."""
    theirs.build(query.shape, value.shape)
    inner = (ours.query, ours.key, ours.value, ours.join)
    theirs.set_weights([w for part in inner for w in part.get_weights()])
    return theirs


@pytest.mark.parametrize("causal", [False, True])
def test_without_positions_it_is_keras_multi_head_attention(causal):
    query, value = draw(2, 4, 8), draw(2, 4, 6, seed=1)
    mask = np.array([[1, 1, 1, 0], [1, 1, 1, 1]], bool)
    ours = MultiHeadAttention(2, width=3, window=3, causal=causal)
    found, weights = ours(
        query, value, value_mask=mask, return_attention_scores=True
    )
    theirs = keras.layers.MultiHeadAttention(2, 3, sliding_window=3)
    expected, scores = copied(ours, theirs, query, value)(
        query,
        value,
        attention_mask=mask[:, None] & np.ones((2, 4, 4), bool),
        use_causal_mask=causal,
        return_attention_scores=True,
    )
    assert np.allclose(found, expected, atol=1e-5)
    assert np.allclose(weights, scores, atol=1e-5)


def test_groups_are_keras_grouped_query_attention():
    x = draw(2, 5, 8)
    ours = MultiHeadAttention(4, groups=2)
    found = ours(x)
    theirs = keras.layers.GroupQueryAttention(2, 4, 2)
    assert np.allclose(found, copied(ours, theirs, x, x)(x, x), atol=1e-5)
    with pytest.raises(ValueError, match="divide"):
        MultiHeadAttention(4, groups=3)


def test_rotation_leaves_lengths_and_knows_distances_alone():
    query, key = draw(1, 6, 2, 8), draw(1, 6, 2, 8, seed=1)

    def products(start):
        one, two = rotate(query, start), rotate(key, start)
        return np.einsum("bthd,bshd->bhts", one, two)

    turned = np.asarray(rotate(query))
    assert np.allclose(
        np.linalg.norm(turned, axis=-1), np.linalg.norm(query, axis=-1), 1e-5
    )
    assert np.allclose(products(0), products(100), atol=1e-3)
    # The pair of channels 0 and 4 turns by one radian a step.
    one = (query[0, 3, 0, 0] + 1j * query[0, 3, 0, 4]) * np.exp(3j)
    assert np.allclose(turned[0, 3, 0, [0, 4]], [one.real, one.imag], atol=1e-5)
    with pytest.raises(ValueError, match="even"):
        MultiHeadAttention(2, width=3, positions="rotary")(draw(1, 2, 4))


@pytest.mark.parametrize("positions", ["rotary", "relative", "alibi"])
def test_attention_doesn_t_change_when_all_moves_along(positions):
    """Steps before and behind that nobody sees move nothing."""
    x = draw(1, 4, 8)
    moved = np.concatenate([draw(1, 3, 8, seed=1), x], 1)
    mask = np.arange(7)[None] >= 3
    layer = MultiHeadAttention(2, positions=positions)
    plain, later = layer(x), layer(moved, mask=mask)
    assert np.allclose(plain, later[:, 3:], atol=1e-5)
    # And it does change when the order does.
    other = [1, 0, 2, 3]
    assert not np.allclose(ops.take(plain, other, 1), layer(x[:, other]), 1e-2)


@pytest.mark.parametrize("positions", ["none", "rotary", "relative", "alibi"])
def test_decoding_step_by_step_is_decoding_at_once(positions):
    x = draw(2, 5, 8)
    layer = MultiHeadAttention(
        2, positions=positions, groups=1, causal=True, window=3
    )
    whole = np.asarray(layer(x))
    key, value = layer.keys_and_values(ops.convert_to_tensor(x))
    for step in range(5):
        one = x[:, step : step + 1]
        found = layer(one, x, start=step)
        kept, _ = layer.attend(one, key, value, start=step)
        assert np.allclose(found[:, 0], whole[:, step], atol=1e-5)
        assert np.allclose(kept[:, 0], whole[:, step], atol=1e-5)


def test_buckets_are_those_of_t5():
    """Against a loop over the paper's description."""

    def one(distance, causal):
        first, count, far = 0, 32, -distance
        if not causal:
            count, first = 16, 16 if distance > 0 else 0
            far = abs(distance)
        far, near = max(far, 0), count // 2
        if far < near:
            return first + far
        place = np.log(np.float32(far / near)) / np.log(128 / near)
        return first + min(near + int(place * (count - near)), count - 1)

    distance = np.array([*range(-140, 141)])
    for causal in (False, True):
        found = np.asarray(buckets(ops.convert_to_tensor(distance), causal))
        expected = [one(int(d), causal) for d in distance]
        assert (found == expected).mean() > 0.99 and found.max() <= 31


def test_relative_and_alibi_add_what_they_say():
    x = draw(1, 4, 8)
    layer = MultiHeadAttention(2, positions="alibi")
    _, weights = layer(x, return_attention_scores=True)
    plain = MultiHeadAttention(2)
    plain.build(x.shape)
    plain.set_weights(layer.get_weights())
    _, flat = plain(x, return_attention_scores=True)
    far = np.abs(np.arange(4)[:, None] - np.arange(4))
    biased = np.log(np.asarray(flat)) - slopes(2)[:, None, None] * far
    assert np.allclose(weights, softmax(biased), atol=1e-5)
    layer = MultiHeadAttention(2, positions="relative")
    layer.build(x.shape)
    layer.table.assign(np.zeros((32, 2)))
    plain.set_weights(layer.get_weights()[1:])
    assert np.allclose(layer(x), plain(x), atol=1e-5)


@pytest.mark.parametrize("causal", [False, True])
def test_linear_attention_is_a_mean_with_positive_weights(causal):
    x = draw(2, 5, 8)
    mask = np.array([[1, 1, 1, 1, 0], [1, 1, 1, 1, 1]], bool)
    layer = LinearAttention(2, width=3, causal=causal)
    found = layer(x, mask=mask)
    w = arrays(layer)

    def project(name):
        kernel, bias = w[f"{name}/kernel"], w[f"{name}/bias"]
        return np.einsum("btc,chd->bthd", x, kernel) + bias

    def positive(x):
        return np.where(x > 0, x + 1, np.exp(x))

    query, key = positive(project("query")), positive(project("key"))
    value, heard = project("value"), np.zeros((2, 5, 2, 3))
    for b, t, h in np.ndindex(2, 5, 2):
        weight = key[b, :, h] @ query[b, t, h] * mask[b]
        if causal:
            weight = weight * (np.arange(5) <= t)
        heard[b, t, h] = weight @ value[b, :, h] / weight.sum()
    expected = np.einsum("bthd,hdc->btc", heard, w["join/kernel"])
    assert np.allclose(found, expected + w["join/bias"], atol=1e-4)
