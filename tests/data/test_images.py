"""images: every file that is let in decodes, to the pixels Pillow sees."""

import itertools
import struct
import zlib

import numpy as np
import PIL.Image
import pytest
import tensorflow as tf

import kerasgen as kg
from kerasgen.data import decode_image, inspect_image

MODES = ("L", "RGB", "P", "1", "RGBA", "LA", "CMYK")
PIXELS = np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype("uint8")


@pytest.mark.parametrize(
    "kind, mode",
    list(itertools.product(("png", "jpeg", "bmp", "gif"), MODES)),
)
def test_what_is_let_in_decodes(tmp_path, kind, mode):
    path = tmp_path / f"a.{kind}"
    try:
        PIL.Image.fromarray(PIXELS).convert(mode).save(path)
    except (OSError, ValueError):
        pytest.skip("no such files")
    _, _, why = inspect_image(path)
    if kind == "bmp" and mode in ("1", "P"):
        assert "palette" in why
        return
    assert why is None
    for channels, like in ((1, "L"), (3, "RGB")):
        found = decode_image(
            tf.constant(path.read_bytes()), (16, 16, channels)
        ).numpy()
        with PIL.Image.open(path) as image:
            expected = np.asarray(image.convert(like), "float32")
        gap = np.abs(found - expected.reshape(found.shape))
        # Other rounding of colour to grey; and other transforms of JPEG.
        assert gap.max() <= (6 if kind == "jpeg" else channels == 1)


@pytest.mark.parametrize("colour, channels", [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_16_bit_colours_are_named(tmp_path, colour, channels):
    def chunk(name, data):
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    rows = b"".join(b"\0" + b"\1\2" * 4 * channels for _ in range(4))
    header = struct.pack(">IIBBBBB", 4, 4, 16, colour, 0, 0, 0)
    path = tmp_path / "deep.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    assert "16-bit" in inspect_image(path)[2]


def test_folders_pass_over_what_is_hidden_and_name_what_is_foreign(tmp_path):
    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        for i in range(60):
            path = tmp_path / label / f"{i}.png"
            PIL.Image.fromarray(PIXELS).save(path)
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / "cat" / "._0.png").write_bytes(b"no picture")
    PIL.Image.fromarray(PIXELS).save(tmp_path / "dog" / "a.webp")
    data = kg.data.load(tmp_path)
    assert data.labels == ("cat", "dog")
    assert data.skipped == (
        ("dog/a.webp", "format WEBP is not PNG, JPEG, BMP or GIF"),
    )


def test_folds_of_folders_keep_groups_and_classes(tmp_path):
    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        for i in range(30):
            PIL.Image.fromarray(PIXELS).save(tmp_path / label / f"{i:02}.png")
    data = kg.data.load(tmp_path, group=np.arange(60) // 3)
    tested = []
    for fold in data.folds(3):
        seen = [set(split.group) for split in fold.splits.values()]
        assert sum(map(len, seen)) == 20
        tested.extend(fold.splits["test"].x)
        assert np.bincount(fold.splits["test"].y).min() >= 8
        assert fold.tensors("test")[0].shape[1:] == (16, 16, 3)
    assert len(set(tested)) == len(tested) == 60
