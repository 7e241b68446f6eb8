"""What every test starts from."""

import logging
import subprocess
import sys
from unittest import mock

import keras
import pytest
import tensorflow as tf

import kerasgen  # noqa: F401 — quietly, and it registers the parts

# Small graphs run for a moment: to optimise them first takes a sixth of the
# tests' time.
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


@pytest.fixture(autouse=True)
def fresh():
    """No handlers, levels, layers or policies are left from another test."""
    yield
    log = logging.getLogger("kerasgen")
    log.handlers.clear()
    log.propagate = True
    log.setLevel(logging.NOTSET)
    keras.config.set_dtype_policy("float32")


@pytest.fixture(autouse=True)
def here(request, monkeypatch):
    """An export is checked in this process, but for the tests of exports.

    A process of its own takes seconds to import TensorFlow.
    """
    if request.path.name == "test_export.py":
        return
    fake = mock.Mock(subprocess, run=_run_here)
    monkeypatch.setattr(
        sys.modules["kerasgen.serve.verify"], "subprocess", fake
    )


def _run_here(command, **kwargs):
    *_, script, folder, inputs, outputs = command
    with mock.patch.object(sys, "argv", ["-c", folder, inputs, outputs]):
        exec(script, {"__name__": "__main__"})
    return subprocess.CompletedProcess(command, 0)
