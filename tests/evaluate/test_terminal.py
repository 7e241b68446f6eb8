"""The terminal table."""

import re

from kerasgen.evaluate import Report, Row
from kerasgen.evaluate.terminal import number


def test_columns_line_up(digits_report):
    text = digits_report.table()
    plain, grid = text.split("\n\n")
    lines = plain.splitlines()
    end = lines[0].index("value") + len("value")
    for line in lines[1:]:
        cell = line[:end].split()[-1]
        assert re.fullmatch(r"[-\d.,e+]+", cell) and line[end - 1] != " "
    assert {len(line) for line in lines} == {len(lines[0])}
    lines = grid.splitlines()
    assert len({len(line) for line in lines}) == 1 and len(lines) == 7
    assert "McNemar" not in text


def test_worst_corruption_comes_first(digits_report, diabetes_report):
    for report, higher in ((digits_report, True), (diabetes_report, False)):
        grid = report.table().split("\n\n")[1].splitlines()
        means = [float(line.split()[-1].replace(",", "")) for line in grid[1:]]
        assert means == sorted(means, reverse=not higher)
        names = [line.split()[0] for line in grid[1:]]
        assert len(names) == len(set(names)) >= 3


def test_absent_rows_say_why(diabetes_report):
    lines = diabetes_report.table().splitlines()
    line = next(line for line in lines if "calibration/ece" in line)
    assert "without probabilities" in line and " - " in line


def test_numbers():
    assert number(1.0) == "1.0000" and number(0.97) == "0.9700"
    assert number(-12.345) == "-12.35" or number(-12.345) == "-12.34"
    assert number(18954.0, "count") == "18,954" and number(0.0) == "0.0000"
    assert number(3.0, "byte") == "3" and number(1e-9) == "1.000e-09"


def test_an_empty_report_is_empty():
    assert Report([]).table() == ""
    only = Report([Row("clean", "mae", None, why="no examples")])
    assert "no examples" in only.table()


def test_a_corruption_that_does_not_fit_is_no_line_of_the_grid():
    where = {"corruption": "noise"}
    rows = [
        Row(
            "corruption", "f1", 0.5, 0.4, 0.6, 9, slice={**where, "severity": 1}
        ),
        Row("corruption", "mean_f1", 0.5, 0.4, 0.6, 9, slice=where),
        Row("corruption", "f1", None, slice={"corruption": "x"}, why="no fit"),
    ]
    plain, grid = Report(rows).table().split("\n\n")
    assert "no fit" in plain and len(grid.splitlines()) == 2
