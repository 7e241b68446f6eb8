"""What texts are about, without a label.

    KERASGEN_DATA=FOLDER kerasgen run pipelines/topics.py

With the sentence sets in the folder, three kinds of texts are mixed: what
people ask (TREC), sentences of film pages (SUBJ), and short messages (SMS).
Without them, made texts stand in, of four topics with twenty words each.
"""

import csv
import gzip
import os
import pathlib

import numpy as np

import kerasgen as kg

FOLDER = pathlib.Path(os.environ.get("KERASGEN_DATA", "data"))
FILES = [
    FOLDER / name
    for name in (
        "text_sentences/trec.tsv.gz",
        "text_sentences/subj.tsv.gz",
        "sms_spam/sms_spam.tsv.gz",
    )
]
REAL = all(path.exists() for path in FILES)


def texts():
    """Gives texts."""
    if REAL:
        found = []
        for path in FILES:
            with gzip.open(path, "rt", encoding="utf-8") as file:
                rows = list(csv.reader(file, "excel-tab", quoting=3))
            place = rows[0].index("text")
            found += [row[place] for row in rows[1:5001]]
        return found
    random = np.random.default_rng(0)
    drawn = (
        random.integers(0, 20, (600, 30)) + 20 * (np.arange(600) % 4)[:, None]
    )
    return [" ".join(f"word{n}" for n in row) for row in drawn]


recipe = kg.Recipe(
    name="topics",
    data=kg.data.load((texts(), None), kind="text", task=kg.Topics(10)),
    model={"name": "topic_model", "inference": "em", "decoder": "mixture"},
    epochs=20,
    batch_size=64,
    training={"patience": None},
    probes=("clean", "cost"),
    expect={"clean/perplexity": (1000, 900) if REAL else (40, 25)},
)

if __name__ == "__main__":
    kg.run(recipe)
