"""load: any source -> Data."""

import pathlib

import numpy as np

from kerasgen.core import create, instance, message, nearest, one_of, say
from kerasgen.data.archive import from_builder, from_npz, from_tfds
from kerasgen.data.bundled import NAMES as BUNDLED
from kerasgen.data.bundled import from_sklearn
from kerasgen.data.data import assemble
from kerasgen.data.examples import Examples
from kerasgen.data.folder import from_folder
from kerasgen.data.raw import from_arrays
from kerasgen.data.schema import Column, Schema
from kerasgen.data.splits import NAMES, cut
from kerasgen.data.table import from_csv

_FEW = 20


def load(
    source,
    *,
    target=None,
    task=None,
    group=None,
    image_size=None,
    channels=None,
    split=(0.6, 0.1, 0.1, 0.2),
    seed=0,
    missing="error",
    labels=None,
    name=None,
):
    """Loads data from any source, checks them, and splits them.

    Train, stop, select and test are shuffled and stratified, and share no
    example and no group: early stopping, ranking and the number shown never
    see the same data. Where the source has a test set of its own, that is the
    test split. Class counts are logged.

    Args:
        source: "digits", "breast_cancer", "wine" or "diabetes" (bundled);
            "tfds:NAME"; path of a .csv or .csv.gz, .npz, or folder of images;
            pair `(x, y)` of arrays; mapping with `x` and `y`; a prepared
            builder of TensorFlow Datasets, such as its `ImageFolder`.
        target: str, the column of a CSV file to predict, or int, its place;
            None takes the last.
        task: "classification" or "regression"; None finds it out: texts, and
            up to 20 different whole numbers, are classes.
        group: str, a column of a CSV file, or array (n,): equals stay in one
            split.
        image_size: pair (height, width) to resize image files to.
        channels: 1 or 3, for image files.
        split: tuple of four shares that add up to 1, of train, stop, select
            and test.
        seed: int >= 0.
        missing: "error", or "impute" to let missing cells through; numbers
            then take the train split's median, and an indicator.
        labels: tuple of str, the names of classes 0, 1, ...
        name: str, instead of the source's.

    Returns:
        Data.

    Raises:
        ValueError: for a source that can't be found or read, a column that
            isn't there, labels out of range, missing or infinite values, or a
            class that some split would lack.
        TypeError: for an argument of the wrong type.

    Example:
        >>> data = load((np.eye(40, dtype="float32"), np.arange(40) % 2))
        >>> {name: len(split) for name, split in data.splits.items()}
        {'train': 24, 'stop': 4, 'select': 4, 'test': 8}
    """
    one_of("load", "missing", missing, ("error", "impute"))
    instance("load", "seed", seed, int)
    raw = _read(source, target, group, image_size, channels)
    raw.name = name or raw.name
    if group is not None and raw.group is None:
        raw.group = np.asarray(group).astype(str)
        _same_length(raw.group, raw.count, "group")
    task = _task(raw, task, labels)
    parts = [raw] if raw.test is None else [raw, raw.test]
    for part in parts:
        _check_values(part, missing)
    schema = _schema(raw)
    splits = _split(raw, split, seed)
    if hasattr(task, "classes"):
        _check_counts(raw, task, splits)
    return assemble(raw.name, task, schema, splits, seed, raw.skipped)


def _read(source, target, group, image_size, channels):
    if hasattr(source, "as_dataset"):
        return from_builder(source, image_size)
    if hasattr(source, "keys"):
        for key in ("x", "y"):
            one_of("load", "source must have", key, source.keys())
        return from_arrays(source["x"], source["y"])
    if isinstance(source, (tuple, list)):
        if len(source) != 2:
            raise ValueError(
                message(
                    "load", "arrays must come as (x, y)", {"parts": len(source)}
                )
            )
        return from_arrays(*source)
    instance("load", "source", source, (str, pathlib.Path))
    text = str(source)
    if text in BUNDLED:
        return from_sklearn(text)
    if text.startswith("tfds:"):
        return from_tfds(text.removeprefix("tfds:"), image_size)
    path = pathlib.Path(text)
    if path.is_dir():
        return from_folder(path, image_size, channels)
    if path.is_file() and text.endswith((".csv", ".csv.gz")):
        column = group if isinstance(group, str) else None
        return from_csv(path, target, column)
    if path.is_file() and text.endswith(".npz"):
        return from_npz(path)
    siblings = [p.as_posix() for p in path.parent.glob("*")]
    near = nearest(text, [*BUNDLED, *siblings])
    raise ValueError(
        message(
            "load",
            "`source` must be a bundled name, tfds:NAME, a .csv, .csv.gz or "
            ".npz file, or a folder of images",
            {"source": text},
            f"Did you mean {near!r}?" if near else None,
        )
    )


def _task(raw, wanted, labels):
    """Finds out the task, and turns labels into whole numbers."""
    kinds = ("classification", "regression")
    if wanted is not None:
        one_of("load", "task", wanted, kinds)
    kind = wanted or raw.task or _guess(raw, labels)
    parts = [raw] if raw.test is None else [raw, raw.test]
    for part in parts:
        _check_labels(part)
    if kind == "regression":
        for part in parts:
            if part.y.dtype.kind not in "biuf":
                raise ValueError(
                    message("load", "targets must be numbers", {"y": part.y[0]})
                )
            part.y = part.y.astype("float32")
        return create("task", "regression")
    labels = labels or raw.labels
    if labels is not None and raw.y.dtype.kind in "biuf":
        task = create(
            "task",
            {"name": "classification"},
            classes=len(labels),
            labels=tuple(labels),
        )
        for part in parts:
            task.check(part.y, f"load: {raw.name}")
            part.y = part.y.astype("int64")
        return task
    values = sorted(set(raw.y.tolist()))
    if len(values) < 2:
        raise ValueError(
            message(
                "load", "there must be at least 2 classes", {"classes": values}
            )
        )
    place = {value: index for index, value in enumerate(values)}
    for part in parts:
        strange = sorted(set(part.y.tolist()) - set(place))
        if strange:
            raise ValueError(
                message(
                    "load",
                    "the test set must have the classes of the train set",
                    {"unknown": strange[:5]},
                )
            )
        part.y = np.array([place[value] for value in part.y.tolist()], "int64")
    names = tuple(_text(value) for value in values)
    return create(
        "task", {"name": "classification"}, classes=len(names), labels=names
    )


def _text(value):
    whole = isinstance(value, float) and value == int(value)
    return str(int(value)) if whole else str(value)


def _guess(raw, labels):
    y = raw.y
    if (
        labels is not None
        or raw.labels is not None
        or y.dtype.kind not in "iuf"
    ):
        return "classification"
    if isinstance(raw.x, np.ndarray) and y.dtype.kind in "iu":
        return "classification"
    finite = y[np.isfinite(y)]
    few = len(np.unique(finite)) <= _FEW and np.all(finite == np.floor(finite))
    return "classification" if few else "regression"


def _check_labels(part):
    if part.y.dtype.kind in "f" and not np.isfinite(part.y).all():
        places = np.flatnonzero(~np.isfinite(part.y))
        raise ValueError(
            message(
                "load",
                "labels must not be missing or infinite",
                {"rows": places[:5].tolist(), "count": len(places)},
            )
        )
    if part.y.dtype.kind == "O":
        part.y = np.array([str(value) for value in part.y])


def _check_values(part, missing):
    if isinstance(part.x, np.ndarray):
        if part.x.dtype.kind == "f" and not np.isfinite(part.x).all():
            bad = ~np.isfinite(part.x).all(axis=tuple(range(1, part.x.ndim)))
            raise ValueError(
                message(
                    "load",
                    "pixels must be finite",
                    {
                        "images": np.flatnonzero(bad)[:5].tolist(),
                        "count": bad.sum(),
                    },
                )
            )
        return
    infinite, absent = {}, {}
    for column, values in part.x.items():
        if values.dtype.kind == "f":
            infinite[column] = int(np.isinf(values).sum())
            absent[column] = int(np.isnan(values).sum())
        else:
            absent[column] = int(sum(value == "" for value in values))
    for counts, what, remedy in (
        (infinite, "infinite", "Mend them, or make them missing."),
        (absent, "missing", 'Pass missing="impute".'),
    ):
        counts = {name: n for name, n in counts.items() if n}
        if counts and not (what == "missing" and missing == "impute"):
            raise ValueError(
                message("load", f"no cell may be {what}", counts, remedy)
            )


def _schema(raw):
    if isinstance(raw.x, dict):
        columns = tuple(
            Column(name, "number" if values.dtype.kind == "f" else "category")
            for name, values in raw.x.items()
        )
        return Schema("table", (len(columns),), columns=columns)
    if raw.size is not None:
        return Schema("image", raw.size)
    parts = [raw.x] if raw.test is None else [raw.x, raw.test.x]
    low = min(float(x.min()) for x in parts)
    high = max(float(x.max()) for x in parts)
    top = 1.0 if raw.x.dtype.kind == "f" and high <= 1.0 else 255.0
    if raw.x.dtype.kind not in "uif" or low < 0 or high > top:
        raise ValueError(
            message(
                "load",
                "pixels must lie in [0, 255], or as floats in [0, 1]",
                {"min": low, "max": high, "dtype": str(raw.x.dtype)},
            )
        )
    kind = "float32" if raw.x.dtype.kind == "f" else "uint8"
    for part in [raw] if raw.test is None else [raw, raw.test]:
        part.x = part.x.astype(kind)
    return Schema("image", raw.x.shape[1:], 0.0, top)


def _examples(raw, start=0):
    group = None if raw.group is None else np.asarray(raw.group).astype(str)
    ids = np.arange(start, start + raw.count, dtype="int64")
    return Examples(raw.x, raw.y, ids, group)


def _split(raw, shares, seed):
    whole = _examples(raw)
    if raw.test is None:
        parts = cut(raw.y, shares, seed, whole.group)
        return {name: whole.take(part) for name, part in parts.items()}
    first = np.asarray(shares[:3], "float64")
    parts = cut(
        raw.y, tuple(first / first.sum()), seed, whole.group, names=NAMES[:3]
    )
    splits = {name: whole.take(part) for name, part in parts.items()}
    return {**splits, "test": _examples(raw.test, raw.count)}


def _check_counts(raw, task, splits):
    width = max(map(len, task.labels))
    say(
        "%s: %s",
        raw.name,
        ", ".join(f"{k} {len(v)}" for k, v in splits.items()),
    )
    counts = {
        name: np.bincount(part.y, minlength=task.classes)
        for name, part in splits.items()
    }
    for index, label in enumerate(task.labels):
        row = "  ".join(
            f"{name} {count[index]}" for name, count in counts.items()
        )
        say("  %s  %s", label.ljust(width), row)
    for name, count in counts.items():
        empty = [task.labels[i] for i in np.flatnonzero(count == 0)]
        if not empty:
            continue
        total = int(
            sum(counts[part][task.labels.index(empty[0])] for part in counts)
        )
        if raw.group is None or name == "train":
            raise ValueError(
                message(
                    "load",
                    f"each class must have examples in split {name!r}",
                    {"without": empty, f"all of {empty[0]!r}": total},
                    "Add examples, merge classes, or change `split`.",
                )
            )
        say("Split %s has no example of %s.", name, ", ".join(empty))


def _same_length(values, count, name):
    if len(values) != count:
        raise ValueError(
            message(
                "load",
                f"`{name}` must have one value for each example",
                {name: len(values), "examples": count},
            )
        )
