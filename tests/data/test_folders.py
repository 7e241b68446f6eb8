"""folders: sounds, texts, videos and masks, from files as from arrays."""

import os
import wave

import numpy as np
import PIL.Image
import pytest
import scipy.signal
import tensorflow as tf

import kerasgen as kg
from kerasgen.data import inspect_sound, synthetic
from kerasgen.data.sounds import resample

load = kg.data.load
RANDOM = np.random.default_rng(0)


def write_wav(path, signal, rate=8000, width=2):
    """One sound; two channels where the signal has two columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    signal = np.asarray(signal)
    channels = 1 if signal.ndim == 1 else signal.shape[1]
    whole = np.round(signal * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(whole.tobytes())
    return whole / 32768


def sound_folder(root, n=12, samples=400, rate=8000):
    found = {}
    x, y = synthetic.sounds(2 * n, classes=2, samples=samples, rate=rate)
    for index, (signal, label) in enumerate(zip(x, y, strict=True)):
        path = root / ("low", "high")[label] / f"{index}.wav"
        found[str(path)] = write_wav(path, signal, rate)
    return found


def test_sounds_are_their_samples(tmp_path):
    found = sound_folder(tmp_path / "tones")
    data = load(tmp_path / "tones")
    assert data.schema.kind == "audio" and data.schema.shape == (400,)
    assert data.schema.rate == 8000 and data.labels == ("high", "low")
    train = data.splits["train"]
    raw = data.raw("train")
    for path, signal in zip(train.x, raw, strict=True):
        assert np.allclose(signal, found[path], atol=1e-6)
    x, _ = next(iter(data.batches("train", 4, shuffle=False)))
    assert np.array_equal(x, data.tensors("train", 4)[0])
    assert np.allclose(
        load(tmp_path / "tones", seconds=0.02).raw("train"),
        [found[path][:160] for path in train.x],
        atol=1e-6,
    )
    longer = load(tmp_path / "tones", seconds=0.1).raw("train")
    assert longer.shape[1] == 800 and not longer[:, 400:].any()


@pytest.mark.parametrize(
    "own, rate", [(8000, 4000), (4000, 8000), (8000, 5000)]
)
@pytest.mark.parametrize("samples", [400, 401])
def test_resampling_is_scipys(own, rate, samples):
    signal = RANDOM.normal(0, 0.1, samples).astype("float32")
    expected = scipy.signal.resample(signal, round(samples * rate / own))
    found = resample(tf.constant(signal), own, rate)
    assert found.shape == expected.shape
    assert np.allclose(found, expected, atol=1e-5)


def test_stereo_and_rates(tmp_path):
    found = sound_folder(tmp_path / "tones")
    path = sorted(found)[0]
    left, right = RANDOM.uniform(-1, 1, (2, 400))
    two = write_wav(type(tmp_path)(path), np.stack([left, right], 1))
    data = load(tmp_path / "tones")
    for split in data.splits:
        paths = data.splits[split].x.tolist()
        if path in paths:
            one = data.raw(split)[paths.index(path)]
    assert np.allclose(one, two.mean(1), atol=1e-6)
    with pytest.raises(ValueError, match=r"8000 Hz \(24\), 4000 Hz \(1\)"):
        write_wav(tmp_path / "tones" / "low" / "x.wav", left, 4000)
        load(tmp_path / "tones")
    data = load(tmp_path / "tones", sample_rate=4000)
    assert data.schema.rate == 4000 and data.schema.shape == (400,)


def test_flac_is_wav(tmp_path):
    soundfile = pytest.importorskip("soundfile")
    found = sound_folder(tmp_path / "tones")
    for path in list(found)[::2]:
        flac = path.replace(".wav", ".flac")
        signal, rate = soundfile.read(path, dtype="int16")
        soundfile.write(flac, signal, rate)
        os.remove(path)
        found[flac] = found.pop(path)
    data = load(tmp_path / "tones")
    for path, signal in zip(
        data.splits["train"].x, data.raw("train"), strict=True
    ):
        assert np.allclose(signal, found[path], atol=1e-6)
    batches = [x for x, _ in data.batches("train", 5, shuffle=False)]
    assert np.allclose(np.concatenate(batches), data.tensors("train")[0])
    half = load(tmp_path / "tones", sample_rate=4000)
    assert half.raw("train").shape[1] == 200


def test_sounds_in_arrays():
    x, y = synthetic.sounds(60)
    data = load((x, y), kind="audio", sample_rate=8000)
    assert np.array_equal(data.raw("train"), x[data.splits["train"].ids])
    whole = np.round(x * 32767).astype("int16")
    other = load((whole, y), kind="audio", sample_rate=8000)
    assert np.allclose(other.raw("train"), data.raw("train"), atol=1e-4)
    ragged = [row[: 500 + 10 * i] for i, row in enumerate(x)]
    third = load((ragged, y), kind="audio", sample_rate=8000, seconds=0.1)
    assert third.schema.shape == (800,)
    assert not third.raw("train")[
        0, 500 + 10 * third.splits["train"].ids[0] :
    ].any()
    with pytest.raises(ValueError, match="Pass sample_rate"):
        load((x, y), kind="audio")
    with pytest.raises(ValueError, match=r"samples must lie in \[-1, 1\]"):
        load((x * 32768, y), kind="audio", sample_rate=8000)


def test_text_folders(tmp_path):
    x, y = synthetic.texts(60)
    for index, (text, label) in enumerate(zip(x, y, strict=True)):
        path = tmp_path / "reviews" / ("neg", "pos")[label] / f"{index:02}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + " ä", "utf-8")
    data = load(tmp_path / "reviews")
    assert data.schema.kind == "text" and data.labels == ("neg", "pos")
    train = data.splits["train"]
    expected = [x[int(p[-6:-4])] + " ä" for p in train.x]
    assert data.raw("train").tolist() == expected
    assert train.files and len(list(data.batches("train", 8))) == 5


def clips(root, n=8, shape=(5, 6, 8, 1)):
    x, y = synthetic.videos(2 * n, shape=shape)
    found = {}
    for index, (clip, label) in enumerate(zip(x, y, strict=True)):
        folder = root / ("right", "left")[label] / f"clip{index}"
        folder.mkdir(parents=True)
        for number, frame in enumerate(clip):
            # Names whose order by letter is another.
            PIL.Image.fromarray(frame[..., 0]).save(
                folder / f"frame{8 + number}.png"
            )
        found[str(folder)] = clip
    return found


def test_videos_in_folders_of_frames(tmp_path):
    found = clips(tmp_path / "moves")
    data = load(tmp_path / "moves", frames=3)
    assert data.schema.kind == "video" and data.schema.shape == (3, 6, 8, 1)
    train, raw = data.splits["train"], data.raw("train")
    assert train.x.shape == (len(train), 3) and raw.dtype == np.uint8
    for paths, clip in zip(train.x, raw, strict=True):
        expected = found[os.path.dirname(paths[0])][[0, 2, 4]]
        assert np.array_equal(clip, expected)
    x, _ = next(iter(data.batches("train", 4, shuffle=False)))
    assert np.allclose(x, data.tensors("train", 4)[0], atol=1e-5)
    small = load(tmp_path / "moves", kind="video", image_size=(3, 4))
    assert small.schema.shape == (5, 3, 4, 1)
    assert len(data.fingerprint()) == 64


def test_video_files(tmp_path):
    av = pytest.importorskip("av")
    for index in range(16):
        label = ("dark", "bright")[index % 2]
        path = tmp_path / "films" / label / f"{index:02}.avi"
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(path), "w") as file:
            stream = file.add_stream("ffv1", rate=10)
            stream.width, stream.height, stream.pix_fmt = 16, 8, "bgr0"
            for number in range(4):
                pixels = np.full((8, 16, 3), 60 * number + 5 * index, "uint8")
                frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
                file.mux(stream.encode(frame.reformat(format="bgr0")))
            file.mux(stream.encode())
    data = load(tmp_path / "films", frames=2)
    assert data.schema.shape == (2, 8, 16, 3)
    train, raw = data.splits["train"], data.raw("train")
    for path, clip in zip(train.x, raw, strict=True):
        index = int(path[-6:-4])
        assert (clip[0] == 5 * index).all() and (
            clip[1] == 180 + 5 * index
        ).all()
    x, _ = next(iter(data.batches("train", 4, shuffle=False)))
    assert x.shape == (4, 2, 8, 16, 3)


def mask_folders(root, n=30, high=255):
    x, y = synthetic.masks(n, shape=(8, 10, 3))
    for name in ("images", "masks"):
        (root / name).mkdir()
    for index in range(n):
        PIL.Image.fromarray(x[index]).save(root / "images" / f"{index:02}.png")
        mask = (y[index] * high).astype("uint8")
        PIL.Image.fromarray(mask).save(root / "masks" / f"{index:02}.png")
    return x, y


@pytest.mark.parametrize("high", [1, 255])
def test_images_and_masks(tmp_path, high):
    x, y = mask_folders(tmp_path, high=high)
    data = load(tmp_path / "images", masks=tmp_path / "masks")
    assert data.schema.target == "mask" and data.labels == ("0", "1")
    for name, split in data.splits.items():
        assert np.array_equal(data.raw(name), x[split.ids])
        assert np.array_equal(split.y, y[split.ids])
    batch = next(iter(data.batches("train", 4, shuffle=False)))
    assert np.array_equal(batch[1], y[data.splits["train"].ids[:4]])
    memory = load((x, y))
    assert memory.schema.target == "mask"
    small = load(
        tmp_path / "images", masks=tmp_path / "masks", image_size=(4, 5)
    )
    first = small.splits["train"]
    expected = y[first.ids][:, 1::2, 1::2]
    assert small.shape == (4, 5, 3)
    assert np.array_equal(first.y, expected)


def test_masks_may_stay_on_the_disk(tmp_path, monkeypatch):
    import sys

    x, y = mask_folders(tmp_path)
    monkeypatch.setattr(sys.modules["kerasgen.data.rows"], "FITS", 200)
    data = load(
        tmp_path / "images", masks=tmp_path / "masks", labels=("no", "yes")
    )
    assert type(data.splits["train"].y).__name__ == "Rows"
    batches = [b[1] for b in data.batches("train", 7, shuffle=False)]
    expected = y[data.splits["train"].ids]
    assert np.array_equal(np.concatenate(batches), expected)
    assert np.array_equal(data.tensors("train")[1], expected)
    assert data.labels == ("no", "yes") and len(data.fingerprint()) == 64


def test_mistakes_of_masks(tmp_path):
    mask_folders(tmp_path)
    folders = tmp_path / "images", tmp_path / "masks"
    (tmp_path / "masks" / "03.png").rename(tmp_path / "masks" / "x.png")
    with pytest.raises(ValueError, match=r"masks has none for 1.*'03'"):
        load(folders[0], masks=folders[1])
    (tmp_path / "masks" / "x.png").rename(tmp_path / "masks" / "03.png")
    colours = PIL.Image.new("RGB", (10, 8))
    colours.save(tmp_path / "masks" / "03.png")
    with pytest.raises(ValueError, match=r"03.png must have one channel"):
        load(folders[0], masks=folders[1])
    PIL.Image.new("L", (8, 10)).save(tmp_path / "masks" / "03.png")
    with pytest.raises(ValueError, match=r"03.png must have the width"):
        load(folders[0], masks=folders[1])
    (tmp_path / "masks" / "03.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"03.png must be readable"):
        load(folders[0], masks=folders[1])


def test_sound_files_that_are_not_16_bit_are_named(tmp_path):
    path = tmp_path / "a.wav"
    write_wav(path, np.zeros(100), width=4)
    assert "32 bits" in inspect_sound(path)[2]
