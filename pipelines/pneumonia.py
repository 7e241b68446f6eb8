"""Pneumonia on X-rays of children's chests, on the official test set.

    KERASGEN_DATA=FOLDER kerasgen run pipelines/pneumonia.py

With pneumoniamnist/pneumoniamnist.npz in the folder (5,232 X-rays of 28x28,
and 624 to test, among which healthy children are more frequent). Without it,
blocks in noise stand in.
"""

import os
import pathlib

import numpy as np

import kerasgen as kg

NAME = "pneumoniamnist/pneumoniamnist.npz"
FILE = pathlib.Path(os.environ.get("KERASGEN_DATA", "data"), NAME)


def rays():
    """Gives images and labels to learn from, and those of the test."""
    if not FILE.exists():
        x, y = kg.data.synthetic.images(400, 2, (28, 28, 1))
        return (x[:300], y[:300]), (x[300:], y[300:])
    with np.load(FILE) as z:
        parts = {
            name: (z[f"{name}_images"][..., None], z[f"{name}_labels"][:, 0])
            for name in ("train", "val", "test")
        }
    pairs = zip(parts["train"], parts["val"], strict=True)
    return tuple(np.concatenate(pair) for pair in pairs), parts["test"]


known, test = rays()
recipe = kg.Recipe(
    name="pneumonia",
    data=kg.data.load(
        known,
        labels=("normal", "pneumonia"),
        tests={"test": test},
        class_weight="balanced",
        split=(0.8, 0.05, 0.05, 0.1),
        name="pneumonia",
    ),
    model={"name": "image_classifier", "size": "small", "dropout": 0.3},
    optimizer={"name": "adamw", "learning_rate": 2e-3, "weight_decay": 0.05},
    augment=("rotate", "translate", "zoom", "brightness", "contrast", "gamma"),
    batch_size=64,
    epochs=14 if FILE.exists() else 4,
    training={"patience": None},
    probes=("clean", "calibration", "cost"),
    expect={"clean/accuracy": (0.92, 0.03) if FILE.exists() else (0.95, 0.1)},
)

if __name__ == "__main__":
    kg.run(recipe)
