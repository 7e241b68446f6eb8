"""Figures as inline SVG that takes its colours from the page."""

import io
import re
from html import escape

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# Drawn in these, then replaced by CSS variables; where there is no page, as
# in a file of its own, they hold as they are.
COLOURS = {
    "ink": "#1c2329",
    "muted": "#626c76",
    "line": "#dde1e6",
    "accent": "#2b6a99",
    "warn": "#b5502b",
    "quiet": "#9ba5af",
    "page": "#fefefe",
}
SIZE = 11
_FONT = f"{SIZE}px system-ui, sans-serif"


class Canvas:
    """One figure with one pair of axes, in the style of the page.

    Args:
        name: str, unique on a page; ids begin with it.
        title: str, what the figure shows, in a few words.
        text: str, what it says, for those who can't see it.
        width: int, the width in pixels that letters are sized for.
        height: int.

    Example:
        >>> canvas = Canvas("loss", "Loss", "It falls.", 300, 200)
        >>> _ = canvas.axes.plot([1, 2], [2, 1], color=COLOURS["accent"])
        >>> canvas.svg()[:17]
        '<svg id="loss" cl'
    """

    def __init__(self, name, title, text, width=370, height=240):
        self.name, self.title, self.text = name, title, text
        self.size = (width, height)
        inches = (width / 72.0, height / 72.0)
        self.figure = Figure(figsize=inches, layout="constrained")
        self.axes = self.figure.add_subplot()
        style(self.axes)

    def svg(self):
        """Writes the figure.

        Returns:
            str, one `<svg>` element: ids of its own, CSS colours, no size but
            a view box, a title and a description.
        """
        target = io.StringIO()
        settings = {"svg.fonttype": "none", "svg.hashsalt": self.name}
        with rc_context(settings):
            self.figure.savefig(
                target, format="svg", transparent=True, metadata={"Date": None}
            )
        return self._tidy(target.getvalue())

    def _tidy(self, svg):
        svg = svg[svg.index("<svg") :]
        svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
        svg = re.sub(r"<!--.*?-->", "", svg, flags=re.S)
        body = svg[svg.index(">") + 1 :]
        body = re.sub(r'\bid="([^"]+)"', rf'id="{self.name}-\1"', body)
        body = re.sub(r'href="#([^"]+)"', rf'href="#{self.name}-\1"', body)
        body = re.sub(r"url\(#([^)]+)\)", rf"url(#{self.name}-\1)", body)
        body = re.sub(r"font: [^;\"]+", f"font: {_FONT}", body)
        for colour, value in COLOURS.items():
            body = body.replace(value, f"var(--{colour}, {value})")
        body = re.sub(r"\n\s*", "\n", body)
        width, height = self.size
        head = (
            f'<svg id="{self.name}" class="figure" role="img" '
            f'aria-labelledby="{self.name}-title {self.name}-text" '
            f'viewBox="0 0 {width} {height}" '
            'xmlns="http://www.w3.org/2000/svg" '
            'xmlns:xlink="http://www.w3.org/1999/xlink">'
            f'<title id="{self.name}-title">{escape(self.title)}</title>'
            f'<desc id="{self.name}-text">{escape(self.text)}</desc>'
        )
        return head + body.strip()


def style(axes):
    """Gives axes the page's quiet look.

    Args:
        axes: matplotlib Axes.
    """
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(COLOURS["line"])
    axes.tick_params(length=0, colors=COLOURS["muted"], labelsize=SIZE, pad=5)
    axes.grid(True, axis="y", color=COLOURS["line"], linewidth=0.8)
    axes.set_axisbelow(True)
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set_color(COLOURS["muted"])
        axis.label.set_size(SIZE)


def percent(axis):
    """Writes an axis's ticks as percents.

    Args:
        axis: matplotlib Axis.
    """
    axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(
        lambda share, _: f"{100 * share:.4g}\u202f%".replace("-", "\u2212")
    )


def spread(places, gap, low, high):
    """Moves labels apart so that none covers another.

    Args:
        places: list of float, where each wants to be.
        gap: float, the least distance.
        low: float, the least place.
        high: float, the greatest.

    Returns:
        List of float, in the order of `places`.

    Example:
        >>> spread([0.5, 0.5, 0.9], 0.2, 0.0, 1.0)
        [0.5, 0.7, 0.9]
    """
    order = sorted(range(len(places)), key=lambda index: places[index])
    found = [0.0] * len(places)
    least = low
    for index in order:
        found[index] = max(places[index], least)
        least = found[index] + gap
    most = high
    for index in reversed(order):
        found[index] = min(found[index], most)
        most = found[index] - gap
    return [round(place, 9) for place in found]
