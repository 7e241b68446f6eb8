"""Spectra of sounds, beside librosa's and SciPy's."""

import json

import librosa
import numpy as np
import pytest
import scipy.fft
import scipy.signal

from kerasgen.data.prepare import MFCC, PCEN, LogMel

RATE = 8000
TIME = np.arange(RATE) / RATE
SOUND = np.stack(
    [
        np.sin(2 * np.pi * 440 * TIME) * np.exp(-3 * TIME),
        np.random.default_rng(0).normal(0, 0.1, RATE),
    ]
).astype("float32")
# 256 samples are a power of two: librosa then frames as we do.
ARGUMENTS = {
    "window": 0.032,
    "hop": 0.01,
    "mels": 30,
    "low": 50.0,
    "high": 3800.0,
}


def mel_power(sound, mels=30, low=50.0, high=3800.0):
    return librosa.feature.melspectrogram(
        y=sound.astype("float64"),
        sr=RATE,
        n_fft=256,
        hop_length=80,
        center=False,
        n_mels=mels,
        fmin=low,
        fmax=high,
        htk=True,
        norm=None,
    ).swapaxes(-1, -2)


@pytest.mark.slow
def test_log_mel_is_librosas():
    layer = LogMel(RATE, **ARGUMENTS)
    found = layer(SOUND).numpy()
    expected = np.log(mel_power(SOUND) + 1e-6)
    assert found.shape == expected.shape == (2, *layer.shape_of((RATE,)))
    assert np.allclose(found, expected, atol=1e-5)


@pytest.mark.slow
def test_frames_of_any_window_are_scipys():
    layer = LogMel(RATE, mels=20)
    size, hop = 200, 80
    starts = range(0, RATE - size + 1, hop)
    frames = np.stack([SOUND[1, s : s + size] for s in starts]).astype(
        "float64"
    )
    window = scipy.signal.get_window("hann", size)
    power = np.abs(scipy.fft.rfft(frames * window, 256)) ** 2
    filters = librosa.filters.mel(
        sr=RATE, n_fft=256, n_mels=20, htk=True, norm=None
    )
    expected = np.log(power @ filters.T + 1e-6)
    assert np.allclose(layer(SOUND)[1], expected, atol=1e-4)


def test_cepstra_are_scipys():
    layer = MFCC(RATE, count=13, **ARGUMENTS)
    logs = np.log(mel_power(SOUND) + 1e-6)
    expected = scipy.fft.dct(logs, type=2, norm="ortho", axis=-1)[..., :13]
    assert layer(SOUND).shape == (2, *layer.shape_of((RATE,)))
    assert np.allclose(layer(SOUND), expected, atol=1e-4)


@pytest.mark.parametrize(
    "gain, bias, root", [(0.98, 2.0, 0.5), (0.6, 1.0, 0.3)]
)
def test_pcen_is_librosas(gain, bias, root):
    layer = PCEN(
        RATE, smooth=0.04, gain=gain, bias=bias, root=root, **ARGUMENTS
    )
    power = mel_power(SOUND)
    # librosa begins at a power of one unless it is told the first frame's.
    expected = librosa.pcen(
        power,
        b=0.04,
        gain=gain,
        bias=bias,
        power=root,
        eps=1e-6,
        axis=-2,
        zi=0.96 * power[:, :1],
    )
    assert np.allclose(layer(SOUND), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", [LogMel, MFCC, PCEN])
def test_short_and_silent_sounds(kind):
    layer = kind(RATE)
    silent = layer(np.zeros((2, 10), "float32")).numpy()
    assert silent.shape[1] == layer.shape_of((10,))[0] == 1
    assert np.isfinite(silent).all()
    config = json.loads(json.dumps(layer.get_config()))
    again = type(layer).from_config(config)
    assert np.array_equal(again(SOUND), layer(SOUND))


def test_bad_arguments_are_refused():
    for values, words in (
        ({"high": 5000.0}, "at most half"),
        ({"low": 4000.0}, "at most half"),
        ({"window": 1e-5}, "two samples"),
        ({"hop": 1e-5}, "a hop one"),
        ({"mels": 0}, "must lie in"),
        ({"sample_rate": 0}, "must lie in"),
    ):
        for kind in (LogMel, PCEN, MFCC):
            with pytest.raises(ValueError, match=words):
                kind(**{"sample_rate": RATE, **values})
    with pytest.raises(ValueError, match="more coefficients than bands"):
        MFCC(RATE, count=50)
    with pytest.raises(ValueError, match="Pass sample_rate="):
        LogMel()(SOUND)
    with pytest.raises(ValueError, match="takes sounds"):
        LogMel(RATE).check((3, 4), "number")
