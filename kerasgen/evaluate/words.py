"""Numbers as a reader wants them, and tables for the page."""

from kerasgen.evaluate.terminal import number

_SCALES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_THIN = "\u202f"
_DASH = "\u2013"


def is_share(row):
    """Says whether a row's number is a share of examples.

    Args:
        row: Row.

    Returns:
        bool.

    Example:
        >>> from kerasgen.evaluate.row import Row
        >>> is_share(Row("clean", "accuracy", 0.9, unit="share"))
        True
    """
    plain = row.unit == "" and row.metric.endswith("accuracy")
    return row.unit == "share" or plain


def written(value, row):
    """Writes a row's value, or an end of its interval.

    Args:
        value: float, or None.
        row: Row, whose unit counts.

    Returns:
        str.

    Example:
        >>> from kerasgen.evaluate.row import Row
        >>> written(0.9, Row("clean", "accuracy", 0.9, unit="share")).split()
        ['90.0', '%']
    """
    if value is None:
        return _DASH
    if is_share(row):
        points = row.metric == "gap"
        unit = "points" if points else "%"
        return f"{_minus(f'{100 * value:.1f}')}{_THIN}{unit}"
    if row.unit in ("byte", "FLOP"):
        short = {"byte": "B", "FLOP": "FLOP"}[row.unit]
        return f"{_minus(scaled(value))}{short}"
    if row.unit == "count":
        return _minus(f"{value:,.0f}")
    text = brief(value)
    return f"{text}{_THIN}{row.unit}" if row.unit else text


def brief(value):
    """Writes a number in three digits, but no more than three decimals.

    Args:
        value: float.

    Returns:
        str.

    Example:
        >>> brief(0.04444), brief(46.39), brief(52.0), brief(0.0)
        ('0.044', '46.4', '52.0', '0')
    """
    size = abs(value)
    if value == 0:
        return "0"
    if size >= 1000 or (size and size < 1e-3):
        text = number(value)
    else:
        before = len(f"{int(size)}") if size >= 1 else 0
        text = f"{value:.{max(0, 3 - before)}f}"
    return _minus(text)


def _minus(text):
    return f"\u2212{text[1:]}" if text.startswith("-") else text


def scaled(value):
    """Writes a count with a letter for thousands, millions and so on.

    Args:
        value: float.

    Returns:
        str that ends with a thin space and the letter.

    Example:
        >>> scaled(1234567.0).split()
        ['1.23', 'M']
    """
    for scale, letter in _SCALES:
        if abs(value) >= scale:
            return f"{value / scale:.3g}{_THIN}{letter}"
    return f"{value:.3g}{_THIN}"


def interval(row):
    """Writes a row's interval.

    Args:
        row: Row.

    Returns:
        str, "" where there is none.

    Example:
        >>> from kerasgen.evaluate.row import Row
        >>> interval(Row("cost", "size", 1.0, 1.0, 1.0))
        'exact'
    """
    if row.low is None or row.high is None:
        return ""
    if row.low == row.high:
        return "exact"
    low, high = written(row.low, row), written(row.high, row)
    unit = low.rsplit(_THIN, 1)[-1]
    if _THIN in low and high.endswith(unit):
        low = low.rsplit(_THIN, 1)[0]
    return f"{low}\u00a0{_DASH}\u2060\u00a0{high}"


def cell(text, title="", tint=None, style=""):
    """Makes one cell of a table.

    Args:
        text: str.
        title: str, shown where a pointer rests.
        tint: float in [0, 1], how strongly it is coloured, or None.
        style: str, a CSS class.

    Returns:
        dict.

    Example:
        >>> cell("0.5", tint=1.0)["tint"]
        '55%'
    """
    tint = None if tint is None else f"{max(0.0, min(tint, 1.0)) * 55:.0f}%"
    return {"text": text, "title": title, "tint": tint, "style": style}


def table(name, caption, columns, rows, text_columns=1):
    """Makes a table.

    Args:
        name: str, its id.
        caption: str, what it shows.
        columns: list of str.
        rows: list of list of str or cell.
        text_columns: int, how many columns on the left hold words.

    Returns:
        dict, or None without rows.

    Example:
        >>> table("a", "", ["name", "n"], [["x", "1"]])["rows"][0][1]["text"]
        '1'
    """
    if not rows:
        return None
    whole = [[c if isinstance(c, dict) else cell(c) for c in r] for r in rows]
    return {
        "id": name,
        "caption": caption,
        "columns": columns,
        "rows": whole,
        "text_columns": text_columns,
    }


def row_table(name, caption, rows, label):
    """Makes a table of rows with their intervals and n.

    Args:
        name: str, its id.
        caption: str.
        rows: list of Row.
        label: callable from a row to the first cell's text.

    Returns:
        dict, or None without rows.
    """
    notes = any(row.why for row in rows)
    lines = []
    for row in rows:
        line = [
            label(row),
            written(row.value, row),
            interval(row),
            f"{row.n:,}" if row.value is not None else "",
        ]
        lines.append([*line, row.why or ""] if notes else line)
    head = ["", "value", "95 % interval", "n", "note"]
    return table(name, caption, head if notes else head[:4], lines)


def spoken(name):
    """Writes a part's name in words.

    Args:
        name: str, in snake case.

    Returns:
        str.

    Example:
        >>> spoken("shot_noise"), spoken("ece"), spoken("latency_256")
        ('shot noise', 'ECE', 'latency, batch of 256')
    """
    known = {
        "ece": "ECE",
        "nll": "log loss",
        "mae": "MAE",
        "rmse": "RMSE",
        "r2": "R\u00b2",
        "brier": "Brier score",
        "flops": "operations",
        "latency_1": "latency, batch of 1",
        "latency_256": "latency, batch of 256",
        "size": "file size",
    }
    return known.get(name, str(name).replace("_", " "))
