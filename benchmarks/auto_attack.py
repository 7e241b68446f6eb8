"""AutoAttack and its parts against torchattacks, on the same weights.

    python benchmarks/auto_attack.py --data FOLDER [--images 500] [--epsilon
        0.1 0.2 0.3] [--attacks AutoAttack APGD ...] [--queries 5000]

Two nets for MNIST, one trained plainly, one by FGSM from a random start
(Wong et al., 2020), are copied weight by weight into PyTorch. Each row is the
share of test images that stands an attack (Linf), or the median L2 change
where an attack looks for the least one: ours, the reference's, and how many
images the two disagree on. Bar: 0.5 points. The folder holds
mnist/mnist.npz. `--smoke` takes seconds, `--ours` needs no PyTorch, and
`--python` names the interpreter that has it, where that is another one.
"""

import argparse
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


def network():
    """The net of Wong et al. for MNIST."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.ZeroPadding2D(1),
            layers.Conv2D(16, 4, 2, activation="relu"),
            layers.ZeroPadding2D(1),
            layers.Conv2D(32, 4, 2, activation="relu"),
            layers.Flatten(),
            layers.Dense(100, "relu"),
            layers.Dense(10, name="head"),
        ]
    )


def train(x, y, epochs, epsilon):
    """Trains by Adam; with an epsilon, on FGSM from a random start."""
    keras.utils.set_random_seed(0)
    model, batch = network(), 100
    steps = epochs * (len(x) // batch)
    # Up and down: from the full rate and radius the net would collapse.
    rate = keras.optimizers.schedules.CosineDecay(
        1e-4, steps, warmup_target=2e-3, warmup_steps=steps // 4
    )
    optimizer = keras.optimizers.Adam(rate)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    robust = epsilon > 0

    @tf.function
    def step(x, y, epsilon):
        if robust:
            change = tf.random.uniform(tf.shape(x), -epsilon, epsilon)
            with tf.GradientTape() as tape:
                tape.watch(change)
                value = loss(y, model(x + change, training=True))
            change += 1.25 * epsilon * tf.sign(tape.gradient(value, change))
            change = tf.clip_by_value(change, -epsilon, epsilon)
            x = tf.clip_by_value(x + change, 0.0, 1.0)
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        weights = model.trainable_variables
        optimizer.apply_gradients(
            zip(tape.gradient(value, weights), weights, strict=True)
        )

    random = np.random.default_rng(0)
    done = 0
    for _ in range(epochs):
        order = random.permutation(len(x))
        for start in range(0, len(x) - batch + 1, batch):
            rows = order[start : start + batch]
            done += 1
            near = epsilon * min(1.0, 2.0 * done / steps)
            step(*map(tf.constant, (x[rows], y[rows], np.float32(near))))
    return model


def pairs(epsilon, queries, steps):
    """Name: (ours, torchattacks' name and arguments), settings alike."""
    a = kg.attacks
    ball = {"epsilon": epsilon}
    box = {"norm": "Linf", "eps": epsilon}
    around = {**box, "steps": steps}
    return {
        "AutoAttack": (
            a.AutoAttack(**ball, steps=steps, queries=queries),
            ("AutoAttack", {**box, "n_classes": 10}),
        ),
        "PGD": (
            a.PGD(**ball, steps=40, size=epsilon / 10),
            ("PGD", {"eps": epsilon, "alpha": epsilon / 10, "steps": 40}),
        ),
        "APGD ce": (
            a.APGD(**ball, steps=steps),
            ("APGD", {**around, "loss": "ce"}),
        ),
        "APGD dlr": (
            a.APGD(**ball, steps=steps, loss="dlr"),
            ("APGD", {**around, "loss": "dlr"}),
        ),
        "APGD targeted": (
            a.APGD(**ball, steps=steps, loss="targeted"),
            ("APGDT", {**around, "n_classes": 10}),
        ),
        "FAB": (
            a.FAB(**ball, steps=steps),
            ("FAB", {**around, "n_classes": 10, "multi_targeted": True}),
        ),
        "Square": (
            a.Square(**ball, steps=queries),
            ("Square", {**box, "n_queries": queries}),
        ),
    }


def least(steps):
    """As `pairs`, of attacks that look for the least change (L2)."""
    a = kg.attacks
    return {
        "DeepFool": (
            a.DeepFool(steps=50),
            ("DeepFool", {"steps": 50, "overshoot": 0.02}),
        ),
        "CarliniWagner": (
            a.CarliniWagner(steps=steps, rate=0.05),
            ("CW", {"c": 10, "steps": 4 * steps, "lr": 0.01}),
        ),
    }


def ours(attack, model, x, y):
    found = attack(model, x, y)
    right = model.predict(found, verbose=0).argmax(1) == y
    return right, np.sqrt(((found - x) ** 2).sum((1, 2, 3)))


def theirs(spec, model, x, y, args):
    """What torchattacks finds, in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        weights = model.get_weights()
        named = {f"weight{i}": np.array(w) for i, w in enumerate(weights)}
        np.savez(folder / "weights.npz", x=x, y=y, **named)
        job = {"name": spec[0], "values": spec[1]}
        job |= {"queries": args.queries, "steps": args.steps}
        (folder / "job.json").write_text(json.dumps(job))
        script = pathlib.Path(__file__).with_name("auto_attack_reference.py")
        subprocess.run([args.python, script, name], check=True)
        with np.load(folder / "found.npz") as z:
            found, logits, seconds = z["found"], z["logits"], z["seconds"]
    gap = np.abs(logits - model.predict(x, verbose=0)).max()
    if gap > 1e-3:
        raise RuntimeError(f"the nets differ by {gap}")
    right = model.predict(found, verbose=0).argmax(1) == y
    return right, np.sqrt(((found - x) ** 2).sum((1, 2, 3))), seconds


def nets(folder, smoke, kept, count):
    if smoke:
        x = np.random.default_rng(0).random((300, 28, 28, 1))
        x = x.astype("float32")
        y = (x[:, :, :14].mean((1, 2, 3)) > 0.5).astype("int64")
        sets = x[:200], y[:200], x[200:], y[200:]
    else:
        with np.load(folder / "mnist" / "mnist.npz") as z:
            sets = [
                z[name] for name in ("x_train", "y_train", "x_test", "y_test")
            ]
        for place in (0, 2):
            sets[place] = (sets[place][..., None] / 255.0).astype("float32")
        for place in (1, 3):
            sets[place] = sets[place].astype("int64")
    x, y, *test = sets
    epochs, made = 1 if smoke else 3, {}
    for name, longer, epsilon in (("plain", 1, 0.0), ("robust", 2, 0.3)):
        path = kept / f"{name}.keras" if kept else None
        if path and path.exists():
            made[name] = keras.models.load_model(path)
            continue
        made[name] = train(x[:count], y[:count], longer * epochs, epsilon)
        if path:
            kept.mkdir(parents=True, exist_ok=True)
            made[name].save(path)
    return made, test


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument(
        "--epsilon", type=float, nargs="+", default=(0.1, 0.2, 0.3)
    )
    parser.add_argument("--attacks", nargs="+")
    parser.add_argument("--train", type=int, default=30000)
    parser.add_argument("--keep", type=pathlib.Path, help="the nets' folder")
    parser.add_argument("--nets", nargs="+", default=("plain", "robust"))
    parser.add_argument("--queries", type=int, default=5000)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--ours", action="store_true")
    parser.add_argument(
        "--python", default=sys.executable, help="the one that has PyTorch"
    )
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.images, args.epsilon = 20, (0.1,)
        args.queries, args.steps = 20, 5
    made, (x, y) = nets(args.data, args.smoke, args.keep, args.train)
    x, y = x[: args.images], y[: args.images]
    print("net     eps   attack          ours   theirs  differ  seconds")
    for name in args.nets:
        model = made[name]
        known = model.predict(x, verbose=0).argmax(1) == y
        print(f"{name:7} clean accuracy {known.mean():.4f}", flush=True)
        rows = [
            (epsilon, *each)
            for epsilon in args.epsilon
            for each in pairs(epsilon, args.queries, args.steps).items()
        ]
        rows += [(None, *each) for each in least(args.steps).items()]
        for epsilon, label, (attack, spec) in rows:
            if args.attacks and label not in args.attacks:
                continue
            start = time.perf_counter()
            right, size = ours(attack, model, x, y)
            # Of the least changes, those of images that were right before.
            times = [time.perf_counter() - start]
            shown = [right.mean() if epsilon else np.median(size[known])]
            differ = ""
            if not args.ours:
                other, far, seconds = theirs(spec, model, x, y, args)
                times.append(seconds)
                shown.append(other.mean() if epsilon else np.median(far[known]))
                differ = f"{(right != other).sum():6d}"
            print(
                f"{name:7} {epsilon or 'L2':<5} {label:14}",
                *(f"{value:7.4f}" for value in shown),
                differ,
                *(f"{seconds:8.1f}" for seconds in times),
                flush=True,
            )


if __name__ == "__main__":
    main()
