"""What the standard augmentation is worth: accuracy, clean and corrupted.

    python benchmarks/generalize.py --data FOLDER

trains a small residual network on few images of MNIST and CIFAR-10, with the
standard policy and with none, for three seeds each, and prints the accuracy
on clean test images and the mean corruption error (the error over the 15
corruptions of ImageNet-C at 5 severities), with 95 % intervals over seeds.
The folder holds mnist/mnist.npz and cifar10/cifar10_{train,test}_jpeg.npz;
without one, scikit-learn's digits are used. Takes about half an hour on two
cores; `--smoke` seconds.
"""

import argparse
import json
import os
import pathlib
import time

# Twice as fast where the processor has the instructions; set before Keras.
os.environ.setdefault("ONEDNN_DEFAULT_FPMATH_MODE", "BF16")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from common import mean_and_half, mnist, unpacked  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.augment.corrupt import IMAGENET_C  # noqa: E402

POLICIES = ("none", "standard")


def mnist_parts(folder):
    (x, y), (u, v) = mnist(folder)
    return x, y, u, v


def cifar10(folder):
    return [
        each
        for part in ("train", "test")
        for each in unpacked(folder, part, 6000)
    ]


def digits(_):
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    x = np.round(x.reshape(-1, 8, 8, 1) * 255 / 16).astype("uint8")
    x = np.repeat(np.repeat(x, 4, 1), 4, 2)
    return x[:1000], y[:1000], x[1000:], y[1000:]


# Name: reader, train images, epochs, probability of a mirror image.
SETS = {
    "mnist": (mnist_parts, 500, 40, 0.0),
    "cifar10": (cifar10, 1000, 100, 0.5),
    "digits": (digits, 600, 10, 0.0),
}


def corrupted(x, limit):
    """Every corruption at every severity of the same test images."""
    for name in IMAGENET_C[:limit]:
        for severity in range(1, 6):
            spec = {"name": name, "severity": severity}
            part = kg.create("corruption", spec)
            batches = [
                part({"x": x[i : i + 250]}, [severity, i])["x"].numpy()
                for i in range(0, len(x), 250)
            ]
            yield name, np.concatenate(batches)


def train(data, policy, flip, seed, epochs, size):
    keras.utils.set_random_seed(seed)
    model = kg.image_classifier(data.shape, data.classes, size=size)
    parts = kg.augment.standard(flip=flip) if policy == "standard" else []
    batches = data.batches("train", 64, augment=parts)
    steps = epochs * int(batches.cardinality())
    rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        steps - steps // 10,
        alpha=0.01,
        warmup_target=2e-3,
        warmup_steps=steps // 10,
    )
    method = kg.methods.ERM(model, data.task)
    method.compile(keras.optimizers.AdamW(rate, weight_decay=0.01))
    method.fit(batches, epochs=epochs, verbose=0)
    return model


def errors(model, data, x, y):
    logits = model.predict(data.prepare(tf.cast(x, "float32")), 256, verbose=0)
    return np.argmax(logits, -1) != y


def bounds(values):
    mean, half = mean_and_half(values)
    return mean, mean - half, mean + half


def measure(name, folder, args):
    reader, count, epochs, flip = SETS[name]
    epochs = args.epochs or epochs
    x, y, u, v = reader(folder)
    u, v = u[: args.test], v[: args.test]
    hard = list(corrupted(u, args.corruptions))
    rows = {policy: {"clean": [], "mce": []} for policy in POLICIES}
    for seed in range(args.seeds):
        # The same images for both policies; another sample for each seed.
        drawn = np.random.default_rng(seed).permutation(len(x))[:count]
        shares = (0.94, 0.02, 0.02, 0.02)
        data = kg.data.load((x[drawn], y[drawn]), split=shares, seed=seed)
        for policy in POLICIES:
            start = time.time()
            model = train(data, policy, flip, seed, epochs, args.size)
            clean = 1.0 - errors(model, data, u, v).mean()
            by = {}
            for kind, pixels in hard:
                wrong = errors(model, data, pixels, v).mean()
                by.setdefault(kind, []).append(wrong)
            mce = np.mean([np.mean(each) for each in by.values()])
            rows[policy]["clean"].append(float(clean))
            rows[policy]["mce"].append(float(mce))
            print(
                f"{name} seed {seed} {policy}: clean {clean:.4f}, corruption "
                f"error {mce:.4f} ({time.time() - start:.0f} s)",
                flush=True,
            )
            keras.backend.clear_session()
    return rows


def table(name, rows):
    print(f"\n{name}, {len(rows['none']['clean'])} seeds, 95 % intervals")
    for metric, label in (
        ("clean", "clean accuracy"),
        ("mce", "mean corruption error"),
    ):
        for policy in POLICIES:
            mean, low, high = bounds(rows[policy][metric])
            print(f"  {label:22} {policy:9} {mean:.4f} [{low:.4f}, {high:.4f}]")
        gain = np.subtract(rows["standard"][metric], rows["none"][metric])
        mean, low, high = bounds(gain)
        print(f"  {'':22} change    {mean:+.4f} [{low:+.4f}, {high:+.4f}]")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--sets", nargs="+", choices=SETS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=0)
    parser.add_argument("--test", type=int, default=500)
    parser.add_argument("--size", default="small")
    parser.add_argument("--corruptions", type=int, default=len(IMAGENET_C))
    parser.add_argument("--out", type=pathlib.Path, help="a file of JSON")
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.sets, args.seeds, args.epochs = ["digits"], 2, 1
        args.test, args.size, args.corruptions = 100, "tiny", 2
    names = args.sets or (["mnist", "cifar10"] if args.data else ["digits"])
    found = {name: measure(name, args.data, args) for name in names}
    for name, rows in found.items():
        table(name, rows)
    if args.out:
        args.out.write_text(json.dumps(found, indent=1), "utf-8")


if __name__ == "__main__":
    main()
