"""stream: the short way gives the batches of the long one."""

import dataclasses
import pathlib
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf

import kerasgen as kg
from kerasgen.data import synthetic

MODULE = sys.modules["kerasgen.data.stream"]


def flat(dataset):
    return [[np.asarray(v) for v in tf.nest.flatten(b)] for b in dataset]


def same(one, two):
    return all(
        np.array_equal(p, q)
        for a, b in zip(one, two, strict=True)
        for p, q in zip(a, b, strict=True)
    )


@pytest.mark.parametrize("split", ["train", "select"])
def test_the_short_way_gives_the_same_batches(monkeypatch, split):
    data = kg.data.load(synthetic.table(150, missing=0.1), missing="impute")
    short = data.batches(split, 16)
    found = [flat(short) for _ in range(3)]
    assert len(short) == len(found[0])
    monkeypatch.setattr(MODULE, "_RESIDENT", 0)
    long = data.batches(split, 16)
    assert all(same(one, flat(long)) for one in found)
    assert same(flat(data.batches(split, 16, epoch=2)), found[2])
    assert int(short.epoch) == 2


def test_weights_come_the_short_way_too():
    data = kg.data.load("wine")
    train = data.splits["train"]
    weight = np.arange(len(train), dtype="float32")
    train = dataclasses.replace(train, weight=weight)
    data = dataclasses.replace(data, splits={**data.splits, "train": train})
    batches = flat(data.batches("train"))
    y = np.concatenate([batch[1] for batch in batches])
    weight = np.concatenate([batch[2] for batch in batches])
    assert np.array_equal(y, train.y[weight.astype(int)])


@pytest.mark.slow
def test_replicas_share_the_very_batches():
    script = pathlib.Path(__file__).with_name("replica_batches.py")
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "RESULT True True True" in done.stdout


@pytest.mark.slow
def test_small_images_are_fast():
    batches = kg.data.load("digits").batches("train", 32)
    seconds = []
    for _ in range(20):
        start = time.perf_counter()
        count = sum(len(y) for _, y in batches)
        seconds.append(time.perf_counter() - start)
    assert count / min(seconds) > 50_000


def test_tags_move_with_their_tokens():
    data = kg.data.load(synthetic.tokens(80))

    class Swap(kg.augment.Augment):
        kind, stage = "text", "raw"

        def apply(self, fields, seed):
            turned = {k: fields[k][:, ::-1] for k in ("x", "y")}
            return {**fields, **turned}

    given = {"shuffle": False, "batch_size": 8}
    plain = next(iter(data.batches("train", **given)))
    turned = next(iter(data.batches("train", augment=[Swap()], **given)))
    assert np.array_equal(turned[1], plain[1][:, ::-1])
    assert np.array_equal(turned[0], plain[0][:, ::-1])


def test_augmentations_learn_what_the_data_know():
    x, y = synthetic.sounds(60)
    data = kg.data.load((x, y), kind="audio", sample_rate=8000)
    seen = []

    class Ask(kg.augment.Augment):
        kind, stage = "audio", "raw"
        arguments = {
            "sample_rate": kg.core.Int(1),
            "classes": kg.core.Int(2),
            "high": kg.core.Float(0),
        }

        def __init__(self, sample_rate=None, classes=None, high=None):
            super().__init__(
                sample_rate=sample_rate, classes=classes, high=high
            )

        def apply(self, fields, seed):
            seen.append((self.sample_rate, self.classes, self.high))
            return fields

    next(iter(data.batches("train", 8, augment=[Ask(high=0.5)])))
    assert set(seen) == {(8000, 3, 0.5)}


def test_raw_pixels_stay_whole_numbers():
    data = kg.data.load(synthetic.images(60))
    seen = []

    class Look(kg.augment.Augment):
        kind, stage = "image", "raw"

        def apply(self, fields, seed):
            seen.append(fields["x"].dtype)
            return fields

    found = next(iter(data.batches("test", 8, augment=[Look()])))
    assert set(seen) == {tf.uint8}
    assert np.allclose(found[0], data.tensors("test", 8)[0], atol=1e-6)
