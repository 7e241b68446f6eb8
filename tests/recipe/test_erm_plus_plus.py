"""erm_plus_plus: how long is found on `stop`, and then all is used."""

import numpy as np
import pytest

import kerasgen as kg
from kerasgen.recipe import build, erm_plus_plus, train


@pytest.mark.slow
def test_it_finds_how_long_and_takes_all_data():
    recipe = kg.Recipe(data="wine", epochs=2, model="tabular_classifier")
    data = kg.data.load("wine")
    found = erm_plus_plus(recipe, longer=3)
    assert 1 <= found.epochs <= 6
    train_ids = {int(i) for i in found.data.splits["train"].ids}
    for name in ("train", "stop"):
        assert train_ids >= {int(i) for i in data.splits[name].ids}
    assert not train_ids & {int(i) for i in data.splits["test"].ids}
    x = np.asarray(found.data.raw("train")["alcohol"])
    assert len(x) == len(train_ids)
    assert found.training == {
        "average": 0.999,
        "patience": None,
        "warm_up": None,
    }
    assert found.method["name"] == "erm"
    rows = train(found, found.data, build(found, found.data))
    assert len(rows) == found.epochs


def test_data_without_stop_are_refused():
    data = kg.data.load("wine")
    splits = {k: v for k, v in data.splits.items() if k != "stop"}
    data = kg.Data(data.name, data.task, data.schema, splits, data.prepare, 0)
    with pytest.raises(ValueError, match="split `stop`"):
        erm_plus_plus(kg.Recipe(data=data))
