"""Anomalies that nobody labelled: area under the ROC curve on 8 sets.

    python benchmarks/models_anomaly.py --data FOLDER [--seeds 3]

Eight sets of the Outlier Detection DataSets (ODDS): each detector is trained
on all rows without labels, and scores the same rows, as is usual there.
scikit-learn's isolation forest stands beside. All sets share the settings.
The folder holds odds/odds8.npz; `--smoke` takes made rows and seconds.
"""

import argparse
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from common import interval  # noqa: E402
from sklearn.ensemble import IsolationForest  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.metrics import auroc, average_precision  # noqa: E402

NAMES = (
    *("annthyroid", "breastw", "cardio", "letter"),
    *("mammography", "pendigits", "thyroid", "vowels"),
)
BODIES = {
    "mixture": {"body": "mixture", "noise": 0.06, "trim": 0.15},
    "autoencoder": {"body": "autoencoder", "noise": 0.5},
    "variational": {"body": "variational"},
    "one_class": {"body": "one_class"},
}


def sets(folder):
    """Yields name, rows and labels."""
    if folder is None:
        random = np.random.default_rng(0)
        x = random.normal(size=(300, 5)) @ random.normal(size=(5, 5))
        y = (np.arange(300) % 10 == 0).astype("int64")
        x[y == 1] = random.uniform(-5, 5, (30, 5))
        yield "made", x, y
        return
    with np.load(folder / "odds" / "odds8.npz") as z:
        for name in NAMES:
            y = z[f"{name}_y"].ravel().astype("int64")
            yield name, z[f"{name}_X"].astype("float64"), y


def peer(x, seed):
    """scikit-learn's isolation forest with its defaults."""
    return -IsolationForest(random_state=seed).fit(x).score_samples(x)


def ours(name, x, seed, steps):
    """One of our detectors, on standardized rows."""
    keras.utils.set_random_seed(seed)
    spread = np.where(x.std(0) > 0, x.std(0), 1.0)
    x = np.clip((x - x.mean(0)) / spread, -10, 10).astype("float32")
    model = kg.anomaly_detector(x.shape[1:], size="small", **BODIES[name])
    method = kg.methods.ERM(model, kg.Anomaly())
    epochs = max(1, round(steps / (len(x) / 256)))
    rate = keras.optimizers.schedules.CosineDecay(
        0.02 if name == "mixture" else 2e-3, epochs * -(-len(x) // 256)
    )
    method.compile(keras.optimizers.Adam(rate), metrics=[])
    method.fit(x, np.zeros(len(x)), batch_size=256, epochs=epochs, verbose=0)
    return model.predict(x, 4096, verbose=0)[:, 0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=["forest", *BODIES])
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.data, args.seeds, args.steps = None, 1, 20
    for name in args.names:
        start, found, precise = time.time(), {}, []
        for data, x, y in sets(args.data):
            scores = [
                peer(x, seed)
                if name == "forest"
                else ours(name, x, seed, args.steps)
                for seed in range(args.seeds)
            ]
            found[data] = [auroc(score, y) for score in scores]
            precise.append([average_precision(s, y) for s in scores])
            keras.backend.clear_session()
        each = "  ".join(f"{k} {np.mean(v):.3f}" for k, v in found.items())
        whole = np.mean(list(found.values()), 0)
        print(
            f"{name:12} AUROC {interval(whole)}  average precision "
            f"{interval(np.mean(precise, 0))}  ({each})  "
            f"{(time.time() - start) / 60 / args.seeds:.1f} min a seed",
            flush=True,
        )


if __name__ == "__main__":
    main()
