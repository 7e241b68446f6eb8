"""Test-time adaptation: error under corruption, with and without.

    python benchmarks/test_time.py --data FOLDER

trains a residual network with batch normalization on MNIST, plainly and with
an augmentation, and prints its error on the test images under the 15
corruptions of ImageNet-C at severity 5: as trained, by the statistics of each
batch of 200, by TENT and by EATA, each online in one pass and reset between
corruptions. Then the same on a stream whose classes come one after the other,
where the published methods collapse and those with a memory should not.

Published on CIFAR-10-C (WRN-28-10, severity 5, batches of 200, TENT's own
repository): source 43.5, batch statistics 20.4, TENT 18.6; AugMix
(WRN-40-2) 18.3, 14.5, 12.1. `--set cifar10` takes 20,000 images of that set.
`--smoke` trains for 2 epochs on scikit-learn's digits, under 2 corruptions.
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
from common import mnist, unpacked  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.augment.corrupt import IMAGENET_C  # noqa: E402

BATCH = 200
PUBLISHED = {"prior": 0.0}
ADAPTERS = {
    "source": None,
    "batch statistics": {"name": "batch_statistics", **PUBLISHED},
    "tent": {"name": "tent", **PUBLISHED},
    "eata": {"name": "eata", **PUBLISHED},
    "batch statistics, memory": {"name": "batch_statistics", "memory": 200},
    "tent, memory": {"name": "tent", "memory": 200},
    "eata, memory": {"name": "eata", "memory": 200},
}


def mnist_parts(folder):
    (x, y), (u, v) = mnist(folder)
    return x, y, u, v


def cifar10(folder):
    return [
        each for part in ("train", "test") for each in unpacked(folder, part)
    ]


def digits(_):
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    x = np.round(x.reshape(-1, 8, 8, 1) * 255 / 16).astype("uint8")
    x = np.repeat(np.repeat(x, 4, 1), 4, 2)
    return x[:1200], y[:1200], x[1200:], y[1200:]


# Name: reader, train images, epochs, probability of a mirror image.
SETS = {
    "mnist": (mnist_parts, 10000, 6, 0.0),
    "cifar10": (cifar10, 20000, 10, 0.5),
    "digits": (digits, 1200, 15, 0.0),
}


def augmentation(policy, flip):
    if policy == "augmix":
        mirror = [kg.augment.Flip(flip)] if flip else []
        return [*mirror, kg.augment.AugMix()]
    return kg.augment.standard(flip=flip) if policy == "standard" else []


def train(data, policy, flip, epochs, size):
    keras.utils.set_random_seed(0)
    model = kg.image_classifier(data.shape, data.classes, size=size)
    batches = data.batches("train", 64, augment=augmentation(policy, flip))
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


def corrupted(x, name, severity):
    part = kg.create("corruption", {"name": name, "severity": severity})
    batches = [
        part({"x": x[i : i + 250]}, [severity, i])["x"].numpy()
        for i in range(0, len(x), 250)
    ]
    return np.concatenate(batches)


def error(model, x, y):
    logits = model.predict(x, batch_size=BATCH, verbose=0)
    return float((np.argmax(logits, -1) != y).mean())


def measure(model, data, streams, y, chosen):
    """Error of each adapter, over the corruptions, in two orders."""
    order = np.argsort(y, kind="stable")
    source = [data.prepare(tf.cast(data.raw("train", 2000), "float32"))]
    source = [source[0][i : i + BATCH] for i in range(0, 2000, BATCH)]
    rows = {}
    for name in chosen:
        spec, start = ADAPTERS[name], time.time()
        live = model if spec is None else kg.create("adapter", spec, model)
        if hasattr(live, "anchor"):
            live.anchor(source)
        found = {"shuffled": {}, "sorted": {}}
        for kind, pixels in streams.items():
            x = np.asarray(data.prepare(tf.cast(pixels, "float32")))
            for way, places in (("shuffled", slice(None)), ("sorted", order)):
                if spec is not None:
                    live.reset()
                found[way][kind] = error(live, x[places], y[places])
        rows[name] = found
        means = {
            way: np.mean([v for k, v in each.items() if k != "clean"])
            for way, each in found.items()
        }
        print(
            f"  {name:26} error {means['shuffled']:.4f}, classes in turn "
            f"{means['sorted']:.4f}, clean {found['shuffled']['clean']:.4f} "
            f"and {found['sorted']['clean']:.4f}  "
            f"({time.time() - start:.0f} s)",
            flush=True,
        )
    return rows


def changes(rows, base):
    for name, found in rows.items():
        if name == "source":
            continue
        means = [
            np.mean([v for k, v in found[way].items() if k != "clean"])
            for way in ("shuffled", "sorted")
        ]
        print(
            f"    {name:26} {means[0] / base - 1:+.0%} of the plain model's "
            f"error; classes in turn {means[1] / base - 1:+.0%}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--set", choices=SETS)
    parser.add_argument("--policies", nargs="+")
    parser.add_argument("--adapters", nargs="+", choices=ADAPTERS)
    parser.add_argument("--epochs", type=int, default=0)
    parser.add_argument("--train", type=int, default=0)
    parser.add_argument("--test", type=int, default=10000)
    parser.add_argument("--size", default="small")
    parser.add_argument("--severity", type=int, default=5)
    parser.add_argument("--models", type=pathlib.Path, help="kept models")
    parser.add_argument("--out", type=pathlib.Path, help="a file of JSON")
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    kinds = IMAGENET_C
    if args.smoke:
        args.set, args.epochs, args.size = "digits", 2, "tiny"
        args.policies, kinds = ["none"], IMAGENET_C[:2]
    name = args.set or ("mnist" if args.data else "digits")
    reader, count, epochs, flip = SETS[name]
    x, y, u, v = reader(args.data)
    count = args.train or count
    data = kg.data.load((x[:count], y[:count]), split=(0.94, 0.02, 0.02, 0.02))
    u, v = u[: args.test], v[: args.test]
    streams = {"clean": u}
    streams.update({k: corrupted(u, k, args.severity) for k in kinds})
    found, base = {}, None
    for policy in args.policies or ("none", "standard", "augmix"):
        start = time.time()
        path = args.models and args.models / f"{name}_{policy}.keras"
        if path and path.exists():
            model = keras.models.load_model(path)
        else:
            epochs = args.epochs or epochs
            model = train(data, policy, flip, epochs, args.size)
            if path:
                path.parent.mkdir(parents=True, exist_ok=True)
                model.save(path)
        print(f"{name}, {policy} ({time.time() - start:.0f} s)", flush=True)
        chosen = args.adapters or list(ADAPTERS)
        rows = found[policy] = measure(model, data, streams, v, chosen)
        if base is None and "source" in rows:
            each = rows["source"]["shuffled"]
            base = np.mean([n for k, n in each.items() if k != "clean"])
        if base:
            changes(rows, base)
    if args.out:
        args.out.write_text(json.dumps(found, indent=1), "utf-8")


if __name__ == "__main__":
    main()
