"""Extractors from everywhere, what they see, and which weights move when."""

import keras
import numpy as np
import pytest

import kerasgen as kg
from kerasgen.core import set_seed
from kerasgen.methods import ERM, transfer
from kerasgen.models.extractor import applications, fit_images


def images(n=16, size=8, seed=0):
    random = np.random.default_rng(seed)
    y = np.arange(n) % 2
    x = random.normal(y[:, None, None, None], 1.0, (n, size, size, 1))
    return x.astype("float32"), y


def learnt():
    set_seed(0)
    return kg.image_classifier((8, 8, 1), 3, size="tiny")


class Look(keras.callbacks.Callback):
    """Remembers all weights before and after a stage."""

    def __init__(self, seen):
        super().__init__()
        self.seen = seen

    def _all(self):
        variables = self.model.model.variables
        return {v.path: v.numpy() for v in variables if "seed" not in v.path}

    def on_train_begin(self, logs=None):
        self.seen.append(self._all())

    def on_train_end(self, logs=None):
        self.seen.append(self._all())


def moved(pair):
    return {
        path
        for path in pair[0]
        if not np.array_equal(pair[0][path], pair[1][path])
    }


def norm(path):
    return "norm" in path


def test_stages_thaw_from_the_top_and_statistics_stay():
    model = kg.transfer_classifier((8, 8, 1), 2, extractor=learnt())
    assert {v.path for v in model.trainable_variables} == {
        "head/kernel",
        "head/bias",
    }
    method, seen = ERM(model, kg.Classification(2)), {}
    x, y = images()
    transfer(
        method,
        x,
        y,
        frozen=1,
        epochs=1,
        rate=0.01,
        shares=(0.4, 1.0),
        groups=2,
        thaw=True,
        callbacks=lambda stage: [Look(seen.setdefault(stage, []))],
        verbose=0,
    )
    head, top, whole = (moved(seen[s]) for s in ("head", "top 0.4", "whole"))
    assert head == {"head/kernel", "head/bias"}
    assert head < top < whole and not any(map(norm, whole))
    every = {v.path for v in model.variables if "seed" not in v.path}
    assert whole == {path for path in every if not norm(path)}
    assert not any(path.startswith("stem") for path in top)
    assert all(layer.trainable for layer in model.layers)


def test_statistics_adapt_where_asked():
    model = kg.transfer_classifier((8, 8, 1), 2, extractor=learnt())
    seen = []
    transfer(
        ERM(model, kg.Classification(2)),
        *images(),
        frozen=0,
        epochs=1,
        groups=2,
        thaw=True,
        statistics="adapt",
        callbacks=lambda stage: [Look(seen)] if stage == "whole" else [],
        verbose=0,
    )
    statistics = {v.path for v in model.variables if "moving" in v.path}
    assert {"stem/kernel", "head/bias", *statistics} <= moved(seen)


@pytest.mark.slow
def test_what_is_not_thawed_stays():
    model = kg.transfer_classifier((8, 8, 1), 2, extractor=learnt())
    seen = []
    transfer(
        ERM(model, kg.Classification(2)),
        *images(),
        frozen=0,
        epochs=1,
        statistics="adapt",
        callbacks=lambda stage: [Look(seen)] if stage == "whole" else [],
        verbose=0,
    )
    assert moved(seen) == {"head/kernel", "head/bias"}


def test_a_frozen_extractor_runs_in_inference_mode_after_loading(tmp_path):
    old = learnt()
    model = kg.transfer_classifier((8, 8, 1), 2, extractor=old, dropout=0.0)
    # The given model is another: freezing doesn't reach it.
    assert old.trainable_variables
    model.save(tmp_path / "model.keras")
    back = keras.models.load_model(tmp_path / "model.keras")
    x, _ = images()
    for each in (model, back):
        assert len(each.trainable_variables) == 2
        assert np.allclose(each(x, training=True), model(x), atol=1e-6)


def test_files_and_layers_are_extractors(tmp_path):
    old = learnt()
    old.save(tmp_path / "old.keras")
    x, _ = images()
    features = keras.Model(old.input, old.get_layer("head").input)
    for source in (old, tmp_path / "old.keras", str(tmp_path / "old.keras")):
        model = kg.transfer_classifier((8, 8, 1), 2, extractor=source)
        found = model.get_layer("extractor")(x)
        assert np.allclose(found, features(x), atol=1e-6)
    model = kg.transfer_classifier(
        (6, 8, 1), 2, extractor=old, layer="stage1_block0_add"
    )
    assert model.get_layer("pool").output.shape == (None, 16)
    assert model.get_layer("resize").output.shape == (None, 8, 8, 1)


def test_an_application_by_name_sees_the_pixels_that_it_wants():
    model = kg.transfer_classifier(
        (20, 24, 1), 3, extractor="mobilenetv2", low=0.0, high=1.0
    )
    assert model.get_layer("extractor").input_shape == (None, 32, 32, 3)
    # What has learnt nothing isn't frozen.
    assert len(model.trainable_variables) > 100


@pytest.mark.parametrize(
    "mode, module",
    [
        ("signed", keras.applications.mobilenet_v2),
        ("torch", keras.applications.densenet),
        ("caffe", keras.applications.vgg16),
        ("pixels", keras.applications.efficientnet),
    ],
)
def test_pixels_are_those_of_preprocess_input(mode, module):
    x = keras.Input((4, 4, 3))
    model = keras.Model(x, fit_images(x, keras.Model(x, x), mode, -1.0, 1.0))
    pixels = np.random.default_rng(0).uniform(0, 255, (2, 4, 4, 3))
    wanted = module.preprocess_input(pixels.astype("float32").copy())
    assert np.allclose(model(pixels / 127.5 - 1.0), wanted, atol=1e-3)


def test_every_application_tells_how_it_wants_its_pixels():
    from kerasgen.models.extractor import _MODES

    found = {
        part.__module__.rpartition(".")[2] for part in (applications().values())
    }
    assert found == set(_MODES)


def test_wrong_extractors_are_refused():
    make = kg.transfer_classifier
    for given, words in (
        ({"extractor": "MobileNetV7"}, "Did you mean"),
        ({"extractor": "gone.keras"}, "must exist"),
        ({"extractor": learnt(), "layer": "steam"}, "'stem'"),
        ({"extractor": learnt(), "low": 1.0}, "`low`"),
    ):
        with pytest.raises(ValueError, match=words):
            make((8, 8, 1), 2, **given)
    with pytest.raises(ValueError, match="channels"):
        make((8, 8, 3), 2, extractor=learnt())
    with pytest.raises(ImportError, match=r"kerasgen-toolkit\[hub\]"):
        make((8, 8, 3), 2, extractor="hub:resnet_18_imagenet")
