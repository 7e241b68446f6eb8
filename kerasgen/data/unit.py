"""How long the range of pixels is, once they are prepared."""

import numpy as np

from kerasgen.core import message


def input_range(data):
    """Gives what the darkest and the brightest pixel are prepared to.

    A method's epsilon is in the unit of prepared inputs: 8 of 255 grey levels
    are `8 / 255 * (high - low)`.

    Args:
        data: Data of images or videos.

    Returns:
        Pair of floats, `low` and `high` of every prepared number.

    Raises:
        ValueError: for other data, or where channels or places are prepared
            differently, or not by a straight line.

    Example:
        >>> from kerasgen.data import load
        >>> spec = {"name": "scale", "source_low": 0, "source_high": 255}
        >>> input_range(load("digits", prepare=spec))
        (0.0, 1.0)
    """
    schema = data.schema
    if schema.kind not in ("image", "video"):
        raise ValueError(
            message(
                "input_range",
                "the data must be images or videos",
                {"kind": schema.kind},
            )
        )
    middle = 0.5 * (schema.low + schema.high)
    levels = (schema.low, middle, schema.high)
    raw = np.stack([np.full(schema.shape, v, "float32") for v in levels])
    found = np.asarray(data.prepare(raw, training=False), "float64")
    flat = found.reshape(3, -1)
    length = flat[2] - flat[0]
    bend = flat[1] - 0.5 * (flat[0] + flat[2])
    uneven = max(np.ptp(flat[0]), np.ptp(flat[2]), np.abs(bend).max())
    whole = np.abs(length).max()
    if not whole or not uneven <= 1e-4 * whole:
        raise ValueError(
            message(
                "input_range",
                "all pixels must be prepared alike, by a straight line",
                {"prepare": [layer.name for layer in data.prepare.layers]},
                'Load the data with prepare={"name": "scale", '
                f'"source_low": {schema.low:g}, '
                f'"source_high": {schema.high:g}}}.',
            )
        )
    return float(flat[0].mean()), float(flat[2].mean())
