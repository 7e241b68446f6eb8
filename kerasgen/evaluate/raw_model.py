"""A model as seen from the raw side: pixels of [0, 1] in, logits out."""

import keras
import numpy as np

PIXELS = ("image", "video")


def seen_from_outside(model, data, split, limit):
    """Gives what attacks of inputs need to know of a model and a split.

    Of images and videos the raw pixels are changed, and `prepare` is a part
    of the model; one unit is the whole range of pixels. Of other data the
    prepared numbers are changed, in their own unit.

    Args:
        model: keras.Model from prepared tensors to logits.
        data: Data.
        split: str.
        limit: int, at most so many examples.

    Returns:
        Tuple of a keras.Model from inputs to logits, inputs (n, ...) and
        labels (n,), and the bounds (low, high), None without; or a str, why
        there is nothing to change.

    Example:
        >>> from kerasgen.data import load
        >>> data = load("digits")
        >>> model = keras.Sequential(
        ...     [keras.Input(data.shape), keras.layers.Flatten()])
        >>> _, x, _, bounds = seen_from_outside(model, data, "test", 5)
        >>> x.shape, bounds
        ((5, 8, 8, 1), (0.0, 1.0))
    """
    if data.schema.kind in PIXELS:
        low, high = data.schema.low, data.schema.high
        x = np.asarray(data.raw(split, limit), "float32")
        y = np.asarray(data.splits[split].y)[: len(x)]
        inputs = keras.Input(x.shape[1:], dtype="float32")
        pixels = keras.layers.Rescaling(high - low, low)(inputs)
        whole = keras.Model(inputs, model(data.prepare(pixels)))
        x = np.clip((x - low) / (high - low), 0.0, 1.0)
        return whole, x, y, (0.0, 1.0)
    x, y = data.tensors(split, limit)
    if not np.issubdtype(x.dtype, np.floating):
        return f"data of kind {data.schema.kind!r} have no slopes"
    x = np.asarray(x, "float32")
    return model, x, np.asarray(y), _bounds(x)


def _bounds(x):
    """What attacks take for the range of inputs; see `attacks.Attack`."""
    if not len(x) or x.min() < 0 or x.max() > 255:
        return None, None
    return 0.0, 1.0 if x.max() <= 1 else 255.0
