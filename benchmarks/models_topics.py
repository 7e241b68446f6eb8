"""Words of texts that were held back, told by topics: perplexity.

    python benchmarks/models_topics.py --data FOLDER [--topics 20] [--seeds 1]

Document completion, the same for all: topics are learnt on whole training
texts; of each test text every second word is seen, and the others are to be
told. scikit-learn's LDA stands beside, and the words' plain frequencies.
Coherence (NPMI of the ten top words of each topic) is counted on the training
texts. The texts are sentences of film pages (SUBJ) and reviews (CR), questions
(TREC) and short messages; the folder holds text_sentences and sms_spam.
`--smoke` takes made texts and seconds.
"""

import argparse
import csv
import gzip
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from common import interval  # noqa: E402
from sklearn.decomposition import LatentDirichletAllocation  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.data.prepare import CleanText, Words  # noqa: E402
from kerasgen.metrics import coherence  # noqa: E402

FILES = (
    *("text_sentences/subj.tsv.gz", "text_sentences/cr.tsv.gz"),
    *("text_sentences/trec.tsv.gz", "sms_spam/sms_spam.tsv.gz"),
)
OURS = {
    "plsa": {"inference": "em", "decoder": "mixture", "prior": 0.1},
    "lda vae": {"decoder": "mixture", "prior": 0.1},
    "prod lda": {"decoder": "product", "prior": 0.3},
}


def texts(folder):
    """Texts, shuffled."""
    if folder is None:
        random = np.random.default_rng(0)
        drawn = random.integers(0, 20, (400, 20))
        drawn += 20 * (np.arange(400) % 4)[:, None]
        return [" ".join(f"w{n}" for n in row) for row in drawn]
    found = []
    for name in FILES:
        with gzip.open(folder / name, "rt", encoding="utf-8") as file:
            rows = list(csv.reader(file, "excel-tab", quoting=csv.QUOTE_NONE))
        found += [row[rows[0].index("text")] for row in rows[1:]]
    order = np.random.default_rng(0).permutation(len(found))
    return [found[i] for i in order]


def numbered(found, size, length=48):
    """Texts as numbers of words, those with four known ones or more."""
    clean = CleanText()(np.array(found, dtype=object)).numpy()
    layer = Words(size=size, length=length).adapt(clean)
    x = layer(clean).numpy()
    # Unknown words are told by nobody.
    x[x == 1] = 0
    x = x[(x > 0).sum(1) >= 4]
    return x, len(layer.vocabulary)


def halved(x):
    """Every second word is seen; the others are held back."""
    rank = np.cumsum(x > 0, 1)
    first = (x > 0) & (rank % 2 == 1)
    return np.where(first, x, 0), np.where(first, 0, x)


def counted(x, size):
    found = np.zeros((len(x), size))
    np.add.at(found, (np.arange(len(x))[:, None], x), 1.0)
    found[:, 0] = 0.0
    return found


def perplexity(logs, held):
    return float(np.exp(-(held * logs).sum() / held.sum()))


def frequencies(train, seen, held, seed, args):
    share = train.sum(0) + 0.1
    logs = np.log(share / share.sum())[None]
    return perplexity(logs, held), np.nan


def peer(train, seen, held, seed, args):
    """scikit-learn's LDA, by batches until it stands still."""
    model = LatentDirichletAllocation(
        args.topics, max_iter=args.rounds, random_state=seed
    )
    model.fit(train)
    words = model.components_ / model.components_.sum(1, keepdims=True)
    told = np.log(model.transform(seen) @ words + 1e-12)
    return perplexity(told, held), tops(words, train)


def tops(words, train):
    order = np.argsort(-words, 1)[:, :10]
    return float(coherence(order.tolist(), train).mean())


def ours(name, x, seen_x, train, held, seed, args):
    keras.utils.set_random_seed(seed)
    size = train.shape[1]
    model = kg.topic_model(size, args.topics, dropout=0.2, **OURS[name])
    head = model.get_layer("head")
    share = train.sum(0) + 0.1
    head.bias.assign(np.log(share / share.sum()))
    method = kg.methods.ERM(model, kg.Topics(args.topics))
    epochs = args.epochs
    rate = keras.optimizers.schedules.CosineDecay(
        args.rate, epochs * -(-len(x) // 256)
    )
    method.compile(keras.optimizers.AdamW(rate, weight_decay=args.decay))
    method.fit(x, np.zeros(len(x)), batch_size=256, epochs=epochs, verbose=0)
    logs = np.concatenate(
        [
            kg.models.word_logs(model, seen_x[i : i + 512])
            for i in range(0, len(seen_x), 512)
        ]
    )
    logits = keras.ops.convert_to_numpy(head.logits + head.bias).copy()
    logits[:, 0] = -np.inf
    return perplexity(logs, held), tops(logits, train)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known = ["frequencies", "lda", *OURS]
    parser.add_argument("names", nargs="*", default=known)
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--topics", type=int, default=20)
    parser.add_argument("--size", type=int, default=4000, help="words")
    parser.add_argument("--rounds", type=int, default=20, help="of the LDA")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--rate", type=float, default=0.01)
    parser.add_argument("--decay", type=float, default=0.0)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.data, args.epochs, args.rounds, args.topics = None, 2, 3, 4
    x, size = numbered(texts(args.data), args.size)
    cut = len(x) * 4 // 5
    seen_x, held_x = halved(x[cut:])
    x = x[:cut]
    train, seen, held = (counted(each, size) for each in (x, seen_x, held_x))
    print(f"{len(x)} texts, {len(held)} tested, {size} words", flush=True)
    for name in args.names:
        start, rows = time.time(), []
        for seed in range(args.seeds):
            if name in OURS:
                row = ours(name, x, seen_x, train, held, seed, args)
            else:
                find = frequencies if name == "frequencies" else peer
                row = find(train, seen, held, seed, args)
            rows.append(row)
            keras.backend.clear_session()
        cost, fits = np.array(rows).T
        print(
            f"{name:12} perplexity {interval(cost)}  coherence "
            f"{interval(fits)}  {(time.time() - start) / 60:.1f} min",
            flush=True,
        )


if __name__ == "__main__":
    main()
