"""Preview: a contact sheet of examples before and after augmentation."""

import pathlib
import warnings
from collections.abc import Mapping

import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure

from kerasgen.core import Int, atomic_write, child_seed, message, one_of
from kerasgen.data.examples import map_values
from kerasgen.data.fetch import read_examples
from kerasgen.data.sheet import draw
from kerasgen.data.stream import STAGES

_DPI = 110


def preview(data, path, augment=(), split="train", count=8, seed=0):
    """Draws examples, before and after augmentation, with their labels.

    Images and videos are shown as they are (masks in colours over them),
    sounds as spectrograms, texts and tables with what changed highlighted.
    Where an augmentation works on what `prepare` gives, both sides of sounds,
    texts and tables show that; images and videos are shown raw.

    Args:
        data: Data.
        path: path of the PNG file to write.
        augment: list of Augment, as `Data.batches` takes it; none shows the
            examples alone.
        split: str, the split's name.
        count: int from 1 to 64, how many examples.
        seed: int, decides which examples, and the draws.

    Returns:
        pathlib.Path of the file.

    Raises:
        ValueError: for an unknown split, a count out of range, or an
            augmentation for other data.

    Example:
        >>> import kerasgen as kg, pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "sheet.png")
        >>> data = kg.data.load("digits")
        >>> preview(data, path, [kg.augment.Rotate()], count=2).name
        'sheet.png'
    """
    one_of("preview", "split", split, data.splits)
    Int(1, 64).check("preview", "count", count)
    _check_kinds(data, augment)
    examples = data.splits[split]
    random = np.random.default_rng(child_seed(seed, "preview"))
    count = min(count, len(examples))
    places = np.sort(random.choice(len(examples), count, replace=False))
    sides = _sides(data, examples.take(places), augment, seed)
    figure = Figure(dpi=_DPI, facecolor="white")
    draw(figure, data, sides)
    with atomic_write(path, "wb") as file, warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box.
        warnings.filterwarnings("ignore", "Glyph .* missing")
        figure.savefig(file, format="png", facecolor="white")
    return pathlib.Path(path)


def _check_kinds(data, augment):
    fits = (None, data.schema.kind.replace("tokens", "text"))
    for part in augment:
        if part.kind not in fits:
            raise ValueError(
                message(
                    "preview",
                    f"{type(part).__name__} is for {part.kind} data",
                    {"data": data.schema.kind},
                )
            )


def _sides(data, examples, augment, seed):
    """Fields before and, where there is an augmentation, after it."""
    raw = read_examples(data.schema, examples)
    fields = {"x": _tensors(raw)}
    several = isinstance(examples.y, Mapping)
    if examples.y is not None and not several:
        fields["y"] = _tensor(np.asarray(examples.y))
    before = fields
    known = {
        "high": data.schema.high,
        "sample_rate": data.schema.rate,
        "classes": data.classes,
    }
    parts = [part.bind(**known) for part in augment]
    pictures = data.schema.kind in ("image", "video")
    late = any(part.stage != "raw" for part in parts)
    prepared = False
    for stage in STAGES:
        if stage == "prepared" and late:
            if pictures:
                # What is standardised can't be looked at; the same moves can.
                fields = {**fields, "x": tf.cast(fields["x"], tf.float32)}
            else:
                before, fields = (_prepared(data, f) for f in (before, fields))
                prepared = True
        for place, part in enumerate(parts):
            if part.stage == stage:
                key = tf.constant([child_seed(seed, "preview", place), 0])
                fields = part(fields, key)
    sides = [before, fields] if parts else [before]
    # Augmentations change one label, not one of several outputs.
    own = {"y": examples.y} if several else {}
    return [{**_arrays(side), **own, "prepared": prepared} for side in sides]


def _prepared(data, fields):
    return {**fields, "x": data.prepare(fields["x"], training=False)}


def _tensors(raw):
    return map_values(lambda v: _tensor(np.asarray(v)), raw)


def _tensor(values):
    if values.dtype.kind in "OU":
        values = values.astype(object)
    return tf.constant(values)


def _arrays(fields):
    return {
        name: map_values(lambda t: _plain(t.numpy()), value)
        for name, value in fields.items()
    }


def _plain(values):
    """Strings come out of TensorFlow as bytes."""
    if values.dtype.kind not in "OS":
        return values
    flat = [
        v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v)
        for v in values.ravel()
    ]
    return np.array(flat, dtype=object).reshape(values.shape)
