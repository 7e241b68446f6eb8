"""MNIST within 0.3 of each pixel: clean, PGD and AutoAttack accuracy.

    python benchmarks/robust.py --data FOLDER [RECIPE ...] [--n 1000]

trains each recipe on all 60,000 images and attacks the first n test images:
PGD of 50 steps of 0.01 from 10 places, and the standard AutoAttack; intervals
are exact. `fast` is the published protocol (Wong et al., 2020: two
convolutions, FGSM from a random start, 10 epochs); the others share its
batches. Minutes are those of the processor, training alone. The folder holds
mnist/mnist.npz; without one, scikit-learn's digits at 28x28 are used.
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
from common import mnist  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.attacks import PGD, AutoAttack  # noqa: E402
from kerasgen.core import create  # noqa: E402
from kerasgen.metrics import binomial  # noqa: E402

EPSILON, BATCH = 0.3, 100
BALL = {"epsilon": EPSILON, "low": 0.0, "high": 1.0}
FAST = {"name": "adversarial_training", **BALL, "steps": 1, "size": 0.375}
PGD5 = {"name": "adversarial_training", **BALL, "steps": 5, "size": 0.1}
TRADES = {"name": "trades", **BALL, "steps": 5, "size": 0.1, "weight": 4.0}
AWP = {"name": "awp", "gamma": 5e-3}

# Name: method, widths, epochs, epochs of the ramp, rate, average.
RECIPES = {
    "fast": (FAST, (16, 32, 100), 10, 0, 5e-3, None),
    "fast, average": (FAST, (16, 32, 100), 10, 0, 5e-3, 0.999),
    "pgd": (PGD5, (16, 32, 100), 10, 2, 5e-3, 0.999),
    "trades": (TRADES, (16, 32, 100), 10, 2, 5e-3, 0.999),
    "wide pgd": (PGD5, (32, 64, 256), 6, 1, 3e-3, 0.999),
    "wide trades, awp": (
        {**TRADES, "step": AWP},
        (32, 64, 256),
        6,
        1,
        3e-3,
        0.999,
    ),
}


@keras.saving.register_keras_serializable("benchmarks")
class Cyclic(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that rises over two fifths of the steps, then falls to zero."""

    def __init__(self, rate, steps):
        self.rate, self.steps = rate, steps

    def __call__(self, step):
        done = tf.cast(step, "float32") / self.steps
        return self.rate * tf.minimum(done / 0.4, (1.0 - done) / 0.6)

    def get_config(self):
        return {"rate": self.rate, "steps": self.steps}


def images(folder):
    if folder is None:
        x, y = load_digits(return_X_y=True)
        x = tf.image.resize(x.reshape(-1, 8, 8, 1) / 16, (28, 28)).numpy()
        return x[:1500], y[:1500], x[1500:], y[1500:]
    (x, y), (u, v) = mnist(folder)
    x, u = (each.astype("float32") / 255 for each in (x, u))
    return x, y.astype("int32"), u, v.astype("int32")


def network(widths):
    """Two convolutions of stride 2 and a dense layer."""
    x = inputs = keras.Input((28, 28, 1))
    for width in widths[:2]:
        x = keras.layers.ZeroPadding2D(1)(x)
        x = keras.layers.Conv2D(width, 4, 2, activation="relu")(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(widths[2], "relu")(x)
    return keras.Model(inputs, keras.layers.Dense(10, name="head")(x))


def train(recipe, x, y, seed, epochs=None):
    spec, widths, own, ramp, rate, average = recipe
    keras.utils.set_random_seed(seed)
    steps = (epochs or own) * -(-len(x) // BATCH)
    spec = {**spec, "ramp": ramp * steps // own}
    model = network(widths)
    method = create("method", spec, model, kg.Classification(10))
    method.compile(keras.optimizers.Adam(Cyclic(rate, steps)))
    callbacks = [] if average is None else [kg.callbacks.Average(average)]
    start = time.process_time()
    method.fit(
        x,
        y,
        batch_size=BATCH,
        epochs=epochs or own,
        callbacks=callbacks,
        verbose=2,
    )
    return model, (time.process_time() - start) / 60


def accuracy(model, x, y):
    right = np.argmax(model.predict(x, 512, verbose=0), -1) == y
    low, high = binomial(right.sum(), len(y))
    return f"{right.mean():.4f} [{low:.4f}, {high:.4f}]"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipes", nargs="*", help="all by default")
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, help="instead of a recipe's own")
    parser.add_argument("--save", type=pathlib.Path, help="folder of models")
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    quick = {}
    if args.smoke:
        args.data, args.n, args.epochs = None, 20, 1
        quick = {"steps": 5, "queries": 20}
    x, y, u, v = images(args.data)
    u, v = u[: args.n], v[: args.n]
    steps = quick.get("steps", 50)
    attacks = {
        "PGD": PGD(**BALL, steps=steps, size=0.01, restarts=10),
        "AutoAttack": AutoAttack(**BALL, **quick),
    }
    for name in args.recipes or RECIPES:
        model, minutes = train(RECIPES[name], x, y, args.seed, args.epochs)
        if args.save:
            file = name.replace(", ", "_").replace(" ", "_")
            model.save(args.save / f"{file}.keras")
        told = [f"{minutes:.1f} min", f"clean {accuracy(model, u, v)}"]
        print(f"{name}: {', '.join(told)}", flush=True)
        for kind, attack in attacks.items():
            found = accuracy(model, attack(model, u, v), v)
            print(f"{name}: {kind} {found}", flush=True)
        keras.backend.clear_session()


if __name__ == "__main__":
    main()
