"""Losses of labels against closed forms, Keras and exact expectations."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasgen as kg
from kerasgen.data import transition
from kerasgen.losses import (
    LDAM,
    BackwardCorrection,
    BalancedSoftmax,
    Bootstrapping,
    ClassBalanced,
    Focal,
    ForwardCorrection,
    GeneralizedCrossEntropy,
    LogitAdjusted,
    Poly1,
    SoftCrossEntropy,
    SymmetricCrossEntropy,
)
from kerasgen.losses.overlap import MaskLoss

DRAW = np.random.default_rng(0)
LOGITS = DRAW.normal(0, 2, (12, 4)).astype("float32")
Y = np.arange(12) % 4
SOFT = DRAW.dirichlet(np.ones(4), 12).astype("float32")
P = np.exp(LOGITS) / np.exp(LOGITS).sum(1, keepdims=True)
OWN = P[np.arange(12), Y]
COUNTS = [40, 20, 8, 1]
MATRIX = np.array(
    [[0.7, 0.1, 0.1, 0.1], [0, 1, 0, 0], [0, 0.4, 0.6, 0], [0.2, 0.1, 0.1, 0.6]]
)


def values(loss, y=Y, logits=LOGITS):
    return np.asarray(loss.call(ops.convert_to_tensor(y), logits))


def close(found, wanted):
    return np.allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_generalized_cross_entropy_lies_between():
    assert close(values(GeneralizedCrossEntropy(q=0.7)), (1 - OWN**0.7) / 0.7)
    assert close(values(GeneralizedCrossEntropy(q=1.0)), 1 - OWN)
    assert close(values(GeneralizedCrossEntropy(q=0.0)), -np.log(OWN))
    assert close(values(GeneralizedCrossEntropy(q=1e-5)), -np.log(OWN))
    theirs = keras.losses.CategoricalGeneralizedCrossEntropy(q=0.3)
    mine = GeneralizedCrossEntropy(q=0.3)
    assert np.isclose(theirs(Y, P), mine(Y, LOGITS), rtol=1e-4)


def test_symmetric_cross_entropy():
    found = values(SymmetricCrossEntropy(alpha=0.3, beta=0.7, floor=-6.0))
    assert close(found, -0.3 * np.log(OWN) + 0.7 * 6 * (1 - OWN))
    told = np.maximum(np.log(SOFT), -4)
    found = values(SymmetricCrossEntropy(0.0, 1.0), SOFT)
    assert close(found, -(P * told).sum(1))


def test_bootstrapping():
    target = 0.8 * np.eye(4)[Y] + 0.2 * P
    assert close(values(Bootstrapping()), -(target * np.log(P)).sum(1))
    target = 0.8 * np.eye(4)[Y] + 0.2 * np.eye(4)[P.argmax(1)]
    found = values(Bootstrapping(answer="hard"))
    assert close(found, -(target * np.log(P)).sum(1))


def test_focal_and_poly():
    assert close(values(Focal(2.0)), -((1 - OWN) ** 2) * np.log(OWN))
    theirs = keras.losses.CategoricalFocalCrossentropy(
        alpha=1.0, gamma=3.0, from_logits=True
    )
    assert np.isclose(theirs(SOFT, LOGITS), Focal(3.0)(SOFT, LOGITS), rtol=1e-4)
    assert close(values(Poly1(0.5)), -np.log(OWN) + 0.5 * (1 - OWN))


def test_priors():
    prior = np.array(COUNTS) / sum(COUNTS)
    for tau in (0.5, 1.0):
        p = P * prior**tau
        p = (p / p.sum(1, keepdims=True))[np.arange(12), Y]
        found = values(LogitAdjusted(tau=tau, counts=COUNTS))
        assert close(found, -np.log(p))
    assert close(values(BalancedSoftmax(counts=COUNTS)), -np.log(p))
    assert close(values(LogitAdjusted()), -np.log(OWN))


def test_class_balanced_weighs_by_effective_numbers():
    weight = (1 - 0.99) / (1 - 0.99 ** np.array(COUNTS))
    weight = (weight / weight.mean())[Y]
    found = values(ClassBalanced(beta=0.99, gamma=2.0, counts=COUNTS))
    assert close(found, -weight * (1 - OWN) ** 2 * np.log(OWN))
    assert close(values(ClassBalanced(beta=0.0, counts=COUNTS)), -np.log(OWN))


def test_ldam_margins():
    margins = 0.5 * np.array(COUNTS) ** -0.25
    moved = 3.0 * (LOGITS - np.eye(4)[Y] * margins)
    p = np.exp(moved) / np.exp(moved).sum(1, keepdims=True)
    found = values(LDAM(margin=0.5, scale=3.0, counts=COUNTS))
    assert close(found, -np.log(p[np.arange(12), Y]))


def test_forward_correction():
    p = (P @ MATRIX)[np.arange(12), Y]
    assert close(values(ForwardCorrection(MATRIX)), -np.log(p))
    assert close(values(ForwardCorrection()), -np.log(OWN))


def test_backward_correction_is_unbiased():
    loss = BackwardCorrection(MATRIX)
    each = np.stack([values(loss, np.full(12, j)) for j in range(4)], 1)
    # Its mean over what the true label becomes is the clean loss.
    assert close((MATRIX[Y] * each).sum(1), -np.log(OWN))


@pytest.mark.slow
def test_forward_correction_has_the_clean_minimizer():
    # One input, shares of true classes q: noisy labels come by q T.
    q = np.array([0.5, 0.3, 0.15, 0.05])
    noisy = (q @ MATRIX).astype("float32")[None]
    variable = keras.Variable(np.zeros((1, 4), "float32"))
    optimizer = keras.optimizers.Adam(0.1)
    loss = ForwardCorrection(MATRIX)
    for _ in range(300):
        *_, slopes = kg.core.value_and_gradients(
            lambda: ({"task": loss(noisy, variable.value)}, None), [variable]
        )
        optimizer.apply(slopes, [variable])
    assert np.allclose(ops.softmax(variable.value)[0], q, atol=0.01)


# Losses of masks have one number for an image, not for a pixel.
OF_LABELS = [
    name
    for name, part in kg.parts("loss").items()
    if part.asks == "label" and not issubclass(part, MaskLoss)
]


@pytest.mark.parametrize("name", OF_LABELS)
def test_pixels_count_like_examples(name):
    loss = kg.create("loss", name)
    whole = values(loss, Y.reshape(3, 4), LOGITS.reshape(3, 4, 4))
    assert close(whole.ravel(), values(loss))


def test_wrong_numbers_are_refused():
    with pytest.raises(ValueError, match="classes"):
        values(LogitAdjusted(counts=[1, 2]))
    with pytest.raises(ValueError, match="add up to 1"):
        ForwardCorrection([[1.0, 1.0], [0.0, 1.0]])
    with pytest.raises(ValueError, match="inverse"):
        BackwardCorrection(transition("symmetric", 0.5, 2))
    with pytest.raises(ValueError, match="square"):
        ForwardCorrection([[1.0, 0.0]])


def test_a_plain_keras_model_takes_them():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)])
    model.compile("adam", Focal())
    model.fit(LOGITS, Y, verbose=0)
    smooth = values(SoftCrossEntropy(0.2))
    target = 0.8 * np.eye(4)[Y] + 0.05
    assert close(smooth, -(target * np.log(P)).sum(1))
