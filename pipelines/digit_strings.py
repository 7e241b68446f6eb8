"""Strings of two to five spoken digits, read by CTC, without their times.

    KERASGEN_DATA=FOLDER kerasgen run pipelines/digit_strings.py

With fsdd/fsdd.npz (the Free Spoken Digit Dataset, 3,000 clips of 6 speakers)
in the folder, strings are made of its training clips (index 5 to 49), and
test strings of its test clips. Without it, tones of ten pitches stand in.
"""

import os
import pathlib

import numpy as np

import kerasgen as kg

FILE = pathlib.Path(os.environ.get("KERASGEN_DATA", "data"), "fsdd/fsdd.npz")
REAL = FILE.exists()
CLIP, GAP = (4600, 400) if REAL else (900, 200)


def strings(count, test=False):
    """Puts clips of one speaker, each time, one behind the other."""
    random = np.random.default_rng(int(test))
    y, who, clips = np.arange(100) % 10, np.zeros(100, int), []
    if REAL:
        z = np.load(FILE)
        mine = np.flatnonzero((z["index"] < 5) == test)
        y, who, ends = z["digit"][mine], z["speaker"][mine], z["offsets"]
        signal = z["signal"] / np.float32(32768)
        clips = [signal[ends[i] : ends[i + 1]][:CLIP] for i in mine]
    clips = clips or np.sin(0.2 * 1.25 ** y[:, None] * np.arange(CLIP)) / 2
    x, texts = np.zeros((count, 5 * (CLIP + GAP)), "float32"), []
    for row in x:
        own = np.flatnonzero(who == random.choice(who))
        chosen, place = random.choice(own, random.integers(2, 6)), 0
        for i in chosen:
            place += random.integers(GAP)
            row[place : place + len(clips[i])] = clips[i]
            place += len(clips[i])
        texts.append(" ".join(str(y[i]) for i in chosen))
    return x, texts


recipe = kg.Recipe(
    name="digit_strings",
    data=kg.data.load(
        strings(2200 if REAL else 240),
        kind="audio",
        sample_rate=8000,
        task=kg.Transcription(decoder="beam"),
        tests={"test": strings(300 if REAL else 60, test=True)},
        prepare=[{"name": "log_mel", "mels": 40, "window": 0.04, "hop": 0.02}],
    ),
    optimizer={"name": "adamw", "learning_rate": 2e-3},
    augment=("spec_augment",) if REAL else (),
    epochs=30 if REAL else 12,
    probes=("clean", "cost"),
    expect={"clean/wer": (0.025, 0.025)},
)
