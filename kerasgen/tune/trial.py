"""One trial: train a recipe, and score it on the select split."""

import math
import os
import shutil
import sys
import time
import traceback

import keras

from kerasgen.callbacks import Remembering
from kerasgen.core import message, without_retracing
from kerasgen.evaluate.evidence import gather
from kerasgen.evaluate.selection import RULES, judge, trust
from kerasgen.recipe import build, save_model, train


class Deadline(Remembering):
    """Ends a training when the time is over.

    Args:
        at: float, the time of `time.monotonic()` to end at, or None.

    Example:
        >>> Deadline(None).cut
        False
    """

    def __init__(self, at):
        super().__init__()
        self.at = at
        self.cut = False

    def on_train_batch_end(self, batch, logs=None):
        """Looks at the clock."""
        if self.at is not None and time.monotonic() > self.at:
            self.cut = True
            self.model.stop_training = True


def run_trial(recipe, data, folder, objective, deadline=None, verbose=0):
    """Trains a recipe and scores it on the select split.

    Args:
        recipe: Recipe, complete.
        data: Data.
        folder: pathlib.Path for the trial's files.
        objective: str, the number that ranks.
        deadline: float, the time of `time.monotonic()` to end at, or None.
        verbose: int, as `recipe.train` takes it.

    Returns:
        dict with `status` ("done", "cut" or "failed"), `score`, `select`,
        `epochs`, `seconds`, `history` and `error`.

    Example:
        >>> import pathlib, tempfile, kerasgen as kg
        >>> from kerasgen.recipe import complete, load_data
        >>> recipe = kg.Recipe(data="wine", epochs=1)
        >>> data = load_data(recipe)
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> run_trial(complete(recipe, data), data, folder, "loss")["status"]
        'done'
    """
    begin = time.monotonic()
    watch = Deadline(deadline)
    record = {"status": "done", "score": None, "select": {}, "error": None}
    history = []
    try:
        with without_retracing():
            method, history = _train(recipe, data, folder, watch, verbose)
            select = method.evaluate(
                data.batches("select", 256), verbose=0, return_dict=True
            )
        select = {name: float(value) for name, value in select.items()}
        if objective == "consensus":
            evidence = gather(method.model, data, method.task, features=False)
            evidence.save(folder / "evidence.npz")
            select[objective] = trust(evidence.logits)
        elif objective in RULES:
            select[objective] = judge(
                objective, method.model, data, method.task
            )
        record.update(select=select, score=_finite(select, objective))
        save_model(method.model, folder / "model.keras")
    except Exception as error:  # noqa: BLE001 — any failure is one failed trial
        record.update(status="failed", score=None, error=explain(error))
    if watch.cut and record["status"] == "done":
        record["status"] = "cut"
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)
    keras.backend.clear_session(free_memory=False)
    seconds = round(time.monotonic() - begin, 2)
    return {
        **record,
        "epochs": len(history),
        "seconds": seconds,
        "history": history,
    }


def _train(recipe, data, folder, watch, verbose):
    method = build(recipe, data)
    history = train(
        recipe,
        data,
        method,
        folder=folder / "checkpoints",
        every=max(1, recipe.epochs // 4),
        callbacks=[watch],
        verbose=verbose,
        name=f"trial {folder.name}, epoch",
    )
    return method, history


def _finite(select, objective):
    if not math.isfinite(select[objective]):
        raise FloatingPointError(
            message(
                "tune",
                f"{objective} on the select split must be finite",
                {objective: select[objective]},
            )
        )
    return select[objective]


def explain(error):
    """Words a failure in one paragraph that shows the user's own line.

    Args:
        error: an exception that was caught.

    Returns:
        str: type and message, and the innermost line outside of installed
        packages and of kerasgen.

    Example:
        >>> try:
        ...     int("a")
        ... except ValueError as error:
        ...     explain(error).startswith("ValueError: invalid literal")
        True
    """
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    frames = traceback.extract_tb(error.__traceback__)
    users = [
        frame
        for frame in frames
        if "site-packages" not in frame.filename
        and not frame.filename.startswith((ours, sys.base_prefix, "<frozen"))
    ]
    text = " ".join(f"{type(error).__name__}: {error}".split())
    text = text if len(text) <= 600 else text[:597] + "..."
    if users:
        last = users[-1]
        text += f" — in {last.filename}, line {last.lineno}: {last.line}"
    return text
