"""What the page tells of old models beside the network."""

from kerasgen.evaluate.words import cell, interval, spoken, table, written


def beside(report):
    """How the network does beside old models on the same examples.

    Args:
        report: Report.

    Returns:
        dict of words and a table, or None.
    """
    rows = [r for r in report.rows if r.probe == "classic" and r.slice]
    rows = [r for r in rows if r.value is not None]
    if not rows:
        return None
    metrics = list(dict.fromkeys(r.metric for r in rows if r.metric != "gain"))
    lines = [["this one", *_cells(report.rows, "clean", metrics, {})]]
    words = []
    for name in dict.fromkeys(r.slice["model"] for r in rows):
        where = {"model": name}
        cells = _cells(rows, "classic", metrics, where)
        lines.append([spoken(name), *cells])
        words += [
            _ahead(row, metrics[0])
            for row in rows
            if row.metric == "gain" and row.slice == where
        ]
    heads = ["", *map(spoken, metrics)]
    found = table("beside-table", "on the same examples", heads, lines)
    return {"text": " ".join(words), "tables": [found]}


def _cells(rows, probe, metrics, where):
    found = {r.metric: r for r in rows if r.probe == probe and r.slice == where}
    return [
        cell(written(found[m].value, found[m]), interval(found[m]))
        if m in found
        else written(None, None)
        for m in metrics
    ]


def _ahead(row, metric):
    name = spoken(row.slice["model"])
    shown = written(abs(row.value), row).replace("%", "points")
    side = "ahead of" if row.value >= 0 else "behind"
    text = f"In {spoken(metric)} it is {shown} {side} {name}"
    if row.low is None or row.low <= 0 <= row.high:
        return f"{text}, which chance may explain."
    return f"{text} ({interval(row).replace('%', 'points')})."
