"""Wrong labels: test accuracy after training on noisy MNIST and CIFAR-10.

    python benchmarks/noise.py --data FOLDER [METHOD ...] [--set mnist]

Labels of the train split are wrong by 50 % symmetric and by 45 % pair noise
(MNIST), or by 40 % symmetric noise (CIFAR-10). The number is the mean test
accuracy of the last ten epochs: nothing is stopped early, no epoch is chosen.
`--validate` reads noisy labels that were held out instead of the test set,
for choosing arguments. All methods share net, optimizer, batches and average
of weights; "forward" estimates the noise after a fifth of the epochs. The
folder holds mnist/mnist.npz and cifar10/cifar10_*_jpeg.npz. `--smoke` takes
seconds.
"""

import argparse
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from common import mnist, unpacked  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.core import create  # noqa: E402
from kerasgen.data import anchor_matrix  # noqa: E402
from kerasgen.tasks.base import probabilities  # noqa: E402

STEPS = 422
KINDS = {
    "mnist": (("symmetric", 0.5), ("pair", 0.45)),
    "cifar10": (("symmetric", 0.4),),
}


def settings(rate):
    """Each method with its arguments, and the loss that goes with it."""
    chosen = {"forget": rate, "ramp": 5 * STEPS}
    return {
        "cross-entropy": ({"name": "erm"}, None),
        "gce": ({"name": "erm"}, "generalized_cross_entropy"),
        "sce": ({"name": "erm"}, "symmetric_cross_entropy"),
        "forward": ({"name": "erm"}, "forward_correction"),
        "elr": ({"name": "elr"}, None),
        "small loss": ({"name": "small_loss", **chosen}, None),
        "co-teaching": ({"name": "co_teaching", **chosen}, None),
        "jocor": ({"name": "co_teaching", "agreement": 0.9, **chosen}, None),
        "divide mix": ({"name": "divide_mix", "warm_up": STEPS}, None),
    }


def images(name, folder):
    """Train and test of a set as uint8 images and labels."""
    if folder is None:
        x, y = load_digits(return_X_y=True)
        x = (x.reshape(-1, 8, 8, 1) * 15).astype("uint8")
        return (x[:1400], y[:1400]), (x[1400:], y[1400:])
    if name == "mnist":
        return mnist(folder)
    found = (unpacked(folder, part) for part in ("train", "test"))
    return tuple((x, y.astype("int64")) for x, y in found)


def network(shape, classes, widths=(16, 32, 48)):
    """A small net of convolutions with strides, in plain Keras."""
    layers = keras.layers
    x = inputs = keras.Input(shape)
    for width, stride in zip(widths, (2, 2, 1), strict=True):
        x = layers.Conv2D(width, 3, stride, "same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    x = layers.Dense(128, "relu")(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(classes, name="head")(x))


class Watch(keras.callbacks.Callback):
    """Accuracy after each epoch."""

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y
        self.found = []

    def on_epoch_end(self, epoch, logs=None):
        logits = self.model.model.predict(self.x, 512, verbose=0)
        self.found.append(float((np.argmax(logits, -1) == self.y).mean()))
        print(f" {self.found[-1]:.4f}", end="", flush=True)


def fit(model, data, spec, criterion, epochs, watch):
    task = kg.Classification(data.classes, data.labels, criterion=criterion)
    method = create("method", spec, model, task)
    batches = data.batches("train", 128, needs=method.needs)
    method.compile(keras.optimizers.Adam(1e-3))
    method.fit(
        batches,
        epochs=epochs,
        callbacks=[kg.callbacks.Average(0.999), watch],
        verbose=0,
    )


def train(data, x, y, spec, criterion, epochs):
    keras.utils.set_random_seed(data.seed)
    model = network(data.shape, data.classes)
    watch = Watch(x, y)
    if criterion == "forward_correction":
        # Plain epochs first, which show what labels become.
        first = max(epochs // 5, 1)
        fit(model, data, spec, None, first, watch)
        logits = model.predict(data.tensors("train")[0], 512, verbose=0)
        matrix = anchor_matrix(probabilities(logits))
        criterion = {"name": criterion, "matrix": matrix.tolist()}
        epochs = max(epochs - first, 1)
    fit(model, data, spec, criterion, epochs, watch)
    return watch.found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("methods", nargs="*", help="all by default")
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--set", choices=sorted(KINDS), default="mnist")
    parser.add_argument("--kind", choices=("symmetric", "pair"))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.data, args.epochs = None, 1
    train_set, test_set = images(args.set, args.data)
    for kind, rate in KINDS[args.set]:
        if args.kind not in (None, kind):
            continue
        for name in args.methods or settings(rate):
            found, start = [], time.time()
            for seed in range(args.seeds):
                data = kg.data.load(
                    train_set, split=(0.9, 0.08, 0.01, 0.01), seed=seed
                )
                for part in ("train", "stop"):
                    data = kg.data.label_noise(
                        data, kind, rate, seed=seed, split=part
                    )
                x, y = data.tensors("stop")
                if not args.validate:
                    x = data.prepare(tf.cast(test_set[0], "float32")).numpy()
                    y = test_set[1]
                curve = train(data, x, y, *settings(rate)[name], args.epochs)
                found.append(float(np.mean(curve[-10:])))
                print(flush=True)
                keras.backend.clear_session()
            each = ", ".join(f"{value:.4f}" for value in found)
            print(
                f"{args.set} {kind} {rate:g} {name:14} {np.mean(found):.4f} "
                f"({each}), {(time.time() - start) / args.seeds:.0f} s a run",
                flush=True,
            )


if __name__ == "__main__":
    main()
