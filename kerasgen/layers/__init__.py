"""Layers: each alone usable in any Keras model."""

from kerasgen.layers.centres import ClusterCentres
from kerasgen.layers.crf import CRF, TagLogits
from kerasgen.layers.attention import (
    AdditiveAttention,
    MultiplicativeAttention,
)
from kerasgen.layers.channel import CBAM, ECA, SqueezeExcite
from kerasgen.layers.convolution import StandardizedConv2D
from kerasgen.layers.drop import (
    DropBlock,
    DropPath,
    LockedDropout,
    WordDropout,
)
from kerasgen.layers.gradient import (
    GradientReversal,
    GradientScale,
    reverse_gradient,
)
from kerasgen.layers.stochastic import GaussianSample, kl_to_standard
from kerasgen.layers.threshold import Threshold

__all__ = [
    "ClusterCentres",
    "GaussianSample",
    "GradientReversal",
    "GradientScale",
    "Threshold",
    "kl_to_standard",
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
from kerasgen.layers.linear_attention import LinearAttention
from kerasgen.layers.multi_head import MultiHeadAttention
from kerasgen.layers.noise import ConcreteDropout, ShakeDrop, SpreadNoise
from kerasgen.layers.normalize import (
    FilterResponse,
    InstanceNormalization,
    SwitchableNormalization,
)
from kerasgen.layers.place import CoordinateAttention, NonLocal
from kerasgen.layers.pooling import AttentivePooling
from kerasgen.layers.renormalize import BatchRenormalization

__all__ = [
    "AdditiveAttention",
    "AttentivePooling",
    "BatchRenormalization",
    "CBAM",
    "ConcreteDropout",
    "CoordinateAttention",
    "DropBlock",
    "DropPath",
    "ECA",
    "FilterResponse",
    "GradientReversal",
    "GradientScale",
    "InstanceNormalization",
    "LinearAttention",
    "LockedDropout",
    "MultiHeadAttention",
    "MultiplicativeAttention",
    "NonLocal",
    "ShakeDrop",
    "SpreadNoise",
    "SqueezeExcite",
    "StandardizedConv2D",
    "SwitchableNormalization",
    "WordDropout",
    "reverse_gradient",
]
