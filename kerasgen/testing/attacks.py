"""Checks of attacks."""

import functools

import keras
import numpy as np

from kerasgen.attacks.ball import length
from kerasgen.core import set_seed, table
from kerasgen.testing.expect import CheckError, examples, expect, sample

# Few steps show what is promised.
_QUICK = {
    **{"steps": 30, "queries": 40, "searches": 3, "tries": 3, "targets": 2},
    "rate": 0.1,
}


@functools.cache
def _trained():
    """A net for small images whose shape tells the class, in [0, 1]."""
    x, y = examples((6, 6, 1), n=48)
    x[:, :, 3:] *= -1.0
    x = np.clip(0.5 + 0.2 * x, 0.0, 1.0).astype("float32")
    set_seed(0)
    inputs = keras.Input((6, 6, 1))
    hidden = keras.layers.Flatten()(inputs)
    hidden = keras.layers.Dense(16, "relu")(hidden)
    model = keras.Model(inputs, keras.layers.Dense(3, name="head")(hidden))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.02), loss)
    model.fit(x, y, epochs=30, verbose=0)
    return model, x, y


def _quick(kind, part, **values):
    known = table(part)
    chosen = {k: v for k, v in _QUICK.items() if k in known}
    if "epsilon" in known:
        chosen["epsilon"] = 0.2
    return sample(kind, part, **{**chosen, **values})


def _losses(model, x, y):
    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction=None
    )
    return np.asarray(loss(y, model(x)))


def check_stays_inside(kind, part):
    """What comes back lies in the ball and the range, and shaped like `x`."""
    model, x, y = _trained()
    attack = _quick(kind, part)
    found = attack(model, x, y)
    name = part.__name__
    same = found.shape == x.shape and found.dtype == np.float32
    expect(same, f"{name}: shape and dtype must be those of x")
    within = found.min() >= 0 and found.max() <= 1
    expect(within, f"{name}: inputs of [0, 1] must stay there")
    if "epsilon" in table(part):
        far = length(found - x, attack.norm).max()
        expect(far <= 0.2 + 1e-5, f"{name}: {far} is outside the ball")


def check_fools(kind, part):
    """Fewer are right than before, and the model is as it was."""
    model, x, y = _trained()
    before = [np.array(weight) for weight in model.get_weights()]
    found = _quick(kind, part)(model, x, y)
    right = [(np.argmax(model(z), -1) == y).mean() for z in (x, found)]
    losses = [_losses(model, z, y).mean() for z in (x, found)]
    expect(
        right[1] < right[0] or losses[1] > losses[0],
        f"{part.__name__}: it must harm: {right}, {losses}",
    )
    for old, new in zip(before, model.get_weights(), strict=True):
        expect(np.array_equal(old, new), f"{part.__name__}: weights must stay")


def check_same_seed_same_examples(kind, part):
    """One seed gives one answer."""
    model, x, y = _trained()
    attack = _quick(kind, part)
    one, two = (attack(model, x[:8], y[:8], seed=3) for _ in range(2))
    expect(np.array_equal(one, two), f"{part.__name__}: one seed, one result")


def check_zero_changes_nothing(kind, part):
    """A ball of radius 0 is the example itself."""
    if "epsilon" not in table(part):
        return
    model, x, y = _trained()
    found = _quick(kind, part, epsilon=0.0)(model, x, y)
    expect(np.array_equal(found, x), f"{part.__name__}: radius 0 must be x")


def check_refuses_bad_examples(kind, part):
    """NaN, other lengths and epsilon in another unit are refused."""
    model, x, y = _trained()
    attack = _quick(kind, part)
    broken = x.copy()
    broken[0, 0, 0] = np.nan
    cases = [(attack, broken, y, "finite"), (attack, x, y[:3], "labels")]
    if "epsilon" in table(part):
        far = _quick(kind, part, epsilon=8.0)
        if far.norm == "inf":
            cases.append((far, x, y, "8/255"))
    for case, inputs, labels, word in cases:
        try:
            case(model, inputs, labels)
        except ValueError as error:
            expect(word in str(error), f"{part.__name__}: {error}")
            continue
        raise CheckError(f"{part.__name__}: it must be refused ({word})")


def check_takes_one_hot_one_and_softmax(kind, part):
    """A batch of one, one-hot labels, and a softmax at the end all work."""
    model, x, y = _trained()
    attack = _quick(kind, part)
    outputs = keras.layers.Softmax()(model.output)
    soft = keras.Model(model.input, outputs)
    plain = attack(model, x[:1], y[:1])
    hot = attack(soft, x[:1], np.eye(3, dtype="float32")[y[:1]])
    same = np.allclose(plain, hot, atol=1e-5)
    expect(same, f"{part.__name__}: one-hot labels and softmax must not matter")


ATTACK_CHECKS = (
    check_stays_inside,
    check_fools,
    check_same_seed_same_examples,
    check_zero_changes_nothing,
    check_refuses_bad_examples,
    check_takes_one_hot_one_and_softmax,
)
