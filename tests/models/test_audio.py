"""Models of sounds: from waveforms, with either front end and body."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import kerasgen as kg
from kerasgen.core import set_seed

X, Y = kg.data.synthetic.sounds(60, samples=1600, rate=8000)


@pytest.mark.slow
@pytest.mark.parametrize(
    "front, body",
    [
        ("pcen", "cnn"),
        ("log_mel", "transformer"),
    ],
)
def test_waveforms_go_in(front, body, tmp_path):
    set_seed(0)
    model = kg.audio_classifier(
        X.shape[1:],
        3,
        size="tiny",
        body=body,
        front=front,
        sample_rate=8000,
        mels=16,
        dropout=0.0,
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss)
    losses = model.fit(X, Y, batch_size=60, epochs=15, verbose=0).history[
        "loss"
    ]
    assert losses[-1] < 0.85 * losses[0]
    whole = model.predict(X[:5], verbose=0)
    assert np.allclose(model(X[:1]), whole[:1], atol=1e-4)
    model.save(tmp_path / "model.keras")
    back = keras.models.load_model(tmp_path / "model.keras")
    assert np.array_equal(back(X[:5]), model(X[:5]))
    model.export(tmp_path / "served", verbose=False)
    served = tf.saved_model.load(tmp_path / "served")
    assert np.allclose(served.serve(X[:5]), model(X[:5]), atol=1e-4)


def test_front_ends_are_those_that_prepare():
    x = np.random.default_rng(0).normal(0, 0.1, (3, 2000)).astype("float32")
    for name in ("log_mel", "pcen"):
        spec = {"name": name, "sample_rate": 8000, "mels": 20}
        inside, outside = kg.create("layer", spec), kg.create("prepare", spec)
        assert np.allclose(inside(x), outside(x), atol=1e-4)
        short = x[:, :150]
        assert np.allclose(inside(short), outside(short), atol=1e-4)


def test_patches_are_cut_row_by_row():
    x = np.arange(64, dtype="float32").reshape(1, 8, 8, 1)
    layer = kg.layers.PatchEmbedding(16, 4)
    layer.build(x.shape)
    kernel = np.eye(16, dtype="float32").reshape(4, 4, 1, 16)
    layer.cut.set_weights([kernel, np.zeros(16, "float32")])
    layer.places.assign(np.zeros(layer.places.shape))
    found = np.asarray(layer(x))
    assert np.array_equal(found[0, 1], x[0, :4, 4:, 0].ravel())
    assert np.array_equal(layer(x[..., 0]), found)


@pytest.mark.slow
def test_a_recipe_serves_raw_sounds(tmp_path):
    data = kg.data.load(
        (X, Y), kind="audio", sample_rate=8000, prepare=[], name="tones"
    )
    recipe = kg.Recipe(
        data=data,
        model={"name": "audio_classifier", "size": "tiny"},
        epochs=1,
        probes=("clean",),
    )
    found = kg.run(recipe, tmp_path, smoke=True, verbose=0)
    assert found.model.get_layer("log_mel").sample_rate == 8000
    assert found.model.input_shape == (None, 1600)
    assert found.served.exists()


def test_too_few_frames_are_refused():
    with pytest.raises(ValueError, match="at least 4 frames"):
        kg.audio_classifier((600,), 3)
