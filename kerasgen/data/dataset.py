"""A `tf.data.Dataset` of examples, read once in bounded memory."""

import numpy as np
import tensorflow as tf

from kerasgen.core import message
from kerasgen.data.arrays import from_memory
from kerasgen.data.rows import Spool
from kerasgen.data.sounds import fit_samples


def from_dataset(
    dataset,
    *,
    kind=None,
    image_size=None,
    rate=None,
    samples=None,
    cache=None,
    name="dataset",
):
    """Reads a finite dataset of `(x, y)` or `(x, y, weight)`.

    Up to 256 MiB stay in memory; what is more is written to a file and mapped
    from there, so that training reads only the rows of a batch.

    Args:
        dataset: tf.data.Dataset of examples, or of batches where the first
            axis of all parts is unknown or the same; `x` is a tensor or a
            dict of columns.
        kind: str, as in Schema, or None to find it out.
        image_size: pair (height, width) that images are resized to, or None.
        rate: int, samples in a second, for audio.
        samples: int, the length of sounds, or None.
        cache: path of a folder for what doesn't fit in memory, or None for a
            temporary one.
        name: str.

    Returns:
        Raw.

    Raises:
        ValueError: for a dataset that is infinite, empty, without labels, or
            whose examples have several shapes.

    Example:
        >>> x = tf.data.Dataset.range(4).map(lambda i: (tf.ones((2, 2)), i % 2))
        >>> from_dataset(x).x.shape
        (4, 2, 2, 1)
    """
    spec = dataset.element_spec
    if not isinstance(spec, tuple) or len(spec) not in (2, 3):
        raise ValueError(
            message(
                "load",
                "a dataset must give (x, y) or (x, y, weight)",
                {"element": spec},
            )
        )
    if dataset.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise ValueError(
            message(
                "load",
                "a dataset must end; this one is infinite",
                None,
                "Use dataset.take(N).",
            )
        )
    if _batched(spec, kind):
        dataset = dataset.unbatch()
    dataset = _fit(dataset, image_size, samples)
    spools, structure = _spool(dataset, cache)
    if not spools or not spools[0].count:
        raise ValueError(message("load", "a dataset must have examples"))
    found = [spool.close() for spool in spools]
    packed = tf.nest.pack_sequence_as(structure, found)
    x, y, *rest = packed
    if isinstance(x, dict):
        x = {key: np.asarray(values) for key, values in x.items()}
    y = _labels(y)
    raw = from_memory(x, y, name, kind=kind, rate=rate, samples=samples)
    if rest:
        raw.weight = np.asarray(rest[0])
    return raw


def _fit(dataset, image_size, samples):
    """Examples of one size, where one is given."""
    if image_size is None and samples is None:
        return dataset

    def fit(x, *rest):
        if image_size is None:
            return (fit_samples(x, samples), *rest)
        found = tf.image.resize(
            tf.cast(x, tf.float32), image_size, antialias=True
        )
        if x.dtype.is_integer:
            found = tf.clip_by_value(tf.round(found), 0.0, 255.0)
        return (tf.cast(found, x.dtype), *rest)

    return dataset.map(fit)


def _spool(dataset, cache):
    spools, structure, index = None, None, 0
    try:
        for element in dataset.as_numpy_iterator():
            parts = tf.nest.flatten(element)
            if spools is None:
                structure = element
                spools = [Spool(folder=cache) for _ in parts]
            for spool, part in zip(spools, parts, strict=True):
                spool.add(_text(part, index))
            index += 1
    except tf.errors.OpError as error:
        first = str(error.message).strip().splitlines() or ["no reason given"]
        raise ValueError(
            message(
                "load",
                f"the dataset must give every example; after {index} it failed "
                f"({first[0]})",
            )
        ) from error
    return spools, structure


def _text(part, index):
    if isinstance(part, bytes):
        try:
            return part.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(
                message(
                    "load",
                    f"text {index} of the dataset must be UTF-8",
                    {"byte": error.start},
                )
            ) from error
    return part


def _labels(y):
    if isinstance(y, dict):
        return {name: np.asarray(values) for name, values in y.items()}
    return y if y.ndim >= 3 else np.asarray(y)


def _batched(spec, kind):
    """Whether the parts share a first axis that is no example's own."""
    leaves = tf.nest.flatten(spec)
    if any(leaf.shape.rank in (None, 0) for leaf in leaves):
        return False
    firsts = {leaf.shape[0] for leaf in leaves}
    labels = tf.nest.flatten(spec[1])
    # (n,) labels beside inputs of more axes; (n, 1) labels count as such.
    flat = all(
        leaf.shape.rank == 1 or leaf.shape.as_list()[1:] == [1]
        for leaf in labels
    )
    dense = kind in ("tokens",) or not flat
    if dense and labels[0].shape.rank < 3:
        return False
    return len(firsts) == 1 and (flat or None in firsts)
