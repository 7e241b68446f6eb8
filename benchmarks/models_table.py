"""Networks for tables beside linear models and trees, on the same folds.

    python benchmarks/models_table.py [SETS] --data FOLDER

Five folds of each set, the same for all. Ours is the mean of several
networks; each stops by a tenth of the fold's training examples of its own.
All have the same knobs on every set, which nothing was searched for.
Beside it logistic regression, gradient boosting on histograms and a random
forest of scikit-learn, which learn from all of the fold's training examples.
`heart` leaves one hospital of four out, and tells the mean AUC there instead
of the accuracy. The folder holds tabular/*.csv.gz and
heart_disease/heart_disease.csv.gz; breast cancer comes with scikit-learn.
`--smoke` takes seconds.
"""

import argparse
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from common import interval  # noqa: E402
from sklearn.compose import make_column_transformer  # noqa: E402
from sklearn.datasets import load_breast_cancer  # noqa: E402
from sklearn.ensemble import (  # noqa: E402
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402
from sklearn.model_selection import StratifiedKFold  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import (  # noqa: E402
    OneHotEncoder,
    StandardScaler,
)

import kerasgen as kg  # noqa: E402
from kerasgen.recipe.build import build, train  # noqa: E402

SETS = {
    "breast_cancer": None,
    "pima": "pima-indians-diabetes",
    "german": "german",
    "ionosphere": "ionosphere",
    "sonar": "sonar",
    "abalone": "abalone",
    "heart": "heart_disease",
}
SITES = ("cleveland", "hungarian", "switzerland", "va")
BODIES = (
    {"body": "mlp", "width": 128, "depth": 2, "dropout": 0.3},
    {"body": "resnet", "width": 64, "depth": 2, "dropout": 0.3},
    {"body": "wide_deep", "width": 64, "depth": 2, "dropout": 0.3},
)
OLD = {
    "logistic": LogisticRegression(max_iter=3000),
    "boosting": HistGradientBoostingClassifier(random_state=0),
    "forest": RandomForestClassifier(500, random_state=0),
}


def table(folder, name):
    """A frame of columns, labels 0 and 1, and hospitals or None."""
    if name == "breast_cancer" or folder is None:
        x, y = load_breast_cancer(return_X_y=True)
        columns = [f"c{i}" for i in range(x.shape[1])]
        site = np.resize(SITES, len(y)) if name == "heart" else None
        return pd.DataFrame(x, columns=columns), y, site
    if name == "heart":
        path = folder / "heart_disease" / "heart_disease.csv.gz"
        found = pd.read_csv(path)
        y = (found.pop("num") > 0).astype(int).to_numpy()
        # No living patient has none: it was not measured.
        found["chol"] = found["chol"].replace(0, np.nan)
        site = found.pop("site").to_numpy()
        return found.astype(float), y, site
    path = folder / "tabular" / f"{SETS[name]}.csv.gz"
    header = 0 if name == "pima" else None
    found = pd.read_csv(path, header=header)
    found.columns = [f"c{i}" for i in range(found.shape[1])]
    label = found.pop(found.columns[-1])
    if name == "abalone":
        y = (label >= 10).astype(int).to_numpy()
    else:
        y = np.unique(label, return_inverse=True)[1]
    return found, y, None


def old(model, x, y, there):
    """Probabilities of class 1 by a model of scikit-learn."""
    words = list(x.select_dtypes(exclude="number").columns)
    numbers = [name for name in x.columns if name not in words]
    plan = make_column_transformer(
        (
            make_pipeline(
                SimpleImputer(keep_empty_features=True), StandardScaler()
            ),
            numbers,
        ),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), words),
    )
    fitted = make_pipeline(plan, model).fit(x, y)
    return fitted.predict_proba(there)[:, 1]


def columns(x):
    return {
        name: x[name].to_numpy("float32")
        if pd.api.types.is_numeric_dtype(x[name])
        else x[name].astype(str).to_numpy(object)
        for name in x.columns
    }


def ours(x, y, there, truth, args):
    """Mean probabilities of class 1, and those of each network."""
    found, losses = [], []
    for seed in range(args.nets):
        data = kg.data.load(
            (columns(x), y),
            kind="table",
            task="classification",
            tests={"test": (columns(there), truth)},
            split=(0.86, 0.1, 0.02, 0.02),
            missing="impute",
            seed=seed,
        )
        recipe = kg.Recipe(
            data=data,
            model={
                "name": "tabular_classifier",
                **BODIES[seed % len(BODIES)],
                **args.knobs,
            },
            seed=seed,
            batch_size=args.batch,
            epochs=args.epochs,
            optimizer={
                "name": "adamw",
                "learning_rate": args.rate,
                "weight_decay": args.decay,
            },
            training={"patience": args.patience, "average": 0.98},
        )
        method = build(recipe, data)
        history = train(recipe, data, method)
        losses.append(min(epoch["val_loss"] for epoch in history))
        logits = method.model.predict(data.tensors("test")[0], 512, verbose=0)
        found.append(np.asarray(data.task.predict(logits)["probability"])[:, 1])
        keras.backend.clear_session()
    return np.array(found), np.mean(losses)


def parts(x, y, site):
    if site is None:
        cut = StratifiedKFold(5, shuffle=True, random_state=0)
        yield from cut.split(x, y)
    else:
        for each in SITES:
            yield np.flatnonzero(site != each), np.flatnonzero(site == each)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", default=list(SETS))
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--nets", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--patience", type=int, default=10)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.1)
    parser.add_argument("--numbers", default="plain")
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.data, args.sets, args.nets, args.epochs = None, ["heart"], 1, 1
    args.knobs = {"numbers": args.numbers}
    for name in args.sets:
        x, y, site = table(args.data, name)
        share = site is None
        rows, start, stops = {}, time.time(), []
        for inside, outside in parts(x, y, site):
            a, b = x.iloc[inside], x.iloc[outside]
            found = {
                key: old(model, a, y[inside], b) for key, model in OLD.items()
            }
            each, stop = ours(a, y[inside], b, y[outside], args)
            stops.append(stop)
            found["ours"], found["one net"] = each.mean(0), each[0]
            for key, value in found.items():
                good = (
                    np.mean((value > 0.5) == y[outside])
                    if share
                    else roc_auc_score(y[outside], value)
                )
                rows.setdefault(key, []).append(good)
        best = max(OLD, key=lambda key: np.mean(rows[key]))
        ahead = np.mean(rows["ours"]) - np.mean(rows[best])
        told = ", ".join(f"{key} {interval(v)}" for key, v in rows.items())
        print(
            f"{name:14} {told}; ours {ahead:+.3f} of {best}; stop loss "
            f"{np.mean(stops):.4f}; {time.time() - start:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
