"""Moving statistics of batch normalization, and passes that leave them."""

import contextlib

import keras
from keras import ops


def statistics(model):
    """Lists what batch normalization remembers of batches.

    Args:
        model: keras.Model.

    Returns:
        list of keras.Variable: moving means and variances of the layers that
        may be trained; others never move theirs.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> [each.name for each in statistics(model)]
        ['moving_mean', 'moving_variance']
    """
    return [
        variable
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization)
        and layer.trainable
        for variable in layer.non_trainable_variables
    ]


@contextlib.contextmanager
def unmoved(model):
    """Lets passes in training mode leave the moving statistics alone.

    Batches are normalised by themselves as ever. The statistics go back to
    what they were where the block ends.

    Args:
        model: keras.Model.

    Yields:
        None.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> with unmoved(model):
        ...     outputs = model(ops.ones((8, 4)), training=True)
        >>> float(ops.min(statistics(model)[1]))
        1.0
    """
    kept = [(variable, ops.copy(variable)) for variable in statistics(model)]
    yield
    for variable, value in kept:
        variable.assign(value)
