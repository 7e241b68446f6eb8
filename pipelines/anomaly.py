"""Strangers among examples that nobody labelled.

    KERASGEN_DATA=FOLDER kerasgen run pipelines/anomaly.py

With odds/odds8.npz in the folder it is cardio, 1,831 records of the hearts of
unborn children, 176 of them ill, from the Outlier Detection DataSets. Without
it, rows near a curved surface stand in, and a tenth that are anywhere. Labels
are for the report alone.
"""

import os
import pathlib

import numpy as np

import kerasgen as kg

FILE = pathlib.Path(os.environ.get("KERASGEN_DATA", "data"), "odds/odds8.npz")


def rows():
    """Gives rows (n, columns), and 1 for the strangers."""
    if FILE.exists():
        with np.load(FILE) as z:
            return z["cardio_X"], z["cardio_y"].ravel().astype("int64")
    random = np.random.default_rng(0)
    hidden = random.normal(size=(800, 3))
    near = np.tanh(hidden @ random.normal(size=(3, 10)))
    x = near + 0.1 * random.normal(size=near.shape)
    y = (np.arange(800) % 10 == 0).astype("int64")
    x[y == 1] = random.uniform(-1.5, 1.5, (80, 10))
    return x, y


recipe = kg.Recipe(
    name="anomaly",
    data=kg.data.load(rows(), task="anomaly", name="anomaly"),
    model={"name": "anomaly_detector", "noise": 0.5},
    batch_size=64,
    epochs=20,
    training={"patience": None},
    expect={"clean/auroc": (0.94, 0.07)},
)

if __name__ == "__main__":
    kg.run(recipe)
