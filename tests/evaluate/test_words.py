"""Numbers as the page writes them."""

import pytest

from kerasgen.evaluate import Row
from kerasgen.evaluate.words import brief, interval, scaled, written


def row(value, low=None, high=None, unit="", metric="mae"):
    return Row("clean", metric, value, low, high, 10, unit)


@pytest.mark.parametrize(
    "one, text",
    [
        (row(0.97222, unit="share"), "97.2 %"),
        (row(-0.031, unit="share"), "−3.1 %"),
        (row(0.5, metric="accuracy"), "50.0 %"),
        (row(0.125, unit="share", metric="gap"), "12.5 points"),
        (row(0.0444), "0.044"),
        (row(46.392, unit="kg"), "46.4 kg"),
        (row(258360, unit="byte"), "258 kB"),
        (row(48490, unit="FLOP"), "48.5 kFLOP"),
        (row(18954, unit="count"), "18,954"),
        (row(-0.5, unit="nat"), "−0.500 nat"),
        (row(12345.6), "12,346"),
    ],
)
def test_written(one, text):
    assert written(one.value, one).replace("\u202f", " ") == text


def test_interval_says_its_unit_once():
    text = interval(row(0.5, 0.25, 0.75, "share"))
    assert text.replace("\u202f", " ").replace("\u2060", "") == (
        "25.0\u00a0–\u00a075.0 %"
    )
    assert interval(row(3.0, 3.0, 3.0)) == "exact"
    assert interval(row(3.0)) == ""
    assert written(None, row(1.0)) == "–"


def test_scaled_and_brief():
    assert scaled(999.0).split() == ["999"]
    assert scaled(2.5e9).split() == ["2.5", "G"]
    assert brief(0.00012) == "1.200e-04" and brief(999.4) == "999"
