"""Nuclei of cells under the microscope, and a stain that training never saw.

    KERASGEN_DATA=FOLDER kerasgen run pipelines/nuclei.py

With dsb2018_nuclei/nuclei128.npz in the folder (Data Science Bowl 2018) the
541 fluorescence images are split, and the 107 stained ones, dark on bright,
are a test set of their own. Without it, blobs stand in.
"""

import os
import pathlib

import numpy as np

import kerasgen as kg

NAME = "dsb2018_nuclei/nuclei128.npz"
FILE = pathlib.Path(os.environ.get("KERASGEN_DATA", "data"), NAME)


def blobs(n, seed):
    """Draws bright ellipses on dark ground, and their masks."""
    random = np.random.default_rng(seed)
    places = np.stack(np.mgrid[:32, :32])[:, None, None]
    middle = random.uniform(0, 32, (2, n, 5, 1, 1))
    radius = random.uniform(2, 5, (2, n, 5, 1, 1))
    inside = (((places - middle) / radius) ** 2).sum(0) < 1
    light = (inside * random.uniform(40, 120, (n, 5, 1, 1))).max(1)
    x = 30 + light + random.normal(0, 12, light.shape)
    return x.clip(0, 255).astype("uint8"), inside.any(1).astype("uint8")


def images():
    """Gives the images and masks of two kinds."""
    if not FILE.exists():
        (x, y), (far, mask) = blobs(240, 0), blobs(40, 1)
        return (x[..., None], y), (255 - far[..., None], mask)
    with np.load(FILE) as z:
        x, bits, kind = z["image"][..., None], z["mask_bits"], z["kind"]
    y = np.unpackbits(bits, 1).reshape(x.shape[:3])
    return (x[kind == 0], y[kind == 0]), (x[kind == 2], y[kind == 2])


(known, stained), names = images(), ("ground", "nucleus")
recipe = kg.Recipe(
    name="nuclei",
    data=kg.data.load(known, labels=names, tests={"stained": stained}),
    model={"name": "segmenter", "size": "small"},
    task={"criterion": ["soft_cross_entropy", "dice"]},
    optimizer={"name": "adamw", "learning_rate": 3e-3},
    augment=("flip", "rotate", "invert", "contrast"),
    batch_size=16,
    epochs=16 if FILE.exists() else 8,
    training={"patience": None, "warm_up": 0.1},
    probes=("clean", "shift"),
    expect={"clean/dice": (0.92, 0.03) if FILE.exists() else (0.9, 0.1)},
)

if __name__ == "__main__":
    kg.run(recipe)
