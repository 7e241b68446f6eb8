"""Digits known by a few numbers each, taught by images of other digits.

    kerasgen run pipelines/two_views.py

The target's examples are 56 numbers: row sums, column sums and the strengths
of the frequencies of one half of scikit-learn's digits; three of each class
are labelled in train. The source is the other half, as images with labels.
The same network on the labelled target alone reaches about 0.76, a logistic
regression 0.83: this shows how two shapes are trained together, and what that
adds to a network, not the best that can be done with thirty labels.
"""

import numpy as np
from sklearn.datasets import load_digits

import kerasgen as kg


def described(x):
    """Describes images (n, 8, 8) by 56 numbers."""
    strengths = np.abs(np.fft.rfft2(x)).reshape(len(x), -1)
    return np.concatenate([x.sum(1), x.sum(2), strengths], 1)


x, y = load_digits(return_X_y=True)
x = x.reshape(-1, 8, 8)
half = np.arange(len(x)) % 2 == 0
images = (x[half, ..., None] * (255 / 16)).round().astype("uint8")

recipe = kg.Recipe(
    name="two_views",
    data=kg.data.beside(
        target=kg.data.load((described(x[~half]), y[~half]), name="numbers"),
        source=kg.data.load((images, y[half]), name="images"),
        known=3,
    ),
    model={
        "name": "tabular_classifier",
        "depth": 1,
        "width": 256,
        "normalization": "none",
        "dropout": 0.5,
    },
    method={
        "name": "two_encoders",
        "shape": (8, 8, 1),
        "width": 16,
        "ramp": 100,
    },
    optimizer={"name": "adamw", "learning_rate": 2e-3, "weight_decay": 1e-2},
    training={"patience": 25},
    batch_size=32,
    epochs=25,
    probes=("clean",),
    expect={"clean/accuracy": (0.8, 0.05)},
)

if __name__ == "__main__":
    kg.run(recipe)
