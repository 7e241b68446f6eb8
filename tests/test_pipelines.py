"""Every pipeline runs; the slow tests meet the numbers that they expect."""

import pathlib

import pytest

import kerasgen as kg
from kerasgen.cli import read_recipe

ROOT = pathlib.Path(__file__).parents[1]
PIPELINES = sorted((ROOT / "pipelines").glob("*.py"))


# One by default; the others take their time.
BRIEF = ("diabetes",)


@pytest.mark.parametrize(
    "path",
    [
        path
        if path.stem in BRIEF
        else pytest.param(path, marks=pytest.mark.slow)
        for path in PIPELINES
    ],
    ids=lambda path: path.stem,
)
def test_pipeline_smoke(path, tmp_path):
    recipe = read_recipe(path)
    assert recipe.name == path.stem and recipe.expect
    assert len(path.read_text("utf-8").splitlines()) <= 60
    found = kg.run(recipe, tmp_path / "run", smoke=True, verbose=0)
    assert found.served.exists() and found.report.rows


@pytest.mark.slow
@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.stem)
def test_pipeline_meets_its_number(path, tmp_path):
    found = kg.run(read_recipe(path), tmp_path / "run", verbose=0)
    assert found.met, found.report.table()
