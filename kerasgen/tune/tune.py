"""tune: Recipe -> the best one found, its model, and an honest report."""

import dataclasses
import pathlib
import re
import shutil
import time

from kerasgen.core import Float, Int, message, one_of, say, speak
from kerasgen.evaluate.selection import looks_at
from kerasgen.recipe import (
    beside_source,
    build,
    check_twin,
    claim,
    complete,
    conclude,
    finish,
    load_data,
    load_run,
    objectives,
    preflight,
    shrink,
    smaller,
)
from kerasgen.tune.consensus import settle
from kerasgen.tune.ledger import Ledger
from kerasgen.tune.oracle import SEARCHES, Oracle
from kerasgen.tune.space import search_space
from kerasgen.tune.table import leaderboard, rank, write
from kerasgen.tune.trial import run_trial

# The report and the export take the rest.
_SEARCH_SHARE = 0.9


@dataclasses.dataclass(frozen=True)
class _Search:
    """What one search needs at every trial."""

    recipe: object
    data: object
    folder: pathlib.Path
    objective: str
    better: str
    trials: int
    keep: int
    deadline: float
    level: int


def tune(
    recipe,
    folder=None,
    *,
    trials=10,
    budget=None,
    objective=None,
    search="random",
    space=None,
    keep=3,
    smoke=False,
    verbose="auto",
):
    """Searches for better arguments, and tells what the best are worth.

    The first trial is the recipe as it is written. Each trial trains on the
    train split, stops early on the stop split and is ranked on the select
    split. The best model is then evaluated once on the test split, and the
    report shows both numbers and their gap. The same call again goes on where
    a killed one stopped, and ends with the same table.

    Args:
        recipe: Recipe.
        folder: path for the search; None takes "runs/", the recipe's name and
            "-tuned".
        trials: int >= 1, the most trials.
        budget: the most seconds as a number, or a str such as "90s", "30m"
            or "2h"; None for no limit. Nine tenths are for the search.
        objective: str, the number on the select split that ranks, "loss" or a
            metric of the task; None takes the task's headline. Where the
            data have a target without labels, one of the rules of
            `kerasgen.evaluate.selection` too: "consensus" is the safe one,
            whose final order comes from all trials together.
        search: "random", "bayesian", "hyperband" or "grid". Hyperband trains
            each rung from the start, since a schedule fits its length.
        space: None for all declared ranges, a list of dotted names out of
            them, or a mapping of dotted name to `(low, high)` or to a list.
        keep: int >= 1, how many of the best models stay on disk.
        smoke: bool, whether to take one batch of everything, two trials.
        verbose: "auto", 0 (silent), 1 (bars) or 2 (lines).

    Returns:
        Run: the best recipe and model, the report, and the table of trials.

    Raises:
        ValueError: where something doesn't fit, before anything is trained.
        RuntimeError: where the first three trials fail alike, or all fail.

    Example:
        >>> import tempfile, kerasgen as kg
        >>> recipe = kg.Recipe(data="wine", probes=("clean",), epochs=1)
        >>> best = kg.tune(recipe, tempfile.mkdtemp(), smoke=True, verbose=0)
        >>> len(best.table)
        2
    """
    begin = time.monotonic()
    level = speak(verbose)
    Int(1).check("tune", "trials", trials)
    Int(1).check("tune", "keep", keep)
    one_of("tune", "search", search, SEARCHES)
    seconds = parse_budget(budget)
    data = load_data(recipe)
    if smoke:
        recipe, data, trials = smaller(recipe), shrink(data), min(trials, 2)
    recipe = complete(recipe, data)
    chosen = search_space(recipe, space)
    objective = objective or data.task.headline.name
    preflight(build(recipe, data), data, objective)
    check_twin(recipe, data)
    folder = pathlib.Path(
        folder or pathlib.Path("runs", f"{recipe.name}-tuned")
    )
    claim(
        folder,
        recipe=recipe.fingerprint(),
        data=data.fingerprint(),
        space={name: repr(bounds) for name, bounds in chosen.items()},
        search=search,
        objective=objective,
        trials=trials,
    )
    if (folder / "report.json").exists():
        say("%s is complete: nothing left to do.", folder)
        return conclude(load_run(folder, data), recipe)
    plan = _Search(
        recipe=recipe,
        data=data,
        folder=folder,
        objective=objective,
        better=objectives(data.task, data)[objective],
        trials=trials,
        keep=keep,
        deadline=None if seconds is None else begin + _SEARCH_SHARE * seconds,
        level=level,
    )
    oracle = Oracle(
        chosen, search, plan.better, trials, recipe.epochs, recipe.seed
    )
    ledger = Ledger(folder / "trials.jsonl")
    _search(plan, oracle, ledger)
    return conclude(_finish(plan, ledger), recipe)


def parse_budget(budget):
    """Reads a time budget.

    Args:
        budget: None, a number of seconds, or a str of a number and one of
            the units s, m and h.

    Returns:
        float, seconds, or None.

    Raises:
        ValueError: for a text that is no time, or a time below zero.

    Example:
        >>> parse_budget("1.5m")
        90.0
    """
    if budget is None:
        return None
    if isinstance(budget, str):
        found = re.fullmatch(r"\s*([0-9.]+)\s*([smh]?)\s*", budget)
        if not found:
            raise ValueError(
                message(
                    "tune",
                    "`budget` must be a time such as 90, '90s', '30m' or '2h'",
                    {"budget": budget},
                )
            )
        unit = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}[found[2]]
        budget = float(found[1]) * unit
    return float(Float(0.0).check("tune", "budget", budget))


def _search(plan, oracle, ledger):
    for record in ledger.records:
        if record["trial"] > 0:
            oracle.replay(record["values"], record["score"])
    _prune(plan, ledger)
    if ledger.records:
        say("Going on behind trial %d.", ledger.records[-1]["trial"])
    while len(ledger.records) < plan.trials:
        late = plan.deadline is not None and time.monotonic() > plan.deadline
        if late and ledger.records:
            say("The time budget ends the search.")
            return
        number = len(ledger.records)
        values = _first(plan) if number == 0 else oracle.suggest()
        if values is None:
            say("The search space is exhausted.")
            return
        _one(plan, ledger, number, values)
        if number > 0:
            oracle.tell(ledger.records[-1]["score"])
        _prune(plan, ledger)
        _give_up(ledger.records)


def _first(plan):
    """The recipe as it is written, told in the words of the space."""
    names = plan.recipe.space()
    values = {name: plan.recipe.get(name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _one(plan, ledger, number, values):
    folder = plan.folder / "trials" / f"{number:03d}"
    recipe = plan.recipe if number == 0 else plan.recipe.replace(values)
    record = run_trial(
        recipe, plan.data, folder, plan.objective, plan.deadline, plan.level
    )
    ledger.add({"trial": number, "values": values, **record})
    best = rank(ledger.records, plan.better)[0]
    score = record["score"]
    say(
        "Trial %d of %d: %s  select/%s %s  best %s (trial %d)  %.0f s",
        number + 1,
        plan.trials,
        record["status"],
        plan.objective,
        "none" if score is None else f"{score:.4f}",
        "none" if best["score"] is None else f"{best['score']:.4f}",
        best["trial"] + 1,
        record["seconds"],
    )
    if record["error"]:
        say("%s", record["error"])


def _prune(plan, ledger):
    """Keeps the best models only, so that the disk doesn't fill."""
    if plan.objective == "consensus":
        # Who is best is known when all have voted.
        return
    _remove(plan, rank(ledger.records, plan.better))


def _remove(plan, ranked):
    for record in ranked[plan.keep :]:
        folder = plan.folder / "trials" / f"{record['trial']:03d}"
        shutil.rmtree(folder, ignore_errors=True)


def _give_up(records):
    errors = [record["error"] for record in records[:3]]
    if len(records) == 3 and all(errors) and len(set(errors)) == 1:
        raise RuntimeError(
            message("tune", f"the first three trials failed alike: {errors[0]}")
        )


def _finish(plan, ledger):
    records, told = ledger.records, {}
    if plan.objective == "consensus":
        records, told["candidates"] = settle(records, plan.folder)
    ranked = rank(records, plan.better)
    best = ranked[0]
    if best["score"] is None:
        raise RuntimeError(
            message(
                "tune",
                f"at least one trial must succeed: {best['error']}",
            )
        )
    table = write(plan.folder, ranked, plan.objective)
    say("%s", leaderboard(table, plan.objective))
    recipe = plan.recipe
    if best["trial"] > 0:
        recipe = recipe.replace(best["values"])
    source = plan.folder / "trials" / f"{best['trial']:03d}" / "model.keras"
    shutil.copyfile(source, plan.folder / "model.keras")
    word = "highest" if plan.better == "higher" else "lowest"
    context = {
        "history": best["history"],
        "trials": table,
        "selection": {
            "rule": f"{word} {plan.objective} {looks_at(plan.objective)}",
            "objective": plan.objective,
            "value": best["score"],
            "n": len(plan.data.splits["select"].y),
            "trials": len(ranked),
            "trial": best["trial"],
            **told,
        },
    }
    rows = []
    if recipe.twin:
        rows, context["twin"] = beside_source(
            recipe, plan.data, plan.folder, plan.level
        )
    found = finish(recipe, plan.data, plan.folder, context, rows)
    _remove(plan, ranked)
    return found
