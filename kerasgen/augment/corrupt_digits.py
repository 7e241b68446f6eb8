"""Corruptions of MNIST-C that have the names of ImageNet-C's.

MNIST-C gives images of 28 pixels what ImageNet-C gives those of 224; lengths
grow with the side above 28.
"""

from kerasgen.augment.corrupt_blur import GlassBlur, MotionBlur
from kerasgen.augment.corrupt_digital import Brightness
from kerasgen.augment.corrupt_noise import ImpulseNoise, ShotNoise
from kerasgen.augment.corrupt_spatter import Spatter
from kerasgen.augment.corrupt_weather import Fog
from kerasgen.core import register


@register("corruption")
class DigitShotNoise(ShotNoise):
    """Counts photons, as a sensor does; at MNIST-C's strengths.

    Args:
        severity: int in [1, 5]; a white pixel counts 60 down to 3
            photons.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Mu & Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision",
        2019, arXiv:1906.02337.

    Example:
        >>> DigitShotNoise(severity=2).severity
        2
    """

    small = large = ShotNoise.large


@register("corruption")
class DigitImpulseNoise(ImpulseNoise):
    """Sets some numbers to white or black; at MNIST-C's strengths.

    Args:
        severity: int in [1, 5]; .03 to .27 of all numbers.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Mu & Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision",
        2019, arXiv:1906.02337.

    Example:
        >>> DigitImpulseNoise(severity=2).severity
        2
    """

    small = large = ImpulseNoise.large


@register("corruption")
class DigitGlassBlur(GlassBlur):
    """Moves pixels to places near by between two blurs.

    Args:
        severity: int in [1, 5]; moves of 1 to 4 places, up to
            three times.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Mu & Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision",
        2019, arXiv:1906.02337. There pixels truly change
        places; we copy, as ImageNet-C does.

    Example:
        >>> DigitGlassBlur(severity=2).severity
        2
    """

    small = large = GlassBlur.large
    scaled = (0, 1)
    # Half of the pixels move.
    rate = 0.5


@register("corruption")
class DigitMotionBlur(MotionBlur):
    """Blurs along a line of random angle; at MNIST-C's strengths.

    Args:
        severity: int in [1, 5]; the standard deviation is 3 to 15
            pixels.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Mu & Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision",
        2019, arXiv:1906.02337.

    Example:
        >>> DigitMotionBlur(severity=2).severity
        2
    """

    small = large = MotionBlur.large
    scaled = (0, 1)


@register("corruption")
class DigitBrightness(Brightness):
    """Adds light; at MNIST-C's strengths.

    Args:
        severity: int in [1, 5]; .1 to .5 of the range is added.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Mu & Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision",
        2019, arXiv:1906.02337.

    Example:
        >>> DigitBrightness(severity=2).severity
        2
    """

    small = large = Brightness.large


@register("corruption")
class DigitFog(Fog):
    """Lays wide drifts of fog over images.

    Args:
        severity: int in [1, 5]; the fog is 1.5 to 3 times as bright
            as white.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Mu & Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision",
        2019, arXiv:1906.02337.

    Example:
        >>> DigitFog(severity=2).severity
        2
    """

    small = large = Fog.large
    # A map of 256 for 28 pixels.
    spread = 8


@register("corruption")
class DigitSpatter(Spatter):
    """Throws mud on the lens.

    Args:
        severity: int in [1, 5]; a few large spots, then more and
            smaller ones.
        low: float, the least value of a pixel.
        high: float, the greatest.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Mu & Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision",
        2019, arXiv:1906.02337.

    Example:
        >>> DigitSpatter(severity=2).severity
        2
    """

    small = large = Spatter.large
    scaled = (2, 4)
    mud = (True,) * 5
    brown = (63 / 255,) * 3
