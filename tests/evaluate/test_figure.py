"""SVG figures: whole, themable, without clashes."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

from kerasgen.evaluate import curves
from kerasgen.evaluate.figure import COLOURS, Canvas, spread
from kerasgen.evaluate.plots import (
    corruption_curves,
    dot_plot,
    epochs_of,
    learning_curve,
    reliability_diagram,
    scatter,
)


def curve(name, last):
    value = [0.9, 0.8, last]
    return {
        "name": name,
        "severity": [0, 1, 5],
        "value": value,
        "low": [v - 0.05 for v in value],
        "high": [v + 0.05 for v in value],
    }


def bins(filled):
    return [
        {
            "low": index / 5,
            "high": (index + 1) / 5,
            "n": 10 if index in filled else 0,
            "hits": 5,
            "confidence": (index + 0.5) / 5,
            "accuracy": 0.5,
            "accuracy_low": 0.2,
            "accuracy_high": 0.8,
        }
        for index in range(5)
    ]


def dot(name, low=0.2):
    return {"name": name, "value": 0.5, "low": low, "high": 0.8, "n": 9}


DRAWN = {
    "corruptions": lambda: corruption_curves(
        [curve("blur", 0.2), curve("<noise> & co", 0.7)], "accuracy", True
    ),
    "one corruption": lambda: corruption_curves(
        [{**curve("blur", 0.9), "value": [0.9] * 3}], "mae", False
    ),
    "reliability": lambda: reliability_diagram(bins({2, 4})),
    "dots": lambda: dot_plot(
        [dot("a"), dot("b")], "dots", "by class", True, 0.6
    ),
    "dot": lambda: dot_plot([dot("a" * 40, None)], "dot", "by group", False),
    "scatter": lambda: scatter([1.0, 2.0], [1.5, 1.0], "kg"),
    "learning": lambda: learning_curve(
        [{"loss": 1.0, "val_loss": 2.0}], "loss"
    ),
    "trainings": lambda: curves(
        {"a": [{"x": 1.0}, {"x": 0.5}], "b": [{"x": None}], "c": []}, "x"
    ),
    "nothing": lambda: curves({}, "val_loss"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_is_whole_and_takes_colours_from_the_page(name):
    svg = DRAWN[name]()
    root = ElementTree.fromstring(svg)
    assert root.get("viewBox") and not root.get("width")
    assert root.get("role") == "img"
    labels = root.get("aria-labelledby").split()
    title, text = root[0], root[1]
    assert [title.get("id"), text.get("id")] == labels
    assert title.text and len(text.text) > 10
    painted = re.sub(r"var\(--\w+, #\w{6}\)", "", svg)
    assert not re.findall(r"#[0-9a-f]{6}\b", painted)
    assert "<metadata" not in svg and "<script" not in svg
    assert not re.findall(r'(?:href|src)="(?!#)', svg)


def test_ids_are_unique_and_references_lead_somewhere():
    twice = "one corruption"
    page = "".join(draw() for name, draw in DRAWN.items() if name != twice)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for target in re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', page):
        assert (target[0] or target[1]) in ids


def test_same_again():
    assert DRAWN["corruptions"]() == DRAWN["corruptions"]()


def test_names_are_escaped():
    svg = DRAWN["corruptions"]()
    assert "&lt;noise&gt; &amp; co" in svg


def test_a_title_with_markup_is_text():
    svg = Canvas("a", "<b>", "x < y & z").svg()
    root = ElementTree.fromstring(svg)
    assert root[0].text == "<b>" and root[1].text == "x < y & z"


def test_colours_are_told_apart():
    assert len(set(COLOURS.values())) == len(COLOURS)


def test_spread():
    places = spread([0.5, 0.5, 0.5, 0.9], 0.2, 0.0, 1.0)
    assert sorted(places) == places
    assert all(
        b - a >= 0.2 - 1e-9 for a, b in zip(places, places[1:], strict=False)
    )
    assert spread([0.3], 0.1, 0.0, 1.0) == [0.3]
    assert spread([], 0.1, 0.0, 1.0) == []


def test_epochs_of():
    assert epochs_of(None) == [] == epochs_of({}) == epochs_of([])
    uneven = epochs_of({"loss": [1.0, 2.0], "late": [3.0]})
    assert uneven == [{"loss": 1.0, "late": 3.0}, {"loss": 2.0}]
