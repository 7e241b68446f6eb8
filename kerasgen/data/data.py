"""Data: named splits of examples, with what prepares them."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping

import keras
import numpy as np

from kerasgen.core import Int, message, one_of
from kerasgen.data.alike import lengths
from kerasgen.data.domains import combine, leave_one_out
from kerasgen.data.examples import digest_examples, map_values
from kerasgen.data.extras import FITS, find_extras
from kerasgen.data.fetch import as_tensors, chunk_of, read_examples
from kerasgen.data.folds import cut_folds
from kerasgen.data.labels import fit_task
from kerasgen.data.partition import partition
from kerasgen.data.prepare import adapt, id_columns, write_plan
from kerasgen.data.preview import preview
from kerasgen.data.rows import Rows
from kerasgen.data.schema import Schema, check_range
from kerasgen.data.stream import Source, stream
from kerasgen.data.summary import summarize

# Of a split on the disk, so many examples tell its range.
_SAMPLE = 1024


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Data:
    """Splits of examples, the task they pose, and what prepares them.

    Made by `kerasgen.data.load`.

    Args:
        name: str.
        task: Task, or None for a target that no task is known for.
        schema: Schema of raw examples.
        splits: dict of name to Examples: `train`, `stop` (ends training),
            `select` (ranks trials), `test` (the number shown), and further
            test sets by name.
        prepare: keras.Model from raw batches to tensors, adapted on train.
        seed: int, of splits, orders and augmentations.
        skipped: tuple of (where, why) of examples that could not be read.
        plan: what `prepare` was asked to be, or None for the kind's standard.
        other: Beside, data of another shape that train goes with, or None.

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
    plan: object = None
    other: object = None
    _memory: dict = dataclasses.field(
        init=False, repr=False, default_factory=dict
    )

    @property
    def shape(self):
        """tuple, the shape of one prepared example."""
        return tuple(self.prepare.output_shape[1:])

    @property
    def indexed(self):
        """dict of the place of columns that number categories to how many."""
        return id_columns(self.prepare)

    @property
    def classes(self):
        """int, the number of classes, or None."""
        return getattr(self.task, "classes", None)

    @property
    def labels(self):
        """tuple of str, the names of the classes or tags."""
        return tuple(getattr(self.task, "labels", self.schema.labels))

    def __str__(self):
        sizes = ", ".join(f"{k} {len(v)}" for k, v in self.splits.items())
        return f"{self.name}: {self.schema.kind} {self.shape}, {sizes}"

    def __repr__(self):
        named = type(self.task).__name__.lower()
        kind = self.schema.target if self.task is None else named
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
        by_length=False,
    ):
        """Makes batches of a split, as `fit` and `predict` take them.

        Args:
            split: str, the split's name.
            batch_size: int >= 1.
            needs: tuple of the fields that a method needs: `unlabeled` (a
                split of that name), `group`, `index` (places in the split),
                `other` and `pairs` (`kerasgen.data.beside` and `pair`).
            augment: list of Augment.
            shuffle: bool; None shuffles the train split alone.
            epoch: int >= 0, the epoch that the first iteration gives.
            corrupt: a corruption of raw examples, or None.
            by_length: bool, shuffle texts into batches of about one length.

        Returns:
            tf.data.Dataset of `(x, y)`, with `weight` where there is one and
            `({"inputs": x, ...}, y)` where there are needs. Each iteration is
            the next epoch; the attribute `epoch` counts them.

        Raises:
            ValueError: for an unknown split, a need that isn't met, or an
                augmentation or `by_length` for other data.
        """
        one_of("batches", "split", split, self.splits)
        Int(1).check("batches", "batch_size", batch_size)
        parts = [*augment, *([] if corrupt is None else [corrupt])]
        # A part for texts takes them in pieces too.
        fits = (None, self.schema.kind.replace("tokens", "text"))
        for part in parts:
            if part.kind not in fits:
                raise ValueError(
                    message(
                        "batches",
                        f"{type(part).__name__} is for {part.kind} data",
                        {"data": self.schema.kind},
                    )
                )
        self._check_split(split)
        known = {
            "high": self.schema.high,
            "sample_rate": self.schema.rate,
            "classes": self.classes,
        }
        augment = [part.bind(**known) for part in augment]
        corrupt = None if corrupt is None else corrupt.bind(**known)
        rounds, extras = find_extras(
            self, self._source, needs, split, batch_size
        )
        raw = any(part.stage == "raw" for part in parts)
        return stream(
            self._source(split, extras, raw),
            batch_size=batch_size,
            shuffle=split == "train" if shuffle is None else shuffle,
            seed=self.seed,
            epoch=epoch,
            augment=augment,
            corrupt=corrupt,
            rounds=rounds,
            sizes=lengths(self, self._ready, split) if by_length else None,
        )

    def _source(self, split, extras=None, raw=False):
        part, ready = self.splits[split], None if raw else self._ready(split)
        return Source(part, self.schema, self.prepare, ready, extras, self.task)

    def _ready(self, split):
        size = 4 * len(self.splits[split]) * int(np.prod(self.shape))
        return self.tensors(split)[0] if size <= FITS else None

    def tensors(self, split, limit=None):
        """Gives a split's prepared examples, in its order.

        Args:
            split: str, the split's name.
            limit: int, at most so many, or None for all.

        Returns:
            array (n, *shape), float32 unless `prepare` gives numbers of
            tokens, and the labels (n,) or what stands in their place.

        Raises:
            ValueError: for an unknown split, or a file that broke since.
        """
        one_of("tensors", "split", split, self.splits)
        examples = self.splits[split]
        n = len(examples.ids[:limit])
        y = map_values(lambda v: np.asarray(v[:n]), examples.y)
        if split in self._memory:
            return self._memory[split][:n], y
        out = np.empty((n, *self.shape), self.prepare.outputs[0].dtype)
        chunk = chunk_of(self.schema)
        for start in range(0, n, chunk):
            raw = self._read(split, start, min(n, start + chunk))
            raw = as_tensors(self.schema, raw)
            out[start : start + chunk] = self.prepare(raw, training=False)
        if limit is None and out.nbytes <= FITS:
            self._memory[split] = out
        return out, y

    def _read(self, split, start, end):
        part = self.splits[split].take(np.arange(start, end))
        return read_examples(self.schema, part)

    def raw(self, split, limit=None):
        """Gives a split's raw examples, in its order; files are decoded.

        Args:
            split: str, the split's name.
            limit: int, at most so many, or None for all.

        Returns:
            array (n, height, width, channels), or of another kind's shape;
            texts are str; or dict of column to array (n,).

        Raises:
            ValueError: for an unknown split, or a file that broke since.
        """
        one_of("raw", "split", split, self.splits)
        found = self._read(split, 0, len(self.splits[split].ids[:limit]))
        if self.schema.kind == "text" and self.splits[split].files:
            return np.array([v.decode("utf-8") for v in found], dtype=object)
        return found

    def check(self, x):
        """Checks that raw examples have the range of these data.

        Args:
            x: raw pixels or samples, an array of numbers; other kinds pass.

        Returns:
            x.

        Raises:
            ValueError: for another range, with the way to mend it.

        Example:
            >>> import kerasgen as kg
            >>> kg.data.load("digits").check(np.zeros((8, 8, 1))).shape
            (8, 8, 1)
        """
        check_range(self.schema, x, self.name)
        return x

    def _check_split(self, split):
        key = f"range of {split}"
        examples = self.splits[split]
        if key not in self._memory and not examples.files:
            x = examples.x
            self.check(np.asarray(x[:_SAMPLE]) if isinstance(x, Rows) else x)
        self._memory[key] = True

    def folds(self, folds, by=None):
        """Cuts all examples into folds for cross-validation.

        Args:
            folds: int >= 2.
            by: "class" (each fold has its share of each class), "group"
                (groups are not torn apart), "domain" (each fold tests groups
                that training never saw; with as many folds as groups, one
                each), or None for "group" where there are groups.

        Returns:
            list of Data; the test split of each is one fold, and train, stop
            and select share the rest; each is prepared on its own train.

        Raises:
            ValueError: for more folds than examples or groups, or no groups
                where they are asked for.
        """
        return cut_folds(self, folds, by, assemble)

    def fingerprint(self):
        """Hashes schema, task and every example.

        Returns:
            str of 64 hexadecimal digits. Files count by name and size.
        """
        if "fingerprint" not in self._memory:
            digest = hashlib.sha256()
            task = self.task and self.task.get_config()
            config = [self.schema.to_dict(), task, self.seed]
            if self.plan is not None:
                config.append(write_plan(self.plan, self.schema.kind))
            if self.other is not None:
                beside = self.other
                config.append([beside.paired, beside.data.fingerprint()])
            digest.update(json.dumps(config, sort_keys=True).encode())
            for name, split in sorted(self.splits.items()):
                digest.update(name.encode())
                digest_examples(digest, split)
            self._memory["fingerprint"] = digest.hexdigest()
        return self._memory["fingerprint"]

    def summary(self, duplicates=True, strict=True):
        """Counts what there is.

        Args:
            duplicates: bool, whether equal examples are looked for.
            strict: bool, whether a leak is an error: an example of one split
                that is in another as well.

        Returns:
            dict of JSON values, as `kerasgen.data.summarize` tells.

        Raises:
            ValueError: for a leak, where both are true.
        """
        return summarize(self, duplicates, duplicates and strict)

    def preview(self, path, augment=(), *, split="train", count=8, seed=0):
        """Draws examples, before and after augmentation, with their labels.

        Args:
            path: path of the PNG file to write.
            augment: list of Augment; none shows the examples alone.
            split: str, the split's name.
            count: int >= 1, how many examples.
            seed: int, decides the draws of augmentation.

        Returns:
            pathlib.Path of the file.
        """
        return preview(self, path, augment, split, count, seed)

    def partition(self, clients, alpha=0.5, seed=0, **given):
        """Deals the train split to clients, as federated learning has them.

        Args:
            clients: int >= 2.
            alpha: float > 0: the smaller, the fewer classes a client has.
            seed: int.
            **given: further arguments of `kerasgen.data.partition`.

        Returns:
            list of Data, one for each client.
        """
        return partition(self, clients, alpha, seed, **given)

    @classmethod
    def domains(cls, *, shots=0, share=None, seed=0, unknown=None, **named):
        """Puts domains together: sources with labels, and targets without.

        Args:
            shots: int, labelled examples of each class of targets in train.
            share: float, the share of train that they are made by copies.
            seed: int, decides which they are.
            unknown: str, a last class for what only targets have, or None.
            **named: `source` and targets, each Data, a source of `load`, or
                inputs without labels; or a mapping of names to these.

        Returns:
            Data; `unlabeled` is of the targets. See `combine` for more.
        """
        return combine(cls, named, assemble, shots, share, seed, unknown)

    def leave_one_domain_out(self):
        """Makes Data with each domain as the test split, listed by name."""
        return leave_one_out(self, assemble)


def assemble(name, task, schema, splits, seed, skipped=(), plan=None):
    """Makes Data out of splits: prepare and task are fitted on train.

    Args:
        name: str.
        task: Task, or None; the scale of a regression is fitted anew.
        schema: Schema.
        splits: dict of name to Examples.
        seed: int.
        skipped: tuple of (where, why).
        plan: what `prepare` should be, as `adapt` takes it, or None for the
            kind's standard.

    Returns:
        Data.
    """
    train = splits["train"]

    def batches():
        chunk = chunk_of(schema)
        for start in range(0, len(train), chunk):
            places = np.arange(start, min(len(train), start + chunk))
            yield read_examples(schema, train.take(places))

    prepare, learnt = adapt(schema, batches, plan)
    schema = dataclasses.replace(schema, columns=learnt.columns)
    task = fit_task(task, train.y)
    return Data(name, task, schema, splits, prepare, seed, tuple(skipped), plan)
