"""A report as TensorBoard scalars, text and hyperparameters."""

import pathlib
from collections.abc import Mapping

import tensorflow as tf
from tensorboard.plugins.hparams import api

from kerasgen.evaluate.plots import epochs_of
from kerasgen.evaluate.terminal import text


def write_events(report, folder):
    """Writes a report as TensorBoard events.

    Rows are scalars; a corruption is a curve over severities. The run's
    learning curves are scalars over epochs. Hyperparameters come from the
    recipe; each trial of a search is a run of its own.

    Args:
        report: Report.
        folder: path of the log folder.

    Returns:
        pathlib.Path, the same.
    """
    folder = pathlib.Path(folder)
    with _writer(folder):
        for row in report.rows:
            _row(row)
        for name, steps in _curves(report.context.get("history")).items():
            for step, value in steps:
                tf.summary.scalar(f"epoch/{name}", value, step)
        block = "\n".join(f"    {line}" for line in text(report).splitlines())
        tf.summary.text("report", block, 0)
        api.hparams(_flat(report.context.get("recipe")), folder.name or "run")
    for trial in report.context.get("trials") or ():
        _trial(trial, folder)
    return folder


def _writer(folder):
    folder.mkdir(parents=True, exist_ok=True)
    return tf.summary.create_file_writer(str(folder)).as_default(step=0)


def _row(row):
    if row.value is None:
        return
    parts = [f"{v}" for k, v in row.slice.items() if k != "severity"]
    tag = "/".join([row.key, *parts])
    step = int(row.slice.get("severity", 0))
    tf.summary.scalar(tag, row.value, step)
    if row.low is not None:
        tf.summary.scalar(f"{tag}/low", row.low, step)
        tf.summary.scalar(f"{tag}/high", row.high, step)


def _curves(history):
    found = {}
    for step, epoch in enumerate(epochs_of(history)):
        for name, value in epoch.items():
            if _is_number(value):
                found.setdefault(name, []).append((step, value))
    return found


def _flat(values, prefix=""):
    flat = {}
    for key, value in (values or {}).items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat.update(_flat(value, f"{name}."))
        elif isinstance(value, (str, bool, int, float)):
            flat[name] = value
        elif value is not None:
            flat[name] = str(value)
    return flat


def _trial(trial, folder):
    name = f"trial_{trial.get('trial', 0)}"
    with _writer(folder / name):
        values = {k: v for k, v in trial.items() if "/" not in k}
        api.hparams(_flat(values), name)
        for key, value in trial.items():
            if "/" in key and _is_number(value):
                tf.summary.scalar(key, value, 0)


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)
