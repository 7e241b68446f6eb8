"""FGSM (Goodfellow et al., 2015): one step along the slope."""

from kerasgen.attacks.ball import ascent
from kerasgen.attacks.base import Attack
from kerasgen.attacks.ranges import BOUNDS, NORM
from kerasgen.core import Choice, Float, register


@register("attack")
class FGSM(Attack):
    """Moves each input by epsilon in the direction that raises the loss.

    `RFGSM` starts from a random place instead.

    Args:
        epsilon: float >= 0, the radius, in the inputs' unit.
        norm: "inf", "2" or "1".
        targeted: bool, whether labels are targets to reach.
        low: float, the least value of an input, or None.
        high: float, the greatest value of an input, or None.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Goodfellow et al., "Explaining and Harnessing Adversarial Examples",
        2015, arXiv:1412.6572, section 4.

    Example:
        >>> import numpy as np
        >>> from kerasgen.attacks import FGSM
        >>> x = np.full((1, 2), 0.5)
        >>> FGSM(epsilon=0.25)(lambda x: x, x, np.array([0])).tolist()
        [[0.25, 0.75]]
    """

    arguments = {
        "epsilon": Float(0.0),
        "norm": NORM,
        "targeted": Choice((True, False)),
        **BOUNDS,
    }

    def __init__(
        self, epsilon=0.1, norm="inf", targeted=False, low=None, high=None
    ):
        super().__init__(
            epsilon=epsilon, norm=norm, targeted=targeted, low=low, high=high
        )

    def find(self, victim, x, y, random):
        """Gives examples one step away; see `Attack.find`."""
        slope = victim.slope(x, y)[2]
        size = -self.epsilon if self.targeted else self.epsilon
        return x + size * ascent(slope, self.norm, share=1e-9)
