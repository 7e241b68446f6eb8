"""Corruptions of sounds: ratios, steps, bands, order."""

import numpy as np
import pytest
import scipy.signal
import tensorflow as tf

from kerasgen.augment.corrupt_audio import (
    Babble,
    BrownNoise,
    Hum,
    PinkNoise,
    WhiteNoise,
)
from kerasgen.augment.corrupt_codec import (
    BandLimit,
    BitDepth,
    Clipping,
    LowBitRate,
    MuLaw,
    Reverberation,
)

RATE = 8000
NOISE = (WhiteNoise, PinkNoise, BrownNoise, Hum, Babble)
CODECS = (MuLaw, BitDepth, BandLimit, LowBitRate, Clipping, Reverberation)
ALL = NOISE + CODECS
DRAWN = (*NOISE, Reverberation)


def sounds(n=12, samples=6000, size=0.2, seed=0):
    """Chords over a little noise, with an attack and a decay."""
    random = np.random.default_rng(seed)
    time = np.arange(samples) / RATE
    pitch = 150 + 40 * np.arange(n)[:, None, None]
    overtone = np.arange(1, 6)[None, :, None]
    x = np.sin(2 * np.pi * pitch * overtone * time) / overtone
    x = x.sum(1) * np.minimum(time / 0.05, 1.0) * np.exp(-2 * time)
    x += random.normal(0, 0.01, x.shape)
    return (x / np.abs(x).max(1, keepdims=True) * size).astype("float32")


def corrupt(part, x, severity=3, seed=(1, 2)):
    made = part(severity=severity).bind(sample_rate=RATE)
    return made({"x": tf.constant(x)}, seed)["x"].numpy()


@pytest.mark.parametrize("part", ALL)
def test_every_severity_is_farther_than_the_last(part):
    x = sounds()
    far = [np.square(corrupt(part, x, s) - x).mean() for s in range(1, 6)]
    assert all(1.05 * a < b for a, b in zip(far, far[1:], strict=False)), far


@pytest.mark.parametrize("part", ALL)
def test_keeps_shape_type_and_range_and_silence(part):
    for x in (sounds(4, 777, 1.0), np.ones((3, 50), "float32")):
        out = corrupt(part, x, 5)
        assert out.shape == x.shape and out.dtype == x.dtype
        assert np.isfinite(out).all() and np.abs(out).max() <= 1 + 1e-6
    silent = np.zeros((3, 900), "float32")
    np.testing.assert_array_equal(corrupt(part, silent, 5), silent)


@pytest.mark.parametrize("part", ALL)
def test_pure_in_the_seed_and_in_tf_data_with_unknown_sizes(part):
    x = sounds(6, 1500)
    first = corrupt(part, x)
    np.testing.assert_array_equal(first, corrupt(part, x))
    assert (first != corrupt(part, x, seed=(3, 4))).any() == (part in DRAWN)
    made = part().bind(sample_rate=RATE)
    spec = tf.TensorSpec((None, None), tf.float32)
    data = tf.data.Dataset.from_generator(lambda: [x, x], output_signature=spec)
    for out in data.map(lambda x: made({"x": x}, [1, 2])["x"], 2):
        np.testing.assert_allclose(out, first, atol=1e-5)
    assert made({"x": x[0]}, [1, 2])["x"].shape == (1500,)


@pytest.mark.parametrize("part", NOISE)
@pytest.mark.parametrize("severity", [1, 2, 3, 4, 5])
def test_noise_comes_at_its_ratio(part, severity):
    x = sounds(size=0.1)
    noise = corrupt(part, x, severity).astype("float64") - x
    ratio = (x.astype("float64") ** 2).mean(1) / (noise**2).mean(1)
    want = 10 ** ((25 - 5 * severity) / 10)
    np.testing.assert_allclose(ratio / want, 1.0, rtol=1e-4)


@pytest.mark.parametrize(
    "part, slope", [(WhiteNoise, 0), (PinkNoise, 1), (BrownNoise, 2)]
)
def test_noise_has_its_color(part, slope):
    x = sounds(64, 4000, 0.1)
    noise = corrupt(part, x, 5) - x
    found, power = scipy.signal.welch(noise, 1.0, nperseg=512)
    band = (found > 0.03) & (found < 0.4)
    power = (power / power.sum(1, keepdims=True)).mean(0)
    line = np.polyfit(np.log(found[band]), np.log(power[band]), 1)
    assert -line[0] == pytest.approx(slope, abs=0.1)


def test_hum_is_the_mains_and_its_overtones():
    x = sounds(32, RATE, 0.1)
    noise = corrupt(Hum, x, 5) - x
    grounds = []
    for row in noise:
        size = np.abs(np.fft.rfft(row))
        lines = np.where(size > 0.02 * size.max())[0]
        ground = lines[0]
        grounds.append(ground)
        np.testing.assert_array_equal(lines, ground * np.arange(1, 9))
        want = size[ground] / np.arange(1, 9)
        np.testing.assert_allclose(size[lines], want, rtol=1e-3)
    assert set(grounds) == {50, 60}


def test_hum_keeps_below_half_the_sample_rate():
    x = sounds(8, 2000, 0.1)
    made = Hum(5, sample_rate=300)
    noise = made({"x": x}, [1, 2])["x"].numpy() - x
    size = np.abs(np.fft.rfft(noise * np.hanning(2000)))
    place = np.fft.rfftfreq(2000, 1 / 300)
    for row in size:
        loud = place[row > 0.2 * row.max()]
        assert len({round(f / 10) for f in loud}) == 2


def test_babble_is_made_of_the_others():
    x = np.zeros((6, 512), "float32")
    time = np.arange(512)
    for row in range(6):
        x[row] = 0.05 * np.sin(2 * np.pi * (20 + 10 * row) * time / 512)
    size = np.abs(np.fft.rfft(corrupt(Babble, x, 5) - x))
    tones = size[:, 20:80:10]
    own = np.diag(tones)
    np.testing.assert_allclose(own, 0.0, atol=1e-3)
    assert (tones.sum(1) > 5).all()
    np.testing.assert_allclose((tones**2).sum(1), (size**2).sum(1), rtol=1e-4)
    assert len({tuple(np.round(row, 3)) for row in tones}) == 6


def test_a_lone_example_babbles_with_itself():
    x = sounds(1, size=0.1)
    noise = corrupt(Babble, x, 5) - x
    assert (noise**2).mean() == pytest.approx((x**2).mean(), rel=1e-4)


@pytest.mark.parametrize("severity, bits", [(1, 8), (3, 5), (5, 3)])
def test_bit_depth_rounds_to_even_steps(severity, bits):
    x = sounds(size=1.0)
    levels = 2 ** (bits - 1) - 1
    want = np.round(x.astype("float64") * levels) / levels
    out = corrupt(BitDepth, x, severity)
    np.testing.assert_allclose(out, want, atol=1e-6)
    # The error of even steps is that of a uniform distribution.
    assert np.square(out - x).mean() <= 1.3 / levels**2 / 12


@pytest.mark.parametrize("severity, bits", [(1, 8), (4, 4)])
def test_mu_law_rounds_in_its_logarithm(severity, bits):
    x = sounds(size=1.0).astype("float64")
    levels = 2 ** (bits - 1) - 1
    inside = np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256)
    inside = np.round(inside * levels) / levels
    want = np.sign(inside) * (256 ** np.abs(inside) - 1) / 255
    out = corrupt(MuLaw, x.astype("float32"), severity)
    gap = np.abs(out - want)
    # A value between two steps may fall either way in single precision.
    assert (gap > 1e-5).mean() < 1e-3


@pytest.mark.parametrize("severity, share", [(1, 0.5), (4, 0.15)])
def test_band_limit_is_butterworths_filter(severity, share):
    x = np.zeros((1, 4096), "float32")
    x[0, 2048] = 1.0
    out = corrupt(BandLimit, x, severity)[0]
    size = np.abs(np.fft.rfft(out))
    place = np.linspace(0, 1, len(size))
    _, analog = scipy.signal.freqs(
        *scipy.signal.butter(8, share, analog=True), worN=place[1:]
    )
    np.testing.assert_allclose(size[1:], np.abs(analog), atol=2e-3)
    assert np.abs(out).argmax() == 2048


@pytest.mark.parametrize("severity, share", [(1, 0.5), (5, 3.0)])
def test_low_bit_rate_rounds_a_cosine_transform_of_each_band(severity, share):
    x = sounds(3, 3000).astype("float64")
    half = 256
    padded = np.pad(x, ((0, 0), (half, 512)))
    frames = (padded.shape[1] - 512) // half + 1
    n, k = np.arange(512), np.arange(half)
    base = np.cos(np.pi / half * (n[:, None] + 0.5 + half / 2) * (k + 0.5))
    base *= np.sqrt(2 / half)
    window = np.sin(np.pi / 2 * np.sin(np.pi * (n + 0.5) / 512) ** 2)
    edges = [*range(0, 33, 4), *range(40, 65, 8), *range(80, 129, 16)]
    edges += [160, 192, 256]
    want = np.zeros_like(padded)
    for frame in range(frames):
        at = slice(frame * half, frame * half + 512)
        lines = (padded[:, at] * window) @ base
        for low, high in zip(edges, edges[1:], strict=False):
            band = lines[:, low:high]
            step = share * np.sqrt(np.mean(band**2, 1, keepdims=True)) + 1e-30
            lines[:, low:high] = np.round(band / step) * step
        want[:, at] += (lines @ base.T) * window
    out = corrupt(LowBitRate, x.astype("float32"), severity)
    gap = np.abs(out - want[:, half : half + 3000])
    # A line between two steps may fall either way in single precision.
    assert np.median(gap) < 1e-5 and (gap > 1e-4).mean() < 0.05


@pytest.mark.parametrize("severity, share", [(1, 0.02), (5, 0.4)])
def test_clipping_cuts_its_share(severity, share):
    x = np.random.default_rng(0).normal(0, 0.2, (5, 1000)).astype("float32")
    out = corrupt(Clipping, x, severity)
    changed = (out != x).sum(1)
    np.testing.assert_array_equal(changed, int(share * 1000 + 1e-6))
    level = np.sort(np.abs(x), 1)[:, 1000 - int(share * 1000 + 1e-6) - 1]
    np.testing.assert_allclose(out, np.clip(x, -level[:, None], level[:, None]))


def test_reverberation_keeps_power_and_rings_on():
    x = np.zeros((4, 6000), "float32")
    x[:, 1000] = 0.2
    out = corrupt(Reverberation, x, 5)
    np.testing.assert_array_equal(out[:, :999].round(6), 0.0)
    np.testing.assert_allclose((out**2).sum(1), (x**2).sum(1), rtol=1e-4)
    late = (out[:, 1001:] ** 2).sum(1) / out[:, 1000] ** 2
    np.testing.assert_allclose(10 * np.log10(late), 10.0, atol=0.05)


@pytest.mark.parametrize("part", [Hum, Reverberation])
def test_the_sample_rate_must_be_known(part):
    with pytest.raises(ValueError, match="Pass sample_rate="):
        part()({"x": tf.ones((1, 100))}, [0, 0])
