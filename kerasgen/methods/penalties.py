"""What a model's own layers and weights add to a loss."""

import tensorflow as tf
from keras import ops

from kerasgen.core import mean


def penalties(model):
    """Sums up the losses that a model brings along.

    These are the regularizers of its weights, and what its layers added
    (`add_loss`) when they were last called.

    Args:
        model: keras.Model.

    Returns:
        dict of `penalty` and a float scalar, scaled for replicas; empty where
        the model brings none.

    Example:
        >>> import keras
        >>> layer = keras.layers.Dense(
        ...     1, kernel_initializer="ones", kernel_regularizer="l2")
        >>> model = keras.Sequential([keras.Input((2,)), layer])
        >>> round(float(penalties(model)["penalty"]), 3)
        0.02
    """
    found = [loss for loss in model.losses if _within_reach(loss)]
    if not found:
        return {}
    total = sum(ops.cast(ops.sum(loss), "float32") for loss in found)
    return {"penalty": mean(total)}


def _within_reach(loss):
    # What was added in another graph, say in one branch of a choice, or by a
    # call before this trace, can't be asked for here.
    if tf.executing_eagerly():
        return not tf.is_symbolic_tensor(loss)
    graph = (
        getattr(loss, "graph", None) if tf.is_symbolic_tensor(loss) else None
    )
    return graph is tf.compat.v1.get_default_graph()
