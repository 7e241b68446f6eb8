"""German captions of pictures to English.

    KERASGEN_DATA=FOLDER kerasgen run pipelines/translate.py

With Multi30k in the folder, 29,000 pairs, and captions of other pictures
(MSCOCO) as a shifted test set; most of an hour on two cores. Without it a toy
language stands in, which has the same words from the last to the first.
"""

import gzip
import os
import pathlib

import kerasgen as kg

FOLDER = pathlib.Path(os.environ.get("KERASGEN_DATA", "data"), "multi30k")
REAL = (FOLDER / "train.en-de-fr.tsv.gz").exists()


def captions(name):
    """Gives German and English captions of a set."""
    path = FOLDER / f"{name}.en-de-fr.tsv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    return [row[1] for row in rows], [row[0] for row in rows]


tests = {"test": "test_2016_flickr", "mscoco": "test_2017_mscoco"}
tests = {name: captions(file) for name, file in tests.items()} if REAL else None
plan = [{"name": "clean_text", "punctuation": "split"}]
recipe = kg.Recipe(
    name="translate",
    data=kg.data.load(
        captions("train") if REAL else kg.data.synthetic.pairs(1500),
        kind="pairs",
        tests=tests,
        task=kg.Translation(length=40 if REAL else 10),
        prepare=[*plan, {"name": "words", "length": 40 if REAL else 8}],
    ),
    model={"name": "seq2seq", "size": "small"},
    optimizer={"name": "adam", "learning_rate": 1e-3},
    batch_size=64,
    epochs=5 if REAL else 20,
    training={"patience": None, "by_length": True},
    probes=("clean", "shift", "cost"),
    expect={"clean/bleu": (33, 3) if REAL else (80, 20)},
)

if __name__ == "__main__":
    kg.run(recipe)
