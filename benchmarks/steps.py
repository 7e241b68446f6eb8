"""What a training step costs, relative to plain training.

    python benchmarks/steps.py [NAME ...]

times training steps of methods, steps and callbacks on a net of two
convolutions, batches of 64 and AdamW, in turns, and prints the median
over rounds of the ratio to ERM in the same round, in processor time, which
other work on the machine disturbs least. Methods of adaptation see as many
unlabelled images beside; adversarial ones take 7 steps. Parts that are not
installed are left out. `--smoke` takes half a minute.
"""

import argparse
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.core import pack, table  # noqa: E402

# Name: method, step, callback, the bar, and figures of others.
CASES = {
    "erm": ("erm", "descent", None, None, ""),
    "ema": ("erm", "descent", "Average", None, ""),
    "swad": ("erm", "descent", "SWAD", None, ""),
    "sam": ("erm", "sam", None, 2.05, "2 passes"),
    "asam": ("erm", "asam", None, None, "2 passes"),
    "gsam": ("erm", "gsam", None, None, "2 passes"),
    "look_sam": ("erm", "look_sam", None, None, "1.2 passes at every=5"),
    "awp": ("erm", "awp", None, None, ""),
    "dann": ("dann", "descent", None, 1.5, "adapt 1.5-1.7"),
    "cdan": ("cdan", "descent", None, None, "adapt 1.5-1.7"),
    "coral": ("coral", "descent", None, None, "adapt 1.5-1.7"),
    "group_coral": ("group_coral", "descent", None, None, ""),
    "mcd": ("mcd", "descent", None, None, ""),
    "vat": ("vat", "descent", None, None, ""),
    "pgd_training": ("pgd_training", "descent", None, 8.2, "8 passes"),
    "adversarial_training": (
        *("adversarial_training", "descent", None, 8.2, "8 passes"),
    ),
    "trades": ("trades", "descent", None, 9.2, "9 passes"),
}
SIDE, SIZE = 32, 64


def network():
    """Two convolutions and a dense layer, in plain Keras."""
    x = inputs = keras.Input((SIDE, SIDE, 1))
    for width in (32, 64):
        x = keras.layers.Conv2D(width, 5, padding="same")(x)
        x = keras.layers.MaxPooling2D()(keras.layers.ReLU()(x))
    x = keras.layers.Dense(128, "relu")(keras.layers.Flatten()(x))
    return keras.Model(inputs, keras.layers.Dense(10, name="head")(x))


def batches(needs):
    draw = np.random.default_rng(0)
    x = draw.random((4 * SIZE, SIDE, SIDE, 1)).astype("float32")
    places = np.arange(len(x))
    fields = {"x": x, "y": places % 10}
    extras = {"unlabeled": x[::-1], "index": places}
    for need in needs:
        fields[need] = extras.get(need, places % 3)
    return tf.data.Dataset.from_tensor_slices(pack(fields)).batch(SIZE).cache()


def prepare(case):
    """A function that takes a number of training steps, or None."""
    name, step, callback, _, _ = case
    if name not in kg.parts("method") or step not in kg.parts("step"):
        return None
    spec = {"name": name}
    if "steps" in table(kg.parts("method")[name]):
        spec["steps"] = 7
    spec["step"] = step
    method = kg.create("method", spec, network(), kg.Classification(10))
    method.compile(keras.optimizers.AdamW(1e-3, weight_decay=0.01))
    data = batches(method.needs)
    chosen = [getattr(kg.callbacks, callback)()] if callback else []
    valid = batches(()).take(1) if callback == "SWAD" else None
    method.fit(
        data,
        verbose=0,
        steps_per_epoch=2,
        callbacks=chosen,
        validation_data=valid,
    )
    forever = iter(data.repeat())

    def steps(count):
        start = time.process_time()
        for _ in range(count):
            method.train_function(forever)
        return time.process_time() - start

    steps(2)
    return steps


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="all by default")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    names = args.names or list(CASES)
    if args.smoke:
        args.rounds, args.steps = 1, 1
        names = args.names or ["sam", "dann"]
    ready = {
        name: prepare(CASES[name]) for name in dict.fromkeys(["erm", *names])
    }
    ready = {name: steps for name, steps in ready.items() if steps}
    found = {name: [] for name in ready}
    for _ in range(args.rounds):
        for name, steps in ready.items():
            found[name].append(steps(args.steps))
    base = np.array(found["erm"])
    print(f"{'':22}{'cost':>7} {'quartiles':>14} {'bar':>6}  others")
    for name, seconds in found.items():
        ratios = np.array(seconds) / base
        low, mid, high = np.percentile(ratios, (25, 50, 75))
        _, _, _, bar, others = CASES[name]
        kept = "" if bar is None else f"{bar:.2f}{'' if mid <= bar else ' NO'}"
        print(
            f"{name:22}{mid:7.2f} {low:6.2f}-{high:<6.2f} {kept:>6}  {others}"
        )
    print(f"erm: {1e3 * np.median(base) / args.steps:.0f} ms a step")


if __name__ == "__main__":
    main()
