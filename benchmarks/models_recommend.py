"""MovieLens-100k: ratings by RMSE, and rankings by recall at 10.

    python benchmarks/models_recommend.py --data FOLDER [--folds 5]

Random folds of all ratings. Early stopping sees 4 % of what is trained on and
no knob was chosen by a test fold: knobs are those of the pipeline, chosen on
the stop split of the first fold. Beside ours: the mean, biases of users and
items by ridge regression, and as published over five such folds, Surprise's
figures. To rank, all items that a user has not rated in train are scored, and
those of the test fold are wanted; beside ours, what is popular, and cosine
neighbours of items. The folder holds movielens100k/ml100k.npz. `--smoke` takes
seconds on ratings that are drawn.
"""

import argparse
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from common import interval  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.recipe.build import build, train  # noqa: E402

PUBLISHED = {
    "Baseline": 0.944,
    "SVD": 0.934,
    "KNN baseline": 0.931,
    "SVD++": 0.919,
}
RATING = {"name": "recommender", "width": 64, "dropout": 0.5, "drift": 8}
RANKING = {"name": "recommender", "form": "ranking", "width": 64}
RANKING["dropout"] = 0.5


def ratings(folder):
    """dict of user, item, time (n,) and rating (n,)."""
    if folder is None:
        x, y = kg.data.synthetic.ratings(3000, 60, 50)
        _, once = np.unique(
            np.char.add(x["user"].astype(str), x["item"].astype(str)),
            return_index=True,
        )
        x = {name: values[once] for name, values in x.items()}
        x["time"] = np.arange(len(once), dtype="float64")
        return x, y[once]
    with np.load(folder / "movielens100k" / "ml100k.npz") as z:
        x = {"user": z["user"], "item": z["item"]}
        x["time"] = z["timestamp"].astype("float64")
        return x, z["rating"].astype("float32")


def part(table, rows):
    x, y = table
    return {name: values[rows] for name, values in x.items()}, y[rows]


def loaded(table, inside, outside, task, seed):
    keys = (part(table, inside), part(table, outside))
    if task == "recommendation":
        for x, _ in keys:
            x.pop("time")
    return kg.data.load(
        keys[0],
        kind="ratings",
        task=task,
        tests={"test": keys[1]},
        split=(0.95, 0.04, 0.005, 0.005),
        seed=seed,
    )


def trained(data, model, args, seed, rate, decay):
    recipe = kg.Recipe(
        data=data,
        model=model,
        seed=seed,
        batch_size=args.batch,
        epochs=args.epochs,
        optimizer={
            "name": "adamw",
            "learning_rate": rate,
            "weight_decay": decay,
        },
        training={"patience": args.patience, "average": 0.99},
    )
    method = build(recipe, data)
    history = train(recipe, data, method)
    keras.backend.clear_session()
    return method.model, history


def rmse(value, y):
    return float(np.sqrt(np.mean((np.clip(value, 1, 5) - y) ** 2)))


def biases(table, inside, outside, ridge=(4.0, 6.0)):
    """Mean and biases of items, then users, by alternating ridge."""
    x, y = part(table, inside)
    there, _ = part(table, outside)
    names, ids, sums = {}, {}, {}
    for name in ("item", "user"):
        names[name], ids[name] = np.unique(x[name], return_inverse=True)
        sums[name] = np.zeros(len(names[name]))
    mean = y.mean()
    for _ in range(10):
        for name, other, weight in zip(
            ("item", "user"), ("user", "item"), ridge, strict=True
        ):
            rest = y - mean - sums[other][ids[other]]
            count = np.bincount(ids[name], minlength=len(names[name]))
            total = np.bincount(ids[name], rest, minlength=len(count))
            sums[name] = total / (count + weight)
    found = np.full(len(there["user"]), mean)
    for name, values in sums.items():
        place = np.searchsorted(names[name], there[name])
        place = np.minimum(place, len(values) - 1)
        known = names[name][place] == there[name]
        found += np.where(known, values[place], 0.0)
    return found


def rate_fold(table, inside, outside, args, fold):
    y = table[1][outside]
    rows = {
        "mean": rmse(table[1][inside].mean(), y),
        "biases": rmse(biases(table, inside, outside), y),
    }
    total, start = 0.0, time.time()
    for seed in range(args.nets):
        data = loaded(table, inside, outside, None, seed)
        model, history = trained(
            data, RATING, args, seed, args.rate, args.decay
        )
        x, truth = data.tensors("test")
        found = data.task.predict(model.predict(x, 1024, verbose=0))["value"]
        total = total + np.asarray(found)
        stop = min(epoch["val_loss"] for epoch in history) ** 0.5
        print(
            f"  fold {fold + 1} net {seed + 1}: {rmse(found, truth):.4f}, "
            f"stop {stop * data.task.scale:.4f}, {len(history)} epochs, "
            f"{time.time() - start:.0f} s",
            flush=True,
        )
    rows["ours, one net"] = rmse(found, truth)
    rows[f"ours, mean of {args.nets}"] = rmse(total / args.nets, truth)
    rows["seconds"] = time.time() - start
    return rows


def neighbours(had):
    """Scores of items by cosines to those a user had."""
    size = np.sqrt(np.maximum(had.sum(0), 1.0))
    near = had.T @ had / np.outer(size, size)
    np.fill_diagonal(near, 0.0)
    keep = np.partition(near, -min(50, len(near)), 1)[:, -min(50, len(near))]
    near = np.where(near >= keep[:, None], near, 0.0)
    return had @ near.T


def rank_fold(table, inside, outside, args):
    start = time.time()
    data = loaded(table, inside, outside, "recommendation", 0)
    model, history = trained(data, RANKING, args, 0, args.rate, args.decay)
    names = np.unique(np.asarray(table[0]["user"]).astype(str))
    column = tf.constant(names.tolist())
    ids = np.asarray(data.prepare({"user": column}))
    place = {label: index for index, label in enumerate(data.labels)}
    shape = (len(names), len(place))
    had, wanted = np.zeros(shape), np.zeros(shape, bool)
    for rows, target in ((inside, had), (outside, wanted)):
        x, _ = part(table, rows)
        who = np.searchsorted(names, np.asarray(x["user"]).astype(str))
        what = [place[str(item)] for item in x["item"]]
        target[who, what] = 1
    asked = wanted.any(1)
    scores = {
        "popular": np.repeat(had.sum(0, keepdims=True), len(names), 0),
        "neighbours of items": neighbours(had),
        "ours": model.predict(ids, 256, verbose=0),
    }
    rows = {}
    for name, found in scores.items():
        found = np.where(had > 0, -1e9, found)[asked]
        rows[f"{name}: recall@10"] = kg.metrics.recall_at(
            found, wanted[asked]
        ).mean()
        rows[f"{name}: NDCG@10"] = kg.metrics.ndcg_at(
            found, wanted[asked]
        ).mean()
    rows["epochs"] = len(history)
    rows["seconds"] = time.time() - start
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--folds", type=int, default=5, help="folds to run")
    parser.add_argument("--nets", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--patience", type=int, default=2)
    parser.add_argument("--rate", type=float, default=5e-3)
    parser.add_argument("--decay", type=float, default=0.6)
    parser.add_argument("--only", choices=("rating", "ranking"))
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.data, args.folds, args.epochs, args.nets = None, 1, 1, 1
    table = ratings(args.data)
    order = np.random.default_rng(0).permutation(len(table[1]))
    place = np.arange(len(order)) % 5
    found = {}
    for fold in range(args.folds):
        inside, outside = order[place != fold], order[place == fold]
        parts = {}
        if args.only != "ranking":
            parts["RMSE"] = rate_fold(table, inside, outside, args, fold)
        if args.only != "rating":
            parts["ranking"] = rank_fold(table, inside, outside, args)
        for kind, rows in parts.items():
            for name, value in rows.items():
                found.setdefault((kind, name), []).append(value)
            told = ", ".join(f"{n} {v:.4f}" for n, v in rows.items())
            print(f"fold {fold + 1} {kind}: {told}", flush=True)
    for (kind, name), values in found.items():
        print(f"{kind:8} {name:32} {interval(values)}")
    for name, value in PUBLISHED.items():
        print(f"RMSE     {name + ', published':32} {value:.3f}")


if __name__ == "__main__":
    main()
