"""A recipe's criterion, and probabilities out of fold."""

import numpy as np
import pytest

import kerasgen as kg
from kerasgen.data import label_noise
from kerasgen.data.confident import find_mislabelled
from kerasgen.recipe import build, load_data, out_of_fold


def recipe(criterion, **values):
    return kg.Recipe(data="wine", task={"criterion": criterion}, **values)


def test_a_criterion_is_named_described_and_searched():
    one = recipe("generalized_cross_entropy")
    assert one.task == {"criterion": {"name": "generalized_cross_entropy"}}
    two = one.replace({"task.criterion.q": 0.4})
    assert kg.Recipe.from_dict(two.to_dict()) == two
    assert two.space()["task.criterion.q"].search == (0.3, 0.9)
    task = load_data(two).task
    assert task.loss().q == 0.4
    assert type(task).from_config(task.get_config()) == task
    for wrong in ("no_such", {"name": "focal", "gamma": -1.0}):
        with pytest.raises(ValueError):
            recipe(wrong)
    with pytest.raises(TypeError, match="criterion"):
        kg.Classification(2, criterion=3)
    with pytest.raises(ValueError, match="label_smoothing"):
        kg.Classification(2, criterion="focal", label_smoothing=0.1)


def test_counts_come_from_the_train_split():
    made = recipe("ldam")
    data = load_data(made)
    method = build(made, data)
    counts = np.bincount(data.splits["train"].y).tolist()
    assert method.task.criterion["counts"] == counts
    assert method._task_loss.counts == counts
    fixed = recipe({"name": "ldam", "counts": [1, 2, 3]})
    assert load_data(fixed).task.fitted([0, 1]).loss().counts == [1, 2, 3]
    soft = kg.Classification(2, criterion="ldam").fitted(np.eye(2))
    assert soft.criterion["counts"] == [1.0, 1.0]
    plain = kg.Classification(2, criterion="focal")
    assert plain.fitted([0, 1]) is plain
    assert kg.Regression().fitted([0.0]) == kg.Regression()


@pytest.mark.slow
def test_out_of_fold_finds_wrong_labels():
    clean = kg.data.load("wine")
    data = label_noise(clean, rate=0.2, seed=1)
    made = kg.Recipe(data=data, epochs=20, training={"patience": None})
    y = data.splits["train"].y
    p = out_of_fold(made, folds=2)
    assert p.shape == (len(y), 3) and np.allclose(p.sum(1), 1.0)
    wrong = np.flatnonzero(y != clean.splits["train"].y)
    named = find_mislabelled(y, p)
    assert np.isin(named, wrong).mean() > 0.7
    assert np.isin(wrong, named).mean() > 0.7
    with pytest.raises(ValueError, match="classes"):
        out_of_fold(kg.Recipe(data="diabetes"))
