"""Augmentations of data, and the corruptions that evaluation uses."""

from kerasgen.augment.base import Augment
from kerasgen.augment.corrupt import (
    Blur,
    Brightness,
    Contrast,
    GaussianNoise,
    Pixelate,
    ShotNoise,
)
from kerasgen.augment.corrupt_table import (
    ColumnNoise,
    MissingColumns,
    ShiftedColumns,
)
from kerasgen.augment.image import Erase, Flip, Jitter, Rotate, Translate
from kerasgen.augment.mix import MixUp
from kerasgen.augment.tabular import Noise, SwapNoise

__all__ = [
    "Augment",
    "Blur",
    "Brightness",
    "ColumnNoise",
    "Contrast",
    "Erase",
    "Flip",
    "GaussianNoise",
    "Jitter",
    "MissingColumns",
    "MixUp",
    "Noise",
    "Pixelate",
    "Rotate",
    "ShiftedColumns",
    "ShotNoise",
    "SwapNoise",
    "Translate",
]
