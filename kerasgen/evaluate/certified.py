"""How many answers are certain to stay within a radius."""

import numpy as np

from kerasgen.core import Float, Int, register
from kerasgen.evaluate.numbers import Numbers
from kerasgen.evaluate.probe import Answer, Probe
from kerasgen.evaluate.raw_model import seen_from_outside
from kerasgen.evaluate.smoothed import ABSTAIN, Smoothed


@register("probe")
class Certified(Probe):
    """Measures the certified accuracy of the smoothed model over radii.

    It counts the examples whose vote of noisy copies is right, and certain to
    stay right for every change shorter than the radius (Euclidean). It is a
    bound from below for the smoothed model, not for the model itself.

    Args:
        seed: int >= 0, decides the noise.
        draws: int >= 100, the bootstrap's draws.
        sigma: float > 0, the noise's standard deviation: of images and videos
            in units of the whole range of pixels, of other data in the unit
            of prepared numbers.
        samples: int >= 1, the noisy copies of each example.
        radii: numbers >= 0; None takes 0 to 2 sigma in five steps.
        limit: int >= 1, the most examples that are asked about, the first
            ones.
        alpha: float in (0, 0.5), how often a certificate may be wrong.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Cohen et al., 2019, arXiv:1902.02918, section 4.

    Example:
        >>> Certified(sigma=0.5, radii=[1, 0]).radii
        (0.0, 1.0)
    """

    reads_outputs = False

    arguments = {
        **Probe.arguments,
        "sigma": Float(1e-6),
        "samples": Int(1),
        "radii": Numbers(),
        "limit": Int(1),
        "alpha": Float(1e-9, 0.499),
    }

    def __init__(
        self,
        seed=0,
        draws=1000,
        sigma=0.25,
        samples=1000,
        radii=None,
        limit=50,
        alpha=0.001,
    ):
        super().__init__(
            seed,
            draws,
            sigma=sigma,
            samples=samples,
            radii=radii,
            limit=limit,
            alpha=alpha,
        )

    def ask(self, model, data, task, split, batch_size, outputs):
        """Answers with a row for each radius."""
        found = "the task has no accuracy"
        if task.headline.exact and getattr(task, "classes", None):
            found = seen_from_outside(model, data, split, self.limit)
        if not isinstance(found, str) and found[2].ndim > 1:
            found = "an example must have one class"
        if isinstance(found, str):
            return Answer((self.absent("accuracy", found, "higher"),))
        whole, x, y, _ = found
        smoothed = Smoothed(whole, self.sigma, self.alpha)
        labels, radii = smoothed.certify(x, self.samples, seed=self.seed)
        asked = self.radii
        if asked is None:
            asked = tuple(self.sigma * share for share in (0, 0.5, 1, 1.5, 2))
        right = labels == y
        rows = [
            self.measured(
                task.headline,
                right & (radii >= radius),
                metric="accuracy",
                radius=radius,
            )
            for radius in asked
        ]
        sure = np.asarray(labels != ABSTAIN)
        rows.append(self.measured(task.headline, sure, metric="answered"))
        table = {"sigma": self.sigma, "samples": self.samples}
        return Answer(tuple(rows), {"certified": table})
