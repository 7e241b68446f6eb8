"""archive: data sets that can't be had say so at once, in one sentence."""

import socket
import time

import numpy as np
import pytest

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


def test_what_does_not_fit_in_memory_is_refused(monkeypatch):
    class Split:
        num_examples = 1000

    class Feature:
        shape, np_dtype = (28, 28, 1), np.uint8

    class Info:
        name, dataset_size, supervised_keys = "big", 10, ("image", "label")
        splits, features = {"train": Split}, {"image": Feature}

    assert archive._bytes(Info) == 2 * 1000 * 28 * 28
    monkeypatch.setattr(archive, "_free", lambda: 2 * 1000 * 28 * 28 - 1)
    with pytest.raises(ValueError, match="big must fit in memory"):
        archive._check_memory(Info)
    monkeypatch.setattr(archive, "_free", lambda: 0)
    archive._check_memory(Info)
