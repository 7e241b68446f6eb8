"""What a block may do to its branch: attention, and stochastic depth."""

from keras import layers

from kerasgen.core import Choice, Float, create

# A knob's value, and the layer that it stands for.
_LAYERS = {
    "se": "squeeze_excite",
    "eca": "eca",
    "cbam": "cbam",
    "coordinate": "coordinate_attention",
    "non_local": "non_local",
}
BRANCH_KNOBS = {
    "attention": Choice(("none", *_LAYERS), search=("none", "se", "cbam")),
    "drop_path": Float(0.0, 0.9, search=(0.0, 0.3)),
}


def attend(x, kind, name):
    """Weighs channels or places by what the example is.

    Args:
        x: float tensor (batch, height, width, channels).
        kind: str, "none", "se", "eca", "cbam", "coordinate" or "non_local".
        name: str, the layer's name.

    Returns:
        float tensor shaped like `x`.

    Source:
        `kerasgen.layers` names the paper of each.

    Example:
        >>> import keras
        >>> attend(keras.Input((4, 4, 8)), "none", "a").shape
        (None, 4, 4, 8)
    """
    if kind == "none":
        return x
    return create("layer", _LAYERS[kind], name=name)(x)


def drop_branch(x, rate, name):
    """Leaves out a whole branch for some examples, in training alone.

    Args:
        x: float tensor (batch, ...), the branch before it is added.
        rate: float in [0, 1), the share of examples.
        name: str, the layer's name.

    Returns:
        float tensor shaped like `x`; what stays is made greater by as much
        as what goes takes away on average.

    Source:
        Huang et al., "Deep Networks with Stochastic Depth", 2016,
        arXiv:1603.09382, for each example, and scaled in training rather than
        at inference.

    Example:
        >>> import keras
        >>> drop_branch(keras.Input((4, 4, 8)), 0.1, "drop").shape
        (None, 4, 4, 8)
    """
    if not rate:
        return x
    shape = (None, *(1 for _ in x.shape[1:]))
    return layers.Dropout(rate, noise_shape=shape, name=name)(x)


def branch_ends(count, attention, drop_path):
    """Makes what stands at the end of each branch of a network.

    Args:
        count: int, the number of branches, the first nearest to the input.
        attention: str, see `attend`.
        drop_path: float in [0, 0.9], the rate at the last branch; it grows
            linearly from the first.

    Returns:
        list of callables `(tensor, name) -> tensor`.

    Example:
        >>> import keras
        >>> first, last = branch_ends(2, "none", 0.5)
        >>> x = keras.Input((4, 4, 8))
        >>> first(x, "a").shape == last(x, "b").shape == x.shape
        True
    """

    def end(rate):
        return lambda x, name: drop_branch(
            attend(x, attention, f"{name}_attention"), rate, f"{name}_drop"
        )

    return [end(drop_path * (index + 1) / count) for index in range(count)]
