"""Attacks on sounds: changes that stay quiet, and within a band."""

import numpy as np

from kerasgen.attacks.ball import length, like
from kerasgen.attacks.base import Attack
from kerasgen.attacks.climb import climb
from kerasgen.attacks.ranges import STEPS, Band, Bound
from kerasgen.core import Choice, Float, Int, message, register


@register("attack")
class WavePGD(Attack):
    """Climbs the loss by changes that stay below a sound's own power.

    A change may be bounded by the ratio of the sound's power to its own (SNR),
    by its greatest value, and to a band of frequencies. Bounds hold together:
    each step is brought into the band, then made small enough as a whole.
    Sounds within [-1, 1] stay there; that comes last, and may leave traces
    outside the band where a sound touches its ends already.

    Args:
        snr: float, the least ratio of powers, in dB, or None for no such
            bound. A silent sound stays as it is.
        epsilon: float >= 0, the greatest change of a sample, in the inputs'
            unit, or None for no such bound.
        band: pair of floats, the lowest and the highest frequency of a change,
            as shares of the sample rate in [0, 0.5].
        steps: int >= 1.
        size: float >= 0, of a step, as a share of the radius; 0 takes 2.5 /
            steps.
        restarts: int >= 1, from random places; the first starts at the sound.
        targeted: bool, whether labels are targets to reach.

    Raises:
        ValueError: for an argument out of range, no bound at all, or inputs
            that are no waves (n, samples).

    Source:
        PGD: Madry et al., "Towards Deep Learning Models Resistant to
        Adversarial Attacks", 2018, arXiv:1706.06083. Loudness in dB against
        the sound's: Carlini & Wagner, "Audio Adversarial Examples", 2018,
        arXiv:1801.01944, section II; theirs compares peaks, this one powers.

    Example:
        >>> x = np.sin(np.arange(64.0))[None]
        >>> found = WavePGD(snr=20.0)(lambda x: x[:, :2], x, np.array([1]))
        >>> change = np.sum((found - x) ** 2)
        >>> bool(10 * np.log10(np.sum(x**2) / change) >= 20 - 1e-3)
        True
    """

    arguments = {
        "snr": Bound(),
        "epsilon": Bound(0.0),
        "band": Band(),
        "steps": STEPS,
        "size": Float(0.0),
        "restarts": Int(1),
        "targeted": Choice((True, False)),
    }
    kind = "audio"
    norm = "2"

    def __init__(
        self,
        snr=30.0,
        epsilon=None,
        band=(0.0, 0.5),
        steps=20,
        size=0.0,
        restarts=1,
        targeted=False,
    ):
        super().__init__(
            snr=snr,
            epsilon=epsilon,
            band=band,
            steps=steps,
            size=size,
            restarts=restarts,
            targeted=targeted,
        )
        if snr is None and epsilon is None:
            raise ValueError(
                message(
                    "WavePGD",
                    "a change must be bounded by `snr` or `epsilon`",
                    {"snr": snr, "epsilon": epsilon},
                )
            )

    def read(self, x):
        """Gives waves (n, samples); see `Attack.read`."""
        x = super().read(x)
        if x.ndim != 2:
            raise ValueError(
                message(
                    "WavePGD",
                    "inputs must be waves (n, samples)",
                    {"shape": x.shape},
                )
            )
        return x

    def find(self, victim, x, y, random):
        """Gives the worst place of each sound; see `Attack.find`."""
        radius = self._radius(x)
        size = (self.size or 2.5 / self.steps) * radius

        def start(turn, rows):
            began = x[rows]
            if turn:
                drawn = self._band(random.normal(size=began.shape))
                began = self._moved(began, drawn, radius[rows])
                began = self.inside(began, x[rows])
            return began

        def move(place, slope, near, size):
            # Along the band's part of the slope, its length that of the ball.
            return self.inside(
                self._moved(place, self._band(slope), size), near
            )

        return climb(
            victim,
            x,
            y,
            start,
            move,
            (x, size),
            steps=self.steps,
            restarts=self.restarts,
            targeted=self.targeted,
        )

    def _moved(self, place, way, size):
        if self.snr is None:
            way = np.sign(way)
            far = np.abs(way).max(1)
        else:
            far = length(way, "2")
        return place + like(size / np.maximum(far, 1e-30), place) * way

    def _radius(self, x):
        """How long each change may be: in the greatest norm without SNR."""
        if self.snr is None:
            return np.full(len(x), self.epsilon, "float32")
        return length(x, "2") * 10.0 ** (-self.snr / 20.0)

    def inside(self, changed, x):
        """Brings changes into the band, then into all bounds."""
        step = self._band(np.asarray(changed, "float64") - x)
        share = np.ones(len(x))
        if self.snr is not None:
            far = np.maximum(length(step, "2"), 1e-30)
            share = np.minimum(share, self._radius(x) / far)
        step = step * share[:, None]
        if self.epsilon is not None:
            if self.band == (0.0, 0.5):
                step = np.clip(step, -self.epsilon, self.epsilon)
            else:
                # Clipping would leave the band.
                far = np.maximum(length(step, "inf"), 1e-30)
                step = step * np.minimum(1.0, self.epsilon / far)[:, None]
        return np.clip(x + step, *self.bounds).astype("float32")

    def _band(self, step):
        low, high = self.band
        if (low, high) == (0.0, 0.5):
            return step
        found = np.fft.rfft(step, axis=1)
        places = np.fft.rfftfreq(step.shape[1])
        found *= (places >= low) & (places <= high)
        return np.fft.irfft(found, step.shape[1], 1)

    def _bounds(self, x):
        peak = float(np.abs(x).max())
        if peak and (self.epsilon or 0.0) > 2 * peak:
            raise ValueError(
                message(
                    "WavePGD",
                    f"`epsilon` must be in the inputs' unit, which lie in "
                    f"[{x.min():g}, {x.max():g}]",
                    {"epsilon": self.epsilon},
                    f"Did you mean {self.epsilon:g}/32768?"
                    if peak <= 1
                    else None,
                )
            )
        return (-1.0, 1.0) if peak <= 1 else (-np.inf, np.inf)
