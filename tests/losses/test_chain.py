"""Linear chains against sums over every sequence."""

import itertools

import numpy as np
import pytest
from keras import ops

from kerasgen.core import value_and_gradients
from kerasgen.layers import CRF
from kerasgen.losses import (
    ChainLikelihood,
    best_tags,
    chain_marginals,
    log_partition,
)

TAGS, TIME = 3, 5
LENGTHS = (5, 3, 1)


def potentials(seed=0, forbidden=(), spread=2.0):
    random = np.random.default_rng(seed)
    layer = CRF(TAGS, forbidden)
    x = random.normal(size=(len(LENGTHS), TIME, 4)).astype("float32")
    layer.build(x.shape)
    for weight in layer.trainable_variables:
        weight.assign(random.normal(0.0, spread, weight.shape))
    mask = np.arange(TIME) < np.array(LENGTHS)[:, None]
    return np.asarray(layer(x, mask=mask)), layer, x


def scores(layer, x, length):
    """Every sequence of tags of one sentence, and its score by hand."""
    kernel, bias, transition, start, end = layer.get_weights()
    emission = x[:length] @ kernel + bias
    for tags in itertools.product(range(TAGS), repeat=length):
        total = start[tags[0]] + end[tags[-1]]
        total += sum(emission[t, tag] for t, tag in enumerate(tags))
        total += sum(transition[a, b] for a, b in itertools.pairwise(tags))
        yield tags, float(total)


@pytest.mark.parametrize("seed", range(3))
def test_all_agrees_with_brute_force(seed):
    found, layer, x = potentials(seed)
    total, tags = log_partition(found), best_tags(found)
    marginals = chain_marginals(found)
    for row, length in enumerate(LENGTHS):
        every = list(scores(layer, x[row], length))
        values = np.array([value for _, value in every])
        expected = np.logaddexp.reduce(values)
        np.testing.assert_allclose(total[row], expected, rtol=1e-5)
        best = every[int(values.argmax())][0]
        assert tags[row].numpy().tolist() == [*best, *[-1] * (TIME - length)]
        share = np.exp(values - expected)
        for t in range(length):
            at = np.array([tags[t] for tags, _ in every])
            wanted = [share[at == tag].sum() for tag in range(TAGS)]
            np.testing.assert_allclose(marginals[row, t], wanted, atol=1e-5)


def test_likelihood_agrees_with_brute_force():
    found, layer, x = potentials(4)
    y = np.array([[0, 2, 1, 1, 0], [2, 2, 1, -1, -1], [1, -1, -1, -1, -1]])
    values = ChainLikelihood(reduction="none")(y, found)
    for row, length in enumerate(LENGTHS):
        every = dict(scores(layer, x[row], length))
        total = np.logaddexp.reduce(list(every.values()))
        expected = total - every[tuple(y[row, :length].tolist())]
        np.testing.assert_allclose(values[row], expected, atol=1e-4)


def test_unknown_tags_are_summed_over():
    found, layer, x = potentials(5)
    y = np.array([[0, -1, 1, -1, 0], [-1] * 5, [-1] * 5])
    values = ChainLikelihood(reduction="none")(y, found)
    every = dict(scores(layer, x[0], 5))
    known = [
        value
        for tags, value in every.items()
        if (tags[0], tags[2], tags[4]) == (0, 1, 0)
    ]
    expected = np.logaddexp.reduce(list(every.values()))
    expected -= np.logaddexp.reduce(known)
    np.testing.assert_allclose(values, [expected, 0, 0], atol=1e-4)


def test_slope_of_the_partition_is_the_marginals():
    found, *_ = potentials(6)
    import tensorflow as tf

    given = tf.constant(found)
    with tf.GradientTape() as tape:
        tape.watch(given)
        total = ops.sum(log_partition(given))
    slope = np.asarray(tape.gradient(total, given))
    marginals = np.asarray(chain_marginals(found))
    for row, length in enumerate(LENGTHS):
        np.testing.assert_allclose(
            slope[row, :length].sum(1), marginals[row, :length], atol=1e-5
        )


def test_forbidden_tags_never_follow():
    forbidden = [(0, 1), (1, 1), (-1, 2), (0, -1)]
    for seed in range(5):
        found, *_ = potentials(seed, forbidden, spread=5.0)
        for row, length in enumerate(LENGTHS):
            tags = best_tags(found)[row].numpy().tolist()[:length]
            for a, b in itertools.pairwise([-1, *tags, -1]):
                assert [a, b] not in [list(pair) for pair in forbidden]


def test_great_potentials_stay_exact():
    found, layer, x = potentials(7, spread=60.0)
    y = np.asarray(best_tags(found))
    values = ChainLikelihood(reduction="none")(y, found)
    assert np.isfinite(values).all() and (np.asarray(values) >= -1e-2).all()


def test_a_step_without_paths_to_it_has_a_slope():
    _, layer, x = potentials(8, [(0, 1), (1, 1), (2, 1), (-1, 1)])
    y = np.zeros((len(LENGTHS), TIME), "int64")

    def loss():
        return {"task": ChainLikelihood()(y, layer(x))}, None

    _, _, slopes = value_and_gradients(loss, layer.trainable_variables)
    assert all(np.isfinite(slope).all() for slope in slopes)


def test_pairs_of_no_tags_are_refused():
    with pytest.raises(ValueError, match=r"pair=\[0, 3\]"):
        CRF(3, [(0, 3)])
