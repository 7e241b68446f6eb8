"""Layers: each alone usable in any Keras model."""

from kerasgen.layers.crf import CRF, TagLogits
from kerasgen.layers.gradient import (
    GradientReversal,
    GradientScale,
    reverse_gradient,
)
from kerasgen.layers.positions import LearntPositions, SinusoidalPositions
from kerasgen.layers.recurrent import RecurrentStack
from kerasgen.layers.transformer import (
    HeadedAttention,
    TransformerDecoder,
    TransformerEncoder,
)
from kerasgen.layers.words import (
    Beside,
    Lengthen,
    LetterCNN,
    Shorten,
    WordDropout,
)

__all__ = [
    "Beside",
    "CRF",
    "GradientReversal",
    "GradientScale",
    "HeadedAttention",
    "LearntPositions",
    "Lengthen",
    "LetterCNN",
    "RecurrentStack",
    "Shorten",
    "SinusoidalPositions",
    "TagLogits",
    "TransformerDecoder",
    "TransformerEncoder",
    "WordDropout",
    "reverse_gradient",
]
