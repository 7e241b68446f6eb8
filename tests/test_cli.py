"""The command line, as a user types it."""

import json
import subprocess
import sys

import pytest

import kerasgen as kg
from kerasgen.cli import main, parse_settings, read_recipe

RECIPE = """
import kerasgen as kg

recipe = kg.Recipe(name="wine", data="wine", epochs=2, probes=("clean",),
                   model={"name": "tabular_classifier", "size": "tiny"})
"""


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "wine.py"
    path.write_text(RECIPE)
    return str(path)


def test_a_whole_day(recipe, tmp_path, capsys):
    folder = str(tmp_path / "run")
    assert main(["run", recipe, "--folder", folder, "--set", "epochs=3"]) == 0
    out = capsys.readouterr().out
    assert "clean/accuracy" in out or "accuracy" in out
    assert out.strip().splitlines()[-1].startswith("Next: ")
    assert (
        json.loads((tmp_path / "run" / "recipe.json").read_text())["epochs"]
        == 3
    )
    tuned = str(tmp_path / "tuned")
    assert (
        main(["tune", recipe, "--folder", tuned, "--trials", "2", "--smoke"])
        == 0
    )
    capsys.readouterr()
    assert main(["evaluate", folder, "--probes", "clean"]) == 0
    assert "accuracy" in capsys.readouterr().out
    assert main(["export", folder, str(tmp_path / "served")]) == 0
    assert (tmp_path / "served" / "1" / "saved_model.pb").exists()


def test_a_json_recipe_and_quiet(recipe, tmp_path, capfd):
    read_recipe(recipe).save(tmp_path / "wine.json")
    path = str(tmp_path / "wine.json")
    given = ["--folder", str(tmp_path / "run"), "--smoke", "--quiet"]
    assert main(["run", path, *given]) == 0
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    "argv, words",
    [
        (["rum", "a.py"], "Did you mean 'run'"),
        (["run", "a.py", "--smok", "--foldr", "b"], "Did you mean '--folder'"),
    ],
)
def test_unknown_words_get_the_nearest(argv, words, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(argv)
    assert stopped.value.code == 2 and words in capsys.readouterr().err


def test_mistakes_are_one_line(recipe, tmp_path, capsys):
    near = recipe.replace("wine.py", "wien.py")
    for argv, words in (
        (["run", near], "Did you mean"),
        (["run", recipe, "--set", "epoch=3"], "Did you mean 'epochs'"),
        (["run", recipe, "--set", "method.step=sma"], "Did you mean 'sam'"),
        (["run", recipe, "--set", "epochs"], "NAME=VALUE"),
        (["tune", recipe, "--objective", "acuracy"], "Did you mean 'accuracy'"),
        (["list", "metod"], "Did you mean 'method'"),
        (["evaluate", str(tmp_path / "none")], "must hold a finished run"),
    ):
        assert main(argv) == 2
        error = capsys.readouterr().err
        assert words in error and len(error.splitlines()) == 1


def test_a_missed_expectation_is_exit_code_1(recipe, tmp_path):
    text = RECIPE.replace(
        "epochs=2", "epochs=1, expect={'clean/accuracy': (2, 0.1)}"
    )
    path = tmp_path / "missed.py"
    path.write_text(text)
    assert (
        main(["run", str(path), "--folder", str(tmp_path / "r"), "--quiet"])
        == 1
    )


@pytest.mark.slow
def test_list_counts_the_parameters_of_models(capsys):
    assert main(["list", "models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    count = kg.tabular_classifier((6,), 3, size="small").count_params()
    place = lines.index("  tabular_classifier")
    assert f"small {count:,}, base" in lines[place + 1]


def test_list_shows_ranges(capsys):
    assert main(["list", "step", "--arguments"]) == 0
    assert "rho: [0.0, inf)  search (0.01, 0.3)" in capsys.readouterr().out
    assert main(["list", "--markdown"]) == 0
    assert "| step | `asam`, `awp`, `descent`" in capsys.readouterr().out


def test_settings_are_json_or_text():
    found = parse_settings(["a=1", "b.c=sam", "d=[1, 2]", "e=null"])
    assert found == {"a": 1, "b.c": "sam", "d": [1, 2], "e": None}


def test_the_module_runs_and_imports_quietly():
    done = subprocess.run(
        [sys.executable, "-m", "kerasgen", "list", "step"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("step") and "asam" in done.stdout
    assert len(done.stderr.splitlines()) <= 1
