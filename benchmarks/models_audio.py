"""Spoken digits: classes on the official split, and strings by CTC.

    python benchmarks/models_audio.py --data FOLDER [official] [strings]

Runs `pipelines/spoken_digits.py` and `pipelines/digit_strings.py` and prints
our number: for classes the accuracy, beside that of a logistic regression on
log-mel spectra of the same clips; for strings the share of wrong words (WER).
The folder holds fsdd/fsdd.npz. Speakers that training never heard are
`benchmarks/speakers.py`. `--smoke` takes seconds, on tones.
"""

import argparse
import os
import pathlib
import runpy
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

PIPELINES = pathlib.Path(__file__).parents[1] / "pipelines"
NAMES = ("official", "strings")


def linear(data):
    """Accuracy of a logistic regression on 20 frames of 20 mel bands."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    import kerasgen as kg

    prepare = kg.data.prepare.LogMel(8000, window=0.04, hop=0.02, mels=20)

    def rows(split):
        x, y = data.tensors(split)
        parts = [prepare(x[i : i + 512]) for i in range(0, len(x), 512)]
        found = np.concatenate(parts)
        return found.reshape(len(x), -1), y

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
    model.fit(*rows("train"))
    return model.score(*rows("test"))


def one(name, smoke):
    """Runs a pipeline; gives its report's row and the peer's number."""
    import kerasgen as kg

    file = {"official": "spoken_digits", "strings": "digit_strings"}[name]
    recipe = runpy.run_path(str(PIPELINES / f"{file}.py"))["recipe"]
    with tempfile.TemporaryDirectory() as folder:
        found = kg.run(recipe, folder, smoke=smoke, verbose=2)
    key = {"official": "clean/accuracy", "strings": "clean/wer"}[name]
    peer = linear(found.data) if name == "official" else None
    return found.report.row(key), peer


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(NAMES))
    parser.add_argument("--data", type=pathlib.Path, help="folder of the sets")
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    # The pipelines read where the data are; a folder without any is a smoke.
    folder = "/nowhere" if args.smoke else args.data or "data"
    os.environ["KERASGEN_DATA"] = str(folder)
    for name in args.names:
        start = time.time()
        row, peer = one(name, args.smoke)
        beside = "" if peer is None else f"  logistic regression {peer:.3f}"
        print(
            f"{name:9} {row.metric} {row.value:.3f} "
            f"[{row.low:.3f}, {row.high:.3f}] n={row.n}{beside}  "
            f"{(time.time() - start) / 60:.1f} min",
            flush=True,
        )


if __name__ == "__main__":
    main()
