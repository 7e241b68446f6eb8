"""Image classifiers on the official test sets, epoch by epoch.

    python benchmarks/models_image.py CASE --data FOLDER [--epochs N]

CASE is mnist (60,000 and 10,000 images), cifar10 (50,000 and 10,000, as the
JPEGs of the copy that is there), or pneumonia (5,232 and 624). The folder
holds mnist/mnist.npz, cifar10/cifar10_{train,test}_jpeg.npz and
pneumoniamnist/pneumoniamnist.npz. A little of train is kept back to watch; the
test chooses nothing, and its accuracy is that after the last epoch. The
accuracy of each epoch is that on what was kept back. `--smoke` takes seconds,
on images that are made up.
"""

import argparse
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from common import mnist, unpacked  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.cli import read_recipe  # noqa: E402
from kerasgen.core import speak  # noqa: E402
from kerasgen.recipe import Recipe, build, load_data, train  # noqa: E402

ROOT = pathlib.Path(__file__).parents[1]
# What is known: a goal, and a peer's number with what it is.
PEERS = {
    "mnist": "goal .9960; three nearest neighbours in 50 components .9748",
    "cifar10": "goal .90 within 60 minutes of 2 cores; edges and a linear "
    "model .4865",
    "pneumonia": "goal accuracy .92, AUC .97; MedMNIST's ResNet-18 .854, .944",
}


def cifar10(folder):
    return unpacked(folder, "train"), unpacked(folder, "test")


def made_up(shape):
    x, y = kg.data.synthetic.images(300, shape=shape, classes=10)
    return (x[:200], y[:200]), (x[200:], y[200:])


def recipes(case, args):
    if case == "pneumonia":
        if args.data is not None:
            os.environ["KERASGEN_DATA"] = str(args.data)
        return read_recipe(ROOT / "pipelines" / "pneumonia.py")
    shape = (28, 28, 1) if case == "mnist" else (32, 32, 3)
    read = {"mnist": mnist, "cifar10": cifar10}[case]
    known, test = made_up(shape) if args.data is None else read(args.data)
    data = kg.data.load(
        known,
        tests={"test": test},
        split=(0.94, 0.02, 0.02, 0.02),
        name=case,
    )
    common = {
        "name": case,
        "data": data,
        "batch_size": 128,
        "training": {"patience": None, "average": 0.998, "warm_up": 0.15},
        "model": {"name": "image_classifier", "size": "small"},
        "optimizer": {"name": "adamw", "learning_rate": 4e-3},
    }
    if case == "mnist":
        moves = ("rotate", "translate", "zoom", "shear", "elastic")
        return Recipe(**common, augment=moves, epochs=20)
    # What a net needs that must learn in an hour, after Jordan, 2024.
    return Recipe(**common).replace(
        {
            "model.body": "airbench",
            "augment": ("flip", {"name": "translate", "rate": 0.0625}),
            "task": {"label_smoothing": 0.2},
            "optimizer": {
                "name": "sgd",
                "learning_rate": 0.2,
                "momentum": 0.9,
                "weight_decay": 5e-3,
            },
            "batch_size": 256,
            "training.average": 0.99,
            "training.warm_up": 0.2,
            "epochs": 9,
        }
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", choices=list(PEERS))
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--body", default=None)
    parser.add_argument("--size", default=None)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.data, args.epochs, args.size = None, 1, "tiny"
    recipe = recipes(args.case, args)
    asked = {
        "epochs": args.epochs,
        "model.size": args.size,
        "model.body": args.body,
    }
    recipe = recipe.replace({k: v for k, v in asked.items() if v is not None})
    data = load_data(recipe)
    speak(2)
    start = time.time()
    method = build(recipe, data)
    train(recipe, data, method, verbose=2)
    minutes = (time.time() - start) / 60
    x, y = data.tensors("test")
    logits = method.model.predict(x, 256, verbose=0)
    right = int((np.argmax(logits, -1) == y).sum())
    low, high = kg.metrics.binomial(right, len(y))
    print(
        f"{args.case}: accuracy {right / len(y):.4f} [{low:.4f}, {high:.4f}], "
        f"n = {len(y)}, {recipe.epochs} epochs, {minutes:.1f} min"
    )
    if logits.shape[-1] == 2:
        score = logits[:, 1].astype("float64") - logits[:, 0]
        print(f"{args.case}: AUC {roc_auc_score(y, score):.4f}")
    print(f"known: {PEERS[args.case]}")
    keras.backend.clear_session()


if __name__ == "__main__":
    main()
