"""Spam among short messages, with what the words tell.

    KERASGEN_DATA=FOLDER kerasgen run pipelines/sms_spam.py

With sms_spam/sms_spam.tsv.gz (the SMS Spam Collection, 5,574 messages of which
747 are spam) in the folder. Without it, messages stand in that a small grammar
makes.
"""

import os
import pathlib

import numpy as np

import kerasgen as kg

FOLDER = pathlib.Path(os.environ.get("KERASGEN_DATA", "data"))
FILE = FOLDER / "sms_spam/sms_spam.tsv.gz"
LENGTH = 48


def messages(count=600):
    """Gives messages and whether they are spam, one of seven."""
    random = np.random.default_rng(0)
    friends = "see you at home later ok sorry love call me when are we".split()
    sellers = "win a free prize now text claim to urgent cash call".split()
    texts, labels = [], []
    for i in range(count):
        words = sellers if i % 7 == 0 else friends
        words = random.choice([*words, "the", "you", "now"], 9)
        texts.append(" ".join(words))
        labels.append("spam" if i % 7 == 0 else "ham")
    return texts, np.array(labels)


source = {"source": messages()}
if FILE.exists():
    source = {"source": FILE, "text": "text", "target": "label"}
data = kg.data.load(
    **source,
    kind="text",
    prepare=[
        {"name": "clean_text", "punctuation": "split"},
        {"name": "words", "size": 10_000, "length": LENGTH},
    ],
)
recipe = kg.Recipe(
    name="sms_spam",
    data=data,
    model={"name": "text_classifier", "body": "cnn", "ngrams": 2},
    epochs=15,
    expect={"clean/accuracy": (0.985, 0.015)},
)

if __name__ == "__main__":
    kg.run(recipe)
