"""German captions of pictures to English: BLEU of Multi30k.

    python benchmarks/models_translate.py --data FOLDER [--epochs 10]

29,000 pairs train; BLEU (13a words, without regard to case, beams of 4) is
that of test2016, and of the MSCOCO set as a shift. Published, from scratch on
the same pairs: a GRU with attention 28.1, a Transformer of 3 blocks of 256
36.5. After each `--every` epochs a line is printed, with greedy search on the
first 200 of test2016, and at the end the whole. The folder holds multi30k;
`--smoke` takes a toy language and a minute.
"""

import argparse
import dataclasses
import gzip
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402

import kerasgen as kg  # noqa: E402
from kerasgen.core import create  # noqa: E402
from kerasgen.data.target_text import number_texts  # noqa: E402

PUBLISHED = {"gru": 28.1, "transformer": 36.5}


def captions(folder, name):
    """German and English captions."""
    path = folder / "multi30k" / f"{name}.en-de-fr.tsv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    return [row[1] for row in rows], [row[0] for row in rows]


def loaded(folder, search):
    """The pairs as Data."""
    if folder is None:
        source, tests, length = kg.data.synthetic.pairs(800), None, 10
    else:
        source = captions(folder, "train")
        tests = {
            "test": captions(folder, "test_2016_flickr"),
            "mscoco": captions(folder, "test_2017_mscoco"),
        }
        length = 40
    return kg.data.load(
        source,
        kind="pairs",
        tests=tests,
        split=(0.96, 0.02, 0.02, 0.2),
        task=kg.Translation(length=length, search=search),
        prepare=[
            {"name": "clean_text", "punctuation": "split"},
            {"name": "words", "length": length, "least": 2},
        ],
    )


def by_length(data, batch, seed):
    """Batches of pairs of about one length, each cut to its longest."""
    import tensorflow as tf

    random = np.random.default_rng(seed)
    source, y = data.tensors("train")
    target = number_texts(data.task, y)
    sizes = (target > 0).sum(1) + (source > 0).sum(1)

    def cut(x):
        # Few different lengths, so that few graphs are traced.
        return x[:, : min(x.shape[1], -(-int((x > 0).sum(1).max()) // 8) * 8)]

    def epoch():
        order = random.permutation(len(source))
        blocks = np.array_split(order, max(1, len(order) // (batch * 50)))
        order = np.concatenate([b[np.argsort(sizes[b])] for b in blocks])
        starts = random.permutation(np.arange(0, len(order), batch))
        for start in starts:
            rows = order[start : start + batch]
            words = cut(target[rows])
            before = np.pad(words, ((0, 0), (1, 0)), constant_values=2)
            x = {"source": cut(source[rows]), "target": before[:, :-1]}
            yield x, words

    spec = tf.TensorSpec((None, None), tf.int32)
    signature = ({"source": spec, "target": spec}, spec)
    made = tf.data.Dataset.from_generator(epoch, output_signature=signature)
    steps = -(-len(source) // batch)
    return made.apply(tf.data.experimental.assert_cardinality(steps))


def bleu(model, data, split, limit=None, batch=100, **search):
    """BLEU of a split."""
    task = dataclasses.replace(data.task, **search)
    x, y = data.tensors(split, limit)
    writes = task.answering(model)
    tokens = np.concatenate(
        [
            writes.predict_on_batch(x[i : i + batch])
            for i in range(0, len(x), batch)
        ]
    )
    values = task.headline.values(y, tokens)
    return task.headline.reduce_values(values)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--body", default="transformer")
    parser.add_argument("--size", default="base")
    parser.add_argument("--method", default="erm")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.data, args.epochs, args.size = None, 2, "tiny"
    data = loaded(args.data, "beam")
    keras.utils.set_random_seed(0)
    model = kg.seq2seq(
        (None,),
        data.prepare.layers[-1].vocabulary,
        data.task.units,
        body=args.body,
        size=args.size,
        dropout=args.dropout,
    )
    print(f"{model.count_params():,} parameters, {data}", flush=True)
    method = create("method", args.method, model, data.task)
    steps = args.epochs * -(-len(data.splits["train"]) // args.batch)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=args.rate, warmup_steps=min(400, steps // 4)
    )
    method.compile(keras.optimizers.Adam(rate, beta_2=0.98, clipnorm=1.0))
    batches = by_length(data, args.batch, 0)
    start = time.time()
    for epoch in range(0, args.epochs, args.every):
        last = min(args.epochs, epoch + args.every)
        logs = method.fit(
            batches, initial_epoch=epoch, epochs=last, verbose=0
        ).history
        found = bleu(model, data, "test", 200, search="greedy")
        minutes = (time.time() - start) / 60
        print(
            f"epoch {last}: loss {logs['loss'][-1]:.3f}, BLEU {found:.1f} "
            f"(greedy, 200), {minutes:.1f} min",
            flush=True,
        )
        if minutes > args.minutes:
            break
    for split in ("test", *(n for n in data.splits if n == "mscoco")):
        print(
            f"{args.body} {split}: BLEU {bleu(model, data, split):.1f}, "
            f"published {PUBLISHED.get(args.body, float('nan'))} on test2016",
            flush=True,
        )


if __name__ == "__main__":
    main()
