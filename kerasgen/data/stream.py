"""Streams: examples in memory or in files, to batches on `tf.data`.

The order of an epoch and every draw of an augmentation are functions of
(seed, epoch, batch), so that a stream is the same at any parallelism, and a
resumed training goes on with the very batches that would have come.
"""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from kerasgen.core import child_seed, message, pack, untuned
from kerasgen.data.alike import cut, grouped
from kerasgen.data.fetch import Guard, read_batch
from kerasgen.data.rows import Rows
from kerasgen.data.target_text import number_texts, shifted

# What is written with `tf.cond` needn't be rewritten, which takes longer than
# the tracing itself.
_PLAIN = tf.autograph.experimental.do_not_convert
STAGES = ("raw", "prepared", "batch")
# Prepared splits up to this many bytes are put in order an epoch at a time.
_RESIDENT = 2**26


def stream(
    source,
    *,
    batch_size,
    shuffle,
    seed,
    epoch=0,
    augment=(),
    corrupt=None,
    rounds=1,
    sizes=None,
):
    """Makes batches.

    Args:
        source: Source.
        batch_size: int >= 1; the last batch of an epoch may be smaller.
        shuffle: bool, whether each epoch has an order of its own.
        seed: int.
        epoch: int, the epoch that the first iteration gives.
        augment: list of Augment.
        corrupt: an Augment that is put on raw examples with the same draw in
            each epoch, or None.
        rounds: int >= 1, how often an epoch goes through the examples.
        sizes: int array (n,), by which shuffled batches are alike, or None.

    Returns:
        tf.data.Dataset of `(x, y)` or `(x, y, weight)`; each iteration is the
        next epoch. Its attribute `epoch` is a tf.Variable that holds the last
        epoch given, one less than the next; `examples` is their number.
    """
    n = source.size
    steps = -(-n * rounds // batch_size)
    counter = tf.Variable(epoch - 1, dtype=tf.int64, trainable=False)
    plain = not augment and corrupt is None and rounds == 1
    alike = None
    if sizes is not None and shuffle:
        alike = tf.constant(sizes, tf.int64), batch_size
    if source.resident and plain and alike is None:
        data = _resident(source, batch_size, shuffle, seed, counter)
        return _finished(data, steps, counter, n)

    @_PLAIN
    def one_epoch(_):
        number = counter.assign_add(1)
        first = number * rounds
        order = tf.concat(
            [_order(n, shuffle, seed, first + i, alike) for i in range(rounds)],
            0,
        )
        batches = tf.data.Dataset.from_tensor_slices(order).batch(batch_size)
        return batches.enumerate().map(_PLAIN(lambda i, ids: (number, i, ids)))

    prepare = _PLAIN(_steps(source, augment, corrupt, seed, alike is not None))
    data = (
        tf.data.Dataset.from_tensors(0)
        .flat_map(one_epoch)
        .map(prepare, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .prefetch(tf.data.AUTOTUNE)
    )
    return _finished(data, steps, counter, n)


def _finished(data, steps, counter, examples):
    """What every stream ends with: its length, and what it tells of itself."""
    data = data.apply(tf.data.experimental.assert_cardinality(steps))
    data = untuned(data)
    data.epoch, data.examples = counter, examples
    return data


def _resident(source, batch_size, shuffle, seed, counter):
    """The same batches without a graph of work that each epoch must start."""

    @_PLAIN
    def one_epoch(_):
        order = _order(source.size, shuffle, seed, counter.assign_add(1))
        fields = pack(source.aim(source.ready(order, None, None)))
        return tf.data.Dataset.from_tensor_slices(fields).batch(batch_size)

    return tf.data.Dataset.from_tensors(0).flat_map(one_epoch).prefetch(2)


def _order(n, shuffle, seed, epoch, alike=None):
    """The places of an epoch; `alike` is sizes and the batches' own."""
    if not shuffle:
        return tf.range(n, dtype=tf.int64)
    key = tf.stack([tf.constant(child_seed(seed, "shuffle"), tf.int64), epoch])
    order = tf.random.experimental.stateless_shuffle(
        tf.range(n, dtype=tf.int64), key
    )
    return order if alike is None else grouped(order, *alike, key)


def _steps(source, augment, corrupt, seed, brief):
    """The work on one batch: raw, prepare, prepared, batch."""
    plan = [
        (child_seed(seed, "augment", place), part)
        for place, part in enumerate(augment)
    ]
    parts = {
        stage: _joined([item for item in plan if item[1].stage == stage])
        for stage in STAGES
    }
    raw = bool(parts["raw"]) or corrupt is not None
    fetch = source.raw if raw else source.ready
    noise = child_seed(seed, "corrupt")

    def act(epoch, index, ids):
        fields = fetch(ids, epoch, index)
        if corrupt is not None:
            fields = corrupt(fields, _key(noise, 0, index))
        for stage in STAGES:
            for key, part in parts[stage]:
                fields = part(fields, _key(key, epoch, index))
            if stage == "raw" and raw:
                fields = {**fields, "x": source.prepare(fields["x"])}
        return pack(source.aim(fields, brief))

    return act


def _joined(items):
    """Lets neighbouring parts that can share a pass do so."""
    found, run = [], []
    for key, part in [*items, (None, None)]:
        if getattr(part, "compiled", False):
            run.append((key, part))
            continue
        if len(run) > 1:
            # Each part keeps its place's own draws, apart from the others'.
            members = [(place, each) for place, (_, each) in enumerate(run)]
            found.append((run[0][0], run[0][1].fuse(members)))
        else:
            found += run
        run = []
        if part is not None:
            found.append((key, part))
    return found


def _key(seed, epoch, index):
    key = tf.constant([seed, 0], tf.int32)
    for number in (epoch, index):
        key = tf.random.experimental.stateless_fold_in(
            key, tf.cast(number, tf.int32)
        )
    return key


class Source:
    """Examples that can be fetched by their number, raw or prepared.

    Args:
        examples: Examples.
        schema: Schema.
        prepare: keras.Model from raw batches to tensors.
        ready: float32 array of prepared examples, or None where they don't
            fit in memory.
        extras: dict of field name to a callable `(ids, epoch, index)` that
            gives the field of a batch.
        task: Task, or None; one of target texts has their words numbered, and
            the words before each step become a part of the inputs.

    Example:
        >>> Source.__name__
        'Source'
    """

    def __init__(
        self, examples, schema, prepare, ready=None, extras=None, task=None
    ):
        y = examples.y
        self._writes = hasattr(task, "words") and y is not None
        if self._writes:
            y = number_texts(task, y)
        self.size = len(examples)
        self._schema = schema
        self._model = prepare
        self._extras = extras or {}
        self._files = examples.files
        self._x = _getter(examples.x)
        self._guard = None
        if examples.files and ready is None:
            self._guard = Guard(schema, examples.x, examples.stamps)
        self._ready = None if ready is None else tf.constant(ready)
        self._bytes = 0 if ready is None else ready.nbytes
        self._lazy = isinstance(y, Rows)
        self._fields = {}
        for name, values in (("y", y), ("weight", examples.weight)):
            if values is not None:
                self._fields[name] = _getter(values)

    @property
    def resident(self):
        """bool, whether a whole epoch may be gathered at once."""
        small = self._ready is not None and self._bytes <= _RESIDENT
        return small and not self._extras and not self._lazy

    def raw(self, ids, epoch, index):
        """Fetches a batch as it is, files decoded."""
        return self._fetch(self._values(ids), ids, epoch, index)

    def ready(self, ids, epoch, index):
        """Fetches a prepared batch."""
        if self._ready is None:
            x = self.prepare(self._values(ids))
        else:
            x = tf.gather(self._ready, ids)
        return self._fetch(x, ids, epoch, index)

    def aim(self, fields, brief=False):
        """Puts the words before each step beside the inputs, of texts."""
        if not self._writes:
            return fields
        words = cut(fields["y"]) if brief else fields["y"]
        x = {"source": fields["x"], "target": shifted(words)}
        return {**fields, "x": x, "y": words}

    def prepare(self, x):
        """Prepares a raw batch."""
        if self._schema.kind in ("image", "video"):
            x = tf.cast(x, tf.float32)
        return self._model(x, training=False)

    def _values(self, ids):
        if not self._files:
            return self._x(ids)
        with tf.control_dependencies([self._guard(ids)]):
            return read_batch(self._schema, tf.identity(self._x(ids)))

    def _fetch(self, x, ids, epoch, index):
        fields = {name: get(ids) for name, get in self._fields.items()}
        extras = {
            name: f(ids, epoch, index) for name, f in self._extras.items()
        }
        # A method that needs no labels still gets a batch of (x, y).
        fields.setdefault("y", tf.zeros_like(ids))
        return {"x": x, **fields, **extras}


def _getter(values):
    """A function from places to a batch of values, of any structure."""
    if isinstance(values, Mapping):
        getters = {name: _getter(each) for name, each in values.items()}
        return lambda ids: {name: get(ids) for name, get in getters.items()}
    if not isinstance(values, Rows):
        held = tf.constant(values)
        return lambda ids: tf.gather(held, ids)

    def read(ids):
        # The disk is read here, so nothing is held in memory.
        kind = tf.string if values.dtype == object else values.dtype
        found = tf.numpy_function(values.read, [ids], kind)
        found.set_shape((None, *values.shape[1:]))
        return found

    return read


def unlabeled(source, batch_size, seed):
    """Cycles through another source, beside the batches of a first one.

    Args:
        source: Source of the unlabeled examples.
        batch_size: int, as of the first one.
        seed: int.

    Returns:
        callable `(ids, epoch, index)` to a batch of prepared inputs.
    """
    turn = in_turn(source.size, batch_size, child_seed(seed, "unlabeled"))

    def fetch(ids, epoch, index):
        return source.ready(turn(ids, epoch, index), epoch, index)["x"]

    return fetch


def in_turn(n, batch_size, seed):
    """Takes examples in turn, in a new order each epoch.

    Args:
        n: int, how many there are.
        batch_size: int, as of the batches that they go with.
        seed: int.

    Returns:
        callable `(ids, epoch, index)` to as many places as there are ids.

    Example:
        >>> turn = in_turn(5, 3, seed=0)
        >>> ids, epoch = tf.range(3), tf.constant(0, tf.int64)
        >>> rows = [turn(ids, epoch, i) for i in tf.range(2, dtype=tf.int64)]
        >>> sorted(tf.concat(rows, 0).numpy()[:5].tolist())
        [0, 1, 2, 3, 4]
    """

    def turn(ids, epoch, index):
        order = _order(n, True, seed, epoch)
        count = tf.range(tf.shape(ids)[0], dtype=tf.int64)
        return tf.gather(order, (index * batch_size + count) % n)

    return turn


def codes(values):
    """Numbers the groups of examples.

    Args:
        values: array (n,) of str.

    Returns:
        callable `(ids, epoch, index)` to the numbers of a batch.

    Raises:
        ValueError: where there are no groups.
    """
    if values is None:
        raise ValueError(
            message(
                "batches",
                "the data must have groups for a method that needs `group`",
                None,
                "Pass group= to load.",
            )
        )
    numbers = tf.constant(np.unique(values, return_inverse=True)[1])
    return lambda ids, epoch, index: tf.gather(numbers, ids)
