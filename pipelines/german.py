"""Whether a credit is paid back: German credit, columns of words and numbers.

    KERASGEN_DATA=FOLDER kerasgen run pipelines/german.py

With tabular/german.csv.gz (1,000 credits, 20 columns) in the folder. Without
it, a table stands in whose words and numbers tell the class. Words become
numbers of categories, each with a vector that is learnt; a linear part stands
beside the deep one, and in the report a linear model beside both.
"""

import gzip
import os
import pathlib

import numpy as np

import kerasgen as kg

FOLDER = pathlib.Path(os.environ.get("KERASGEN_DATA", "data"))
FILE = FOLDER / "tabular" / "german.csv.gz"


def credits():
    """Gives a dict of columns, texts and numbers, and the class."""
    if not FILE.exists():
        random = np.random.default_rng(0)
        x = {f"c{i}": random.normal(size=600) for i in range(4)}
        word = random.integers(0, 4, 600)
        x["c4"] = np.array([f"A{w}" for w in word], dtype=object)
        score = x["c0"] - x["c1"] + np.array([-2.0, -1.0, 1.0, 2.0])[word]
        return x, (score + random.normal(0, 0.5, 600) > 0).astype("int64")
    with gzip.open(FILE, "rt") as file:
        rows = [line.strip().split(",") for line in file if line.strip()]
    cells = np.array(rows, dtype=object).T
    x = {f"c{i}": cells[i] for i in range(20)}
    for name, column in x.items():
        if not column[0].startswith("A"):
            x[name] = column.astype("float32")
    return x, (cells[20] == "1").astype("int64")


x, y = credits()
words = {name: ["category_index"] for name in x if x[name].dtype == object}
data = kg.data.load(
    (x, y), prepare=words, task="classification", name="german credit"
)
recipe = kg.Recipe(
    name="german",
    data=data,
    model={"name": "tabular_classifier", "body": "wide_deep", "dropout": 0.5},
    optimizer={"name": "adamw", "learning_rate": 2e-3, "weight_decay": 0.3},
    epochs=60,
    expect={"clean/accuracy": (0.75, 0.06) if FILE.exists() else (0.93, 0.06)},
)

if __name__ == "__main__":
    kg.run(recipe)
