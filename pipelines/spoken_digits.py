"""Spoken digits: from waveforms, on the official split of the data set.

    KERASGEN_DATA=FOLDER kerasgen run pipelines/spoken_digits.py

With fsdd/fsdd.npz (the Free Spoken Digit Dataset, 3,000 clips of 6 speakers)
in the folder, the first five clips of each digit and speaker are the test
set, as its makers say. Without it, tones whose pitch is the class stand in.
"""

import os
import pathlib

import numpy as np

import kerasgen as kg

FILE = pathlib.Path(os.environ.get("KERASGEN_DATA", "data"), "fsdd/fsdd.npz")
LENGTH = 6000


def sounds():
    """Gives sounds (n, samples), digits, and which are the test set."""
    if not FILE.exists():
        x, y = kg.data.synthetic.sounds(300, samples=LENGTH, noise=0.02)
        return x, y, np.arange(len(x)) % 5 == 0
    with np.load(FILE) as z:
        signal, ends = z["signal"], z["offsets"]
        y, test = z["digit"].astype("int64"), z["index"] < 5
    x = np.zeros((len(y), LENGTH), "float32")
    for i in range(len(y)):
        clip = signal[ends[i] : ends[i + 1]][:LENGTH] / 32768
        x[i, : len(clip)] = clip
    return x, y, test


x, y, test = sounds()
data = kg.data.load(
    (x[~test], y[~test]),
    kind="audio",
    sample_rate=8000,
    tests={"test": (x[test], y[test])},
    prepare=[],
    name="spoken digits",
)
recipe = kg.Recipe(
    name="spoken_digits",
    data=data,
    model={"name": "audio_classifier", "hop": 0.02, "mels": 32},
    optimizer={"name": "adamw", "learning_rate": 2e-3},
    augment=("speed", "time_shift"),
    epochs=12 if FILE.exists() else 6,
    training={"average": 0.99},
    probes=("clean", "calibration", "cost"),
    expect={"clean/accuracy": (0.985, 0.015)},
)

if __name__ == "__main__":
    kg.run(recipe)
