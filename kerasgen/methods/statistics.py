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
        for layer in _norms(model)
        for variable in layer.non_trainable_variables
    ]


def _norms(model):
    return [
        layer
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization)
        and layer.trainable
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


@contextlib.contextmanager
def own_statistics(model, x):
    """Lets a model answer a batch by the batch's own statistics.

    In the block, moving statistics are those of the batch; behind it, they
    are what they were. Unlike in training mode nothing is dropped.

    Args:
        model: keras.Model; one without batch normalization stays as it is.
        x: inputs of the model.

    Yields:
        None.

    Example:
        >>> inputs = keras.Input((1,))
        >>> norm = keras.layers.BatchNormalization()
        >>> model = keras.Model(inputs, norm(inputs))
        >>> x = ops.array([[1.0], [3.0]])
        >>> with own_statistics(model, x):
        ...     float(norm.moving_mean[0])
        2.0
        >>> float(norm.moving_mean[0])
        0.0
    """
    norms = _norms(model)
    if not norms:
        yield
        return
    momenta = [layer.momentum for layer in norms]
    with unmoved(model):
        try:
            for layer in norms:
                layer.momentum = 0.0
            model(x, training=True)
        finally:
            for layer, momentum in zip(norms, momenta, strict=True):
                layer.momentum = momentum
        yield
