"""Noise: what chance alone does within the ball."""

from kerasgen.attacks.ball import somewhere
from kerasgen.attacks.base import Attack
from kerasgen.attacks.climb import worst_of
from kerasgen.attacks.ranges import BOUNDS, NORM
from kerasgen.core import Float, Int, register


@register("attack")
class UniformNoise(Attack):
    """Draws places from the ball, and keeps one that fools where any does.

    An attack that is worth its name does more than this.

    Args:
        epsilon: float >= 0, the radius, in the inputs' unit.
        draws: int >= 1, the places that are tried.
        norm: "inf", "2" or "1".
        low: float, the least value of an input, or None.
        high: float, the greatest value of an input, or None.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Carlini et al., "On Evaluating Adversarial Robustness", 2019,
        arXiv:1902.06705, section 4: random search as a check of attacks.

    Example:
        >>> import numpy as np
        >>> x = np.full((1, 2), 0.5)
        >>> found = UniformNoise(epsilon=0.1)(lambda x: x, x, np.array([0]))
        >>> bool((np.abs(found - x) <= 0.1 + 1e-6).all())
        True
    """

    arguments = {
        "epsilon": Float(0.0),
        "draws": Int(1),
        "norm": NORM,
        **BOUNDS,
    }

    def __init__(self, epsilon=0.1, draws=10, norm="inf", low=None, high=None):
        super().__init__(
            epsilon=epsilon, draws=draws, norm=norm, low=low, high=high
        )

    def find(self, victim, x, y, random):
        """Gives the worst draw of each example; see `Attack.find`."""

        def draw(rows):
            near = x[rows]
            drawn = somewhere(near.shape, self.epsilon, self.norm, random)
            return self.inside(near + drawn, near)

        return worst_of(victim, x, y, self.draws, draw)
