"""tune: honest numbers, resumption, budgets, failures, each search."""

import csv
import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import kerasgen as kg
from kerasgen.core import Choice, Float, registry
from kerasgen.tune import Ledger, Oracle, explain, parse_budget, rank

TINY = {"name": "tabular_classifier", "size": "tiny"}
SPACE = ["optimizer.learning_rate", "model.dropout", "batch_size"]


def recipe(**values):
    known = {"name": "wine", "data": "wine", "model": TINY, "epochs": 3}
    return kg.Recipe(**{**known, "probes": ("clean",), **values})


def table(run):
    return [
        {k: v for k, v in row.items() if k != "seconds"} for row in run.table
    ]


@pytest.fixture(scope="module")
def tuned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tune") / "wine"
    return kg.tune(recipe(), folder, trials=5, space=SPACE, keep=2, verbose=0)


def test_the_returned_model_gives_the_number_printed(tuned):
    x, y = tuned.data.tensors("test")
    right = tuned.model.predict(x, verbose=0).argmax(-1) == y
    assert np.mean(right) == tuned.report.value("clean/accuracy")
    again = kg.evaluate(tuned.model, tuned.data, [kg.create("probe", "clean")])
    assert again.value("clean/accuracy") == tuned.report.value("clean/accuracy")


def test_the_select_number_is_the_models_too(tuned):
    x, y = tuned.data.tensors("select")
    right = tuned.model.predict(x, verbose=0).argmax(-1) == y
    assert np.isclose(
        np.mean(right), tuned.table[0]["select/accuracy"], atol=1e-6
    )


def test_the_best_recipe_alone_makes_the_same_model(tuned, tmp_path):
    alone = kg.run(tuned.recipe, tmp_path / "alone", verbose=0)
    for one, two in zip(
        alone.model.get_weights(), tuned.model.get_weights(), strict=True
    ):
        assert np.array_equal(one, two)


def test_the_report_tells_both_numbers_and_the_gap(tuned):
    chosen = tuned.report.context["selection"]
    test = tuned.report.value("clean/accuracy")
    assert chosen["trials"] == 5 and chosen["objective"] == "accuracy"
    assert chosen["value"] == tuned.table[0]["select/accuracy"]
    assert np.isclose(chosen["gap"], chosen["value"] - test)
    page = (tuned.folder / "report.html").read_text("utf-8")
    assert "select" in page and f"{chosen['value']:.3f}"[:4] in page


def test_results_are_written_without_asking(tuned):
    with open(tuned.folder / "results.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["rank"] for row in rows] == list("12345")
    assert set(SPACE) <= set(rows[0])
    assert (
        (tuned.folder / "curves.svg")
        .read_text("utf-8")
        .lstrip()
        .startswith("<")
    )


@pytest.mark.slow
def test_the_disk_holds_the_best_models_only(tuned):
    kept = sorted(
        p.parent.name for p in (tuned.folder / "trials").glob("*/model.keras")
    )
    best = sorted(f"{row['trial']:03d}" for row in tuned.table[:2])
    assert kept == best
    assert not list((tuned.folder / "trials").glob("*/checkpoints"))


@pytest.mark.slow
def test_the_first_trial_is_the_recipe_as_written(tuned):
    first = next(row for row in tuned.table if row["trial"] == 0)
    assert first["optimizer.learning_rate"] is None


# Numbers are the same bit by bit only where graphs are optimised alike.
SCRIPT = """
import sys, kerasgen as kg, tensorflow as tf
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
recipe = kg.Recipe(name="wine", data="wine", epochs=3, probes=("clean",),
                   model={"name": "tabular_classifier", "size": "tiny"})
kg.tune(recipe, sys.argv[1], trials=5, keep=2, verbose=0,
        space=["optimizer.learning_rate", "model.dropout", "batch_size"])
"""


@pytest.mark.parametrize("lines", [pytest.param(0, marks=pytest.mark.slow), 2])
def test_a_killed_search_ends_with_the_same_table(tuned, tmp_path, lines):
    folder = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, folder])
    ledger = folder / "trials.jsonl"
    end = time.monotonic() + 90
    while not (
        (folder / "run.json").exists()
        and (
            lines == 0
            or (ledger.exists() and ledger.read_text().count("\n") >= lines)
        )
    ):
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (folder / "report.json").exists()
    resumed = kg.tune(
        recipe(), folder, trials=5, space=SPACE, keep=2, verbose=0
    )
    assert table(resumed) == table(tuned)
    assert resumed.report.rows == tuned.report.rows


def test_a_folder_of_other_things_is_refused(tuned):
    for changed, words in (
        ({"space": SPACE[:2]}, "space .was"),
        ({"objective": "loss"}, "objective .was"),
        ({"trials": 6}, "trials .was 5, is 6"),
    ):
        given = {"trials": 5, "space": SPACE, "keep": 2, **changed}
        with pytest.raises(ValueError, match=words):
            kg.tune(recipe(), tuned.folder, verbose=0, **given)
    other = kg.data.load("wine", seed=5)
    with pytest.raises(ValueError, match="data .was"):
        kg.tune(
            recipe(data=other), tuned.folder, trials=5, space=SPACE, verbose=0
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    "search",
    [
        "hyperband",
        *(
            pytest.param(s, marks=pytest.mark.slow)
            for s in ("bayesian", "grid")
        ),
    ],
)
def test_each_search_runs_and_resumes(search, tmp_path, monkeypatch):
    module = sys.modules["kerasgen.recipe.run"]
    monkeypatch.setattr(module, "export", lambda *args, **kwargs: None)
    space = {"optimizer.learning_rate": (1e-3, 1e-2), "batch_size": [16, 64]}
    given = {"space": space, "search": search, "verbose": 0, "trials": 5}
    whole = kg.tune(recipe(), tmp_path / "whole", **given)
    assert len(whole.table) >= 4
    ledger = (tmp_path / "whole" / "trials.jsonl").read_text().splitlines(True)
    claim = (tmp_path / "whole" / "run.json").read_text()
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "run.json").write_text(claim)
    for line in ledger[:3]:
        number = json.loads(line)["trial"]
        model = tmp_path / "whole" / "trials" / f"{number:03d}" / "model.keras"
        if model.exists():
            copy = (
                tmp_path / "part" / "trials" / f"{number:03d}" / "model.keras"
            )
            copy.parent.mkdir(parents=True)
            copy.write_bytes(model.read_bytes())
    # The fourth line was cut by the kill.
    text = "".join(ledger[:3]) + ledger[3][: len(ledger[3]) // 2]
    (tmp_path / "part" / "trials.jsonl").write_text(text)
    resumed = kg.tune(recipe(), tmp_path / "part", **given)
    assert table(resumed) == table(whole)


def test_a_typo_fails_fast_with_nothing_trained(tmp_path, monkeypatch):
    made = recipe()
    data = kg.data.load("wine")
    steps = []
    monkeypatch.setattr(
        kg.methods.Method, "train_step", lambda self, data: steps.append(1)
    )
    for given, words in (
        ({"objective": "acuracy"}, "Did you mean 'accuracy'"),
        ({"objective": "val_auc"}, "`objective` must be one of"),
        (
            {"space": ["optimizer.learning_rte"]},
            "Did you mean 'optimizer.learning_rate'",
        ),
        ({"search": "baysian"}, "Did you mean 'bayesian'"),
        ({"budget": "3 days"}, "'30m'"),
        ({"trials": 0}, "trials"),
    ):
        begin = time.process_time()
        with pytest.raises(ValueError, match=words):
            kg.tune(recipe(data=data), tmp_path / "run", verbose=0, **given)
        assert time.process_time() - begin < 2.0
    assert steps == [] and made == recipe()


@pytest.fixture
def failing():
    """A factory whose odd widths fail in the user's own line."""

    @kg.register("model", arguments={"width": kg.core.Int(1, search=(2, 9))})
    def moody(shape, classes, width=8):
        if width != 8:
            return user_mistake(width)
        return kg.tabular_classifier(shape, classes, size="tiny")

    yield moody
    registry._PARTS["model"].pop("moody")


def user_mistake(width):
    return {}["no such key"]  # the user's own line


def test_a_failing_trial_is_one_paragraph(failing, tmp_path):
    made = recipe(model=failing)
    run = kg.tune(
        made, tmp_path / "run", trials=3, space=["model.width"], verbose=0
    )
    failed = [row for row in run.table if row["status"] == "failed"]
    assert failed and run.table[0]["status"] == "done"
    text = failed[0]["error"]
    assert "KeyError: 'no such key'" in text and "# the user's own line" in text
    assert "\n" not in text


def test_the_search_stops_where_the_first_three_fail_alike(
    tmp_path, monkeypatch
):
    def fit(self, *args, **kwargs):
        return user_mistake(3)

    monkeypatch.setattr(kg.methods.Method, "fit", fit)
    with pytest.raises(
        RuntimeError, match="first three trials failed alike: KeyError"
    ):
        kg.tune(recipe(), tmp_path / "run", trials=6, space=SPACE, verbose=0)
    assert len(Ledger(tmp_path / "run" / "trials.jsonl").records) == 3


@pytest.mark.slow
def test_the_budget_holds(tmp_path):
    made = recipe(epochs=100000, training={"patience": None}, probes=("clean",))
    kg.tune(recipe(), tmp_path / "warm", smoke=True, verbose=0)
    begin = time.monotonic()
    run = kg.tune(made, tmp_path / "run", trials=50, budget=5, verbose=0)
    seconds = time.monotonic() - begin
    assert run.table[0]["status"] == "cut"
    searched = sum(row["seconds"] for row in run.table)
    assert searched < 5 * 1.2
    assert seconds < 60


@pytest.mark.parametrize(
    "text, seconds",
    [(90, 90), ("90s", 90), ("1.5m", 90), ("2h", 7200), (None, None)],
)
def test_budgets(text, seconds):
    assert parse_budget(text) == seconds


def test_rank_orders_ties_by_loss_then_age():
    def record(trial, score, loss, status="done"):
        return {
            "trial": trial,
            "score": score,
            "select": {"loss": loss},
            "status": status,
        }

    records = [
        record(0, 0.9, 0.4),
        record(1, 0.9, 0.3),
        record(2, 0.99, 0.1, "cut"),
        record(3, None, 0.0, "failed"),
        record(4, 0.9, 0.3),
    ]
    assert [r["trial"] for r in rank(records, "higher")] == [1, 4, 0, 2, 3]


def test_an_oracle_is_a_function_of_seed_and_scores():
    space = {
        "a": Float(0, search=(0.1, 1.0)),
        "b": Choice((1, 2, 3), (1, 2, 3)),
    }
    for search in ("random", "bayesian"):
        seen = []
        for _ in range(2):
            oracle = Oracle(space, search, "higher", 8, 4, seed=3)
            values = []
            for step in range(6):
                values.append(oracle.suggest())
                oracle.tell(None if step == 2 else values[-1]["a"])
            seen.append(values)
        assert seen[0] == seen[1]
        other = Oracle(space, search, "higher", 8, 4, seed=4)
        assert other.suggest() != seen[0][0]


def test_explain_shows_the_users_line():
    try:
        user_mistake(3)
    except KeyError as error:
        assert "test_tune.py, line" in explain(error)


@pytest.mark.slow
def test_noise_is_reported_as_noise(tmp_path, monkeypatch):
    """On labels of pure chance the headline's interval contains 0.5."""
    module = sys.modules["kerasgen.recipe.run"]
    monkeypatch.setattr(module, "export", lambda *args, **kwargs: None)
    contained, shown = 0, []
    for seed in range(40):
        random = np.random.default_rng(seed)
        x = random.normal(size=(400, 10)).astype("float32")
        data = kg.data.load((x, random.integers(0, 2, 400)), seed=seed)
        made = recipe(data=data, seed=seed, epochs=5)
        run = kg.tune(made, tmp_path / str(seed), trials=6, verbose=0)
        row = run.report.row("clean/accuracy")
        shown.append((run.table[0]["select/accuracy"], row.value))
        contained += row.low <= 0.5 <= row.high
    selects, tests = np.mean(shown, 0)
    assert contained >= 38, (contained, selects, tests)
    assert selects > 0.55 and abs(tests - 0.5) < 0.02
