"""Strings by CTC: loss, decoding and error rates against brute force."""

import itertools
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

import kerasgen as kg
from kerasgen.losses import CTC
from kerasgen.metrics import best_symbols, edit_distance, edit_distances

DRAW = np.random.default_rng(0)
LOGITS = DRAW.normal(0, 2, (4, 5, 3)).astype("float32")
LOGS = LOGITS - np.log(np.exp(LOGITS).sum(-1, keepdims=True))


def squeezed(path, blank=2):
    kept = [s for s, _ in itertools.groupby(path)]
    return tuple(s for s in kept if s != blank)


def chances(logs):
    """The probability of each string, over all paths."""
    found = {}
    for path in itertools.product(range(3), repeat=5):
        chance = np.exp(sum(logs[t, s] for t, s in enumerate(path)))
        key = squeezed(path)
        found[key] = found.get(key, 0.0) + chance
    return found


def test_loss_sums_over_all_paths():
    y = np.array([[0, 1, -1], [1, 1, 0], [0, -1, -1], [0, 0, 0]])
    found = CTC().call(ops.array(y), ops.array(LOGITS))
    for row, logs, value in zip(y, LOGS, found, strict=True):
        known = chances(logs)[tuple(s for s in row if s >= 0)]
        assert np.isclose(value, -np.log(known), rtol=1e-4)
    # Three times the same needs five frames; four times has no path.
    assert float(CTC().call(ops.zeros((1, 4)), LOGITS[:1])[0]) == 0.0


def test_decoders_find_the_best_path_and_the_best_string():
    greedy = kg.Transcription(("a", "b"))
    beam = kg.Transcription(("a", "b"), decoder="beam", beam=64)
    one, two = (task.predict(ops.array(LOGITS)) for task in (greedy, beam))
    inside = np.asarray(best_symbols(ops.array(LOGITS)))
    for i, logs in enumerate(LOGS):
        path = squeezed(logs.argmax(-1))
        for row in (np.asarray(one["symbols"][i]), inside[i]):
            assert tuple(s for s in row if s >= 0) == path
        assert np.isclose(one["score"][i], logs.max(-1).sum(), rtol=1e-4)
        table = chances(logs)
        best = max(table, key=table.get)
        row = np.asarray(two["symbols"][i])
        assert tuple(s for s in row if s >= 0) == best
        assert np.isclose(two["score"][i], np.log(table[best]), rtol=1e-3)


def test_distances_are_those_of_the_table():
    def slow(a, b):
        if not a or not b:
            return len(a) + len(b)
        other = slow(a[:-1], b[:-1]) + (a[-1] != b[-1])
        return min(other, slow(a[:-1], b) + 1, slow(a, b[:-1]) + 1)

    def padded(n):
        row = DRAW.integers(0, 3, 4)
        return np.where(np.arange(4) < n, row, -1)

    pairs = [(padded(i % 5), padded(i // 5)) for i in range(25)]
    known = [
        slow([v for v in a if v >= 0], [v for v in b if v >= 0])
        for a, b in pairs
    ]
    one, two = (np.stack(part) for part in zip(*pairs, strict=True))
    assert np.asarray(edit_distances(one, two)).tolist() == known
    each = [
        edit_distance(a[a >= 0].tolist(), b[b >= 0].tolist()) for a, b in pairs
    ]
    assert each == known


def test_rates_are_of_the_corpus():
    task = kg.Transcription(("one", "two", "six"))
    y = task.encode(["one two", "six", "two two one"])
    outputs = np.zeros((3, 6, 4), "float32")
    told = [[0, 3, 0, 3, 3, 3], [2, 3, 3, 3, 3, 3], [1, 3, 1, 3, 0, 3]]
    outputs[np.arange(3)[:, None], np.arange(6), told] = 9.0
    wer, cer, whole = (
        m.reduce_values(m.values(y, outputs)) for m in task.measures()
    )
    assert np.isclose(wer, 1 / 6) and np.isclose(whole, 2 / 3)
    assert np.isclose(cer, edit_distance("one two", "one one") / (7 + 3 + 11))
    metric = task.metrics()[0]
    for part in (slice(2), slice(2, 3)):
        metric.update_state(y[part], outputs[part])
    assert np.isclose(metric.result(), 1 / 6)


def test_texts_there_and_back():
    letters = kg.Transcription((*"abc", " "))
    y = letters.encode(["ab c", "a"])
    assert letters.spell(y) == ["ab c", "a"]
    text = json.dumps(keras.saving.serialize_keras_object(letters))
    assert keras.saving.deserialize_keras_object(json.loads(text)) == letters
    with pytest.raises(ValueError, match="unknown"):
        letters.encode(["abd"])
    with pytest.raises(ValueError, match="single letters"):
        kg.Transcription(("ab", " "))
    with pytest.raises(ValueError, match="behind their end"):
        letters.check(np.array([[-1, 0]]))


@pytest.mark.slow
def test_a_recipe_serves_texts(tmp_path):
    x = DRAW.normal(0, 0.1, (80, 1200)).astype("float32").clip(-1, 1)
    texts = [("one two", "two")[i % 2] for i in range(80)]
    data = kg.data.load(
        (x, texts),
        kind="audio",
        sample_rate=8000,
        prepare=[],
        task=kg.Transcription(("one", "two"), decoder="beam", beam=4),
        name="strings",
    )
    assert (
        data.schema.target == "symbols" and data.splits["test"].y.shape[1] == 2
    )
    recipe = kg.Recipe(
        data=data,
        model={"name": "speech_recognizer", "size": "tiny", "halvings": 0},
        epochs=1,
        probes=("clean",),
    )
    found = kg.run(recipe, tmp_path, smoke=True, verbose=0)
    assert found.report.row("clean/wer").n == 16
    served = tf.saved_model.load(str(found.served)).signatures[
        "serving_default"
    ]
    answer = served(audio=tf.constant(x[:3, :1000]))
    words = [t.decode() for t in answer["text"].numpy()]
    assert words == data.task.spell(answer["symbols"].numpy())
