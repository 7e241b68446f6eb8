"""Bodies that factories share: prepared tensor in, feature vector out."""

from keras import layers

from kerasgen.models.base import MOMENTUM, normalize
from kerasgen.models.branch import branch_ends


def residual_body(
    x,
    widths,
    blocks,
    normalization,
    attention="none",
    drop_path=0.0,
    stem=None,
):
    """A residual convolutional network that suits any image size.

    Each stage halves the side while it is greater than 4 pixels, so that
    8x8 digits and 224x224 photographs both end with a small grid.

    Args:
        x: float tensor (batch, height, width, channels).
        widths: tuple of int, the channels of each stage.
        blocks: int, the residual blocks of each stage.
        normalization: str, see `normalize`.
        attention: str, see `attend`, at the end of each block's branch.
        drop_path: float in [0, 0.9], the rate of stochastic depth.
        stem: int, the channels of the first convolution; None takes those of
            the first stage.

    Returns:
        float tensor (batch, widths[-1]).

    Source:
        He et al., "Identity Mappings in Deep Residual Networks", 2016,
        arXiv:1603.05027 (activation before the weights); with a narrow stem
        and wide stages Zagoruyko & Komodakis, "Wide Residual Networks", 2016,
        arXiv:1605.07146.

    Example:
        >>> import keras
        >>> residual_body(keras.Input((8, 8, 1)), (4, 8), 1, "batch").shape
        (None, 8)
    """
    ends = branch_ends(len(widths) * blocks, attention, drop_path)
    x = layers.Conv2D(stem or widths[0], 3, padding="same", name="stem")(x)
    for stage, width in enumerate(widths):
        for block in range(blocks):
            shrink = block == 0 and stage > 0 and min(x.shape[1:3]) > 4
            name = f"stage{stage}_block{block}"
            end = ends[stage * blocks + block]
            x = residual_block(
                x, width, 2 if shrink else 1, normalization, name, inside=end
            )
    x = layers.ReLU(name="features_relu")(
        normalize(x, normalization, "features_norm")
    )
    return layers.GlobalAveragePooling2D(name="pool")(x)


def residual_block(
    x, width, stride, normalization, name, dilation=1, inside=None
):
    """One pre-activation block of two convolutions and a skip.

    Args:
        x: float tensor (batch, height, width, channels).
        width: int, the channels that come out.
        stride: int, by what the sides shrink.
        normalization: str, see `normalize`.
        name: str, what the layers' names begin with.
        dilation: int, the step between the taps of the convolutions.
        inside: callable `(tensor, name) -> tensor`, what is done to the
            branch before it is added, or None.

    Returns:
        float tensor (batch, height, width, `width`).

    Source:
        He et al., 2016, arXiv:1603.05027; for the steps Yu & Koltun, 2016,
        arXiv:1511.07122.

    Example:
        >>> import keras
        >>> residual_block(keras.Input((8, 8, 4)), 6, 2, "batch", "b").shape
        (None, 4, 4, 6)
    """
    bias = normalization == "none"
    y = layers.ReLU(name=f"{name}_relu1")(
        normalize(x, normalization, f"{name}_norm1")
    )
    skip = x
    if stride > 1 or x.shape[-1] != width:
        skip = layers.Conv2D(
            width, 1, stride, use_bias=bias, name=f"{name}_skip"
        )(y)
    y = layers.Conv2D(
        width,
        3,
        stride,
        padding="same",
        use_bias=bias,
        dilation_rate=dilation,
        name=f"{name}_conv1",
    )(y)
    y = layers.ReLU(name=f"{name}_relu2")(
        normalize(y, normalization, f"{name}_norm2")
    )
    y = layers.Conv2D(
        width,
        3,
        padding="same",
        dilation_rate=dilation,
        name=f"{name}_conv2",
    )(y)
    y = y if inside is None else inside(y, name)
    return layers.Add(name=f"{name}_add")([skip, y])


def dense_body(x, width, depth, dropout, normalization):
    """A multilayer perceptron.

    Args:
        x: float tensor (batch, features).
        width: int, the units of each layer.
        depth: int, the number of layers; with 0 `x` is what comes out.
        dropout: float in [0, 0.9], the rate between layers.
        normalization: str, see `normalize`.

    Returns:
        float tensor (batch, width), or `x` where the depth is 0.

    Source:
        Rosenblatt, 1962; the order dense, norm, activation, dropout follows
        Gorishniy et al., 2021, arXiv:2106.11959.

    Example:
        >>> import keras
        >>> dense_body(keras.Input((4,)), 8, 2, 0.1, "none").shape
        (None, 8)
    """
    for index in range(depth):
        if dropout and index:
            x = layers.Dropout(dropout, name=f"dropout{index}")(x)
        x = layers.Dense(width, name=f"dense{index}")(x)
        x = normalize(x, normalization, f"norm{index}")
        x = layers.ReLU(name=f"relu{index}")(x)
    return x


def own_scale(x):
    """Brings each column to mean 0 and variance 1 by batch normalization.

    Nothing is learnt but the moving statistics, so that a domain's columns
    are measured by that domain's own mean and spread.

    Args:
        x: float tensor (batch, features).

    Returns:
        float tensor shaped like `x`.

    Source:
        Ioffe & Szegedy, 2015, arXiv:1502.03167, without scale and shift.

    Example:
        >>> import keras
        >>> own_scale(keras.Input((3,))).shape
        (None, 3)
    """
    return layers.BatchNormalization(
        center=False, scale=False, momentum=MOMENTUM, name="own_scale"
    )(x)
