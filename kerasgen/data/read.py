"""Read: which reader takes a source, found out by type, suffix or content."""

import collections.abc
import pathlib

import numpy as np
import tensorflow as tf

from kerasgen.core import instance, message, nearest, one_of
from kerasgen.data.archive import from_builder, from_npz, from_tfds
from kerasgen.data.arrays import from_memory
from kerasgen.data.bundled import NAMES as BUNDLED
from kerasgen.data.bundled import from_sklearn
from kerasgen.data.conll import SUFFIXES as TAGGED
from kerasgen.data.conll import from_conll
from kerasgen.data.dataset import from_dataset
from kerasgen.data.folder import from_folder
from kerasgen.data.lines import TEXTS, from_parallel, from_texts, read_lines
from kerasgen.data.masks import from_masks
from kerasgen.data.ratings import from_columns_of_ratings, from_ratings
from kerasgen.data.records import SUFFIXES as RECORDS
from kerasgen.data.records import from_records
from kerasgen.data.schema import KINDS
from kerasgen.data.table import from_columns, from_csv, from_parquet

# What `kind` may be besides the kinds of a schema.
EXTRA = ("pairs", "ratings")
# Who takes an argument, for the message where a source doesn't.
_TAKERS = {
    "target": "a table, texts in a file or records",
    "text": "texts in a file",
    "tokens": "a CoNLL file",
    "tags": "a CoNLL file",
    "columns": "a file without a header line",
    "masks": "a folder of images",
    "seconds": "sounds",
    "sample_rate": "sounds",
    "frames": "a folder of videos",
    "features": "a TFRecord file",
    "image_size": "a folder of images or tfds",
    "channels": "a folder of images",
    "weight": "a table",
    "cache": "a dataset, texts or masks",
    "kind": "files, folders and arrays",
}


def read(source, options, like=None):
    """Reads a source.

    Args:
        source: as `kerasgen.data.load` takes it.
        options: mapping of the arguments of `load` that tell a reader what to
            read; None for those that weren't given. `group` and `weight` are
            there where they name a column.
        like: Raw of the train set, where a test set is read, or None.

    Returns:
        Raw.

    Raises:
        ValueError: for a source that can't be found, and for an argument that
            the source would ignore.
        TypeError: for a source of another type.

    Example:
        >>> read("wine", {}).count
        178
    """
    kind = options.get("kind")
    if kind is not None:
        one_of("load", "kind", kind, (*KINDS, *EXTRA))
    given = _Given(source, options)
    if isinstance(source, tf.data.Dataset):
        return from_dataset(
            source,
            cache=given("cache"),
            image_size=given("image_size"),
            **_sound(given),
        )
    if hasattr(source, "as_dataset"):
        taken = {"image_size": given("image_size"), "cache": given("cache")}
        return from_builder(source, **taken, **_sound(given))
    if hasattr(source, "iloc"):
        return _frame(source, given)
    if isinstance(source, collections.abc.Mapping):
        for key in ("x", "y"):
            one_of("load", "source must have", key, source.keys())
        source = (source["x"], source["y"])
    if isinstance(source, (tuple, list)):
        return _pair(source, given)
    instance("load", "source", source, (str, pathlib.Path))
    return _named(source, given, like)


class _Given:
    """Hands on what a source takes; what it would ignore is refused."""

    def __init__(self, source, options):
        self._source = source
        self._options = {k: v for k, v in options.items() if v is not None}
        self._taken = {"group"}

    def __call__(self, name):
        self._taken.add(name)
        return self._options.get(name)

    def done(self):
        for name, value in self._options.items():
            if name not in self._taken:
                named = isinstance(self._source, (str, pathlib.Path))
                shown = self._source if named else type(self._source).__name__
                raise ValueError(
                    message(
                        "load",
                        f"`{name}` is for {_TAKERS[name]}, not for this source",
                        {name: value, "source": str(shown)},
                    )
                )


def _sound(given):
    """What tells a reader of arrays the kind, and the form of sounds."""
    kind = given("kind")
    if kind != "audio":
        given.done()
        return {"kind": kind}
    rate, seconds = given("sample_rate"), given("seconds")
    given.done()
    if rate is None:
        raise ValueError(
            message(
                "load",
                "sounds in arrays must have a rate",
                {"sample_rate": None},
                "Pass sample_rate=, in Hz.",
            )
        )
    samples = None if seconds is None else max(1, round(seconds * rate))
    return {"kind": kind, "rate": int(rate), "samples": samples}


def _frame(source, given):
    """A table of pandas."""
    target, weight, group = given("target"), given("weight"), given("group")
    given("kind")
    given.done()
    columns = {}
    for index in range(source.shape[1]):
        raw = from_memory({"c": source.iloc[:, index]}, np.zeros(len(source)))
        values = raw.x["c"]
        number = values.dtype.kind == "f"
        columns[index] = (
            source.iloc[:, index].to_numpy("float64", na_value=np.nan)
            if number
            else values
        )
    header = [str(name) for name in source.columns]
    cells = list(columns.values())
    return from_columns(header, cells, "table", target, group, weight)


def _pair(source, given):
    paths = all(isinstance(part, (str, pathlib.Path)) for part in source)
    if len(source) == 2 and paths:
        cache = given("cache")
        one_of("load", "kind", given("kind") or "pairs", ("pairs", "text"))
        given.done()
        for path in source:
            if not pathlib.Path(path).is_file():
                raise ValueError(
                    message(
                        "load",
                        "a pair of paths must be two files of texts",
                        {"no file": str(path)},
                    )
                )
        return from_parallel(*map(pathlib.Path, source), cache=cache)
    group = given("group")
    form = _sound(given)
    if len(source) != 2:
        raise ValueError(
            message(
                "load", "arrays must come as (x, y)", {"parts": len(source)}
            )
        )
    x, y = source
    if form["kind"] == "ratings":
        return from_columns_of_ratings(x, y)
    if group is None or not hasattr(x, "keys"):
        return from_memory(x, y, **form)
    names = list(x.keys())
    one_of("load", "group", group, names)
    raw = from_memory({n: x[n] for n in names if n != group}, y, **form)
    raw.group = np.asarray(x[group])
    return raw


def _named(source, given, like):
    text, path = str(source), pathlib.Path(source)
    if text in BUNDLED:
        given.done()
        return from_sklearn(text)
    if text.startswith("tfds:"):
        taken = {"image_size": given("image_size"), "cache": given("cache")}
        name = text.removeprefix("tfds:")
        return from_tfds(name, **taken, **_sound(given))
    if path.is_dir():
        return _folder(path, given, like)
    suffixes = [s.lower() for s in path.suffixes if s.lower() != ".gz"]
    kind = given("kind")
    if path.is_file():
        reader = _reader(path, suffixes[-1] if suffixes else "", kind)
        if reader is not None:
            return reader(path, given, like)
    siblings = [p.as_posix() for p in path.parent.glob("*")]
    near = nearest(text, [*BUNDLED, *siblings])
    raise ValueError(
        message(
            "load",
            "`source` must be a bundled name, tfds:NAME, a .csv, .tsv, "
            ".parquet, .jsonl, .npz, .tfrecord or CoNLL file, or a folder of "
            "images, sounds, texts or videos",
            {"source": text, **({"kind": kind} if kind else {})},
            f"Did you mean {near!r}?" if near else None,
        )
    )


def _reader(path, suffix, kind):
    """The reader of a file, by its kind and suffix."""
    if suffix == ".npz":
        return _npz
    if suffix in RECORDS:
        return _records
    if suffix in (".parquet", ".pq"):
        return _parquet
    if kind == "ratings":
        return _ratings
    if kind == "tokens" or (kind is None and suffix in TAGGED):
        return _conll
    if kind in ("text", "pairs"):
        return _texts if suffix in (".tsv", ".csv", ".jsonl") else None
    if suffix == ".jsonl":
        return _texts
    if suffix == ".tsv" and kind is None:
        return _tabs
    if suffix in (".csv", ".tsv", ".data") and kind in (None, "table"):
        return _csv
    return None


def _folder(path, given, like):
    masks, kind = given("masks"), given("kind")
    if masks is not None:
        taken = {n: given(n) for n in ("image_size", "channels", "cache")}
        given.done()
        return from_masks(path, masks, **taken, like=like)
    names = ("image_size", "channels", "seconds", "sample_rate", "frames")
    takes = {
        "audio": names[2:4],
        "text": (),
        "video": (*names[:2], "frames"),
        "image": names[:2],
    }
    taken = {name: given(name) for name in takes.get(kind, names)}
    given.done()
    return from_folder(path, kind=kind, **taken, like=like)


def _npz(path, given, like):
    return from_npz(path, **_sound(given))


def _records(path, given, like):
    names = ("features", "target", "image_size", "channels", "cache", "kind")
    taken = {name: given(name) for name in names}
    rate, seconds = given("sample_rate"), given("seconds")
    given.done()
    samples = round(seconds * rate) if seconds and rate else None
    return from_records(path, **taken, rate=rate, samples=samples)


def _parquet(path, given, like):
    taken = {name: given(name) for name in ("target", "group", "weight")}
    given.done()
    return from_parquet(path, **taken, like=like)


def _ratings(path, given, like):
    columns = given("columns")
    given.done()
    return from_ratings(path, columns)


def _conll(path, given, like):
    taken = {name: given(name) for name in ("tokens", "tags", "group")}
    given.done()
    return from_conll(path, **taken)


def _texts(path, given, like):
    names = ("text", "target", "group", "columns", "cache")
    taken = {name: given(name) for name in names}
    pairs = given("kind") == "pairs"
    given.done()
    return from_texts(path, **taken, pairs=pairs)


def _tabs(path, given, like):
    """A .tsv file: texts where a column is named so, and a table else."""
    first = next(read_lines(path), "").split("\t")
    named = any(name.strip().lower() in TEXTS for name in first)
    if given("text") is not None or (named and given("columns") is None):
        return _texts(path, given, like)
    return _csv(path, given, like)


def _csv(path, given, like):
    if given("text") is not None:
        return _texts(path, given, like)
    names = ("target", "group", "weight", "columns")
    taken = {name: given(name) for name in names}
    given.done()
    return from_csv(path, **taken, like=like)
