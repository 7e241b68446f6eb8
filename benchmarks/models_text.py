"""Sentences to classes: accuracy beside tf-idf and NBSVM on the same folds.

    python benchmarks/models_text.py --data FOLDER [SET ...] [--folds 10]

Sets are mr, sst2, sst5, subj, trec, cr and mpqa, as sentences of words, of
FOLDER/text_sentences; sms is FOLDER/sms_spam, whose number is F1 of spam.
Those with a test set are tested on it, the others by folds; `--limit 2` runs
the first two folds. Nothing is chosen by test: one setting serves all sets,
with a fixed number of epochs and averaged weights, and `--members` models of
other seeds vote. No vectors from elsewhere are used. Beside it stand
scikit-learn's tf-idf (words and pairs) with logistic regression, and NBSVM
(Wang & Manning, 2012). `--smoke` takes seconds.
"""

import argparse
import gzip
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from common import interval  # noqa: E402
from sklearn.feature_extraction.text import (  # noqa: E402
    CountVectorizer,
    TfidfVectorizer,
)
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.metrics import f1_score  # noqa: E402
from sklearn.model_selection import StratifiedKFold  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.svm import LinearSVC  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.callbacks import Average, WarmUpCosine  # noqa: E402
from kerasgen.data.prepare import Spelling  # noqa: E402
from kerasgen.methods import ERM  # noqa: E402
from kerasgen.tasks.base import probabilities  # noqa: E402

SETS = ("mr", "sst2", "sst5", "subj", "trec", "cr", "mpqa", "sms")
# To be reached, of models that learn from these sentences alone.
BARS = {
    **{"mr": 0.797, "sst2": 0.84, "sst5": 0.43, "subj": 0.934},
    **{"trec": 0.925, "cr": 0.822, "mpqa": 0.866, "sms": 0.94},
}
MODEL = {"body": "cnn", "ngrams": 3, "dropout": 0.5, "word_dropout": 0.3}
TRAINING = {"epochs": 12, "batch": 50, "rate": 1e-3, "decay": 1e-2}


def sentences(folder, name, smoke):
    """Texts, labels and, where there is one, the split of each."""
    if smoke:
        random = np.random.default_rng(0)
        y = np.arange(120) % 2
        words = np.array(["good fine great", "bad dull poor"])[y]
        noise = random.choice(["film", "plot", "song"], (120, 2))
        x = [f"{a} {w} {b}" for w, (a, b) in zip(words, noise, strict=True)]
        return np.array(x), y, np.full(120, "all")
    folder = folder / ("sms_spam" if name == "sms" else "text_sentences")
    file = "sms_spam" if name == "sms" else name
    with gzip.open(folder / f"{file}.tsv.gz", "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines][1:]
    if name == "sms":
        rows = [("all", str(int(y == "spam")), x) for y, x in rows]
    split, y, x = (np.array(column) for column in zip(*rows, strict=True))
    return x, y.astype(int), split


def parts(x, y, split, folds):
    """Places of train and test, one pair or one a fold."""
    if (split == "test").any():
        train = np.flatnonzero(split != "test")
        return [(train, np.flatnonzero(split == "test"))]
    cut = StratifiedKFold(folds, shuffle=True, random_state=0)
    return list(cut.split(x, y))


def tf_idf(x, y, test):
    """Words and pairs of words, and logistic regression."""
    made = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\S+"),
        LogisticRegression(C=10.0, max_iter=1000),
    )
    return made.fit(x, y).predict(test)


def nbsvm(x, y, test, strength=0.1, blend=0.25):
    """Words and pairs by their log-count ratios, and a linear SVM."""
    counts = CountVectorizer(
        ngram_range=(1, 2), token_pattern=r"\S+", binary=True
    )
    seen, asked = counts.fit_transform(x), counts.transform(test)
    scores = []
    for label in np.unique(y):
        own, rest = seen[y == label].sum(0) + 1, seen[y != label].sum(0) + 1
        ratio = np.log((own / own.sum()) / (rest / rest.sum()))
        ratio = np.asarray(ratio).ravel()
        scaled = seen.multiply(ratio).tocsr()
        svm = LinearSVC(C=strength).fit(scaled, y == label)
        weight = svm.coef_.ravel()
        size = np.abs(weight).mean()
        weight = (1 - blend) * size + blend * weight
        # The mean stands for the ratio's own sign, as in equation 4.
        scores.append(asked.multiply(ratio).dot(weight) + svm.intercept_[0])
    return np.unique(y)[np.argmax(scores, 0)]


def tokens(texts, length):
    """Words (n, length), padded with ""."""
    found = np.full((len(texts), length), "", dtype=object)
    for row, text in zip(found, texts, strict=True):
        words = text.split()[:length]
        row[: len(words)] = words
    return found


def ours(x, y, test, members, smoke, model=None, training=None):
    """The factory's network; members of other seeds vote."""
    model, training = model or MODEL, training or TRAINING
    length = int(np.quantile([len(t.split()) for t in x], 0.999))
    x, test = (tokens(t, max(length, 5)) for t in (x, test))
    spell = Spelling(size=30_000).adapt(x)
    ids, asked = (spell(t).numpy() for t in (x, test))
    classes = len(np.unique(y))
    total = 0.0
    for seed in range(members):
        kg.core.set_seed(seed)
        net = kg.text_classifier(
            ids.shape[1:],
            classes,
            spell.vocabulary,
            size="tiny" if smoke else "small",
            **model,
        )
        method = ERM(net, kg.Classification(classes))
        method.compile(
            keras.optimizers.AdamW(
                training["rate"], weight_decay=training["decay"]
            )
        )
        method.fit(
            ids,
            y,
            batch_size=training["batch"],
            epochs=1 if smoke else training["epochs"],
            callbacks=[Average(0.99), WarmUpCosine(0.05)],
            verbose=0,
        )
        total = total + probabilities(net.predict(asked, 256, verbose=0))
    return total.argmax(-1)


def main():
    """Prints a line for each set and way."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("sets", nargs="*", default=SETS)
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--smoke", action="store_true")
    given = parser.parse_args()
    if given.smoke:
        given.sets, given.limit, given.members = ["mr"], 1, 1
    elif given.data is None:
        parser.error("--data is needed, or --smoke")
    for name in given.sets:
        x, y, split = sentences(given.data, name, given.smoke)
        ways = {
            "tf-idf": tf_idf,
            "NBSVM": nbsvm,
            "kerasgen": lambda *a: ours(*a, given.members, given.smoke),
        }
        for way, run in ways.items():
            started, found = time.perf_counter(), []
            for train, test in parts(x, y, split, given.folds)[: given.limit]:
                answer = run(x[train], y[train], x[test])
                score = np.mean(answer == y[test])
                if name == "sms":
                    score = f1_score(y[test], answer)
                found.append(score)
            took = time.perf_counter() - started
            print(
                f"{name:5} {way:9} {interval(found)}  bar {BARS[name]:.3f}  "
                f"{len(found)} tests, {took:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
