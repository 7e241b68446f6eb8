"""A teacher whose weights are an average of the model's."""

import keras
from keras import ops

from kerasgen.core import clone


def copied(model, name="teacher"):
    """Copies a model that nothing trains.

    Args:
        model: keras.Model.
        name: str, of the copy.

    Returns:
        keras.Model with the same weights.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> len(copied(model).trainable_variables)
        0
    """
    teacher = clone(model)
    teacher.trainable = False
    teacher.name = name
    return teacher


def follow(teacher, model, momentum, steps=None):
    """Moves a teacher towards the model.

    Args:
        teacher: keras.Model from `copied`.
        model: keras.Model.
        momentum: float in [0, 1), the share that the teacher keeps.
        steps: scalar tensor, the steps taken; the share is no greater than
            (1 + steps) / (10 + steps), so that the start is soon forgotten.
            None keeps `momentum` from the start.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> follow(copied(model), model, 0.9)
    """
    if steps is not None:
        steps = ops.cast(steps, "float32")
        momentum = ops.minimum(momentum, (1.0 + steps) / (10.0 + steps))
    for old, new in zip(teacher.variables, model.variables, strict=True):
        if not keras.backend.is_float_dtype(old.dtype):
            continue
        gap = ops.convert_to_tensor(new) - ops.convert_to_tensor(old)
        old.assign_add(ops.cast(1.0 - momentum, old.dtype) * gap)
