"""Names of persons, places and organizations in news.

    KERASGEN_DATA=FOLDER kerasgen run pipelines/entities.py

With conll2003/{train,dev,test}.txt.gz (CoNLL-2003, English) in the folder.
Without it, sentences stand in that a small grammar makes; whether a name is a
person's or a place's, the words around it tell.
"""

import os
import pathlib

import numpy as np

import kerasgen as kg
from kerasgen.data.conll import from_conll

FOLDER = pathlib.Path(os.environ.get("KERASGEN_DATA", "data"), "conll2003")


def sentences(count=400):
    """Gives tokens and BIO tags."""
    random = np.random.default_rng(0)
    names = ["Paris", "Sydney", "Chelsea", "Victoria", "Austin", "Lincoln"]
    x, y = [], []
    for _ in range(count):
        first, second = random.choice(names, 2)
        x.append(["Mr", first, "Hall", "flew", "to", "New", second, "."])
        y.append(["O", "B-PER", "I-PER", "O", "O", "B-LOC", "I-LOC", "O"])
        cut = random.integers(4)
        x[-1], y[-1] = x[-1][cut and 3 :], y[-1][cut and 3 :]
    return x, y


def news(part):
    """Gives tokens, and tags in the scheme BIO, of one split."""
    raw = from_conll(FOLDER / f"{part}.txt.gz")
    return raw.x, [kg.metrics.rewrite_tags(tags, "BIO") for tags in raw.y]


real = (FOLDER / "train.txt.gz").exists()
data = kg.data.load(
    news("train") if real else sentences(),
    kind="tokens",
    tests={"test": news("test")} if real else None,
    split=(0.9, 0.05, 0.05, 0.0) if real else (0.6, 0.1, 0.1, 0.2),
    prepare={"name": "spelling"},
)
recipe = kg.Recipe(
    name="entities",
    data=data,
    model={"name": "tagger", "body": "lstm", "head": "crf"},
    batch_size=16,
    epochs=25 if real else 12,
    expect={"clean/f1": (0.84, 0.02) if real else (0.98, 0.03)},
)

if __name__ == "__main__":
    kg.run(recipe)
