"""Sheet: examples of each kind drawn into a figure."""

import numpy as np

from kerasgen.data.sheet_lines import draw_tables, draw_texts

_INK, _MUTED, _ACCENT = "#1c2329", "#626c76", "#b5502b"
# Colours of a mask's classes, told apart by the colour-blind.
_CLASSES = (
    *("#e69f00", "#56b4e9", "#009e73", "#f0e442"),
    *("#0072b2", "#d55e00", "#cc79a7", "#999999"),
)
_VOID = 255
_ACROSS, _FRAMES = 8, 6


def draw(figure, data, sides):
    """Draws a contact sheet.

    Args:
        figure: matplotlib Figure, empty.
        data: Data that the examples are of.
        sides: list of dicts of arrays with `x`, maybe `y`, and `prepared`:
            the examples before and, where there are two, after augmentation.

    Example:
        >>> import kerasgen as kg
        >>> from matplotlib.figure import Figure
        >>> data = kg.data.load("digits")
        >>> figure = Figure()
        >>> side = {"x": data.raw("test", 2), "prepared": False}
        >>> draw(figure, data, [side])
        >>> len(figure.axes)
        2
    """
    kind, prepared = data.schema.kind, sides[0]["prepared"]
    titles = [labels_of(data, side.get("y")) for side in sides]
    if kind in ("text", "tokens") and not prepared:
        draw_texts(figure, [_sentences(s["x"]) for s in sides], titles)
    elif kind == "video":
        _draw_grid(figure, data, _strips(data, sides), titles, 1)
    elif kind in ("image", "audio"):
        pictures = [_pictures(data, side) for side in sides]
        _draw_grid(figure, data, pictures, titles, _ACROSS)
    else:
        tables = [_cells(data, side["x"]) for side in sides]
        draw_tables(figure, tables, titles)


def labels_of(data, y):
    """Words for the labels of examples.

    Args:
        data: Data.
        y: labels as a batch has them, or None.

    Returns:
        list of str, or None where there is nothing to say in a line.

    Example:
        >>> import kerasgen as kg
        >>> labels_of(kg.data.load("wine"), np.array([[0.0, 0.7, 0.3]]))
        ['class_1: 70 %, class_2: 30 %']
    """
    if y is None:
        return None
    if isinstance(y, dict):
        names = dict(data.schema.labels)
        each = [
            [f"{k}: {_word(v, names.get(k))}" for v in values]
            for k, values in y.items()
        ]
        return [", ".join(row) for row in zip(*each, strict=True)]
    if data.schema.target == "mask":
        return None
    if data.schema.target == "tags":
        names = data.labels
        rows = [[names[int(t)] for t in row if t >= 0] for row in y]
        return [" ".join(row) for row in rows]
    return [_word(value, data.labels) for value in y]


def _word(value, names):
    if np.ndim(value) == 1 and names:
        order = np.argsort(-value, kind="stable")
        told = [i for i in order if value[i] >= 0.005][:3]
        if len(told) == 1:
            return names[told[0]]
        return ", ".join(f"{names[i]}: {100 * value[i]:.0f} %" for i in told)
    if isinstance(value, str):
        return value
    if names:
        return names[int(value)]
    return f"{float(np.ravel(value)[0]):.4g}"


def _sentences(x):
    if x.ndim == 1:
        return [str(text) for text in x]
    return [" ".join(word for word in row if word) for row in x]


def _cells(data, x):
    """Column names, and a list of rows of str."""
    if isinstance(x, dict):
        names = list(x)
        columns = [[_cell(value) for value in x[name]] for name in names]
        return names, [list(row) for row in zip(*columns, strict=True)]
    x = np.asarray(x).reshape(len(x), -1)
    names = [str(index) for index in range(x.shape[1])]
    return names, [[_cell(value) for value in row] for row in x]


def _cell(value):
    if isinstance(value, str):
        return value or "–"
    return "–" if np.isnan(value) else f"{value:.4g}"


def _pictures(data, side):
    """Drawable arrays: (height, width, 3) in [0, 1], or spectra."""
    x = side["x"]
    if data.schema.kind == "audio":
        if side["prepared"] and x.ndim > 2:
            return [np.asarray(row, "float32").T for row in x]
        return [_spectrum(row, data.schema.rate) for row in x]
    colours = [_colours(image, data.schema) for image in x]
    y = side.get("y")
    if data.schema.target != "mask" or y is None:
        return colours
    return [
        _overlay(image, mask) for image, mask in zip(colours, y, strict=True)
    ]


def _colours(image, schema):
    unit = (np.asarray(image, "float32") - schema.low) / (
        schema.high - schema.low
    )
    unit = np.clip(unit, 0.0, 1.0)
    return np.repeat(unit, 3, -1) if unit.shape[-1] == 1 else unit


def _overlay(image, mask):
    mask = np.asarray(mask)
    if mask.ndim == 3 and mask.shape[-1] > 1:
        mask = mask.argmax(-1)
    mask = np.round(mask.reshape(image.shape[:2])).astype(int)
    # Grey below, so that the colours of classes stand out.
    found = np.repeat(image.mean(-1, keepdims=True), 3, -1)
    for label in np.unique(mask):
        if 0 < label < _VOID:
            colour = _rgb(_CLASSES[(label - 1) % len(_CLASSES)])
            own = mask == label
            found[own] = 0.5 * found[own] + 0.5 * colour
    return found


def _rgb(colour):
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0


def _spectrum(samples, rate):
    """Decibels (frequency, time) below the loudest of a full tone."""
    samples = np.asarray(samples, "float32")
    window = int(2 ** np.clip(round(np.log2(0.032 * rate)), 5, 11))
    samples = np.pad(samples, (0, max(0, window - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(samples, window)
    frames = frames[:: window // 4] * np.hanning(window)
    power = np.abs(np.fft.rfft(frames, axis=1)) / (window / 4)
    return 20 * np.log10(np.maximum(power, 1e-4)).T


def _strips(data, sides):
    found = []
    for side in sides:
        strips = []
        for clip in side["x"]:
            count = min(_FRAMES, len(clip))
            shown = np.round(np.linspace(0, len(clip) - 1, count)).astype(int)
            frames = [_colours(clip[i], data.schema) for i in shown]
            gap = max(2, frames[0].shape[1] // 12)
            white = np.ones((frames[0].shape[0], gap, 3), "float32")
            row = [part for frame in frames for part in (frame, white)][:-1]
            strips.append(np.concatenate(row, 1))
        found.append(strips)
    return found


def _draw_grid(figure, data, sides, titles, across):
    count = len(sides[0])
    across = min(across, count)
    bands = -(-count // across)
    shape = sides[0][0].shape
    sound = data.schema.kind == "audio"
    wide = 1.2 * _FRAMES if data.schema.kind == "video" else 1.5
    tall = 1.2 if sound else wide * shape[0] / shape[1]
    room = 0.12 if titles[0] is None else 0.3
    left, foot = 0.4 if len(sides) > 1 else 0.12, _legend_height(data)
    width = left + across * (wide + 0.12)
    height = bands * (len(sides) * (tall + room) + 0.15) + foot + 0.15
    # A narrow sheet is as wide as its longest title needs.
    width = max(width, 2.4)
    figure.set_size_inches(width, height)
    for number in range(count):
        band, column = divmod(number, across)
        for row, pictures in enumerate(sides):
            x = left + column * (wide + 0.12)
            top = band * (len(sides) * (tall + room) + 0.15)
            y = height - 0.1 - top - (row + 1) * (tall + room)
            box = (x / width, y / height, wide / width, tall / height)
            axes = figure.add_axes(box)
            _show(axes, pictures[number], sound)
            _name(axes, titles[row], number, wide)
            if column == 0 and len(sides) > 1:
                side = "before" if row == 0 else "after"
                axes.set_ylabel(side, fontsize=8, color=_MUTED)
    _legend(figure, data, left / width, foot / height)


def _show(axes, picture, sound):
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color("#dde1e6")
    if sound:
        low, high = np.percentile(picture, (2, 100))
        axes.imshow(
            picture,
            origin="lower",
            aspect="auto",
            cmap="magma",
            vmin=low,
            vmax=max(high, low + 1e-6),
        )
    else:
        axes.imshow(np.clip(picture, 0, 1), interpolation="nearest")


def _name(axes, titles, number, wide):
    if titles is None:
        return
    most = int(wide * 13)
    text = titles[number]
    text = text if len(text) <= most else text[: most - 1] + "…"
    axes.set_title(text, fontsize=8, color=_INK, pad=3, parse_math=False)


def _legend_height(data):
    return 0.35 if data.schema.target == "mask" else 0.0


def _legend(figure, data, left, height):
    if data.schema.target != "mask":
        return
    shown = list(enumerate(data.labels))[1:9]
    for place, (label, name) in enumerate(shown):
        colour = _CLASSES[(label - 1) % len(_CLASSES)]
        x = left + place * (1 - left) / max(len(shown), 6)
        figure.text(
            x,
            height / 2,
            f"■ {name[:14]}",
            fontsize=8,
            color=colour,
            va="center",
            parse_math=False,
        )
