"""TFRecord files, described by a mapping or by a JSON file beside them."""

import json
import pathlib

import numpy as np
import tensorflow as tf

from kerasgen.core import message, one_of
from kerasgen.data.dataset import from_dataset
from kerasgen.data.images import decode_image
from kerasgen.data.sounds import decode_sound

SUFFIXES = (".tfrecord", ".tfrecords", ".tfrec")
_TYPES = {"string": tf.string, "int64": tf.int64, "float32": tf.float32}
_FORMS = ("value", "raw", "image", "audio")


def from_records(
    path,
    features=None,
    *,
    target=None,
    kind=None,
    image_size=None,
    channels=None,
    rate=None,
    samples=None,
    cache=None,
):
    """Reads a TFRecord file of `tf.train.Example`.

    Args:
        path: path of a file, or of one with .gz after it.
        features: mapping of feature name to "int64", "float32" or "string",
            or to a mapping with `dtype`, `shape` (of an example) and `form`:
            "value", "raw" (bytes of an array of dtype), "image" or "audio"
            (bytes of a file). None reads them, with `target` and `kind`, from
            the JSON file of the same name, as `write_tfrecord` makes it.
        target: str, the feature to predict; the others are the input.
        kind: str, as in Schema, or None to find it out.
        image_size: pair (height, width), for files of images.
        channels: 1 or 3, for files of images; None takes 3.
        rate: int, samples in a second, for audio.
        samples: int, the length of sounds; None takes the longest.
        cache: path of a folder for what doesn't fit in memory, or None.

    Returns:
        Raw.

    Raises:
        ValueError: for a file that isn't described, a damaged one, or a
            feature that isn't there.
    """
    path = pathlib.Path(path)
    beside = path.with_name(path.name.split(".")[0] + ".json")
    labels = None
    if features is None:
        told = _read_json(beside, path)
        features, target = told["features"], target or told.get("target")
        kind = kind or told.get("kind")
        rate = rate or told.get("rate")
        labels = told.get("labels")
    plan = {name: _feature(name, spec) for name, spec in features.items()}
    one_of("load", "target", target, plan)
    parser = {
        name: tf.io.FixedLenFeature(
            [] if spec["form"] != "value" else spec["shape"],
            tf.string if spec["form"] != "value" else _TYPES[spec["dtype"]],
        )
        for name, spec in plan.items()
    }

    def example(serialized):
        found = tf.io.parse_single_example(serialized, parser)
        found = {
            name: _decode(
                value, plan[name], image_size, channels, rate, samples
            )
            for name, value in found.items()
        }
        y = found.pop(target)
        only = next(iter(found.values()))
        table = kind == "table" or len(found) > 1
        return (found if table else only), y

    packed = "GZIP" if path.suffix == ".gz" else ""
    data = tf.data.TFRecordDataset(str(path), packed).map(example)
    try:
        raw = from_dataset(
            data,
            kind=kind,
            rate=rate,
            samples=samples,
            cache=cache,
            name=path.name.split(".")[0],
        )
    except ValueError as error:
        raise ValueError(f"{error} File: {path}") from error
    raw.labels = tuple(labels) if labels else None
    return raw


def _read_json(beside, path):
    try:
        told = json.loads(beside.read_text("utf-8"))
        return {**told, "features": dict(told["features"])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            message(
                "load",
                f"{path} must be described, by `features` or by {beside.name} "
                "beside it",
                {"error": error},
                'Pass features={"image": "string", "label": "int64"}.',
            )
        ) from error


def _feature(name, spec):
    spec = {"dtype": spec} if isinstance(spec, str) else dict(spec)
    spec = {"shape": [], "form": "value", **spec}
    one_of("load", f"form of {name}", spec["form"], _FORMS)
    if spec["form"] == "value":
        one_of("load", f"dtype of {name}", spec["dtype"], _TYPES)
    return spec


def _decode(value, spec, image_size, channels, rate, samples):
    form = spec["form"]
    if form == "raw":
        value = tf.io.decode_raw(value, spec["dtype"])
        return tf.reshape(value, spec["shape"])
    if form == "image":
        if image_size is None:
            image = tf.io.decode_image(
                value, channels or 3, expand_animations=False
            )
            image.set_shape((None, None, channels or 3))
            return image
        return decode_image(value, (*image_size, channels or 3))
    if form == "audio":
        if samples is None or rate is None:
            raise ValueError(
                message(
                    "load",
                    "sounds in records must have a length and a rate",
                    {"seconds": samples, "sample_rate": rate},
                    "Pass seconds= and sample_rate=.",
                )
            )
        return decode_sound(value, samples, rate)
    return value


def write_tfrecord(arrays, path, *, kind=None, rate=None, labels=None):
    """Writes arrays as a TFRecord file, and the JSON that describes it.

    Args:
        arrays: pair `(x, y)`: array (n, ...) or mapping of columns (n,), and
            array (n, ...).
        path: path of the .tfrecord file; the JSON lies beside it.
        kind: str, as in Schema, or None to leave it to `load`.
        rate: int, samples in a second, for audio.
        labels: list of str, the names of the classes, or None.

    Returns:
        pathlib.Path of the file.

    Example:
        >>> import tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "a.tfrecord")
        >>> path = write_tfrecord((np.zeros((4, 2, 2)), [0, 1, 0, 1]), path)
        >>> from_records(path).x.shape
        (4, 2, 2, 1)
    """
    path = pathlib.Path(path)
    x, y = arrays
    columns = dict(x.items()) if hasattr(x, "keys") else {"x": x}
    target = "y" if "y" not in columns else "target"
    columns[target] = y
    columns = {name: np.asarray(values) for name, values in columns.items()}
    with tf.io.TFRecordWriter(str(path)) as writer:
        for index in range(len(columns[target])):
            features = {
                name: tf.train.Feature(
                    bytes_list=tf.train.BytesList(value=[_bytes(values[index])])
                )
                for name, values in columns.items()
            }
            example = tf.train.Example(
                features=tf.train.Features(feature=features)
            )
            writer.write(example.SerializeToString())
    told = {
        "kind": kind or ("table" if hasattr(x, "keys") else None),
        "target": target,
        "rate": rate,
        "labels": None if labels is None else list(labels),
        "features": {name: _told(v) for name, v in columns.items()},
    }
    beside = path.with_name(path.name.split(".")[0] + ".json")
    beside.write_text(json.dumps(told, indent=2), "utf-8")
    return path


def _bytes(value):
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    return np.asarray(value).tobytes()


def _told(values):
    if values.dtype.kind in "OSU":
        return {"dtype": "string", "shape": [], "form": "value"}
    return {
        "dtype": values.dtype.name,
        "shape": list(values.shape[1:]),
        "form": "raw",
    }
