"""Few labels of targets, and classes that only targets have."""

import numpy as np
import pytest

import kerasgen as kg
from kerasgen.data import synthetic

load = kg.data.load
domains = kg.data.Data.domains


def images(n=90, seed=0, **given):
    return load(synthetic.images(n, seed=seed), **given)


def test_shots_go_from_unlabeled_to_train():
    one, two = images(90, 1), images(120, 2)
    plain = domains(source=one, target=two)
    data = domains(source=one, target=two, shots=3)
    train = data.splits["train"]
    kept = train.take(np.flatnonzero(train.group == "target"))
    assert np.bincount(kept.y).tolist() == [3, 3, 3]
    assert len(train) == len(plain.splits["train"]) + 9
    before, after = (d.splits["unlabeled"] for d in (plain, data))
    assert after.y is None and len(after) == len(before) - 9
    assert set(after.ids) | set(kept.ids) == set(before.ids)
    assert not set(after.ids) & set(kept.ids)
    # They are the target's, with their own labels.
    source = two.splits["train"]
    pairs = zip(source.x, source.y, strict=True)
    truth = {x.tobytes(): y for x, y in pairs}
    assert [truth[x.tobytes()] for x in kept.x] == kept.y.tolist()
    for name in ("stop", "select", "test", "target"):
        assert np.array_equal(data.splits[name].ids, plain.splits[name].ids)
    assert data.prepare is one.prepare
    data.summary()


def test_the_seed_decides_which():
    one, two = images(90, 1), images(120, 2)

    def ids(seed):
        data = domains(source=one, target=two, shots=2, seed=seed)
        train = data.splits["train"]
        return train.ids[train.group == "target"].tolist()

    assert ids(0) == ids(0) != ids(1)


def test_shots_can_stand_often():
    one, two = images(90, 1), images(120, 2)
    data = domains(source=one, target=two, shots=1, share=0.25)
    train = data.splits["train"]
    own = train.group == "target"
    assert abs(own.mean() - 0.25) < 0.02
    assert len(np.unique(train.ids[own])) == 3
    assert domains(source=one, target=two).fingerprint() != data.fingerprint()


def test_several_sources_and_targets():
    data = domains(
        source={"a": images(90, 1), "b": images(90, 2)},
        target={"c": images(90, 3), "d": images(90, 4)},
        e=synthetic.images(60, seed=5)[0],
        shots={"c": 2, "d": 1},
    )
    names, counts = np.unique(data.splits["train"].group, return_counts=True)
    assert dict(zip(names.tolist(), counts.tolist(), strict=True)) == {
        **{"a": 54, "b": 54},
        **{"c": 6, "d": 3},
    }
    # What prepares the data has learnt from the sources alone.
    x = data.splits["train"]
    pixels = x.x[np.isin(x.group, ["a", "b"])].astype("float64")
    expected = (x.x - pixels.mean()) / pixels.std()
    assert np.allclose(data.tensors("train")[0], expected, atol=1e-4)


def test_every_method_can_use_them():
    data = domains(source=images(90, 1), target=images(90, 2), shots=2)
    model = kg.image_classifier(data.shape, data.classes, size="tiny")
    method = kg.methods.MME(model, data.task)
    method.compile("adam")
    fields = next(iter(data.batches("train", 60, needs=("unlabeled", "group"))))
    assert set(np.asarray(fields[0]["group"])) == {0, 1}
    batches = data.batches("train", 16, needs=method.needs)
    assert np.isfinite(method.fit(batches, verbose=0).history["loss"][0])


@pytest.mark.parametrize(
    "given, error, words",
    [
        ({"shots": -1}, ValueError, "shots.*-1"),
        ({"shots": 1.5}, TypeError, "shots.*int"),
        ({"shots": 50}, ValueError, "as many examples.*class='0'"),
        ({"shots": 24, "target": 120}, ValueError, "leave examples"),
        ({"shots": {"far": 1}}, ValueError, "shots.*one of 'target'"),
        ({"shots": 1, "share": 0.95}, ValueError, "share.*0.95"),
        ({"shots": 1, "target": None}, ValueError, "must have labels"),
    ],
)
def test_what_cannot_be_kept_is_named(given, error, words):
    given = dict(given)
    size = given.pop("target", 90)
    target = synthetic.images(60)[0] if size is None else images(size, 2)
    with pytest.raises(error, match=words):
        domains(source=images(90, 1), target=target, **given)


def test_shots_are_of_classes():
    x, y = synthetic.table(120, classes=0)
    one = load((x, y))
    with pytest.raises(ValueError, match="one class.*Regression"):
        domains(source=one, target=one, shots=1)


def test_classes_of_the_target_alone_are_the_unknown():
    x, y = synthetic.images(200, classes=4)
    source = load((x[y < 2], y[y < 2]))
    for target in ((x, y), load((x, y))):
        data = domains(source=source, target=target, unknown="unknown")
        assert data.labels == ("0", "1", "unknown")
        assert data.task.units == data.classes == 3
        assert data.splits["train"].y.max() == 1
        counts = np.bincount(data.splits["target"].y)
        assert counts[2] > 0 and counts.sum() == 40
        assert len(data.splits["unlabeled"]) == 120
    # Shots are of classes that the source has.
    data = domains(source=source, target=(x, y), unknown="other", shots=2)
    train = data.splits["train"]
    assert np.bincount(train.y[train.group == "target"]).tolist() == [2, 2]
    model = kg.image_classifier(data.shape, data.classes, size="tiny")
    report = kg.evaluate(model, data, ["clean", "shift"])
    assert any(row.slice.get("domain") == "target" for row in report.rows)


def test_the_unknown_must_be_new():
    one = images()
    with pytest.raises(ValueError, match="no class of the source"):
        domains(source=one, target=one, unknown="1")
    with pytest.raises(TypeError, match="unknown"):
        domains(source=one, target=one, unknown=3)
    x, y = synthetic.table(120, classes=0)
    two = load((x, y))
    with pytest.raises(ValueError, match="classes for `unknown`"):
        domains(source=two, target=two, unknown="unknown")
    x, y = synthetic.images(120, classes=4)
    with pytest.raises(ValueError, match="domain 'target'.*unknown=\""):
        domains(source=images(), target=load((x, y)))
