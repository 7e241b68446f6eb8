"""A trial of `kg.tune` against the plain fit that it makes.

    python benchmarks/tune.py [--rounds 7]

Same net, data, epochs and validation by turns: plain Keras (build, compile,
fit with validation, evaluate), a kerasgen trial, and a KerasTuner trial. The
trial does more than the plain fit: averaged weights, checkpoints, a NaN guard,
a select split of its own, the model on disk.
"""

import argparse
import pathlib
import shutil
import statistics
import tempfile
import time

import keras
import keras_tuner

import kerasgen as kg
from kerasgen.core import set_seed
from kerasgen.recipe import complete
from kerasgen.tune import run_trial

EPOCHS = 15


def build(data):
    set_seed(0)
    model = kg.image_classifier(data.shape, data.classes)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.AdamW(1e-3), loss, metrics=["accuracy"])
    return model


def plain(data, folder):
    model = build(data)
    model.fit(
        data.batches("train", 32),
        validation_data=data.batches("stop", 256),
        epochs=EPOCHS,
        shuffle=False,
        verbose=0,
    )
    model.evaluate(data.batches("select", 256), verbose=0)


def ours(data, folder):
    recipe = kg.Recipe(data=data, epochs=EPOCHS, training={"patience": EPOCHS})
    record = run_trial(complete(recipe, data), data, folder / "000", "accuracy")
    if record["status"] != "done":
        raise RuntimeError(record["error"])


def tuner(data, folder):
    search = keras_tuner.RandomSearch(
        lambda hp: build(data),
        objective="val_accuracy",
        max_trials=1,
        directory=folder,
        overwrite=True,
    )
    search.search(
        data.batches("train", 32),
        validation_data=data.batches("stop", 256),
        epochs=EPOCHS,
        shuffle=False,
        verbose=0,
    )


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=7)
    rounds = options.parse_args().rounds
    data = kg.data.load("digits")
    racers = {"plain fit": plain, "kerasgen": ours, "KerasTuner": tuner}
    seconds = {name: [] for name in racers}
    for turn in range(rounds + 1):
        for name, racer in racers.items():
            folder = pathlib.Path(tempfile.mkdtemp())
            begin = time.perf_counter()
            racer(data, folder)
            if turn:  # the first turn warms the process up
                seconds[name].append(time.perf_counter() - begin)
            shutil.rmtree(folder)
            keras.backend.clear_session()
    print(f"digits, small, batch 32, {EPOCHS} epochs, median of {rounds} turns")
    for name, found in seconds.items():
        pairs = zip(found, seconds["plain fit"], strict=True)
        ratio = statistics.median(a / b for a, b in pairs)
        middle = statistics.median(found)
        print(f"  {name:10s} {middle:6.2f} s   ratio {ratio:.3f}")


if __name__ == "__main__":
    main()
