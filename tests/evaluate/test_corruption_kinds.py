"""The corruption probe on sounds, videos and texts."""

import keras
import numpy as np
import pytest

from kerasgen.augment import corrupt
from kerasgen.augment.corrupt_audio import Hum
from kerasgen.core import parts
from kerasgen.data import load
from kerasgen.data.schema import Schema
from kerasgen.evaluate import Corruption
from kerasgen.evaluate.corruption import _fitting, _unfit

RANDOM = np.random.default_rng(0)
Y = np.arange(120) % 2


def sounds():
    """Two pitches; more than noise tells them apart."""
    time = np.arange(800) / 8000
    pitch = np.where(Y == 0, 300.0, 900.0)[:, None]
    x = 0.3 * np.sin(2 * np.pi * pitch * time)
    return (x + RANDOM.normal(0, 0.02, x.shape)).astype("float32")


def clips():
    """Bright and dark clips."""
    x = RANDOM.integers(0, 120, (120, 3, 8, 8, 1))
    return (x + 100 * Y[:, None, None, None, None]).astype("uint8")


def texts():
    """Good and bad words among others."""
    words = np.array(["good", "bad", "day", "Night", "modern", "a"])
    drawn = RANDOM.integers(2, 6, (120, 8))
    drawn[:, 3] = Y
    return np.array([" ".join(words[row]) for row in drawn])


def constant(data):
    inputs = keras.Input(data.shape)
    flat = keras.layers.Flatten()(inputs)
    return keras.Model(inputs, keras.layers.Dense(2, name="head")(flat))


@pytest.mark.parametrize(
    "x, given, kind",
    [
        pytest.param(
            *(sounds(), {"kind": "audio", "sample_rate": 8000}, "audio"),
            marks=pytest.mark.slow,
        ),
        pytest.param(
            *(clips(), {"kind": "video"}, "image"), marks=pytest.mark.slow
        ),
        (texts(), {"kind": "text"}, "text"),
    ],
)
def test_every_corruption_of_the_kind_has_its_rows(x, given, kind):
    data = load((x, Y), **given)
    model = constant(data)
    answer = Corruption(severities=1, draws=100)(model, data)
    found = {row.slice.get("corruption") for row in answer} - {None}
    fitting = {n for n, p in parts("corruption").items() if p.kind == kind}
    if kind == "image":
        fitting &= set(corrupt.FAMILIES["standard"])
    assert fitting and fitting <= found
    assert all(row.value is not None for row in answer)
    again = Corruption(severities=1, draws=100)(model, data)
    assert again.rows == answer.rows


def test_sounds_are_corrupted_at_their_own_rate():
    data = load((sounds(), Y), kind="audio", sample_rate=8000)
    corrupt = Hum(severity=5)
    ((got, _),) = data.batches("test", batch_size=120, corrupt=corrupt)
    rated = Hum(severity=5, sample_rate=8000)
    ((want, _),) = data.batches("test", batch_size=120, corrupt=rated)
    np.testing.assert_array_equal(got, want)


def test_tagged_tokens_get_corruptions_that_keep_every_word():
    tagged = Schema("tokens", (5,), target="tags")
    fits = {n for n in _fitting("tokens") if _unfit(n, tagged) is None}
    assert fits == set(_fitting("text")) - {"missing_words"}
    assert _unfit("missing_words", Schema("tokens", (5,))) is None
