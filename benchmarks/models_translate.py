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
        data.shape,
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
    batches = data.batches("train", args.batch)
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
