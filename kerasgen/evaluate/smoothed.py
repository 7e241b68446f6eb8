"""Randomized smoothing (Cohen et al., 2019): answers with a certificate."""

import numpy as np
from scipy import special

from kerasgen.attacks.victim import Victim, cross_entropy
from kerasgen.core import Float, Int, message
from kerasgen.metrics import binomial

ABSTAIN = -1


class Smoothed:
    """Answers by the vote of noisy copies, and certifies a radius.

    The vote's winner stays the winner for every input nearer than the radius,
    by the Euclidean distance, with probability 1 - alpha. The model should
    have been trained with the same noise (augmentation `gaussian_noise`).

    Args:
        model: keras.Model, or callable from a float tensor to logits.
        sigma: float > 0, the noise's standard deviation, in the inputs' unit.
        alpha: float in (0, 0.5), how often a certificate may be wrong.
        batch_size: int >= 8, the noisy copies that are answered at once.

    Raises:
        ValueError: for an argument out of range.

    Source:
        Cohen et al., "Certified Adversarial Robustness via Randomized
        Smoothing", 2019, arXiv:1902.02918, theorem 1 and section 3.2.

    Example:
        >>> smoothed = Smoothed(lambda x: x, sigma=0.1)
        >>> labels, radii = smoothed.certify([[2.0, 0.0]], samples=1000)
        >>> int(labels[0]), 0.2 < float(radii[0]) < 0.3
        (0, True)
    """

    def __init__(self, model, sigma=0.25, alpha=0.001, batch_size=1024):
        Float(0.0).check("Smoothed", "sigma", sigma)
        if not sigma or not 0.0 < alpha < 0.5:
            told = {"sigma": sigma, "alpha": alpha}
            text = "`sigma` must be above 0 and `alpha` in (0, 0.5)"
            raise ValueError(message("Smoothed", text, told))
        Int(8).check("Smoothed", "batch_size", batch_size)
        self.sigma, self.alpha = float(sigma), float(alpha)
        self._victim = Victim(model, cross_entropy, batch_size)

    def counts(self, x, samples, random):
        """Counts the answers for noisy copies of one input.

        Args:
            x: float array, one example without a batch axis.
            samples: int >= 1.
            random: numpy Generator.

        Returns:
            int array (classes,) that sums to `samples`.
        """
        found, room = 0, self._victim.batch_size
        for start in range(0, samples, room):
            size = (min(room, samples - start), *x.shape)
            noise = random.standard_normal(size, "float32")
            logits = self._victim.logits(x + self.sigma * noise)
            votes = logits.argmax(-1)
            found = found + np.bincount(votes, minlength=logits.shape[-1])
        return found

    def predict(self, x, samples=1000, seed=0):
        """Answers by vote where the winner is sure.

        Args:
            x: float array (n, ...).
            samples: int >= 1, the noisy copies of each example.
            seed: int, decides the noise.

        Returns:
            int array (n,), labels; `ABSTAIN` (-1) where the exact binomial
            test of the two best doesn't reject a draw at `alpha`.
        """
        labels = []
        for place, each in enumerate(np.asarray(x, "float32")):
            random = np.random.default_rng([seed, place])
            counts = self.counts(each, samples, random)
            best = int(counts.argmax())
            second = np.partition(counts, -2)[-2]
            both = counts[best] + second
            # The interval excludes one half where the test rejects it.
            low = binomial(counts[best], both, 1.0 - self.alpha).low
            labels.append(best if low > 0.5 else ABSTAIN)
        return np.array(labels)

    def certify(self, x, samples=10000, choose=100, seed=0):
        """Answers with radii within which the answer is certain to stay.

        Args:
            x: float array (n, ...).
            samples: int >= 1, the noisy copies that bound the vote.
            choose: int >= 1, other copies that choose the label.
            seed: int, decides the noise.

        Returns:
            int array (n,), labels, `ABSTAIN` (-1) where nothing is certain;
            float array (n,), radii, 0 there.
        """
        labels, radii = [], []
        for place, each in enumerate(np.asarray(x, "float32")):
            random = np.random.default_rng([seed, place])
            label = int(self.counts(each, choose, random).argmax())
            hits = self.counts(each, samples, random)[label]
            # One-sided: both tails of 1 - 2 alpha have alpha each.
            low = binomial(hits, samples, 1.0 - 2.0 * self.alpha).low
            sure = low > 0.5
            labels.append(label if sure else ABSTAIN)
            radii.append(self.sigma * special.ndtri(low) if sure else 0.0)
        return np.array(labels), np.array(radii)
