"""Layers: each alone usable in any Keras model."""

from kerasgen.layers.centres import ClusterCentres
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
    "reverse_gradient",
]
