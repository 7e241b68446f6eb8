"""The report as one page that needs nothing beside itself."""

import json
import pathlib

import jinja2

from kerasgen.evaluate.plots import epochs_of, learning_curve
from kerasgen.evaluate.section_attack import attacked
from kerasgen.evaluate.section_classic import beside
from kerasgen.evaluate.section_further import further
from kerasgen.evaluate.section_shift import elsewhere
from kerasgen.evaluate.sections import (
    answers,
    breaks,
    calibration,
    cost,
    folds,
    severity_curves,
    subgroups,
    worst_mean,
)
from kerasgen.evaluate.terminal import number
from kerasgen.evaluate.words import (
    interval,
    row_table,
    spoken,
    table,
    written,
)

_TEMPLATE = pathlib.Path(__file__).with_name("page.html")
_MOST_TRIALS = 100


def page(report):
    """Writes a report as a self-contained page.

    Args:
        report: Report.

    Returns:
        str, HTML with figures as inline SVG, without scripts and without
        anything to fetch.

    Example:
        >>> from kerasgen.evaluate.report import Report
        >>> page(Report([], {"name": "digits"}))[:15]
        '<!doctype html>'
    """
    environment = jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    template = environment.from_string(_TEMPLATE.read_text("utf-8"))
    return template.render(**view(report)) + "\n"


def view(report):
    """Collects what the page shows; a part without data is None.

    Args:
        report: Report.

    Returns:
        dict.
    """
    context = report.context
    parts = [] if "comparison" in context else _parts(report)
    return {
        "title": _title(context),
        "subtitle": _subtitle(context),
        "headline": _headline(report),
        "glance": _glance(report),
        "sections": [
            {"id": name, "title": title, **_whole(part)}
            for name, title, part in parts
            if part is not None
        ],
        "absent": [row for row in report.rows if row.value is None],
        "everything": _everything(report),
    }


def _parts(report):
    context = report.context
    return [
        ("breaks", "Where it breaks", breaks(report)),
        ("attacked", "Under attack", attacked(report)),
        ("elsewhere", "Other test sets", elsewhere(report)),
        ("calibration", "Calibration", calibration(report)),
        ("subgroups", "Subgroups", subgroups(report)),
        ("answers", _answers_title(report), answers(report)),
        ("beside", "Beside old models", beside(report)),
        ("folds", "Cross-validation", folds(report)),
        ("cost", "Cost", cost(report)),
        ("more", "Further numbers", further(report)),
        ("learning", "Learning curves", _learning(context)),
        ("tuning", "Search", _tuning(context)),
        ("origin", "How it was made", _origin(context)),
    ]


def _whole(part):
    found = {"text": "", "figures": [], "tables": [], "folded": [], "code": ""}
    found.update(part)
    for key in ("tables", "folded"):
        found[key] = [each for each in found[key] if each is not None]
    return found


def _title(context):
    if "comparison" in context:
        first, second = (name or "a report" for name in context["comparison"])
        return f"{first} minus {second}"
    recipe = context.get("recipe") or {}
    return recipe.get("name") or context.get("name") or "Report"


def _subtitle(context):
    recipe = context.get("recipe") or {}
    pieces = [context.get("name")]
    for part in ("model", "method"):
        spec = recipe.get(part)
        name = spec.get("name") if isinstance(spec, dict) else spec
        known = name and part == "method" and len(name) <= 4
        pieces.append(name.upper() if known else name)
    pieces.append(str(context.get("created") or "")[:10])
    title = _title(context)
    return [spoken(p) for p in pieces if p and p != title]


def _headline(report):
    row = report.headline
    if row is None:
        return None
    others = [
        each
        for each in report.rows
        if each.probe == "clean" and each.value is not None and each != row
    ]
    comparison = "comparison" in report.context
    value = _points(written(row.value, row), comparison)
    parts = value.rsplit("\u202f", 1)
    found = {
        "value": parts[0],
        "unit": parts[1] if len(parts) > 1 else "",
        "metric": spoken(row.metric),
        "basis": f"{row.n:,} {_split(report)} examples",
        "interval": _points(interval(row), comparison),
        "selection": _test(report, row) if comparison else "",
        "table": None,
    }
    if comparison:
        return found
    caption = "on the same examples"
    found["selection"] = _selection(report, row)
    found["table"] = row_table(
        "clean", caption, others, lambda r: spoken(r.metric)
    )
    return found


def _test(report, row):
    test = (report.tables.get("tests") or {}).get(row.name)
    words = "The first report minus the second, example by example."
    if test is None:
        return words
    return (
        f"{words} Only the first is right on {test['only_first']}, only the "
        f"second on {test['only_second']}: p = {test['p']:.2g} by McNemar's "
        "exact test."
    )


def _points(text, comparison):
    return text.replace("%", "points") if comparison else text


def _selection(report, row):
    chosen = report.context.get("selection") or {}
    rule = chosen.get("rule")
    if not rule:
        return ""
    trials = chosen.get("trials")
    rule = f"the {rule.removeprefix('the ')}"
    words = f"Chosen for {rule}."
    if trials:
        words = f"Chosen among {trials} trials for {rule}."
    value = chosen.get("value", chosen.get("select"))
    objective = chosen.get("objective", row.metric)
    if value is None or objective != row.metric:
        return f"{words} The {_split(report)} examples were not used for it."
    gap = value - row.value
    words += f" There it had {written(value, row)}"
    words += f" (n = {chosen['n']:,})," if chosen.get("n") else ","
    shown = written(abs(gap), row).replace("%", "points")
    if abs(gap) < 5e-4 * max(1.0, abs(row.value)):
        return f"{words} here the same: the choice did not flatter it."
    words += f" here {shown} {'less' if gap > 0 else 'more'}"
    if row.low is not None and row.low <= value <= row.high:
        return f"{words}, a gap that chance may explain."
    worse = gap > 0 if row.better == "higher" else gap < 0
    if worse:
        return f"{words}: the choice flatters, this number doesn't."
    return f"{words}."


def _split(report):
    return report.context.get("split") or "test"


def _glance(report):
    """Four numbers that lead on to their sections."""
    if "comparison" in report.context:
        return []
    tiles = []
    curves, rows = severity_curves(report)
    if curves:
        row = worst_mean(report, curves, rows)
        detail = f"{curves[0]['name']}, mean"
        tiles.append(_tile("breaks", "worst corruption", row, detail))
    for key, name, part in (
        ("calibration/ece", "calibration error", "calibration"),
        ("cost/latency_1", "one answer", "cost"),
    ):
        found = [r for r in report.rows if r.key == key]
        if found and found[0].value is not None:
            tiles.append(_tile(part, name, found[0], interval(found[0])))
    for probe, part in (("subgroup", "subgroups"), ("shift", "elsewhere")):
        worst = [
            row
            for row in report.rows
            if row.key == f"{probe}/worst" and row.value is not None
        ]
        if worst:
            row = worst[0]
            name = f"worst {row.slice.get('by', 'test set')}"
            tile = _tile(part, name, row, "")
            tile["detail"] = interval(row)
            tiles.insert(len(tiles) - 1, tile)
    return tiles


def _tile(part, name, row, detail):
    value = written(row.value, row)
    return {"href": part, "name": name, "value": value, "detail": detail}


def _answers_title(report):
    return "Answers" if "scatter" in report.tables else "Confusions"


def _learning(context):
    epochs = epochs_of(context.get("history"))
    names = list(dict.fromkeys(name for epoch in epochs for name in epoch))
    metrics = [name for name in names if f"val_{name}" in names]
    metrics = metrics or [name for name in ("loss",) if name in names]
    if not metrics:
        return None
    drawn = [learning_curve(epochs, name) for name in metrics]
    lines = [
        [str(i + 1), *(number(epoch.get(name)) for name in names)]
        for i, epoch in enumerate(epochs)
        if all(not isinstance(epoch.get(n), str) for n in names)
    ]
    heads = ["epoch", *(spoken(name) for name in names)]
    folded = [table("epochs", "each epoch", heads, lines)]
    return {"figures": drawn, "folded": folded}


def _tuning(context):
    trials = context.get("trials") or []
    names = list(dict.fromkeys(name for trial in trials for name in trial))
    names = [
        name
        for name in names
        if any(trial.get(name) not in (None, "") for trial in trials)
    ]
    if not names:
        return None
    lines = [
        [_short(trial.get(name)) for name in names]
        for trial in trials[:_MOST_TRIALS]
    ]
    text = f"{len(trials)} trials, the best first."
    if len(trials) > _MOST_TRIALS:
        text += f" The first {_MOST_TRIALS} are shown."
    return {"text": text, "tables": [table("trials", "", names, lines, 0)]}


def _short(value):
    if value is None:
        return ""
    if isinstance(value, float):
        return number(value)
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "\u2026"


def _splits(data):
    """The examples of each split, by class where there are classes."""
    counts = data.get("counts") if isinstance(data, dict) else None
    if not isinstance(counts, dict) or not counts:
        return None
    classes = data.get("classes")
    classes = classes if isinstance(classes, dict) else {}
    names = list(dict.fromkeys(n for part in classes.values() for n in part))
    lines = [
        [
            split,
            f"{count:,}",
            *(str((classes.get(split) or {}).get(n, 0)) for n in names),
        ]
        for split, count in counts.items()
    ]
    return table("splits", "examples by split", ["", "all", *names], lines)


def _copies(data):
    """Examples that are there more than once, leaks first."""
    twice = data.get("duplicates") if isinstance(data, dict) else None
    if not isinstance(twice, dict) or not twice:
        return None
    leaks = data.get("leaks") or {}
    lines = [
        [name.replace("/", ", "), f"{count:,}", "leak" if name in leaks else ""]
        for name, count in sorted(
            twice.items(), key=lambda e: e[0] not in leaks
        )
    ]
    return table("copies", "equal examples", ["in", "count", ""], lines)


def _origin(context):
    lines = []
    seeds = context.get("seeds") or {}
    versions = context.get("versions") or {}
    seconds = context.get("seconds") or {}
    if not isinstance(seconds, dict):
        seconds = {"train": seconds}
    lines += [[name, str(value)] for name, value in versions.items()]
    lines += [[f"seed: {name}", str(value)] for name, value in seeds.items()]
    lines += [
        [f"time: {name}", f"{value:.1f}\u202fs"]
        for name, value in seconds.items()
        if isinstance(value, (int, float))
    ]
    for name in ("device", "platform", "created", "fingerprint"):
        if context.get(name):
            lines.append([name, str(context[name])])
    code = {
        name: context[name]
        for name in ("recipe", "task", "data", "probes")
        if context.get(name)
    }
    if not lines and not code:
        return None
    return {
        "folded": [
            _splits(context.get("data")),
            _copies(context.get("data")),
            table("versions", "versions, seeds, times", ["", ""], lines, 2),
        ],
        "code": json.dumps(code, indent=2, ensure_ascii=False) if code else "",
    }


def _everything(report):
    tests = report.tables.get("tests") or {}
    comparison = "comparison" in report.context
    lines = []
    for row in report.rows:
        test = tests.get(row.name)
        lines.append(
            [
                " \u00b7 ".join([row.key, *map(str, row.slice.values())]),
                _points(written(row.value, row), comparison),
                _points(interval(row), comparison),
                f"{row.n:,}",
                f"McNemar p = {test['p']:.2g}" if test else row.why or "",
            ]
        )
    head = ["", "value", "95 % interval", "n", "note"]
    return table("everything", f"{len(lines)} rows", head, lines)
