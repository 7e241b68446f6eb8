"""Losses of embeddings against loops over examples."""

import keras
import numpy as np
from keras import ops

from kerasgen.losses import InfoNCE, SupCon, Triplet, contrast

DRAW = np.random.default_rng(0)
Y = np.array([0, 1, 0, 2, 1, 0, 3])
PLACES = DRAW.normal(size=(7, 2, 5)).astype("float32")
UNIT = PLACES / np.linalg.norm(PLACES, axis=-1, keepdims=True)


def values(loss, y, places):
    return np.asarray(loss.call(ops.array(y), places))


def test_supervised_contrast():
    close = UNIT[:, 0] @ UNIT[:, 0].T / 0.3
    known = []
    for i in range(7):
        rest = [k for k in range(7) if k != i]
        whole = np.log(np.exp(close[i, rest]).sum())
        pairs = [k for k in rest if Y[k] == Y[i]]
        known.append(np.mean([whole - close[i, k] for k in pairs] or [0.0]))
    found = values(SupCon(0.3), Y, PLACES[:, 0])
    assert np.allclose(found, known, rtol=1e-4, atol=1e-5)


def test_supervised_contrast_of_two_views_is_simclrs():
    both = np.concatenate([PLACES[:, 0], PLACES[:, 1]])
    found = values(SupCon(0.5), np.tile(np.arange(7), 2), both)
    known = contrast(PLACES[:, 0], PLACES[:, 1], 0.5)
    assert np.allclose(found, known, rtol=1e-4)


def test_batch_hard_triplets():
    places = PLACES[:, 0]
    gaps = np.linalg.norm(places[:, None] - places[None], axis=-1)
    for margin in (0.5, 0.0):
        known = []
        for i in range(7):
            own = [gaps[i, k] for k in range(7) if Y[k] == Y[i] and k != i]
            other = [gaps[i, k] for k in range(7) if Y[k] != Y[i]]
            gap = max(own) - min(other) if own else None
            lost = np.maximum(0, margin + gap) if own and margin else 0.0
            known.append(np.log1p(np.exp(gap)) if own and not margin else lost)
        found = values(Triplet(margin), Y, places)
        assert np.allclose(found, known, rtol=1e-4, atol=1e-5)


def test_in_batch_softmax_leaves_the_same_out():
    close = UNIT[:, 0] @ UNIT[:, 1].T / 0.2
    who = np.array([0, 1, 2, 3, 4, 5, 0])
    twice = (who[:, None] == who[None]) & ~np.eye(7, dtype=bool)
    close = np.where(twice, -np.inf, close)
    one = np.log(np.exp(close).sum(1)) - np.diag(close)
    two = np.log(np.exp(close).sum(0)) - np.diag(close)
    found = values(InfoNCE(0.2), who, PLACES)
    assert np.allclose(found, (one + two) / 2, rtol=1e-4)
    found = values(InfoNCE(0.2, both=False), who, PLACES)
    assert np.allclose(found, one, rtol=1e-4)


def test_a_model_learns_to_put_classes_apart():
    keras.utils.set_random_seed(0)
    x = DRAW.normal(size=(64, 6)).astype("float32")
    y = (x[:, 0] * x[:, 1] > 0).astype("int32")
    model = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(32, "relu"),
            keras.layers.Dense(4),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), SupCon(0.2))
    losses = model.fit(x, y, batch_size=64, epochs=40, verbose=0).history
    assert losses["loss"][-1] < 0.85 * losses["loss"][0]
