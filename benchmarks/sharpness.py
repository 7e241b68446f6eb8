"""SAM and the standard augmentation on CIFAR-10: the error of a small net.

    python benchmarks/sharpness.py --data FOLDER [--epochs 30] [--seeds 3]

The same net, batches and epochs by AdamW alone, with the standard policy,
under SAM, and with both, averaged weights included; a step of SAM takes two
passes, and the seconds are printed beside. The folder holds
cifar10/cifar10_{train,test}_jpeg.npz; without it scikit-learn's digits are
taken. `--smoke` takes seconds.
"""

import argparse
import os
import pathlib
import time

os.environ.setdefault("ONEDNN_DEFAULT_FPMATH_MODE", "BF16")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from common import interval, residual_net, unpacked  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402

import kerasgen as kg  # noqa: E402

# Name: the step, whether images are augmented, the horizon of the average.
WAYS = {
    "adamw": ("descent", False, None),
    "policy": ("descent", True, None),
    "sam": ({"name": "sam", "rho": 0.05}, False, None),
    "sam, policy": ({"name": "sam", "rho": 0.05}, True, 0.999),
}


def images(folder, count):
    if folder is None:
        x, y = load_digits(return_X_y=True)
        x = (x.reshape(-1, 8, 8, 1) * 15).astype("uint8")
        return (x[:1300], y[:1300]), (x[1300:], y[1300:])
    x, y = unpacked(folder, "train", count)
    u, v = unpacked(folder, "test")
    return (x, y.astype("int64")), (u, v.astype("int64"))


def train(way, data, flip, args, seed):
    step, policy, average = WAYS[way]
    keras.utils.set_random_seed(seed)
    model = residual_net(data.shape, data.classes, args.width)
    parts = kg.augment.standard(flip=flip) if policy else []
    batches = data.batches("train", 128, augment=parts)
    steps = args.epochs * int(batches.cardinality())
    rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        steps - steps // 10,
        alpha=0.01,
        warmup_target=2e-3,
        warmup_steps=steps // 10,
    )
    method = kg.methods.ERM(model, data.task, step=step)
    method.compile(keras.optimizers.AdamW(rate, weight_decay=0.01))
    callbacks = [] if average is None else [kg.callbacks.Average(average)]
    method.fit(batches, epochs=args.epochs, callbacks=callbacks, verbose=0)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ways", nargs="*", help="all by default")
    parser.add_argument("--data", type=pathlib.Path, help="folder of the set")
    parser.add_argument("--train", type=int, help="images, instead of all")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.data, args.epochs, args.width, args.seeds = None, 1, 4, 2
    train_set, (x, y) = images(args.data, args.train)
    shares = (0.97, 0.01, 0.01, 0.01)
    data = kg.data.load(train_set, split=shares)
    prepared = data.prepare(tf.cast(x, "float32")).numpy()
    plain = None
    for way in args.ways or WAYS:
        errors, start = [], time.time()
        for seed in range(args.seeds):
            flip = 0.0 if args.data is None else 0.5
            model = train(way, data, flip, args, seed)
            found = np.argmax(model.predict(prepared, 512, verbose=0), -1)
            errors.append(float((found != y).mean()))
            keras.backend.clear_session()
        seconds = (time.time() - start) / args.seeds
        plain = np.mean(errors) if plain is None else plain
        change = np.mean(errors) / plain - 1
        print(
            f"{way:12} error {interval(errors)} ({change:+.0%}), "
            f"{seconds:.0f} s a run",
            flush=True,
        )


if __name__ == "__main__":
    main()
