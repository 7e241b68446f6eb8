"""FGSM (Goodfellow et al., 2015): one step along the slope."""

from kerasgen.attacks.ball import ascent, somewhere
from kerasgen.attacks.base import BOUNDS, NORM, Attack
from kerasgen.core import Float, register


@register("attack")
class FGSM(Attack):
    """Moves each input by epsilon in the direction that raises the loss.

    Args:
        epsilon: float >= 0, the radius, in the inputs' unit.
        norm: "inf", "2" or "1".
        start: float in [0, 1], the share of epsilon within which a random
            start is drawn; above 0 it is R-FGSM, and the step is what is left.
        low: float, the least value of an input, or None.
        high: float, the greatest value of an input, or None.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Goodfellow et al., "Explaining and Harnessing Adversarial Examples",
        2015, arXiv:1412.6572, section 4. Random start: Tramer et al.,
        "Ensemble Adversarial Training", 2018, arXiv:1705.07204, equation 7.

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
        "start": Float(0.0, 1.0),
        **BOUNDS,
    }

    def __init__(self, epsilon=0.1, norm="inf", start=0.0, low=None, high=None):
        super().__init__(
            epsilon=epsilon, norm=norm, start=start, low=low, high=high
        )

    def find(self, victim, x, y, random):
        """Gives examples one step away; see `Attack.find`."""
        began, left = x, self.epsilon
        if self.start:
            near = self.start * self.epsilon
            began = self.inside(
                x + somewhere(x.shape, near, self.norm, random), x
            )
            left = self.epsilon - near if self.start < 1 else self.epsilon
        slope = victim.slope(began, y)[2]
        return began + left * ascent(slope, self.norm, share=1e-9)
