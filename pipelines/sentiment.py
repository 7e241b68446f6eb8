"""Whether a sentence of a film review is positive.

    KERASGEN_DATA=FOLDER kerasgen run pipelines/sentiment.py

With text_sentences/sst2.tsv.gz (the Stanford Sentiment Treebank's sentences:
6,920 to train, 872 to choose, 1,821 to test) in the folder. Without it, short
judgements stand in that a small grammar makes, negations among them.
"""

import gzip
import os
import pathlib

import numpy as np

import kerasgen as kg

FOLDER = pathlib.Path(os.environ.get("KERASGEN_DATA", "data"))
FILE = FOLDER / "text_sentences/sst2.tsv.gz"


def judgements(count=800):
    """Gives sentences whose last word is turned round by a `not`."""
    random = np.random.default_rng(0)
    words = ["good", "fine", "great", "bad", "dull", "poor"]
    texts, labels = [], []
    for _ in range(count):
        place, turned = random.integers(6), random.random() < 0.4
        what = random.choice(["the film", "this plot", "her voice"])
        link = "is not" if turned else random.choice(["is", "was so"])
        texts.append(f"{what} {link} {words[place]} .")
        labels.append(int((place < 3) != turned))
    cut = count * 3 // 4
    return {
        "train": (texts[:cut], labels[:cut]),
        "test": (texts[cut:], labels[cut:]),
    }


def treebank():
    """Gives the sentences and labels of each split."""
    splits = {}
    for line in gzip.open(FILE, "rt", encoding="utf-8").readlines()[1:]:
        split, label, text = line.rstrip("\n").split("\t")
        x, y = splits.setdefault(split.replace("dev", "train"), ([], []))
        x.append(text)
        y.append(int(label))
    return splits


found = treebank() if FILE.exists() else judgements()
data = kg.data.load(
    (found["train"][0], np.array(found["train"][1])),
    kind="text",
    labels=("negative", "positive"),
    tests={"test": (found["test"][0], np.array(found["test"][1]))},
    split=(0.88, 0.06, 0.06, 0.0),
    prepare=[
        {"name": "clean_text", "punctuation": "split"},
        {"name": "words", "length": 52},
    ],
)
recipe = kg.Recipe(
    name="sentiment",
    data=data,
    model={"name": "text_classifier", "body": "cnn", "ngrams": 3},
    epochs=20,
    expect={"clean/accuracy": (0.82, 0.03) if FILE.exists() else (0.98, 0.03)},
)

if __name__ == "__main__":
    kg.run(recipe)
