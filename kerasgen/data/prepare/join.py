"""Columns side by side: into one batch of rows, and back out of many."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("kerasgen.prepare")
class Stack(keras.layers.Layer):
    """Puts columns (batch,) beside each other.

    Args:
        **kwargs: arguments of `keras.layers.Layer`.

    Example:
        >>> Stack()([tf.constant([1.0]), tf.constant([2.0])]).shape
        TensorShape([1, 2])
    """

    def __init__(self, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)

    def call(self, inputs):
        """Stacks.

        Args:
            inputs: list of tensors (batch,), all numbers or all strings.

        Returns:
            tensor (batch, columns).
        """
        return tf.stack([tf.reshape(x, (-1,)) for x in inputs], 1)

    def compute_output_spec(self, inputs):
        """Gives a tensor (batch, columns)."""
        first = inputs[0]
        return keras.KerasTensor((first.shape[0], len(inputs)), first.dtype)


@keras.saving.register_keras_serializable("kerasgen.prepare")
class Join(keras.layers.Layer):
    """Joins rows (batch, width); whole numbers among others become float32.

    Args:
        **kwargs: arguments of `keras.layers.Layer`.

    Example:
        >>> Join()([tf.ones((1, 2)), tf.ones((1, 1), tf.int32)]).dtype
        tf.float32
    """

    def __init__(self, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)

    def call(self, inputs):
        """Joins.

        Args:
            inputs: list of tensors (batch, width).

        Returns:
            tensor (batch, sum of widths).
        """
        dtype = _common([x.dtype.name for x in inputs])
        flat = [tf.reshape(x, (tf.shape(x)[0], -1)) for x in inputs]
        return tf.concat([tf.cast(x, dtype) for x in flat], 1)

    def compute_output_spec(self, inputs):
        """Gives a tensor (batch, sum of widths)."""
        width = 0
        for x in inputs:
            size = 1
            for axis in x.shape[1:]:
                size *= axis
            width += size
        dtype = _common(
            [keras.backend.standardize_dtype(x.dtype) for x in inputs]
        )
        return keras.KerasTensor((inputs[0].shape[0], width), dtype)


def _common(dtypes):
    return dtypes[0] if len(set(dtypes)) == 1 else "float32"
