"""The figures of a report."""

from collections.abc import Mapping

from kerasgen.evaluate.figure import COLOURS, SIZE, Canvas, percent, spread

_INK, _MUTED, _LINE = COLOURS["ink"], COLOURS["muted"], COLOURS["line"]
_ACCENT, _WARN, _QUIET = COLOURS["accent"], COLOURS["warn"], COLOURS["quiet"]


def corruption_curves(curves, label, share):
    """Draws the headline over severities, the worst corruption in colour.

    Args:
        curves: list of dict, the worst first: `name`, `severity` (list),
            `value`, `low` and `high` (lists); severity 0 is the clean score.
        label: str, the metric.
        share: bool, whether values are shares.

    Returns:
        str, an SVG element.
    """
    worst = curves[0]
    end = worst["value"][-1]
    shown = f"{100 * end:.1f} %" if share else f"{end:.3g}"
    canvas = Canvas(
        "corruption-curves",
        f"{label} by severity of each corruption",
        f"Worst is {worst['name']}: {shown} at severity "
        f"{worst['severity'][-1]}. The table below has every number.",
        390,
        270,
    )
    axes = canvas.axes
    axes.fill_between(
        worst["severity"],
        worst["low"],
        worst["high"],
        color=_WARN,
        alpha=0.14,
        linewidth=0,
    )
    for curve in reversed(curves):
        first = curve is worst
        axes.plot(
            curve["severity"],
            curve["value"],
            color=_WARN if first else _QUIET,
            linewidth=2.4 if first else 1.3,
            solid_capstyle="round",
        )
    _end_labels(axes, curves)
    axes.set_xticks(worst["severity"])
    ticks = ["clean" if s == 0 else str(s) for s in worst["severity"]]
    axes.set_xticklabels(ticks)
    axes.set_xlabel("severity")
    if share:
        percent(axes.yaxis)
    return canvas.svg()


def _end_labels(axes, curves):
    values = [v for curve in curves for v in (*curve["value"], *curve["low"])]
    low, high = min(values), max(*values, *curves[0]["high"])
    pad = 0.04 * (high - low or 1.0)
    low, high = low - pad, high + pad
    axes.set_ylim(low, high)
    gap = 0.062 * (high - low)
    places = spread([curve["value"][-1] for curve in curves], gap, low, high)
    last = curves[0]["severity"][-1]
    room = 0.11 * (last or 1)
    axes.set_xlim(0 - 0.03 * last, last + room)
    for curve, place in zip(curves, places, strict=True):
        first = curve is curves[0]
        end = curve["value"][-1]
        axes.plot(
            [last + 0.01 * room, last + room * 0.75],
            [end, place],
            color=_WARN if first else _LINE,
            linewidth=0.8,
            clip_on=False,
        )
        axes.text(
            last + room * 0.9,
            place,
            curve["name"],
            color=_WARN if first else _MUTED,
            fontsize=SIZE,
            va="center",
            ha="left",
            fontweight="bold" if first else "normal",
        )


def reliability_diagram(bins):
    """Draws accuracy over confidence, with intervals, and how many there are.

    Args:
        bins: list of dict, as `metrics.reliability` gives them, with
            `accuracy_low` and `accuracy_high`.

    Returns:
        str, an SVG element.
    """
    used = [row for row in bins if row["n"]]
    n, most = sum(row["n"] for row in used), max(row["n"] for row in used)
    gap = sum(row["n"] * (row["confidence"] - row["accuracy"]) for row in used)
    word = "above" if gap > 0 else "below"
    canvas = Canvas(
        "reliability",
        "Reliability diagram",
        f"Over {n} examples confidence is on average "
        f"{100 * abs(gap) / n:.1f} points {word} accuracy.",
        360,
        290,
    )
    axes = canvas.axes
    axes.plot([0, 1], [0, 1], color=_QUIET, linewidth=1, dashes=(4, 3))
    for row in used:
        axes.bar(
            (row["low"] + row["high"]) / 2,
            0.22 * row["n"] / most,
            (row["high"] - row["low"]) * 0.86,
            color=_ACCENT,
            alpha=0.16,
            linewidth=0,
        )
        axes.plot(
            [row["confidence"]] * 2,
            [row["accuracy_low"], row["accuracy_high"]],
            color=_ACCENT,
            linewidth=1.4,
            alpha=0.2 + 0.5 * (row["n"] / most) ** 0.5,
        )
    axes.scatter(
        [row["confidence"] for row in used],
        [row["accuracy"] for row in used],
        s=[22 + 60 * row["n"] / n for row in used],
        color=_ACCENT,
        linewidth=0,
        zorder=3,
    )
    axes.set_xlim(0, 1.01)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("confidence (bars: how many examples)")
    axes.set_ylabel("accuracy")
    percent(axes.xaxis)
    percent(axes.yaxis)
    return canvas.svg()


def dot_plot(rows, name, title, share, reference=None):
    """Draws one number a line, with its interval, the worst in colour.

    Args:
        rows: list of dict, top to bottom: `name`, `value`, `low`, `high`,
            `n`; the first is the worst.
        name: str, the figure's id.
        title: str, what is shown.
        share: bool, whether values are shares.
        reference: float, the value for everyone, or None.

    Returns:
        str, an SVG element.
    """
    worst = rows[0]
    shown = (
        f"{100 * worst['value']:.1f} %" if share else f"{worst['value']:.3g}"
    )
    canvas = Canvas(
        name,
        title,
        f"Worst is {worst['name']}: {shown}, n = {worst['n']}. The table has "
        "every number.",
        370,
        74 + 21 * len(rows),
    )
    axes = canvas.axes
    axes.grid(False, axis="y")
    axes.grid(True, axis="x", color=_LINE, linewidth=0.8)
    if reference is not None:
        axes.axvline(reference, color=_QUIET, linewidth=1, dashes=(4, 3))
        axes.set_xlabel("dashed: all examples")
    for place, row in enumerate(rows):
        colour = _WARN if place == 0 else _ACCENT
        if row["low"] is not None:
            ends = [row["low"], row["high"]]
            axes.plot(ends, [place] * 2, color=colour, lw=1.6, alpha=0.55)
        axes.scatter([row["value"]], [place], s=34, color=colour, lw=0)
    axes.set_yticks(range(len(rows)))
    axes.set_yticklabels([_short(row["name"]) for row in rows])
    axes.tick_params(axis="y", colors=_INK)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    if share:
        percent(axes.xaxis)
    return canvas.svg()


def scatter(truth, answer, unit):
    """Draws answers over the truth.

    Args:
        truth: list of float.
        answer: list of float.
        unit: str, the target's unit.

    Returns:
        str, an SVG element.
    """
    canvas = Canvas(
        "scatter",
        "Answer and truth",
        f"{len(truth)} test examples; on the dashed line the answer is right.",
        360,
        300,
    )
    axes = canvas.axes
    both = [v for v in (*truth, *answer) if v is not None]
    ends = [min(both), max(both)]
    axes.plot(ends, ends, color=_QUIET, linewidth=1, dashes=(4, 3))
    axes.scatter(truth, answer, s=16, color=_ACCENT, alpha=0.5, linewidth=0)
    suffix = f" ({unit})" if unit else ""
    axes.set_xlabel(f"truth{suffix}")
    axes.set_ylabel(f"answer{suffix}")
    return canvas.svg()


def learning_curve(history, metric):
    """Draws one metric over epochs, on train and on stop.

    Args:
        history: list of dict, the logged numbers of each epoch.
        metric: str, as in "loss".

    Returns:
        str, an SVG element.
    """
    known = {
        name: [
            (i + 1, epoch[key])
            for i, epoch in enumerate(history)
            if isinstance(epoch.get(key), (int, float))
        ]
        for name, key in (("train", metric), ("stop", f"val_{metric}"))
    }
    known = {name: points for name, points in known.items() if points}
    ends = ", ".join(
        f"{name} {points[-1][1]:.4g}" for name, points in known.items()
    )
    canvas = Canvas(
        f"curve-{_word(metric)}",
        f"{metric} over {len(history)} epochs",
        f"At the end: {ends}.",
        350,
        220,
    )
    _lines(canvas.axes, known, {"train": _QUIET, "stop": _ACCENT})
    canvas.axes.set_title(
        metric, loc="left", fontsize=SIZE, color=_INK, fontweight="bold"
    )
    return canvas.svg()


def curves(histories, metric):
    """Draws one metric of several trainings, the first in colour.

    Args:
        histories: dict of name to the list of dict that a training logged,
            one for each epoch; the best first.
        metric: str, as in "val_loss".

    Returns:
        str, an SVG element that also stands in a file of its own.

    Example:
        >>> drawn = curves({"trial 0": [{"val_loss": 1.0}]}, "val_loss")
        >>> "val_loss" in drawn
        True
    """
    known = {}
    for name, history in histories.items():
        points = [
            (index + 1, epoch[metric])
            for index, epoch in enumerate(history)
            if isinstance(epoch.get(metric), (int, float))
        ]
        if points:
            known[name] = points
    canvas = Canvas(
        f"curves-{_word(metric)}",
        f"{metric} of {len(known)} trainings",
        f"The best is {next(iter(known), 'none')}.",
        460,
        280,
    )
    best = next(iter(known), None)
    colours = {name: _ACCENT if name == best else _QUIET for name in known}
    _lines(canvas.axes, known, colours, named=len(known) <= 6)
    canvas.axes.set_ylabel(metric)
    return canvas.svg()


def _lines(axes, known, colours, named=True):
    for name, points in reversed(known.items()):
        steps, values = zip(*points, strict=True)
        strong = colours[name] == _ACCENT
        axes.plot(
            steps,
            values,
            color=colours[name],
            linewidth=2 if strong else 1.2,
            marker="o" if len(points) == 1 else None,
            markersize=4,
            zorder=3 if strong else 2,
        )
    axes.set_xlabel("epoch")
    axes.xaxis.get_major_locator().set_params(integer=True)
    if not known or not named:
        return
    low, high = axes.get_ylim()
    last = max(points[-1][0] for points in known.values())
    first = min(points[0][0] for points in known.values())
    places = [points[-1][1] for points in known.values()]
    places = spread(places, 0.09 * (high - low), low, high)
    for (name, _), place in zip(known.items(), places, strict=True):
        axes.annotate(
            name,
            (last + 0.03 * (last - first or 1), place),
            color=colours[name] if colours[name] == _ACCENT else _MUTED,
            fontsize=SIZE,
            va="center",
            annotation_clip=False,
        )


def epochs_of(history):
    """Brings a history to one dict an epoch.

    Args:
        history: list of dict, or a dict of lists as Keras gives it, or None.

    Returns:
        List of dict.

    Example:
        >>> epochs_of({"loss": [2.0, 1.0]})
        [{'loss': 2.0}, {'loss': 1.0}]
    """
    if not isinstance(history, Mapping):
        return list(history or ())
    length = max((len(values) for values in history.values()), default=0)
    return [
        {k: values[i] for k, values in history.items() if i < len(values)}
        for i in range(length)
    ]


def _short(name):
    return name if len(name) <= 18 else name[:17] + "\u2026"


def _word(name):
    return "".join(c if c.isalnum() else "-" for c in name)
