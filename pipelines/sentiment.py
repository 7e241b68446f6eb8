"""Whether a sentence of a film review is positive.

    KERASGEN_DATA=FOLDER kerasgen run pipelines/sentiment.py

With text_sentences/sst2.tsv.gz (the Stanford Sentiment Treebank) in the folder.
Without it, judgements stand in that a small grammar makes.
"""

import gzip
import os
import pathlib

import numpy as np

import kerasgen as kg

FOLDER = os.environ.get("KERASGEN_DATA", "data")
FILE = pathlib.Path(FOLDER, "text_sentences/sst2.tsv.gz")


def judgements():
    """Gives a split, a label and a sentence, turned round by a `not`."""
    random = np.random.default_rng(0)
    words = "good fine great bad dull poor".split()
    for number in range(800):
        place, turned = random.integers(6), random.random() < 0.4
        link = "is not" if turned else random.choice(["is", "was so"])
        split = "test" if number % 4 == 0 else "train"
        yield split, (place < 3) != turned, f"the film {link} {words[place]} ."


def treebank():
    """Gives the split, the label and the text of each sentence."""
    for line in gzip.open(FILE, "rt", encoding="utf-8").readlines()[1:]:
        yield line.rstrip("\n").split("\t")


found = {"train": ([], []), "test": ([], [])}
for split, label, text in treebank() if FILE.exists() else judgements():
    x, y = found["test" if split == "test" else "train"]
    x.append(text)
    y.append(int(label))
data = kg.data.load(
    found["train"],
    kind="text",
    labels=("negative", "positive"),
    tests={"test": found["test"]},
    split=(0.88, 0.06, 0.06, 0.0),
    prepare={"name": "words", "length": 52},
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
