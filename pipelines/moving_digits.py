"""Digits that move: which digit, and whether right, left, down or up.

    KERASGEN_DATA=FOLDER kerasgen run pipelines/moving_digits.py

With mnist/mnist.npz in the folder, MNIST's digits move over 6 frames of 24x24;
without it those of scikit-learn over 18x18. A class is a digit and a way.
"""

import os
import pathlib

import numpy as np
from sklearn.datasets import load_digits

import kerasgen as kg

FILE = pathlib.Path(os.environ.get("KERASGEN_DATA", "data"), "mnist/mnist.npz")
WAYS = {"right": (0, 1), "left": (0, -1), "down": (1, 0), "up": (-1, 0)}


def digits(part):
    """Gives digits in [0, 255] and labels, of "train" or "test"."""
    if not FILE.exists():
        x, y = load_digits(return_X_y=True)
        own = slice(1400) if part == "train" else slice(1400, None)
        return x[own].reshape(-1, 8, 8) * (255 / 16), y[own]
    with np.load(FILE) as z:
        x, y = z[f"x_{part}"][:12000], z[f"y_{part}"][:12000]
    return x.reshape(-1, 14, 2, 14, 2).mean((2, 4)), y


def clips(x, y, seed, frames=6):
    """Moves each digit by one pixel, or one and a half, a frame."""
    random, side = np.random.default_rng(seed), x.shape[1]
    found = np.zeros((len(x), frames, side + 10, side + 10, 1), "uint8")
    way = random.integers(0, 4, len(x))
    for i, step in enumerate(np.array(list(WAYS.values()))[way]):
        path = np.arange(frames)[:, None] * step * random.choice((1, 1.5))
        start = random.uniform(-path.min(0), 10 - path.max(0))
        for frame, (top, left) in enumerate((path + start).round().astype(int)):
            found[i, frame, top : top + side, left : left + side, 0] = x[i]
    return found, 4 * y.astype("int64") + way


names = [f"{number} {way}" for number in range(10) for way in WAYS]
train, test = clips(*digits("train"), 0), clips(*digits("test"), 1)
recipe = kg.Recipe(
    name="moving_digits",
    data=kg.data.load(train, kind="video", labels=names, tests={"test": test}),
    model={"name": "video_classifier", "size": "small"},
    optimizer={"name": "adamw", "learning_rate": 2e-3},
    batch_size=64,
    epochs=5 if FILE.exists() else 20,
    training={"patience": None},
    probes=("clean",),
    expect={"clean/accuracy": (0.97, 0.02) if FILE.exists() else (0.85, 0.15)},
)

if __name__ == "__main__":
    kg.run(recipe)
