"""What the page tells of probes that have no section of their own."""

from kerasgen.evaluate.words import row_table

_OWN = (
    *("clean", "corruption", "shift", "calibration", "subgroup", "cost"),
    *("folds", "attack", "certified", "classic"),
)


def further(report):
    """Lists the numbers of all other probes, and what a twin showed.

    Args:
        report: Report.

    Returns:
        dict of words and a table, or None.
    """
    rows = [
        row
        for row in report.rows
        if row.probe not in _OWN and row.value is not None
    ]
    if not rows:
        return None
    twin = report.context.get("twin") or {}
    text = ". ".join((*twin.get("words", ()), twin.get("warning") or ""))
    found = row_table("further", "", rows, lambda r: r.name)
    return {"text": text, "tables": [found]}
