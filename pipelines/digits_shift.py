"""Digits from another scanner: turned, blurred and pale, without labels.

    kerasgen run pipelines/digits_shift.py

The labelled source is one half of scikit-learn's digits as they are. The
other half is turned by 20 degrees, blurred and halved in contrast; training
sees 60 % of it without labels. A training on the source alone is right on
23 % of it (with group normalization on 59 %), this one on 92 %.
"""

import numpy as np
import scipy.ndimage
from sklearn.datasets import load_digits

import kerasgen as kg


def scanned(x):
    """Shows what the other scanner makes of images (n, 8, 8) in [0, 255]."""
    x = scipy.ndimage.rotate(x, 20, (1, 2), reshape=False, order=1)
    x = scipy.ndimage.gaussian_filter(x, (0, 0.5, 0.5))
    return 64 + x / 2


x, y = load_digits(return_X_y=True)
x = x.reshape(-1, 8, 8, 1) * (255 / 16)
half = np.arange(len(x)) % 2 == 0
known, other = (
    (each.round().astype("uint8"), labels)
    for each, labels in (
        (x[half], y[half]),
        (scanned(x[~half, ..., 0])[..., None], y[~half]),
    )
)

recipe = kg.Recipe(
    name="digits_shift",
    data=kg.data.Data.domains(source=known, target=other),
    # Batch normalization, as by default; it keeps the target's statistics.
    model={"name": "image_classifier", "size": "small"},
    method={"name": "information_maximization"},
    optimizer={"name": "adamw", "learning_rate": 3e-3, "weight_decay": 1e-2},
    augment=(
        {"name": "translate", "rate": 0.06},
        {"name": "rotate", "degrees": 8.0},
    ),
    batch_size=32,
    epochs=30,
    expect={"shift/accuracy": (0.92, 0.05)},
)

if __name__ == "__main__":
    kg.run(recipe)
