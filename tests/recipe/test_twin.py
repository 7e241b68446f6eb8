"""twin: what the target gave, and the way back where it hurts."""

import json
import shutil

import numpy as np
import pytest
import scipy.stats

import kerasgen as kg
from kerasgen.cli import main
from kerasgen.recipe import beside_source

TINY = {"name": "tabular_classifier", "size": "tiny"}


def clouds(n, seed, turn=0.0, move=0.0):
    """Three clouds of points; a domain is turned and moved."""
    draw = np.random.default_rng(seed)
    y = np.arange(n) % 3
    centres = np.array([[0.0, 2.0], [1.8, -1.0], [-1.8, -1.0]])
    x = centres[y] + draw.normal(0, 0.45, (n, 2))
    around = np.array(
        [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    )
    return (x @ around.T + [move, 0.0]).astype("float32"), y


@pytest.fixture(scope="module")
def shifted():
    one, two = clouds(300, 0), clouds(300, 1, 0.7, 0.5)
    return kg.data.Data.domains(
        source=kg.data.load(one), target=kg.data.load(two)
    )


def recipe(data, method, **values):
    known = {"name": "twin", "model": TINY, "epochs": 12, "twin": 2}
    known["optimizer"] = {"name": "adamw", "learning_rate": 0.01}
    known["probes"] = ("clean",)
    return kg.Recipe(data=data, method=method, **{**known, **values})


HELPS = {"name": "information_maximization", "weight": 0.3, "ramp": 1}
HURTS = {"name": "information_maximization", "weight": 100.0, "ramp": 1}


@pytest.fixture(scope="module")
def helped(shifted, tmp_path_factory):
    folder = tmp_path_factory.mktemp("helped") / "run"
    return kg.run(recipe(shifted, HELPS), folder, verbose=0)


def test_the_gain_is_told(helped, shifted):
    told = helped.report.context["twin"]
    assert not told["fallback"] and told["seeds"] == 2
    gain = helped.report.row("twin/gain", set="target")
    accuracy = [
        helped.report.value("twin/accuracy", set="target", method=name)
        for name in ("information_maximization", "erm")
    ]
    assert gain.value == pytest.approx(accuracy[0] - accuracy[1])
    assert gain.value > 0.03 and gain.n == 2
    # The interval is Student's, of the gains of each seed.
    each = []
    for name in ("information_maximization", "erm"):
        places = sorted((helped.folder / "twin").glob(f"{name}-*/values.json"))
        each.append([json.loads(p.read_text())["target"] for p in places])
    values = np.subtract(*each)
    low, high = scipy.stats.t.interval(
        0.95, 1, values.mean(), scipy.stats.sem(values)
    )
    assert (gain.low, gain.high) == (pytest.approx(low), pytest.approx(high))
    assert told["words"][0].startswith("target: gain over source-only: +0.")
    assert told["words"][0].endswith("over 2 seeds")
    page = (helped.folder / "report.html").read_text("utf-8")
    assert told["words"][0] in page


def test_it_falls_back_where_the_target_hurts(shifted, tmp_path, capsys):
    found = kg.run(recipe(shifted, HURTS, twin=1), tmp_path / "run", verbose=2)
    told = found.report.context["twin"]
    assert told["fallback"]
    assert told["scores"]["erm"] > told["scores"][HURTS["name"]]
    assert {row["veto"] for row in told["table"]} == {None, "lost the source"}
    assert found.report.value("twin/gain", set="target") < -0.3
    alone = kg.run(
        recipe(shifted, "erm", twin=0), tmp_path / "alone", verbose=0
    )
    for one, two in zip(
        found.model.get_weights(), alone.model.get_weights(), strict=True
    ):
        assert np.array_equal(one, two)
    assert found.report.value("clean/accuracy") == alone.report.value(
        "clean/accuracy"
    )
    assert (
        "information_maximization hurts on the target"
        in capsys.readouterr().out
    )


def test_the_targets_labels_decide_nothing(helped, shifted, tmp_path):
    bare = {k: v for k, v in shifted.splits.items() if k != "target"}
    data = kg.data.Data(
        shifted.name, shifted.task, shifted.schema, bare, shifted.prepare
    )
    # What was trained is the same: it is judged anew.
    shutil.copytree(helped.folder, tmp_path / "run")
    for path in (tmp_path / "run").glob("twin/*/values.json"):
        path.unlink()
    rows, told = beside_source(recipe(data, HELPS), data, tmp_path / "run")
    before = helped.report.context["twin"]
    assert told["table"] == before["table"]
    assert told["fallback"] == before["fallback"]
    assert {row.slice["set"] for row in rows} == {"test"}


def test_what_was_trained_is_not_trained_again(
    helped, shifted, tmp_path, monkeypatch
):
    shutil.copytree(helped.folder, tmp_path / "run")
    for name in ("report.json", "twin/erm-1/values.json"):
        (tmp_path / "run" / name).unlink()
    # As if killed behind the training of all, and a fallback.
    source = tmp_path / "run" / "twin" / "erm-0" / "model.keras"
    shutil.copyfile(source, tmp_path / "run" / "model.keras")
    monkeypatch.setattr("kerasgen.recipe.twin.train", None)
    again = kg.run(recipe(shifted, HELPS), tmp_path / "run", verbose=0)
    assert again.report.context["twin"] == helped.report.context["twin"]
    for one, two in zip(
        again.model.get_weights(), helped.model.get_weights(), strict=True
    ):
        assert np.array_equal(one, two)


def test_a_twin_is_a_field_of_the_recipe(tmp_path, capsys):
    made = kg.Recipe(data="wine", method="coral", twin=3)
    assert kg.Recipe.from_dict(made.to_dict()) == made
    assert made.replace({"twin": 1}).twin == 1
    with pytest.raises(ValueError, match="must be 0 for it"):
        kg.Recipe(twin=2)
    with pytest.raises(ValueError, match=r"Data\.domains"):
        kg.run(made, tmp_path / "run", verbose=0)
    assert not (tmp_path / "run").exists()
    made.save(tmp_path / "recipe.json")
    words = ["run", str(tmp_path / "recipe.json"), "--set", "twin=-1"]
    assert main([*words, "--quiet"]) == 2
    assert "twin" in capsys.readouterr().err


def test_values_have_no_twin(tmp_path):
    draw = np.random.default_rng(0).normal
    x, y = draw(size=(90, 3)).astype("float32"), draw(size=90)
    data = kg.data.Data.domains(
        source=kg.data.load((x, y), task="regression"), target=x[:50]
    )
    made = kg.Recipe(data=data, method="coral", twin=1)
    with pytest.raises(ValueError, match="for classes alone"):
        kg.run(made, tmp_path / "run", verbose=0)


def test_one_seed_tells_no_interval(helped, shifted, tmp_path):
    made = recipe(shifted, HELPS, twin=1)
    shutil.copytree(helped.folder, tmp_path / "run")
    rows, told = beside_source(made, shifted, tmp_path / "run")
    gain = next(row for row in rows if row.metric == "gain")
    assert gain.low is None and gain.n == 1
    assert told["words"][0].endswith("over 1 seed")


@pytest.mark.slow
def test_the_best_of_a_search_has_a_twin_too(shifted, tmp_path):
    found = kg.tune(
        recipe(shifted, HELPS),
        tmp_path / "tuned",
        trials=1,
        objective="consensus",
        smoke=True,
        verbose=0,
    )
    assert found.report.context["twin"]["seeds"] == 1
    assert found.report.value("twin/gain", set="target") is not None
