"""Lines of a sheet: texts and tables with what changed highlighted."""

import difflib
import textwrap
from unicodedata import east_asian_width

_INK, _MUTED, _LINE = "#1c2329", "#626c76", "#dde1e6"
_NEW, _OLD = "#f6d5c5", "#d5e3ee"
_LETTER, _HEIGHT, _MOST = 0.0745, 0.2, 106
_COLUMNS, _CELL = 10, 11
_ROWS = 6


def draw_texts(figure, sides, titles):
    """Draws texts line by line.

    Args:
        figure: matplotlib Figure, empty.
        sides: list of one or two lists of str, before and after.
        titles: list of as many lists of str, or of None.

    Example:
        >>> from matplotlib.figure import Figure
        >>> figure = Figure()
        >>> draw_texts(figure, [["a b"], ["a c"]], [["x"], ["x"]])
        >>> [text.get_text() for text in figure.texts]
        ['x', 'before', 'a', 'b', 'after', 'a', 'c']
    """
    columns = max(
        _size(text) for each in (*sides, *titles) for text in each or ()
    )
    columns = min(max(columns, 12), _MOST)
    lines = []
    for number in range(len(sides[0])):
        for row, texts in enumerate(sides):
            told = titles[row]
            if told is not None and (row == 0 or told != titles[0]):
                lines.append(("title", [(told[number], None)]))
            other = sides[1 - row][number] if len(sides) > 1 else None
            side = ("before", "after")[row] if len(sides) > 1 else ""
            lines += _wrapped(texts[number], other, row, side, columns)
        lines.append(("", []))
    lines.pop()
    width = 1.1 + columns * _LETTER
    height = (len(lines) + 1) * _HEIGHT
    figure.set_size_inches(width, height)
    for place, (side, words) in enumerate(lines):
        y = 1 - (place + 1) * _HEIGHT / height
        _line(figure, side, words, (width, y), columns)


def _line(figure, side, words, where, columns):
    if side == "title":
        text = textwrap.shorten(words[0][0] or " ", columns, placeholder=" …")
        _put(figure, 0.1, where, text, color=_INK, weight="bold")
        return
    if side:
        _put(figure, 0.1, where, side, color=_MUTED)
    start = 0
    for word, colour in words:
        box = None
        if colour is not None:
            box = {"facecolor": colour, "edgecolor": "none", "pad": 1.5}
        x = 0.8 + start * _LETTER
        look = {"family": "monospace", "color": _INK, "bbox": box}
        _put(figure, x, where, word, **look)
        start += _size(word) + 1


def _put(figure, x, where, text, **look):
    width, y = where
    figure.text(
        x / width, y, text, fontsize=9, va="center", parse_math=False, **look
    )


def _wrapped(text, other, row, side, columns):
    """Lines of (word, colour or None)."""
    words = text.split()
    marks = changed(words, other.split()) if other is not None else ()
    colour = (_OLD, _NEW)[row]
    lines, line, length = [], [], 0
    for index, word in enumerate(words or ["(empty)"]):
        word = _cut(word, columns)
        if length + _size(word) > columns:
            lines.append(line)
            line, length = [], 0
        line.append((word, colour if index in marks else None))
        length += _size(word) + 1
    lines.append(line)
    if len(lines) > _ROWS:
        lines = [*lines[:_ROWS], [("…", None)]]
    return [
        (side if number == 0 else "", line) for number, line in enumerate(lines)
    ]


def _size(text):
    """How many letters wide; some scripts' letters take two."""
    return sum(1 + (east_asian_width(letter) in "WF") for letter in text)


def _cut(word, columns):
    if _size(word) <= columns:
        return word
    most = columns // 2 if _size(word) > len(word) else columns - 1
    return word[:most] + "…"


def changed(words, others):
    """Tells which words aren't in another sentence, in their order.

    Args:
        words: list of str.
        others: list of str.

    Returns:
        set of int, their places.

    Example:
        >>> changed(["a", "dog", "runs"], ["a", "cat", "runs"])
        {1}
    """
    match = difflib.SequenceMatcher(None, words, others, autojunk=False)
    same = {
        place
        for block in match.get_matching_blocks()
        for place in range(block.a, block.a + block.size)
    }
    return set(range(len(words))) - same


def draw_tables(figure, sides, titles):
    """Draws rows of a table, before above after.

    Args:
        figure: matplotlib Figure, empty.
        sides: list of one or two pairs of column names and rows of str.
        titles: list of as many lists of str, or of None.

    Example:
        >>> from matplotlib.figure import Figure
        >>> figure = Figure()
        >>> draw_tables(figure, [(["a"], [["1"]])], [None])
        >>> [text.get_text() for text in figure.texts]
        ['a', '1']
    """
    names = sides[0][0]
    shown = min(len(names), _COLUMNS)
    more = len(names) - shown
    count, each = len(sides[0][1]), len(sides)
    labelled = titles[0] is not None
    left = 0.15 + 0.6 * (each > 1) + 1.1 * labelled
    width = left + shown * 0.95 + 0.2 + 0.5 * (more > 0)
    gap = 0.4 * (each > 1)
    height = (count * (each + gap) + 2.0) * 0.24
    figure.set_size_inches(width, height)

    def put(x, row, text, **look):
        look = {"fontsize": 8, "va": "center", "color": _INK, **look}
        y = 1 - (row + 0.9) * 0.24 / height
        figure.text(x / width, y, text, parse_math=False, **look)

    for place, name in enumerate(names[:shown]):
        x = left + place * 0.95 + 0.85
        put(x, 0, _short(name), ha="right", weight="bold")
    if more:
        put(left + shown * 0.95 + 0.1, 0, f"+ {more}", color=_MUTED)
    for number in range(count):
        for side in range(each):
            row = 1.2 + number * (each + gap) + side
            if labelled:
                put(0.1, row, _short(titles[side][number], 14))
            if each > 1:
                word = ("before", "after")[side]
                put(0.1 + 1.1 * labelled, row, word, color=_MUTED)
            cells = sides[side][1][number]
            other = sides[1 - side][1][number] if each > 1 else cells
            for place in range(shown):
                box = None
                if cells[place] != other[place]:
                    colour = (_OLD, _NEW)[side]
                    box = {"facecolor": colour, "edgecolor": "none", "pad": 2}
                x = left + place * 0.95 + 0.85
                put(x, row, _short(cells[place]), ha="right", bbox=box)


def _short(text, most=_CELL):
    return text if len(text) <= most else text[: most - 1] + "…"
