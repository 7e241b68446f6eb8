"""Gradients of terms by variables, and of values by inputs."""

import tensorflow as tf


def value_and_gradients(objective, variables, scale=None):
    """Evaluates an objective and differentiates the sum of its terms.

    Args:
        objective: callable without arguments that returns a dict of scalar
            terms and the model's outputs.
        variables: list of keras.Variable to differentiate by.
        scale: callable from scalar to scalar that a loss-scaling optimizer
            applies before differentiation, or None.

    Returns:
        Terms, outputs, and a list of gradients; None where a variable has no
        part in the terms.

    Example:
        >>> import keras
        >>> v = keras.Variable(3.0)
        >>> terms, _, (gradient,) = value_and_gradients(
        ...     lambda: ({"task": v.value * v.value}, None), [v])
        >>> float(gradient)
        6.0
    """
    with tf.GradientTape() as tape:
        terms, outputs = objective()
        total = sum(terms.values())
        if scale is not None:
            total = scale(total)
    values = [variable.value for variable in variables]
    return terms, outputs, tape.gradient(total, values)


def term_gradients(objective, variables, scale=None):
    """Evaluates an objective and differentiates each of its terms.

    Args:
        objective: callable without arguments that returns a dict of scalar
            terms and the model's outputs.
        variables: list of keras.Variable to differentiate by.
        scale: callable from scalar to scalar that a loss-scaling optimizer
            applies before differentiation, or None.

    Returns:
        Terms, outputs, and for each term a list of gradients; None where a
        variable has no part in it.

    Example:
        >>> import keras
        >>> v = keras.Variable(3.0)
        >>> *_, ((one,), (two,)) = term_gradients(
        ...     lambda: ({"a": v.value * 2.0, "b": v.value ** 2}, None), [v])
        >>> float(one), float(two)
        (2.0, 6.0)
    """
    with tf.GradientTape(persistent=True) as tape:
        terms, outputs = objective()
        parts = list(terms.values())
        if scale is not None:
            parts = [scale(part) for part in parts]
    values = [variable.value for variable in variables]
    return terms, outputs, [tape.gradient(part, values) for part in parts]


def input_gradient(function, x):
    """Differentiates a function by its input.

    Args:
        function: callable from a tensor shaped like `x` to a tensor; its
            elements are summed.
        x: float tensor.

    Returns:
        float tensor shaped like `x`.

    Example:
        >>> float(input_gradient(lambda x: x * x, tf.constant(2.0)))
        4.0
    """
    x = tf.convert_to_tensor(x)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        value = function(x)
    return tape.gradient(value, x)


def compiled(function, any_batch=False):
    """Compiles a function of tensors; each set of shapes is traced once.

    Args:
        function: callable from tensors to tensors.
        any_batch: bool, whether one trace serves every length of the first
            axis.

    Returns:
        callable of the same arguments.

    Example:
        >>> float(compiled(lambda x: x + 1.0)(tf.constant(1.0)))
        2.0
    """
    if not any_batch:
        return tf.function(function, reduce_retracing=False)
    known = {}

    def run(*tensors):
        key = tuple((tensor.dtype, *tensor.shape[1:]) for tensor in tensors)
        if key not in known:
            signature = [
                tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype)
                for tensor in tensors
            ]
            known[key] = tf.function(function, input_signature=signature)
        return known[key](*tensors)

    return run
