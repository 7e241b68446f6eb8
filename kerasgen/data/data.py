"""Data: named splits of examples, with what prepares them."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from kerasgen.core import Int, create, message, one_of
from kerasgen.data.examples import digest_examples, join
from kerasgen.data.prepare import adapt
from kerasgen.data.schema import Schema
from kerasgen.data.splits import cut, fold_indices
from kerasgen.data.stream import Source, codes, stream, unlabeled

# Prepared splits up to this many bytes stay in memory.
_FITS = 2**30
_CHUNK = 512


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Data:
    """Splits of examples, the task they pose, and what prepares them.

    Made by `kerasgen.data.load`.

    Args:
        name: str.
        task: Task.
        schema: Schema of raw examples.
        splits: dict of name to Examples: `train`, `stop` (ends training),
            `select` (ranks trials), `test` (the number shown), and further
            test sets by name.
        prepare: keras.Model from raw batches to tensors, adapted on train.
        seed: int, of splits, orders and augmentations.
        skipped: tuple of (where, why) of examples that could not be read.

    Example:
        >>> import kerasgen as kg
        >>> data = kg.data.load("digits")
        >>> data.shape, data.classes
        ((8, 8, 1), 10)
    """

    name: str
    task: object
    schema: Schema
    splits: Mapping
    prepare: keras.Model
    seed: int = 0
    skipped: tuple = ()
    _memory: dict = dataclasses.field(
        init=False, repr=False, default_factory=dict
    )

    @property
    def shape(self):
        """tuple, the shape of one prepared example."""
        return tuple(self.prepare.output_shape[1:])

    @property
    def classes(self):
        """int, the number of classes, or None."""
        return getattr(self.task, "classes", None)

    @property
    def labels(self):
        """tuple of str, the names of the classes."""
        return tuple(getattr(self.task, "labels", ()))

    def __str__(self):
        sizes = ", ".join(f"{k} {len(v)}" for k, v in self.splits.items())
        return f"{self.name}: {self.schema.kind} {self.shape}, {sizes}"

    def __repr__(self):
        kind = type(self.task).__name__.lower()
        kind += "" if self.classes is None else f" of {self.classes} classes"
        skipped = f", {len(self.skipped)} skipped" if self.skipped else ""
        return f"<Data {self}; {kind}, seed {self.seed}{skipped}>"

    def batches(
        self,
        split,
        batch_size=32,
        *,
        needs=(),
        augment=(),
        shuffle=None,
        epoch=0,
        corrupt=None,
    ):
        """Makes batches of a split, as `fit` and `predict` take them.

        Args:
            split: str, the split's name.
            batch_size: int >= 1.
            needs: tuple of the fields that a method needs, out of
                `unlabeled` (there must be a split of that name) and `group`.
            augment: list of Augment.
            shuffle: bool; None shuffles the train split alone.
            epoch: int >= 0, the epoch that the first iteration gives.
            corrupt: a corruption of raw examples, or None.

        Returns:
            tf.data.Dataset of `(x, y)`, with `weight` where there is one and
            `({"inputs": x, ...}, y)` where there are needs. Each iteration is
            the next epoch; the attribute `epoch` counts them.

        Raises:
            ValueError: for an unknown split, a need that isn't met, or an
                augmentation for other data.
        """
        one_of("batches", "split", split, self.splits)
        Int(1).check("batches", "batch_size", batch_size)
        parts = [*augment, *([] if corrupt is None else [corrupt])]
        for part in parts:
            if part.kind not in (None, self.schema.kind):
                raise ValueError(
                    message(
                        "batches",
                        f"{type(part).__name__} is for {part.kind} data",
                        {"data": self.schema.kind},
                    )
                )
        extras = {need: self._extra(need, split, batch_size) for need in needs}
        raw = any(part.stage == "raw" for part in parts)
        return stream(
            self._source(split, extras, raw),
            batch_size=batch_size,
            shuffle=split == "train" if shuffle is None else shuffle,
            seed=self.seed,
            epoch=epoch,
            augment=augment,
            corrupt=corrupt,
        )

    def _source(self, split, extras=None, raw=False):
        ready = None if raw else self._ready(split)
        return Source(
            self.splits[split], self.schema, self.prepare, ready, extras
        )

    def _extra(self, need, split, batch_size):
        one_of("batches", "needs", need, ("unlabeled", "group"))
        if need == "group":
            return codes(self.splits[split].group)
        one_of("batches", "a split for needs", need, self.splits)
        return unlabeled(self._source("unlabeled"), batch_size, self.seed)

    def _ready(self, split):
        size = 4 * len(self.splits[split]) * int(np.prod(self.shape))
        return self.tensors(split)[0] if size <= _FITS else None

    def tensors(self, split, limit=None):
        """Gives a split's prepared examples, in its order.

        Args:
            split: str, the split's name.
            limit: int, at most so many, or None for all.

        Returns:
            float32 array (n, *shape), and the labels (n,).

        Raises:
            ValueError: for an unknown split.
        """
        one_of("tensors", "split", split, self.splits)
        y = self.splits[split].y[:limit]
        if split in self._memory:
            return self._memory[split][:limit], y
        n = len(y)
        out = np.empty((n, *self.shape), "float32")
        for start in range(0, n, _CHUNK):
            raw = self._read(split, start, min(n, start + _CHUNK))
            out[start : start + _CHUNK] = self.prepare(raw, training=False)
        if limit is None and out.nbytes <= _FITS:
            self._memory[split] = out
        return out, y

    def _read(self, split, start, end):
        part = self.splits[split].take(np.arange(start, end))
        if part.files:
            paths = tf.constant(part.x)
            return tf.stack(
                [self.schema.decode(tf.io.read_file(p)) for p in paths]
            )
        if self.schema.kind == "image":
            return tf.cast(part.x, tf.float32)
        return {name: tf.constant(values) for name, values in part.x.items()}

    def raw(self, split, limit=None):
        """Gives a split's raw examples, in its order; files are decoded.

        Args:
            split: str, the split's name.
            limit: int, at most so many, or None for all.

        Returns:
            array (n, height, width, channels), or dict of column to array
            (n,).

        Raises:
            ValueError: for an unknown split.
        """
        one_of("raw", "split", split, self.splits)
        n = len(self.splits[split].y[:limit])
        part = self.splits[split].take(np.arange(n))
        if not part.files:
            return part.x
        pixels = [np.asarray(self._read(split, i, i + 1))[0] for i in range(n)]
        return np.round(np.stack(pixels)).astype("uint8")

    def folds(self, folds):
        """Cuts all examples into folds for cross-validation.

        Args:
            folds: int >= 2.

        Returns:
            list of Data; the test split of each is one fold, and train, stop
            and select share the rest; each is prepared on its own train.

        Raises:
            ValueError: for more folds than examples or groups.
        """
        whole = join(
            [self.splits[n] for n in ("train", "stop", "select", "test")]
        )
        found = []
        indices = fold_indices(whole.y, folds, self.seed, whole.group)
        for number, (rest, test) in enumerate(indices):
            group = None if whole.group is None else whole.group[rest]
            names = ("train", "stop", "select")
            parts = cut(
                whole.y[rest],
                (0.75, 0.125, 0.125),
                self.seed,
                group,
                names=names,
            )
            splits = {
                name: whole.take(rest[part]) for name, part in parts.items()
            }
            splits["test"] = whole.take(test)
            name = f"{self.name}, fold {number + 1}"
            found.append(
                assemble(name, self.task, self.schema, splits, self.seed)
            )
        return found

    def fingerprint(self):
        """Hashes schema, task and every example.

        Returns:
            str of 64 hexadecimal digits. Files count by name and size.
        """
        if "fingerprint" not in self._memory:
            digest = hashlib.sha256()
            config = [self.schema.to_dict(), self.task.get_config(), self.seed]
            digest.update(json.dumps(config, sort_keys=True).encode())
            for name, split in sorted(self.splits.items()):
                digest.update(name.encode())
                digest_examples(digest, split)
            self._memory["fingerprint"] = digest.hexdigest()
        return self._memory["fingerprint"]

    def summary(self):
        """Counts what there is.

        Returns:
            dict of JSON values: kind, shape, counts and class counts of each
            split, the range of pixels or of the train split's columns, and
            what was skipped.
        """
        found = {
            "kind": self.schema.kind,
            "shape": list(self.shape),
            "counts": {name: len(split) for name, split in self.splits.items()},
            "ranges": self._ranges(),
            "skipped": [list(map(str, item)) for item in self.skipped],
        }
        if self.classes is not None:
            found["classes"] = {
                name: dict(
                    zip(
                        self.labels,
                        np.bincount(split.y, minlength=self.classes).tolist(),
                        strict=True,
                    )
                )
                for name, split in self.splits.items()
            }
        return found

    def _ranges(self):
        if self.schema.kind == "image":
            return {"pixels": [self.schema.low, self.schema.high]}
        found = {}
        for column in self.schema.columns:
            values = np.asarray(self.splits["train"].x[column.name])
            if column.kind == "number":
                values = values[np.isfinite(values)].astype("float64")
                found[column.name] = (
                    [values.min().item(), values.max().item()]
                    if len(values)
                    else None
                )
        return found


def assemble(name, task, schema, splits, seed, skipped=()):
    """Makes Data out of splits: prepare and task are fitted on train.

    Args:
        name: str.
        task: Task; the scale of a regression is fitted anew.
        schema: Schema.
        splits: dict of name to Examples.
        seed: int.
        skipped: tuple of (where, why).

    Returns:
        Data.
    """
    train = splits["train"]
    if train.files:
        batches = (
            np.stack(
                [
                    schema.decode(tf.io.read_file(path))
                    for path in train.x[i : i + _CHUNK]
                ]
            )
            for i in range(0, len(train), _CHUNK)
        )
        prepare, schema = adapt(schema, batches)
    else:
        prepare, schema = adapt(schema, train.x)
    if not hasattr(task, "classes"):
        spread = float(np.std(train.y, dtype="float64"))
        fitted = {
            "mean": float(np.mean(train.y, dtype="float64")),
            "scale": spread if spread > 0 else 1.0,
        }
        task = create("task", {"name": "regression"}, unit=task.unit, **fitted)
    return Data(name, task, schema, splits, prepare, seed, tuple(skipped))
