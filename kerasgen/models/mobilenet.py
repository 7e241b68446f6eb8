"""Inverted residuals: few operations, for small machines."""

from keras import layers

from kerasgen.models.base import normalize
from kerasgen.models.branch import attend, branch_ends


def mobile_body(
    x, widths, blocks, normalization, attention="none", drop_path=0.0, times=4
):
    """A network of inverted residuals that suits any image size.

    Args:
        x: float tensor (batch, height, width, channels).
        widths: tuple of int, the channels of each stage.
        blocks: int, the blocks of each stage.
        normalization: str, see `normalize`.
        attention: str, see `attend`, at the wide place of each block.
        drop_path: float in [0, 0.9], the rate of stochastic depth.
        times: int, how many times wider a block is inside.

    Returns:
        float tensor (batch, `times` * widths[-1]).

    Source:
        Sandler et al., "MobileNetV2: Inverted Residuals and Linear
        Bottlenecks", 2018, arXiv:1801.04381, section 3; where attention
        stands: Howard et al., "Searching for MobileNetV3", 2019,
        arXiv:1905.02244.

    Example:
        >>> import keras
        >>> mobile_body(keras.Input((8, 8, 1)), (4, 8), 1, "batch").shape
        (None, 32)
    """
    ends = branch_ends(len(widths) * blocks, "none", drop_path)
    x = _point(x, widths[0], normalization, "stem", side=3)
    for stage, width in enumerate(widths):
        for block in range(blocks):
            shrink = block == 0 and stage > 0 and min(x.shape[1:3]) > 4
            name = f"stage{stage}_block{block}"
            y = _point(x, times * x.shape[-1], normalization, f"{name}_widen")
            y = layers.DepthwiseConv2D(
                3,
                2 if shrink else 1,
                padding="same",
                use_bias=normalization == "none",
                name=f"{name}_mix",
            )(y)
            y = normalize(y, normalization, f"{name}_mix_norm")
            y = layers.ReLU(6.0, name=f"{name}_mix_relu")(y)
            y = attend(y, attention, f"{name}_attention")
            y = _point(y, width, normalization, f"{name}_narrow", bend=False)
            if y.shape == x.shape:
                y = ends[stage * blocks + block](y, name)
                y = layers.Add(name=f"{name}_add")([x, y])
            x = y
    x = _point(x, times * widths[-1], normalization, "features")
    return layers.GlobalAveragePooling2D(name="pool")(x)


def _point(x, width, normalization, name, side=1, bend=True):
    x = layers.Conv2D(
        width,
        side,
        padding="same",
        use_bias=normalization == "none",
        name=f"{name}_conv",
    )(x)
    x = normalize(x, normalization, f"{name}_norm")
    return layers.ReLU(6.0, name=f"{name}_relu")(x) if bend else x
