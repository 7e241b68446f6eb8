"""The batch on the wire: Keras's `(x, y, weight)`, and the fields beyond it.

What a method needs besides the triple rides in a dict in the first place,
`({"inputs": x, "unlabeled": u}, y, weight)`, so that stock `fit`, `evaluate`
and `predict` still take the batch.
"""

from collections.abc import Mapping

import keras
import tensorflow as tf
from keras import ops

from kerasgen.core.check import message

EXTRAS = ("unlabeled", "domain", "group", "index", "other", "pairs")


def inputs_of(x):
    """Takes the model's own input out of what came first in a batch.

    Args:
        x: a tensor, a dict of model inputs, or a dict with `inputs` and
            further fields.

    Returns:
        The model's input.

    Example:
        >>> inputs_of({"inputs": 1, "unlabeled": 2})
        1
    """
    return x["inputs"] if isinstance(x, Mapping) and "inputs" in x else x


def unpack(data):
    """Opens a batch.

    Args:
        data: what a `tf.data.Dataset` yields: `x`, `(x, y)` or
            `(x, y, weight)`.

    Returns:
        dict with `x`, `y`, `weight` and the extra fields that came.

    Example:
        >>> sorted(unpack(({"inputs": 1, "unlabeled": 2}, 3)))
        ['unlabeled', 'weight', 'x', 'y']
    """
    x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
    extras = {}
    if isinstance(x, Mapping) and "inputs" in x:
        extras = {key: x[key] for key in x if key != "inputs"}
    return {"x": inputs_of(x), "y": y, "weight": weight, **extras}


def pack(fields):
    """Closes a batch: the inverse of `unpack`.

    Args:
        fields: dict with `x` and `y`, and maybe `weight` and extra fields.

    Returns:
        Tuple as Keras takes it.

    Example:
        >>> pack({"x": 1, "y": 2, "domain": 0})
        ({'inputs': 1, 'domain': 0}, 2)
    """
    extras = {key: fields[key] for key in EXTRAS if fields.get(key) is not None}
    x = {"inputs": fields["x"], **extras} if extras else fields["x"]
    if fields.get("weight") is None:
        return (x, fields["y"])
    return (x, fields["y"], fields["weight"])


def same_shapes(where, batch):
    """Checks that labelled and unlabelled examples have one shape.

    Args:
        where: str, who complains.
        batch: dict with `x`, and maybe `unlabeled`.

    Raises:
        ValueError: for unlabelled examples of another shape.

    Example:
        >>> same_shapes("DANN", {"x": ops.ones((4, 3))})
    """
    if batch.get("unlabeled") is None:
        return
    known, other = (
        [tuple(getattr(part, "shape", ()))[1:] for part in tf.nest.flatten(x)]
        for x in (batch["x"], batch["unlabeled"])
    )
    if known != other:
        raise ValueError(
            message(
                where,
                "examples of source and target must have one shape",
                {"source": known, "target": other},
                "Resize or cut one of them to the other's shape, or use "
                "TwoEncoders.",
            )
        )


def mean(values):
    """Averages per-example values so that replicas add up to one mean.

    Optimizers sum gradients over replicas, and Keras divides its own losses
    by their number. A term that is averaged by hand must do the same.

    Args:
        values: float tensor of any shape; the first axis is the batch.

    Returns:
        float scalar.

    Example:
        >>> float(mean(ops.array([1.0, 3.0])))
        2.0
    """
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    return ops.mean(values) / replicas
