"""recommender: cold ids, what a history tells, and rankings."""

import keras
import numpy as np
import pytest

import kerasgen as kg
from kerasgen.core import set_seed, split
from kerasgen.layers.recommend import Drift, History
from kerasgen.recipe import Recipe
from kerasgen.recipe.build import build, complete, train

BODIES = ("mf", "neumf", "two_tower")


@pytest.fixture(scope="module")
def rated():
    x, y = kg.data.synthetic.ratings(500, 20, 30)
    _, once = np.unique(
        np.char.add(x["user"].astype(str), x["item"].astype(str)),
        return_index=True,
    )
    x = {name: values[once] for name, values in x.items()}
    x["time"] = np.arange(len(once), dtype="float32")
    return x, y[once]


def test_ratings_come_as_numbers_of_users_and_items(rated):
    data = kg.data.load(rated, kind="ratings")
    assert data.shape == (3,) and set(data.indexed) == {1, 2}
    assert isinstance(data.task, kg.Rating) and data.task.high == 5.0
    assert data.task.mean == pytest.approx(data.splits["train"].y.mean())
    recipe = complete(Recipe(data=data), data)
    assert recipe.model == {"name": "recommender"}
    named = kg.data.load(rated, kind="ratings", task="recommendation")
    assert named.schema.target == "item" and set(named.indexed) == {1}
    assert complete(Recipe(data=named), named).model["form"] == "ranking"
    with pytest.raises(ValueError, match="columns `user` and `item`"):
        kg.data.load(({"user": [1]}, [2.0]), kind="ratings")
    with pytest.raises(ValueError, match="'recommendation'"):
        kg.data.load(rated, kind="ratings", task="recommendations")


@pytest.mark.parametrize("body", BODIES)
def test_a_cold_user_gets_what_the_rest_says(body):
    set_seed(0)
    model = kg.recommender(4, 3, shape=(3,), size="tiny", body=body)
    for layer in model.layers:
        for variable in layer.trainable_variables:
            variable.assign(keras.random.normal(variable.shape, seed=1))
    known, cold, beyond = (
        float(model(np.array([[0.5, user, 2]], "float32"))[0, 0])
        for user in (1, 0, 9)
    )
    assert cold == beyond != known


def test_each_tower_sees_its_own_columns():
    set_seed(0)
    model = kg.recommender(
        3, 3, shape=(4,), size="tiny", body="two_tower", item_columns=(1,)
    )
    x = np.array([[0.3, 0.2, 1, 2]], "float32")
    for name, places in (("user", (0, 2)), ("item", (1, 3))):
        vector = model.get_layer(f"{name}_vector").output
        tower = keras.Model(model.input, vector)
        for place in range(4):
            other = x.copy()
            other[0, place] += 1.0
            moved = np.abs(tower(other) - tower(x)).max() > 1e-7
            assert moved == (place in places), (name, place)


def test_history_is_the_sum_that_it_says():
    given = np.full((4, 6), np.nan)
    given[1, [2, 3, 5]] = 0.5, -1.0, 2.0
    layer = History(0, 3, 5, 4, item=1, table=given)
    found = np.array(layer(np.array([[1, 3], [1, 4], [2, 2]], "float32")))
    y, x = np.split(np.array(layer.vectors), 2)
    own = sum(y[j] + given[1, j] * x[j] for j in (2, 5)) / np.sqrt(3.0)
    every = sum(y[j] + given[1, j] * x[j] for j in (2, 3, 5)) / 2.0
    np.testing.assert_allclose(found[0], own, rtol=1e-4)
    np.testing.assert_allclose(found[1], every, rtol=1e-4)
    assert not found[2].any()


def test_drift_is_linear_between_knots():
    layer = Drift(0, 1, 5, 1)
    layer.build((None, 2))
    layer.table.assign([[9.0] * 5, [0.0, 1.0, 4.0, 9.0, 16.0]])
    x = np.array([[1, -2], [1, 0.5], [1, 7], [0, 0]], "float32")
    assert np.array(layer(x)).ravel().tolist() == [0.0, 6.5, 16.0, 0.0]


def test_items_that_a_user_had_come_last(tmp_path):
    seen = np.full((3, 6), np.nan)
    seen[1, [1, 4]] = 1.0
    model = kg.recommender(2, 5, form="ranking", size="tiny", history=seen)
    x = np.array([[1], [2]], "float32")
    scores = np.array(model(x))
    last = np.sort(np.argsort(-scores[0])[-2:])
    assert last.tolist() == [0, 3] and np.abs(scores[1]).max() < 50
    features, head = split(model)
    np.testing.assert_allclose(head(features(x)), scores, atol=1e-6)
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    assert np.array_equal(again(x), scores)


def test_what_it_cannot_be_is_refused():
    for call, words in (
        (lambda: kg.recommender(0, 3), "users"),
        (lambda: kg.recommender(3, 3, shape=(1,)), "numbers of user"),
        (lambda: kg.recommender(3, 3, item_columns=(0,)), "item_columns"),
        (
            lambda: kg.recommender(3, 3, form="ranking", body="neumf"),
            "neumf",
        ),
        (lambda: kg.recommender("3", 3), "type int"),
    ):
        with pytest.raises((ValueError, TypeError), match=words):
            call()
    with pytest.raises(ValueError, match='kind="ratings"'):
        data = kg.data.load("diabetes")
        build(Recipe(data=data, model="recommender"), data)


@pytest.mark.slow
@pytest.mark.parametrize("body", BODIES)
def test_it_beats_the_biases(body):
    x, y = kg.data.synthetic.ratings(3000, 50, 40)
    data = kg.data.load((x, y), kind="ratings")
    recipe = Recipe(
        data=data,
        model={"name": "recommender", "body": body},
        optimizer={"name": "adamw", "learning_rate": 5e-3},
        epochs=40,
    )
    method = build(recipe, data)
    train(recipe, data, method)
    report = kg.evaluate(method.model, data, ["clean"])
    # Biases alone explain next to nothing of tastes of rank two.
    assert report.value("clean/rmse") < 0.75 * data.splits["test"].y.std()
