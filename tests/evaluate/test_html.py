"""The page: complete, self-contained, and whole in a real browser."""

import dataclasses
import json
import pathlib
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from kerasgen.evaluate import Report, Row

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--v=0",
    "--virtual-time-budget=5000",
)
MEASURE = """
<script>
addEventListener("load", () => {
  document.querySelectorAll("details").forEach((each) => { each.open = true; });
  const box = (each) => {
    const found = each.getBoundingClientRect();
    return {id: each.id, width: found.width, height: found.height,
            left: found.left, right: found.right};
  };
  const found = {
    width: document.documentElement.clientWidth,
    scroll: document.documentElement.scrollWidth,
    figures: [...document.querySelectorAll("svg.figure")].map(box),
    letters: [...document.querySelectorAll("svg.figure text")].map(
      (each) => ({text: each.textContent, ...box(each)})),
    tables: [...document.querySelectorAll("table")].map((each) => ({
      ...box(each), rows: each.tBodies[0].rows.length,
      inside: box(each.parentElement)})),
    page: getComputedStyle(document.body).backgroundColor,
    ink: getComputedStyle(document.body).color,
    line: getComputedStyle(
      document.querySelector("svg.figure text") || document.body).fill,
  };
  const out = document.createElement("script");
  out.id = "measured"; out.type = "application/json";
  out.textContent = JSON.stringify(found);
  document.body.append(out);
});
</script>
"""
SECTIONS = {
    "breaks",
    "calibration",
    "subgroups",
    "answers",
    "cost",
    "learning",
    "tuning",
    "origin",
    "numbers",
}


class Outline(HTMLParser):
    """Counts rows by table, and collects what a page refers to."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.table, self.body = {}, None, False
        self.links, self.tags, self.ids = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append(tag)
        if "id" in found:
            self.ids.append(found["id"])
        for name in ("src", "href", "xlink:href"):
            if name in found:
                self.links.append(found[name])
        if tag == "table":
            self.table = found["id"]
            self.rows[self.table] = 0
        if tag in ("tbody", "thead"):
            self.body = tag == "tbody"
        if tag == "tr" and self.body:
            self.rows[self.table] += 1


@pytest.fixture(scope="module")
def pages(digits_report, cancer_report, diabetes_report, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    reports = {
        "digits": digits_report,
        "cancer": cancer_report,
        "diabetes": diabetes_report,
        "comparison": digits_report.compare(digits_report),
    }
    for name, report in reports.items():
        report.save(folder / f"{name}.html")
    return {name: folder / f"{name}.html" for name in reports}


def browse(path, folder, width=900, dark=False):
    page = path.read_text("utf-8").replace("</body>", f"{MEASURE}</body>")
    copy = folder / "copy.html"
    copy.write_text(page, "utf-8")
    if width < 500:
        # The least window is 500 wide: a narrower page goes into a frame.
        frame = (
            f'<body style="margin:0"><iframe width="{width}" height="900" '
            'style="border:0" src="copy.html"></iframe><script>'
            'addEventListener("message", (e) => {'
            'const out = document.createElement("script");'
            'out.id = "measured"; out.type = "application/json";'
            "out.textContent = e.data; document.body.append(out);});</script>"
        )
        told = "parent.postMessage(JSON.stringify(found), '*');"
        copy.write_text(
            page.replace("document.body.append(out);", told), "utf-8"
        )
        copy = folder / "frame.html"
        copy.write_text(frame, "utf-8")
    result = subprocess.run(
        [
            CHROMIUM,
            *FLAGS,
            f"--user-data-dir={folder / 'profile'}",
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            f"--window-size={max(width, 500)},900",
            "--dump-dom",
            copy.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = re.search(
        r'<script id="measured"[^>]*>(.*?)</script>', result.stdout, re.S
    )
    console = [line for line in result.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(found[1].replace("&amp;", "&")), console


@pytest.mark.slow
def test_sections_where_there_are_data(pages):
    page = Outline(pages["digits"].read_text("utf-8"))
    assert SECTIONS | {"headline"} <= set(page.ids)
    page = Outline(pages["cancer"].read_text("utf-8"))
    assert not {"learning", "tuning", "folds"} & set(page.ids)
    page = Outline(pages["diabetes"].read_text("utf-8"))
    assert "calibration" not in page.ids and "scatter" in page.ids


def test_needs_nothing_beside_itself(pages):
    for path in pages.values():
        text = path.read_text("utf-8")
        page = Outline(text)
        assert "script" not in page.tags and "img" not in page.tags
        assert all(link.startswith(("#", "data:")) for link in page.links)
        assert "@import" not in text and not re.search(r"url\((?!#)", text)
        targets = {link[1:] for link in page.links if link.startswith("#")}
        assert targets <= set(page.ids)
        assert len(page.ids) == len(set(page.ids))


def test_tables_have_their_rows(pages, digits_report):
    rows = Outline(pages["digits"].read_text("utf-8")).rows
    assert rows["corruptions"] == 6 and rows["confusion"] == 10
    assert rows["trials"] == 3 and rows["epochs"] == 12
    assert rows["subgroup-class-table"] == 10 and rows["cost-table"] == 5
    assert rows["everything"] == len(digits_report.rows)
    assert rows["calibration-scores"] == 3 and rows["clean"] == 2
    rows = Outline(pages["comparison"].read_text("utf-8")).rows
    assert rows["everything"] == len(digits_report.rows)


def test_headline_in_plain_words(pages, digits_report):
    text = pages["digits"].read_text("utf-8").replace("\u202f", " ")
    row = digits_report.row("clean/accuracy")
    assert f">{100 * row.value:.1f}<small>%" in text
    assert "on 360 test examples" in text
    assert "Chosen among 3 trials for the highest accuracy" in text
    gap = 100 * (0.99 - row.value)
    assert f"here {gap:.1f} points less" in text


@pytest.mark.parametrize(
    "value, words",
    [
        (0.91, "a gap that chance may explain"),
        (0.99, "the choice flatters"),
        (0.5, "40.0 points more."),
        (0.9, "here the same"),
        (None, "were not used for it"),
    ],
)
def test_the_gap_in_words(tmp_path, value, words):
    row = Row("clean", "accuracy", 0.9, 0.85, 0.93, 100, "share")
    selection = {"rule": "highest accuracy on the select split"}
    if value is not None:
        selection |= {"value": value, "objective": "accuracy", "trials": 9}
    report = Report([row], {"selection": selection})
    text = report.save(tmp_path / "a.html").read_text("utf-8")
    assert words in text.replace("\u202f", " ")


def test_markup_in_names_is_text(tmp_path):
    row = Row("subgroup", "mae", 1.0, 0.5, 2.0, 9, slice={"group": "<b>x</b>"})
    report = Report([row], {"name": "<script>alert(1)</script>"})
    text = report.save(tmp_path / "a.html").read_text("utf-8")
    assert "<script" not in text and "<b>x" not in text
    assert "&lt;b&gt;x" in text


def test_reports_without_numbers_have_a_page_too(tmp_path):
    for report in (
        Report([]),
        Report([Row("clean", "mae", None, why="no examples")]),
        Report([Row("folds", "accuracy", 0.5, 0.4, 0.6, 9, "share")]),
        Report([Row("mine", "score", 0.5, 0.4, 0.6, 9)]),
    ):
        path = report.save(tmp_path / "a.html")
        assert "</html>" in path.read_text("utf-8")


def test_a_condition_without_a_number(digits_report, tmp_path):
    def broken(row):
        where = {"corruption": "contrast"}
        if where.items() <= row.slice.items() and row.slice != where:
            gone = row.slice["severity"] == 5
        else:
            gone = row.metric == "mean_accuracy" and row.slice in ({}, where)
        change = {"value": None, "why": "1 of 360 gave none"}
        return dataclasses.replace(row, **change) if gone else row

    report = Report(
        [broken(row) for row in digits_report.rows],
        digits_report.context,
        digits_report.tables,
    )
    text = report.save(tmp_path / "a.html").read_text("utf-8")
    assert Outline(text).rows["corruptions"] == 6 and "1 of 360" in text
    lines = report.table().split("\n\n")[1].splitlines()
    assert len({len(line) for line in lines}) == 1 and len(lines) == 7
    assert any(line.split()[0] == "contrast" for line in lines)
    some = [row for row in report.rows if row.metric != "mean_accuracy"]
    text = Report(some).save(tmp_path / "b.html").read_text("utf-8")
    assert "breaks" not in Outline(text).ids


def test_folds_are_a_section(tmp_path):
    rows = [
        Row("folds", "accuracy", v, v - 0.1, v + 0.1, 9, "share", slice=where)
        for v, where in (
            (0.5, {}),
            (0.4, {"fold": "1"}),
            (0.6, {"fold": "2"}),
        )
    ]
    text = Report(rows).save(tmp_path / "a.html").read_text("utf-8")
    assert Outline(text).rows["folds"] == 3 and "Over 2 folds" in text


def test_recipe_and_versions_are_there(pages, digits_report):
    text = pages["digits"].read_text("utf-8")
    for value in digits_report.context["versions"].values():
        assert value in text
    assert "learning_rate" in text and "digits-best" in text


browser = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium isn't installed: apt install chromium"
)


@browser
@pytest.mark.parametrize("name", ["digits", "diabetes", "comparison"])
def test_in_a_browser(pages, tmp_path, name):
    found, console = browse(pages[name], tmp_path)
    assert console == []
    outline = Outline(pages[name].read_text("utf-8"))
    assert {
        each["id"]: each["rows"] for each in found["tables"]
    } == outline.rows
    assert all(each["rows"] > 0 for each in found["tables"])
    drawn = [each["id"] for each in found["figures"]]
    wanted = re.findall(r'<svg id="([^"]+)"', pages[name].read_text("utf-8"))
    assert drawn == wanted
    if name != "comparison":
        assert len(drawn) >= 3
    for each in found["figures"]:
        assert each["width"] > 200 and each["height"] > 60
    assert found["scroll"] <= found["width"]


@browser
@pytest.mark.parametrize("width", [360, 390])
def test_on_a_phone(pages, tmp_path, width):
    found, console = browse(pages["digits"], tmp_path, width)
    assert console == [] and found["width"] == width
    assert found["scroll"] <= width
    for each in found["figures"]:
        assert each["left"] >= 0 and each["right"] <= width
        assert each["width"] > 0.8 * width
    for each in found["letters"]:
        assert each["left"] >= -1 and each["right"] <= width + 1, each
    for each in found["tables"]:
        assert each["inside"]["right"] <= width
    assert found["letters"]


@browser
def test_light_and_dark(pages, tmp_path):
    def brightness(colour):
        return sum(map(int, re.findall(r"\d+", colour)[:3])) / 3

    for dark in (False, True):
        found, _ = browse(pages["digits"], tmp_path, dark=dark)
        page, ink = brightness(found["page"]), brightness(found["ink"])
        line = brightness(found["line"])
        assert (page < 60) == dark and (ink > 180) == dark
        assert abs(line - page) > 70


@browser
def test_a_broken_page_would_be_noticed(pages, tmp_path):
    text = pages["digits"].read_text("utf-8")
    broken = tmp_path / "broken.html"
    broken.write_text(
        text.replace("</body>", "<script>nonsense()</script></body>"), "utf-8"
    )
    _, console = browse(pathlib.Path(broken), tmp_path)
    assert any("nonsense" in line for line in console)
