"""export of what adapts: statistics in the graph, weights as they are by now."""

import json

import numpy as np
import pytest
import tensorflow as tf

import kerasgen as kg
from kerasgen.online import TENT, BatchStatistics


@pytest.fixture(scope="module")
def digits():
    data = kg.data.load("digits")
    kg.core.set_seed(0)
    return data, kg.image_classifier(data.shape, 10, size="tiny")


def test_statistics_are_found_again_at_serving(tmp_path, digits):
    data, model = digits
    spec = {"name": "batch_statistics", "alpha": 0.9, "prior": 4.0}
    path = kg.export(model, data, tmp_path, adapt=spec)
    served = tf.saved_model.load(str(path)).signatures["tensors"]
    x = 3.0 * data.tensors("test", limit=40)[0] + 1.0
    want = BatchStatistics(model, alpha=0.9, prior=4.0)(x)
    found = served(x=tf.constant(x))["logits"]
    assert np.allclose(found, want, atol=1e-4)
    assert not np.allclose(found, model(x), atol=1e-2)
    card = json.loads((path / "card.json").read_text("utf-8"))
    assert card["adapts"] == spec


def test_adapted_weights_are_served(tmp_path, digits):
    data, model = digits
    live = TENT(model, learning_rate=0.05)
    x = 3.0 * data.tensors("test", limit=40)[0] + 1.0
    live.predict(x, batch_size=20, verbose=0)
    path = kg.export(live, data, tmp_path)
    served = tf.saved_model.load(str(path)).signatures["tensors"]
    found = served(x=tf.constant(x))["logits"]
    assert np.allclose(found, live(x), atol=1e-4)
    gap = np.abs(found - np.asarray(BatchStatistics(model)(x))).max()
    assert gap > 1e-3


def test_what_has_learnt_nothing_is_refused(tmp_path, digits):
    data, model = digits
    with pytest.raises(ValueError, match="export the adapter itself"):
        kg.export(model, data, tmp_path, adapt="tent")
