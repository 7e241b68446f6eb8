"""PGD-20: images a second of a plain loop, cleverhans, ART and kerasgen.

    python benchmarks/attacks.py [--images 1000] [--rounds 3] [--bfloat16]

Linf, no random start, 20 steps of epsilon / 8, 1,000 images of 32x32x3 in
batches of 100, a net of convolutions and batch norm, at 8/255 and 0.1. All
are warmed up, then timed by turns; the median of the rounds is shown, beside
the accuracy that is left, and kerasgen's rate over each. The plain loop is
one `tf.function` with the 20 steps inside. cleverhans and ART are shown where
the extra `bench` is installed.

`--bfloat16` repeats the loop and kerasgen in a process of its own, with
ONEDNN_DEFAULT_FPMATH_MODE=BF16, which processors with AMX gain by; the
accuracy that is left is measured in float32 by this one.
"""

import argparse
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

import kerasgen as kg  # noqa: E402

STEPS, BATCH, SHAPE, CLASSES = 20, 100, (32, 32, 3), 10


def images(n, seed):
    """Ten smooth patterns under noise."""
    random = np.random.default_rng(0)
    coarse = random.normal(0.0, 1.0, (CLASSES, 4, 4, 3))
    patterns = np.asarray(keras.ops.image.resize(coarse, SHAPE[:2], "bicubic"))
    random = np.random.default_rng(seed)
    y = random.integers(0, CLASSES, n)
    noise = random.normal(0.0, 0.2, (n, *SHAPE))
    x = 0.5 + 0.085 * patterns[y] + noise
    return np.clip(x, 0.0, 1.0).astype("float32"), y


def network():
    x = inputs = keras.Input(SHAPE)
    for width in (32, 64, 128):
        x = keras.layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization(momentum=0.9)(x)
        x = keras.layers.ReLU()(x)
        x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(CLASSES, name="head")(x))


def plain(model, epsilon):
    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="sum"
    )

    @tf.function
    def run(x, y):
        low = tf.maximum(x - epsilon, 0.0)
        high = tf.minimum(x + epsilon, 1.0)
        found = x
        for _ in tf.range(STEPS):
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(found)
                value = loss(y, model(found, training=False))
            step = epsilon / 8 * tf.sign(tape.gradient(value, found))
            found = tf.clip_by_value(found + step, low, high)
        return found

    def attack(x, y):
        parts = [
            run(tf.constant(x[i : i + BATCH]), tf.constant(y[i : i + BATCH]))
            for i in range(0, len(x), BATCH)
        ]
        return np.concatenate([part.numpy() for part in parts])

    return attack


def ours(model, epsilon):
    attack = kg.attacks.PGD(
        epsilon=epsilon, steps=STEPS, size=epsilon / 8, random=False
    )
    attack.batch_size = BATCH
    return lambda x, y: attack(model, x, y)


def cleverhans(model, epsilon):
    from cleverhans.tf2.attacks import projected_gradient_descent as pgd

    def attack(x, y):
        parts = [
            pgd.projected_gradient_descent(
                lambda x: model(x, training=False),
                tf.constant(x[i : i + BATCH]),
                epsilon,
                epsilon / 8,
                STEPS,
                np.inf,
                clip_min=0.0,
                clip_max=1.0,
                y=tf.constant(y[i : i + BATCH]),
                rand_init=False,
                sanity_checks=False,
            )
            for i in range(0, len(x), BATCH)
        ]
        return np.concatenate([part.numpy() for part in parts])

    return attack


def art(model, epsilon):
    from art.attacks.evasion import ProjectedGradientDescent
    from art.estimators.classification import TensorFlowV2Classifier

    classifier = TensorFlowV2Classifier(
        model,
        CLASSES,
        SHAPE,
        loss_object=keras.losses.SparseCategoricalCrossentropy(
            from_logits=True
        ),
        clip_values=(0.0, 1.0),
    )
    attack = ProjectedGradientDescent(
        classifier,
        np.inf,
        epsilon,
        epsilon / 8,
        max_iter=STEPS,
        batch_size=BATCH,
        verbose=False,
    )
    return lambda x, y: attack.generate(x, y)


def contestants(epsilon, model, names=None):
    made = {"loop": plain, "kerasgen": ours}
    for name, package, maker in (
        ("cleverhans", "cleverhans", cleverhans),
        ("ART", "art", art),
    ):
        if importlib.util.find_spec(package):
            made[name] = maker
    return {
        name: maker(model, epsilon)
        for name, maker in made.items()
        if names is None or name in names
    }


def timed(attacks, x, y, rounds):
    """Seconds of each round, and what was found, by name."""
    found = {name: attack(x, y) for name, attack in attacks.items()}
    times = {name: [] for name in attacks}
    for turn in range(rounds):
        names = list(attacks)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            start = time.perf_counter()
            attacks[name](x, y)
            times[name].append(time.perf_counter() - start)
    return times, found


def child(folder, epsilon, rounds):
    """The loop and kerasgen in bfloat16, for `in_bfloat16`."""
    model = keras.models.load_model(folder / "model.keras")
    with np.load(folder / "data.npz") as z:
        x, y = z["x"], z["y"]
    attacks = contestants(epsilon, model, ("loop", "kerasgen"))
    times, found = timed(attacks, x, y, rounds)
    np.savez(folder / "found.npz", **found)
    (folder / "times.json").write_text(json.dumps(times))


def in_bfloat16(model, x, y, epsilon, rounds):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        model.save(folder / "model.keras")
        np.savez(folder / "data.npz", x=x, y=y)
        command = [sys.executable, __file__, "--child", name]
        command += ["--epsilon", str(epsilon), "--rounds", str(rounds)]
        env = {**os.environ, "ONEDNN_DEFAULT_FPMATH_MODE": "BF16"}
        subprocess.run(command, check=True, env=env)
        times = json.loads((folder / "times.json").read_text())
        with np.load(folder / "found.npz") as z:
            found = {key: z[key] for key in z}
    return (
        {f"{name} bfloat16": value for name, value in part.items()}
        for part in (times, found)
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epsilon", type=float, nargs="+")
    parser.add_argument("--bfloat16", action="store_true")
    parser.add_argument("--child", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.child:
        child(args.child, args.epsilon[0], args.rounds)
        return
    if args.smoke:
        args.images, args.rounds = 20, 1
    keras.utils.set_random_seed(0)
    model = network()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    x, y = images(200 if args.smoke else 3000, 1)
    model.fit(x, y, epochs=1 if args.smoke else 4, verbose=0)
    x, y = images(args.images, 2)
    clean = model.evaluate(x, y, verbose=0)[1]
    print(f"clean accuracy {clean:.3f}")
    print("epsilon  attack              images/s  accuracy left  kerasgen's")
    for epsilon in args.epsilon or (8 / 255, 0.1):
        attacks = contestants(epsilon, model)
        times, found = timed(attacks, x, y, args.rounds)
        if args.bfloat16:
            more, others = in_bfloat16(model, x, y, epsilon, args.rounds)
            times, found = {**times, **more}, {**found, **others}
        rates = {name: len(x) / np.median(each) for name, each in times.items()}
        for name, rate in rates.items():
            left = model.evaluate(found[name], y, verbose=0)[1]
            ratio = rates["kerasgen"] / rate
            print(
                f"{epsilon:7.4f}  {name:18} {rate:9.1f}  {left:13.3f}"
                f"  {ratio:9.2f}x",
                flush=True,
            )


if __name__ == "__main__":
    main()
