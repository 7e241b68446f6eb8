"""What a model's layers and weights add to a loss counts under any method."""

import keras
import numpy as np

import kerasgen as kg
from kerasgen.layers import ConcreteDropout
from kerasgen.methods import ERM, ManifoldMixup
from kerasgen.methods.penalties import penalties


def network(*layers):
    head = keras.layers.Dense(3, name="head", use_bias=False)
    return keras.Sequential([keras.Input((4,)), *layers, head])


def test_a_regularizer_moves_the_weights():
    x = np.random.default_rng(0).normal(0, 1, (8, 4)).astype("float32")
    y, moved = np.arange(8) % 3, []
    start = np.ones((4, 3), "float32")
    for regularizer in (None, keras.regularizers.L2(0.5)):
        model = network()
        model.layers[-1].kernel.assign(start)
        model.layers[-1].kernel.regularizer = regularizer
        method = ERM(model, kg.Classification(3))
        method.compile(keras.optimizers.SGD(0.1))
        logs = method.fit(x, y, verbose=0, shuffle=False).history
        moved.append((model.layers[-1].get_weights()[0], logs["loss"][0]))
    (plain, low), (pulled, high) = moved
    # One step of 0.1 along the gradient of half the squares.
    assert np.allclose(plain - pulled, 0.1 * start, atol=1e-5)
    assert np.isclose(high - low, 0.5 * 12, atol=1e-4)


def test_what_a_layer_adds_counts_and_stays_in_its_branch():
    layer = ConcreteDropout(0.2, weight=1.0)
    model = network(layer)
    assert penalties(model) == {}
    x, y = np.ones((8, 4), "float32"), np.arange(8) % 3
    for kind in (ERM, ManifoldMixup):
        layer.logit.assign(-1.386)
        method = kind(model, kg.Classification(3))
        method.compile(keras.optimizers.SGD(0.5))
        logs = method.fit(x, y, verbose=0).history
        assert np.isfinite(logs["loss"][0])
        if kind is ERM:
            # The entropy pulls the rate towards a half.
            assert float(layer.learnt_rate()) > 0.22
