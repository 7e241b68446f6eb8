"""Distillation of a small student on few images: test accuracy.

    python benchmarks/distill.py --data FOLDER [WAY ...] [--seeds 3]

A teacher of two wide convolutions is trained on 100 images of each class of
MNIST, without their margins of 4 pixels. A student of two narrow ones is
trained on the same images for as many epochs: alone, by Keras's `Distiller`
with its defaults, and by ours with theirs; one of ours gets answers on images
without labels, too. All share start, optimizer and batches; the accuracy is
that on 5,000 test images, with 95 % intervals over seeds, and the gain that
over the student alone. The folder holds mnist/mnist.npz; without one,
scikit-learn's digits are used. Takes some minutes on two cores; `--smoke`
seconds.
"""

import argparse
import json
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from common import mean_and_half  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.core import create  # noqa: E402

ALONE, STUDENT = "student alone", (4, 8, 16)
WAYS = {
    ALONE: "erm",
    "keras Distiller": None,
    "logits": "distillation",
    "logits, unlabeled": "distillation",
    "features": "feature_distillation",
    "attention": "attention_transfer",
    "past self": "self_distillation",
}


def load(folder, seed, keep):
    """Data of few labels and of others without, test images and labels."""
    draw = np.random.default_rng(seed)
    if folder is None:
        x, y = load_digits(return_X_y=True)
        x = np.round(x.reshape(-1, 8, 8, 1) * 255 / 16).astype("uint8")
        order = draw.permutation(len(x))
        x, y = x[order], y[order]
        x, u, y, v = x[:1200], x[1200:], y[:1200], y[1200:]
    else:
        with np.load(folder / "mnist" / "mnist.npz") as z:
            x, y, u, v = (
                z[k] for k in ("x_train", "y_train", "x_test", "y_test")
            )
        few = draw.permutation(len(x))[:5000]
        x, y, u, v = x[few], y[few], u[:5000], v[:5000]
        x, u = (images[:, 4:-4, 4:-4, None] for images in (x, u))
    shares = (0.94, 0.02, 0.02, 0.02)
    data = kg.data.load((x, y), split=shares, seed=seed)
    data = kg.data.forget_labels(data, keep, seed)
    return data, np.asarray(data.prepare(u.astype("float32"))), v


def network(shape, classes, widths, dropout=0.0):
    """Two convolutions and a hidden layer, in plain Keras."""
    x = inputs = keras.Input(shape)
    for width in widths[:2]:
        x = keras.layers.Conv2D(width, 3, padding="same", activation="relu")(x)
        x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.Dense(widths[2], "relu")(keras.layers.Flatten()(x))
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(inputs, keras.layers.Dense(classes, name="head")(x))


def compiled(model, steps, **kwargs):
    rate = keras.optimizers.schedules.CosineDecay(3e-3, steps, alpha=0.01)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=0.01), **kwargs)


def train(way, data, seed, epochs, teacher=None):
    keras.utils.set_random_seed(seed)
    widths, dropout = (
        ((32, 64, 128), 0.4) if teacher is None else (STUDENT, 0.0)
    )
    model = network(data.shape, data.classes, widths, dropout)
    needs = ("unlabeled",) if "unlabeled" in way else ()
    batches = data.batches("train", 64, needs=needs)
    name = WAYS[way]
    each = int(batches.cardinality())
    steps = epochs * each
    if name is None:
        whole = keras.distillation.Distiller(
            teacher, model, keras.distillation.LogitsDistillation()
        )
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        compiled(whole, steps, loss=loss)
    else:
        given = {"teacher": teacher}
        if name == "self_distillation":
            given = {"ramp": steps, "every": each}
        if name == "erm":
            given = {}
        spec = {"name": name, **given}
        whole = create("method", spec, model, data.task)
        compiled(whole, steps)
    whole.fit(batches, epochs=epochs, verbose=0, shuffle=False)
    return model


def accuracy(model, x, y):
    return float((model.predict(x, 256, verbose=0).argmax(-1) == y).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ways", nargs="*", help="all by default")
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--out", type=pathlib.Path, help="a file of JSON")
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    keep = 100 if args.data else 40
    if args.smoke:
        args.data, args.seeds, args.epochs, keep = None, 2, 1, 10
    ways = list(dict.fromkeys([ALONE, *(args.ways or WAYS)]))
    found = {way: [] for way in ("teacher", *ways)}
    for seed in range(args.seeds):
        data, x, y = load(args.data, seed, keep)
        start = time.time()
        teacher = train(ALONE, data, seed, args.epochs)
        found["teacher"].append(accuracy(teacher, x, y))
        print(
            f"seed {seed} teacher {found['teacher'][-1]:.4f} "
            f"({time.time() - start:.0f} s)",
            flush=True,
        )
        for way in ways:
            start = time.time()
            model = train(way, data, seed, args.epochs, teacher)
            found[way].append(accuracy(model, x, y))
            print(
                f"seed {seed} {way} {found[way][-1]:.4f} "
                f"({time.time() - start:.0f} s)",
                flush=True,
            )
        keras.backend.clear_session()
    for way, values in found.items():
        mean, half = mean_and_half(values)
        gain, spread = mean_and_half(np.subtract(values, found[ALONE]))
        print(f"{way:18} {mean:.4f} +- {half:.4f}  {gain:+.4f} +- {spread:.4f}")
    if args.out:
        args.out.write_text(json.dumps(found, indent=1), "utf-8")


if __name__ == "__main__":
    main()
