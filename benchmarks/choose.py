"""Choosing among adapted models without target labels: MNIST and USPS.

    python benchmarks/choose.py --data FOLDER [--cache FOLDER] [--count 3200]

After the protocol of SKADA-Bench (Lalou et al., 2024, arXiv:2407.11676): the
training sets of MNIST and USPS, USPS padded by 6 pixels to 28x28, each domain
cut 80/20; two convolutions of 32 and 64, dropout .25, 128 units, dropout .5;
SGD with momentum .6 for 10 epochs. Eight methods with three weights each
(source only has none) make 22 candidates for each direction. A rule sees what
a user could see: labels of the source, and no label of the target. Its regret
is the accuracy on the target's 20 % that the best candidate has, less that of
its choice, in points.

`--count` images of the source (80 % to train on) and at most `--most` of each
part of the target are used, and the output says so: two cores don't train 44
networks on 60,000 images in minutes. What is known of each candidate lies in
`--cache`, so that rules are judged again without training. `--smoke` takes
seconds.
"""

import argparse
import json
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.core import create  # noqa: E402
from kerasgen.evaluate.evidence import Evidence, gather  # noqa: E402

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
            400, shape=(28, 28, 1), seed=len(name[:4]) + (name == "usps")
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
    batches_of = {"batch_size": args.batch}
    if name in ("dann", "mdd", "cdan"):
        steps = len(data.splits["train"].y) // args.batch
        spec["ramp"] = max(1, args.epochs * steps)
    method = create("method", spec, model, data.task)
    method.compile(keras.optimizers.SGD(0.1, 0.6, weight_decay=1e-5))
    batches = data.batches("train", needs=method.needs, **batches_of)
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--cache", type=pathlib.Path, help="folder to keep")
    parser.add_argument("--count", type=int, default=3200)
    parser.add_argument("--most", type=int, default=4000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    candidates(args)


if __name__ == "__main__":
    main()
