"""evaluate: ask the probes, and keep what the answers rest on."""

import datetime
import hashlib
import platform
import sys
import time
from collections.abc import Mapping

import keras
import numpy as np

from kerasgen.core import create, message, one_of, say, warn, widths
from kerasgen.evaluate.classic import fits_small
from kerasgen.evaluate.cost import device
from kerasgen.evaluate.probe import ask_all
from kerasgen.evaluate.report import Report
from kerasgen.evaluate.shift import named_sets

STANDARD = ("clean", "corruption", "calibration", "subgroup", "cost")


def evaluate(
    model,
    data,
    probes=None,
    *,
    task=None,
    context=None,
    seed=0,
    split="test",
    batch_size=256,
):
    """Asks a trained model all that a report should tell.

    Args:
        model: keras.Model from prepared tensors to logits.
        data: Data.
        probes: list of Probe, of names or of descriptions; None for clean,
            corruption, calibration, subgroup, cost, shift where there are
            named test sets, and beside them a linear model where data are
            small.
        task: Task, or None for the data's own.
        context: dict of what the report should know: `name`, `recipe`,
            `selection`, `history`, `trials`, `seconds`, or None.
        seed: int >= 0, decides the bootstrap's draws.
        split: str, the split that is asked about.
        batch_size: int, the examples predicted at once.

    Returns:
        Report.

    Raises:
        ValueError: for an unknown probe or split, or a model whose output
            doesn't fit the task.

    Example:
        >>> from kerasgen.data import load
        >>> data = load("wine")
        >>> inputs = keras.Input(data.shape)
        >>> model = keras.Model(inputs, keras.layers.Dense(3)(inputs))
        >>> evaluate(model, data, ["clean"]).row("clean/accuracy").n
        35
    """
    task = data.task if task is None else task
    one_of("evaluate", "split", split, list(data.splits))
    check_output(model, task)
    model = task.answering(model)
    start = time.perf_counter()
    if probes is None:
        probes = [*STANDARD, *(["shift"] if named_sets(data, split) else [])]
        probes += ["classic"] if fits_small(data, task) else []
    probes = [create("probe", spec, seed=seed) for spec in probes]
    answer = ask_all(probes, model, data, task, split, batch_size)
    context = dict(context or {})
    seconds = {"evaluate": round(time.perf_counter() - start, 3)}
    if isinstance(context.get("seconds"), (int, float)):
        seconds["train"] = context.pop("seconds")
    seconds.update(context.pop("seconds", None) or {})
    own = _circumstances(data, task, split, probes, seed)
    context = {**own, "seconds": seconds, **context}
    say("evaluate: %.1f s", seconds["evaluate"])
    return Report(answer.rows, context, answer.tables, answer.examples)


def _circumstances(data, task, split, probes, seed):
    """What every report tells about how it came to be."""
    summary = data.summary(strict=False)
    for pair, count in summary.get("leaks", {}).items():
        warn(
            "%s: %d examples are in two splits (%s); numbers on them flatter.",
            data.name,
            count,
            pair,
        )
    now = datetime.datetime.now(datetime.UTC)
    return {
        "name": data.name,
        "created": now.isoformat(timespec="seconds"),
        "split": split,
        "n": len(data.splits[split].ids),
        "task": {"name": type(task).__name__, **task.get_config()},
        "data": {"name": data.name, **summary},
        "fingerprint": fingerprint(data, split),
        "seeds": {"data": data.seed, "evaluate": seed},
        "probes": [
            {"name": probe.name, **probe.get_config()} for probe in probes
        ],
        "versions": versions(),
        "platform": platform.platform(),
        "device": device(),
    }


def check_output(model, task):
    """Checks that a model answers what a task asks.

    Args:
        model: keras.Model.
        task: Task.

    Raises:
        ValueError: where the output's width isn't the task's.

    Example:
        >>> inputs = keras.Input((4,))
        >>> model = keras.Model(inputs, keras.layers.Dense(2)(inputs))
        >>> from kerasgen.core import create
        >>> check_output(model, create("task", "classification"))
    """
    found, units = widths(model), getattr(task, "units", None)
    if found is not None and units and found != units:
        raise ValueError(
            message(
                "evaluate",
                f"the model's output must have {units} units for this task",
                {"outputs": found},
            )
        )


def fingerprint(data, split="test"):
    """Digests the examples of one split: paired comparisons need the same.

    Args:
        data: Data.
        split: str.

    Returns:
        str, 64 hexadecimal digits.

    Example:
        >>> from kerasgen.data import load
        >>> len(fingerprint(load("wine")))
        64
    """
    examples = data.splits[split]
    digest = hashlib.sha256(f"{data.schema.kind}/{len(examples.ids)}".encode())
    fields = []
    for name in ("x", "y", "ids"):
        values = getattr(examples, name)
        several = isinstance(values, Mapping)
        fields += sorted(values.items()) if several else [(name, values)]
    for name, values in fields:
        if values is None:
            # Examples without labels.
            continue
        values = np.asarray(values)
        digest.update(f"{name}/{values.shape}".encode())
        if values.dtype.kind in "OUS":
            # Of a file the last folder and the name, wherever the data lie.
            tails = ["/".join(_words(value)[-2:]) for value in values]
            digest.update("\0".join(tails).encode())
        else:
            digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def _words(value):
    value = value.decode() if isinstance(value, bytes) else str(value)
    return value.replace("\\", "/").split("/")


def versions():
    """Lists the versions that a report was made with.

    Returns:
        dict of name to version.

    Example:
        >>> sorted(versions())
        ['keras', 'kerasgen', 'numpy', 'python', 'tensorflow']
    """
    backend = sys.modules.get(keras.backend.backend())
    own = sys.modules["kerasgen"]
    return {
        "kerasgen": getattr(own, "__version__", "unknown"),
        "python": platform.python_version(),
        keras.backend.backend(): getattr(backend, "__version__", "unknown"),
        "keras": keras.__version__,
        "numpy": np.__version__,
    }
