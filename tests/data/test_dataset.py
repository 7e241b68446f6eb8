"""dataset: streams and records are read once, in bounded memory."""

import json
import pathlib
import sys

import numpy as np
import pytest
import tensorflow as tf

import kerasgen as kg
from kerasgen.data import Rows, Spool, from_dataset, synthetic, write_tfrecord

load = kg.data.load
MODULE = sys.modules["kerasgen.data.rows"]


def whole(data, name="x"):
    parts = list(data.splits.values())
    ids = np.concatenate([part.ids for part in parts])
    values = np.concatenate([np.asarray(getattr(p, name)) for p in parts])
    return values[np.argsort(ids)]


@pytest.mark.parametrize("batch", [None, 7])
@pytest.mark.parametrize("fits", [2**28, 1000])
def test_a_dataset_is_its_arrays(monkeypatch, batch, fits):
    x, y = synthetic.images(60)
    monkeypatch.setattr(MODULE, "FITS", fits)
    source = tf.data.Dataset.from_tensor_slices((x, y))
    source = source if batch is None else source.batch(batch)
    data = load(source)
    assert isinstance(data.splits["train"].x, Rows) == (fits == 1000)
    assert np.array_equal(whole(data), x) and np.array_equal(
        whole(data, "y"), y
    )
    same = load((x, y), name="dataset")
    assert data.fingerprint() == same.fingerprint()
    for one, two in zip(
        data.batches("train", 16, augment=[kg.augment.Flip()]),
        same.batches("train", 16, augment=[kg.augment.Flip()]),
        strict=True,
    ):
        assert np.allclose(one[0], two[0], atol=1e-6)
        assert np.array_equal(one[1], two[1])
    assert np.array_equal(data.tensors("test")[0], same.tensors("test")[0])
    folds = zip(data.folds(3), same.folds(3), strict=True)
    for one, two in folds:
        assert np.array_equal(one.raw("test"), two.raw("test"))


def test_other_datasets():
    x, y = synthetic.table(60)
    data = load(tf.data.Dataset.from_tensor_slices((x, y)))
    assert [c.kind for c in data.schema.columns].count("number") == 4
    x, y = synthetic.texts(60)
    data = load(tf.data.Dataset.from_tensor_slices((list(x), y)))
    assert data.schema.kind == "text" and whole(data).tolist() == x.tolist()
    x, y = synthetic.masks(60)
    data = load(tf.data.Dataset.from_tensor_slices((x, y)).batch(8))
    assert data.schema.target == "mask" and np.array_equal(whole(data, "y"), y)
    weight = np.arange(60, dtype="float32")
    x, y = synthetic.images(60)
    data = load(tf.data.Dataset.from_tensor_slices((x, y, weight)))
    assert np.array_equal(whole(data, "weight"), weight)
    x, y = synthetic.sounds(60)
    source = tf.data.Dataset.from_tensor_slices((x, y))
    data = load(source, kind="audio", sample_rate=8000, seconds=0.1)
    assert data.schema.shape == (800,)


def test_mistakes_of_datasets():
    x, y = synthetic.images(60)
    pairs = tf.data.Dataset.from_tensor_slices((x, y))
    ragged = tf.data.Dataset.range(9).map(
        lambda i: (tf.zeros((i + 1, 4, 1), tf.uint8), i % 2)
    )
    broken = pairs.map(lambda x, y: (tf.ensure_shape(x, (8, 8, 1)), 1 // y))
    cases = [
        (pairs.repeat(), "infinite"),
        (pairs.map(lambda x, y: x), r"must give \(x, y\)"),
        (pairs.take(0), "must have examples"),
        (ragged, "example=1.*image_size"),
        (broken, "after 0 it failed"),
    ]
    for source, words in cases:
        with pytest.raises(ValueError, match=words):
            load(source)
    data = load(ragged.repeat(5), image_size=(4, 4))
    assert data.shape == (4, 4, 1)


def test_arrays_on_the_disk_stay_there(tmp_path):
    x, y = synthetic.images(90, shape=(8, 8, 3))
    np.save(tmp_path / "x.npy", x)
    data = load((np.load(tmp_path / "x.npy", mmap_mode="r"), y))
    assert isinstance(data.splits["train"].x, Rows)
    assert np.array_equal(whole(data), x)
    assert data.schema.high == 255.0
    wrong = x.astype("float64")
    np.save(tmp_path / "x.npy", wrong)
    with pytest.raises(ValueError, match="on the disk must be float32"):
        load((np.load(tmp_path / "x.npy", mmap_mode="r"), y))


def test_temporary_files_go_with_their_rows():
    spool = Spool(limit=10)
    for row in np.arange(100).reshape(10, 10):
        spool.add(row)
    rows = spool.close()
    path = pathlib.Path(rows.base.filename)
    assert path.exists() and rows[3].tolist() == list(range(30, 40))
    assert rows[2:4].read([1]).tolist() == [list(range(30, 40))]
    del rows, spool
    assert not path.exists()


def test_records_come_back(tmp_path):
    x, y = synthetic.images(60)
    path = write_tfrecord((x, y), tmp_path / "a.tfrecord", labels=list("abc"))
    data = load(path)
    assert np.array_equal(whole(data), x) and data.labels == ("a", "b", "c")
    x, y = synthetic.table(60)
    data = load(write_tfrecord((x, y), tmp_path / "b.tfrecord"))
    raw = np.concatenate([data.raw(name)["number_0"] for name in data.splits])
    ids = np.concatenate([split.ids for split in data.splits.values()])
    assert np.array_equal(raw[np.argsort(ids)], x["number_0"])


def test_records_with_a_description(tmp_path):
    x, y = synthetic.images(60, shape=(8, 8, 3))
    path = tmp_path / "a.tfrecord"
    with tf.io.TFRecordWriter(str(path)) as writer:
        for image, label in zip(x, y, strict=True):
            png = tf.io.encode_png(image).numpy()
            features = {
                "pic": tf.train.Feature(
                    bytes_list=tf.train.BytesList(value=[png])
                ),
                "lab": tf.train.Feature(
                    int64_list=tf.train.Int64List(value=[label])
                ),
            }
            example = tf.train.Example(
                features=tf.train.Features(feature=features)
            )
            writer.write(example.SerializeToString())
    features = {"pic": {"dtype": "string", "form": "image"}, "lab": "int64"}
    data = load(path, features=features, target="lab")
    assert np.array_equal(whole(data), x) and np.array_equal(
        whole(data, "y"), y
    )
    with pytest.raises(ValueError, match="must be described.*a.json"):
        load(path)
    with pytest.raises(ValueError, match="Did you mean 'lab'"):
        load(path, features=features, target="label")
    wrong = {**features, "more": "float32"}
    with pytest.raises(ValueError, match="more.*File: .*a.tfrecord"):
        load(path, features=wrong, target="lab")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match="truncated.*File: .*a.tfrecord"):
        load(path, features=features, target="lab")
    (tmp_path / "a.json").write_text(json.dumps({"kind": "image"}))
    with pytest.raises(ValueError, match="must be described"):
        load(path)


def test_a_dataset_is_read_once():
    seen = []

    def examples():
        for i in range(40):
            seen.append(i)
            yield np.full((4, 4, 1), i, "uint8"), i % 2

    spec = tf.TensorSpec((4, 4, 1), tf.uint8), tf.TensorSpec((), tf.int64)
    source = tf.data.Dataset.from_generator(examples, output_signature=spec)
    assert from_dataset(source).count == 40 and len(seen) == 40
