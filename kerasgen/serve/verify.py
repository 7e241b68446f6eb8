"""Does a fresh process that knows TensorFlow alone give the same answers?"""

import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

from kerasgen.core import message

# Two probabilities so near are a tie: any of them may be the answer.
_TIE = 1e-4
_SCRIPT = """
import sys
import numpy as np
import tensorflow as tf

folder, inputs, outputs = sys.argv[1:]
model = tf.saved_model.load(folder)
found = {}
with np.load(inputs) as given:
    for signature in ("serving_default", "tensors"):
        feeds = {}
        for key in given.files:
            owner, name = key.split("/", 1)
            if owner != signature:
                continue
            value = given[key]
            if value.dtype.kind == "S":
                sizes = given["sizes/" + key]
                flat, ends = value.tobytes(), np.cumsum(sizes)
                value = np.empty(sizes.size, dtype=object)
                for i, (size, end) in enumerate(zip(sizes.flat, ends)):
                    value[i] = flat[end - size : end]
                value = value.reshape(sizes.shape)
            feeds[name] = tf.constant(value)
        answer = model.signatures[signature](**feeds)
        for name, value in answer.items():
            value = value.numpy()
            if value.dtype == object:
                words = [v.decode() for v in value.flat]
                value = np.array(words, "U").reshape(value.shape)
            found[signature + "/" + name] = value
np.savez(outputs, **found)
"""


def fresh_answers(folder, feeds):
    """Asks a SavedModel in a process of its own.

    Args:
        folder: path of the SavedModel.
        feeds: dict of signature name to dict of input name to array; bytes
            and texts are arrays of objects.

    Returns:
        dict of signature name to dict of output name to array.

    Raises:
        RuntimeError: where the process fails, with what it wrote.
    """
    given = {}
    for signature, inputs in feeds.items():
        for name, values in inputs.items():
            values = np.asarray(values)
            key = f"{signature}/{name}"
            if values.dtype.kind in "OSU":
                parts = [
                    v if isinstance(v, bytes) else str(v).encode()
                    for v in values.flat
                ]
                sizes = np.array([len(p) for p in parts], "int64")
                given[f"sizes/{key}"] = sizes.reshape(values.shape)
                # One long text: arrays of bytes lose their trailing zeros.
                values = np.frombuffer(b"".join(parts) or b"\0", "S1")
            given[key] = values
    with tempfile.TemporaryDirectory() as scratch:
        inputs = pathlib.Path(scratch, "inputs.npz")
        outputs = pathlib.Path(scratch, "outputs.npz")
        np.savez(inputs, **given)
        done = subprocess.run(
            # -P: a file `tensorflow.py` in this folder must not be taken.
            [
                *(sys.executable, "-P", "-c", _SCRIPT),
                *map(str, (pathlib.Path(folder).resolve(), inputs, outputs)),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            # On the processor, so that a busy GPU can't stop an export.
            env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1"},
        )
        if done.returncode:
            raise RuntimeError(
                message(
                    "export",
                    "a fresh process must be able to ask the SavedModel; "
                    f"it said: {done.stderr.strip()[-2000:]}",
                )
            )
        found = {signature: {} for signature in feeds}
        with np.load(outputs) as archive:
            for key in archive.files:
                signature, name = key.split("/", 1)
                found[signature][name] = archive[key]
    return found


def largest_gap(first, second):
    """Compares answers.

    Args:
        first: dict of signature name to dict of output name to array.
        second: the same.

    Returns:
        float, the largest difference of two numbers, relative to the first
        where that is greater than one: float32 has seven digits. Whole
        numbers where the two best of `probability` tie don't count. Infinite
        where names, shapes, texts or the places of NaN differ.

    Example:
        >>> largest_gap({"s": {"a": np.ones(2)}}, {"s": {"a": np.zeros(2)}})
        1.0
    """
    gap = 0.0
    for signature in {*first, *second}:
        one, two = first.get(signature, {}), second.get(signature, {})
        if set(one) != set(two):
            return float("inf")
        for name in one:
            a, b = np.asarray(one[name]), np.asarray(two[name])
            if a.shape != b.shape:
                return float("inf")
            if a.dtype.kind in "OSU":
                if not np.array_equal(a.astype(str), b.astype(str)):
                    return float("inf")
                continue
            if a.dtype.kind in "iu":
                sure = _sure(a, one.get("probability"))
                a, b = np.where(sure, a, 0), np.where(sure, b, 0)
            gap = max(gap, _gap(a.astype("float64"), b.astype("float64")))
    return gap


def _sure(answer, probability):
    """Where the likeliest class is ahead by more than a rounding."""
    probability = np.asarray(0.0 if probability is None else probability)
    if probability.shape[:-1] != answer.shape or probability.shape[-1:] < (2,):
        return np.ones(answer.shape, bool)
    ranked = np.sort(probability, -1)
    return ranked[..., -1] - ranked[..., -2] > _TIE


def _gap(a, b):
    with np.errstate(invalid="ignore"):
        far = np.abs(a - b) / np.maximum(1.0, np.abs(a))
    far = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, far)
    return float(np.max(np.nan_to_num(far, nan=np.inf), initial=0.0))
