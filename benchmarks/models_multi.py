"""One model for two tasks beside two models for one each, on 178 wines.

    python benchmarks/models_multi.py [--seeds 5] [--epochs 60]

The kind (accuracy) and the alcohol (mean absolute error, in percent) of
scikit-learn's wines, from the other twelve columns; each seed cuts the wines
anew. `single` trains two models, of which each knows its own task; the others
train one: plain sum of losses, uncertainty weighting, GradNorm and PCGrad.
Linear models of scikit-learn stand beside. `--smoke` takes seconds.
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from common import interval  # noqa: E402
from sklearn.datasets import load_wine  # noqa: E402
from sklearn.linear_model import LogisticRegression, RidgeCV  # noqa: E402

import kerasgen as kg  # noqa: E402

METHODS = {
    "joint": {"name": "joint"},
    "uncertainty": {"name": "uncertainty_weighting"},
    "grad_norm": {"name": "grad_norm"},
    "pc_grad": {"name": "joint", "step": "pc_grad"},
}


def wines(seed):
    """Data of both tasks; seeds differ in the cut."""
    x, kind = load_wine(return_X_y=True)
    y = {"kind": kind, "alcohol": x[:, 0].astype("float32")}
    return kg.data.load((x[:, 1:], y), name="wines", seed=seed)


def fit(data, names, spec, seed, epochs):
    """Trains on some of the tasks; gives the outputs on the test split."""
    keras.utils.set_random_seed(seed)
    task = kg.MultiTask({name: data.task.tasks[name] for name in names})
    model = kg.multi_task(data.shape, task.tasks)
    method = kg.create("method", spec, model, task)
    method.compile({"name": "adamw", "learning_rate": 5e-3})

    def only(split):
        x, y = data.tensors(split)
        return x, {name: y[name] for name in names}

    method.fit(
        *only("train"),
        validation_data=only("stop"),
        batch_size=32,
        epochs=epochs,
        verbose=0,
        callbacks=kg.callbacks.standard(patience=15),
    )
    x, y = only("test")
    found = task.correct(y, model.predict(x, verbose=0))
    return {name: float(np.mean(found[name])) for name in names}


def linear(data):
    (x, y), (new, truth) = data.tensors("train"), data.tensors("test")
    kind = LogisticRegression(max_iter=1000).fit(x, y["kind"])
    alcohol = RidgeCV(np.logspace(-2, 3, 11)).fit(x, y["alcohol"])
    error = np.abs(alcohol.predict(new) - truth["alcohol"]).mean()
    return {"kind": kind.score(new, truth["kind"]), "alcohol": float(error)}


def one(name, seed, epochs):
    data = wines(seed)
    if name == "linear":
        return linear(data)
    if name == "single":
        pairs = [
            fit(data, [each], METHODS["joint"], seed, epochs)
            for each in data.task.tasks
        ]
        return {**pairs[0], **pairs[1]}
    return fit(data, list(data.task.tasks), METHODS[name], seed, epochs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.seeds, args.epochs = 2, 1
    for name in ("linear", "single", *METHODS):
        found = [one(name, s, args.epochs) for s in range(args.seeds)]
        kind = interval([each["kind"] for each in found])
        alcohol = interval([each["alcohol"] for each in found])
        print(f"{name:12} kind {kind}  alcohol {alcohol} %", flush=True)


if __name__ == "__main__":
    main()
