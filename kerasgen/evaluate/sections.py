"""What the page tells of each probe: words, figures and tables."""

import math

from kerasgen.evaluate.plots import (
    corruption_curves,
    dot_plot,
    reliability_diagram,
    scatter,
)
from kerasgen.evaluate.words import (
    brief,
    cell,
    interval,
    is_share,
    row_table,
    spoken,
    table,
    written,
)

_MOST_CLASSES = 20
_MOST_DOTS = 30


def breaks(report):
    """Where it breaks: the corruptions.

    Args:
        report: Report.

    Returns:
        dict of figure, tables and words, or None.
    """
    curves, found = severity_curves(report)
    if not curves:
        return None
    share = is_share(found[0])
    metric = spoken(found[0].metric)
    mean = report.row(f"corruption/mean_{found[0].metric}")
    name, worst = curves[0]["name"], worst_mean(report, curves, found)
    higher = found[0].better == "higher"
    hardest = min(found, key=lambda r: r.value if higher else -r.value)
    text = (
        f"Over all corruptions and severities the mean {metric} is "
        f"{written(mean.value, mean)} ({interval(mean) or mean.why}). "
        "Worst on average is "
        f"{name}: {written(worst.value, worst)}. The worst single score is "
        f"{written(hardest.value, hardest)}, under "
        f"{spoken(hardest.slice['corruption'])} at severity "
        f"{hardest.slice['severity']}."
    )
    figure = corruption_curves(curves, metric, share)
    return {
        "text": text,
        "figures": [figure],
        "tables": [_severities(curves, found, report)],
    }


def worst_mean(report, curves, rows):
    """Finds the row of the worst corruption's mean over severities.

    Args:
        report: Report.
        curves: list of dict, the worst first.
        rows: list of Row behind them.

    Returns:
        Row.
    """
    key = f"corruption/mean_{rows[0].metric}"
    return report.row(key, corruption=curves[0]["key"])


def severity_curves(report):
    """Collects a curve for each corruption, the worst first.

    Args:
        report: Report.

    Returns:
        Pair of a list of dict (`name`, `key`, `severity`, `value`, `low`,
        `high`, `mean`) and the list of rows behind them.
    """
    rows = [
        row
        for row in report.rows
        if row.probe == "corruption"
        and "severity" in row.slice
        and row.value is not None
    ]
    means = {row.key for row in report.rows if row.metric.startswith("mean_")}
    if not rows or f"corruption/mean_{rows[0].metric}" not in means:
        return [], []
    clean = (report.tables.get("corruption") or {}).get("clean") or {}
    grouped = {}
    for row in rows:
        grouped.setdefault(row.slice["corruption"], []).append(row)
    curves = []
    for name, inside in grouped.items():
        inside.sort(key=lambda row: row.slice["severity"])
        curve = {"name": spoken(name), "key": name}
        curve["severity"] = [row.slice["severity"] for row in inside]
        for part in ("value", "low", "high"):
            numbers = [getattr(row, part) for row in inside]
            whole = zip(numbers, inside, strict=True)
            curve[part] = [r.value if v is None else v for v, r in whole]
        curve["mean"] = sum(curve["value"]) / len(inside)
        if clean.get("value") is not None:
            curve["severity"].insert(0, 0)
            for part in ("value", "low", "high"):
                end = clean.get(part)
                end = clean["value"] if end is None else end
                curve[part].insert(0, end)
        curves.append(curve)
    sign = 1.0 if rows[0].better == "higher" else -1.0
    curves.sort(key=lambda curve: sign * curve["mean"])
    return curves, rows


def _severities(curves, rows, report):
    share, sign = is_share(rows[0]), 1.0 if rows[0].better == "higher" else -1.0
    levels = sorted({s for c in curves for s in c["severity"] if s})
    best = curves[0]["value"][0]
    far = max(sign * (best - v) for c in curves for v in c["value"])
    far = 0.6 if share else max(far, 1e-12)

    def short(value):
        if value is None:
            return "\u2013"
        return f"{100 * value:.1f}" if share else brief(value)

    lines = []
    for curve in curves:
        key = f"corruption/mean_{rows[0].metric}"
        mean = report.row(key, corruption=curve["key"])
        line = [cell(short(mean.value), interval(mean), None, "strong")]
        for level in levels:
            if level not in curve["severity"]:
                line.append(short(None))
                continue
            place = curve["severity"].index(level)
            low, value, high = (
                curve[part][place] for part in ("low", "value", "high")
            )
            title = f"{short(low)} \u2013 {short(high)}"
            line.append(cell(short(value), title, sign * (best - value) / far))
        lines.append([curve["name"], *line])
    metric, unit = spoken(rows[0].metric), " in %" if share else ""
    clean = f"clean {short(best)}; " if curves[0]["severity"][0] == 0 else ""
    caption = f"{metric}{unit} by severity; {clean}n = {rows[0].n:,}"
    return table("corruptions", caption, ["", "mean", *map(str, levels)], lines)


def calibration(report):
    """Whether probabilities mean what they say.

    Args:
        report: Report.

    Returns:
        dict, or None.
    """
    rows = _answered(report, "calibration")
    bins = (report.tables.get("reliability") or {}).get("bins")
    if not rows or not bins:
        return None
    used = [row for row in bins if row["n"]]
    n = sum(row["n"] for row in used)
    gap = sum(r["n"] * (r["confidence"] - r["accuracy"]) for r in used) / n
    word = "over" if gap > 0 else "under"
    text = (
        f"On average the model is {100 * abs(gap):.1f} points {word}confident: "
        f"it claims {100 * sum(r['n'] * r['confidence'] for r in used) / n:.1f}"
        f" % and is right in {100 * sum(r['hits'] for r in used) / n:.1f} %."
    )
    lines = [
        [
            f"{100 * row['low']:.0f} \u2013 {100 * row['high']:.0f} %",
            f"{100 * row['confidence']:.1f} %",
            f"{100 * row['accuracy']:.1f} %",
            f"{100 * row['accuracy_low']:.0f} \u2013 "
            f"{100 * row['accuracy_high']:.0f} %",
            str(row["n"]),
        ]
        for row in used
    ]
    head = ["confidence", "mean", "accuracy", "95 % interval", "n"]
    caption = "lower is better"
    return {
        "text": text,
        "figures": [reliability_diagram(bins)],
        "tables": [_metrics("calibration-scores", caption, rows)],
        "folded": [table("reliability-bins", "by confidence", head, lines)],
    }


def subgroups(report):
    """Whom the model serves worst.

    Args:
        report: Report.

    Returns:
        dict, or None.
    """
    rows = _answered(report, "subgroup")
    figures, tables, words = [], [], []
    for by in ("class", "group"):
        inside = [row for row in rows if by in row.slice]
        if not inside:
            continue
        higher = inside[0].better == "higher"
        inside.sort(key=lambda row: row.value if higher else -row.value)
        dots = [
            {
                "name": str(row.slice[by]),
                "value": row.value,
                "low": row.low,
                "high": row.high,
                "n": row.n,
            }
            for row in inside
        ]
        metric, share = spoken(inside[0].metric), is_share(inside[0])
        name = f"subgroup-{by}"
        title = f"{metric} by {by}"
        whole = report.headline.value if report.headline else None
        figures.append(dot_plot(dots[:_MOST_DOTS], name, title, share, whole))
        tables.append(
            row_table(
                f"{name}-table", title, inside, lambda r, by=by: r.slice[by]
            )
        )
        words.append(_extremes(rows, by, inside))
    if not figures:
        return None
    return {"text": " ".join(words), "figures": figures, "folded": tables}


def _extremes(rows, by, inside):
    worst, count = inside[0], len(inside)
    found = {row.metric: row for row in rows if row.slice == {"by": by}}
    if "worst" not in found or "gap" not in found:
        return ""
    low, gap = found["worst"], found["gap"]
    return (
        f"Worst {by}: {worst.slice[by]}, {written(low.value, low)}. Allowing "
        f"for having looked at all {count}, the worst may truly have "
        f"{interval(low)}, and the gap from best to worst, here "
        f"{written(gap.value, gap)}, may be {interval(gap)}."
    )


def answers(report):
    """What is taken for what, or how far answers are off.

    Args:
        report: Report.

    Returns:
        dict, or None.
    """
    points = report.tables.get("scatter")
    if points and points.get("truth"):
        unit = (report.context.get("task") or {}).get("unit") or ""
        figure = scatter(points["truth"], points["answer"], unit)
        return {"text": "", "figures": [figure], "tables": []}
    found = report.tables.get("confusion")
    if not found:
        return None
    labels, counts = found["labels"], found["counts"]
    pairs = [
        (count, labels[i], labels[j], sum(line))
        for i, line in enumerate(counts)
        for j, count in enumerate(line)
        if i != j and count
    ]
    pairs.sort(key=lambda pair: -pair[0])
    text = "No test example was taken for another class."
    if pairs:
        listed = ", ".join(
            f"{truth} for {answer} ({count} of {n})"
            for count, truth, answer, n in pairs[:3]
        )
        text = f"Most often mistaken: {listed}."
    folded = []
    if len(labels) <= _MOST_CLASSES:
        folded.append(_confusion(labels, counts))
    return {"text": text, "figures": [], "folded": folded}


def _confusion(labels, counts):
    lines = []
    for i, line in enumerate(counts):
        n = sum(line) or 1
        cells = [
            cell(
                str(count) if count else "\u00b7",
                f"{labels[i]} answered as {labels[j]}: {count}",
                None if i == j or not count else 0.15 + count / n,
                "strong" if i == j else "",
            )
            for j, count in enumerate(line)
        ]
        lines.append([labels[i], *cells])
    caption = "truth by row, answer by column"
    return table("confusion", caption, ["", *labels], lines)


def cost(report):
    """What an answer costs.

    Args:
        report: Report.

    Returns:
        dict, or None.
    """
    rows = _answered(report, "cost")
    if not rows:
        return None
    found = report.tables.get("cost") or {}
    where = found.get("device") or report.context.get("device") or "unknown"
    text = (
        f"Times are medians of single calls on this machine: {where}, "
        f"{found.get('cores', '?')} cores. Operations are for one example."
    )
    return {"text": text, "tables": [_metrics("cost-table", "", rows)]}


def folds(report):
    """How the score varies over folds.

    Args:
        report: Report.

    Returns:
        dict, or None.
    """
    rows = _answered(report, "folds")
    inside = [row for row in rows if "fold" in row.slice]
    if not inside:
        return None
    whole = [row for row in rows if not row.slice]
    spread = [row.value for row in inside]
    mean = sum(spread) / len(spread)
    deviation = math.sqrt(
        sum((v - mean) ** 2 for v in spread) / max(len(spread) - 1, 1)
    )
    first = inside[0]
    text = (
        f"Over {len(inside)} folds, each tested once by a model that never saw "
        f"it, the {spoken(first.metric)} is {written(mean, first)} with a "
        f"standard deviation of {written(deviation, first)}."
    )
    lines = [*whole, *inside]
    tables = [
        row_table(
            "folds",
            "",
            lines,
            lambda r: f"fold {r.slice['fold']}" if r.slice else "all",
        )
    ]
    return {"text": text, "tables": tables}


def _metrics(name, caption, rows):
    return row_table(name, caption, rows, lambda row: spoken(row.metric))


def _answered(report, probe):
    return [
        row
        for row in report.rows
        if row.probe == probe and row.value is not None
    ]
