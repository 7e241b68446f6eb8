"""constrain: the same answers, and kernels that stay within their limits."""

import keras
import numpy as np
import pytest

import kerasgen as kg
from kerasgen.layers import OrthogonalPenalty
from kerasgen.models import constrain

X, Y = kg.data.synthetic.images(40, shape=(8, 8, 1), classes=3)
X = X.astype("float32") / 255


def network():
    return kg.image_classifier((8, 8, 1), 3, size="tiny")


def kernels(model):
    return {
        layer.name: layer.layer.kernel
        if isinstance(layer, keras.layers.SpectralNormalization)
        else layer.kernel
        for layer in model.layers
        if hasattr(layer, "kernel") or hasattr(layer, "layer")
    }


def trained(model, epochs=4):
    method = kg.methods.ERM(model, kg.Classification(3))
    method.compile({"name": "sgd", "learning_rate": 0.5})
    method.fit(X, Y, batch_size=8, epochs=epochs, verbose=0)
    return model


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param(
            {"constraint": keras.constraints.MaxNorm(0.5)},
            id="constraint",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {"regularizer": "l2"}, id="regularizer", marks=pytest.mark.slow
        ),
        pytest.param({"spectral": True}, id="spectral"),
    ],
)
def test_it_answers_alike_trains_and_is_saved(limits, tmp_path):
    model = network()
    bound = constrain(model, **limits)
    expected = model.predict(X, verbose=0)
    assert np.array_equal(bound.predict(X, verbose=0), expected)
    trained(bound)
    assert np.array_equal(model.predict(X, verbose=0), expected)
    bound.save(tmp_path / "bound.keras")
    back = keras.models.load_model(tmp_path / "bound.keras")
    assert np.array_equal(
        back.predict(X, verbose=0), bound.predict(X, verbose=0)
    )


def test_norms_stay_below_their_limit():
    bound = trained(
        constrain(
            network(), constraint=keras.constraints.MaxNorm(0.5, (0, 1, 2))
        )
    )
    free = trained(network())
    found = {}
    for name, kernel in kernels(bound).items():
        axes = tuple(range(len(kernel.shape) - 1))
        found[name] = np.sqrt((np.square(kernel.numpy())).sum(axes)).max()
    head = found.pop("head")
    assert found and max(found.values()) <= 0.5 + 1e-5
    assert head > 0.5
    other = kernels(free)[next(iter(found))].numpy()
    assert np.sqrt(np.square(other).sum((0, 1, 2))).max() > 0.5


def test_the_largest_singular_value_is_one():
    bound = trained(constrain(network(), spectral=True))
    for _ in range(30):
        bound(X[:8], training=True)
    for name, kernel in kernels(bound).items():
        flat = kernel.numpy().reshape(-1, kernel.shape[-1])
        top = np.linalg.svd(flat, compute_uv=False)[0]
        assert name == "head" or abs(top - 1.0) < 0.01, (name, top)


def test_a_penalty_counts_each_kernel():
    penalty = OrthogonalPenalty(0.1)
    model = network()
    bound = constrain(model, regularizer=penalty, keep=())
    expected = sum(float(penalty(each)) for each in kernels(model).values())
    assert float(sum(bound.losses)) == pytest.approx(expected, rel=1e-5)


def test_models_in_a_model_are_limited_too():
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    inputs = keras.Input((4,))
    model = keras.Model(
        inputs, keras.layers.Dense(2, name="head")(inner(inputs))
    )
    bound = constrain(model, regularizer="l2")
    x = np.ones((2, 4), "float32")
    assert np.array_equal(
        bound.predict(x, verbose=0), model.predict(x, verbose=0)
    )
    assert len(bound.losses) == 1


def test_a_compiled_model_is_copied_without_its_optimizer():
    model = network()
    model.compile("adam", "mse")
    bound = constrain(model, regularizer="l2")
    assert not bound.compiled and model.compiled


def test_what_cannot_be_limited_is_refused():
    model = network()
    with pytest.raises(ValueError, match="is needed"):
        constrain(model)
    with pytest.raises(TypeError, match="model"):
        constrain("model", spectral=True)
    with pytest.raises(TypeError, match="keep"):
        constrain(model, spectral=True, keep="head")
    bare = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(2, name="head")]
    )
    with pytest.raises(ValueError, match="must show dense"):
        constrain(bare, spectral=True)

    class Own(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(ValueError, match="functional or sequential"):
        constrain(Own(), regularizer="l2")
