"""Domain adaptation from MNIST to scikit-learn's digits: target accuracy.

    python benchmarks/adapt.py --data FOLDER [METHOD ...] [--seeds 3]

4,000 images of MNIST without their margins of 4 pixels are the labelled
source, 1,437 of the 1,797 digits the target without labels, both at 32x32;
the accuracy is that on the 360 digits left, after 10 epochs. Nothing is tuned
here: every method has its default arguments, and all share net, optimizer and
batches. The net has batch normalization, source only included, except where
the name says so. Rows that are "moved" turn, stretch and shift the digits a
little, and the method sees the target's so too. The folder holds
mnist/mnist.npz. `--shots 3` adds three labelled examples of each class of the
target, a quarter of train by copies. `--smoke` takes seconds.
"""

import argparse
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from common import interval  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.core import create  # noqa: E402

METHODS = {
    "source only": "erm",
    "adabn": "ada_bn",
    "coral": "coral",
    "dan": "dan",
    "jan": "jan",
    "cmd": "cmd",
    "afn": "afn",
    "dann": "dann",
    "adda": "adda",
    "cdan": "cdan",
    "mdd": "mdd",
    "wdgrl": "wdgrl",
    "mme": "mme",
    "m3sda": "m3_sda",
    "pada": "pada",
    "fda": "fda",
    "label shift": "label_shift",
    "mcd": "mcd",
    "swd": "swd",
    "mcc": "mcc",
    "deep jdot": "deep_jdot",
    "drcn": "drcn",
    "dsn": "dsn",
    "vada": "vada",
    "self ensembling": "self_ensembling",
    "fix match": "fix_match",
    "information maximization": "information_maximization",
}
# Small moves, by which digits of any hand stay what they are.
MOVES = (
    {"name": "rotate", "degrees": 10.0},
    {"name": "zoom", "rate": 0.1},
    {"name": "shear", "rate": 0.15},
    {"name": "translate", "rate": 0.06},
)
RECIPES = {
    **{name: {"method": {"name": each}} for name, each in METHODS.items()},
    "source only, no norm": {"method": {"name": "erm"}, "norm": False},
    "source only, moved": {"method": {"name": "erm"}, "augment": MOVES},
    "cdan, moved": {"method": {"name": "cdan"}, "augment": MOVES},
    "self ensembling, moved": {
        "method": {"name": "self_ensembling", "view": MOVES},
        "augment": MOVES,
    },
}
SIDE = 32


def resized(x):
    x = tf.image.resize(tf.cast(x[..., None], "float32"), (SIDE, SIDE))
    return np.clip(np.round(x), 0, 255).astype("uint8")


def domains(folder, seed, count, shots):
    x, y = load_digits(return_X_y=True)
    x = resized(x.reshape(-1, 8, 8) * (255 / 16))
    order = np.random.default_rng(0).permutation(len(x))
    x, y = x[order], y[order]
    if folder is None:
        source = 255 - x[:count], y[:count]
    else:
        with np.load(folder / "mnist" / "mnist.npz") as z:
            u, v = z["x_train"], z["y_train"]
        drawn = np.random.default_rng(seed).permutation(len(u))[:count]
        source = resized(u[drawn, 4:-4, 4:-4]), v[drawn]
    shares = (0.94, 0.02, 0.02, 0.02)
    one = kg.data.load(source, split=shares, seed=seed)
    target = x[:1437]
    if shots:
        target = kg.data.load((target, y[:1437]), split=shares, seed=seed)
    data = kg.data.Data.domains(
        source=one, target=target, shots=shots, share=0.25, seed=seed
    )
    return data, x[1437:], y[1437:]


def network(shape, classes, norm=True):
    """A small net with batch normalization, in plain Keras."""
    x = inputs = keras.Input(shape)
    for width, stride in ((32, 2), (64, 1)):
        x = keras.layers.Conv2D(width, 5, stride, "same", use_bias=not norm)(x)
        if norm:
            x = keras.layers.BatchNormalization(momentum=0.9)(x)
        x = keras.layers.MaxPooling2D()(keras.layers.ReLU()(x))
    x = keras.layers.Dense(128, "relu")(keras.layers.Flatten()(x))
    return keras.Model(inputs, keras.layers.Dense(classes, name="head")(x))


def train(recipe, data, seed, epochs):
    keras.utils.set_random_seed(seed)
    model = network(data.shape, data.classes, recipe.get("norm", True))
    method = create("method", recipe["method"], model, data.task)
    augment = [create("augment", each) for each in recipe.get("augment", ())]
    batches = data.batches("train", 64, needs=method.needs, augment=augment)
    steps = epochs * int(batches.cardinality())
    rate = keras.optimizers.schedules.CosineDecay(1e-3, steps, alpha=0.01)
    method.compile(keras.optimizers.AdamW(rate, weight_decay=0.01))
    method.fit(batches, epochs=epochs, verbose=0)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("methods", nargs="*", help="all by default")
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--shots", type=int, default=0)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    count = 4000
    if args.smoke:
        args.data, args.seeds, args.epochs, count = None, 2, 1, 300
    for name in args.methods or RECIPES:
        found, start = [], time.time()
        for seed in range(args.first, args.first + args.seeds):
            data, x, y = domains(args.data, seed, count, args.shots)
            model = train(RECIPES[name], data, seed, args.epochs)
            logits = model.predict(
                data.prepare(tf.cast(x, "float32")), 256, verbose=0
            )
            found.append(float((np.argmax(logits, -1) == y).mean()))
            keras.backend.clear_session()
        each = ", ".join(f"{value:.3f}" for value in found)
        print(
            f"{name:26} {interval(found)}  ({each}), "
            f"{(time.time() - start) / args.seeds:.0f} s a run",
            flush=True,
        )


if __name__ == "__main__":
    main()
