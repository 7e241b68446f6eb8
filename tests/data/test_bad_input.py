"""bad input: a clear error or a named skip, never a bare crash."""

import os
import struct
import time
import zlib

import numpy as np
import PIL.Image
import pytest

import kerasgen as kg
from kerasgen.data import inspect_image, synthetic
from kerasgen.data.fetch import Guard

load = kg.data.load


def pictures(root, n=60, size=(8, 8), kind="png"):
    random = np.random.default_rng(0)
    for label in ("cat", "dog"):
        (root / label).mkdir(parents=True)
        for i in range(n):
            pixels = random.integers(0, 256, (*size, 3)).astype("uint8")
            path = root / label / f"{i:03}.{kind}"
            PIL.Image.fromarray(pixels).save(path)
    return root


def sounds(root, n=20, rate=8000):
    import wave

    for label in ("low", "high"):
        (root / label).mkdir(parents=True)
        for i in range(n):
            with wave.open(str(root / label / f"{i}.wav"), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(rate)
                file.writeframes(b"\1\2" * 200)
    return root


def test_a_corrupt_image_is_skipped_by_name(tmp_path):
    root = pictures(tmp_path / "pets")
    path = root / "cat" / "003.png"
    whole = bytearray(path.read_bytes())
    whole[60:90] = b"\0" * 30
    path.write_bytes(whole)
    data = load(root)
    assert [where for where, _ in data.skipped] == ["cat/003.png"]
    for name in data.splits:
        assert len(list(data.batches(name, 16)))


def test_a_file_of_nothing_is_skipped_by_name(tmp_path):
    root = pictures(tmp_path / "pets")
    (root / "dog" / "001.png").write_bytes(b"")
    assert load(root).skipped == (("dog/001.png", "the file is empty"),)
    (tmp_path / "a.csv").write_bytes(b"")
    with pytest.raises(ValueError, match="a.csv must have a header"):
        load(tmp_path / "a.csv")
    (tmp_path / "a.npz").write_bytes(b"")
    with pytest.raises(ValueError, match="a.npz must be a sound .npz"):
        load(tmp_path / "a.npz")
    root = sounds(tmp_path / "tones", 60)
    (root / "low" / "3.wav").write_bytes(b"")
    assert load(root).skipped == (("low/3.wav", "the file is empty"),)
    for name in ("a.tsv", "a.jsonl", "a.conll"):
        (tmp_path / name).write_bytes(b"")
        with pytest.raises(ValueError, match=name):
            load(tmp_path / name)


@pytest.mark.parametrize("kind", [None, "image", "audio", "text", "video"])
def test_an_empty_folder(tmp_path, kind):
    with pytest.raises(ValueError, match="must hold .* one folder for each"):
        load(tmp_path, kind=kind)
    root = pictures(tmp_path / "pets")
    (root / "bird").mkdir()
    with pytest.raises(ValueError, match="empty=.'bird'"):
        load(root)


def test_a_wrong_column(tmp_path):
    (tmp_path / "a.csv").write_text("age,ill\n" + "3,0\n4,1\n" * 20)
    with pytest.raises(ValueError, match="Did you mean 'ill'"):
        load(tmp_path / "a.csv", target="il")
    (tmp_path / "a.tsv").write_text("text\tlabel\na\tb\n")
    with pytest.raises(ValueError, match="Did you mean 'label'"):
        load(tmp_path / "a.tsv", target="labl")
    (tmp_path / "a.conll").write_text("a B\nb\n")
    with pytest.raises(ValueError, match="line 2 of .*a.conll"):
        load(tmp_path / "a.conll")
    (tmp_path / "b.csv").write_text("age,ill\n" + "x,0\n4,1\n" * 20)
    with pytest.raises(ValueError, match="'age' of .*b.csv.*line=2"):
        load(tmp_path / "a.csv", tests={"other": tmp_path / "b.csv"})
    (tmp_path / "c.csv").write_text("height,ill\n" + "3,0\n4,1\n" * 20)
    with pytest.raises(ValueError, match="'other' must have the columns.*age"):
        load(tmp_path / "a.csv", tests={"other": tmp_path / "c.csv"})


def test_mixed_channels_become_one(tmp_path):
    root = pictures(tmp_path / "pets")
    for i in range(0, 60, 2):
        path = root / "cat" / f"{i:03}.png"
        with PIL.Image.open(path) as image:
            grey = image.convert(("L", "LA", "RGBA", "P")[i % 4])
        grey.save(path)
    data = load(root)
    assert data.shape == (8, 8, 3) and not data.skipped
    assert data.raw("train").shape[1:] == (8, 8, 3)
    assert load(root, channels=1).shape == (8, 8, 1)


def test_a_wrong_sample_rate(tmp_path):
    root = sounds(tmp_path / "tones")
    sounds(tmp_path / "other", 3, 16000)
    for path in (tmp_path / "other" / "low").iterdir():
        path.rename(root / "low" / f"x{path.name}")
    with pytest.raises(ValueError, match=r"8000 Hz \(40\), 16000 Hz \(3\)"):
        load(root)
    assert load(root, sample_rate=8000).schema.rate == 8000
    x, y = synthetic.sounds(60)
    with pytest.raises(ValueError, match="sample rate of the train set"):
        load_with_other_rate(x, y)


def load_with_other_rate(x, y):
    from kerasgen.data import from_memory
    from kerasgen.data.form import form

    raw = from_memory(x, y, kind="audio", rate=8000)
    raw.tests["far"] = from_memory(x, y, kind="audio", rate=16000)
    return form(raw, "class")


def test_text_that_is_not_utf8(tmp_path):
    bad = "müde".encode("latin-1")
    (tmp_path / "a.tsv").write_bytes(b"text\tlabel\nok\t1\n" + bad + b"\t0\n")
    with pytest.raises(ValueError, match="line 3 of .*a.tsv must be UTF-8"):
        load(tmp_path / "a.tsv")
    (tmp_path / "a.csv").write_bytes(b"a,b\n" + bad + b",1\n")
    with pytest.raises(ValueError, match="a.csv must be text in UTF-8"):
        load(tmp_path / "a.csv")
    (tmp_path / "a.conll").write_bytes(b"ok O\n" + bad + b" O\n")
    with pytest.raises(ValueError, match="line 2 of .*a.conll must be UTF-8"):
        load(tmp_path / "a.conll")
    with pytest.raises(ValueError, match="text 1 must be UTF-8"):
        load(([b"ok", bad] * 20, [0, 1] * 20))
    root = tmp_path / "texts"
    for label in ("neg", "pos"):
        (root / label).mkdir(parents=True)
        for i in range(60):
            (root / label / f"{i}.txt").write_text(f"text {i}")
    (root / "pos" / "7.txt").write_bytes(bad)
    assert load(root).skipped == (("pos/7.txt", "byte 1 is not UTF-8"),)


def test_ragged_rows(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n3\n")
    with pytest.raises(ValueError, match="line 3 of .*a.csv must have 2"):
        load(tmp_path / "a.csv")
    (tmp_path / "a.tsv").write_text("text\tlabel\na\tb\tc\n")
    with pytest.raises(ValueError, match="line 2 of .*a.tsv must have 2"):
        load(tmp_path / "a.tsv")
    with pytest.raises(ValueError, match="row=1, values=3"):
        load(([[1, 2], [1, 2, 3]] * 20, [0, 1] * 20))
    (tmp_path / "a.jsonl").write_text('{"text": "a", "label": 1}\n{"b": 2}\n')
    with pytest.raises(ValueError, match="line 2 of .*a.jsonl.*'text'"):
        load(tmp_path / "a.jsonl")
    (tmp_path / "b.jsonl").write_text('{"text": "a", "label": 1}\n{"b": \n')
    with pytest.raises(ValueError, match="line 2 of .*b.jsonl must be JSON"):
        load(tmp_path / "b.jsonl")
    with pytest.raises(ValueError, match="sentence 1 must have one tag"):
        load(([["a"], ["b", "c"]] * 20, [["O"], ["O"]] * 20))
    (tmp_path / "u.data").write_text("1\t2\t3\n1\t2\n")
    with pytest.raises(ValueError, match="line 2 of .*u.data must have user"):
        load(tmp_path / "u.data", kind="ratings")
    (tmp_path / "u.data").write_text("1\t2\t3\n1\t2\tgood\n")
    with pytest.raises(ValueError, match="rating in line 2.*'good'"):
        load(tmp_path / "u.data", kind="ratings")


def bomb(path, width, height):
    """A small PNG file that says it is huge."""

    def chunk(name, data):
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(9000, 9000), (20000, 20000)])
def test_a_huge_image_is_skipped_by_name(tmp_path, size):
    root = pictures(tmp_path / "pets")
    bomb(root / "cat" / "000.png", *size)
    start = time.perf_counter()
    ((where, why),) = load(root).skipped
    assert where == "cat/000.png" and "more than the 64 million" in why
    assert time.perf_counter() - start < 10
    assert inspect_image(root / "cat" / "000.png")[0] is None


def test_an_unknown_label_at_test_time(tmp_path):
    x, y = synthetic.images(60)
    with pytest.raises(ValueError, match="'far'.*unknown=.7.*classes=.0, 1, 2"):
        load((x, y), tests={"far": (x[:3], [0, 1, 7])})
    words, tags = synthetic.tokens(60)
    with pytest.raises(ValueError, match="sentence 0 of 'far'.*B-ORG"):
        load((words, tags), tests={"far": ([["a"]], [["B-ORG"]])})
    root = pictures(tmp_path / "pets")
    other = tmp_path / "other"
    pictures(other)
    (other / "dog").rename(other / "bird")
    with pytest.raises(ValueError, match="other must have the classes.*bird"):
        load(root, tests={"far": other})
    masks = np.zeros((3, 16, 16), int)
    masks[0, 0] = 5
    images = synthetic.masks(60)
    with pytest.raises(ValueError, match="masks must be classes 0 to 1"):
        load(
            images,
            labels=("ground", "block"),
            tests={"far": (images[0][:3], masks)},
        )


def break_file(path, how):
    if how == "gone":
        os.remove(path)
    elif how == "cut":
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    else:
        path.write_bytes(b"x" * path.stat().st_size)
        os.utime(path, (1, 1))


@pytest.mark.parametrize("how", ["gone", "cut", "overwritten"])
@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_a_file_that_breaks_after_load_is_named(
    tmp_path, monkeypatch, how, kind
):
    import pathlib
    import sys

    # As a set that is too large to be held in memory.
    monkeypatch.setattr(sys.modules["kerasgen.data.data"], "FITS", 0)
    root = pictures(tmp_path / "pets", 20, kind=kind)
    data = load(root)
    assert len(list(data.batches("train", 8))) == 3
    path = data.splits["train"].x[5]
    break_file(pathlib.Path(path), how)
    with pytest.raises(Exception, match=os.path.basename(path)) as error:
        list(data.batches("train", 8))
    assert str(path) in str(error.value)
    assert "Load the data again" in str(error.value)
    for call in (data.tensors, data.raw):
        with pytest.raises(ValueError, match="was when the data were loaded"):
            call("train")
    if (how, kind) != ("cut", "jpg"):
        return
    model = kg.image_classifier(data.shape, 2, size="tiny")
    method = kg.methods.ERM(model, data.task)
    method.compile("adam")
    with pytest.raises(Exception, match=path):
        method.fit(data.batches("train", 8), verbose=0)


def test_a_sound_that_breaks_after_load_is_named(tmp_path, monkeypatch):
    import pathlib
    import sys

    monkeypatch.setattr(sys.modules["kerasgen.data.data"], "FITS", 0)
    data = load(sounds(tmp_path / "tones"))
    path = data.splits["train"].x[2]
    break_file(pathlib.Path(path), "cut")
    with pytest.raises(Exception, match=path):
        list(data.batches("train", 8))
    with pytest.raises(ValueError, match="samples are there"):
        data.raw("train")


def test_a_file_that_changed_and_is_sound_is_taken(tmp_path):
    root = pictures(tmp_path / "pets", 10)
    data = load(root)
    train = data.splits["train"]
    guard = Guard(data.schema, train.x, train.stamps)
    assert guard.check([0, 1])
    with PIL.Image.open(train.x[0]) as image:
        turned = image.rotate(90)
    turned.save(train.x[0])
    assert guard.check([0])
    assert not np.array_equal(guard._stamps[0], train.stamps[0])
