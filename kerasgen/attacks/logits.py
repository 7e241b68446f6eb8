"""From a model to the function that gives its logits."""

import keras

_ENDS = ("softmax", "sigmoid", "log_softmax")


def logits_of(model):
    """Finds the function from inputs to logits.

    A softmax or sigmoid at the end is left out: what a model gives after it
    is flat where the model is sure, and slopes vanish. Weights are those of
    the model, now and later.

    Args:
        model: keras.Model, or callable from a tensor to logits.

    Returns:
        callable from a tensor to logits.

    Example:
        >>> x = keras.Input((2,))
        >>> layer = keras.layers.Dense(3, activation="softmax")
        >>> model = keras.Model(x, layer(x))
        >>> found = logits_of(model)(keras.ops.ones((1, 2)))
        >>> float(abs(keras.ops.sum(found) - 1.0)) > 1e-3
        True
    """
    if not isinstance(model, keras.Model):
        return model
    inner = getattr(model, "model", model)
    model = inner if isinstance(inner, keras.Model) else model
    last = _last(model)
    kind = getattr(getattr(last, "activation", None), "__name__", "")
    # A layer, or the operation of `keras.ops`.
    whole = type(last).__name__ in ("Softmax", "Sigmoid", "LogSoftmax")

    def answer(x):
        if kind not in _ENDS and not whole:
            return model(x, training=False)
        with Swapped(last, "call" if whole else "activation", _same):
            return model(x, training=False)

    return answer


def _last(model):
    """Finds the layer that makes the output, inside nested models too."""
    while isinstance(model, keras.Model) and model.layers:
        made = getattr(model, "_operations", None) and model.outputs[0]
        history = getattr(made, "_keras_history", None)
        model = history.operation if history else model.layers[-1]
    return model


def _same(x, **_):
    return x


class Swapped:
    """Puts another value in the place of an attribute, for a while.

    Args:
        part: object.
        name: str, the attribute.
        value: what stands there meanwhile.

    Example:
        >>> layer = keras.layers.Dense(2, "relu")
        >>> with Swapped(layer, "units", 3):
        ...     layer.units
        3
        >>> layer.units
        2
    """

    def __init__(self, part, name, value):
        self.part, self.name, self.value = part, name, value

    def __enter__(self):
        self.own = self.name in self.part.__dict__
        self.kept = getattr(self.part, self.name)
        object.__setattr__(self.part, self.name, self.value)

    def __exit__(self, *_):
        if self.own:
            object.__setattr__(self.part, self.name, self.kept)
        else:
            object.__delattr__(self.part, self.name)
