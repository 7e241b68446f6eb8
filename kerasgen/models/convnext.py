"""ConvNeXt: great depthwise kernels, and a wide layer at each place."""

from keras import layers

from kerasgen.models.base import normalize
from kerasgen.models.branch import branch_ends


def convnext_body(
    x, widths, blocks, normalization, attention="none", drop_path=0.0
):
    """A ConvNeXt that suits any image size.

    Args:
        x: float tensor (batch, height, width, channels).
        widths: tuple of int, the channels of each stage.
        blocks: tuple of int, the blocks of each stage.
        normalization: str, see `normalize`; theirs is "layer".
        attention: str, see `attend`, at the end of each block's branch.
        drop_path: float in [0, 0.9], the rate of stochastic depth.

    Returns:
        float tensor (batch, widths[-1]).

    Source:
        Liu et al., "A ConvNet for the 2020s", 2022, arXiv:2201.03545, section
        2, without their scale of layers; the stem takes patches of 4, 2 or 1
        pixels, as the image is large.

    Example:
        >>> import keras
        >>> x = keras.Input((8, 8, 1))
        >>> convnext_body(x, (4, 8), (1, 1), "layer").shape
        (None, 8)
    """
    side = min(x.shape[1:3])
    patch = 4 if side > 64 else 2 if side > 16 else 1
    ends = iter(branch_ends(sum(blocks), attention, drop_path))
    x = layers.Conv2D(widths[0], patch, patch, padding="same", name="stem")(x)
    x = normalize(x, normalization, "stem_norm")
    for stage, width in enumerate(widths):
        if stage:
            stride = 2 if min(x.shape[1:3]) > 4 else 1
            x = normalize(x, normalization, f"down{stage}_norm")
            x = layers.Conv2D(
                width, 2, stride, padding="same", name=f"down{stage}"
            )(x)
        for block in range(blocks[stage]):
            name = f"stage{stage}_block{block}"
            y = layers.DepthwiseConv2D(7, padding="same", name=f"{name}_mix")(x)
            y = normalize(y, normalization, f"{name}_norm")
            y = layers.Dense(4 * width, "gelu", name=f"{name}_widen")(y)
            y = layers.Dense(width, name=f"{name}_narrow")(y)
            x = layers.Add(name=f"{name}_add")([x, next(ends)(y, name)])
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return layers.LayerNormalization(name="features_norm")(x)
