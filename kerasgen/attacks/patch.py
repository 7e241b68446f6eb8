"""Patch attack (Brown et al., 2017): one square, everything allowed in it."""

import numpy as np

from kerasgen.attacks.base import Attack
from kerasgen.attacks.climb import climb
from kerasgen.attacks.ranges import BOUNDS, STEPS
from kerasgen.core import Float, Int, message, register


@register("attack")
class Patch(Attack):
    """Climbs the loss inside a square of each image, at random places.

    Args:
        share: float in (0, 1], the square's side as a share of the image's.
        steps: int >= 1, for each place.
        places: int >= 1, tried for each image.
        size: float > 0, of a step, as a share of the range.
        low: float, the least value of an input, or None for that of `x`.
        high: float, the greatest value of an input, or None for that of `x`.

    Raises:
        ValueError: for an argument out of range, or inputs that are no
            images.

    Source:
        Brown et al., "Adversarial Patch", 2017, arXiv:1712.09665; one patch
        for each image at a fixed place here, theirs one for all at any place.

    Example:
        >>> x = np.zeros((1, 4, 4, 1))
        >>> model = lambda x: x[:, 0, :2, 0]
        >>> found = Patch(share=0.5, steps=2)(model, x, np.array([0]))
        >>> int((found != x).sum()) <= 4
        True
    """

    arguments = {
        "share": Float(1e-3, 1.0),
        "steps": STEPS,
        "places": Int(1),
        "size": Float(1e-6),
        **BOUNDS,
    }

    kind = "image"

    def __init__(
        self, share=0.2, steps=20, places=3, size=0.1, low=None, high=None
    ):
        super().__init__(
            share=share,
            steps=steps,
            places=places,
            size=size,
            low=low,
            high=high,
        )

    def find(self, victim, x, y, random):
        """Gives each image with its worst patch; see `Attack.find`."""
        if x.ndim != 4:
            raise ValueError(
                message(
                    "Patch",
                    "inputs must be images (n, height, width, channels)",
                    {"shape": x.shape},
                )
            )
        low, high = (
            end if np.isfinite(end) else near
            for end, near in zip(self.bounds, (x.min(), x.max()), strict=True)
        )
        mask = np.zeros((*x.shape[:3], 1), bool)
        size = np.float32(self.size * (high - low))

        def start(turn, rows):
            mask[rows] = self._mask(x[rows].shape, random)
            drawn = random.uniform(low, high, x[rows].shape)
            return np.where(mask[rows], drawn, x[rows]).astype("float32")

        def move(place, slope, mask):
            return np.clip(place + size * np.sign(slope) * mask, low, high)

        return climb(
            victim,
            x,
            y,
            start,
            move,
            (mask,),
            steps=self.steps,
            restarts=self.places,
        )

    def _mask(self, shape, random):
        n, height, width, _ = shape
        tall, wide = (
            max(1, round(self.share * side)) for side in (height, width)
        )
        tops = random.integers(0, height - tall + 1, n)
        lefts = random.integers(0, width - wide + 1, n)
        mask = np.zeros((n, height, width, 1), bool)
        for i, (top, left) in enumerate(zip(tops, lefts, strict=True)):
            mask[i, top : top + tall, left : left + wide] = True
        return mask
