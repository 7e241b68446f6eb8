"""tabular factories: bodies, embedded numbers, and numbered categories."""

import keras
import numpy as np
import pytest

import kerasgen as kg
from kerasgen.core import set_seed, split
from kerasgen.models import tabular_classifier, tabular_regressor
from kerasgen.models.tabular import BODIES

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(24, 5)).astype("float32")
X[:, 3] = np.arange(24) % 4


@pytest.mark.parametrize("numbers", ["plain", "periodic"])
@pytest.mark.parametrize("body", BODIES)
def test_every_body_sees_every_column(body, numbers, tmp_path):
    set_seed(0)
    model = tabular_classifier(
        (5,), 3, size="tiny", body=body, numbers=numbers, categories=((3, 4),)
    )
    logits = np.array(model(X))
    for place in range(5):
        other = X.copy()
        other[:, place] = np.roll(other[:, place], 1)
        assert np.abs(model(other) - logits).max() > 1e-6, place
    features, head = split(model)
    assert np.abs(head(features(X)) - logits).max() < 1e-6
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    assert np.array_equal(again(X), logits)


@pytest.mark.parametrize(
    "body",
    [
        "wide_deep",
        pytest.param("resnet", marks=pytest.mark.slow),
        pytest.param("ft_transformer", marks=pytest.mark.slow),
    ],
)
def test_every_body_learns_by_heart(body):
    set_seed(0)
    model = tabular_classifier(
        (5,), 3, size="tiny", body=body, dropout=0.0, categories=((3, 4),)
    )
    y = np.arange(24) % 3
    before = [np.array(v) for v in model.trainable_variables]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.03), loss)
    losses = model.fit(X, y, 24, epochs=60, verbose=0).history["loss"]
    assert losses[-1] < 0.2 * losses[0]
    for old, new in zip(before, model.trainable_variables, strict=True):
        assert not np.array_equal(old, new), new.path


def test_a_linear_part_is_in_wide_and_deep():
    model = tabular_regressor(
        (5,), size="tiny", body="wide_deep", categories=((3, 4),)
    )
    head = model.get_layer("head")
    kernel = np.array(head.kernel)
    kernel[:16] = 0.0
    head.kernel.assign(kernel)
    wide = np.concatenate(
        [X[:, [0, 1, 2, 4]], np.eye(4)[X[:, 3].astype(int)]], 1
    )
    np.testing.assert_allclose(model(X), wide @ kernel[16:], atol=1e-5)


def test_an_unknown_category_is_nobodys_vector():
    model = tabular_classifier((2,), 2, size="tiny", categories=((1, 3),))
    table = model.get_layer("category1")
    assert not np.any(table(np.array([[1.0, 0.0]], "float32")))


def test_wrong_categories_are_refused():
    for wrong in (((5, 3),), ((0, 1),), ((0, 3), (0, 3))):
        with pytest.raises(ValueError, match="pairs of a column"):
            tabular_classifier((5,), 2, categories=wrong)
    with pytest.raises(ValueError, match="units"):
        tabular_regressor((5,), units=0)


def test_a_recipe_tells_the_factory_of_categories():
    x = {
        "size": RANDOM.normal(size=80),
        "kind": np.array(list("abcd") * 20, dtype=object),
    }
    y = (x["size"] > 0).astype(int)
    plan = {"kind": ["category_index"]}
    data = kg.data.load((x, y), prepare=plan)
    assert data.indexed == {1: 5}
    from kerasgen.recipe import Recipe
    from kerasgen.recipe.build import build

    method = build(Recipe(data=data), data)
    assert method.model.get_layer("category1").rows == 4
