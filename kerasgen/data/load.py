"""load: any source -> Data."""

import pathlib

import numpy as np

from kerasgen.core import Int, instance, message, nearest, one_of, say
from kerasgen.data.archive import from_builder, from_npz, from_tfds
from kerasgen.data.bundled import NAMES as BUNDLED
from kerasgen.data.bundled import from_sklearn
from kerasgen.data.data import assemble
from kerasgen.data.examples import Examples
from kerasgen.data.folder import from_folder
from kerasgen.data.labels import find_task
from kerasgen.data.raw import from_arrays
from kerasgen.data.schema import Column, Schema
from kerasgen.data.splits import NAMES, cut
from kerasgen.data.table import from_csv


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
    Int(0).check("load", "seed", seed)
    options = {"target": target, "image_size": image_size, "channels": channels}
    raw = _read(source, options, group)
    raw.name = name or raw.name
    if group is not None and raw.group is None:
        raw.group = _groups(group, raw)
    task = find_task(raw, task, labels)
    parts = [raw] if raw.test is None else [raw, raw.test]
    for part in parts:
        _check_values(part, missing)
    schema = _schema(raw)
    splits = _split(raw, split, seed)
    if hasattr(task, "classes"):
        _check_counts(raw, task, splits)
    return assemble(raw.name, task, schema, splits, seed, raw.skipped)


def _read(source, options, group):
    def take(*names):
        return _only(source, options, names)

    if hasattr(source, "as_dataset"):
        return from_builder(source, *take("image_size"))
    if hasattr(source, "keys"):
        for key in ("x", "y"):
            one_of("load", "source must have", key, source.keys())
        source = (source["x"], source["y"])
    if isinstance(source, (tuple, list)):
        take()
        if len(source) != 2:
            raise ValueError(
                message(
                    "load", "arrays must come as (x, y)", {"parts": len(source)}
                )
            )
        return _from_columns(*source, group)
    instance("load", "source", source, (str, pathlib.Path))
    text = str(source)
    if text in BUNDLED:
        take()
        return from_sklearn(text)
    if text.startswith("tfds:"):
        return from_tfds(text.removeprefix("tfds:"), *take("image_size"))
    path = pathlib.Path(text)
    if path.is_dir():
        return from_folder(path, *take("image_size", "channels"))
    if path.is_file() and text.endswith((".csv", ".csv.gz")):
        column = group if isinstance(group, str) else None
        return from_csv(path, *take("target"), column)
    if path.is_file() and text.endswith(".npz"):
        take()
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


def _only(source, options, names):
    """Hands on what this source takes; what it would ignore is refused."""
    for name, value in options.items():
        if value is not None and name not in names:
            takers = {
                "target": "a CSV file",
                "image_size": "a folder of images or tfds",
                "channels": "a folder of images",
            }
            kind = source if isinstance(source, (str, pathlib.Path)) else None
            raise ValueError(
                message(
                    "load",
                    f"`{name}` is for {takers[name]}, not for this source",
                    {name: value, "source": str(kind or type(source).__name__)},
                )
            )
    return [options[name] for name in names]


def _from_columns(x, y, group):
    if not isinstance(group, str) or not hasattr(x, "keys"):
        return from_arrays(x, y)
    names = list(x.keys())
    one_of("load", "group", group, names)
    raw = from_arrays({n: x[n] for n in names if n != group}, y)
    raw.group = _groups(np.asarray(x[group]), raw)
    return raw


def _groups(group, raw):
    group = np.asarray(group)
    if group.ndim != 1:
        raise ValueError(
            message(
                "load",
                "`group` must be an array (n,), or name a column of a CSV "
                "file or of a mapping",
                {"group": group.tolist() if not group.ndim else group.shape},
            )
        )
    _same_length(group, raw.count, "group")
    return group.astype(str)


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
