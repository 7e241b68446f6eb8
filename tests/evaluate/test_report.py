"""Report: look-up, files, JSON."""

import json

import numpy as np
import pytest

from kerasgen.evaluate import Report, Row
from kerasgen.evaluate.report import plain


def test_file_is_the_whole_report(digits_report, tmp_path):
    path = digits_report.save(tmp_path / "report.json")
    text = path.read_text("utf-8")
    assert "NaN" not in text and "Infinity" not in text
    again = Report.load(path)
    assert again.rows == digits_report.rows
    assert again.to_dict() == digits_report.to_dict()
    assert again.table() == digits_report.table()
    assert again.save(tmp_path / "b.json").read_text("utf-8") == text


def test_page_is_made_from_the_file_alone(digits_report, tmp_path):
    digits_report.save(tmp_path / "run")
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == [
        "report.html",
        "report.json",
    ]
    page = (tmp_path / "run" / "report.html").read_text("utf-8")
    Report.load(tmp_path / "run").save(tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text("utf-8") == page


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "report.json"
    Report([Row("clean", "mae", 1.0)]).save(path)
    before = path.read_text("utf-8")
    broken = Report([Row("clean", "mae", 2.0)])
    monkeypatch.setattr(broken, "context", {"bad": float("nan")})
    with pytest.raises(ValueError, match="JSON"):
        broken.save(path)
    assert path.read_text("utf-8") == before
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


def test_refuses_other_paths_and_files(tmp_path):
    report = Report([])
    with pytest.raises(ValueError, match=".json or .html"):
        report.save(tmp_path / "report.pdf")
    with pytest.raises(FileNotFoundError, match="report.json"):
        Report.load(tmp_path / "nowhere.json")
    for text in ("{", "[]", '{"format": 9, "rows": []}'):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(ValueError, match="Report.load.*bad.json"):
            Report.load(tmp_path / "bad.json")


def test_rows_by_key_and_slice(digits_report):
    report = digits_report
    assert report.value("clean/accuracy") == report.row("clean/accuracy").value
    row = report.row(
        "corruption/accuracy", corruption="gaussian_blur", severity=2
    )
    assert row.slice == {"corruption": "gaussian_blur", "severity": 2}
    assert report.row("corruption/mean_accuracy").slice == {}
    assert report.row("subgroup/worst").slice == {"by": "class"}
    with pytest.raises(KeyError, match="Did you mean 'clean/accuracy'"):
        report.row("clean/acuracy")
    with pytest.raises(KeyError, match="5 rows"):
        report.row("corruption/accuracy", corruption="gaussian_blur")
    assert report.value("clean/nonsense") is None
    assert report.value("corruption/accuracy") is None
    assert report.headline.key == "clean/accuracy"


def test_refuses_two_rows_of_a_name_and_no_rows():
    with pytest.raises(ValueError, match="clean/mae"):
        Report([Row("clean", "mae", 1.0), Row("clean", "mae", 2.0)])
    with pytest.raises(TypeError, match="rows"):
        Report([{"probe": "clean"}])
    assert Report([], {}).headline is None
    assert "0 rows" in repr(Report([]))


def test_plain():
    value = {
        "a": np.float32(0.5),
        "b": np.array([1, 2]),
        "c": {1: float("inf")},
        "d": (True, None, "x"),
        "e": Report,
    }
    found = plain(value)
    json.dumps(found, allow_nan=False)
    assert found["a"] == 0.5 and found["b"] == [1, 2]
    assert found["c"] == {"1": None} and found["d"] == [True, None, "x"]
    assert isinstance(found["e"], str)


def test_every_row_carries_interval_and_n(
    digits_report, cancer_report, diabetes_report
):
    for report in (digits_report, cancer_report, diabetes_report):
        for row in report.rows:
            if row.value is None:
                assert row.why
                continue
            assert row.low <= row.value <= row.high, row.name
            assert row.n >= 1, row.name
