"""Checks of attacks."""

import functools

import keras
import numpy as np

from kerasgen.attacks.ball import length
from kerasgen.core import set_seed, table
from kerasgen.testing.expect import CheckError, examples, expect
from kerasgen.testing.subjects import sample

# Few steps show what is promised.
_QUICK = {
    **{"steps": 30, "queries": 40, "searches": 3, "tries": 3, "targets": 2},
    **{"rate": 0.1, "epsilon": 0.2, "snr": 12.0, "draws": 3},
    "groups": ((3, 4, 5),),
}
_OTHER = {
    "HopSkipJump": {"steps": 3, "tries": 50, "epsilon": None},
    "EmbeddingPGD": {"epsilon": 0.9},
}


def _image():
    x, y = examples((6, 6, 1), n=48)
    x[:, :, 3:] *= -1.0
    return np.clip(0.5 + 0.2 * x, 0.0, 1.0).astype("float32"), y


def _audio():
    y = np.arange(48) % 3
    noise = np.random.default_rng(0).normal(0.0, 0.02, (48, 32))
    turns = 0.2 * (1 + y[:, None]) * np.arange(32)
    return (0.3 * np.sin(turns) + noise).astype("float32"), y


def _table():
    x, y = examples((6,), n=48)
    random = np.random.default_rng(0)
    x[:, 3:] = np.eye(3)[np.where(random.random(48) < 0.7, y, (y + 1) % 3)]
    return x, y


def _text():
    y = np.arange(48) % 3
    random = np.random.default_rng(0)
    x = 2 + 4 * y[:, None] + random.integers(0, 4, (48, 5))
    x[:, 3:] = random.integers(2, 14, (48, 2))
    x[::3, 4] = 0
    return x.astype("int32"), y


@functools.cache
def _trained(kind):
    """A small net, and examples of a kind that it mostly gets right."""
    makers = {"audio": _audio, "table": _table, "text": _text}
    x, y = makers.get(kind, _image)()
    set_seed(0)
    inputs = keras.Input(x.shape[1:], dtype=x.dtype.name)
    hidden = inputs
    if kind == "text":
        hidden = keras.layers.Embedding(14, 4)(hidden)
    hidden = keras.layers.Flatten()(hidden)
    hidden = keras.layers.Dense(16, "relu")(hidden)
    model = keras.Model(inputs, keras.layers.Dense(3, name="head")(hidden))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.02), loss)
    # Sixty steps on all of them, as one epoch, which is faster.
    many = np.tile(x, (60,) + (1,) * (x.ndim - 1)), np.tile(y, 60)
    model.fit(*many, batch_size=48, shuffle=False, verbose=0)
    return model, x, y


def _quick(kind, part, **values):
    known = table(part)
    chosen = {**_QUICK, **_OTHER.get(part.__name__, {})}
    chosen = {k: v for k, v in chosen.items() if k in known}
    return sample(kind, part, **{**chosen, **values})


def _losses(logits, y):
    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction=None
    )
    return np.asarray(loss(y, logits))


def check_stays_inside(kind, part):
    """What comes back is allowed: in the ball, in the range, shaped alike."""
    model, x, y = _trained(part.kind)
    attack = _quick(kind, part)
    found = attack(model, x, y)
    name = part.__name__
    expect(found.shape[: x.ndim] == x.shape, f"{name}: shape must be that of x")
    dtype = np.int32 if found.dtype.kind == "i" else np.float32
    expect(found.dtype == dtype, f"{name}: dtype must be {dtype.__name__}")
    expect(np.isfinite(found).all(), f"{name}: numbers must be finite")
    if part.kind in ("numbers", "image"):
        within = found.min() >= 0 and found.max() <= 1
        expect(within, f"{name}: inputs of [0, 1] must stay there")
    if part.kind == "audio":
        quiet = (
            length(found - x, "2") <= length(x, "2") * 10 ** (-12 / 20) + 1e-6
        )
        expect(quiet.all(), f"{name}: changes must be quieter than 12 dB")
    if part.kind == "table":
        _check_rows(name, found, x)
    epsilon = getattr(attack, "epsilon", None)
    if epsilon is not None and part.kind in ("numbers", "image", "audio"):
        norm = "inf" if part.kind == "audio" else attack.norm
        far = length(found - x, norm).max()
        expect(far <= epsilon + 1e-5, f"{name}: {far} is outside the ball")


def _check_rows(name, found, x):
    group = found[:, 3:]
    hot = np.isin(group, (0, 1)).all() and (group.sum(1) == 1).all()
    expect(hot, f"{name}: one-hot groups must stay one-hot")
    room = 0.2 * (x.max(0) - x.min(0))[:3] + 1e-5
    near = (np.abs(found - x)[:, :3] <= room).all()
    expect(near, f"{name}: numbers must stay within their share of the range")


def check_fools(kind, part):
    """Fewer are right than before, and the model is as it was."""
    model, x, y = _trained(part.kind)
    before = [np.array(weight) for weight in model.get_weights()]
    attack = _quick(kind, part)
    logits = np.asarray(model(x)), attack.answers(model, x, attack(model, x, y))
    right = [(z.argmax(-1) == y).mean() for z in logits]
    losses = [_losses(z, y).mean() for z in logits]
    expect(
        right[1] < right[0] or losses[1] > losses[0],
        f"{part.__name__}: it must harm: {right}, {losses}",
    )
    for old, new in zip(before, model.get_weights(), strict=True):
        expect(np.array_equal(old, new), f"{part.__name__}: weights must stay")


def check_same_seed_same_examples(kind, part):
    """One seed gives one answer, and the attack keeps nothing from before."""
    model, x, y = _trained(part.kind)
    attack = _quick(kind, part)
    one, two = (attack(model, x[:8], y[:8], seed=3) for _ in range(2))
    expect(np.array_equal(one, two), f"{part.__name__}: one seed, one result")


def check_zero_changes_nothing(kind, part):
    """A ball of radius 0 is the example itself."""
    none = {k: 0 for k in ("epsilon", "changes", "swaps") if k in table(part)}
    if not none:
        return
    model, x, y = _trained(part.kind)
    attack = _quick(kind, part, **none)
    found = attack(model, x, y)
    if found.shape == x.shape:
        same = np.array_equal(found, x)
    else:
        same = np.allclose(attack.answers(model, x, found), model(x), atol=1e-5)
    expect(same, f"{part.__name__}: radius 0 must be x")


def check_refuses_bad_examples(kind, part):
    """NaN, other lengths, unknown labels, another unit are refused."""
    model, x, y = _trained(part.kind)
    attack = _quick(kind, part)
    broken = x.astype("float32")
    broken.reshape(-1)[0] = np.nan
    cases = [
        (lambda: attack(model, broken, y), "finite"),
        (lambda: attack(model, x, y[:3]), "labels"),
        (lambda: attack(model, x, y + 7), "labels"),
    ]
    if "epsilon" in table(part) and part.kind != "text":

        def far(**values):
            return _quick(kind, part, epsilon=800.0, **values)(model, x, y)

        cases.append((far, "epsilon"))
    for case, word in cases:
        try:
            case()
        except ValueError as error:
            expect(word in str(error), f"{part.__name__}: {error}")
            continue
        raise CheckError(f"{part.__name__}: it must be refused ({word})")


def check_takes_one_hot_one_and_softmax(kind, part):
    """A batch of one, one-hot labels, and a softmax at the end all work."""
    model, x, y = _trained(part.kind)
    attack = _quick(kind, part)
    outputs = keras.layers.Softmax()(model.output)
    soft = keras.Model(model.input, outputs)
    plain = attack(model, x[:1], y[:1, None])
    hot = attack(soft, x[:1], np.eye(3, dtype="float32")[y[:1]])
    same = np.allclose(plain, hot, atol=1e-5)
    expect(same, f"{part.__name__}: one-hot labels and softmax must not matter")


def check_without_slopes(kind, part):
    """A function of arrays is attacked, or the error names what could."""
    model, x, y = _trained(part.kind)
    attack = _quick(kind, part)
    try:
        found = attack(lambda x: np.asarray(model(np.asarray(x))), x[:4], y[:4])
    except ValueError as error:
        named = "Square" in str(error) or "WordSubstitution" in str(error)
        expect(named, f"{part.__name__}: it must say what works: {error}")
        return
    expect(found.shape == x[:4].shape, f"{part.__name__}: shape must be x's")


ATTACK_CHECKS = (
    check_stays_inside,
    check_fools,
    check_same_seed_same_examples,
    check_zero_changes_nothing,
    check_refuses_bad_examples,
    check_takes_one_hot_one_and_softmax,
    check_without_slopes,
)
