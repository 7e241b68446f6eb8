"""What is left of the accuracy when inputs are changed on purpose."""

import numpy as np

from kerasgen.attacks import FGSM, PGD, Square, UniformNoise
from kerasgen.attacks.ball import NORMS
from kerasgen.core import (
    Choice,
    Int,
    create,
    input_gradient,
    register,
    say,
    warn,
)
from kerasgen.evaluate.numbers import Numbers, Parts
from kerasgen.evaluate.probe import Answer, Probe, forward, listed
from kerasgen.evaluate.raw_model import seen_from_outside
from kerasgen.evaluate.row import Row
from kerasgen.metrics import mcnemar

STANDARD = (
    {"name": "pgd", "steps": 10},
    {"name": "square", "steps": 100},
    {"name": "uniform_noise"},
)
# An order that chance gives less often than that isn't chance.
_CHANCE = 0.01
_FAR = 10.0


@register("probe")
class Attack(Probe):
    """Measures the accuracy that stands attacks, over the size of changes.

    An example stands at an epsilon where no attack fools the model at it or
    at a smaller one; `robust_accuracy` is what stands all attacks, a bound
    from above of the true one, and `worst` that at the greatest epsilon. Each
    attack has rows of its own, too.

    Attacks fail for many reasons beside robustness, above all slopes that
    lead nowhere. So five tests are made: a large epsilon must fool nearly
    all, PGD of 50 steps must find what PGD of 10 finds, that what FGSM finds,
    and neither noise nor Square may find more than PGD. What fails has a row
    `violation` and a warning: then the numbers are not to be trusted.

    Args:
        seed: int >= 0, decides what attacks draw.
        draws: int >= 100, the bootstrap's draws.
        epsilons: numbers >= 0, the sizes of changes: of images and videos in
            units of the whole range of pixels (8/255 is 0.031), of other data
            in the unit of prepared numbers. None takes 0.01, 0.03, 0.1, 0.3.
        attacks: names of attacks, or mappings of `name` and arguments, to
            which `epsilon` and the bounds are added; None takes PGD of 10
            steps, Square of 100 and noise.
        norm: "inf", "2" or "1", for attacks that take one.
        limit: int >= 1, the most examples that are attacked, the first ones.
        sanity: bool, whether the five tests are made.

    Raises:
        ValueError: for an argument out of range, or an unknown attack.

    Source:
        Carlini et al., "On Evaluating Adversarial Robustness", 2019,
        arXiv:1902.06705, sections 3 and 4; Athalye et al., "Obfuscated
        Gradients Give a False Sense of Security", 2018, arXiv:1802.00420,
        section 3.1.

    Example:
        >>> Attack(epsilons=[0.3, 0.1]).epsilons
        (0.1, 0.3)
    """

    reads_outputs = False

    arguments = {
        **Probe.arguments,
        "epsilons": Numbers(),
        "attacks": Parts("attack"),
        "norm": Choice(NORMS),
        "limit": Int(1),
        "sanity": Choice((True, False)),
    }

    def __init__(
        self,
        seed=0,
        draws=1000,
        epsilons=None,
        attacks=None,
        norm="inf",
        limit=200,
        sanity=True,
    ):
        super().__init__(
            seed,
            draws,
            epsilons=epsilons or (0.01, 0.03, 0.1, 0.3),
            attacks=attacks,
            norm=norm,
            limit=limit,
            sanity=sanity,
        )

    def ask(self, model, data, task, split, batch_size, outputs):
        """Answers with a row for each epsilon, and one for each attack."""
        found = "the task has no accuracy"
        if task.headline.exact and getattr(task, "classes", None):
            found = seen_from_outside(model, data, split, self.limit)
        if isinstance(found, str):
            return Answer((self.absent("robust_accuracy", found, "higher"),))
        whole, x, y, bounds = found
        if y.ndim > 1:
            why = "an example must have one class"
            return Answer((self.absent("robust_accuracy", why, "higher"),))
        scene = Scene(whole, x, y, bounds, self.norm, self.seed)
        rows, together = [], np.stack([scene.right] * len(self.epsilons))
        lacking = []
        for spec in self.attacks or STANDARD:
            stands, why = self._curve(scene, spec)
            if stands is None:
                lacking.append(self._lacking(spec, why))
                continue
            together &= stands
            rows += self._rows(task, stands, "accuracy", attack=spec["name"])
        robust = self._rows(task, together, "robust_accuracy")
        worst = self.measured(task.headline, together[-1], metric="worst")
        rows = [*robust, worst, *rows, *lacking]
        if self.sanity:
            middle = self.epsilons[len(self.epsilons) // 2]
            rows += [self._violation(*each) for each in trouble(scene, middle)]
        table = {"clean": float(scene.right.mean()), "norm": self.norm}
        listing = {
            row.name: listed(stands, task.headline.exact)
            for row, stands in zip(robust, together, strict=True)
        }
        return Answer(tuple(rows), {"attack": table}, listing)

    def _curve(self, scene, spec):
        stands, going = [], scene.right.copy()
        for epsilon in self.epsilons:
            try:
                going[going] = scene.stands(spec, epsilon, going)
            except ValueError as error:
                return None, str(error)
            stands.append(going.copy())
            say("%s at %g: %.4g", spec["name"], epsilon, going.mean())
        return np.stack(stands), None

    def _rows(self, task, stands, metric, **where):
        return [
            self.measured(
                task.headline, each, metric=metric, epsilon=epsilon, **where
            )
            for epsilon, each in zip(self.epsilons, stands, strict=True)
        ]

    def _lacking(self, spec, why):
        return self.absent("accuracy", why, "higher", attack=spec["name"])

    def _violation(self, check, gap, n, text):
        warn("attack: %s. Don't trust these numbers (masked slopes?).", text)
        return Row(
            self.name,
            "violation",
            gap,
            gap,
            gap,
            n,
            "share",
            "lower",
            {"check": check},
            f"{text}: the numbers are not to be trusted (masked slopes?)",
        )


class Scene:
    """Examples and a model, on which attacks are tried.

    Args:
        model: keras.Model from inputs to logits.
        x: float array (n, ...).
        y: int array (n,).
        bounds: pair of floats, or of None.
        norm: str, for attacks that take one.
        seed: int.
    """

    def __init__(self, model, x, y, bounds, norm, seed):
        self.model, self.x, self.y = model, x, y.astype("int32")
        self.bounds, self.norm, self.seed = bounds, norm, seed
        self.answers = self._answers(x)
        self.right = self.answers == self.y

    def stands(self, spec, epsilon, among=None):
        """Says which examples an attack leaves right.

        Args:
            spec: mapping of an attack's name and arguments, or an attack.
            epsilon: float, used where a mapping came.
            among: bool array (n,), which examples are attacked, or None.

        Returns:
            bool array, one for each attacked example.
        """
        among = np.ones(len(self.x), bool) if among is None else among
        x, y = self.x[among], self.y[among]
        if not len(x):
            return np.zeros(0, bool)
        found = self.made(spec, epsilon)(self.model, x, y, seed=self.seed)
        return self._answers(found) == y

    def made(self, spec, epsilon):
        """Makes an attack of this size, with bounds and norm."""
        attack = spec
        if not hasattr(spec, "find"):
            attack = create("attack", spec)
        known = {"epsilon": epsilon, "norm": self.norm}
        known["low"], known["high"] = self.bounds
        given = {k: v for k, v in known.items() if k in attack.arguments}
        return type(attack)(**{**attack.get_config(), **given})

    def _answers(self, x):
        parts = [x[i : i + 256] for i in range(0, len(x), 256)]
        return np.argmax(forward(self.model, [(p,) for p in parts], 256), -1)


def trouble(scene, epsilon):
    """Lists signs that attacks fail for other reasons than robustness.

    Args:
        scene: Scene.
        epsilon: float, at which attacks are compared.

    Returns:
        list of tuples: the check's name, the share of examples by which it
        fails, the number of examples, and what was found.
    """
    among = scene.right
    n = int(among.sum())
    if n < 2:
        return []
    slope = input_gradient(lambda z: scene.model(z), scene.x[:2])
    if slope is None:
        return [("slopes", 1.0, n, "the model has no slopes by its inputs")]
    attacks = {
        "fgsm": FGSM(),
        "pgd_10": PGD(steps=10),
        "pgd_50": PGD(steps=50),
        "noise": UniformNoise(),
        "square": Square(steps=200),
    }
    if scene.norm != "inf":
        del attacks["square"]
    found = {k: scene.stands(v, epsilon, among) for k, v in attacks.items()}
    orders = [
        ("pgd_50", "pgd_10", "more steps find less"),
        ("pgd_10", "fgsm", "one step finds more than ten"),
        ("pgd_50", "noise", "noise finds more than slopes"),
        ("pgd_50", "square", "an attack without slopes finds more than PGD"),
    ]
    signs = []
    for less, more, text in orders:
        if more not in found:
            continue
        gap = found[less].mean() - found[more].mean()
        if gap > 0 and mcnemar(found[less], found[more])[0] < _CHANCE:
            text = f"{text} (by {100 * gap:.0f} points at {epsilon:g})"
            signs.append((f"{less} <= {more}", gap, n, text))
    # From the example itself: far away even honest slopes may vanish.
    far = PGD(steps=50, random=False)
    left = scene.stands(far, _large(scene), among)
    # Who answers all alike can't be fooled, and rightly so.
    if left.mean() > 0.05 and len(np.unique(scene.answers)) > 1:
        text = f"{100 * left.mean():.0f} % stand any change at all"
        signs.append(("large_epsilon", left.mean(), n, text))
    return signs


def _large(scene):
    """So far that an example can become any other."""
    low, high = scene.bounds
    wide = _FAR * np.ptp(scene.x) if low is None else high - low
    size = scene.x[0].size
    return float(wide * {"inf": 1.0, "2": size**0.5, "1": size}[scene.norm])
