"""Augmentations of data, and the corruptions that evaluation uses."""

from kerasgen.augment.base import Augment
from kerasgen.augment.image import Erase, Flip, Jitter, Rotate, Translate
from kerasgen.augment.mix import MixUp
from kerasgen.augment.tabular import Noise, SwapNoise

__all__ = [
    "Augment",
    "Erase",
    "Flip",
    "Jitter",
    "MixUp",
    "Noise",
    "Rotate",
    "SwapNoise",
    "Translate",
]
