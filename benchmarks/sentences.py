"""Opinions of another domain: accuracy over the 6 pairs of three of them.

    python benchmarks/sentences.py --data FOLDER [--seeds 3]

1,000 sentences each about films (imdb), goods (amazon) and restaurants
(yelp): a linear model learns from all of one domain and is asked about all of
another, whose sentences it sees without their labels. Beside it the usual
words of the source by tf-idf, and a logistic regression. The decay of weights
is chosen by five folds of the source, methods have their papers' weights, and
the vectors' share of the features was chosen on two other domains
(`--develop`: MR's films and CR's goods). The methods take a target's classes
for about equally frequent, as here they are.

A sentence is its n-grams of words and of letters, and the mean vector of its
words, learnt from how words come together in the pair's 2,000 sentences
("own") or also in the unlabelled texts of MR, CR, SST, SUBJ and MPQA
("outside": their labels are not read). The folder holds
sentiment_3domains/sentiment_3domains.tsv.gz and text_sentences/*.tsv.gz.
`--smoke` takes seconds.
"""

import argparse
import csv
import gzip
import itertools
import os
import pathlib
import re
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import scipy.linalg  # noqa: E402
import scipy.sparse as sp  # noqa: E402
import scipy.special  # noqa: E402
from common import interval, learn  # noqa: E402
from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.utils.extmath import randomized_svd  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.core import create  # noqa: E402

DOMAINS = ("imdb", "amazon", "yelp")
DEVELOP = ("mr", "cr")
OUTSIDE = ("mr", "cr", "sst2", "subj", "mpqa")
WORD = r"[a-z0-9]+(?:'[a-z]+)?|[!?]"
# The length of a sentence's mean word vector beside that of its n-grams.
SHARE = 0.25
METHODS = {
    "source only": {"name": "erm"},
    # The weight that Liang et al. have (SHOT, 2020); MCC's is its default.
    "information": {"name": "information_maximization", "weight": 1.0},
    "mcc": {"name": "mcc"},
}


def read(folder, name):
    path = folder / f"{name}.tsv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=3))


def opinions(folder, names):
    """Sentences and labels of each domain."""
    if folder is None:
        random = np.random.default_rng(0)
        marks = np.array(["awful poor", "great fine"])
        found = {}
        for name in names:
            y = np.arange(60) % 2
            topic = [f"{name}{k} the" for k in random.integers(0, 5, 60)]
            found[name] = (
                [f"{t} is {m}" for t, m in zip(topic, marks[y], strict=True)],
                y,
            )
        return found
    if names == DOMAINS:
        rows = read(folder / "sentiment_3domains", "sentiment_3domains")
        parts = {n: [r for r in rows if r["domain"] == n] for n in names}
    else:
        random = np.random.default_rng(0)
        parts = {}
        for name in names:
            rows = read(folder / "text_sentences", name)
            y = np.array([int(row["label"]) for row in rows])
            picked = [
                random.permutation(np.flatnonzero(y == k))[:500] for k in (0, 1)
            ]
            parts[name] = [rows[i] for i in np.concatenate(picked)]
    return {
        name: (
            [row["text"] for row in rows],
            np.array([int(row["label"]) for row in rows]),
        )
        for name, rows in parts.items()
    }


def vectors(texts, width, least):
    """Vectors of words by the company they keep.

    The positive pointwise mutual information of words at most 4 apart,
    contexts smoothed by the power 3/4, cut to its leading singular vectors
    (Levy, Goldberg & Dagan, 2015). A word's weight falls with its frequency
    (Arora, Liang & Ma, 2017).
    """
    cut = [re.findall(WORD, text.lower()) for text in texts]
    flat = np.array([word for words in cut for word in words])
    line = np.repeat(np.arange(len(cut)), [len(words) for words in cut])
    names, place, count = np.unique(flat, return_inverse=True, return_counts=1)
    new = np.where(count >= least, np.cumsum(count >= least) - 1, -1)
    place, size = new[place], int((count >= least).sum())
    pairs = sp.csr_matrix((size, size))
    for gap in range(1, 5):
        one, two = place[:-gap], place[gap:]
        near = (line[:-gap] == line[gap:]) & (one >= 0) & (two >= 0)
        share = np.full(near.sum(), 1.0 / gap)
        found = sp.coo_matrix((share, (one[near], two[near])), pairs.shape)
        pairs = pairs + found + found.T
    pairs = sp.coo_matrix(pairs)
    often = np.asarray(pairs.sum(1)).ravel()
    context = often**0.75 / (often**0.75).sum()
    gain = np.log(pairs.data / (often[pairs.row] * context[pairs.col]))
    kept = gain > 0
    table = sp.csr_matrix(
        (gain[kept], (pairs.row[kept], pairs.col[kept])), pairs.shape
    )
    left, spread, _ = randomized_svd(
        table, min(width, size - 1), random_state=0
    )
    left = left * np.sqrt(spread)
    left /= np.linalg.norm(left, axis=1, keepdims=True) + 1e-9
    weight = 1e-3 / (1e-3 + count[count >= least] / len(flat))
    return dict(zip(names[count >= least], left * weight[:, None], strict=True))


def means(texts, known):
    width = len(next(iter(known.values())))
    found = np.zeros((len(texts), width))
    for i, text in enumerate(texts):
        hits = [known[w] for w in re.findall(WORD, text.lower()) if w in known]
        if hits:
            found[i] = np.sum(hits, 0) / np.sqrt(len(hits))
    return (found - found.mean(0)) / (found.std(0) + 1e-9) / np.sqrt(width)


def features(here, there, known):
    """Rows for two domains whose inner products are those of all n-grams."""
    common = {"sublinear_tf": True, "min_df": 2}
    grams = sp.hstack(
        [
            TfidfVectorizer(
                ngram_range=(1, 2), token_pattern=r"\b\w+\b|[!?]", **common
            ).fit_transform(here + there),
            TfidfVectorizer(
                analyzer="char_wb", ngram_range=(2, 5), **common
            ).fit_transform(here + there),
        ]
    ).tocsr()
    dense = np.concatenate([means(here, known), means(there, known)])
    inner = (grams @ grams.T).toarray() + 2 * SHARE**2 * dense @ dense.T
    # Each domain's mean goes, as batch normalization would take it away.
    n = len(here)
    away = np.eye(len(inner))
    away[:n, :n] -= 1.0 / n
    away[n:, n:] -= 1.0 / len(there)
    inner = away @ inner @ away
    size = min(800, len(inner) - 2)
    spread, axes = scipy.linalg.eigh(
        inner, subset_by_index=(len(inner) - size, len(inner) - 1)
    )
    rows = (axes * np.sqrt(np.maximum(spread, 0.0))).astype("float32")
    return rows[:n], rows[n:]


def usual(here, y, there):
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
    return model.fit(here, y).predict(there)


def penalty(x, y):
    """The weight that five folds of the source give to half the squares."""
    folds = GridSearchCV(
        LogisticRegression(max_iter=300),
        {"C": (0.3, 1.0, 3.0, 10.0, 30.0)},
        scoring="neg_log_loss",
    ).fit(x, y)
    # Two rows of weights share what one has there, beside a mean of losses.
    return 2.0 / (folds.best_params_["C"] * len(y))


def adapted(spec, x, y, there, decay, seed, epochs):
    keras.utils.set_random_seed(seed)
    model = kg.tabular_classifier(x.shape[1:], 2, depth=0, dropout=0.0)
    method = create("method", spec, model, kg.Classification(2))
    # Momentum multiplies what a gradient moves, but not the decay.
    momentum = 0.9
    method.compile(
        {
            "name": "sgd",
            "learning_rate": 2.0,
            "momentum": momentum,
            "weight_decay": decay / (1.0 - momentum),
        }
    )
    return learn(method, x, y, there, seed=seed, batch=1000, epochs=epochs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("methods", nargs="*", default=list(METHODS))
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--develop", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.data, args.seeds, args.epochs = None, 1, 1
    known = opinions(args.data, DEVELOP if args.develop else DOMAINS)
    pairs = list(itertools.permutations(known, 2))
    found = [
        np.mean(usual(*known[a], known[b][0]) == known[b][1]) for a, b in pairs
    ]
    line("usual: tf-idf, logistic", [found], np.mean(found))
    base = np.mean(found)
    more = []
    if args.data:
        more = [
            row["text"]
            for name in OUTSIDE
            for row in read(args.data / "text_sentences", name)
        ]
    every = [text for texts, _ in known.values() for text in texts]
    wide = vectors(every + more, 200, 5 if more else 2) if more else None
    for kind in ("own", "outside") if more else ("own",):
        ready = {}
        for a, b in pairs:
            here, there = known[a][0], known[b][0]
            ready[a, b] = features(
                here,
                there,
                vectors(here + there, 100, 2) if kind == "own" else wide,
            )
        decays = {
            (a, b): penalty(ready[a, b][0], known[a][1]) for a, b in pairs
        }
        told = {}
        for name in args.methods:
            start = time.time()
            told[name] = [
                [
                    adapted(
                        METHODS[name],
                        ready[a, b][0],
                        known[a][1],
                        ready[a, b][1],
                        decays[a, b],
                        seed,
                        args.epochs,
                    )
                    for a, b in pairs
                ]
                for seed in range(args.seeds)
            ]
            rows = hits(told[name], pairs, known)
            line(f"{kind}: {name}", rows, base, time.time() - start)
        names = [n for n in args.methods if METHODS[n]["name"] != "erm"]
        if len(names) > 1:
            both = [
                [sum(map(shares, logits)) for logits in zip(*one, strict=True)]
                for one in zip(*(told[n] for n in names), strict=True)
            ]
            line(f"{kind}: both", hits(both, pairs, known), base)


def shares(logits):
    return scipy.special.softmax(logits, -1)


def hits(told, pairs, known):
    return [
        [
            np.mean(logits.argmax(-1) == known[b][1])
            for logits, (_, b) in zip(row, pairs, strict=True)
        ]
        for row in told
    ]


def line(name, rows, base, seconds=0.0):
    each = " ".join(f"{v:.3f}" for v in np.mean(rows, 0))
    print(
        f"{name:24} {interval(np.mean(rows, 1))}  ({each}), gain over the "
        f"usual {np.mean(rows) - base:+.3f}, "
        f"{seconds / len(rows):.0f} s a seed",
        flush=True,
    )


if __name__ == "__main__":
    main()
