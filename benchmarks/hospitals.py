"""Heart disease in a hospital without diagnoses: AUC over 12 pairs of four.

    python benchmarks/hospitals.py --data FOLDER [--seeds 3]

A model is trained on one hospital and asked about another, whose patients
are known without their diagnoses. All of the source's patients are trained
on, all of the target's are tested, settings are the same for all pairs, and
nothing is chosen by the target's labels. Beside it a logistic regression of
scikit-learn: once on the 13 columns as numbers with missing ones imputed by
the source's means, once on kerasgen's prepared columns. The folder holds
heart_disease/heart_disease.csv.gz. `--smoke` takes seconds.
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
from common import interval  # noqa: E402
from sklearn.impute import SimpleImputer  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.core import create  # noqa: E402

SITES = ("cleveland", "hungarian", "switzerland", "va")
NUMBERS = ("age", "sex", "trestbps", "chol", "fbs", "thalach", "exang")
CATEGORIES = ("cp", "restecg", "slope", "ca", "thal")
METHODS = {
    "source only": {"name": "erm"},
    "ada bn": {"name": "ada_bn"},
    "coral": {"name": "coral"},
    "dan": {"name": "dan"},
    "dann": {"name": "dann"},
    "cdan": {"name": "cdan"},
    "mcc": {"name": "mcc"},
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


def network(shape, classes, width=32):
    """Each domain standardised by its own batches, then a small net."""
    x = inputs = keras.Input(shape)
    x = keras.layers.BatchNormalization(
        center=False, scale=False, momentum=0.95
    )(x)
    x = keras.layers.Dropout(0.3)(x)
    x = keras.layers.Dense(width, use_bias=False)(x)
    x = keras.layers.BatchNormalization(momentum=0.95)(x)
    x = keras.layers.Dropout(0.3)(keras.layers.ReLU()(x))
    return keras.Model(inputs, keras.layers.Dense(classes, name="head")(x))


def adapted(spec, x, y, there, seed, epochs):
    data = kg.data.Data.domains(
        source=kg.data.load(
            (filled(x), y), split=(0.85, 0.05, 0.05, 0.05), seed=seed
        ),
        target=filled(there),
    )
    keras.utils.set_random_seed(seed)
    model = network(data.shape, data.classes)
    method = create("method", spec, model, data.task)
    method.compile({"name": "adamw", "learning_rate": 3e-3})
    method.fit(
        data.batches("train", 64, needs=method.needs),
        epochs=epochs,
        verbose=0,
        callbacks=kg.callbacks.standard(patience=None),
    )
    # All of the target, in its order; its labels were never there.
    logits = model.predict(data.tensors("unlabeled")[0], 256, verbose=0)
    return logits[:, 1] - logits[:, 0]


def filled(x):
    """Missing numbers by the hospital's own means."""
    imputed = SimpleImputer(keep_empty_features=True).fit_transform(x)
    return imputed.astype("float32")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("methods", nargs="*", default=list(METHODS))
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.data, args.seeds, args.epochs = None, 2, 1
    table = patients(args.data)
    x, y, site = columns(table), table.sick.to_numpy(), table.site.to_numpy()
    raw = table.drop(columns=["sick", "site"]).astype(float)
    pairs = list(itertools.permutations(SITES, 2))

    def scores(answer):
        return [
            roc_auc_score(y[site == b], answer(site == a, site == b))
            for a, b in pairs
        ]

    for name, known in (("logistic, 13 numbers", raw), ("logistic", x)):
        found = scores(
            lambda a, b, known=known: linear(known[a], y[a], known[b])
        )
        each = " ".join(f"{v:.3f}" for v in found)
        print(f"{name:22} {np.mean(found):.3f}  ({each})", flush=True)
    base = np.mean(found)
    for name in args.methods:
        rows, start = [], time.time()
        for seed in range(args.seeds):
            rows.append(
                scores(
                    lambda a, b, seed=seed, name=name: adapted(
                        METHODS[name], x[a], y[a], x[b], seed, args.epochs
                    )
                )
            )
            keras.backend.clear_session()
        each = " ".join(f"{v:.3f}" for v in np.mean(rows, 0))
        print(
            f"{name:22} {interval(np.mean(rows, 1))}  ({each}), gain over "
            f"logistic {np.mean(rows) - base:+.3f}, "
            f"{(time.time() - start) / args.seeds:.0f} s a seed",
            flush=True,
        )


if __name__ == "__main__":
    main()
