"""Digits into ten clusters without a label: accuracy, NMI and ARI.

    python benchmarks/models_cluster.py --data FOLDER [--seeds 1] [--epochs 12]

MNIST: trained on `--train` images of the training set without labels, judged
on all 10,000 test images. scikit-learn's k-means on pixels, fitted on the same
images, stands beside; `iic` lets two moved views of an image tell of each
other, `idec` is an autoencoder with centres from k-means, `imsat` information
with answers that nearby points keep, on rows of pixels, and `moved` the same on
images with answers that small moves keep. The folder holds mnist/mnist.npz;
without it scikit-learn's digits are taken. `--smoke` takes a minute.
"""

import argparse
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import sklearn.cluster  # noqa: E402
from common import interval  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.core import create  # noqa: E402

ASK = ("accuracy", "nmi", "ari")
MOVES = (
    {"name": "rotate", "degrees": 15.0},
    {"name": "zoom", "rate": 0.15},
    {"name": "shear", "rate": 0.15},
    {"name": "translate", "rate": 0.1},
)
WAYS = {
    "iic": (
        {"kernel": "linear"},
        {"name": "iic", "view": MOVES},
    ),
    "idec": (
        {"kernel": "student"},
        {"name": "dec", "warm_up": 1500, "width": 16},
    ),
    "imsat": (
        {"kernel": "linear"},
        {
            **{"name": "imsat", "nearby": "adversarial", "epsilon": 5.0},
            **{"weight": 0.1, "spread": 4.0},
        },
    ),
    "moved": (
        {"kernel": "linear"},
        {"name": "imsat", "view": MOVES, "weight": 1.0, "spread": 2.0},
    ),
}


def digits(folder, count):
    """Training images, test images and the labels of the tests."""
    if folder is None:
        x, y = load_digits(return_X_y=True)
        x = (x.reshape(-1, 8, 8, 1) * 15.9).astype("uint8")
        return x[:1200], x[1200:], y[1200:]
    with np.load(folder / "mnist" / "mnist.npz") as z:
        x, tested = z["x_train"][:count], z["x_test"]
        return x[..., None], tested[..., None], z["y_test"]


def measured(y, outputs):
    task = kg.Clustering(10)
    return [m.reduce_values(m.values(y, outputs)) for m in task.measures()]


def peer(x, tested, y, seed):
    """k-means on pixels."""
    model = sklearn.cluster.KMeans(10, n_init=5, random_state=seed)
    model.fit(x.reshape(len(x), -1) / 255.0)
    found = model.predict(tested.reshape(len(tested), -1) / 255.0)
    return measured(y, np.eye(10)[found])


def ours(name, x, tested, y, seed, args):
    knobs, method = WAYS[name]
    keras.utils.set_random_seed(seed)
    mean, spread = x.mean() / 255.0, x.std() / 255.0
    x, tested = ((v / 255.0 - mean) / spread for v in (x, tested))
    if name == "imsat":
        # On rows of pixels, as in the paper.
        x, tested = (v.reshape(len(v), -1) for v in (x, tested))
    model = kg.clusterer(x.shape[1:], 10, size=args.size, **knobs)
    if args.smoke and name == "idec":
        method = {**method, "warm_up": 20}
    method = create("method", method, model, kg.Clustering(10))
    steps = args.epochs * -(-len(x) // args.batch)
    rate = keras.optimizers.schedules.CosineDecay(args.rate, steps)
    method.compile(keras.optimizers.Adam(rate))
    blank = np.zeros(len(x), "int64")
    method.fit(
        x.astype("float32"),
        blank,
        batch_size=args.batch,
        epochs=args.epochs,
        verbose=2 if args.verbose else 0,
    )
    outputs = model.predict(tested.astype("float32"), 500, verbose=0)
    return measured(y, outputs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=["k-means", *WAYS])
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--train", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--size", default="small")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.data, args.epochs = None, 2
    x, tested, y = digits(args.data, args.train)
    for name in args.names:
        start, rows = time.time(), []
        for seed in range(args.seeds):
            if name == "k-means":
                rows.append(peer(x, tested, y, seed))
            else:
                rows.append(ours(name, x, tested, y, seed, args))
            keras.backend.clear_session()
        told = "  ".join(
            f"{each} {interval(column)}"
            for each, column in zip(ASK, np.array(rows).T, strict=True)
        )
        minutes = (time.time() - start) / 60 / args.seeds
        print(f"{name:8} {told}  {minutes:.1f} min a seed", flush=True)


if __name__ == "__main__":
    main()
