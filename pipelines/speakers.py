"""Spoken digits of a speaker whom training has never heard.

    KERASGEN_DATA=FOLDER kerasgen run pipelines/speakers.py

With fsdd/fsdd.npz (the Free Spoken Digit Dataset, 3,000 clips of 6 speakers)
in the folder, the last speaker is left out. Without it, tones stand in whose
pitch is the class, with a timbre for each of six voices.
"""

import os
import pathlib

import numpy as np

import kerasgen as kg

FILE = pathlib.Path(os.environ.get("KERASGEN_DATA", "data"), "fsdd/fsdd.npz")
LENGTH = 6000


def voices():
    """Gives sounds (n, samples), classes, and who speaks."""
    if not FILE.exists():
        x, y = kg.data.synthetic.sounds(360, samples=LENGTH, noise=0.02)
        who = np.arange(len(x)) // 3 % 6
        x = np.tanh(x * (1 + who[:, None])) + 0.05 * np.roll(x, 7, 1)
        return x.clip(-1, 1).astype("float32"), y, who
    with np.load(FILE) as z:
        signal, start, y, who = (
            z[name] for name in ("signal", "offsets", "digit", "speaker")
        )
    x = np.zeros((len(y), LENGTH), "float32")
    for i in range(len(y)):
        clip = signal[start[i] : start[i + 1]][:LENGTH] / 32768
        x[i, : len(clip)] = clip
    return x, y.astype("int64"), who


x, y, who = voices()
data = kg.data.load(
    (x, y),
    kind="audio",
    sample_rate=8000,
    domain=np.array([f"speaker {w}" for w in who]),
    prepare=[{"name": "log_mel", "mels": 40}, {"name": "standardize"}],
)
recipe = kg.Recipe(
    name="speakers",
    data=data.leave_one_domain_out()[-1],
    model={"name": "audio_classifier", "size": "small"},
    augment=("speed", "pitch_shift", "time_shift", "spec_augment"),
    batch_size=64,
    epochs=40 if FILE.exists() else 12,
    training={"patience": None},
    expect={"clean/accuracy": (0.9, 0.1)},
)

if __name__ == "__main__":
    kg.run(recipe)
