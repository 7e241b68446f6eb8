"""domains: sources and targets put together, and one left out."""

import dataclasses

import numpy as np
import pytest

import kerasgen as kg
from kerasgen.data import assemble, synthetic
from kerasgen.data.data import Data
from kerasgen.data.domains import combine, leave_one_out

NAMES = ("train", "stop", "select", "test")
load = kg.data.load


def domains(**named):
    return combine(Data, named, assemble)


def images(n=60, seed=0, **given):
    return load(synthetic.images(n, seed=seed), **given)


def test_source_and_target_of_different_lengths():
    one, two = images(60, seed=1), images(140, seed=2)
    data = domains(source=one, target=two)
    for name in NAMES:
        assert np.array_equal(data.splits[name].x, one.splits[name].x)
        assert set(data.splits[name].group) == {"source"}
    bare = data.splits["unlabeled"]
    assert bare.y is None and np.array_equal(bare.x, two.splits["train"].x)
    assert np.array_equal(data.splits["target"].y, two.splits["test"].y)
    assert set(data.splits["target"].group) == {"target"}
    assert data.prepare is one.prepare
    ids = np.concatenate([split.ids for split in data.splits.values()])
    assert len(set(ids)) == len(ids) == 60 + 84 + 28
    seen = []
    for fields, y in data.batches("train", 16, needs=("unlabeled",)):
        assert len(fields["unlabeled"]) == len(fields["inputs"]) == len(y)
        seen.append(fields["unlabeled"])
    assert len(np.unique(np.concatenate(seen), axis=0)) == 36


def test_unlabeled_arrays_are_a_target():
    x, y = synthetic.images(90, seed=3)
    for target in (x, list(x), {"x": x}, (x, None)):
        data = domains(source=images(), target=target)
        assert np.array_equal(data.splits["unlabeled"].x, x)
        assert "target" not in data.splits


def test_bare_sources_are_split():
    x, y = synthetic.images(100, seed=4)
    data = domains(source=(x, y), target=(x[::-1], y[::-1]))
    assert [len(data.splits[n]) for n in NAMES] == [60, 10, 10, 20]
    assert len(data.splits["unlabeled"]) == 60
    assert len(data.splits["target"]) == 20


def test_several_sources_are_prepared_on_their_train_alone():
    parts = {"a": images(60, 1), "b": images(80, 2), "c": images(50, 3)}
    data = domains(
        source={"a": parts["a"], "b": parts["b"]}, target={"c": parts["c"]}
    )
    x = np.concatenate([parts[n].splits["train"].x for n in "ab"])
    assert np.array_equal(data.splits["train"].x, x)
    assert list(np.unique(data.splits["train"].group)) == ["a", "b"]
    tensors = data.tensors("train")[0]
    pixels = x.astype("float64")
    expected = (pixels - pixels.mean()) / pixels.std()
    assert np.allclose(tensors, expected, atol=1e-4)
    moved = dataclasses.replace(
        parts["c"].splits["train"], x=parts["c"].splits["train"].x // 2
    )
    other = dataclasses.replace(
        parts["c"], splits={**parts["c"].splits, "train": moved}
    )
    again = domains(source={"a": parts["a"], "b": parts["b"]}, c=other)
    assert again.prepare.get_config() == data.prepare.get_config()
    assert len(data.splits["c"]) == len(parts["c"].splits["test"])


def test_classes_are_matched_by_name():
    x, y = synthetic.images(90)
    names = np.array(["bird", "cat", "dog"])
    one = load((x, names[y]))
    # This one has never seen a bird: its cat is 0, the source's 1.
    two = load((x[y > 0], names[y[y > 0]]), name="two")
    data = domains(source=one, target=two)
    assert two.labels == ("cat", "dog") and data.labels == tuple(names)
    expected = two.splits["test"].y + 1
    assert np.array_equal(data.splits["target"].y, expected)


def test_columns_are_matched_by_name():
    x, y = synthetic.table(120)
    turned = dict(reversed(x.items()))
    data = domains(source=load((x, y)), target=load((turned, y)), more=turned)
    assert list(data.splits["target"].x) == list(x)
    values = np.sort(data.splits["unlabeled"].x["number_0"])
    assert len(values) == 72 + 120
    batch, _ = next(iter(data.batches("train", 8, needs=("unlabeled",))))
    assert batch["unlabeled"].shape == batch["inputs"].shape


@pytest.mark.parametrize(
    "make, given",
    [
        (synthetic.texts, {}),
        (synthetic.tokens, {}),
        (synthetic.pairs, {"kind": "pairs"}),
        (synthetic.masks, {}),
        (synthetic.videos, {}),
        (synthetic.sounds, {"kind": "audio", "sample_rate": 8000}),
    ],
)
def test_every_kind(make, given):
    one, two = (load(make(n, seed=n), **given) for n in (60, 80))
    data = domains(source=one, target=two)
    assert len(data.splits["unlabeled"]) == 48
    fields, _ = next(iter(data.batches("train", 8, needs=("unlabeled",))))
    inputs = fields["inputs"]
    if isinstance(inputs, dict):
        inputs = inputs["source"]
    assert fields["unlabeled"].shape == inputs.shape
    assert len(data.tensors("target")[0]) == len(two.splits["test"])


def test_sentences_are_made_equally_long():
    one = load(synthetic.tokens(60, longest=5))
    two = load(synthetic.tokens(60, longest=9, seed=1))
    data = domains(source=one, target=two)
    assert data.schema.shape == (9,) and data.shape == (9,)
    train = data.splits["train"]
    assert train.x.shape[1] == train.y.shape[1] == 9
    assert (train.x[:, 5:] == "").all() and (train.y[:, 5:] == -1).all()
    first = [len(set(r) - {-1}) for r in one.splits["train"].y]
    assert first == [len(set(r) - {-1}) for r in train.y]


def test_numbers_and_weights():
    x, y = synthetic.table(120, classes=0)
    one, two = load((x, y), weight=np.arange(120.0)), load((x, y), seed=1)
    data = domains(source={"a": one, "b": two}, target={"x": x, "y": None})
    train = data.splits["train"]
    assert np.allclose(data.task.mean, train.y.mean(), atol=1e-5)
    assert (train.weight[train.group == "b"] == 1).all()
    assert data.splits["unlabeled"].weight is None


@pytest.mark.parametrize(
    "target, words",
    [
        (
            lambda: load(synthetic.images(60, shape=(8, 9, 1))),
            "shape.*image_size",
        ),
        (
            lambda: load(synthetic.images(60, classes=4)),
            "classes.*unknown=.'3'",
        ),
        (lambda: load(synthetic.table(60)), "kind"),
        (
            lambda: load((synthetic.images(60)[0] / 255.0, np.arange(60) % 3)),
            "range.*Multiply by 255",
        ),
        (
            lambda: (synthetic.images(60)[0] / 255.0).astype("float32"),
            "Multiply",
        ),
        (lambda: synthetic.images(60)[0][:, :4], "shape"),
    ],
)
def test_what_does_not_agree_is_named(target, words):
    with pytest.raises(ValueError, match=f"domain 'target'.*{words}"):
        domains(source=images(), target=target())


def test_tables_that_do_not_agree():
    x, y = synthetic.table(60)
    less = {name: x[name] for name in list(x)[1:]}
    with pytest.raises(ValueError, match=r"columns.*without=\['number_0'\]"):
        domains(source=load((x, y)), target=load((less, y)))
    wrong = {**x, "number_0": x["category_0"]}
    with pytest.raises(ValueError, match="kind of column 'number_0'"):
        domains(source=load((x, y)), target=load((wrong, y)))


def test_sounds_of_another_rate_or_length():
    one, two = (
        load(synthetic.sounds(60), kind="audio", sample_rate=rate)
        for rate in (8000, 4000)
    )
    with pytest.raises(ValueError, match="sample rate.*8000.*4000"):
        domains(source=one, target=two)


def test_names_of_domains():
    one = images()
    with pytest.raises(ValueError, match="`source` and a target"):
        domains(source=one)
    with pytest.raises(ValueError, match="`source` and a target"):
        domains(photo=one, art=one)
    with pytest.raises(ValueError, match="name of its own"):
        domains(source=one, test=one)
    with pytest.raises(ValueError, match="name of its own"):
        domains(source={"a": one}, target={"a": one})
    with pytest.raises(ValueError, match="source must have labels"):
        domains(source={"a": one, "b": {"x": one.raw("train")}}, target=one)


def test_each_domain_is_left_out_once():
    x, y = synthetic.images(160)
    domain = np.array(["a", "b", "c", "d"]).repeat(40)
    data = load((x, y), domain=domain)
    parts = leave_one_out(data, assemble)
    assert [part.name for part in parts] == [
        f"arrays, without {name}" for name in "abcd"
    ]
    for name, part in zip("abcd", parts, strict=True):
        assert set(part.splits["test"].ids) == set(
            np.flatnonzero(domain == name)
        )
        rest = ("train", "stop", "select", "inside")
        assert all(name not in part.splits[each].group for each in rest)
        ids = np.concatenate([part.splits[each].ids for each in rest])
        assert len(ids) == len(set(ids)) == 120
        pixels = part.splits["train"].x.astype("float64")
        tensors = part.tensors("train")[0]
        expected = (pixels - pixels.mean()) / pixels.std()
        assert np.allclose(tensors, expected, atol=1e-4)
    again = leave_one_out(data, assemble)
    assert again[0].fingerprint() == parts[0].fingerprint()


def test_there_must_be_domains():
    for data in (images(), load(synthetic.images(60), domain=["a"] * 60)):
        with pytest.raises(ValueError, match="at least two domains.*domain="):
            leave_one_out(data, assemble)


def test_files_and_arrays(tmp_path):
    import keras

    x, y = synthetic.images(60)
    for index, (image, label) in enumerate(zip(x, y, strict=True)):
        path = tmp_path / "far" / str(label) / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        keras.utils.save_img(path, image, scale=False)
    one = images()
    data = domains(source=one, target=tmp_path / "far")
    assert data.splits["unlabeled"].files and len(data.splits["target"]) == 12
    fields, _ = next(iter(data.batches("train", 8, needs=("unlabeled",))))
    assert fields["unlabeled"].shape == (8, 8, 8, 1)
    with pytest.raises(ValueError, match="all be files, or all arrays"):
        domains(source=one, target={"a": tmp_path / "far", "b": one})


def test_test_sets_of_the_source_are_kept():
    x, y = synthetic.images(60)
    source = load((x, y), tests={"far": synthetic.images(20, seed=5)})
    data = domains(source=source, target=images())
    assert len(data.splits["far"]) == 20
    assert set(data.splits["far"].group) == {"source"}
    ids = np.concatenate([split.ids for split in data.splits.values()])
    assert len(ids) == len(set(ids))
    with pytest.raises(ValueError, match="named as a test set"):
        domains(source=source, far=images())


def test_methods_of_data():
    one, two = images(60, seed=1), images(80, seed=2)
    data = Data.domains(source=one, target=two)
    assert data.name == "source to target"
    whole = load(synthetic.images(90), domain=["a", "b", "c"] * 30)
    assert len(whole.leave_one_domain_out()) == 3
    assert len(data.partition(3, least=1)) == 3
    assert data.summary()["counts"]["unlabeled"] == 48
