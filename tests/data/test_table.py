"""table: a CSV file is read whole, or its fault is named."""

import csv
import gzip

import numpy as np
import pytest

import kerasgen as kg

load = kg.data.load
ROWS = "\n".join(f"{i},{i * 0.1},{i % 2}" for i in range(60))


def write(path, text):
    path.write_text(text)
    return path


def test_columns_of_one_name_are_both_kept(tmp_path):
    data = load(write(tmp_path / "a.csv", "a,a,y\n" + ROWS))
    assert [c.name for c in data.schema.columns] == ["a", "a_2"]
    path = write(tmp_path / "b.csv", "a,y,y\n" + ROWS)
    with pytest.raises(ValueError, match="2 have this name.*place"):
        load(path, target="y")
    assert load(path, target=2).labels == ("0", "1")


def test_numbers_are_float32(tmp_path):
    data = load(write(tmp_path / "a.csv", "a,b,y\n" + ROWS))
    assert {v.dtype for v in data.raw("test").values()} == {np.dtype("float32")}


def test_lines_are_counted_as_an_editor_does(tmp_path):
    text = 'a,b,y\n1,"two\nlines",0\n\n3,x,\n'
    with pytest.raises(ValueError, match="in lines 5 of"):
        load(write(tmp_path / "a.csv", text))


def test_damaged_files_are_named(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(b"nonsense")
    packed = gzip.compress(("a,b,y\n" + ROWS).encode())
    (tmp_path / "b.csv.gz").write_bytes(packed[:-20])
    (tmp_path / "e.csv.gz").write_bytes(packed[:12] + b"\xff" * 40)
    long = "x" * (csv.field_size_limit() + 1)
    write(tmp_path / "c.csv", f"a,b,y\n{long},2,0\n")
    for name in ("a.csv.gz", "b.csv.gz", "c.csv", "e.csv.gz"):
        with pytest.raises(ValueError, match=f"{name} must be a sound CSV"):
            load(tmp_path / name)


def test_other_separators_are_named(tmp_path):
    path = write(tmp_path / "a.csv", "a;b;y\n" + ROWS.replace(",", ";"))
    with pytest.raises(ValueError, match="commas between"):
        load(path)


def test_target_and_group_leave_inputs(tmp_path):
    path = write(tmp_path / "a.csv", "a,b,y\n" + ROWS)
    with pytest.raises(ValueError, match="different columns"):
        load(path, target="y", group="y")
    path = write(tmp_path / "b.csv", "y\n" + "\n".join("01" * 30))
    with pytest.raises(ValueError, match="besides target and group"):
        load(path)
