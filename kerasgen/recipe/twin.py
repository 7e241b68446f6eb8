"""The twin of a run: the same without the target, trained beside it."""

import json
import shutil

import keras
import numpy as np
import scipy.stats

from kerasgen.core import atomic_write, message, say, without_retracing
from kerasgen.evaluate import Row
from kerasgen.evaluate.choose import compare
from kerasgen.evaluate.evidence import (
    Evidence,
    gather,
    need_target,
    target_tests,
)
from kerasgen.recipe.build import build, train
from kerasgen.recipe.folder import save_model

_MODELS = ("model.keras", "method.keras")


def check_twin(recipe, data):
    """Checks that a twin says something, before anything is trained.

    Args:
        recipe: Recipe.
        data: Data.

    Raises:
        ValueError: for a twin without a target, or without classes.

    Example:
        >>> from kerasgen.recipe import Recipe, load_data
        >>> recipe = Recipe(data="wine", method="coral", twin=2)
        >>> check_twin(recipe, load_data(recipe))
        Traceback (most recent call last):
        ...
        ValueError: twin: the data must have a split `unlabeled` of the ...
    """
    if not recipe.twin:
        return
    need_target(data, "twin")
    if data.classes is None:
        raise ValueError(
            message(
                "twin",
                "whether the target helped is told for classes alone",
                {"task": type(data.task).__name__},
                "Set `twin` to 0.",
            )
        )


def beside_source(recipe, data, folder, verbose=0):
    """Trains the twins of a run, and decides whether its target helped.

    The method and its twin, `erm` with all else the same, are trained with
    `recipe.twin` seeds; the run's own model is the first. All of them are
    scored by `kerasgen.evaluate.choose.compare`, which sees no label of the
    target. Where the twins have the higher mean, the twin of the run's own
    seed takes the place of `model.keras` and `method.keras`. Labels of the
    target, where there are some, are used for the printed gain alone. What
    was trained is kept below `folder/twin`, and a second call goes on there.

    Args:
        recipe: Recipe with `twin` of at least 1.
        data: Data with a target.
        folder: pathlib.Path of the run, with its `model.keras`.
        verbose: int, as `train` takes it.

    Returns:
        Pair of a list of Row, the gain and the two accuracies on each test
        set, and a dict: `seeds`, `words`, `scores` (means of method and
        `erm`), `fallback` (bool), `warning` (str, or None) and `table` (one
        dict for each model).
    """
    names = (recipe.method["name"], "erm")
    _adopt(folder, _place(folder, recipe, names[0]))
    table, values = [], {}
    for name in names:
        for seed in range(recipe.seed, recipe.seed + recipe.twin):
            one = _recipe(recipe, name, seed)
            place = _place(folder, one, name)
            evidence, seen = _one(one, data, place, verbose)
            table.append({"method": name, "seed": seed, "evidence": evidence})
            for split, value in seen.items():
                values.setdefault(split, {}).setdefault(name, []).append(value)
    scored = compare([row.pop("evidence") for row in table])
    table = [{**row, **more} for row, more in zip(table, scored, strict=True)]
    means = {
        name: float(
            np.mean([row["score"] for row in table if row["method"] == name])
        )
        for name in names
    }
    fallback = means["erm"] > means[names[0]]
    kept = names[1] if fallback else names[0]
    for name in _MODELS:
        source = _place(folder, recipe, kept) / name
        if source.exists():
            shutil.copyfile(source, folder / name)
    measure = data.task.headline
    rows = [
        row
        for split, found in values.items()
        for row in _rows(measure, split, found, names)
    ]
    told = {
        "seeds": recipe.twin,
        "words": words(rows, recipe.twin),
        "scores": means,
        "fallback": fallback,
        "warning": _warning(means) if fallback else None,
        "table": table,
    }
    return rows, told


def words(rows, seeds):
    """Writes the gains for a terminal.

    Args:
        rows: list of Row, from `beside_source`.
        seeds: int.

    Returns:
        list of str, one for each test set.

    Example:
        >>> row = Row("twin", "gain", 0.25, 0.2, 0.3, 3, "share",
        ...           slice={"set": "target"})
        >>> words([row], 3)
        ['target: gain over source-only: +0.2500 +- 0.0500 over 3 seeds']
    """
    lines = []
    for row in rows:
        if row.metric != "gain":
            continue
        half = "" if row.low is None else f" +- {row.value - row.low:.4f}"
        unit = "" if row.unit == "share" else f" {row.unit}".rstrip()
        many = "seeds" if seeds > 1 else "seed"
        lines.append(
            f"{row.slice['set']}: gain over source-only: "
            f"{row.value:+.4f}{half}{unit} over {seeds} {many}"
        )
    return lines


def _warning(means):
    (name, own), (_, alone) = means.items()
    return (
        f"{name} hurts on the target, by what is seen without its labels "
        f"({own:.3f}; source only {alone:.3f}): the model is that of the "
        "source alone."
    )


def _place(folder, recipe, name):
    return folder / "twin" / f"{name}-{recipe.seed}"


def _recipe(recipe, name, seed):
    values = {"seed": seed, "twin": 0}
    if name == "erm":
        values["method"] = {"name": "erm", "step": recipe.method["step"]}
    return recipe.replace(values)


def _adopt(folder, place):
    """Takes the run's own model as the first, before one may replace it."""
    place.mkdir(parents=True, exist_ok=True)
    if (place / "done").exists():
        return
    for name in _MODELS:
        if (folder / name).exists():
            shutil.copyfile(folder / name, place / name)
    (place / "done").touch()


def _one(recipe, data, place, verbose):
    """Trains a model, unless it was, and asks it."""
    if not (place / "done").exists():
        say("Twin: %s, seed %d", recipe.method["name"], recipe.seed)
        with without_retracing():
            method = build(recipe, data)
            train(
                recipe,
                data,
                method,
                folder=place / "checkpoints",
                verbose=verbose,
                name=f"{place.name}, epoch",
            )
        for name, model in zip(_MODELS, (method.model, method), strict=True):
            save_model(model, place / name)
        (place / "done").touch()
        shutil.rmtree(place / "checkpoints", ignore_errors=True)
    told = place / "values.json"
    if told.exists():
        values = json.loads(told.read_text("utf-8"))
        return Evidence.load(place / "evidence.npz"), values
    model = keras.models.load_model(place / "model.keras")
    evidence = gather(model, data, features=False)
    evidence.save(place / "evidence.npz")
    values = {name: _value(model, data, name) for name in _sets(data)}
    with atomic_write(told) as file:
        json.dump(values, file)
    # As it was saved, so that a resumed run decides alike.
    return Evidence.load(place / "evidence.npz"), values


def _sets(data):
    return dict.fromkeys((*target_tests(data), "test"))


def _value(model, data, name):
    x, y = data.tensors(name)
    found = data.task.correct(y, model.predict(x, 256, verbose=0))
    return float(data.task.headline.reduce_values(found))


def _rows(measure, split, found, names):
    unit = measure.unit or ("share" if measure.exact else "")
    first, second = (np.array(found[name]) for name in names)
    sign = 1.0 if measure.better == "higher" else -1.0
    rows = [_row("gain", sign * (first - second), unit, {"set": split})]
    for name in names:
        rows.append(
            _row(
                measure.name,
                np.array(found[name]),
                unit,
                {"set": split, "method": name},
                measure.better,
            )
        )
    return rows


def _row(metric, values, unit, part, better="higher"):
    """A mean over seeds, and the interval of Student's t."""
    n, mean = len(values), float(np.mean(values))
    ends, why = {}, "one seed tells no interval"
    if n > 1:
        half = scipy.stats.t.ppf(0.975, n - 1) * scipy.stats.sem(values)
        ends, why = {"low": mean - half, "high": mean + half}, None
    return Row(
        probe="twin",
        metric=metric,
        value=mean,
        n=n,
        unit=unit,
        better=better,
        slice=part,
        why=why,
        **ends,
    )
