"""preview: sheets of each kind, read back as pictures."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from scipy import signal

import kerasgen as kg
from kerasgen.data import synthetic
from kerasgen.data.preview import preview
from kerasgen.data.sheet import _spectrum, draw, labels_of
from kerasgen.data.sheet_lines import changed, draw_tables, draw_texts

load, augment = kg.data.load, kg.augment


def picture(path):
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def sounds():
    source = synthetic.sounds(60, samples=4000)
    return load(source, kind="audio", sample_rate=8000)


CASES = {
    "image": (
        lambda: load("digits"),
        lambda: [augment.Rotate(), augment.MixUp()],
    ),
    "mask": (lambda: load(synthetic.masks()), lambda: [augment.Rotate(30.0)]),
    "video": (
        lambda: load(synthetic.videos()),
        lambda: [augment.TimeReverse(1.0)],
    ),
    "text": (lambda: load(synthetic.texts()), lambda: [augment.Typos(0.3)]),
    "tokens": (
        lambda: load(synthetic.tokens()),
        lambda: [augment.SwapTokens(0.4)],
    ),
    "audio": (sounds, lambda: [augment.Gain()]),
    "spectrum": (sounds, lambda: [augment.SpecAugment()]),
    "table": (lambda: load("wine"), lambda: [augment.JitterColumns(0.2)]),
    "prepared": (lambda: load("wine"), lambda: [augment.SwapNoise(0.4)]),
}


@pytest.mark.parametrize("case", CASES)
def test_sheets_of_every_kind(case, tmp_path):
    make, parts = CASES[case]
    data, parts = make(), parts()
    plain = preview(data, tmp_path / "plain.png", count=3)
    first = preview(data, tmp_path / "a.png", parts, count=3, seed=1)
    again = preview(data, tmp_path / "b.png", parts, count=3, seed=1)
    other = preview(data, tmp_path / "c.png", parts, count=3, seed=2)
    assert first.read_bytes() == again.read_bytes() != other.read_bytes()
    pixels = picture(first)
    assert pixels.shape[0] > picture(plain).shape[0]
    assert 100 < pixels.shape[1] < 2000 and pixels.std() > 5
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        *("a.png", "b.png", "c.png", "plain.png")
    ]


def test_images_are_drawn_as_they_are():
    data = load(synthetic.images(60))
    figure = Figure()
    x = data.raw("test", 2)
    draw(figure, data, [{"x": x, "y": np.array([2, 0]), "prepared": False}])
    shown = [axes.images[0].get_array() for axes in figure.axes]
    assert np.allclose(shown[0], np.repeat(x[0], 3, -1) / 255)
    assert [axes.get_title() for axes in figure.axes] == ["2", "0"]


def test_before_is_above_after():
    data = load("digits")
    figure = Figure()
    x = data.raw("test", 10)
    sides = [{"x": x, "prepared": False}, {"x": 255 - x, "prepared": False}]
    draw(figure, data, sides)
    assert len(figure.axes) == 20
    tops = [axes.get_position().y0 for axes in figure.axes]
    marks = [axes.get_ylabel() for axes in figure.axes]
    assert marks[:2] == ["before", "after"] and tops[0] > tops[1]
    # Ten examples are two bands; none lies outside the sheet or on another.
    assert tops[16] < tops[1] and min(tops) >= 0 and max(tops) < 1
    boxes = [axes.get_position() for axes in figure.axes]
    for place, one in enumerate(boxes):
        assert not any(one.overlaps(two) for two in boxes[place + 1 :])


def test_masks_colour_their_classes():
    data = load(synthetic.masks(classes=3))
    figure = Figure()
    x = np.full((1, 16, 16, 3), 100, "uint8")
    y = np.zeros((1, 16, 16), "uint8")
    y[0, :4], y[0, 4:8], y[0, 8:12] = 1, 2, 255
    draw(figure, data, [{"x": x, "y": y, "prepared": False}])
    shown = figure.axes[0].images[0].get_array()
    first = (np.array([0xE6, 0x9F, 0x00]) + 100) / 510
    assert np.allclose(shown[0, 0], first, atol=1e-6)
    assert not np.allclose(shown[5, 0], shown[0, 0])
    assert np.allclose(shown[8:], 100 / 255)
    assert [text.get_text() for text in figure.texts] == ["■ 1", "■ 2"]


def test_spectrograms_are_scipys():
    x, _ = synthetic.sounds(1, samples=4000)
    rate, window = 8000, 256
    _, _, expected = signal.stft(
        x[0],
        rate,
        np.hanning(window),
        window,
        window * 3 // 4,
        boundary=None,
        padded=False,
        scaling="spectrum",
    )
    # SciPy divides by the window's sum.
    expected = 20 * np.log10(
        np.maximum(
            np.abs(expected) * np.hanning(window).sum() * 4 / window, 1e-4
        )
    )
    assert np.allclose(_spectrum(x[0], rate), expected, atol=1e-3)
    assert _spectrum(x[0, :5], rate).shape[0] == 129


def test_changed_words_are_a_longest_match():
    random = np.random.default_rng(0)
    for _ in range(20):
        words = random.choice(list("abcdefgh"), 9).tolist()
        other = [w for w in words if random.random() < 0.7]
        # What was only dropped leaves nothing new on the other side.
        kept = [
            w for i, w in enumerate(words) if i not in changed(words, other)
        ]
        new = [w for i, w in enumerate(other) if i not in changed(other, words)]
        assert kept == new
    assert changed(["a", "b"], ["a", "b"]) == set()
    assert changed([], ["a"]) == set()


def coloured(figure):
    found = {}
    for text in figure.texts:
        if text.get_bbox_patch() is not None:
            found.setdefault(
                text.get_text(), text.get_bbox_patch().get_facecolor()
            )
    return found


def test_changed_words_and_cells_are_highlighted():
    figure = Figure()
    sides = [["one two three"], ["one 2 three"]]
    draw_texts(figure, sides, [["a"], ["a"]])
    found = coloured(figure)
    assert set(found) == {"two", "2"} and found["two"] != found["2"]
    figure = Figure()
    sides = [(["x", "y"], [["1", "2"]]), (["x", "y"], [["1", "5"]])]
    draw_tables(figure, sides, [None, None])
    assert set(coloured(figure)) == {"2", "5"}


def test_labels_in_words():
    wine = load("wine")
    assert labels_of(wine, np.array([2, 0])) == ["class_2", "class_0"]
    soft = np.array([[1.0, 0, 0], [0.25, 0.75, 0.0]])
    assert labels_of(wine, soft) == ["class_0", "class_1: 75 %, class_0: 25 %"]
    assert labels_of(load("diabetes"), np.array([1.5])) == ["1.5"]
    tags = load(synthetic.tokens())
    assert labels_of(tags, np.array([[0, 1, -1]])) == ["O B-LOC"]
    x, _ = synthetic.images(60)
    both = load((x, {"a": np.arange(60) % 3, "b": np.linspace(0, 1, 60)}))
    y = {"a": np.array([1]), "b": np.array([0.5])}
    assert labels_of(both, y) == ["a: 1, b: 0.5"]


def test_several_outputs_are_augmented(tmp_path):
    x, _ = synthetic.images(60)
    data = load((x, {"a": np.arange(60) % 3, "b": np.linspace(0, 1, 60)}))
    assert preview(data, tmp_path / "a.png", [augment.Flip()], count=2).exists()


def test_strange_texts(tmp_path):
    strange = ["costs $5 and $6 日本語 " * 30, "x" * 400, "n\u0303 \u202e ok"]
    x = np.array(strange * 20, dtype=object)
    data = load((x, np.arange(60) % 2), labels=("a$b$", "日本"))
    path = preview(data, tmp_path / "a.png", [augment.Typos(0.3)], count=4)
    assert picture(path).shape[1] < 1100


def test_texts_in_files(tmp_path):
    for index in range(40):
        path = tmp_path / "in" / "ab"[index % 2] / f"{index}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"número {index}", "utf-8")
    data = load(tmp_path / "in", kind="text")
    path = preview(data, tmp_path / "a.png", [augment.Typos(0.5)], count=2)
    assert path.exists()


def test_mistakes_are_named(tmp_path):
    data = load("wine")
    for given, words in (
        ({"split": "trian"}, "Did you mean 'train'"),
        ({"count": 0}, "count"),
        ({"augment": [augment.Flip()]}, "Flip is for image data"),
    ):
        with pytest.raises(ValueError, match=words):
            preview(data, tmp_path / "a.png", **given)
    assert not list(tmp_path.iterdir())
    assert preview(data, str(tmp_path / "all.png"), split="stop", count=64)
