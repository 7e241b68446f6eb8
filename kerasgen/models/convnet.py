"""A plain convolutional network, the simplest body for images."""

from keras import layers

from kerasgen.models.branch import attend
from kerasgen.models.unet import convolve


def plain_body(x, widths, normalization, attention="none"):
    """Pairs of convolutions, each pair on half the grid of the one before.

    Args:
        x: float tensor (batch, height, width, channels).
        widths: tuple of int, the channels of each stage.
        normalization: str, see `normalize`.
        attention: str, see `attend`, at the end of each stage.

    Returns:
        float tensor (batch, widths[-1]).

    Source:
        Simonyan & Zisserman, "Very Deep Convolutional Networks for
        Large-Scale Image Recognition", 2015, arXiv:1409.1556, with
        normalization, and with a mean over the grid in place of the dense
        layers.

    Example:
        >>> import keras
        >>> plain_body(keras.Input((8, 8, 1)), (4, 8), "batch").shape
        (None, 8)
    """
    for stage, width in enumerate(widths):
        if stage and min(x.shape[1:3]) > 4:
            x = layers.MaxPooling2D(2, padding="same", name=f"down{stage}")(x)
        for part in "ab":
            x = convolve(x, width, 3, normalization, f"stage{stage}{part}")
        x = attend(x, attention, f"stage{stage}_attention")
    return layers.GlobalAveragePooling2D(name="pool")(x)
