"""What a block may do to its branch: attention, and stochastic depth."""

from kerasgen.core import Choice, Float
from kerasgen.layers import (
    CBAM,
    ECA,
    CoordinateAttention,
    DropPath,
    NonLocal,
    SqueezeExcite,
)

# A knob's value, and the layer that it stands for.
_LAYERS = {
    "se": SqueezeExcite,
    "eca": ECA,
    "cbam": CBAM,
    "coordinate": CoordinateAttention,
    "non_local": NonLocal,
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
    return _LAYERS[kind](name=name)(x)


def branch_ends(count, attention, drop_path):
    """Makes what stands at the end of each branch of a network.

    Args:
        count: int, the number of branches, the first nearest to the input.
        attention: str, see `attend`.
        drop_path: float in [0, 0.9], the rate at the last branch; it grows
            linearly from the first.

    Returns:
        list of callables `(tensor, name) -> tensor`.

    Source:
        Huang et al., "Deep Networks with Stochastic Depth", 2016,
        arXiv:1603.09382, section 3: the linear rule.

    Example:
        >>> import keras
        >>> first, last = branch_ends(2, "none", 0.5)
        >>> x = keras.Input((4, 4, 8))
        >>> first(x, "a").shape == last(x, "b").shape == x.shape
        True
    """

    def end(rate):
        def make(x, name):
            x = attend(x, attention, f"{name}_attention")
            return DropPath(rate, name=f"{name}_drop")(x) if rate else x

        return make

    return [end(drop_path * (index + 1) / count) for index in range(count)]
