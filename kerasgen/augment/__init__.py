"""Augmentations of data, and the corruptions that evaluation uses."""

from kerasgen.augment.affine import Flip, Rotate, Shear, Translate, Zoom
from kerasgen.augment.audio import (
    ColoredNoise,
    Gain,
    PitchShift,
    Speed,
    TimeShift,
    TimeStretch,
)
from kerasgen.augment.audio_room import (
    Reverb,
    Room,
)
from kerasgen.augment.aug_mix import AugMix
from kerasgen.augment.auto_augment import AutoAugment
from kerasgen.augment.base import Augment
from kerasgen.augment.chain import Chain, Sometimes
from kerasgen.augment.clahe import CLAHE
from kerasgen.augment.colour import (
    ColorJitter,
    Grayscale,
    Hue,
    Saturation,
)
from kerasgen.augment.corrupt import (
    CannyEdges,
    DefocusBlur,
    DigitBrightness,
    DigitFog,
    DigitGlassBlur,
    DigitImpulseNoise,
    DigitMotionBlur,
    DigitShotNoise,
    DigitSpatter,
    DottedLine,
    ElasticTransform,
    Fog,
    Frost,
    GlassBlur,
    ImpulseNoise,
    JPEGCompression,
    Pixelate,
    Saturate,
    Scale,
    ShotNoise,
    Snow,
    Spatter,
    SpeckleNoise,
    Stripe,
    Zigzag,
    ZoomBlur,
)
from kerasgen.augment.corrupt_audio import (
    Babble,
    BrownNoise,
    Hum,
    PinkNoise,
    WhiteNoise,
)
from kerasgen.augment.corrupt_codec import (
    BandLimit,
    BitDepth,
    Clipping,
    LowBitRate,
    MuLaw,
    Reverberation,
)
from kerasgen.augment.corrupt_table import (
    ColumnNoise,
    MissingColumns,
    ShiftedColumns,
    SwappedColumns,
    UnitErrors,
)
from kerasgen.augment.corrupt_text import (
    KeyboardErrors,
    MissingWords,
    OcrErrors,
    SpellingErrors,
    WrongCase,
)
from kerasgen.augment.crop import Crop, Perspective, ResizedCrop
from kerasgen.augment.cut_mix import CutMix, FMix, MixOrCut, ResizeMix
from kerasgen.augment.elastic import Elastic
from kerasgen.augment.erase import Erase, GridMask
from kerasgen.augment.filters import (
    JPEG,
    GaussianBlur,
    GaussianNoise,
    MotionBlur,
    Sharpness,
)
from kerasgen.augment.fourier import FourierMix
from kerasgen.augment.layer import AugmentLayer, augment
from kerasgen.augment.mix import MixUp
from kerasgen.augment.oversample import Smote, smote
from kerasgen.augment.rand_augment import RandAugment
from kerasgen.augment.spectrogram import (
    SpecAugment,
)
from kerasgen.augment.standard import standard
from kerasgen.augment.synonym import Synonyms
from kerasgen.augment.tabular import (
    CategoryDropout,
    JitterColumns,
    Noise,
    SwapCells,
    SwapNoise,
)
from kerasgen.augment.text import (
    BackOff,
    DropTokens,
    InsertTokens,
    MaskSpan,
    SwapTokens,
)
from kerasgen.augment.text_noise import CaseNoise, Typos
from kerasgen.augment.tone import (
    AutoContrast,
    Brightness,
    Contrast,
    Equalize,
    Gamma,
    Invert,
    Posterize,
    Solarize,
)
from kerasgen.augment.trivial_augment import TrivialAugment
from kerasgen.augment.video import (
    FrameDrop,
    TimeCrop,
    TimeReverse,
    Video,
)
from kerasgen.augment.worst import worst_of

__all__ = [
    "standard",
    "CLAHE",
    "JPEG",
    "AugMix",
    "Augment",
    "AugmentLayer",
    "AutoAugment",
    "AutoContrast",
    "Babble",
    "BackOff",
    "BandLimit",
    "BitDepth",
    "Brightness",
    "BrownNoise",
    "CannyEdges",
    "CaseNoise",
    "CategoryDropout",
    "Chain",
    "Clipping",
    "ColorJitter",
    "ColoredNoise",
    "ColumnNoise",
    "Contrast",
    "Crop",
    "CutMix",
    "DefocusBlur",
    "DigitBrightness",
    "DigitFog",
    "DigitGlassBlur",
    "DigitImpulseNoise",
    "DigitMotionBlur",
    "DigitShotNoise",
    "DigitSpatter",
    "DottedLine",
    "DropTokens",
    "Elastic",
    "ElasticTransform",
    "Equalize",
    "Erase",
    "FMix",
    "Flip",
    "Fog",
    "FourierMix",
    "FrameDrop",
    "Frost",
    "Gain",
    "Gamma",
    "GaussianBlur",
    "GaussianNoise",
    "GlassBlur",
    "Grayscale",
    "GridMask",
    "Hue",
    "Hum",
    "ImpulseNoise",
    "InsertTokens",
    "Invert",
    "JPEGCompression",
    "JitterColumns",
    "KeyboardErrors",
    "LowBitRate",
    "MaskSpan",
    "MissingColumns",
    "MissingWords",
    "MixOrCut",
    "MixUp",
    "MotionBlur",
    "MuLaw",
    "Noise",
    "OcrErrors",
    "Perspective",
    "PinkNoise",
    "PitchShift",
    "Pixelate",
    "Posterize",
    "RandAugment",
    "ResizeMix",
    "ResizedCrop",
    "Reverb",
    "Reverberation",
    "Room",
    "Rotate",
    "Saturate",
    "Saturation",
    "Scale",
    "Sharpness",
    "Shear",
    "ShiftedColumns",
    "ShotNoise",
    "Smote",
    "Snow",
    "Solarize",
    "Sometimes",
    "Spatter",
    "SpecAugment",
    "SpeckleNoise",
    "Speed",
    "SpellingErrors",
    "Stripe",
    "SwapCells",
    "SwapNoise",
    "SwapTokens",
    "SwappedColumns",
    "Synonyms",
    "TimeCrop",
    "TimeReverse",
    "TimeShift",
    "TimeStretch",
    "Translate",
    "TrivialAugment",
    "Typos",
    "UnitErrors",
    "Video",
    "WhiteNoise",
    "WrongCase",
    "Zigzag",
    "Zoom",
    "ZoomBlur",
    "augment",
    "smote",
    "worst_of",
]
