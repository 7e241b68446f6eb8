"""data: splits, batches and what prepares them."""

import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import kerasgen as kg
from kerasgen.data import Schema, adapt, cut, fold_indices, synthetic

NAMES = ("train", "stop", "select", "test")


def wine(**values):
    return kg.data.load("wine", **values)


def ids(data):
    return {name: set(split.ids) for name, split in data.splits.items()}


@pytest.mark.parametrize("source", ["digits", "breast_cancer", "diabetes"])
def test_splits_share_nothing_and_hold_everything(source):
    data = kg.data.load(source)
    found = ids(data)
    assert sum(map(len, found.values())) == len(set().union(*found.values()))
    assert set().union(*found.values()) == set(
        range(sum(map(len, found.values())))
    )


def test_splits_are_stratified():
    y = np.repeat([0, 1, 2], [700, 250, 50])
    parts = cut(y, (0.6, 0.1, 0.1, 0.2), seed=3)
    for share, part in zip((0.6, 0.1, 0.1, 0.2), parts.values(), strict=True):
        counts = np.bincount(y[part], minlength=3)
        assert np.allclose(counts, share * np.array([700, 250, 50]), atol=1)


def test_sorted_labels_are_shuffled():
    parts = cut(np.repeat([0, 1], 100), (0.6, 0.1, 0.1, 0.2), seed=0)
    assert np.diff(parts["train"]).max() < 12


def test_regressions_are_stratified_by_quantiles():
    y = np.random.default_rng(0).lognormal(size=1000)
    parts = cut(y, (0.6, 0.1, 0.1, 0.2), seed=0)
    middles = [np.median(y[part]) for part in parts.values()]
    assert np.ptp(middles) < 0.15


def test_groups_are_not_torn_apart():
    random = np.random.default_rng(0)
    group = random.integers(0, 60, 1000)
    y = random.integers(0, 3, 1000)
    parts = cut(y, (0.6, 0.1, 0.1, 0.2), seed=0, group=group)
    seen = [set(group[part]) for part in parts.values()]
    assert sum(map(len, seen)) == len(set().union(*seen))
    shares = [len(part) / 1000 for part in parts.values()]
    assert np.allclose(shares, (0.6, 0.1, 0.1, 0.2), atol=0.04)


def test_a_seed_gives_one_split_and_another_gives_another():
    assert wine().fingerprint() == wine().fingerprint()
    assert wine().fingerprint() != wine(seed=1).fingerprint()
    assert ids(wine()) == ids(wine()) != ids(wine(seed=1))


def test_folds_test_each_example_once():
    data = wine()
    folds = data.folds(5)
    tested = np.concatenate([fold.splits["test"].ids for fold in folds])
    assert sorted(tested) == list(range(178))
    for fold in folds:
        found = ids(fold)
        assert sum(map(len, found.values())) == 178
        x, _ = fold.tensors("train")
        assert np.allclose(x.mean(0), 0, atol=1e-5)


def test_folds_keep_groups_together():
    random = np.random.default_rng(0)
    group = random.integers(0, 30, 300)
    x = random.normal(size=(300, 3))
    data = kg.data.load((x, random.integers(0, 2, 300)), group=group)
    for fold in data.folds(4):
        seen = [set(split.group) for split in fold.splits.values()]
        assert sum(map(len, seen)) == len(set().union(*seen))
    with pytest.raises(ValueError, match=r"\[2, 30\]"):
        fold_indices(np.zeros(300, int), 31, 0, group)


def test_prepared_numbers_are_sklearns():
    data = kg.data.load("breast_cancer")
    train, test = (data.splits[n].x for n in ("train", "test"))
    stack = [np.stack([part[n] for n in train], 1) for part in (train, test)]
    scaler = StandardScaler().fit(stack[0].astype("float64"))
    expected = scaler.transform(stack[1].astype("float64"))
    assert np.allclose(data.tensors("test")[0], expected, atol=1e-5)


def test_prepared_categories_and_gaps_are_sklearns():
    x, y = synthetic.table(300, missing=0.2)
    data = kg.data.load((x, y), missing="impute")
    train, test = data.splits["train"].x, data.splits["test"].x
    names = [f"number_{i}" for i in range(4)]
    columns = [np.stack([part[n] for n in names], 1) for part in (train, test)]
    imputer = SimpleImputer(strategy="median", add_indicator=True).fit(
        columns[0]
    )
    filled = imputer.transform(columns[0])[:, :4].astype("float64")
    scaler = StandardScaler().fit(filled)
    both = imputer.transform(columns[1])
    numbers = scaler.transform(both[:, :4].astype("float64"))
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    kept = train["category_0"][:, None]
    encoder.fit(kept[kept[:, 0] != ""])
    hot = encoder.transform(test["category_0"][:, None])
    other = 1 - hot.sum(1, keepdims=True)
    expected = np.concatenate([numbers, both[:, 4:], other, hot], 1)
    assert np.allclose(data.tensors("test")[0], expected, atol=1e-5)


def test_prepare_is_adapted_on_train_alone():
    x = np.random.default_rng(0).normal(size=(200, 3)).astype("float32")
    y = np.arange(200) % 2
    data = kg.data.load((x, y))
    moved = x.copy()
    for name in ("stop", "select", "test"):
        moved[data.splits[name].ids] += 1000
    again = kg.data.load((moved, y))
    assert again.prepare.get_config() == data.prepare.get_config()


def test_images_are_standardised_by_channel():
    x, y = synthetic.images(200, shape=(8, 8, 3))
    data = kg.data.load((x, y))
    tensors, _ = data.tensors("train")
    assert np.allclose(tensors.mean((0, 1, 2)), 0, atol=1e-4)
    assert np.allclose(tensors.std((0, 1, 2)), 1, atol=1e-4)


def test_a_constant_column_becomes_zero():
    x = np.ones((100, 2), "float32") * 0.1
    x[:, 1] = np.arange(100)
    data = kg.data.load((x, np.arange(100) % 2))
    assert (data.tensors("train")[0][:, 0] == 0).all()


@pytest.mark.parametrize("kind", ["image", "table"])
def test_prepare_comes_back_from_its_file(kind, tmp_path):
    source = synthetic.images() if kind == "image" else synthetic.table()
    data = kg.data.load(source)
    data.prepare.save(tmp_path / "prepare.keras")
    back = keras.models.load_model(tmp_path / "prepare.keras")
    raw = data.raw("test")
    raw = tf.nest.map_structure(tf.constant, raw)
    if kind == "image":
        raw = tf.cast(raw, tf.float32)
    assert np.array_equal(back(raw), data.tensors("test")[0])


def test_the_pipeline_gives_what_the_tensors_are():
    data = kg.data.load(synthetic.table(missing=0.1), missing="impute")
    x, y = data.tensors("test")
    for augment in ((), (kg.augment.ColumnNoise(severity=1),)):
        batches = list(data.batches("test", 16, corrupt=None, augment=()))
        assert np.allclose(
            np.concatenate([b[0] for b in batches]), x, atol=1e-6
        )
        assert np.array_equal(np.concatenate([b[1] for b in batches]), y)
        if augment:
            noisy = next(iter(data.batches("test", 16, corrupt=augment[0])))[0]
            assert not np.allclose(noisy, x[:16])


def read(data, **given):
    given = {"batch_size": 16, "augment": [kg.augment.Translate(0.2)], **given}
    return data.batches("train", **given)


def flat(dataset):
    return [(x.numpy(), y.numpy()) for x, y in dataset]


def same(one, two):
    return all(
        np.array_equal(a[0], b[0]) and np.array_equal(a[1], b[1])
        for a, b in zip(one, two, strict=True)
    )


def test_streams_are_bit_identical_at_any_parallelism():
    data = kg.data.load("digits")
    options = tf.data.Options()
    options.threading.private_threadpool_size = 1
    one = flat(read(data).with_options(options))
    for _ in range(3):
        assert same(one, flat(read(data)))


def test_every_epoch_differs_and_can_be_named():
    data = kg.data.load("digits")
    stream = read(data)
    epochs = [flat(stream) for _ in range(3)]
    assert not same(epochs[0], epochs[1])
    assert same(flat(read(data, epoch=2)), epochs[2])
    stream.epoch.assign(0)
    assert same(flat(stream), epochs[1])
    for batches in epochs:
        counts = np.bincount(np.concatenate([y for _, y in batches]))
        assert np.array_equal(counts, np.bincount(data.splits["train"].y))


def test_other_splits_keep_their_order():
    data = kg.data.load("digits")
    y = np.concatenate([y for _, y in data.batches("select", 32)])
    assert np.array_equal(y, data.splits["select"].y)


def test_corruptions_are_the_same_each_time():
    data = kg.data.load("digits")
    noise = kg.augment.corrupt.GaussianNoise(severity=5)
    stream = data.batches("test", 64, corrupt=noise)
    first, second = flat(stream), flat(stream)
    assert same(first, second)
    clean = data.tensors("test")[0]
    assert not np.allclose(np.concatenate([x for x, _ in first]), clean)


def test_needs_ride_beside_the_inputs():
    x, y = synthetic.images(120)
    data = kg.data.load((x, y), group=np.arange(120) // 4)
    (fields, labels) = next(iter(data.batches("train", 16, needs=("group",))))
    assert set(fields) == {"inputs", "group"} and len(labels) == 16
    with pytest.raises(ValueError, match="unlabeled"):
        data.batches("train", needs=("unlabeled",))
    with pytest.raises(ValueError, match="Did you mean 'group'"):
        data.batches("train", needs=("grup",))
    with pytest.raises(ValueError, match="must have groups"):
        kg.data.load((x, y)).batches("train", needs=("group",))


def test_unlabeled_examples_cycle():
    import dataclasses

    x, y = synthetic.images(120)
    data = kg.data.load((x, y))
    splits = {**data.splits, "unlabeled": data.splits["stop"]}
    data = dataclasses.replace(data, splits=splits)
    seen = [
        fields["unlabeled"].numpy()
        for fields, _ in data.batches("train", 16, needs=("unlabeled",))
    ]
    rows = {row.tobytes() for row in np.concatenate(seen)}
    assert len(rows) == len(data.splits["stop"])


def test_mistakes_are_named():
    data = wine()
    with pytest.raises(ValueError, match="Did you mean 'train'"):
        data.batches("trian")
    with pytest.raises(ValueError, match="Flip is for image data"):
        data.batches("train", augment=[kg.augment.Flip()])
    with pytest.raises(ValueError, match="batch_size"):
        data.batches("train", 0)


def test_keras_fits_on_batches():
    data = wine()
    model = kg.tabular_classifier(data.shape, 3, size="tiny")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss)
    batches = data.batches("train")
    history = model.fit(batches, epochs=2, verbose=0, shuffle=False)
    assert len(history.history["loss"]) == 2 and len(batches) == 4


@pytest.mark.slow
def test_two_replicas_take_the_batches(tmp_path):
    script = pathlib.Path(__file__).with_name("replicas.py")
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "RESULT" in done.stdout


def test_summary_counts_classes():
    found = wine().summary()
    assert found["counts"]["train"] == sum(found["classes"]["train"].values())
    assert str(wine()).startswith("wine: table (13,), train 107")


def test_adapt_needs_columns():
    with pytest.raises(ValueError, match="columns"):
        adapt(Schema("table", (0,)), {})
    with pytest.raises(ValueError, match="low"):
        Schema("image", (2, 2, 1), 1.0, 1.0)
    schema = wine().schema
    assert Schema.from_dict(schema.to_dict()) == schema
