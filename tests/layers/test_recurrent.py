"""Recurrent stacks: the gates that they tell are those they went through."""

import keras
import numpy as np
import pytest

from kerasgen.layers import Lengthen, RecurrentStack, Shorten


@pytest.mark.parametrize("kind", ["lstm", "gru"])
@pytest.mark.parametrize("both", [False, True])
def test_gates_remake_the_states(kind, both):
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    mask = np.arange(5) < np.array([[5], [3]])
    layer = RecurrentStack(kind, 4, depth=2, bidirectional=both)
    states = np.asarray(layer(x, mask=mask))
    gates = {n: np.asarray(g) for n, g in layer.gates(x, mask).items()}
    width = states.shape[-1]
    assert all(gate.shape == (2, 5, width) for gate in gates.values())
    for row, length in enumerate((5, 3)):
        for unit in range(width):
            order = range(length)
            if both and unit >= 4:
                order = reversed(order)
            state = cell = 0.0
            for t in order:
                one = {name: gate[row, t, unit] for name, gate in gates.items()}
                if kind == "lstm":
                    cell = one["forget"] * cell
                    cell += one["input"] * one["candidate"]
                    state = one["output"] * np.tanh(cell)
                else:
                    keep = one["update"]
                    state = keep * state + (1 - keep) * one["candidate"]
                assert abs(state - states[row, t, unit]) < 1e-5


def test_a_layer_that_isn_t_there_is_refused():
    with pytest.raises(ValueError, match="layer=2"):
        RecurrentStack(depth=2).gates(np.ones((1, 2, 3), "float32"), layer=2)


def test_what_is_cut_comes_back_with_its_mask():
    ids = np.array([[4, 5, 0, 0], [4, 0, 0, 0]])
    inputs = keras.Input((4,), dtype="int32")
    x = Shorten()(keras.layers.Embedding(9, 2, mask_zero=True)(inputs))
    model = keras.Model(inputs, Lengthen(4)(x))
    assert model.output_shape == (None, 4, 2)
    found = np.asarray(model(ids))
    assert found.shape == (2, 4, 2) and not found[:, 2:].any()
    mask = model(ids)._keras_mask
    assert np.asarray(mask).tolist() == (ids > 0).tolist()
