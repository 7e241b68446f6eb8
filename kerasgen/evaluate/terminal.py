"""A report as text in columns of equal width."""

_SEPARATE = "corruption"
_WHOLE = ("byte", "count", "FLOP")
_HIDDEN = ("share", "count")


def text(report):
    """Writes a report for a terminal.

    Corruptions come as a grid with a column for each severity, the worst
    first; all else comes as one line a row.

    Args:
        report: Report, or a comparison.

    Returns:
        str.
    """
    grid = [row for row in report.rows if "severity" in row.slice]
    means = [
        row
        for row in report.rows
        if row.probe == _SEPARATE and list(row.slice) == ["corruption"]
    ]
    shown = {row.name for row in (*grid, *means) if row.value is not None}
    plain = [row for row in report.rows if row.name not in shown]
    blocks = [_plain(plain, report.tables.get("tests", {}))]
    if grid:
        blocks.append(_grid(grid, means))
    return "\n\n".join(block for block in blocks if block)


def number(value, unit=""):
    """Writes a number in few digits.

    Args:
        value: float, or None.
        unit: str; counts, bytes and operations are written in full.

    Returns:
        str.

    Example:
        >>> number(0.97222), number(46.3921), number(41234.5), number(None)
        ('0.9722', '46.39', '41,234', '-')
        >>> number(0.00001234), number(120.0), number(8.0, "byte")
        ('1.234e-05', '120', '8')
    """
    if value is None:
        return "-"
    size = abs(value)
    whole = value == int(value)
    if size >= 1000 or (whole and (size >= 10 or unit in _WHOLE)):
        return f"{value:,.0f}"
    if size and size < 1e-3:
        return f"{value:.3e}"
    return f"{value:.4f}" if size < 10 else f"{value:.2f}"


def _plain(rows, tests):
    if not rows:
        return ""
    cells = []
    for row in rows:
        value = number(row.value, row.unit)
        low, high = (number(end, row.unit) for end in (row.low, row.high))
        sliced = " ".join(f"{k}={v}" for k, v in row.slice.items())
        n = str(row.n) if row.value is not None else ""
        test = tests.get(row.name)
        note = row.why or (f"McNemar p = {test['p']:.3g}" if test else "")
        ends = ("", "") if row.low is None else (low, high)
        unit = "" if row.unit in _HIDDEN else row.unit
        cells.append((row.key, sliced, value, unit, *ends, n, note))
    head = ("metric", "slice", "value", "unit", "low", "high", "n", "note")
    return _align([head, *cells], right=(2, 4, 5, 6))


def _grid(rows, means):
    levels = sorted({row.slice["severity"] for row in rows})
    lines = {}
    for row in rows:
        line = lines.setdefault(row.slice["corruption"], {})
        line[row.slice["severity"]] = row.value
    for row in means:
        line = lines.setdefault(row.slice["corruption"], {})
        line["mean"] = row.value
    higher = rows[0].better == "higher"

    def badness(item):
        found = [v for k, v in item[1].items() if v is not None]
        mean = item[1].get("mean")
        mean = sum(found) / len(found) if mean is None else mean
        return mean if higher else -mean

    known = [
        item
        for item in lines.items()
        if any(v is not None for v in item[1].values())
    ]
    table = [(f"{rows[0].key} by severity", *map(str, levels), "mean")]
    for name, line in sorted(known, key=badness):
        places = [*levels, "mean"]
        table.append((name, *(number(line.get(place)) for place in places)))
    return _align(table, right=range(1, len(levels) + 2))


def _align(table, right):
    used = [i for i in range(len(table[0])) if any(row[i] for row in table[1:])]
    used = used or list(range(len(table[0])))
    width = {i: max(len(row[i]) for row in table) for i in used}
    lines = []
    for row in table:
        cells = [
            row[i].rjust(width[i]) if i in right else row[i].ljust(width[i])
            for i in used
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
