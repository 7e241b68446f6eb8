"""Spatial attack (Engstrom et al., 2019): turns and shifts that fool."""

import numpy as np
import scipy.ndimage

from kerasgen.attacks.base import Attack
from kerasgen.attacks.climb import worst_of
from kerasgen.attacks.ranges import BOUNDS
from kerasgen.core import Float, Int, message, register


@register("attack")
class Spatial(Attack):
    """Turns and shifts images, and keeps the worst of random tries.

    Needs the model's logits alone; what comes in at the borders repeats them.

    Args:
        degrees: float >= 0, the greatest turn.
        shift: float in [0, 1], the greatest shift, as a share of each side.
        tries: int >= 1.
        low: float, the least value of an input, or None.
        high: float, the greatest value of an input, or None.

    Raises:
        ValueError: for an argument out of range, or inputs that are no
            images.

    Source:
        Engstrom et al., "Exploring the Landscape of Spatial Robustness", 2019,
        arXiv:1712.02779, section 3 (worst of k).

    Example:
        >>> x = np.zeros((1, 4, 4, 1))
        >>> model = lambda x: x[:, 0, :2, 0]
        >>> Spatial(tries=2)(model, x, np.array([0])).shape
        (1, 4, 4, 1)
    """

    arguments = {
        "degrees": Float(0.0),
        "shift": Float(0.0, 1.0),
        "tries": Int(1),
        **BOUNDS,
    }

    kind = "image"

    def __init__(self, degrees=30.0, shift=0.1, tries=10, low=None, high=None):
        super().__init__(
            degrees=degrees, shift=shift, tries=tries, low=low, high=high
        )

    def find(self, victim, x, y, random):
        """Gives the worst try of each image; see `Attack.find`."""
        if x.ndim != 4:
            raise ValueError(
                message(
                    "Spatial",
                    "inputs must be images (n, height, width, channels)",
                    {"shape": x.shape},
                )
            )
        return worst_of(
            victim,
            x,
            y,
            self.tries,
            lambda rows: np.stack([self._moved(x[i], random) for i in rows]),
        )

    def _moved(self, image, random):
        angle = np.deg2rad(random.uniform(-self.degrees, self.degrees))
        sides = np.array(image.shape[:2])
        shift = random.uniform(-self.shift, self.shift, 2) * sides
        turn = np.array(
            [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        )
        middle = (sides - 1) / 2
        offset = middle - turn @ (middle + shift)
        return np.stack(
            [
                scipy.ndimage.affine_transform(
                    channel, turn, offset, order=1, mode="nearest"
                )
                for channel in np.moveaxis(image, -1, 0)
            ],
            -1,
        )
