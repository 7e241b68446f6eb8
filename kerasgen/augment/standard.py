"""The augmentation that most image classifiers want."""

from kerasgen.augment.affine import Flip
from kerasgen.augment.crop import ResizedCrop
from kerasgen.augment.erase import Erase
from kerasgen.augment.mix import MixUp
from kerasgen.augment.rand_augment import RandAugment
from kerasgen.core import Float, one_of

STRENGTHS = {"light": 0.5, "standard": 1.0, "strong": 1.6}


def standard(strength="standard", flip=0.5, mix=True):
    """Lists the usual training policy for images.

    Args:
        strength: "light", "standard" or "strong".
        flip: float in [0, 1], the probability of a mirror image; 0 where left
            and right mean something, as in digits and texts.
        mix: bool, whether examples are mixed with each other at the end.

    Returns:
        list of Augment: a resized crop, a flip, RandAugment, erasing, and
        mixup; for `Data.batches(augment=...)` or `kerasgen.augment.augment`.

    Raises:
        ValueError: for an unknown strength.

    Source:
        Wightman et al., "ResNet strikes back", 2021, arXiv:2110.00476, table
        2, for the composition.

    Example:
        >>> [type(part).__name__ for part in standard(mix=False)]
        ['ResizedCrop', 'Flip', 'RandAugment', 'Erase']
    """
    one_of("standard", "strength", strength, STRENGTHS)
    Float(0.0, 1.0).check("standard", "flip", flip)
    much = STRENGTHS[strength]
    parts = [
        ResizedCrop(rate=0.4 * much),
        Flip(flip),
        RandAugment(0.3 * much),
        Erase(0.25 * much),
    ]
    return [*parts, MixUp(0.2 * much)] if mix else parts
