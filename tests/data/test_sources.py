"""sources: texts, tagged sentences, ratings and tables, from files."""

import gzip
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import kerasgen as kg
from kerasgen.data import from_conll, from_ratings, from_texts, synthetic

load = kg.data.load


def rows(data):
    """Every raw input of all splits in the source's order, and its label."""
    parts = [data.splits[n] for n in ("train", "stop", "select", "test")]
    found = {}
    for part in parts:
        for place, one, y in zip(
            part.ids, np.asarray(part.x), np.asarray(part.y), strict=True
        ):
            found[int(place)] = (one, y)
    return [found[i] for i in sorted(found)]


def write_texts(path, n=60, header=True):
    x, y = synthetic.texts(n)
    lines = ["label\ttext"] if header else []
    lines += [f'{"ab"[k]}\tsay "{t}", ok' for t, k in zip(x, y, strict=True)]
    text = "\n".join(lines) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return [f'say "{t}", ok' for t in x], y


@pytest.mark.parametrize("name", ["a.tsv", "a.tsv.gz"])
def test_tsv_texts(tmp_path, name):
    x, y = write_texts(tmp_path / name)
    data = load(tmp_path / name)
    assert data.schema.kind == "text" and data.schema.shape == ()
    assert data.labels == ("a", "b")
    assert rows(data) == [(t, k) for t, k in zip(x, y, strict=True)]


def test_tsv_without_header(tmp_path):
    x, _ = write_texts(tmp_path / "a.tsv", header=False)
    data = load(tmp_path / "a.tsv", columns=["y", "t"], text="t", target="y")
    assert [one for one, _ in rows(data)] == x
    data = load(
        tmp_path / "a.tsv", kind="text", columns=["y", "t"], text=1, target=0
    )
    assert [one for one, _ in rows(data)] == x


def test_csv_texts_are_quoted(tmp_path):
    lines = [f'"a, ""{i}""\nnext",{i % 2}' for i in range(40)]
    (tmp_path / "a.csv").write_text("text,label\n" + "\n".join(lines))
    data = load(tmp_path / "a.csv", text="text", target="label")
    assert rows(data)[3][0] == 'a, "3"\nnext'
    # Without the word, a CSV file is a table.
    assert load(tmp_path / "a.csv").schema.kind == "table"


def test_json_lines(tmp_path):
    lines = [
        json.dumps({"text": f"täxt {i}", "label": i % 3, "patient": i // 2})
        for i in range(60)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), "utf-8")
    data = load(tmp_path / "a.jsonl", group="patient")
    assert data.classes == 3 and rows(data)[7][0] == "täxt 7"
    seen = [set(split.group) for split in data.splits.values()]
    assert sum(map(len, seen)) == 30


def test_parallel_texts(tmp_path):
    x, y = synthetic.pairs(50)
    (tmp_path / "a.en").write_text("\n".join(x) + "\n")
    (tmp_path / "a.de").write_text("\n".join(y) + "\n")
    data = load((tmp_path / "a.en", tmp_path / "a.de"))
    assert data.schema.target == "text"
    assert type(data.task).__name__ == "Translation"
    assert rows(data) == list(zip(x, y, strict=True))
    lines = [f"{a}\t{b}\tother" for a, b in zip(x, y, strict=True)]
    (tmp_path / "a.tsv").write_text("\n".join(["en\tde\tfr", *lines]))
    other = load(tmp_path / "a.tsv", kind="pairs", text="en", target="de")
    assert rows(other) == rows(data)
    (tmp_path / "a.de").write_text("\n".join(y[:-1]) + "\n")
    with pytest.raises(ValueError, match="a.de ends first.*line=50"):
        load((tmp_path / "a.en", tmp_path / "a.de"))


def test_texts_that_do_not_fit_go_to_the_disk(tmp_path, monkeypatch):
    x, y = write_texts(tmp_path / "a.tsv")
    monkeypatch.setattr(sys.modules["kerasgen.data.rows"], "FITS", 500)
    data = load(tmp_path / "a.tsv", cache=str(tmp_path / "cache"))
    assert type(data.splits["train"].x).__name__ == "Rows"
    assert list((tmp_path / "cache").rglob("rows.bin"))
    assert [one for one, _ in rows(data)] == x
    assert data.raw("train").tolist() == [
        x[i] for i in data.splits["train"].ids
    ]
    assert len(list(data.batches("train", 16))) == 3


CONLL = """-DOCSTART- -X- O O

EU NNP B-ORG
rejects VBZ O

# genre = mail
Peter NNP B-PER
Blackburn NNP I-PER
# NN O
"""


def test_conll(tmp_path):
    (tmp_path / "a.conll").write_text(CONLL)
    raw = from_conll(tmp_path / "a.conll")
    assert raw.x == [["EU", "rejects"], ["Peter", "Blackburn", "#"]]
    assert raw.y == [["B-ORG", "O"], ["B-PER", "I-PER", "O"]]
    assert from_conll(tmp_path / "a.conll", tags=1).y[0] == ["NNP", "VBZ"]


def test_conllu(tmp_path):
    lines = [
        "# sent_id = 1",
        "1-2\tvámonos\t_\t_",
        "1\tvamos\tir\tVERB",
        "2\tnos\tnosotros\tPRON",
        "2.1\tnada\t_\t_",
    ]
    (tmp_path / "a.conllu").write_text("\n".join(lines), "utf-8")
    raw = from_conll(tmp_path / "a.conllu")
    assert raw.x == [["vamos", "nos"]] and raw.y == [["VERB", "PRON"]]


def write_conll(path, x, y, genre=None):
    blocks = []
    for index, (words, tags) in enumerate(zip(x, y, strict=True)):
        lines = [f"{w}\t{t}" for w, t in zip(words, tags, strict=True)]
        if genre is not None and index % genre == 0:
            lines.insert(0, f"# genre = g{index // genre}")
        blocks.append("\n".join(lines))
    path.write_bytes(gzip.compress("\n\n".join(blocks).encode()))
    return path


def test_tagged_sentences(tmp_path):
    x, y = synthetic.tokens(60)
    path = write_conll(tmp_path / "a.txt.gz", x, y, genre=6)
    data = load(path, kind="tokens", group="genre")
    longest = max(map(len, x))
    assert data.schema.kind == "tokens" and data.schema.shape == (longest,)
    assert data.labels == ("O", "B-LOC", "B-PER", "I-PER")
    for index, (words, tags) in enumerate(rows(data)):
        count = len(x[index])
        assert words[:count].tolist() == x[index]
        assert (words[count:] == "").all() and (tags[count:] == -1).all()
        assert [data.labels[tag] for tag in tags[:count]] == y[index]
    seen = [set(split.group) for split in data.splits.values()]
    assert sum(map(len, seen)) == 10
    memory = load((x, y))
    assert memory.schema == data.schema


def test_ratings(tmp_path):
    lines = [
        f"{i % 7}\t{i % 5 + 100}\t{1 + i % 5}\t{88 + i}" for i in range(70)
    ]
    (tmp_path / "u.data").write_text("\n".join(lines))
    data = load(tmp_path / "u.data", kind="ratings")
    kinds = {c.name: c.kind for c in data.schema.columns}
    assert kinds == {
        "user": "category",
        "item": "category",
        "timestamp": "number",
    }
    assert data.schema.target == "number" and data.classes is None
    header = "userId,movieId,rating\n"
    lines = [f"{i % 7},{i % 5},{1 + i % 9 / 2}" for i in range(70)]
    (tmp_path / "a.csv").write_text(header + "\n".join(lines))
    raw = from_ratings(tmp_path / "a.csv")
    assert list(raw.x) == ["user", "item"] and raw.y[1] == 1.5
    (tmp_path / "r.dat").write_text("1::2::3::4\n5::6::7::8\n")
    assert from_ratings(tmp_path / "r.dat").x["item"].tolist() == ["2", "6"]


def test_several_outputs(tmp_path):
    lines = [f"{i},{i % 3},{i / 7},{'uv'[i % 2]}" for i in range(60)]
    (tmp_path / "a.csv").write_text("a,b,c,d\n" + "\n".join(lines))
    data = load(tmp_path / "a.csv", target=["b", "c", "d"])
    assert data.schema.target == "classes"
    assert data.task.units == {"b": 3, "c": 1, "d": 2}
    c = data.splits["train"].y["c"]
    assert np.isclose(data.task.tasks["c"].mean, c.mean())
    assert data.labels == (("b", ("0", "1", "2")), ("c", ()), ("d", ("u", "v")))
    x, y = next(iter(data.batches("test", 5)))
    ids = data.splits["test"].ids[:5]
    assert np.array_equal(y["b"], ids % 3) and np.array_equal(y["d"], ids % 2)
    assert np.allclose(y["c"], ids / 7) and len(x) == 5
    assert len(data.tensors("test")[1]["b"]) == len(data.splits["test"])


def test_a_table_of_pandas():
    frame = pd.DataFrame(
        {
            "n": pd.array([1, None, 3] * 20, dtype="Int64"),
            "c": pd.Categorical(["a", "b", "c"] * 20),
            "y": ["no", "yes"] * 30,
            "w": np.arange(60.0),
        }
    )
    data = load(frame, target="y", weight="w", missing="impute")
    kinds = {c.name: c.kind for c in data.schema.columns}
    assert kinds == {"n": "number", "c": "category"}
    train = data.splits["train"]
    assert data.labels == ("no", "yes")
    assert np.array_equal(train.weight, train.ids)
    weight = np.concatenate([b[2] for b in data.batches("test", 8)])
    assert np.array_equal(weight, data.splits["test"].weight)


def test_parquet_is_the_csv(tmp_path):
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame(
        {
            "n": [1.5, None, 3.0] * 30,
            "c": ["a", None, "b"] * 30,
            "y": ["no", "yes"] * 45,
        }
    )
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "b.parquet", row_group_size=7)
    one, two = (
        load(tmp_path / name, target="y", missing="impute", name="a")
        for name in ("a.csv", "b.parquet")
    )
    assert one.fingerprint() == two.fingerprint()
    (tmp_path / "c.parquet").write_bytes(b"PAR1 nonsense")
    with pytest.raises(ValueError, match="c.parquet must be a sound Parquet"):
        load(tmp_path / "c.parquet")


def test_csv_without_header_and_tabs(tmp_path):
    lines = [f"{i}\t{i % 4}\t{i % 2}" for i in range(60)]
    (tmp_path / "a.tsv").write_text("\n".join(lines))
    data = load(tmp_path / "a.tsv", columns=["a", "b", "y"], target="y")
    assert data.schema.kind == "table" and len(rows_of(data)) == 60
    (tmp_path / "b.tsv").write_text("a\tb\ty\n" + "\n".join(lines))
    other = load(tmp_path / "b.tsv", name="a")
    assert other.fingerprint() == data.fingerprint()


def rows_of(data):
    return np.concatenate([split.ids for split in data.splits.values()])


def test_weights_of_arrays():
    x, y = synthetic.images(60)
    data = load((x, y), weight=np.arange(60.0))
    for split in data.splits.values():
        assert np.array_equal(split.weight, split.ids)
    with pytest.raises(ValueError, match="`weight` must have one value"):
        load((x, y), weight=np.ones(3))
    with pytest.raises(ValueError, match="not negative"):
        load((x, y), weight=-np.ones(60))


@pytest.mark.parametrize(
    "given, words",
    [
        ({"text": "a"}, "`text` is for texts"),
        ({"tags": 1}, "`tags` is for a CoNLL"),
        ({"frames": 3}, "`frames` is for a folder of videos"),
        ({"seconds": 1.0}, "`seconds` is for sounds"),
        ({"masks": "m"}, "`masks` is for a folder of images"),
        ({"features": {}}, "`features` is for a TFRecord"),
        ({"kind": "sound"}, "`kind` must be one of"),
    ],
)
def test_what_a_source_would_ignore_is_refused(given, words):
    with pytest.raises(ValueError, match=words):
        load("wine", **given)


def test_a_text_column_must_be_named(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"a": "b", "label": 1}\n')
    with pytest.raises(
        ValueError, match=r"columns=\['a', 'label'\]. Pass text"
    ):
        from_texts(tmp_path / "a.jsonl")


SCRIPT = """
import sys
sys.modules["{package}"] = None
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = (
    lambda name, *rest: None if name == "{package}" else find(name, *rest)
)
import kerasgen as kg
from kerasgen.data import {reader}
try:
    {reader}("{path}")
except ImportError as error:
    sys.stdout.write(str(error))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "package, reader, suffix, extra",
    [
        ("pyarrow", "from_parquet", "parquet", "parquet"),
        ("soundfile", "inspect_sound", "flac", "audio"),
    ],
)
def test_what_is_not_installed_is_named(
    tmp_path, package, reader, suffix, extra
):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(b"x")
    script = SCRIPT.format(package=package, reader=reader, path=path)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True
    )
    assert f"kerasgen-toolkit[{extra}]" in done.stdout, done.stderr
