"""R-FGSM (Tramer et al., 2018): a random step, then one along the slope."""

import numpy as np

from kerasgen.attacks.ball import ascent, length, like
from kerasgen.attacks.base import Attack
from kerasgen.attacks.ranges import BOUNDS, NORM
from kerasgen.core import Float, register


@register("attack")
class RFGSM(Attack):
    """Steps to a random place, and spends what is left along the slope.

    The random step leaves the spot where a masked slope may be flat.
    `PGD(steps=1, size=1.25 * epsilon)` starts uniformly in the ball instead,
    as in Wong et al., "Fast is better than free", 2020, arXiv:2001.03994.

    Args:
        epsilon: float >= 0, the radius, in the inputs' unit.
        start: float in [0, 1], the share of epsilon that the random step has.
        norm: "inf", "2" or "1".
        low: float, the least value of an input, or None.
        high: float, the greatest value of an input, or None.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Tramer et al., "Ensemble Adversarial Training: Attacks and Defenses",
        2018, arXiv:1705.07204, equation 7; other norms than the greatest take
        a random direction in theirs.

    Example:
        >>> x = np.full((1, 2), 0.5)
        >>> found = RFGSM(epsilon=0.25, start=0.0)(
        ...     lambda x: x, x, np.array([0]))
        >>> found.tolist()
        [[0.25, 0.75]]
    """

    arguments = {
        "epsilon": Float(0.0),
        "start": Float(0.0, 1.0),
        "norm": NORM,
        **BOUNDS,
    }

    def __init__(self, epsilon=0.1, start=0.5, norm="inf", low=None, high=None):
        super().__init__(
            epsilon=epsilon, start=start, norm=norm, low=low, high=high
        )

    def find(self, victim, x, y, random):
        """Gives examples two steps away; see `Attack.find`."""
        drawn = random.normal(size=x.shape)
        if self.norm == "1":
            drawn = random.laplace(size=x.shape)
        if self.norm == "inf":
            drawn = np.sign(drawn)
        drawn = drawn / like(np.maximum(length(drawn, self.norm), 1e-12), x)
        near = self.start * self.epsilon
        began = self.inside(x + near * drawn, x)
        slope = victim.slope(began, y)[2]
        left = self.epsilon - near
        return began + left * ascent(slope, self.norm, share=1e-9)
