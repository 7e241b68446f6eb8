"""Layers: each alone usable in any Keras model."""

from kerasgen.layers.gradient import (
    GradientReversal,
    GradientScale,
    reverse_gradient,
)
from kerasgen.layers.spectrum import PCEN, LogMel, PatchEmbedding

__all__ = [
    "GradientReversal",
    "GradientScale",
    "LogMel",
    "PCEN",
    "PatchEmbedding",
    "reverse_gradient",
]
