"""tests: named test sets, ranges and folds, for every source."""

import numpy as np
import pytest

import kerasgen as kg
from kerasgen.data import Schema, check_range, decode_image, synthetic

load = kg.data.load


def test_named_tests_of_arrays():
    x, y = synthetic.images(90)
    other = synthetic.images(20, classes=2, seed=1)
    data = load((x, y), tests={"far": other, "near": (x[:9], y[:9])})
    assert list(data.splits) == [
        *("train", "stop", "select", "test", "far", "near")
    ]
    assert np.array_equal(data.splits["far"].y, other[1])
    assert np.array_equal(data.raw("near"), x[:9])
    ids = np.concatenate([split.ids for split in data.splits.values()])
    assert sorted(ids) == list(range(119))
    assert sum(len(b[1]) for b in data.batches("far", 8)) == 20
    own = load((x, y), tests={"test": other})
    assert len(own.splits["test"]) == 20
    assert [len(own.splits[n]) for n in ("train", "stop")] == [68, 11]


def test_tests_are_like_train(tmp_path):
    x, y = synthetic.images(60)
    cases = [
        ({"train": (x, y)}, "must not be named 'train'"),
        ({"a": (x[:, :4], y)}, "'a' must have the shape"),
        ({"a": (list("ab") * 30, y)}, "'a' must have the kind"),
        ({"a": synthetic.table(60)}, "'a' must have the kind"),
        ({"a": (x, y[:3])}, "same length"),
    ]
    for tests, words in cases:
        with pytest.raises(ValueError, match=words):
            load((x, y), tests=tests)
    with pytest.raises(TypeError, match="tests"):
        load((x, y), tests=[(x, y)])
    rows, labels = synthetic.table(60)
    wrong = {**rows, "number_0": rows["category_0"]}
    with pytest.raises(ValueError, match="number_0.*number.*category"):
        load((rows, labels), tests={"a": (wrong, labels)})
    turned = dict(reversed(rows.items()))
    data = load((rows, labels), tests={"a": (turned, labels)})
    assert list(data.splits["a"].x) == list(rows)


def test_csv_tests_have_the_kinds_of_train(tmp_path):
    lines = [f"{'u1x'[i % 3]},{i},{i % 2}" for i in range(60)]
    (tmp_path / "a.csv").write_text("code,n,y\n" + "\n".join(lines))
    # Each code of the test set looks like a number.
    lines = [f"1,{i},{i % 2}" for i in range(8)]
    (tmp_path / "b.csv").write_text("code,n,y\n" + "\n".join(lines))
    data = load(tmp_path / "a.csv", tests={"far": tmp_path / "b.csv"})
    assert set(data.splits["far"].x["code"]) == {"1"}


def test_the_range_is_part_of_the_schema():
    x, y = synthetic.images(60)
    small = x.astype("float32") / 255
    with pytest.raises(ValueError, match="'far'.*Multiply by 255"):
        load((x, y), tests={"far": (small, y)})
    with pytest.raises(ValueError, match="'far'.*Divide by 255"):
        load((small, y), tests={"far": (x, y)})
    data = load((x, y))
    with pytest.raises(ValueError, match="arrays: pixels.*Multiply by 255"):
        data.check(small)
    assert data.check(x[0]) is not None
    assert load((small, y)).check(small) is not None


def test_batches_check_the_range():
    import dataclasses

    x, y = synthetic.images(60)
    data = load((x, y))
    test = data.splits["test"]
    wrong = dataclasses.replace(test, x=test.x.astype("float32") / 255)
    data = dataclasses.replace(data, splits={**data.splits, "test": wrong})
    with pytest.raises(ValueError, match="Multiply by 255"):
        data.batches("test")


@pytest.mark.parametrize(
    "schema, good, bad, words",
    [
        (Schema("image", (2, 2, 1)), 200.0, 300.0, "Scale to"),
        (Schema("image", (2, 2, 1)), 0.0, 0.7, "Multiply by 255"),
        (Schema("image", (2, 2, 1), 0.0, 1.0), 0.5, 128.0, "Divide by 255"),
        (Schema("audio", (4,), rate=8), -0.5, 3000.0, "Divide 16-bit"),
        (Schema("image", (2, 2, 1)), 200.0, np.nan, "Scale"),
    ],
)
def test_ranges(schema, good, bad, words):
    check_range(schema, np.full((3, *schema.shape), good, "float32"))
    with pytest.raises(ValueError, match=words):
        check_range(schema, np.full((3, *schema.shape), bad, "float32"))


def test_schemas_come_back_from_json():
    old = {
        "kind": "image",
        "shape": [8, 8, 1],
        "low": 0.0,
        "high": 255.0,
        "columns": [],
    }
    assert Schema.from_dict(old) == Schema("image", (8, 8, 1))
    for schema in (
        Schema("audio", (8000,), rate=8000),
        Schema("tokens", (9,), target="tags", labels=("O", "B")),
        Schema("image", (4, 4, 3), target="mask", labels=("a", "b")),
        Schema("text", (), target="classes", labels=(("a", ("0", "1")),)),
        Schema("video", (4, 8, 8, 3)),
    ):
        assert Schema.from_dict(schema.to_dict()) == schema
    with pytest.raises(ValueError, match="rate in Hz"):
        Schema("audio", (8000,))
    with pytest.raises(ValueError, match="`kind` must be one of"):
        Schema("smell", ())


def test_pipeline_raw_and_served_pixels_are_the_same(tmp_path):
    import pathlib

    import PIL.Image
    import tensorflow as tf

    random = np.random.default_rng(0)
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for i in range(20):
            pixels = random.integers(0, 256, (11, 9, 3)).astype("uint8")
            PIL.Image.fromarray(pixels).save(tmp_path / label / f"{i}.jpg")
    data = load(tmp_path, image_size=(6, 5))
    raw = data.raw("test")
    assert raw.dtype == np.uint8
    files = [pathlib.Path(p).read_bytes() for p in data.splits["test"].x]
    served = decode_image(tf.constant(files), (6, 5, 3))
    assert served.dtype == tf.uint8 and np.array_equal(served, raw)
    again = [tf.io.encode_png(image).numpy() for image in raw]
    assert np.array_equal(data.schema.decode(tf.constant(again)), raw)
    prepared = data.prepare(tf.cast(raw, tf.float32))
    found = np.concatenate([x for x, _ in data.batches("test", 4)])
    assert np.allclose(found, prepared, atol=1e-6)


def grouped(**given):
    random = np.random.default_rng(0)
    x, y = random.normal(size=(240, 3)), np.arange(240) % 3
    return load((x, y), **given)


def test_folds_by_class():
    data = grouped(group=np.arange(240) // 8)
    for fold in data.folds(4, by="class"):
        counts = np.bincount(fold.splits["test"].y)
        assert counts.tolist() == [20, 20, 20]
    with pytest.raises(ValueError, match="`by` must be one of"):
        data.folds(4, by="clas")


def test_folds_by_group():
    data = grouped(group=np.arange(240) // 8)
    for fold in data.folds(4, by="group"):
        seen = [set(split.group) for split in fold.splits.values()]
        assert sum(map(len, seen)) == len(set().union(*seen)) == 30
    with pytest.raises(ValueError, match="must have groups for folds by group"):
        grouped().folds(4, by="group")


def test_folds_by_domain():
    names = np.array(["a", "b", "c", "d"])[np.arange(240) // 3 % 4]
    data = grouped(domain=names)
    for split in data.splits.values():
        assert set(split.group) == {"a", "b", "c", "d"}
    tested = []
    for fold in data.folds(4, by="domain"):
        (one,) = set(fold.splits["test"].group)
        tested.append(one)
        rest = {"a", "b", "c", "d"} - {one}
        for name in ("train", "stop", "select"):
            assert set(fold.splits[name].group) == rest
            assert set(fold.splits[name].y) == {0, 1, 2}
    assert sorted(tested) == ["a", "b", "c", "d"]
    with pytest.raises(ValueError, match="exclude each other"):
        grouped(domain=names, group=names)


def test_folds_of_other_targets():
    data = load(synthetic.masks(60))
    tested = [ids for f in data.folds(3) for ids in f.splits["test"].ids]
    assert sorted(tested) == list(range(60))
    data = load(synthetic.tokens(60))
    assert sum(len(f.splits["test"]) for f in data.folds(3)) == 60
    x, y = synthetic.pairs(60)
    data = load((x, y), kind="pairs")
    assert sum(len(f.splits["test"]) for f in data.folds(3)) == 60


def test_a_task_can_be_handed_in():
    task = kg.Classification(3, labels=("a", "b", "c"))
    x, y = synthetic.images(60)
    assert load((x, y), task=task).task is task
    with pytest.raises(ValueError, match="`task` must be None or a Task"):
        load(synthetic.masks(60), task="classification")


@pytest.mark.parametrize(
    "name", ["images", "table", "videos", "sounds", "texts", "masks"]
)
def test_synthetic_sets_are_seeded(name):
    make = getattr(synthetic, name)
    one, two, three = make(20), make(20), make(20, seed=1)
    first = [v for v in (one[0].values() if name == "table" else [one[0]])]
    second = [v for v in (two[0].values() if name == "table" else [two[0]])]
    third = [v for v in (three[0].values() if name == "table" else [three[0]])]
    assert all(map(np.array_equal, first, second))
    assert not all(map(np.array_equal, first, third))
    assert np.array_equal(one[1], two[1])


def test_unlabeled_arrays():
    x, _ = synthetic.images(60)
    data = load((x, None))
    assert data.task is None and data.splits["train"].y is None
    assert len(list(data.batches("train", 16))) == 3
    assert data.tensors("train")[1] is None


def test_data_have_the_short_ways(tmp_path):
    x, y = synthetic.images(120)
    data = load((x, y), domain=["a", "b", "c"] * 40)
    parts = data.leave_one_domain_out()
    assert [set(p.splits["test"].group) for p in parts] == [{"a"}, {"b"}, {"c"}]
    clients = data.partition(3, alpha=1.0)
    sizes = [len(client.splits["train"]) for client in clients]
    assert len(sizes) == 3 and sum(sizes) == len(data.splits["train"])
    assert data.preview(tmp_path / "sheet.png", count=2).exists()
    assert data.summary()["counts"]["train"] == len(data.splits["train"])
    pair = kg.Data.domains(source=(x, y), target=synthetic.images(60, seed=1))
    (fields, _) = next(iter(pair.batches("train", 8, needs=("unlabeled",))))
    assert fields["unlabeled"].shape == (8, 8, 8, 1)
