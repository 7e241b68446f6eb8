"""Moves of sounds against SciPy, NumPy and closed forms."""

import numpy as np
import pytest
import scipy.signal
import tensorflow as tf

from kerasgen.augment import waveform
from kerasgen.augment.audio import (
    ColoredNoise,
    Gain,
    PitchShift,
    Speed,
    TimeShift,
    TimeStretch,
)
from kerasgen.augment.audio_room import (
    Reverb,
    Room,
    reflection,
    ringing,
    shoebox,
)

RATE = 8000
RANDOM = np.random.default_rng(0)
MOVES = (
    TimeShift(0.3),
    TimeShift(0.3, "silence"),
    Speed(0.2),
    TimeStretch(0.2),
    PitchShift(3.0),
    Gain(12.0),
    ColoredNoise(1.0),
    ColoredNoise(1.0, color="white"),
    ColoredNoise(1.0, color="pink"),
    Reverb(1.0, sample_rate=RATE),
    Room(1.0, sample_rate=RATE),
)


def name(part):
    return type(part).__name__


def tones(n=16, pitch=500.0, samples=RATE, size=0.4):
    time = np.arange(samples) / RATE
    tone = size * np.sin(2 * np.pi * pitch * time)
    return np.repeat(tone[None], n, 0).astype("float32")


def run(part, x, seed=(1, 2)):
    return part({"x": tf.constant(x)}, seed)["x"].numpy()


def peak(x, rate=RATE):
    """The frequency of the greatest line, between bins by a parabola."""
    size = np.log(np.abs(np.fft.rfft(x * np.hanning(len(x)), 8 * len(x))))
    k = size.argmax()
    a, b, c = size[k - 1 : k + 2]
    return (k + 0.5 * (a - c) / (a - 2 * b + c)) * rate / (8 * len(x))


def sounding(x):
    """The samples up to the last that is loud."""
    return np.where(np.abs(x) > 0.05)[0].max() + 1


def relative(x):
    return np.float64((np.asarray(x, "float64") ** 2).mean())


@pytest.mark.parametrize("part", MOVES, ids=name)
def test_keeps_range_and_type_and_draws_for_each_example(part):
    x = tones(size=1.0)
    out = run(part, x)
    assert out.dtype == x.dtype and out.shape == x.shape
    assert np.isfinite(out).all() and np.abs(out).max() <= 1.0 + 1e-6
    np.testing.assert_array_equal(out, run(part, x))
    assert (out != run(part, x, (3, 4))).any()
    distinct = {row.tobytes() for row in out}
    assert len(distinct) > 12


@pytest.mark.parametrize("part", MOVES, ids=name)
def test_dynamic_sizes_in_a_parallel_map(part):
    x = tones(8, samples=1501)
    whole = tf.TensorSpec((None, None), tf.float32)
    data = tf.data.Dataset.from_generator(
        lambda: [x, x], output_signature=whole
    )
    data = data.map(lambda x: part({"x": x}, [1, 2])["x"], 2)
    for out in data:
        np.testing.assert_allclose(out, run(part, x), atol=1e-5)


@pytest.mark.parametrize("part", MOVES, ids=name)
def test_silence_stays_silent_and_half_floats_come_back(part):
    silent = np.zeros((3, 1200), "float32")
    np.testing.assert_array_equal(run(part, silent), silent)
    half = tones(2, samples=1200).astype("float16")
    assert run(part, half).dtype == np.float16


def test_time_shift_rolls_or_fills():
    x = RANDOM.normal(0, 0.1, (200, 50)).astype("float32")
    out, cut = run(TimeShift(0.2), x), run(TimeShift(0.2, "silence"), x)
    shifts = []
    for row, moved, filled in zip(x, out, cut, strict=True):
        found = [s for s in range(-10, 11) if (np.roll(row, s) == moved).all()]
        (shift,) = found
        shifts.append(shift)
        want = np.zeros(50, "float32")
        if shift >= 0:
            want[shift:] = row[: 50 - shift]
        else:
            want[:shift] = row[-shift:]
        np.testing.assert_array_equal(filled, want)
    assert min(shifts) == -10 and max(shifts) == 10


@pytest.mark.parametrize("samples", [400, 777])
@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_resampling_is_scipys(samples, factor):
    taps = scipy.signal.firwin(101, 0.2)
    x = scipy.signal.lfilter(taps, 1.0, RANDOM.normal(size=(2, samples)))
    x = (x * np.hanning(samples)).astype("float32")
    out = waveform.resample(
        tf.constant(x), tf.fill((2, 1), factor), samples
    ).numpy()
    # SciPy's length in the same circle, which it fixes to whole samples.
    whole = int(waveform.span(samples + 32))
    padded = np.pad(x.astype("float64"), ((0, 0), (0, whole - samples)))
    want = scipy.signal.resample(padded, int(whole / factor), axis=1)
    want = np.pad(want, ((0, 0), (0, samples)))[:, :samples]
    want *= np.arange(samples) * factor < samples
    np.testing.assert_allclose(out, want, atol=1e-6)


def test_resampling_leaves_aliases_out():
    x = tones(1, 3500.0)
    out = waveform.resample(tf.constant(x), tf.constant([[1.5]]), 4000)
    inner = out.numpy()[0, 500:3500]
    assert np.abs(inner).max() < 1e-3


def test_speed_moves_length_and_pitch_together():
    x = tones(12)
    x[:, 4000:] = 0.0
    out = run(Speed(0.25), x)
    factors = np.array([peak(row[:3000]) for row in out]) / 500.0
    lengths = np.array([sounding(row) for row in out]) / 4000.0
    np.testing.assert_allclose(lengths * factors, 1.0, rtol=5e-3)
    assert factors.min() > 0.798 and factors.max() < 1.252
    assert factors.std() > 0.05


def test_time_stretch_moves_length_alone():
    x = tones(12)
    x[:, 4000:] = 0.0
    out = run(TimeStretch(0.25, frame=256), x)
    pitches = np.array([peak(row[500:3000]) for row in out])
    np.testing.assert_allclose(pitches, 500.0, rtol=2e-3)
    lengths = np.array([sounding(row) for row in out]) / 4000.0
    assert lengths.min() > 0.75 and lengths.max() < 1.32
    assert lengths.std() > 0.05
    np.testing.assert_allclose(np.abs(out[:, 1000:2500]).max(1), 0.4, rtol=0.1)


@pytest.mark.parametrize("pace", [0.8, 1.25])
def test_stretch_reads_time_at_its_pace(pace):
    x = np.zeros((1, RATE), "float32")
    x[0, 2000:2010] = 0.5
    out = waveform.stretch(tf.constant(x), tf.constant([[pace]]), RATE, 256)
    energy = out.numpy()[0] ** 2
    centre = (energy * np.arange(RATE)).sum() / energy.sum()
    assert centre == pytest.approx(2005 / pace, abs=64)


def test_stretch_at_the_same_pace_changes_nothing():
    x = RANDOM.normal(0, 0.2, (2, 1234)).astype("float32")
    x[0, :300] = 0.0
    out = waveform.stretch(tf.constant(x), tf.ones((2, 1)), 1234)
    np.testing.assert_allclose(out, x, atol=1e-5)


def test_pitch_shift_moves_pitch_alone():
    x = tones(12, 600.0)
    x[:, 6000:] = 0.0
    out = run(PitchShift(4.0), x)
    pitches = np.array([peak(row[500:5000]) for row in out])
    steps = 12 * np.log2(pitches / 600.0)
    assert np.abs(steps).max() <= 4.02 and steps.std() > 1.0
    lengths = np.array([sounding(row) for row in out])
    np.testing.assert_allclose(lengths, 6000, atol=400)


def test_gain_is_in_decibels_and_never_clips():
    x = tones(64, size=0.1)
    out = run(Gain(12.0), x)
    level = 20 * np.log10(out[:, 1:40].max(1) / x[:, 1:40].max(1))
    np.testing.assert_allclose(out, x * 10 ** (level[:, None] / 20), atol=1e-5)
    assert np.abs(level).max() <= 12.001 and level.std() > 5.0
    loud = run(Gain(12.0), tones(64, size=0.9))
    share = loud.max(1) / 0.9
    np.testing.assert_allclose(
        loud, tones(64, size=0.9) * share[:, None], atol=1e-5
    )
    assert np.isclose(np.abs(loud).max(), 1.0)


@pytest.mark.parametrize("color", ["white", "pink", "brown", "any"])
@pytest.mark.parametrize("snr", [-5.0, 10.0, 30.0])
def test_signal_to_noise_is_exact(color, snr):
    sizes = np.linspace(0.01, 0.1, 8)[:, None]
    x = (sizes * RANDOM.normal(size=(8, 4000))).astype("float32")
    out = run(ColoredNoise(1.0, snr, snr, color), x)
    for before, after in zip(x, out, strict=True):
        noise = after.astype("float64") - before
        found = 10 * np.log10(relative(before) / relative(noise))
        assert found == pytest.approx(snr, abs=1e-3)
    ratio = 10.0 ** (snr / 10.0)
    noise = waveform.colored([1, 2], tf.shape(x), 1.0)
    moved = waveform.add_at(tf.constant(x), noise, snr).numpy() - x
    found = (x.astype("float64") ** 2).mean(1)
    found /= (moved.astype("float64") ** 2).mean(1)
    np.testing.assert_allclose(found / ratio, 1.0, rtol=1e-4)


def test_signal_to_noise_holds_where_the_sum_is_scaled_down():
    x = tones(8, size=1.0)
    out = run(ColoredNoise(1.0, 0.0, 0.0, "white"), x)
    np.testing.assert_allclose(np.abs(out).max(1), 1.0, rtol=1e-6)
    for before, after in zip(x, out, strict=True):
        # What the sum was scaled by: noise has nothing in common with x.
        share = (after * before).mean() / (before**2).mean()
        noise = after / share - before
        found = 10 * np.log10(relative(before) / relative(noise))
        assert found == pytest.approx(0.0, abs=0.3)


def test_noise_takes_its_share_of_examples():
    x = tones(400, samples=64)
    moved = (run(ColoredNoise(0.3), x) != x).any(1)
    assert 0.2 < moved.mean() < 0.4


@pytest.mark.parametrize("slope", [0.0, 1.0, 2.0])
def test_noise_falls_with_frequency_as_stated(slope):
    noise = waveform.colored([1, 2], (64, 4096), slope).numpy()
    found, power = scipy.signal.welch(noise, 1.0, nperseg=1024)
    band = (found > 0.02) & (found < 0.4)
    line = np.polyfit(np.log(found[band]), np.log(power.mean(0)[band]), 1)
    assert -line[0] == pytest.approx(slope, abs=0.06)


def test_convolution_is_scipys():
    x = RANDOM.normal(size=(3, 700)).astype("float32")
    taps = RANDOM.normal(size=(3, 123)).astype("float32")
    want = scipy.signal.fftconvolve(x.astype("float64"), taps, axes=1)
    out = waveform.convolve(tf.constant(x), tf.constant(taps))
    np.testing.assert_allclose(out, want[:, :700], atol=2e-5)


@pytest.mark.parametrize("part", MOVES[-2:], ids=name)
def test_rooms_are_a_convolution_of_the_same_power(part):
    impulse = np.zeros((4, 2000), "float32")
    impulse[:, 0] = 0.5
    response = run(part, impulse).astype("float64")
    x = RANDOM.normal(0, 0.1, (4, 2000)).astype("float32")
    out = run(part, x)
    want = scipy.signal.fftconvolve(x, response, axes=1)[:, :2000]
    want *= np.sqrt((x**2).mean(1) / (want**2).mean(1))[:, None]
    np.testing.assert_allclose(out, want, atol=1e-5)
    np.testing.assert_allclose(relative(out), relative(x), rtol=1e-4)


@pytest.mark.parametrize("seconds", [0.2, 0.6])
def test_ringing_has_its_reverberation_time(seconds):
    time = tf.fill((8, 1), seconds * RATE)
    taps = ringing([1, 2], time, 3.0, RATE).numpy().astype("float64")
    direct, tail = taps[:, 0] ** 2, (taps[:, 1:] ** 2).sum(1)
    np.testing.assert_allclose(10 * np.log10(direct / tail), 3.0, atol=1e-3)
    for row in taps[:, 1:]:
        # Schroeder: the energy that is still to come, from -5 to -35 dB.
        left = 10 * np.log10(np.cumsum(row[::-1] ** 2)[::-1])
        left -= left[0]
        band = (left < -5) & (left > -35)
        slope = np.polyfit(np.where(band)[0] / RATE, left[band], 1)[0]
        assert -60 / slope == pytest.approx(seconds, rel=0.12)


def test_shoebox_is_a_sum_over_mirrored_sources():
    sides, order, rate, taps = np.array([3.0, 4.2, 2.6]), 3, 16000.0, 900
    source, ear = np.array([1.0, 3.1, 1.2]), np.array([2.2, 1.4, 1.7])
    straight = np.linalg.norm(source - ear)
    want = np.zeros(taps)
    # Walk: mirror at the far wall, then at the near one, and so on.
    reach = range(-order, order + 1)
    for n in np.stack(np.meshgrid(reach, reach, reach), -1).reshape(-1, 3):
        place = source.copy()
        for axis in range(3):
            for hit in range(abs(n[axis])):
                far = (hit % 2 == 0) == (n[axis] > 0)
                wall = sides[axis] if far else 0.0
                place[axis] = 2 * wall - place[axis]
        path = np.linalg.norm(place - ear)
        at = int(np.rint((path - straight) * rate / 343.0))
        if at < taps:
            want[at] += 0.8 ** np.abs(n).sum() * straight / path
    out = shoebox(
        *(tf.constant(v[None], tf.float32) for v in (sides, source, ear)),
        tf.constant([[0.8]]),
        rate,
        order,
        taps,
    ).numpy()[0]
    assert out[0] == pytest.approx(1.0, abs=1e-5)
    # Paths that end between two samples may be rounded either way.
    gap = np.cumsum(out) - np.cumsum(want)
    assert np.median(np.abs(gap)) < 1e-3 and np.abs(gap).max() < 0.2


def test_reflection_is_eyrings():
    sides, time = np.array([[5.0, 4.0, 3.0]], "float32"), 0.4
    found = float(reflection(tf.constant(sides), tf.constant([[time]]))[0, 0])
    volume, walls = 60.0, 2 * (20 + 12 + 15)
    back = 0.161 * volume / (-walls * np.log(found**2))
    assert back == pytest.approx(time, rel=5e-3)


def test_rooms_differ_in_sides_and_absorption():
    impulse = np.zeros((16, 4000), "float32")
    impulse[:, 0] = 0.5
    out = run(Room(1.0, sample_rate=16000), impulse)
    first = [np.where(np.abs(row) > 1e-4)[0][1] for row in out]
    assert len(set(first)) > 8


@pytest.mark.parametrize("part", [Reverb, Room])
def test_rooms_need_the_sample_rate(part):
    x = tf.zeros((1, 100))
    with pytest.raises(ValueError, match="Pass sample_rate="):
        part(1.0)({"x": x}, [0, 0])
    bound = part(1.0).bind(sample_rate=16000, high=255.0)
    assert bound.sample_rate == 16000
    assert part(1.0, sample_rate=8000).bind(sample_rate=3).sample_rate == 8000


def test_bounds_in_the_wrong_order_are_refused():
    with pytest.raises(ValueError, match="Swap them"):
        ColoredNoise(snr_low=10.0, snr_high=0.0)
    with pytest.raises(ValueError, match="Swap them"):
        Reverb(shortest=1.0, longest=0.5)
    with pytest.raises(ValueError, match="Swap them"):
        Room(smallest=5.0, largest=3.0)


def test_spans_are_the_least_of_their_kind():
    kind = sorted(
        2**power * part // 16
        for power in range(5, 20)
        for part in (9, 10, 12, 15, 16)
    )
    for size in [1, 17, 32, 33, 64, 65, 1000, 16000, 32768, 32769, 44100]:
        want = min(length for length in kind if length >= size)
        assert int(waveform.span(size)) == want
    for power in range(5, 20):
        assert int(waveform.span(2**power)) == 2**power
