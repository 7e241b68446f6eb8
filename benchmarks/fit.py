"""A Method's training step against plain `model.fit`: same net, same data.

    python benchmarks/fit.py [--rounds 30]

Both train by turns, an epoch each, so that a busy machine slows both alike.
"""

import argparse
import statistics
import time

import keras
import numpy as np

import kerasgen as kg
from kerasgen.core import set_seed


def contestants(data, size):
    found = {}
    for name in ("plain", "method"):
        set_seed(0)
        model = kg.image_classifier(data.shape, data.classes, size=size)
        optimizer = keras.optimizers.AdamW(1e-3)
        if name == "plain":
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            model.compile(optimizer, loss, metrics=["accuracy"])
        else:
            model = kg.methods.ERM(model, data.task)
            model.compile(optimizer)
        found[name] = model
    return found


def race(data, size, rounds):
    models = contestants(data, size)
    batches = {name: data.batches("train", 32) for name in models}
    seconds = {name: [] for name in models}
    losses = {}
    for turn in range(rounds + 1):
        names = list(models) if turn % 2 else list(models)[::-1]
        for name in names:
            batches[name].epoch.assign(turn - 1)
            begin = time.perf_counter()
            history = models[name].fit(batches[name], verbose=0, shuffle=False)
            if turn:  # the first epoch traces the graph
                seconds[name].append(time.perf_counter() - begin)
            losses[name] = history.history["loss"][-1]
    return seconds, losses


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=30)
    rounds = options.parse_args().rounds
    data = kg.data.load("digits")
    steps = len(data.batches("train", 32))
    for size in ("tiny", "small"):
        seconds, losses = race(data, size, rounds)
        ratios = np.divide(seconds["method"], seconds["plain"])
        low, high = np.quantile(
            [
                np.median(np.random.default_rng(i).choice(ratios, len(ratios)))
                for i in range(1000)
            ],
            [0.025, 0.975],
        )
        plain = 1e3 * statistics.median(seconds["plain"]) / steps
        method = 1e3 * statistics.median(seconds["method"]) / steps
        print(
            f"digits, {size}, batch 32, {steps} steps an epoch, {rounds} epochs"
        )
        print(
            f"  model.fit   {plain:7.2f} ms/step   loss {losses['plain']:.4f}"
        )
        print(
            f"  ERM.fit     {method:7.2f} ms/step   loss {losses['method']:.4f}"
        )
        print(
            f"  ratio       {np.median(ratios):7.3f}   [{low:.3f}, {high:.3f}]"
        )


if __name__ == "__main__":
    main()
