"""Layers: each alone usable in any Keras model."""

from kerasgen.layers.attention import AdditiveAttention, MultiplicativeAttention
from kerasgen.layers.centres import ClusterCentres
from kerasgen.layers.channel import CBAM, ECA, SqueezeExcite
from kerasgen.layers.columns import (
    FeatureTokens,
    GatedResidual,
    PeriodicEmbedding,
)
from kerasgen.layers.convolution import StandardizedConv2D
from kerasgen.layers.crf import CRF, TagLogits
from kerasgen.layers.discriminator import DomainDiscriminator
from kerasgen.layers.domain_norm import DomainNormalization, adapt_domains
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
from kerasgen.layers.linear_attention import LinearAttention
from kerasgen.layers.mix_style import MixStyle
from kerasgen.layers.mixture import SubspaceMixtures
from kerasgen.layers.multi_head import MultiHeadAttention
from kerasgen.layers.noise import ConcreteDropout, ShakeDrop, SpreadNoise
from kerasgen.layers.normalize import (
    FilterResponse,
    InstanceNormalization,
    SwitchableNormalization,
)
from kerasgen.layers.penalty import JacobianPenalty, OrthogonalPenalty
from kerasgen.layers.place import CoordinateAttention, NonLocal
from kerasgen.layers.pooling import AttentivePooling
from kerasgen.layers.positions import LearntPositions, SinusoidalPositions
from kerasgen.layers.recurrent import RecurrentStack
from kerasgen.layers.renormalize import BatchRenormalization
from kerasgen.layers.search import (
    Search,
    beam_search,
    likeliest,
    sample_search,
)
from kerasgen.layers.spectrum import PCEN, LogMel, PatchEmbedding
from kerasgen.layers.stochastic import GaussianSample, kl_to_standard
from kerasgen.layers.text import NGrams, WordCNN
from kerasgen.layers.threshold import Threshold
from kerasgen.layers.transformer import TransformerDecoder, TransformerEncoder
from kerasgen.layers.trim import TrimGradient
from kerasgen.layers.whiten import SwitchableWhitening
from kerasgen.layers.words import Beside, Lengthen, LetterCNN, Shorten
from kerasgen.layers.writer import (
    RecurrentWriter,
    TransformerWriter,
    Writer,
)

__all__ = [
    "AdditiveAttention",
    "AttentivePooling",
    "BatchRenormalization",
    "Beside",
    "CBAM",
    "CRF",
    "ClusterCentres",
    "ConcreteDropout",
    "CoordinateAttention",
    "DomainDiscriminator",
    "DomainNormalization",
    "DropBlock",
    "DropPath",
    "ECA",
    "FeatureTokens",
    "FilterResponse",
    "GatedResidual",
    "GaussianSample",
    "GradientReversal",
    "GradientScale",
    "InstanceNormalization",
    "JacobianPenalty",
    "LearntPositions",
    "Lengthen",
    "LetterCNN",
    "LinearAttention",
    "LockedDropout",
    "MixStyle",
    "MultiHeadAttention",
    "MultiplicativeAttention",
    "NGrams",
    "NonLocal",
    "OrthogonalPenalty",
    "PeriodicEmbedding",
    "RecurrentStack",
    "RecurrentWriter",
    "Search",
    "ShakeDrop",
    "Shorten",
    "SinusoidalPositions",
    "SpreadNoise",
    "SqueezeExcite",
    "StandardizedConv2D",
    "SubspaceMixtures",
    "SwitchableNormalization",
    "SwitchableWhitening",
    "TagLogits",
    "Threshold",
    "TransformerDecoder",
    "TransformerEncoder",
    "TransformerWriter",
    "TrimGradient",
    "WordCNN",
    "WordDropout",
    "adapt_domains",
    "LogMel",
    "PCEN",
    "PatchEmbedding",
    "Writer",
    "beam_search",
    "kl_to_standard",
    "likeliest",
    "reverse_gradient",
    "sample_search",
]
