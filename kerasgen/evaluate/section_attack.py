"""What the page tells of attacks and certificates."""

from kerasgen.evaluate.figure import COLOURS, Canvas, percent
from kerasgen.evaluate.words import interval, row_table, spoken, written


def attacked(report):
    """What is left of the accuracy where inputs are changed on purpose.

    Args:
        report: Report.

    Returns:
        dict of figure, tables and words, or None.
    """
    rows = [
        row
        for row in report.rows
        if row.probe == "attack" and row.value is not None
    ]
    whole = [row for row in rows if row.metric == "robust_accuracy"]
    sure = [
        row
        for row in report.rows
        if row.key == "certified/accuracy" and row.value is not None
    ]
    if not whole and not sure:
        return None
    found = {"text": "", "figures": [], "tables": [], "folded": []}
    if whole:
        _curve(found, report, rows, whole)
    if sure:
        table = report.tables.get("certified") or {}
        told = f"certified within a radius, noise {table.get('sigma', 0):g}"
        found["tables"].append(
            row_table(
                "certified", told, sure, lambda r: f"{r.slice['radius']:g}"
            )
        )
    return found


def _curve(found, report, rows, whole):
    table = report.tables.get("attack") or {}
    last = whole[-1]
    norm = {"inf": "largest", "2": "Euclidean", "1": "summed"}
    kind = norm.get(table.get("norm"), "largest")
    size = f"{last.slice['epsilon']:g}"
    text = (
        f"At a {kind} change of {size} the model is right on "
        f"{written(last.value, last)} ({interval(last)}) of the examples, "
        "whatever attack is used of those that were tried."
    )
    broken = [row for row in rows if row.metric == "violation"]
    if broken:
        told = "; ".join(row.why.split(":")[0] for row in broken)
        text = f"Not to be trusted: {told}. {text}"
    lines = {"all attacks": whole}
    for row in rows:
        if row.metric == "accuracy":
            lines.setdefault(spoken(row.slice["attack"]), []).append(row)
    found["text"] = text
    found["figures"].append(_figure(lines, table.get("clean")))
    every = [row for each in lines.values() for row in each]
    found["folded"].append(
        row_table("attack-table", "accuracy under attack", every, _label)
    )
    if broken:
        found["tables"].append(
            row_table(
                "violations",
                "what is wrong",
                broken,
                lambda r: spoken(r.slice["check"]),
            )
        )


def _label(row):
    attack = row.slice.get("attack")
    attack = spoken(attack) if attack else "all attacks"
    return f"{attack} at {row.slice['epsilon']:g}"


def _figure(lines, clean):
    end = lines["all attacks"][-1]
    canvas = Canvas(
        "attack-curves",
        "accuracy by the size of changes",
        f"What stands all attacks falls to {100 * end.value:.1f} % at "
        f"{end.slice['epsilon']:g}. The table below has every number.",
        390,
        250,
    )
    axes = canvas.axes
    for name, rows in reversed(lines.items()):
        first = name == "all attacks"
        sizes = [row.slice["epsilon"] for row in rows]
        values = [row.value for row in rows]
        if clean is not None:
            sizes, values = [0.0, *sizes], [clean, *values]
        if first:
            axes.fill_between(
                sizes[-len(rows) :],
                [row.low for row in rows],
                [row.high for row in rows],
                color=COLOURS["warn"],
                alpha=0.14,
                linewidth=0,
            )
        axes.plot(
            sizes,
            values,
            color=COLOURS["warn" if first else "quiet"],
            linewidth=2.4 if first else 1.3,
            label=name,
        )
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel("size of changes")
    axes.legend(frameon=False)
    percent(axes.yaxis)
    return canvas.svg()
