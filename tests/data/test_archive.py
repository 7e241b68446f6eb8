"""archive: data sets that can't be had say so at once, in one sentence."""

import socket
import sys
import time

import numpy as np
import pytest
import tensorflow as tf

from kerasgen.data import archive


def no_network(*_, **__):
    raise socket.gaierror(-2, "Name or service not known")


def test_no_network_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setattr("urllib.request.getproxies", dict)
    start = time.perf_counter()
    with pytest.raises(ConnectionError, match="not in .*Name or service") as e:
        archive.from_tfds("mnist", folder=str(tmp_path))
    assert "\n" not in str(e.value) and time.perf_counter() - start < 20


def test_what_does_not_fit_in_memory_goes_to_the_disk(monkeypatch):
    class Info:
        name, supervised_keys = "big", ("image", "label")
        splits, features = {"train": None}, {"image": None, "label": None}

    class Builder:
        info = Info

        def as_dataset(self, split, as_supervised):
            return tf.data.Dataset.range(100).map(
                lambda i: (tf.fill((4, 4, 1), tf.cast(i, tf.uint8)), i % 2)
            )

    monkeypatch.setattr(sys.modules["kerasgen.data.rows"], "FITS", 160)
    raw = archive.from_builder(Builder())
    assert type(raw.x).__name__ == "Rows" and raw.x.shape == (100, 4, 4, 1)
    assert np.asarray(raw.x)[:, 0, 0, 0].tolist() == list(range(100))
    assert raw.y.tolist() == [0, 1] * 50
