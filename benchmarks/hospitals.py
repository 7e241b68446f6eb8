"""Heart disease in a hospital without diagnoses: AUC over 12 pairs of four.

    python benchmarks/hospitals.py --data FOLDER [--seeds 3]

A model is trained on one hospital and asked about another, whose patients
are known without their diagnoses. All of the source's patients are trained
on, all of the target's are tested. Beside it logistic regressions of
scikit-learn: on the 13 columns as numbers with missing ones imputed by the
source's means, on kerasgen's prepared columns, and on these with each
hospital standardised by itself, which is what batch normalization by domain
does, without and with a penalty that the source's own folds choose.

The last row chooses one of the rows above for each target: the one with the
best mean over the six pairs of the other three hospitals, so that no label
of the target has a say. AUC asks how patients are ranked, not where the line
between sick and well is drawn. The folder holds
heart_disease/heart_disease.csv.gz. `--smoke` takes a minute or so.
"""

import argparse
import itertools
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from common import interval, learn  # noqa: E402
from sklearn.impute import SimpleImputer  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.core import create  # noqa: E402

SITES = ("cleveland", "hungarian", "switzerland", "va")
NUMBERS = ("age", "sex", "trestbps", "chol", "fbs", "thalach", "exang")
CATEGORIES = ("cp", "restecg", "slope", "ca", "thal")
SMALL = {"size": "tiny", "width": 32, "dropout": 0.3}
LINE = {"depth": 0, "dropout": 0.0}
ADAM = {"name": "adamw", "learning_rate": 3e-3}
# Without momentum a decay of d is a penalty of d / 2 times the squared weights
# beside the mean loss, which is scikit-learn's C = 2 / (d n).
SGD = {"name": "sgd", "learning_rate": 0.3, "momentum": 0.0}
DECAY = {**SGD, "weight_decay": 1.0}
# Name: method, model, optimizer, batch, epochs.
ROWS = {
    "net, ada bn": ({"name": "ada_bn"}, SMALL, ADAM, 64, 40),
    "line, source only": ({"name": "erm"}, LINE, DECAY, 512, 60),
    "line, decay .1": (
        {"name": "ada_bn"},
        LINE,
        {**SGD, "weight_decay": 0.1},
        512,
        60,
    ),
    "line, decay 1": ({"name": "ada_bn"}, LINE, DECAY, 512, 60),
}


def patients(folder):
    """A table with the columns of NUMBERS and CATEGORIES, site and sick."""
    if folder is None:
        random = np.random.default_rng(0)
        table = pd.DataFrame(
            random.normal(size=(240, 13)),
            columns=[*NUMBERS, "oldpeak", *CATEGORIES],
        )
        for name in CATEGORIES:
            table[name] = table[name].clip(0, 2).round()
        table["sick"] = (table.age + table.chol > 0).astype(int)
        table["site"] = np.resize(SITES, len(table))
        return table
    path = folder / "heart_disease" / "heart_disease.csv.gz"
    table = pd.read_csv(path)
    table["sick"] = (table.pop("num") > 0).astype(int)
    # No living patient has none: it was not measured.
    table["chol"] = table["chol"].replace(0, np.nan)
    return table


def columns(table):
    """Categories as one column a value; what is missing stays missing."""
    parts = [table[[*NUMBERS, "oldpeak"]].astype(float)]
    for name in CATEGORIES:
        for value in sorted(table[name].dropna().unique()):
            hit = (table[name] == value).where(table[name].notna())
            parts.append(hit.astype(float).rename(f"{name} {value:g}"))
    return pd.concat(parts, axis=1)


def linear(x, y, there):
    fitted = make_pipeline(
        SimpleImputer(keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(max_iter=1000),
    ).fit(x, y)
    return fitted.predict_proba(there)[:, 1]


def by_hospital(x, y, there, penalties=1):
    """The same, each hospital filled and standardised by itself."""
    x, there = (StandardScaler().fit_transform(filled(v)) for v in (x, there))
    model = LogisticRegression(max_iter=1000)
    if penalties > 1:
        model = GridSearchCV(
            model,
            {"C": np.logspace(-3, 0, penalties)},
            scoring="neg_log_loss",
        )
    return model.fit(x, y).predict_proba(there)[:, 1]


def adapted(row, x, y, there, seed, epochs):
    spec, knobs, optimizer, batch, own = ROWS[row]
    scaler = StandardScaler().fit(filled(x))
    x, there = (
        scaler.transform(filled(v)).astype("float32") for v in (x, there)
    )
    keras.utils.set_random_seed(seed)
    model = kg.tabular_classifier(
        x.shape[1:], 2, normalize_inputs=True, **knobs
    )
    method = create("method", spec, model, kg.Classification(2))
    method.compile(optimizer)
    logits = learn(
        method, x, y, there, seed=seed, batch=batch, epochs=epochs or own
    )
    return logits[:, 1] - logits[:, 0]


def filled(x):
    """Missing numbers by the hospital's own means."""
    imputed = SimpleImputer(keep_empty_features=True).fit_transform(x)
    return imputed.astype("float32")


def chosen(table, pairs):
    """Picks a row for each target by the pairs that it isn't part of."""
    found, names = [], []
    for here, there in pairs:
        apart = [i for i, pair in enumerate(pairs) if there not in pair]
        name = max(table, key=lambda n: np.mean(table[n], 0)[apart].mean())
        found.append(np.array(table[name])[:, pairs.index((here, there))])
        names.append(name)
    return np.stack(found, 1), names


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", default=list(ROWS))
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=0)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.data, args.seeds, args.epochs = None, 1, 1
        args.rows = ["line, source only", "line, decay 1"]
    table = patients(args.data)
    x, y, site = columns(table), table.sick.to_numpy(), table.site.to_numpy()
    raw = table.drop(columns=["sick", "site"]).astype(float)
    sites = SITES[:3] if args.smoke else SITES
    pairs = list(itertools.permutations(sites, 2))

    def scores(answer):
        return [
            roc_auc_score(y[site == b], answer(site == a, site == b))
            for a, b in pairs
        ]

    base = None
    for name, answer in (
        ("logistic, 13 numbers", lambda a, b: linear(raw[a], y[a], raw[b])),
        ("logistic", lambda a, b: linear(x[a], y[a], x[b])),
        ("logistic, by hospital", lambda a, b: by_hospital(x[a], y[a], x[b])),
        ("the same, C chosen", lambda a, b: by_hospital(x[a], y[a], x[b], 13)),
    ):
        found = scores(answer)
        base = np.mean(found) if name == "logistic" else base
        line(name, [found])
    rows = {}
    for name in args.rows:
        start, rows[name] = time.time(), []
        for seed in range(args.seeds):
            rows[name].append(
                scores(
                    lambda a, b, seed=seed, name=name: adapted(
                        name, x[a], y[a], x[b], seed, args.epochs
                    )
                )
            )
            keras.backend.clear_session()
        line(name, rows[name], base, (time.time() - start) / args.seeds)
    found, names = chosen(rows, pairs)
    line("chosen on other pairs", found, base)
    for there in sites:
        picked = names[[b for _, b in pairs].index(there)]
        print(f"  for {there}: {picked}")


def line(name, found, base=None, seconds=None):
    each = " ".join(f"{v:.3f}" for v in np.mean(found, 0))
    gain = "" if base is None else f", gain {np.mean(found) - base:+.3f}"
    took = "" if seconds is None else f", {seconds:.0f} s a seed"
    print(
        f"{name:22} {interval(np.mean(found, 1))}  ({each}){gain}{took}",
        flush=True,
    )


if __name__ == "__main__":
    main()
