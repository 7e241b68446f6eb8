"""run: from a recipe to a trained model, a report and a served SavedModel."""

import json
import pathlib
import time

import keras
import numpy as np

from kerasgen.core import (
    atomic_write,
    create,
    say,
    speak,
    warn,
    without_retracing,
)
from kerasgen.evaluate import Report, Row, evaluate
from kerasgen.metrics import binomial, bootstrap
from kerasgen.recipe.build import (
    build,
    complete,
    load_data,
    preflight,
    shrink,
    train,
)
from kerasgen.recipe.folder import claim, save_model
from kerasgen.recipe.outcome import Run, load_run, missed
from kerasgen.recipe.twin import beside_source, check_twin
from kerasgen.serve import export


def run(recipe, folder=None, *, smoke=False, verbose="auto"):
    """Trains, evaluates, reports and exports what a recipe says.

    The folder holds `recipe.json`, `model.keras`, `method.keras`,
    `report.json`, `report.html`, `events/` and `served/1`. The same call
    again goes on where a killed one stopped; a finished run is only opened.

    Args:
        recipe: Recipe.
        folder: path for the run; None takes "runs/" and the recipe's name.
        smoke: bool, whether to take one batch of everything, to see in a
            minute that all of it works.
        verbose: "auto", 0 (silent), 1 (bars) or 2 (lines).

    Returns:
        Run.

    Raises:
        ValueError: where something doesn't fit, before anything is trained.

    Example:
        >>> import tempfile, kerasgen as kg
        >>> recipe = kg.Recipe(name="wine", data="wine", probes=("clean",))
        >>> result = kg.run(recipe, tempfile.mkdtemp(), smoke=True, verbose=0)
        >>> result.report.row("clean/accuracy").n
        35
    """
    level = speak(verbose)
    folder = pathlib.Path(folder or pathlib.Path("runs", recipe.name))
    data = load_data(recipe)
    if smoke:
        recipe, data = smaller(recipe), shrink(data)
    recipe = complete(recipe, data)
    method = build(recipe, data)
    preflight(method, data)
    check_twin(recipe, data)
    claim(folder, recipe=recipe.fingerprint(), data=data.fingerprint())
    if (folder / "report.json").exists():
        say("%s is complete: nothing left to do.", folder)
        return conclude(load_run(folder, data), recipe)
    say("%s: %s on %s", recipe.name, recipe.model["name"], data.name)
    begin = time.monotonic()
    history = _train(recipe, data, method, folder, level)
    context = {"history": history, "seconds": time.monotonic() - begin}
    rows = cross_validate(recipe, data, level) if recipe.folds else []
    if recipe.twin:
        more, context["twin"] = beside_source(recipe, data, folder, level)
        rows = [*rows, *more]
    return conclude(finish(recipe, data, folder, context, rows), recipe)


def smaller(recipe):
    """Cuts a recipe to one epoch, for a smoke run.

    Args:
        recipe: Recipe.

    Returns:
        Recipe that expects no number.

    Example:
        >>> from kerasgen.recipe import Recipe
        >>> smaller(Recipe(epochs=30)).epochs
        1
    """
    fewer = {"folds": 0, "twin": min(recipe.twin, 1)}
    return recipe.replace({"epochs": 1, "expect": {}, **fewer})


def _train(recipe, data, method, folder, level):
    checkpoints = folder / "checkpoints"
    history_file = folder / "history.json"
    if history_file.exists() and (folder / "model.keras").exists():
        return json.loads(history_file.read_text("utf-8"))
    history = train(recipe, data, method, folder=checkpoints, verbose=level)
    save_model(method.model, folder / "model.keras")
    save_model(method, folder / "method.keras")
    with atomic_write(history_file) as file:
        json.dump(history, file)
    return history


def finish(recipe, data, folder, context, rows=(), serve=True):
    """Asks the probes, writes the report, exports and saves the recipe.

    The model is read back from its file first, so that what is reported is
    what was saved.

    Args:
        recipe: Recipe that made `folder/model.keras`.
        data: Data.
        folder: path of the run.
        context: mapping of what the report should know beside its rows.
        rows: further rows of the report.
        serve: bool, whether to export.

    Returns:
        Run.
    """
    folder = pathlib.Path(folder)
    model = keras.models.load_model(folder / "model.keras")
    probes = None
    if recipe.probes is not None:
        probes = [create("probe", spec) for spec in recipe.probes]
    say("Asking the probes ...")
    selection = {
        "rule": "lowest loss on the stop split",
        **context.pop("selection", {}),
    }
    context = {
        "recipe": recipe.to_dict(),
        "recipe_fingerprint": recipe.fingerprint(),
        "selection": selection,
        **context,
    }
    report = evaluate(model, data, probes, context=context, seed=recipe.seed)
    measured = report.value(f"clean/{data.task.headline.name}")
    if selection.get("value") is not None and measured is not None:
        if selection["objective"] == data.task.headline.name:
            report.context["selection"]["gap"] = selection["value"] - measured
    report = Report(
        [*report.rows, *rows], report.context, report.tables, report.examples
    )
    served = None
    if serve:
        served = _served(folder) or export(
            model, data, folder / "served", report=report
        )
    recipe.save(folder / "recipe.json")
    report.tensorboard(folder / "events")
    report.save(folder / "report.html")
    # Last: a folder with this file is a finished run.
    report.save(folder / "report.json")
    return Run(
        folder=folder,
        recipe=recipe,
        data=data,
        model=model,
        report=report,
        table=context.get("trials", []),
        served=served,
        met=not missed(recipe, report),
    )


def _served(folder):
    first = folder / "served" / "1"
    return first if first.exists() else None


def conclude(result, recipe):
    """Says what came out, and the next command to type.

    Args:
        result: Run.
        recipe: Recipe whose expected numbers count.

    Returns:
        Run, the same.
    """
    say("%s", result.report.table())
    twin = result.report.context.get("twin") or {}
    for line in twin.get("words", ()):
        say("%s", line)
    if twin.get("fallback"):
        warn("%s", twin["warning"])
    for line in missed(recipe, result.report):
        say("NOT MET  %s", line)
    if result.served is not None:
        say("Served model: %s", result.served)
    say("Next: python -m webbrowser %s", result.folder / "report.html")
    return result


def cross_validate(recipe, data, verbose=0):
    """Trains and tests on each fold.

    Args:
        recipe: Recipe with `folds` of at least 2.
        data: Data; all of its examples are folded, each is tested once.
        verbose: int; 0 is silent.

    Returns:
        list of Row: the headline over all folds, and of each fold.

    Example:
        >>> from kerasgen.recipe import Recipe
        >>> recipe = Recipe(data="wine", folds=2, epochs=1)
        >>> [row.n for row in cross_validate(recipe, load_data(recipe))]
        [178, 89, 89]
    """
    rows, values = [], []
    measure = data.task.headline
    for index, fold in enumerate(data.folds(recipe.folds)):
        with without_retracing():
            method = build(recipe, fold)
            train(recipe, fold, method)
        x, y = fold.tensors("test")
        outputs = method.model.predict(x, 256, verbose=0)
        found = np.asarray(fold.task.headline.values(y, outputs))
        values.append(found)
        rows.append(_row(fold.task.headline, found, {"fold": str(index + 1)}))
        say(
            "Fold %d of %d: %s %.4f (n = %d)",
            index + 1,
            recipe.folds,
            measure.name,
            rows[-1].value,
            len(found),
        )
    return [_row(measure, np.concatenate(values), {}), *rows]


def _row(measure, values, part):
    value = measure.reduce_values(values)
    if measure.exact:
        low, high = binomial(int(values.sum()), len(values))
    else:
        low, high = bootstrap(values, measure.reduce_values)
    return Row(
        probe="folds",
        metric=measure.name,
        value=value,
        low=low,
        high=high,
        n=len(values),
        unit=measure.unit or ("share" if measure.exact else ""),
        better=measure.better,
        slice=part,
    )
