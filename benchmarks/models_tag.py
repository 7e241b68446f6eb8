"""Entities and parts of speech: F1 and accuracy beside a feature CRF.

    python benchmarks/models_tag.py --data FOLDER [conll2003 ud_ewt wnut17]

CoNLL-2003 and WNUT-17 are judged by F1 of entities, UD English-EWT by the
accuracy of UPOS, each on its own test set; after each epoch a line tells the
dev set's number, and the weights of the best one are tested. No vectors from
elsewhere are used. Where sklearn-crfsuite is installed, its CRF on the usual
features of words and their neighbours stands beside, with its sentences a
second. `--epochs`, `--train` (sentences) and `--minutes` bound a run;
`--smoke` takes seconds.
"""

import argparse
import importlib.util
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.callbacks import Average, WarmUpCosine  # noqa: E402
from kerasgen.data.conll import from_conll  # noqa: E402

COLUMNS = {"conll2003": -1, "wnut17": -1, "ud_ewt": 1}
# To be reached without vectors from elsewhere; WNUT-17 has no bar.
BARS = {"conll2003": 0.84, "ud_ewt": 0.945}


def sentences(folder, name, part):
    """Tokens and tags of a split; entities in BIOES."""
    raw = from_conll(folder / name / f"{part}.txt.gz", tags=COLUMNS[name])
    if name == "ud_ewt":
        return raw.x, raw.y
    return raw.x, [kg.metrics.rewrite_tags(tags, "BIOES") for tags in raw.y]


def stand_in(count=60):
    """A few sentences of a small grammar."""
    random = np.random.default_rng(0)
    names = ["Paris", "Sydney", "Austin"]
    x = [["in", random.choice(names), "Mr", "Hall"] for _ in range(count)]
    return x, [["O", "S-LOC", "O", "S-PER"]] * count


class Watch(keras.callbacks.Callback):
    """Tells the dev set's number, keeps the best, and stops in time."""

    def __init__(self, name, minutes):
        super().__init__()
        self.name, self.minutes = name, minutes
        self.best, self.kept, self.started = -1.0, None, time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Prints a line."""
        took = (time.perf_counter() - self.started) / 60
        found = logs[f"val_{self.name}"]
        print(
            f"  epoch {epoch + 1:2}  loss {logs['loss']:.3f}  "
            f"dev {self.name} {found:.4f}  {took:.1f} min",
            flush=True,
        )
        if found > self.best:
            self.best, self.kept = found, self.model.get_weights()
        if self.minutes and took > self.minutes:
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        """Puts the best weights back."""
        self.model.set_weights(self.kept)


def ours(train, dev, test, given):
    """The factory's network; its number and sentences a second."""
    data = kg.data.load(
        train,
        kind="tokens",
        tests={"dev": dev, "test": test},
        split=(0.98, 0.01, 0.01, 0.0)
        if not given.smoke
        else (0.8, 0.1, 0.1, 0),
        prepare={"name": "spelling", "least": 1},
    )
    recipe = kg.Recipe(
        data=data,
        model={
            "name": "tagger",
            "size": "tiny" if given.smoke else given.size,
            "body": given.body,
            "head": given.head,
            "dropout": 0.5,
            "word_dropout": given.word_dropout,
        },
        optimizer={"name": "adamw", "learning_rate": given.rate},
    )
    method = kg.recipe.build(recipe, data)
    name = data.task.headline.name
    watch = Watch(name, given.minutes)
    method.fit(
        data.batches("train", given.batch),
        validation_data=data.batches("dev", 256),
        epochs=1 if given.smoke else given.epochs,
        callbacks=[Average(0.999), WarmUpCosine(0.05), watch],
        verbose=0,
    )
    x, y = data.tensors("test")
    started = time.perf_counter()
    outputs = method.model.predict(x, 256, verbose=0)
    found = data.task.headline
    number = found.reduce_values(found.values(np.asarray(y), outputs))
    return number, len(x) / (time.perf_counter() - started)


def features(words, at):
    """What a feature CRF sees of a word and its neighbours."""
    seen = {"bias": 1.0}
    for far in (-2, -1, 0, 1, 2):
        if not 0 <= at + far < len(words):
            seen[f"{far}:none"] = 1.0
            continue
        word = words[at + far]
        shape = "".join(
            "X" if c.isupper() else "x" if c.islower() else "0" * c.isdigit()
            for c in word
        )
        seen[f"{far}:word"] = word.lower()
        seen[f"{far}:shape"] = shape[:8]
        if abs(far) < 2:
            seen[f"{far}:end"], seen[f"{far}:start"] = word[-3:], word[:3]
            seen[f"{far}:end2"], seen[f"{far}:title"] = (
                word[-2:],
                word.istitle(),
            )
    return seen


def crfsuite(train, test, labels):
    """sklearn-crfsuite with those features."""
    import sklearn_crfsuite

    made = sklearn_crfsuite.CRF(c1=0.1, c2=0.01, max_iterations=100)
    rows = [
        [features(words, i) for i in range(len(words))] for words in train[0]
    ]
    made.fit(rows, [list(tags) for tags in train[1]])
    started = time.perf_counter()
    rows = [
        [features(words, i) for i in range(len(words))] for words in test[0]
    ]
    answer = made.predict(rows)
    speed = len(test[0]) / (time.perf_counter() - started)
    task = kg.Tagging(labels, "none" if "NOUN" in labels else "loose")
    longest = max(map(len, answer))
    place = {label: i for i, label in enumerate(labels)}
    y, found = np.full((2, len(answer), longest), -1)
    for row, (tags, guess) in enumerate(zip(test[1], answer, strict=True)):
        y[row, : len(tags)] = [place[tag] for tag in tags]
        found[row, : len(guess)] = [place[tag] for tag in guess]
    outputs = np.eye(len(labels), dtype="float32")[np.maximum(found, 0)]
    measure = task.headline
    return measure.reduce_values(measure.values(y, outputs)), speed


def main():
    """Prints the curve of each set, and a line of each way."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("sets", nargs="*", default=("conll2003", "ud_ewt"))
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--train", type=int)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--word-dropout", type=float, default=0.1)
    parser.add_argument("--size", default="small")
    parser.add_argument("--body", default="lstm")
    parser.add_argument("--head", default="crf")
    parser.add_argument("--smoke", action="store_true")
    given = parser.parse_args()
    if given.smoke:
        given.sets = ["conll2003"]
    elif given.data is None:
        parser.error("--data is needed, or --smoke")
    for name in given.sets:
        train, dev, test = (
            stand_in() if given.smoke else sentences(given.data, name, part)
            for part in ("train", "dev", "test")
        )
        train = tuple(part[: given.train] for part in train)
        labels = sorted(
            {t for row in (*train[1], *dev[1], *test[1]) for t in row}
        )
        bar = f"bar {BARS[name]}" if name in BARS else "no bar"
        found, speed = ours(train, dev, test, given)
        print(f"{name} kerasgen {found:.4f}  {bar}  {speed:.0f} sentences/s")
        if importlib.util.find_spec("sklearn_crfsuite"):
            found, speed = crfsuite(train, test, labels)
            print(
                f"{name} crfsuite {found:.4f}  {bar}  {speed:.0f} sentences/s"
            )


if __name__ == "__main__":
    main()
