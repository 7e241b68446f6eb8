"""layers: what writers write step by step, and what searches find."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops

from kerasgen import layers

RANDOM = np.random.default_rng(0)
MEMORY = RANDOM.normal(size=(3, 5, 6)).astype("float32")
SEEN = np.arange(5) < np.array([[5], [3], [4]])
IDS = RANDOM.integers(1, 9, (3, 4)).astype("int32")


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.TransformerWriter(9, 8, heads=2, depth=2),
        lambda: layers.RecurrentWriter(9, 8),
        lambda: layers.RecurrentWriter(9, 8, cell="lstm"),
        lambda: layers.RecurrentWriter(9, 8, attention="multiplicative"),
    ],
)
def test_steps_are_the_whole(make):
    keras.utils.set_random_seed(0)
    writer = make()
    whole = ops.convert_to_numpy(writer(IDS, MEMORY, SEEN))
    state = writer.start(ops.array(MEMORY), ops.array(SEEN), 4)
    for place in range(4):
        found, state = writer.step(ops.array(IDS[:, place]), state, place)
        assert np.allclose(found, whole[:, place], atol=1e-5)
    # What may not be looked at doesn't count.
    other = np.where(SEEN[..., None], MEMORY, 7.0).astype("float32")
    assert np.allclose(writer(IDS, other, SEEN), whole, atol=1e-5)


def chain():
    """Log probabilities of words that hang on the word before alone."""
    random = np.random.default_rng(5)
    table = random.normal(size=(5, 5)) * 2.0
    # 0 is padding, 1 the start: neither is ever written.
    table[:, :2] = -1e9
    return (table - np.log(np.exp(table).sum(1, keepdims=True))).astype(
        "float32"
    )


def exhaustive(table, length, end=2):
    """The sequence with the best mean over its steps, of all there are."""
    best, found = -np.inf, None
    for size in range(1, length + 1):
        for words in itertools.product(range(2, 5), repeat=size):
            if end in words[:-1] or (size < length and words[-1] != end):
                continue
            cost = sum(
                table[a, b] for a, b in zip((1, *words), words, strict=False)
            )
            if cost / size > best:
                best, found = cost / size, [*words, *[0] * (length - size)]
    return found


def test_many_beams_find_the_best():
    table = chain()

    def step(ids, state, place):
        return ops.take(ops.array(table), ids, axis=0), state

    given = {"start": 1, "end": 2, "length": 4, "words": 5}
    wide = layers.beam_search(step, {}, 2, beams=81, **given).numpy()
    assert wide.tolist() == [exhaustive(table, 4)] * 2
    greedy = layers.beam_search(step, {}, 1, beams=1, **given).numpy()[0]
    word, wanted = 1, []
    for _ in range(4):
        word = 0 if word in (0, 2) else int(table[word].argmax())
        wanted.append(word)
    assert greedy.tolist() == wanted


def test_samples_come_as_often_as_they_should():
    logs = np.log(np.array([1e-9, 1e-9, 0.5, 0.3, 0.2], "float32"))

    def step(ids, state, place):
        return ops.tile(ops.array(logs)[None], (ops.shape(ids)[0], 1)), state

    given = {"start": 1, "end": 9, "length": 2, "seed": 3}
    found = layers.sample_search(
        step, {}, 4000, top_k=None, top_p=1.0, **given
    ).numpy()
    shares = np.bincount(found.ravel(), minlength=5) / found.size
    assert np.allclose(shares, np.exp(logs), atol=0.02)
    few = layers.sample_search(step, {}, 500, top_k=2, top_p=1.0, **given)
    assert set(np.unique(few)) == {2, 3}
    one = layers.sample_search(step, {}, 500, top_k=None, top_p=0.4, **given)
    assert set(np.unique(one)) == {2}
