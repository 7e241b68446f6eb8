"""Moving digits: which digit and which way, by two bodies, beside pixels.

    python benchmarks/models_video.py --data FOLDER [--body attention 2plus1d]

The folder holds mnist/mnist.npz. Clips, their split and the training are
those of pipelines/moving_digits.py; the test's digits are MNIST's test. The
peer is scikit-learn's logistic regression on the differences of frames and
their mean, which is trained on the same clips. `--smoke` takes seconds, on the
digits of scikit-learn.
"""

import argparse
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

FILE = pathlib.Path(__file__).parents[1] / "pipelines" / "moving_digits.py"


def shown(name, answer, y, minutes):
    digit, way = answer // 4 == y // 4, answer % 4 == y % 4
    print(
        f"{name:20} digit {digit.mean():.4f}  way {way.mean():.4f}  both "
        f"{(digit & way).mean():.4f}, n = {len(y)}, {minutes:.1f} min",
        flush=True,
    )


def pixels(x):
    x = x.astype("float32") / 255.0
    moves = np.diff(x, axis=1).reshape(len(x), -1)
    return np.concatenate([moves, x.mean(1).reshape(len(x), -1)], 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, help="folder of the set")
    parser.add_argument("--body", nargs="*", default=["attention", "2plus1d"])
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--size", default="small")
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.data is not None:
        os.environ["KERASGEN_DATA"] = str(args.data)

    from kerasgen.cli import read_recipe
    from kerasgen.core import speak
    from kerasgen.recipe import build, load_data, train

    recipe = read_recipe(FILE)
    if args.smoke:
        args.epochs, args.size = 1, "tiny"
    if args.epochs:
        recipe = recipe.replace({"epochs": args.epochs})
    data = load_data(recipe)
    speak(2)
    y = np.asarray(data.splits["test"].y)
    start, limit = time.time(), 300 if args.smoke else 4000
    known = np.asarray(data.splits["train"].y)[:limit]
    peer = LogisticRegression(max_iter=100)
    peer.fit(pixels(data.raw("train", limit)), known)
    answer = peer.predict(pixels(data.raw("test")))
    minutes = (time.time() - start) / 60
    shown(f"pixels, {len(known)} clips", answer, y, minutes)
    for body in args.body:
        start = time.time()
        chosen = recipe.replace({"model.body": body, "model.size": args.size})
        method = build(chosen, data)
        train(chosen, data, method, verbose=2)
        x, _ = data.tensors("test")
        logits = method.model.predict(x, 256, verbose=0)
        minutes = (time.time() - start) / 60
        shown(body, np.argmax(logits, -1), y, minutes)
        keras.backend.clear_session()


if __name__ == "__main__":
    main()
