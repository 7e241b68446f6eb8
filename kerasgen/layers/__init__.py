"""Layers: each alone usable in any Keras model."""

from kerasgen.layers.gradient import (
    GradientReversal,
    GradientScale,
    reverse_gradient,
)

__all__ = [
    "GradientReversal",
    "GradientScale",
    "reverse_gradient",
]
