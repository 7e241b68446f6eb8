"""What the page tells of named test sets from elsewhere."""

from kerasgen.evaluate.plots import dot_plot
from kerasgen.evaluate.words import (
    interval,
    is_share,
    row_table,
    spoken,
    written,
)

_MOST_DOTS = 30


def elsewhere(report):
    """How the model does on each named test set.

    Args:
        report: Report.

    Returns:
        dict of figure, table and words, or None.
    """
    found = [
        row
        for row in report.rows
        if row.probe == "shift" and row.value is not None
    ]
    sets = [r for r in found if r.slice and r.metric != "drop"]
    if not sets:
        return None
    higher = sets[0].better == "higher"
    sets.sort(key=lambda row: row.value if higher else -row.value)
    dots = [
        {
            "name": str(row.slice["domain"]),
            "value": row.value,
            "low": row.low,
            "high": row.high,
            "n": row.n,
        }
        for row in sets
    ]
    metric, share = spoken(sets[0].metric), is_share(sets[0])
    title = f"{metric} by test set"
    whole = report.headline.value if report.headline else None
    return {
        "text": _words(found, sets, metric),
        "figures": [dot_plot(dots[:_MOST_DOTS], "shift", title, share, whole)],
        "folded": [
            row_table(
                "shift-table", title, sets, lambda row: row.slice["domain"]
            )
        ],
    }


def _words(found, sets, metric):
    worst = sets[0]
    name = worst.slice["domain"]
    text = f"Worst test set: {name}, {metric} {written(worst.value, worst)}"
    drop = [r for r in found if r.metric == "drop" and r.slice == worst.slice]
    if drop:
        lost = drop[0]
        text += (
            f"; {written(lost.value, lost)} worse than where it was trained "
            f"({interval(lost)})"
        )
    return f"{text}."
