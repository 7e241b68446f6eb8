"""Extras: the fields of a batch that a method needs beyond `(x, y)`."""

import dataclasses

import numpy as np
import tensorflow as tf

from kerasgen.core import child_seed, message, one_of
from kerasgen.data.examples import join
from kerasgen.data.stream import Source, codes, in_turn, unlabeled

# Prepared splits up to this many bytes stay in memory.
FITS = 2**30
NEEDS = ("unlabeled", "group", "index", "other", "pairs")


@dataclasses.dataclass(frozen=True, eq=False)
class Beside:
    """Data of another shape that a train split goes with.

    Args:
        data: Data.
        paired: bool, whether its examples are other views of the very same
            ones, known by their ids.

    Example:
        >>> import kerasgen as kg
        >>> Beside(kg.data.load("wine"), paired=False).paired
        False
    """

    data: object
    paired: bool


def find_extras(data, source, needs, split, batch_size):
    """Makes what gives the fields that a method needs.

    Args:
        data: Data.
        source: callable from a split's name to the Source of it.
        needs: tuple of str.
        split: str, the split that the fields go with.
        batch_size: int.

    Returns:
        int, how often an epoch must go through the split until it has seen
        all of what goes with it, and dict of name to a callable
        `(ids, epoch, index)`.

    Raises:
        ValueError: for a need that isn't met.

    Example:
        >>> import kerasgen as kg
        >>> find_extras(kg.data.load("wine"), None, (), "train", 32)
        (1, {})
    """
    found, longest = {}, 0
    for need in needs:
        one_of("batches", "needs", need, NEEDS)
        if need == "group":
            found[need] = codes(data.splits[split].group)
        elif need == "index":
            found[need] = lambda ids, *_: ids
        elif need == "unlabeled":
            one_of("batches", "a split for needs", need, data.splits)
            part = source("unlabeled")
            found[need] = unlabeled(part, batch_size, data.seed)
        else:
            make = _other if need == "other" else _pairs
            size, found[need] = make(data, split, batch_size)
            longest = max(longest, size)
    return max(1, -(-longest // len(data.splits[split]))), found


def _other(data, split, batch_size):
    """Examples of another shape with their own labels, in turn."""
    train = _beside(data, "other").splits["train"]
    part = whole(data.other.data, ("train",))
    turn = in_turn(part.size, batch_size, child_seed(data.seed, "other"))

    def fetch(ids, epoch, index):
        fields = part.ready(turn(ids, epoch, index), epoch, index)
        return {"x": fields["x"], "y": fields["y"]}

    return len(train), fetch


def _pairs(data, split, batch_size):
    """Pairs of two shapes: of one example, or else of one class."""
    other = _beside(data, "pairs")
    if not data.other.paired:
        return _pairs_of_class(data, other, batch_size)
    names = [name for name in ("train", "unlabeled") if name in data.splits]
    first = whole(data, names)
    second = whole(other, names)
    # Both are in the order of their ids.
    have, ids = second.examples.ids, first.examples.ids
    places = np.minimum(np.searchsorted(have, ids), len(have) - 1)
    if not np.array_equal(have[places], ids):
        raise ValueError(
            message(
                "batches",
                "each example of train and unlabeled must have its other view",
                {"examples": len(ids), "views": len(have)},
                "Use kerasgen.data.pair on the data as they are now.",
            )
        )
    places = tf.constant(places)
    turn = in_turn(first.size, batch_size, child_seed(data.seed, "pairs"))

    def fetch(ids, epoch, index):
        rows = turn(ids, epoch, index)
        view = second.ready(tf.gather(places, rows), epoch, index)
        return {"x": first.ready(rows, epoch, index)["x"], "view": view["x"]}

    return first.size, fetch


def _pairs_of_class(data, other, batch_size):
    """Each labelled example with one of its class, drawn anew each epoch."""
    first, second = whole(data, ("train",)), whole(other, ("train",))
    y, labels = (np.asarray(part.examples.y) for part in (first, second))
    if data.schema.target != "class" or set(y) - set(labels):
        raise ValueError(
            message(
                "batches",
                "pairs of data that aren't views of the same examples are "
                "made by class, and each class must be on both sides",
                {"target": data.schema.target},
                "Use kerasgen.data.pair for two views of the same examples.",
            )
        )
    order = tf.constant(np.argsort(labels, kind="stable"))
    counts = np.bincount(labels, minlength=int(y.max()) + 1)
    starts = tf.constant((np.cumsum(counts) - counts)[y])
    counts = tf.constant(counts[y])
    seed = child_seed(data.seed, "pairs")
    turn = in_turn(first.size, batch_size, seed)

    def fetch(ids, epoch, index):
        rows = turn(ids, epoch, index)
        key = tf.random.experimental.stateless_fold_in(
            tf.stack([tf.constant(seed, tf.int64), epoch]), index
        )
        drawn = tf.random.stateless_uniform(tf.shape(rows), key)
        many = tf.gather(counts, rows)
        step = tf.cast(drawn * tf.cast(many, tf.float32), many.dtype)
        step = tf.minimum(step, many - 1)
        view = tf.gather(order, tf.gather(starts, rows) + step)
        return {
            "x": first.ready(rows, epoch, index)["x"],
            "view": second.ready(view, epoch, index)["x"],
        }

    return first.size, fetch


def _beside(data, need):
    if data.other is None:
        raise ValueError(
            message(
                "batches",
                f"the data must have others beside them for a method that "
                f"needs `{need}`",
                None,
                "Use kerasgen.data.beside, or kerasgen.data.pair.",
            )
        )
    return data.other.data


def whole(data, names):
    """Makes one source of a few splits.

    Args:
        data: Data.
        names: tuple of str, the splits; of several, labels are left out.

    Returns:
        Source with the attribute `examples`, in its order.

    Example:
        >>> import kerasgen as kg
        >>> whole(kg.data.load("wine"), ("train", "stop")).size
        125
    """
    parts = [data.splits[name] for name in names]
    if len(parts) > 1:
        parts = [dataclasses.replace(p, y=None, weight=None) for p in parts]
    examples = join(parts)
    ready = None
    if 4 * len(examples) * int(np.prod(data.shape)) <= FITS:
        order = np.concatenate([part.ids for part in parts])
        ready = np.concatenate([data.tensors(name)[0] for name in names])
        ready = ready[np.argsort(order, kind="stable")]
    source = Source(examples, data.schema, data.prepare, ready)
    source.examples = examples
    return source
