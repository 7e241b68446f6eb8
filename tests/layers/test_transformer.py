"""Blocks of a Transformer: masks, causality, and decoding step by step."""

import numpy as np
import pytest

from kerasgen.layers import (
    LearntPositions,
    SinusoidalPositions,
    TransformerDecoder,
    TransformerEncoder,
)


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def test_padding_is_not_seen():
    layer = TransformerEncoder(heads=2)
    x = draw(2, 6, 8)
    whole = layer(x[:, :4])
    mask = np.tile(np.arange(6) < 4, (2, 1))
    np.testing.assert_allclose(layer(x, mask=mask)[:, :4], whole, atol=1e-5)


def test_causal_steps_see_no_later_ones():
    layer = TransformerEncoder(heads=2, causal=True)
    x = draw(2, 6, 8)
    y = x.copy()
    y[:, 4:] += 1.0
    np.testing.assert_allclose(layer(x)[:, :4], layer(y)[:, :4], atol=1e-5)


@pytest.mark.parametrize(
    "order, positions",
    [
        ("pre", "none"),
        ("post", "rotary"),
        ("pre", "relative"),
        ("pre", "alibi"),
    ],
)
def test_steps_give_what_the_whole_gives(order, positions):
    layer = TransformerDecoder(heads=2, order=order, positions=positions)
    x, memory = draw(2, 5, 8), draw(2, 4, 6, seed=1)
    mask = np.arange(4) < np.array([[4], [2]])
    whole = layer(x, memory, memory_mask=mask)
    cache = layer.start(memory, 5)
    for place in range(5):
        step, cache = layer.step(
            x[:, place : place + 1], cache, place, memory_mask=mask
        )
        np.testing.assert_allclose(step[:, 0], whole[:, place], atol=1e-5)


def test_waves_are_those_of_the_paper():
    place, width = np.arange(7)[:, None], 6
    angle = place / 10_000.0 ** (2 * np.arange(3) / width)
    expected = np.concatenate([np.sin(angle), np.cos(angle)], -1)
    found = SinusoidalPositions()(np.zeros((1, 7, width), "float32"))
    np.testing.assert_allclose(found[0], expected, atol=1e-6)
    later = SinusoidalPositions()(np.zeros((1, 2, width), "float32"), start=5)
    np.testing.assert_allclose(later[0], expected[5:], atol=1e-6)


def test_learnt_positions_go_on_from_a_start():
    layer = LearntPositions(8)
    x = np.zeros((1, 6, 4), "float32")
    whole = layer(x)
    np.testing.assert_allclose(layer(x[:, :2], start=3), whole[:, 3:5])


def test_too_long_a_sequence_is_refused():
    with pytest.raises(ValueError, match="at most 2 steps"):
        LearntPositions(2)(np.zeros((1, 3, 4), "float32"))
