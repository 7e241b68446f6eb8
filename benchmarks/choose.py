"""Choosing among adapted models without target labels: MNIST and USPS.

    python benchmarks/choose.py --data FOLDER [--cache FOLDER] [--count 3200]

After the protocol of SKADA-Bench (Lalou et al., 2024, arXiv:2407.11676): the
training sets of MNIST and USPS, USPS padded by 6 pixels to 28x28, each domain
cut 80/20; two convolutions of 32 and 64, dropout .25, 128 units, dropout .5;
SGD with a rate of .1 and momentum .6 for 10 epochs. Eight methods with three
weights each (source only has none) make 22 candidates for each direction. A
rule sees what a user could see: labels of the source, and no label of the
target. Its regret is the accuracy on the target's 20 % that the best candidate
has, less that of its choice, in points.

`--count` images of the source (80 % to train on) and at most `--most` of each
part of the target are used, and the output says so: two cores don't train 44
networks on 60,000 images in minutes. What is known of each candidate lies in
`--cache`, so that rules are judged again without training; `--judge` trains
none, and judges those that are there. `--smoke` takes a minute.
"""

import argparse
import json
import os
import pathlib
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.core import create  # noqa: E402
from kerasgen.evaluate.choose import compare  # noqa: E402
from kerasgen.evaluate.evidence import Evidence, gather  # noqa: E402
from kerasgen.evaluate.selection import RULES, number  # noqa: E402

# Each method's weights, the middle one near its default.
GRID = {
    "erm": (None,),
    "dann": (1.0, 0.1, 3.0),
    "coral": (10.0, 1.0, 100.0),
    "dan": (1.0, 0.1, 10.0),
    "deep_jdot": (1.0, 0.1, 3.0),
    "mcc": (1.0, 0.1, 10.0),
    "mdd": (0.1, 0.03, 1.0),
    "cdan": (1.0, 0.1, 3.0),
}
DIRECTIONS = (("mnist", "usps"), ("usps", "mnist"))


def images(folder, name):
    if folder is None:
        x, y = kg.data.synthetic.images(
            400, shape=(28, 28, 1), seed=int(name == "usps")
        )
        return x[..., 0], y
    with np.load(folder / name / f"{name}.npz") as z:
        x, y = z["x_train"], z["y_train"]
    if name == "usps":
        x = np.pad(x, [(0, 0), (6, 6), (6, 6)])
    return x, y


def domains(args, source, target):
    """The data, and the target's 20 % with labels, which no rule sees."""
    x, y = images(args.data, source)
    drawn = np.random.default_rng(0).permutation(len(x))[: args.count]
    shares = (0.8, 0.02, 0.16, 0.02)
    one = kg.data.load((x[drawn], y[drawn]), split=shares, seed=0)
    x, y = images(args.data, target)
    order = np.random.default_rng(0).permutation(len(x))
    train, test = np.split(order, [int(0.8 * len(x))])
    train, test = train[: args.most], test[: args.most]
    data = kg.data.Data.domains(source=one, target=x[train])
    return data, x[test], y[test]


def network(shape, classes):
    """SKADA-Bench's net for digits, in plain Keras."""
    x = inputs = keras.Input(shape)
    for width in (32, 64):
        x = keras.layers.Conv2D(width, 3, activation="relu")(x)
    x = keras.layers.Dropout(0.25)(keras.layers.MaxPooling2D()(x))
    x = keras.layers.Dense(128, "relu")(keras.layers.Flatten()(x))
    x = keras.layers.Dropout(0.5)(x)
    return keras.Model(inputs, keras.layers.Dense(classes, name="head")(x))


def train(args, name, weight, data):
    keras.utils.set_random_seed(args.seed)
    model = network(data.shape, data.classes)
    spec = (
        {"name": name} if weight is None else {"name": name, "weight": weight}
    )
    if name in ("dann", "mdd", "cdan"):
        steps = len(data.splits["train"].y) // args.batch
        spec["ramp"] = max(1, args.epochs * steps)
    method = create("method", spec, model, data.task)
    method.compile(keras.optimizers.SGD(0.1, 0.6, weight_decay=1e-5))
    batches = data.batches("train", args.batch, needs=method.needs)
    method.fit(batches, epochs=args.epochs, verbose=0)
    return model


def candidates(args):
    """What is known of each candidate, trained where the cache lacks it."""
    args.cache.mkdir(parents=True, exist_ok=True)
    settings = {
        name: getattr(args, name)
        for name in ("count", "most", "epochs", "batch", "seed")
    }
    told = args.cache / "settings.json"
    if told.exists() and json.loads(told.read_text()) != settings:
        raise SystemExit(f"{told} has other settings; choose another --cache.")
    told.write_text(json.dumps(settings))
    places = range(max(map(len, GRID.values())))
    for place in places:
        for direction in DIRECTIONS:
            loaded = None
            for name, weights in GRID.items():
                if place >= len(weights):
                    continue
                path = args.cache / file_name(direction, name, weights[place])
                if path.exists():
                    continue
                start = time.time()
                loaded = loaded or domains(args, *direction)
                data, x, y = loaded
                model = train(args, name, weights[place], data)
                seen = gather(model, data)
                x = data.prepare(x[..., None].astype("float32"))
                logits = model.predict(x, 256, verbose=0)
                right = float((np.argmax(logits, -1) == y).mean())
                seen.save(path)
                path.with_suffix(".json").write_text(
                    json.dumps({"accuracy": right, "n": len(y)})
                )
                print(
                    f"{path.stem:28} target {right:.4f}, source "
                    f"{seen.accuracy:.4f}, {time.time() - start:.0f} s",
                    flush=True,
                )
                keras.backend.clear_session()


def file_name(direction, name, weight):
    end = "" if weight is None else f"-{weight:g}"
    return f"{'-'.join(direction)}-{name}{end}.npz"


def opened(args):
    """The candidates in the cache, by direction."""
    found = {}
    for direction in DIRECTIONS:
        for name, weights in GRID.items():
            for weight in weights:
                path = args.cache / file_name(direction, name, weight)
                told = path.with_suffix(".json")
                if told.exists():
                    each = {"name": name, "label": path.stem.split("-", 2)[2]}
                    each |= json.loads(told.read_text())
                    each["evidence"] = Evidence.load(path)
                    found.setdefault(direction, []).append(each)
    return found


def scores(evidences):
    """Each rule's numbers for the candidates, the higher the better."""
    found = {}
    for rule, better in RULES.items():
        if rule in ("oracle", "consensus"):
            continue
        sign = 1.0 if better == "higher" else -1.0
        found[rule] = [sign * number(rule, each) for each in evidences]
    found["CONSENSUS"] = [row["score"] for row in compare(evidences)]
    return found


def report(args):
    """Prints what each rule chose: among all, and within each method."""
    every = opened(args)
    lost, picks = {}, {}
    for direction, found in every.items():
        accuracy = np.array([each["accuracy"] for each in found])
        title = " to ".join(direction)
        names = np.array([each["name"] for each in found])
        plain = accuracy[names == "erm"]
        print(
            f"\n{title}: {len(found)} candidates, source only "
            f"{plain[0]:.3f}, worst {accuracy.min():.3f}, best "
            f"{accuracy.max():.3f} ({found[accuracy.argmax()]['label']}), "
            f"n = {found[0]['n']}"
        )
        all_scores = scores([each["evidence"] for each in found])
        for rule, values in all_scores.items():
            chosen = int(np.argmax(values))
            picks.setdefault(rule, []).append(
                (accuracy[chosen], 100 * (accuracy.max() - accuracy[chosen]))
            )
            print(
                f"  {rule:22} {accuracy[chosen]:.3f}  regret "
                f"{picks[rule][-1][1]:5.1f}  {found[chosen]['label']}"
            )
        for name in dict.fromkeys(names):
            places = np.flatnonzero(names == name)
            if len(places) < 2:
                continue
            own = scores([found[i]["evidence"] for i in places])
            for rule, values in own.items():
                gap = (
                    accuracy[places].max() - accuracy[places][np.argmax(values)]
                )
                lost.setdefault(rule, []).append(100 * gap)
    print("\nregret in points      within a method        among all")
    print("                        mean  worst        mean  worst")
    for rule, values in lost.items():
        among = [regret for _, regret in picks[rule]]
        print(
            f"  {rule:22}{np.mean(values):5.1f}  {np.max(values):5.1f}       "
            f"{np.mean(among):5.1f}  {np.max(among):5.1f}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--cache", type=pathlib.Path, help="folder to keep")
    parser.add_argument("--count", type=int, default=3200)
    parser.add_argument("--most", type=int, default=4000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--judge", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.data, args.count, args.most, args.epochs = None, 300, 100, 1
    elif args.data is None and not args.judge:
        parser.error("--data names the folder of the sets, or take --smoke")
    with tempfile.TemporaryDirectory() as folder:
        args.cache = args.cache or pathlib.Path(folder)
        print(
            f"{args.count} images of the source, 80 % to train on; at most "
            f"{args.most} of each part of the target; {args.epochs} epochs, "
            f"batches of {args.batch}, seed {args.seed}"
        )
        if not args.judge:
            candidates(args)
        report(args)


if __name__ == "__main__":
    main()
