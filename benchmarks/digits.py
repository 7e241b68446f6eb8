"""Digits of one kind to digits of another: accuracy on the target's test set.

    python benchmarks/digits.py CASE [RECIPE ...] --data FOLDER [--seeds 3]

CASE is mnist-usps, usps-mnist or mnist-mnistm. Sources are labelled train
sets, whole; the target's train set comes without labels; the accuracy is that
on the target's test set after the last epoch, so that no label of the target
chooses anything. Recipes that are "moved" turn, stretch and shift the digits a
little in both domains. USPS (7,291 and 2,007 images of 16x16) is padded with 6
pixels to 28x28; MNIST-M is the difference of a digit and a patch of a photo,
photos of train for train and of test for test. The folder holds
mnist/mnist.npz, usps/usps.npz and bsds500/bsds500_half.npz. `--smoke` takes
seconds.
"""

import argparse
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from common import interval, mnist  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.core import create  # noqa: E402

MOVES = (
    {"name": "rotate", "degrees": 10.0},
    {"name": "zoom", "rate": 0.15},
    {"name": "shear", "rate": 0.2},
    {"name": "translate", "rate": 0.08},
)
RECIPES = {
    "source only": {"method": {"name": "erm"}},
    "source only, moved": {"method": {"name": "erm"}, "augment": MOVES},
    "dann": {"method": {"name": "dann"}},
    "information": {"method": {"name": "information_maximization"}},
    "self ensembling": {"method": {"name": "self_ensembling"}},
    "self ensembling, moved": {
        "method": {
            "name": "self_ensembling",
            "balance": 0.1,
            "view": MOVES,
        },
        "augment": MOVES,
    },
}


def usps(folder):
    with np.load(folder / "usps" / "usps.npz") as z:
        return tuple(
            (
                np.pad(z[f"x_{name}"], ((0, 0), (6, 6), (6, 6)))[..., None],
                z[f"y_{name}"].astype("int64"),
            )
            for name in ("train", "test")
        )


def mnist_m(folder):
    with np.load(folder / "bsds500" / "bsds500_half.npz") as z:
        photos = z["x_train"], z["x_test"]
    found = []
    for seed, ((x, y), pictures) in enumerate(
        zip(mnist(folder), photos, strict=True)
    ):
        random = np.random.default_rng(seed)
        sides = np.array(pictures.shape[1:3]) - 28
        which = random.integers(len(pictures), size=len(x))
        top = random.integers(sides[0] + 1, size=len(x))
        left = random.integers(sides[1] + 1, size=len(x))
        places = np.arange(28)
        patch = pictures[
            which[:, None, None],
            (top[:, None] + places)[:, :, None],
            (left[:, None] + places)[:, None, :],
        ]
        mixed = np.abs(patch.astype("int16") - x.astype("int16"))
        found.append((mixed.astype("uint8"), y))
    return tuple(found)


def made_up(_):
    x, y = kg.data.synthetic.images(600, shape=(28, 28, 1), classes=10)
    return (x[:400], y[:400]), (x[400:], y[400:])


SETS = {"mnist": mnist, "usps": usps, "mnistm": mnist_m}


def domains(case, folder, seed):
    read = {name: made_up for name in SETS} if folder is None else SETS
    source, target = (read[name](folder) for name in case.split("-"))
    known, aim, test = source[0], target[0][0], target[1]
    channels = max(known[0].shape[-1], aim.shape[-1])
    known = np.repeat(known[0], channels // known[0].shape[-1], -1), known[1]
    # Of the source a little is kept back to watch; the target's labels are
    # read for the last number alone.
    one = kg.data.load(known, split=(0.97, 0.01, 0.01, 0.01), seed=seed)
    return kg.data.Data.domains(source=one, target=aim), test


def network(shape, classes):
    """A net of three convolutions and batch normalization, in plain Keras."""
    x = inputs = keras.Input(shape)
    for width in (32, 64, 128):
        x = keras.layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization(momentum=0.95)(x)
        x = keras.layers.MaxPooling2D()(keras.layers.ReLU()(x))
    x = keras.layers.Dense(128, "relu")(keras.layers.Flatten()(x))
    x = keras.layers.Dropout(0.3)(x)
    return keras.Model(inputs, keras.layers.Dense(classes, name="head")(x))


def train(recipe, data, seed, steps):
    keras.utils.set_random_seed(seed)
    model = network(data.shape, data.classes)
    method = create("method", recipe["method"], model, data.task)
    augment = [create("augment", each) for each in recipe.get("augment", ())]
    batches = data.batches("train", 128, needs=method.needs, augment=augment)
    rate = keras.optimizers.schedules.CosineDecay(
        recipe.get("rate", 2e-3), steps, alpha=0.01
    )
    method.compile(keras.optimizers.AdamW(rate, weight_decay=0.01))
    method.fit(
        batches.repeat(),
        steps_per_epoch=steps,
        epochs=1,
        verbose=0,
        callbacks=[kg.callbacks.Average(0.995)],
    )
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", help="mnist-usps, usps-mnist, mnist-mnistm")
    parser.add_argument("recipes", nargs="*", default=list(RECIPES))
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.data, args.seeds, args.steps = None, 2, 3
    for name in args.recipes:
        found, minutes = [], []
        for seed in range(args.seeds):
            data, (x, y) = domains(args.case, args.data, seed)
            start = time.time()
            model = train(RECIPES[name], data, seed, args.steps)
            minutes.append((time.time() - start) / 60)
            x = data.prepare.predict(
                np.repeat(x, data.shape[-1] // x.shape[-1], -1), verbose=0
            )
            logits = model.predict(x, 256, verbose=0)
            found.append(float((np.argmax(logits, -1) == y).mean()))
            print(f"  {name}, seed {seed}: {found[-1]:.4f}", flush=True)
            keras.backend.clear_session()
        print(
            f"{args.case} {name:24} {interval(found)}, "
            f"{np.mean(minutes):.1f} min a run",
            flush=True,
        )


if __name__ == "__main__":
    main()
