"""load: every source, and a clear word for everything that is wrong."""

import gzip

import numpy as np
import PIL.Image
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

import kerasgen as kg
from kerasgen.data import inspect_image, synthetic

load = kg.data.load
RANDOM = np.random.default_rng(0)


def write_csv(path, rows=60, header="age,sex,note,ill"):
    lines = [header]
    for i in range(rows):
        lines.append(f'{20 + i % 40},{"fm"[i % 2]},"a, ""b""",{i % 3 % 2}')
    path.write_text("\n".join(lines) + "\n")
    return path


def test_csv_columns_and_quotes(tmp_path):
    data = load(write_csv(tmp_path / "heart.csv"), target="ill")
    kinds = {column.name: column.kind for column in data.schema.columns}
    assert kinds == {"age": "number", "sex": "category", "note": "category"}
    assert data.name == "heart" and data.labels == ("0", "1")
    assert data.splits["train"].x["note"][0] == 'a, "b"'


def test_csv_gz_and_target_by_place(tmp_path):
    text = write_csv(tmp_path / "a.csv").read_bytes()
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text))
    data = load(tmp_path / "a.csv.gz", target=0)
    assert data.classes is None and data.task.mean > 20


def test_csv_groups(tmp_path):
    path = tmp_path / "a.csv"
    rows = [f"{i // 4},{i % 7},{i % 2}" for i in range(120)]
    path.write_text("\n".join(["patient,value,ill", *rows]))
    data = load(path, target="ill", group="patient")
    assert [c.name for c in data.schema.columns] == ["value"]
    seen = [set(split.group) for split in data.splits.values()]
    assert sum(map(len, seen)) == 30


def spoil(path, old, new):
    path.write_text(path.read_text().replace(old, new, 1))
    return path


def test_csv_mistakes(tmp_path):
    path = tmp_path / "a.csv"
    cases = [
        (lambda: load(write_csv(path), target="il"), "Did you mean 'ill'"),
        (lambda: load(write_csv(path), target="ill", group="sx"), "'sex'"),
        (lambda: load(spoil(write_csv(path), "\n22,", "\n1,22,")), "line 4"),
        (
            lambda: load(spoil(write_csv(path), "\n20,", "\n?,")),
            "age=1.*impute",
        ),
        (lambda: load(spoil(write_csv(path), "\n20,", "\ninf,")), "infinite"),
    ]
    for call, words in cases:
        with pytest.raises(ValueError, match=words):
            call()
    text = write_csv(path).read_text().splitlines()
    text[5] = text[5][:-1]
    path.write_text("\n".join(text))
    with pytest.raises(ValueError, match="value of 'ill'.*lines 6"):
        load(path)
    path.write_bytes(b"a,b\n\xff\xfe,1\n")
    with pytest.raises(ValueError, match="UTF-8"):
        load(path)
    path.write_text("a,b\n")
    with pytest.raises(ValueError, match="rows"):
        load(path)


def test_missing_cells_can_be_imputed(tmp_path):
    path = spoil(write_csv(tmp_path / "a.csv"), "\n20,", "\n?,")
    data = load(path, missing="impute")
    assert all(np.isfinite(data.tensors(name)[0]).all() for name in data.splits)


def test_npz_with_a_test_set(tmp_path):
    x, y = synthetic.images(120)
    np.savez(
        tmp_path / "a.npz", x_train=x, y_train=y, x_test=x[:30], y_test=y[:30]
    )
    data = load(tmp_path / "a.npz")
    assert np.array_equal(data.splits["test"].x, x[:30])
    sizes = [len(split) for split in data.splits.values()]
    assert sum(sizes) == 150 and sizes[0] == 90
    np.savez(tmp_path / "b.npz", picture=x)
    with pytest.raises(ValueError, match="picture"):
        load(tmp_path / "b.npz")
    (tmp_path / "c.npz").write_bytes(b"PK nonsense")
    with pytest.raises(ValueError, match="sound .npz"):
        load(tmp_path / "c.npz")


@pytest.mark.parametrize(
    "name", ["digits", "breast_cancer", "wine", "diabetes"]
)
def test_bundled_sets(name):
    data = load(name)
    assert data.name == name
    assert (data.classes is None) == (name == "diabetes")
    if name == "digits":
        x = data.raw("train")
        assert x.dtype == np.uint8 and x.max() == 255


def folder(root, sizes=((8, 8),), n=12, mode="L", kind="png"):
    for label in ("cat", "dog"):
        (root / label).mkdir(parents=True)
        for i in range(n):
            height, width = sizes[i % len(sizes)]
            shape = (height, width, 3) if mode == "RGB" else (height, width)
            pixels = RANDOM.integers(0, 256, shape).astype("uint8")
            PIL.Image.fromarray(pixels).save(root / label / f"{i}.{kind}")
    return root


def test_image_folders(tmp_path):
    data = load(folder(tmp_path / "pets"))
    assert data.shape == (8, 8, 1) and data.labels == ("cat", "dog")
    split = data.splits["train"]
    with PIL.Image.open(split.x[0]) as image:
        assert np.array_equal(
            data.raw("train", 1)[0, ..., 0], np.asarray(image)
        )
    x = np.concatenate([b[0] for b in data.batches("test", 3)])
    assert np.allclose(x, data.tensors("test")[0], atol=1e-6)


def test_folders_with_train_and_test(tmp_path):
    folder(tmp_path / "pets" / "train")
    folder(tmp_path / "pets" / "test", n=5)
    data = load(tmp_path / "pets")
    assert len(data.splits["test"]) == 10
    assert all("test" in path.split("/")[-3] for path in data.splits["test"].x)


def test_sizes_that_differ_need_one(tmp_path):
    root = folder(
        tmp_path / "pets", sizes=((8, 8), (10, 6)), mode="RGB", kind="jpg"
    )
    with pytest.raises(
        ValueError, match=r"8x8 \(12\), 10x6 \(12\).*image_size"
    ):
        load(root)
    data = load(root, image_size=(6, 6))
    assert data.shape == (6, 6, 3)
    assert load(root, image_size=(6, 6), channels=1).shape == (6, 6, 1)


def test_unreadable_images_are_skipped_by_name(tmp_path, caplog):
    root = folder(tmp_path / "pets", n=110)
    (root / "cat" / "3.png").write_bytes(b"")
    good = (root / "dog" / "4.png").read_bytes()
    (root / "dog" / "4.png").write_bytes(good[:40])
    with caplog.at_level("INFO", logger="kerasgen"):
        data = load(root)
    skipped = dict(data.skipped)
    assert (
        skipped["cat/3.png"] == "the file is empty" and "dog/4.png" in skipped
    )
    assert "Skipped cat/3.png: the file is empty" in caplog.text
    assert sum(map(len, data.splits.values())) == 218
    (root / "dog" / "5.png").write_text("not a picture")
    with pytest.raises(
        ValueError, match=r"at most 1 %.*unreadable=3.*cat/3.png"
    ):
        load(root)


def test_folder_mistakes(tmp_path):
    with pytest.raises(ValueError, match="in one folder for each class"):
        load(tmp_path)
    root = folder(tmp_path / "pets")
    (root / "bird").mkdir()
    with pytest.raises(ValueError, match="empty=.'bird'"):
        load(root)
    deep = np.zeros((8, 8), "uint16")
    PIL.Image.fromarray(deep).save(tmp_path / "deep.png")
    assert "16-bit" in inspect_image(tmp_path / "deep.png")[2]


def test_tfds_image_folder(tmp_path):
    for split in ("train", "test"):
        folder(tmp_path / split, n=10, mode="RGB", kind="jpeg")
    builder = tfds.folder_dataset.ImageFolder(str(tmp_path))
    data = load(builder)
    assert data.shape == (8, 8, 3) and data.labels == ("cat", "dog")
    assert len(data.splits["test"]) == 20


class SmallPictures(tfds.core.GeneratorBasedBuilder):
    """Made by the test."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = {
            "image": tfds.features.Image(shape=(8, 8, 1)),
            "label": tfds.features.ClassLabel(names=["left", "right"]),
        }
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(features),
            supervised_keys=("image", "label"),
        )

    def _split_generators(self, manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        x, y = synthetic.images(60, classes=2)
        for index, (image, label) in enumerate(zip(x, y, strict=True)):
            yield index, {"image": image, "label": int(label)}


@pytest.mark.filterwarnings("ignore")
def test_tfds_from_its_local_folder(tmp_path, monkeypatch):
    SmallPictures(data_dir=str(tmp_path)).download_and_prepare()
    # It reads TFDS_DATA_DIR once, when it is imported.
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(tmp_path))
    builder = tfds.builder_from_directory(
        str(tmp_path / "small_pictures" / "1.0.0")
    )
    assert load(builder).labels == ("left", "right")
    data = load("tfds:small_pictures")
    assert data.shape == (8, 8, 1) and data.classes == 2


def test_tfds_mistakes():
    with pytest.raises(ValueError, match="Did you mean 'mnist'"):
        load("tfds:mnst")


def test_array_mistakes():
    x = RANDOM.normal(size=(60, 3))
    y = np.arange(60) % 2
    nan, inf = x.copy(), x.copy()
    nan[3, 1], inf[4, 2] = np.nan, np.inf
    images = synthetic.images(60)[0].astype("float32")
    cases = [
        (lambda: load((x, y[:50])), "same length.*y=50"),
        (lambda: load((nan, y)), 'feature_1=1.*missing="impute"'),
        (lambda: load((inf, y)), "infinite.*feature_2=1"),
        (
            lambda: load((x, np.where(y, np.nan, 1.0))),
            "labels must not be missing",
        ),
        (lambda: load((x, y + 1), labels=("a", "b")), r"\[0, 1\].*max=2"),
        (lambda: load((x, y * 0)), "at least 2 classes"),
        (lambda: load((x, np.eye(2)[y])), "argmax"),
        (lambda: load((x[:, 0], y)), "table"),
        (lambda: load((images * 2, y)), r"\[0, 255\].*max="),
        (lambda: load((images - 9, y)), "min="),
        (lambda: load((images * np.nan, y)), "pixels must be finite"),
        (lambda: load((x[:3], y[:3])), "must have examples|would be empty"),
        (lambda: load((x, (np.arange(60) == 5) * 1)), "each class.*without="),
        (lambda: load((x, y), split=(0.5, 0.1, 0.1, 0.1)), "add up to 1"),
        (lambda: load((x, y), split=(0.5, 0.5)), "4 positive shares"),
        (lambda: load((x, y), task="clasification"), "Did you mean"),
        (lambda: load((x, y), group=np.zeros(5)), "one value for each example"),
        (lambda: load("digts"), "Did you mean 'digits'"),
        (lambda: load({"x": x}), "'y'"),
        (lambda: load((x, y, y)), "parts=3"),
        (lambda: load((x, list("ab") * 30), task="regression"), "numbers"),
    ]
    for call, words in cases:
        with pytest.raises((ValueError, TypeError), match=words):
            call()
    with pytest.raises(TypeError, match="source"):
        load(3)


def test_a_label_of_the_test_set_alone_is_named(tmp_path):
    x, y = synthetic.images(90)
    np.savez(
        tmp_path / "a.npz", x_train=x, y_train=y, x_test=x[:9], y_test=y[:9] + 2
    )
    with pytest.raises(ValueError, match="unknown=.3, 4"):
        load(tmp_path / "a.npz")


def test_tasks_are_found_out():
    x = RANDOM.normal(size=(80, 2))
    assert load((x, RANDOM.normal(size=80))).classes is None
    assert load((x, list("ab") * 40)).labels == ("a", "b")
    assert load((x, np.array([3.0, 7.0] * 40))).labels == ("3", "7")
    assert load((x, np.arange(80) % 2), task="regression").classes is None


def test_class_counts_are_logged(caplog):
    with caplog.at_level("INFO", logger="kerasgen"):
        load("wine")
    assert "class_0  train 35  stop 6  select 6  test 12" in caplog.text


def test_unit_images_keep_their_range():
    x, y = synthetic.images(60)
    data = load((x.astype("float32") / 255, y))
    assert data.schema.high == 1.0 and data.raw("train").max() <= 1.0
    encoded = tf.io.encode_png(np.full((8, 8, 1), 255, "uint8"))
    assert float(tf.reduce_max(data.schema.decode(encoded))) == 1.0
