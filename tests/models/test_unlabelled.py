"""models: anomalies, clusters and topics that nobody labelled."""

import keras
import numpy as np
import pytest

import kerasgen as kg
from kerasgen.core import value_and_gradients
from kerasgen.methods.k_means import k_means
from kerasgen.metrics import auroc, cluster_accuracy

RANDOM = np.random.default_rng(0)


def slow(*values):
    return pytest.param(*values, marks=pytest.mark.slow)


def strangers(n=600):
    """Rows near a plane, and a tenth that are anywhere."""
    x = RANDOM.normal(size=(n, 2)) @ RANDOM.normal(size=(2, 6))
    x += 0.1 * RANDOM.normal(size=x.shape)
    y = (np.arange(n) % 10 == 0).astype("int64")
    x[y == 1] = 2.0 * RANDOM.normal(size=(n // 10, 6))
    return (x / x.std(0)).astype("float32"), y


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            body, marks=[] if body == "mixture" else [pytest.mark.slow]
        )
        for body in kg.models.anomaly.BODIES
    ],
)
def test_every_body_finds_strangers(body):
    keras.utils.set_random_seed(0)
    x, y = strangers()
    model = kg.anomaly_detector((6,), body=body, size="tiny")
    method = kg.methods.ERM(model, kg.Anomaly())
    method.compile({"name": "adam", "learning_rate": 0.01}, metrics=[])
    method.fit(x, np.zeros(len(x)), batch_size=100, epochs=25, verbose=0)
    found = auroc(model.predict(x, 600, verbose=0)[:, 0], y)
    assert found > {"one_class": 0.75}.get(body, 0.9)


def test_threshold_is_a_quantile_of_train():
    head = kg.layers.Threshold(contamination=0.1)
    scores = RANDOM.normal(size=(1000, 1)) ** 2
    head.adapt(scores)
    assert np.isclose((np.asarray(head(scores)) > 0).mean(), 0.1)
    order = np.argsort(scores[:, 0])
    assert np.array_equal(np.argsort(np.asarray(head(scores))[:, 0]), order)
    with pytest.raises(ValueError, match="finite"):
        head.adapt([np.nan])


def test_known_anomalies_are_pushed_away():
    loss = kg.Anomaly(known=True).loss()
    y, scores = np.array([0, 1, 1]), np.array([[2.0], [0.0], [3.0]])
    wanted = (2.0 + 1.0 + np.exp(-3.0)) / 3
    assert np.isclose(float(loss(y, scores)), wanted)
    assert np.isclose(float(kg.Anomaly().loss()(y, scores)), 5 / 3)


def blobs(n=300):
    y = np.arange(n) % 3
    centres = np.array([[0, 4, 0, 0], [4, 0, 0, 4], [0, 0, 4, 4]])
    x = centres[y] + 0.5 * RANDOM.normal(size=(n, 4))
    return ((x - x.mean(0)) / x.std(0)).astype("float32"), y


def test_k_means_finds_blobs():
    x, y = blobs()
    weights = np.ones(len(x), "float32")
    draws = np.random.default_rng(0).uniform(size=(5, 3)).astype("float32")
    centres = np.asarray(k_means(x, weights, draws))
    near = ((x[:, None] - centres) ** 2).sum(-1).argmin(-1)
    assert cluster_accuracy(y, near) == 1.0
    # What weighs nothing doesn't count.
    weights[y == 2] = 0.0
    centres = np.asarray(k_means(x, weights, draws[:, :2]))
    means = [x[y == k].mean(0) for k in (0, 1)]
    gaps = ((centres[:, None] - means) ** 2).sum(-1).min(0)
    assert gaps.max() < 1e-8


@pytest.mark.parametrize(
    "method, kernel, epochs",
    [
        ({"name": "dec", "warm_up": 60}, "student", 25),
        slow(
            {"name": "dec", "warm_up": 60, "criterion": "k_means"},
            "gaussian",
            25,
        ),
        # It begins slowly: near equal answers share next to nothing.
        slow({"name": "iic"}, "linear", 60),
        slow({"name": "imsat"}, "linear", 25),
        slow({"name": "imsat", "nearby": "adversarial"}, "linear", 25),
    ],
)
def test_methods_cluster_blobs(method, kernel, epochs):
    keras.utils.set_random_seed(1)
    x, y = blobs()
    model = kg.clusterer((4,), 3, size="tiny", kernel=kernel)
    method = kg.create("method", method, model, kg.Clustering(3))
    method.compile({"name": "adam", "learning_rate": 0.005})
    method.fit(x, y * 0, batch_size=50, epochs=epochs, verbose=0)
    found = model.predict(x, 300, verbose=0).argmax(-1)
    assert cluster_accuracy(y, found) > 0.95


def test_views_share_what_a_table_of_their_answers_tells():
    draw = np.random.default_rng(0)
    one, two = draw.normal(size=(2, 50, 4)).astype("float32")
    shares = [np.exp(v) / np.exp(v).sum(-1, keepdims=True) for v in (one, two)]
    table = shares[0].T @ shares[1] / len(one)
    table = (table + table.T) / 2
    apart = np.outer(table.sum(1), table.sum(0))
    wanted = (table * np.log(table / apart)).sum()
    found = float(kg.losses.shared_information(one, two))
    assert np.isclose(found, wanted, rtol=1e-4, atol=1e-6)
    # A spread above 1 adds entropies of the mean answers.
    mean = table.sum(0)
    whole = -2 * (mean * np.log(mean)).sum()
    found = float(kg.losses.shared_information(one, two, spread=1.5))
    assert np.isclose(found, wanted + 0.5 * whole, rtol=1e-4, atol=1e-6)


def test_the_model_gets_the_head_whose_views_share_most():
    model = kg.clusterer((4,), 3, size="tiny", kernel="linear")
    method = kg.methods.IIC(model, kg.Clustering(3), heads=3)
    method.compile("adam")
    before = [
        [np.asarray(v) for v in head.variables]
        for head in (method.head, *method.rivals)
    ]
    method.told.assign([0.5, 0.505, 0.9])
    method.settle(None, None)
    assert np.allclose(method.told, [0.9, 0.505, 0.5])
    after = (method.head, *method.rivals)
    for head, old in zip(after, (before[2], before[1], before[0]), strict=True):
        for now, was in zip(head.variables, old, strict=True):
            assert np.array_equal(now, was)
    # One that is hardly ahead stays where it is, and all do in between.
    for steps, told in ((0, [0.5, 0.505, 0.4]), (1, [0.5, 0.6, 0.4])):
        method.optimizer.iterations.assign(steps)
        method.told.assign(told)
        method.settle(None, None)
        assert np.allclose(method.told, told)


def test_k_means_criterion_needs_centres():
    model = kg.clusterer((4,), 3, size="tiny", kernel="linear")
    with pytest.raises(ValueError, match="head of centres"):
        kg.methods.DEC(model, kg.Clustering(3), criterion="k_means")


def told(n=120):
    """Texts of two topics with four words each, and their counts."""
    y = np.arange(n) % 2
    x = RANDOM.integers(3, 7, (n, 12)) + 4 * y[:, None]
    counts = np.stack([np.bincount(row, minlength=11) for row in x])
    return x.astype("int32"), y, counts


def test_plsa_finds_topics_and_its_likelihood_grows():
    _, y, counts = told()
    costs = []
    for rounds in (1, 5, 50):
        mixtures, words = kg.models.plsa(counts, 2, rounds=rounds)
        costs.append(-(counts * np.log(mixtures @ words + 1e-12)).sum())
    assert costs[0] > costs[1] > costs[2]
    assert cluster_accuracy(y, mixtures.argmax(-1)) == 1.0
    assert np.allclose(mixtures.sum(1), 1) and np.allclose(words.sum(1), 1)


@pytest.mark.parametrize(
    "knobs",
    [
        {"inference": "em", "decoder": "mixture"},
        slow({"decoder": "mixture"}),
        slow({"decoder": "product"}),
    ],
)
def test_topic_models_find_topics(knobs):
    keras.utils.set_random_seed(0)
    x, y, counts = told()
    model = kg.topic_model(11, 2, size="tiny", dropout=0.0, **knobs)
    method = kg.methods.ERM(model, kg.Topics(2))
    method.compile({"name": "adam", "learning_rate": 0.05})
    method.fit(x, y, batch_size=40, epochs=25, verbose=0)
    outputs = model.predict(x, 120, verbose=0)
    found = np.argmax(outputs["topics"], -1)
    assert cluster_accuracy(y, found) > 0.95
    measure = kg.Topics(2).headline
    value = measure.reduce_values(measure.values(None, outputs))
    # Four words that are equally likely, and what the mixture costs.
    assert 3.5 < value < 5.5
    logs = kg.models.word_logs(model, x)
    cost = -(counts * logs).sum(1)
    assert np.allclose(cost, outputs["surprise"][:, 0], rtol=1e-3, atol=1e-2)


def test_what_is_trimmed_teaches_nothing():
    scores = keras.Variable(np.arange(10.0)[:, None])
    layer = kg.layers.TrimGradient(0.2)

    def loss(training):
        return {"sum": keras.ops.sum(layer(scores, training=training))}, None

    for training, wanted in (
        (True, [1.0] * 8 + [0.0] * 2),
        (False, [1.0] * 10),
    ):
        _, _, (slope,) = value_and_gradients(
            lambda training=training: loss(training), [scores]
        )
        assert np.asarray(slope)[:, 0].tolist() == wanted
