"""Spoken digits of a speaker that training never heard: accuracy, 6 ways.

    python benchmarks/speakers.py --data FOLDER [--seeds 3] [--epochs 20]

The Free Spoken Digit Dataset, 3,000 clips of 6 speakers: each is left out
once. `generalize` trains on the other five; `adapt` sees the sixth's clips
too, without labels (half of them; accuracy is that on the other half). A
logistic regression on log-mel spectra stands beside. Clips are brought to one
loudness. Settings are shared by all six; `--out 0 3` leaves out two only. The
folder holds fsdd/fsdd.npz. `--smoke` takes seconds.
"""

import argparse
import os
import pathlib
import time

# Twice as fast where the processor has the instructions; set before Keras.
os.environ.setdefault("ONEDNN_DEFAULT_FPMATH_MODE", "BF16")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from common import interval  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.core import create  # noqa: E402

RATE = 8000
SAMPLES = 6000
# What is softer than a hundredth of the loudest counts as silence: rooms
# differ in their noise, and clips are filled up with none.
PREPARE = (
    {
        "name": "log_mel",
        "window": 0.04,
        "hop": 0.024,
        "mels": 32,
        "floor": 0.01,
    },
    {"name": "standardize"},
)
AUGMENT = (
    {"name": "speed", "rate": 0.2},
    {"name": "pitch_shift", "semitones": 3.0, "frame": 256},
    {"name": "time_shift", "rate": 0.1, "mode": "silence"},
    {"name": "colored_noise", "rate": 0.5, "snr_low": 5.0, "snr_high": 40.0},
    {"name": "spec_augment"},
)
METHODS = {
    "plain": {"name": "erm"},
    "generalize": {"name": "mix_style"},
    "adapt": {"name": "information_maximization"},
}


def clips(folder):
    """Sounds (n, samples) in [-1, 1], digits and speakers."""
    if folder is None:
        x, y = kg.data.synthetic.sounds(120, samples=SAMPLES, rate=RATE)
        who = np.array([f"speaker{i % 6}" for i in range(len(x))])
        return x, y, who
    with np.load(folder / "fsdd" / "fsdd.npz") as z:
        signal, offsets = z["signal"], z["offsets"]
        y, who = z["digit"], z["speaker"]
    x = np.zeros((len(y), SAMPLES), "float32")
    for i in range(len(y)):
        clip = signal[offsets[i] : offsets[i + 1]][:SAMPLES] / 32768.0
        clip = clip / max(abs(clip).max(), 1e-3)
        start = (SAMPLES - len(clip)) // 2
        x[i, start : start + len(clip)] = clip
    return x, y.astype("int64"), np.array([f"speaker{w}" for w in who])


def halves(y, seed):
    """Cuts examples in two, each digit alike."""
    order = np.random.default_rng(seed).permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]
    return order[::2], order[1::2]


def train(data, spec, augment, seed, epochs):
    keras.utils.set_random_seed(seed)
    model = kg.audio_classifier(data.shape, data.classes, width=16)
    method = create("method", spec, model, data.task)
    method.compile({"name": "adamw", "learning_rate": 2e-3})
    method.fit(
        data.batches(
            "train",
            64,
            needs=method.needs,
            augment=[create("augment", each) for each in augment],
        ),
        epochs=epochs,
        verbose=0,
        callbacks=kg.callbacks.standard(patience=None),
    )
    return model


def linear(data, x, y):
    """Logistic regression on the same prepared spectra."""
    known, labels = data.tensors("train")
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    model.fit(known.reshape(len(known), -1), labels)
    return float(model.score(x.reshape(len(x), -1), y))


def one(name, sounds, out, seed, epochs):
    x, y, who = sounds
    held = who == out
    first, second = (np.flatnonzero(held)[h] for h in halves(y[held], seed))
    source = kg.data.load(
        (x[~held], y[~held]),
        kind="audio",
        sample_rate=RATE,
        domain=who[~held],
        prepare=list(PREPARE),
        split=(0.94, 0.02, 0.02, 0.02),
        seed=seed,
    )
    data = source
    if name == "adapt":
        data = kg.data.Data.domains(source=source, target=x[first])
    tested = np.asarray(data.prepare(x[second]))
    if name == "linear":
        return linear(data, tested, y[second])
    augment = () if name == "plain" else AUGMENT
    model = train(data, METHODS[name], augment, seed, epochs)
    logits = model.predict(tested, 256, verbose=0)
    return float((logits.argmax(-1) == y[second]).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=["linear", *METHODS])
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--out", nargs="+", help="speakers to leave out")
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.data, args.seeds, args.epochs = None, 1, 1
        args.out = ["0"]
    sounds = clips(args.data)
    speakers = sorted(set(sounds[2]))
    if args.out:
        speakers = [f"speaker{w}" for w in args.out]
    for name in args.names:
        start, table = time.time(), []
        for seed in range(args.seeds):
            row = []
            for out in speakers:
                row.append(one(name, sounds, out, seed, args.epochs))
                keras.backend.clear_session()
                print(f"  {name} without {out}: {row[-1]:.3f}", flush=True)
            table.append(row)
        each = ", ".join(f"{v:.3f}" for v in np.mean(table, 0))
        minutes = (time.time() - start) / 60 / args.seeds
        print(
            f"{name:12} {interval(np.mean(table, 1))}  ({each}), "
            f"{minutes:.1f} min a seed",
            flush=True,
        )


if __name__ == "__main__":
    main()
