"""What every test starts from."""

import logging

import keras
import pytest

import kerasgen  # noqa: F401 — quietly, and it registers the parts


@pytest.fixture(autouse=True)
def fresh():
    """No handlers, levels, layers or policies are left from another test."""
    yield
    log = logging.getLogger("kerasgen")
    log.handlers.clear()
    log.propagate = True
    log.setLevel(logging.NOTSET)
    keras.config.set_dtype_policy("float32")
