"""export: a trained model -> a SavedModel that TensorFlow Serving takes."""

import datetime
import io
import json
import os
import pathlib
import platform

import keras
import numpy as np
import PIL.Image
import tensorflow as tf

from kerasgen.core import atomic_folder, create, message, say, snake
from kerasgen.serve.predictor import RAW, TENSORS, Predictor, spelt
from kerasgen.serve.verify import fresh_answers, largest_gap
from kerasgen.serve.warmup import write_warmup

TOLERANCE = 1e-5
_EXAMPLES = 32


def export(model, data, folder, *, report=None, name=None, adapt=None):
    """Writes the next numbered version of a served model, and checks it.

    Two signatures are served, for any batch size: `serving_default` takes raw
    examples, `tensors` takes prepared ones (`x`). Both give `label`, `class`,
    `probability` and `logits`, or `value` for a regression, or `mask` and
    `probability` for a segmentation.

    Raw examples are `image`, the bytes of PNG, JPEG, BMP or GIF files; or one
    input for each column; or `text` (batch,); `tokens` (batch, time) and
    `audio` (batch, samples) in [-1, 1] at the data's rate, both filled or cut
    to the data's length; or `video` (batch, frames, height, width, channels)
    in the data's range.

    A fresh process that imports TensorFlow alone must give the answers of the
    model in memory; only then the version takes its name.

    An adapter is served with the weights that it has by now, and normalises
    each request by that request's own statistics: send batches, or set its
    `prior`. It learns no further. Requests run side by side on several
    machines, and a version of a model must be what was tested: weights that
    move belong in a process that owns them (`adapter.predict`), from which
    the next version is exported.

    Args:
        model: keras.Model from prepared tensors to logits, or an adapter
            around one.
        data: Data.
        folder: path for the versions; this one is `folder/1`, or the next
            number.
        report: Report whose headline goes into the card, or None.
        name: str, the model's name in the warm-up requests; None takes the
            folder's.
        adapt: an adapter that learns no weights, its name or description,
            such as {"name": "batch_statistics", "prior": 32}, to be put
            around the model; or None.

    Returns:
        pathlib.Path of the version's folder.

    Raises:
        ValueError: for a model that isn't built, doesn't fit the data, or
            answers NaN.
        OSError: for a folder that can't be written.
        RuntimeError: where the fresh process fails or differs by more than
            1e-5, relative to numbers beyond one; no version is left behind.

    Source:
        TensorFlow Serving's layout of versions, signatures and warm-up data.

    Example:
        >>> import tempfile, kerasgen as kg
        >>> data = kg.data.load("wine")
        >>> model = kg.tabular_classifier(data.shape, 3, size="tiny")
        >>> export(model, data, tempfile.mkdtemp()).name
        '1'
    """
    folder = pathlib.Path(folder)
    model, adapted = _plain(model, adapt)
    predictor = Predictor(model, data)
    path = folder / str(_next(folder))
    feeds = {RAW: raw_feeds(data, _EXAMPLES)}
    count = len(next(iter(feeds[RAW].values())))
    feeds[TENSORS] = {"x": data.tensors("test", limit=count)[0]}
    memory = _memory(model, data, feeds)
    signatures = predictor.signatures()
    with atomic_folder(path) as scratch:
        tf.saved_model.save(predictor, str(scratch), signatures=signatures)
        served = fresh_answers(scratch, feeds)
        gap = largest_gap(memory, served)
        if not gap <= TOLERANCE:
            raise RuntimeError(
                message(
                    "export",
                    "the served model must agree with the one in memory within "
                    f"{TOLERANCE:g}",
                    {"largest difference": gap},
                )
            )
        one = [
            (key, {k: v[:1] for k, v in f.items()}) for key, f in feeds.items()
        ]
        write_warmup(scratch, name or folder.resolve().name, one)
        parity = {"examples": count, "max_difference": gap}
        inputs = {RAW: predictor.raw_specs(), TENSORS: predictor.tensor_specs()}
        outputs = {
            key: made.structured_outputs for key, made in signatures.items()
        }
        specs = {
            key: {
                "inputs": _specs(inputs[key]),
                "outputs": _specs(outputs[key]),
            }
            for key in signatures
        }
        card = _card(model, data, report, specs, parity)
        card["adapts"] = adapted
        (scratch / "card.json").write_text(json.dumps(card, indent=2), "utf-8")
    say("Exported %s: a fresh process agrees within %.1e", path, gap)
    return path


def _plain(model, adapt):
    """The model to serve, and how it adapts to a request."""
    if adapt is not None:
        model = create("adapter", adapt, model)
        if model.learns:
            raise ValueError(
                message(
                    "export",
                    "an adapter that learns must have seen its data",
                    {"adapt": adapt},
                    "Let it predict them, and export the adapter itself.",
                )
            )
    if not hasattr(model, "served"):
        return model, None
    config = {name: getattr(model, name) for name in ("alpha", "prior")}
    return model.served(), {"name": snake(type(model).__name__), **config}


def raw_feeds(data, limit):
    """Takes raw test examples in the form that a client would send.

    Args:
        data: Data.
        limit: int, at most so many.

    Returns:
        dict of input name to array; images are the bytes of PNG files.
    """
    if data.schema.kind != "image":
        raw = data.raw("test", limit=limit)
        if data.schema.kind == "table":
            return {name: np.asarray(values) for name, values in raw.items()}
        texts = data.schema.kind in ("text", "tokens")
        raw = np.asarray(raw, dtype=object if texts else "float32")
        return {data.schema.kind: raw}
    pixels = _pixels(data, limit)
    files = np.empty(len(pixels), dtype=object)
    for index, image in enumerate(pixels):
        file = io.BytesIO()
        image = image[..., 0] if image.shape[-1] == 1 else image
        PIL.Image.fromarray(image).save(file, "PNG")
        files[index] = file.getvalue()
    return {"image": files}


def _pixels(data, limit):
    """Raw images as the 8-bit pixels of a file."""
    low, high = data.schema.low, data.schema.high
    pixels = np.asarray(data.raw("test", limit=limit), "float64")
    pixels = (pixels - low) * (255.0 / (high - low))
    return np.clip(np.round(pixels), 0, 255).astype("uint8")


def _memory(model, data, feeds):
    """The answers without files and without any export: Keras, eagerly.

    On the processor, as in the fresh process: a GPU rounds in other places.
    """
    if data.schema.kind == "image":
        low, high = data.schema.low, data.schema.high
        raw = low + _pixels(data, _EXAMPLES) * ((high - low) / 255.0)
        raw = raw.astype("float32")
    else:
        raw = {name: tf.constant(v) for name, v in feeds[RAW].items()}
        raw = raw if data.schema.kind == "table" else raw[data.schema.kind]
    found, model = {}, data.task.answering(model)
    with tf.device("CPU:0"):
        prepared = {
            RAW: data.prepare(raw, training=False),
            TENSORS: feeds[TENSORS]["x"],
        }
        for name, x in prepared.items():
            answer = data.task.predict(model(x, training=False))
            found[name] = {
                k: keras.ops.convert_to_numpy(v) for k, v in answer.items()
            }
    for answer in found.values():
        if "tokens" in answer:
            answer["text"] = np.array(data.task.texts(answer["tokens"]))
        for name, values in answer.items():
            if values.dtype.kind in "US":
                continue
            if not np.isfinite(values).all():
                raise ValueError(
                    message(
                        "export",
                        f"the model's `{name}` must be finite on test examples",
                        {"not finite": int((~np.isfinite(values)).sum())},
                    )
                )
        if data.labels and "label" in answer:
            place = answer["label"]
            named = np.array(data.labels)[np.maximum(place, 0)]
            answer["class"] = np.where(place < 0, "", named)
        for name, texts in spelt(data.task, answer).items():
            answer[name] = np.char.decode(texts.numpy().astype("S"), "utf-8")
    return found


def _next(folder):
    """The number of the next version, in a folder that can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = [path.name for path in folder.iterdir()]
    except OSError as error:
        raise OSError(_unwritable(folder, error)) from error
    if not os.access(folder, os.W_OK):
        raise PermissionError(_unwritable(folder, "read-only"))
    return max((int(n) for n in names if n.isdecimal()), default=0) + 1


def _unwritable(folder, cause):
    return message(
        "export",
        "the folder must be one that can be written",
        {"folder": str(folder), "cause": str(cause)},
        "Choose another folder.",
    )


def _card(model, data, report, specs, parity):
    """What somebody who finds the folder must know."""
    card = {
        "name": data.name,
        "created": datetime.datetime.now(datetime.UTC).isoformat(
            timespec="seconds"
        ),
        "task": {"name": type(data.task).__name__, **data.task.get_config()},
        "classes": list(data.labels),
        "schema": data.schema.to_dict(),
        "signatures": specs,
        "parameters": int(model.count_params()),
        "data_fingerprint": data.fingerprint(),
        "parity": parity,
        "versions": {
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
        },
        "report": None,
    }
    if report is not None:
        card["report"] = [
            row.to_dict()
            for row in report.rows
            if row.probe in ("clean", "folds")
        ]
    return card


def _specs(tree):
    return {
        name: {
            "dtype": spec.dtype.name,
            "shape": [None if d is None else int(d) for d in spec.shape],
        }
        for name, spec in sorted(tree.items())
    }
