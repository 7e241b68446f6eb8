"""AugMix: mixtures of short chains of operations."""

import tensorflow as tf

from kerasgen.augment.base import fold, uniform
from kerasgen.augment.colour import stored
from kerasgen.augment.geometry import FILL
from kerasgen.augment.policy import (
    OPERATIONS,
    USUAL,
    Policy,
    amounts,
    codes_of,
    matrix_of,
    signs,
    value_counts,
)
from kerasgen.augment.values import HIGH
from kerasgen.core import Float, Int, register

# Those that resemble the corruptions of ImageNet-C are left out.
_NAMES = (
    "auto_contrast",
    "equalize",
    "posterize",
    "solarize",
    "shear_x",
    "shear_y",
    "translate_x",
    "translate_y",
    "rotate",
)


@register("augment")
class AugMix(Policy):
    """Mixes images with copies that went through chains of operations.

    Args:
        magnitude: float in [0, 1], the greatest magnitude of an operation; 0
            changes nothing.
        width: int in [1, 8], the number of chains.
        depth: int in [1, 4], the greatest length of a chain; each draws its
            own.
        alpha: float > 0, of the Dirichlet weights of the chains, and of the
            Beta weight of their mixture against the image.
        fill: "edge", "reflect", "zero" or "grey", what geometry brings in.
        high: float, the greatest value of float images; None takes the
            data's.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Hendrycks et al., "AugMix", 2020, arXiv:1912.02781, algorithm 1. In a
        chain, values go first and geometry last.

    Example:
        >>> x = tf.ones((2, 32, 32, 3), tf.uint8)
        >>> AugMix()({"x": x}, [0, 0])["x"].shape
        TensorShape([2, 32, 32, 3])
    """

    arguments = {
        "magnitude": Float(0.0, 1.0, search=(0.0, 0.6)),
        "width": Int(1, 8),
        "depth": Int(1, 4),
        "alpha": Float(0.01),
        "fill": FILL,
        "high": HIGH,
    }

    names = _NAMES

    def __init__(
        self, magnitude=0.3, width=3, depth=3, alpha=1.0, fill="edge", high=None
    ):
        super().__init__(
            magnitude=magnitude,
            width=width,
            depth=depth,
            alpha=alpha,
            fill=fill,
            high=high,
        )

    def triple(self, fields, seed):
        """Gives each image as it is and twice augmented.

        The consistency loss of the paper compares what a model says of the
        three.

        Args:
            fields: dict with `x` (batch, height, width, channels).
            seed: int tensor (2,).

        Returns:
            dict of the same fields, with `x` (batch, 3, height, width,
            channels): the clean image first.

        Example:
            >>> x = tf.ones((2, 32, 32, 3), tf.uint8)
            >>> AugMix().triple({"x": x}, [0, 0])["x"].shape
            TensorShape([2, 3, 32, 32, 3])
        """
        views = [fields["x"]]
        for salt in (1, 2):
            view = self({"x": fields["x"]}, fold(seed, salt))
            views.append(view["x"])
        return {**fields, "x": tf.stack(views, 1)}

    def along(self, fields, draws):
        """Leaves masks and boxes: the image itself is part of the mixture."""
        return fields

    def draw(self, seed, size):
        """Draws chains, their weights, and the share of the image itself."""
        n, shape = size[0], (size[0], self.width, self.depth)
        place = tf.random.stateless_uniform(
            shape, seed, 0, len(_NAMES), tf.int32
        )
        codes = tf.gather(codes_of(_NAMES), place)
        length = tf.random.stateless_uniform(
            shape[:2], fold(seed, 1), 1, self.depth + 1, tf.int32
        )
        used = tf.range(self.depth) < length[..., None]
        codes = tf.where(used, codes, OPERATIONS.index("identity"))
        magnitudes = uniform(fold(seed, 2), shape, 0.1, 1.0) * self.magnitude
        found = amounts(codes, magnitudes, signs(fold(seed, 3), shape), USUAL)
        flat = (n * self.width, self.depth)
        matrices = matrix_of(
            tf.reshape(codes, flat),
            tf.reshape(found, flat),
            (flat[0], *size[1:]),
        )
        matrices = tf.reshape(matrices, (n, self.width, 3, 3))
        weight = _gamma(fold(seed, 4), (n, self.width), self.alpha)
        weight /= tf.reduce_sum(weight, 1, keepdims=True)
        pair = _gamma(fold(seed, 5), (n, 2), self.alpha)
        share = pair[:, 0] / tf.reduce_sum(pair, 1)
        return codes, found, matrices, weight, share

    def one(self, x, draw):
        """Mixes one image."""
        codes, found, matrices, portion, share = draw
        high = 255.0 if x.dtype == tf.uint8 else self.high
        if x.dtype != tf.uint8:
            self.need("high", "the greatest value of float images")
        weight = value_counts(x, codes, high)
        # A loop, not copies of the graph: it compiles three times faster.
        views = tf.map_fn(
            lambda chain: self.carry_out(x, chain, weight),
            (codes, found, matrices),
            fn_output_signature=tf.TensorSpec(x.shape, x.dtype),
        )
        mixed = (1.0 - share) * tf.cast(x, tf.float32)
        for chain in range(self.width):
            view = tf.cast(views[chain], tf.float32)
            mixed += (share * portion[chain]) * view
        return stored(mixed, x.dtype, high)


def _gamma(seed, shape, alpha):
    """Gamma draws, which in proportion are Dirichlet and Beta draws."""
    return tf.random.stateless_gamma(shape, seed, alpha) + 1e-12
