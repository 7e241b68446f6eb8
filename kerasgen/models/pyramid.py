"""Masks from features of several scales: atrous, or a feature pyramid."""

from keras import layers

from kerasgen.models.base import normalize
from kerasgen.models.bodies import residual_block
from kerasgen.models.unet import convolve, grow

# The steps of the parallel convolutions, as shares of the grid's side; on the
# grid of 33 of the paper they are 6, 12 and 18.
_SHARES = (0.18, 0.36, 0.55)
# A grid is not halved below this side.
_LEAST = 4


def deeplab_body(x, widths, normalization):
    """Residual stages, an atrous pyramid, and a decoder with fine features.

    The last stage looks farther by steps between its taps, instead of
    halving the grid once more.

    Args:
        x: float tensor (batch, height, width, channels).
        widths: tuple of at least 2 int, the channels of each stage.
        normalization: str, see `normalize`.

    Returns:
        float tensor (batch, height, width, widths[0]).

    Source:
        Chen et al., "Encoder-Decoder with Atrous Separable Convolution for
        Semantic Image Segmentation", 2018, arXiv:1802.02611, section 3, on a
        residual network without its separable convolutions.

    Example:
        >>> import keras
        >>> deeplab_body(keras.Input((9, 8, 1)), (4, 8), "batch").shape
        (None, 9, 8, 4)
    """
    size = x.shape[1:3]
    stages = _stages(x, widths, normalization, atrous=True)
    x, fine = stages[-1], stages[0]
    side = max(x.shape[1:3])
    rates = sorted({max(1, round(side * share)) for share in _SHARES})
    width = max(widths[-1] // 2, widths[0])
    parts = [convolve(x, width, 1, normalization, "pyramid_point")]
    for rate in rates:
        name = f"pyramid_rate{rate}"
        parts.append(convolve(x, width, 3, normalization, name, rate))
    whole = layers.GlobalAveragePooling2D(keepdims=True, name="pyramid_mean")(x)
    # A normalization over the batch would see one pixel an image here.
    whole = layers.Conv2D(width, 1, activation="relu", name="pyramid_whole")(
        whole
    )
    parts.append(grow(whole, x.shape[1:3], "nearest", "pyramid_spread"))
    x = layers.Concatenate(name="pyramid")(parts)
    x = convolve(x, width, 1, normalization, "project")
    fine = convolve(
        fine, max(widths[0] // 2, 1), 1, normalization, "fine_narrow"
    )
    x = grow(x, fine.shape[1:3], "bilinear", "up")
    x = layers.Concatenate(name="join")([fine, x])
    x = convolve(x, widths[0], 3, normalization, "decode")
    return grow(x, size, "bilinear", "out")


def fpn_body(x, widths, normalization):
    """A feature pyramid: coarse meaning is added to fine places.

    Args:
        x: float tensor (batch, height, width, channels).
        widths: tuple of int, the channels of each stage, the finest first.
        normalization: str, see `normalize`.

    Returns:
        float tensor (batch, height, width, widths[0]).

    Source:
        Lin et al., "Feature Pyramid Networks for Object Detection", 2017,
        arXiv:1612.03144; the levels are summed to a mask as in Kirillov et
        al., "Panoptic Feature Pyramid Networks", 2019, arXiv:1901.02446,
        section 3.1, with one upsampling a level.

    Example:
        >>> import keras
        >>> fpn_body(keras.Input((9, 8, 1)), (4, 8), "batch").shape
        (None, 9, 8, 4)
    """
    size, width = x.shape[1:3], widths[0]
    stages = _stages(x, widths, normalization)
    levels, above = [], None
    for level, stage in reversed(list(enumerate(stages))):
        side = layers.Conv2D(width, 1, name=f"lateral{level}")(stage)
        if above is not None:
            above = grow(above, side.shape[1:3], "nearest", f"top{level}")
            side = layers.Add(name=f"merge{level}")([side, above])
        above = side
        fine = convolve(side, width, 3, normalization, f"smooth{level}")
        levels.append(grow(fine, size, "bilinear", f"spread{level}"))
    if len(levels) == 1:
        return levels[0]
    return layers.Add(name="sum")(levels)


def _stages(x, widths, normalization, atrous=False):
    """Residual stages, each ending in a normalization and a rectifier."""
    x = layers.Conv2D(widths[0], 3, padding="same", name="stem")(x)
    found = []
    for stage, width in enumerate(widths):
        last = atrous and stage == len(widths) - 1
        shrink = stage > 0 and not last and min(x.shape[1:3]) > _LEAST
        for block in range(2):
            x = residual_block(
                x,
                width,
                2 if shrink and block == 0 else 1,
                normalization,
                f"stage{stage}_block{block}",
                # Within the grid even where it is small.
                dilation=min(2 * (block + 1), 4) if last else 1,
            )
        seen = normalize(x, normalization, f"stage{stage}_norm")
        found.append(layers.ReLU(name=f"stage{stage}_relu")(seen))
    return found
