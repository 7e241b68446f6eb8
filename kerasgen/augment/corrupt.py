"""Corruptions of images at five severities, for evaluation, by family.

The strengths are CIFAR-C's up to 32 pixels a side and ImageNet-C's from 224,
between them interpolated in the logarithm of the side; MNIST-C's are for 28
pixels, and lengths grow with the side above that. Names that MNIST-C shares
with ImageNet-C begin with `digit_`.

Source:
    Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common
    Corruptions and Perturbations", 2019, arXiv:1903.12261; Mu & Gilmer,
    "MNIST-C: A Robustness Benchmark for Computer Vision", 2019,
    arXiv:1906.02337; and the code that made their data sets.
"""

from kerasgen.augment.corrupt_base import Pixels
from kerasgen.augment.corrupt_blur import (
    DefocusBlur,
    GaussianBlur,
    GlassBlur,
    MotionBlur,
    ZoomBlur,
)
from kerasgen.augment.corrupt_digital import (
    Brightness,
    Contrast,
    ElasticTransform,
    JPEGCompression,
    Pixelate,
    Saturate,
)
from kerasgen.augment.corrupt_digits import (
    DigitBrightness,
    DigitFog,
    DigitGlassBlur,
    DigitImpulseNoise,
    DigitMotionBlur,
    DigitShotNoise,
    DigitSpatter,
)
from kerasgen.augment.corrupt_noise import (
    GaussianNoise,
    ImpulseNoise,
    ShotNoise,
    SpeckleNoise,
)
from kerasgen.augment.corrupt_spatter import Spatter
from kerasgen.augment.corrupt_strokes import (
    CannyEdges,
    DottedLine,
    Rotate,
    Scale,
    Shear,
    Stripe,
    Translate,
    Zigzag,
)
from kerasgen.augment.corrupt_weather import Fog, Frost, Snow

IMAGENET_C = (
    "gaussian_noise",
    "shot_noise",
    "impulse_noise",
    "defocus_blur",
    "glass_blur",
    "motion_blur",
    "zoom_blur",
    "snow",
    "frost",
    "fog",
    "brightness",
    "contrast",
    "elastic_transform",
    "pixelate",
    "jpeg_compression",
)
IMAGENET_C_EXTRA = ("speckle_noise", "gaussian_blur", "spatter", "saturate")
MNIST_C = (
    "digit_shot_noise",
    "digit_impulse_noise",
    "digit_glass_blur",
    "digit_motion_blur",
    "shear",
    "scale",
    "rotate",
    "digit_brightness",
    "translate",
    "stripe",
    "digit_fog",
    "digit_spatter",
    "dotted_line",
    "zigzag",
    "canny_edges",
)
# Few and quick, one or two of each sort: noise, blur, light, resampling.
STANDARD = (
    "brightness",
    "contrast",
    "gaussian_blur",
    "gaussian_noise",
    "pixelate",
    "shot_noise",
)
FAMILIES = {
    "standard": STANDARD,
    "imagenet_c": IMAGENET_C,
    "imagenet_c_extra": IMAGENET_C_EXTRA,
    "mnist_c": MNIST_C,
}

__all__ = [
    "FAMILIES",
    "IMAGENET_C",
    "IMAGENET_C_EXTRA",
    "MNIST_C",
    "STANDARD",
    "Brightness",
    "CannyEdges",
    "Contrast",
    "DefocusBlur",
    "DigitBrightness",
    "DigitFog",
    "DigitGlassBlur",
    "DigitImpulseNoise",
    "DigitMotionBlur",
    "DigitShotNoise",
    "DigitSpatter",
    "DottedLine",
    "ElasticTransform",
    "Fog",
    "Frost",
    "GaussianBlur",
    "GaussianNoise",
    "GlassBlur",
    "ImpulseNoise",
    "JPEGCompression",
    "MotionBlur",
    "Pixelate",
    "Pixels",
    "Rotate",
    "Saturate",
    "Scale",
    "Shear",
    "ShotNoise",
    "Snow",
    "Spatter",
    "SpeckleNoise",
    "Stripe",
    "Translate",
    "Zigzag",
    "ZoomBlur",
]
