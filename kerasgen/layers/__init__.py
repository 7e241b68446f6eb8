"""Layers: each alone usable in any Keras model."""

from kerasgen.layers.crf import CRF, TagLogits
from kerasgen.layers.gradient import (
    GradientReversal,
    GradientScale,
    reverse_gradient,
)
from kerasgen.layers.positions import LearntPositions, SinusoidalPositions
from kerasgen.layers.transformer import (
    HeadedAttention,
    TransformerDecoder,
    TransformerEncoder,
)

__all__ = [
    "CRF",
    "GradientReversal",
    "GradientScale",
    "HeadedAttention",
    "LearntPositions",
    "SinusoidalPositions",
    "TagLogits",
    "TransformerDecoder",
    "TransformerEncoder",
    "reverse_gradient",
]
