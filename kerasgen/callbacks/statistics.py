"""Moving statistics of batch normalization, found again from data."""

import keras
import numpy as np

from kerasgen.callbacks.state import read
from kerasgen.core import compiled, inputs_of, instance, message


def refresh_statistics(model, batches, limit=None):
    """Makes moving statistics those of the data under the present weights.

    Averaged weights were never run, so their statistics are unknown: the
    average of statistics isn't the statistics of the average. Mean and
    variance of each layer are set to those over all examples, each batch
    having been normalised by itself on the way, as in training.

    Args:
        model: keras.Model, or a method around one; one without batch
            normalization stays as it is.
        batches: iterable of inputs `x`, or of tuples that begin with it.
        limit: int >= 1, the most batches to look at, or None for all.

    Returns:
        int, the number of batches that were looked at.

    Raises:
        TypeError: for what is no keras.Model.
        ValueError: where there is no batch.

    Source:
        Izmailov et al., "Averaging Weights Leads to Wider Optima and Better
        Generalization", 2018, arXiv:1803.05407, section 3.2. Variances of
        batches are joined with the spread of their means, which an average
        of variances leaves out.

    Example:
        >>> inputs = keras.Input((1,))
        >>> layer = keras.layers.BatchNormalization()
        >>> model = keras.Model(inputs, layer(inputs))
        >>> refresh_statistics(model, [np.array([[1.0], [3.0]])])
        1
        >>> float(layer.moving_mean[0]), float(layer.moving_variance[0])
        (2.0, 1.0)
    """
    instance("refresh_statistics", "model", model, keras.Model)
    model = getattr(model, "model", model)
    norms = [
        layer
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization)
        and layer.trainable
    ]
    if not norms:
        return 0
    kept = [
        (variable, read(variable))
        for variable in model.non_trainable_variables
        if "seed_generator" in variable.path
    ]
    momenta = [layer.momentum for layer in norms]
    sums, whole, count = None, 0, 0
    try:
        for layer in norms:
            # The moving statistics of one batch are then its own.
            layer.momentum = 0.0
        run = compiled(lambda x: model(x, training=True))
        for batch in batches:
            if limit is not None and count == limit:
                break
            x = inputs_of(_first(batch))
            n = int(keras.tree.flatten(x)[0].shape[0])
            run(keras.tree.map_structure(keras.ops.convert_to_tensor, x))
            seen = [_moments(layer) for layer in norms]
            sums = _added(sums, seen, n)
            whole, count = whole + n, count + 1
    finally:
        for layer, momentum in zip(norms, momenta, strict=True):
            layer.momentum = momentum
        for variable, value in kept:
            variable.assign(value)
    if not count:
        raise ValueError(
            message(
                "refresh_statistics",
                "there must be a batch to look at",
                {"batches": 0},
            )
        )
    for layer, (mean, square) in zip(norms, sums, strict=True):
        mean, square = mean / whole, square / whole
        layer.moving_mean.assign(mean)
        layer.moving_variance.assign(np.maximum(square - mean**2, 0.0))
    return count


def _first(batch):
    return batch[0] if isinstance(batch, (tuple, list)) else batch


def _moments(layer):
    mean = read(layer.moving_mean).astype("float64")
    return mean, read(layer.moving_variance) + mean**2


def _added(sums, seen, n):
    if sums is None:
        return [(n * mean, n * square) for mean, square in seen]
    return [
        (a + n * mean, b + n * square)
        for (a, b), (mean, square) in zip(sums, seen, strict=True)
    ]
