"""A long tail: balanced accuracy on CIFAR-10 with classes of 100 to 1.

    python benchmarks/long_tail.py --data FOLDER [METHOD ...] [--factor 100]

The train split keeps 100^(-i / 9) of class i's examples; the test set has all
classes alike, so that its accuracy is the balanced one. The number is that of
the last epoch. All methods share net, optimizer, batches and augmentation;
`head retraining` and `tau` go on from the plain training. The folder holds
cifar10/cifar10_*_jpeg.npz; without it scikit-learn's digits are taken.
`--smoke` takes seconds.
"""

import argparse
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from common import residual_net, unpacked  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.core import create  # noqa: E402
from kerasgen.methods import tau_normalized  # noqa: E402

METHODS = {
    "cross-entropy": ("erm", None),
    "logit adjusted": ("erm", "logit_adjusted"),
    "focal": ("erm", "focal"),
    "ldam": ("erm", "ldam"),
    "ldam, deferred": ("deferred_reweighting", "ldam"),
    "deferred": ("deferred_reweighting", None),
    "head retraining": ("head_retraining", None),
    "tau": (None, None),
}


def images(folder):
    """Train and test as uint8 images and labels."""
    if folder is None:
        x, y = load_digits(return_X_y=True)
        x = (x.reshape(-1, 8, 8, 1) * 15).astype("uint8")
        return (x[:1300], y[:1300]), (x[1300:], y[1300:])
    found = (unpacked(folder, part) for part in ("train", "test"))
    return tuple((x, y.astype("int64")) for x, y in found)


def train(name, data, model, args):
    """Trains a model, and gives the one to test."""
    kind, criterion = METHODS[name]
    if kind is None:
        return tau_normalized(model, args.tau)
    task = kg.Classification(data.classes, data.labels, criterion=criterion)
    task = task.fitted(data.splits["train"].y)
    epochs = args.epochs
    if kind == "head_retraining":
        epochs = max(epochs // 5, 1)
    augment = [] if args.data is None else [create("augment", "flip")]
    batches = data.batches("train", 128, augment=augment)
    steps = epochs * int(batches.cardinality())
    spec = {"name": kind}
    if kind == "deferred_reweighting":
        spec["start"] = int(0.8 * steps)
    method = create("method", spec, model, task)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps, alpha=0.01)
    method.compile(keras.optimizers.AdamW(rate, weight_decay=0.01))
    method.fit(batches, epochs=epochs, verbose=0)
    return method.model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("methods", nargs="*", help="all by default")
    parser.add_argument("--data", type=pathlib.Path, help="folder of the set")
    parser.add_argument("--factor", type=float, default=100.0)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--tau", type=float, default=1.0)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.data, args.epochs, args.width, args.factor = None, 1, 4, 10.0
    train_set, (x, y) = images(args.data)
    for seed in range(args.seeds):
        data = kg.data.load(
            train_set, split=(0.97, 0.01, 0.01, 0.01), seed=seed
        )
        data = kg.data.imbalance(data, args.factor, seed=seed)
        x_test = data.prepare(tf.cast(x, "float32")).numpy()
        names = args.methods or METHODS
        weights = None
        for name in names:
            start = time.time()
            keras.utils.set_random_seed(seed)
            model = residual_net(data.shape, data.classes, args.width)
            if METHODS[name][0] in (None, "head_retraining"):
                if weights is None:
                    train("cross-entropy", data, model, args)
                    weights = model.get_weights()
                model.set_weights(weights)
            model = train(name, data, model, args)
            if name == "cross-entropy":
                weights = model.get_weights()
            found = np.argmax(model.predict(x_test, 512, verbose=0), -1)
            hits = [(found[y == c] == c).mean() for c in np.unique(y)]
            each = " ".join(f"{hit:.2f}" for hit in hits)
            print(
                f"seed {seed} {name:16} {np.mean(hits):.4f}  ({each}), "
                f"{time.time() - start:.0f} s",
                flush=True,
            )
            keras.backend.clear_session()


if __name__ == "__main__":
    main()
