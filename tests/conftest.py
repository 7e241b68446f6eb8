"""What every test starts from."""

import gc
import logging
import os
import subprocess
import sys
from unittest import mock

# Compiled moves run on a few small images: to optimise them takes longer.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

import keras  # noqa: E402
import pytest  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras.src.trainers.data_adapters.array_data_adapter import (  # noqa: E402
    ArrayDataAdapter,
)

import kerasgen  # noqa: E402, F401 — quietly, and it registers the parts
from kerasgen.core import untuned  # noqa: E402

# Small graphs run for a moment: to optimise them first takes a sixth of the
# tests' time.
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})

# The thread that tunes `tf.data` sleeps longer and longer, and the end of each
# `fit` of an array may wait until it wakes.
_as_batches = ArrayDataAdapter.get_tf_dataset


ArrayDataAdapter.get_tf_dataset = lambda self: untuned(_as_batches(self))

# What is imported by now stays: to look through it again and again for what
# could be freed takes a quarter of the tests' time.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 10)


@pytest.fixture(autouse=True)
def fresh():
    """No handlers, levels, layers or policies are left from another test."""
    yield
    log = logging.getLogger("kerasgen")
    log.handlers.clear()
    log.propagate = True
    log.setLevel(logging.NOTSET)
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="session")
def checked_here():
    """A context in which an export is checked in this process.

    A process of its own takes seconds to import TensorFlow.
    """
    fake = mock.Mock(subprocess, run=_run_here)
    verify = sys.modules["kerasgen.serve.verify"]
    return lambda: mock.patch.object(verify, "subprocess", fake)


@pytest.fixture(autouse=True)
def here(request, checked_here):
    """Exports are checked in this process, but in the tests of exports."""
    if request.path.name == "test_export.py":
        yield
        return
    with checked_here():
        yield


def _run_here(command, **kwargs):
    *_, script, folder, inputs, outputs = command
    with mock.patch.object(sys, "argv", ["-c", folder, inputs, outputs]):
        exec(script, {"__name__": "__main__"})
    return subprocess.CompletedProcess(command, 0)
