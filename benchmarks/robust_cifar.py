"""CIFAR-10 within 8/255 of each pixel, after the same minutes of training.

    python benchmarks/robust_cifar.py --data FOLDER [--minutes 60] [--n 1000]

`plain` is fast adversarial training as a user of plain Keras writes it (FGSM
from a random start, a loop of `tf.function`); `kerasgen` is the method with
AWP and averaged weights. Both have the same net, mirror images and minutes:
the time of a step is measured first, and a cyclic rate ends with the last
step. The number is the accuracy under the standard AutoAttack on the first n
test images, with exact intervals. The folder holds cifar10/cifar10_*_jpeg.npz;
without it scikit-learn's digits are taken. `--smoke` takes a minute.
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
from kerasgen.attacks import AutoAttack  # noqa: E402
from kerasgen.core import create  # noqa: E402
from kerasgen.metrics import binomial  # noqa: E402

EPSILON, BATCH = 8 / 255, 128
BALL = {"epsilon": EPSILON, "low": 0.0, "high": 1.0}
OURS = {
    "name": "trades",
    **BALL,
    "steps": 2,
    "size": EPSILON / 2,
    "step": {"name": "awp", "gamma": 5e-3},
}


def images(folder):
    if folder is None:
        x, y = load_digits(return_X_y=True)
        x = (x.reshape(-1, 8, 8, 1) / 16).astype("float32")
        return x[:1300], y[:1300], x[1300:], y[1300:]
    found = []
    for part in ("train", "test"):
        x, y = unpacked(folder, part)
        found += [x.astype("float32") / 255, y.astype("int64")]
    return found


def stream(x, y, mirror, seed):
    data = tf.data.Dataset.from_tensor_slices((x, y))
    data = data.shuffle(len(x), seed=seed).repeat().batch(BATCH, True)
    if mirror:
        data = data.map(
            lambda x, y: (tf.image.random_flip_left_right(x, seed), y)
        )
    return data.prefetch(2)


def cyclic(rate, steps):
    rise = int(0.4 * steps)
    return keras.optimizers.schedules.CosineDecay(
        0.0, steps - rise, warmup_target=rate, warmup_steps=rise
    )


class Plain:
    """FGSM from a random start, as plain Keras code."""

    def __init__(self, model, steps):
        self.model = model
        self.optimizer = keras.optimizers.AdamW(cyclic(2e-3, steps))
        self.optimizer.build(model.trainable_variables)
        self.loss = keras.losses.SparseCategoricalCrossentropy(True)
        self.step = tf.function(self._step)

    def _step(self, x, y):
        start = tf.random.uniform(tf.shape(x), -EPSILON, EPSILON)
        with tf.GradientTape() as tape:
            tape.watch(start)
            value = self.loss(y, self.model(x + start, training=True))
        move = 1.25 * EPSILON * tf.sign(tape.gradient(value, start))
        change = tf.clip_by_value(start + move, -EPSILON, EPSILON)
        x = tf.clip_by_value(x + change, 0.0, 1.0)
        with tf.GradientTape() as tape:
            value = self.loss(y, self.model(x, training=True))
        variables = self.model.trainable_variables
        self.optimizer.apply(tape.gradient(value, variables), variables)

    def train(self, batches, steps):
        for x, y in batches.take(steps):
            self.step(x, y)


class Ours:
    """The same net by a method of kerasgen."""

    def __init__(self, model, steps):
        self.method = create("method", OURS, model, kg.Classification(10))
        rate = cyclic(2e-3, steps)
        self.method.compile(keras.optimizers.AdamW(rate, weight_decay=0.01))
        self.model = model

    def train(self, batches, steps):
        self.method.fit(
            batches,
            steps_per_epoch=steps,
            callbacks=[kg.callbacks.Average(0.999)],
            verbose=0,
        )


def seconds_a_step(way, shape, width, batches):
    made = way(residual_net(shape, 10, width), 100)
    made.train(batches, 3)
    start = time.time()
    made.train(batches, 10)
    return (time.time() - start) / 10


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, help="folder of the set")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    quick = {}
    if args.smoke:
        args.data, args.minutes, args.n, args.width = None, 0.05, 20, 4
        quick = {"steps": 5, "queries": 20}
    x, y, u, v = images(args.data)
    u, v = u[: args.n], v[: args.n]
    for name, way in (("plain", Plain), ("kerasgen", Ours)):
        keras.utils.set_random_seed(args.seed)
        batches = stream(x, y, args.data is not None, args.seed)
        one = seconds_a_step(way, x.shape[1:], args.width, batches)
        steps = max(int(args.minutes * 60 / one), 10)
        keras.utils.set_random_seed(args.seed)
        made = way(residual_net(x.shape[1:], 10, args.width), steps)
        start = time.time()
        made.train(batches, steps)
        minutes = (time.time() - start) / 60
        attacked = AutoAttack(**BALL, **quick)(made.model, u, v)
        told = []
        for kind, images_ in (("clean", u), ("AutoAttack", attacked)):
            logits = made.model.predict(images_, 256, verbose=0)
            right = np.argmax(logits, -1) == v
            low, high = binomial(right.sum(), len(v))
            told.append(f"{kind} {right.mean():.4f} [{low:.4f}, {high:.4f}]")
        epochs = steps * BATCH / len(x)
        print(
            f"{name:9} {minutes:.1f} min, {epochs:.1f} epochs, "
            + ", ".join(told),
            flush=True,
        )
        keras.backend.clear_session()


if __name__ == "__main__":
    main()
