"""What a run gives back, in memory and from its folder."""

import dataclasses
import pathlib

import keras

from kerasgen.core import message
from kerasgen.evaluate import Report
from kerasgen.recipe.build import load_data
from kerasgen.recipe.recipe import Recipe


@dataclasses.dataclass(frozen=True)
class Run:
    """The results of `run` and `tune`.

    Args:
        folder: pathlib.Path of the run.
        recipe: Recipe that made the model; of a search, the best one.
        data: Data.
        model: keras.Model, trained.
        report: Report on the test split.
        table: list of dict, one for each trial of a search, best first.
        served: pathlib.Path of the SavedModel, or None.
        met: bool, whether every number that the recipe expects was reached.

    Example:
        >>> [field.name for field in dataclasses.fields(Run)][:3]
        ['folder', 'recipe', 'data']
    """

    folder: pathlib.Path
    recipe: Recipe
    data: object
    model: keras.Model
    report: Report
    table: list = dataclasses.field(default_factory=list)
    served: pathlib.Path = None
    met: bool = True


def load_run(folder, data=None):
    """Opens the folder of a finished run.

    Args:
        folder: path that `run` or `tune` wrote.
        data: Data, where the recipe's were held in memory; None loads them
            as the recipe says.

    Returns:
        Run.

    Raises:
        FileNotFoundError: where the folder holds no finished run.
        ValueError: where the data are not those of the run.

    Example:
        >>> load_run("no/such/run")
        Traceback (most recent call last):
        ...
        FileNotFoundError: load_run: no/such/run must hold a finished run. ...
    """
    folder = pathlib.Path(folder)
    for name in ("recipe.json", "model.keras", "report.json"):
        if not (folder / name).exists():
            raise FileNotFoundError(
                message(
                    "load_run",
                    f"{folder.as_posix()} must hold a finished run",
                    {"missing": name},
                    "Give the same command again to finish it.",
                )
            )
    recipe = Recipe.load(folder / "recipe.json")
    data = load_data(recipe) if data is None else data
    report = Report.load(folder / "report.json")
    versions = sorted(
        (p for p in (folder / "served").glob("*") if p.name.isdigit()),
        key=lambda path: int(path.name),
    )
    return Run(
        folder=folder,
        recipe=recipe,
        data=data,
        model=keras.models.load_model(folder / "model.keras"),
        report=report,
        table=report.context.get("trials", []),
        served=versions[-1] if versions else None,
        met=not missed(recipe, report),
    )


def missed(recipe, report):
    """Compares a report with what its recipe expects.

    Args:
        recipe: Recipe.
        report: Report.

    Returns:
        list of str, one for each number outside its tolerance, or absent.

    Example:
        >>> missed(Recipe(), Report([], {}))
        []
    """
    lines = []
    for name, (value, tolerance) in recipe.expect.items():
        got = report.value(name)
        if got is None or abs(got - value) > tolerance:
            shown = "nothing" if got is None else f"{got:.4g}"
            lines.append(
                f"{name}: expected {value:g} within {tolerance:g}, got {shown}"
            )
    return lines
