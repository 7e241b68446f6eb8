"""Attack: (model, x, y, loss) to examples that fool, inside a ball."""

import keras
import numpy as np

from kerasgen.attacks.ball import NORMS, project
from kerasgen.attacks.victim import Victim, cross_entropy, squared_error
from kerasgen.core import Choice, Float, Int, check_arguments, message

NORM = Choice(NORMS)


class Attack:
    """What every attack is; a subclass declares `arguments`, writes `find`.

    Args:
        **values: the subclass's arguments. `low` and `high` are the least and
            greatest value of an input; None finds them: inputs within [0, 1]
            or within [0, 255] stay there, others have no bounds.

    Raises:
        ValueError: for an argument out of range.

    Attributes:
        arguments: mapping of argument name to its range.
        norm: str, that of the ball: "inf", "2" or "1".

    Example:
        >>> from kerasgen.attacks import FGSM
        >>> FGSM(epsilon=0.1).get_config()["epsilon"]
        0.1
    """

    arguments = {}
    norm = "inf"
    batch_size = 128

    def __init__(self, **values):
        values = check_arguments(type(self).__name__, self.arguments, values)
        for name, value in values.items():
            setattr(self, name, value)

    def __call__(self, model, x, y, loss=None, seed=0):
        """Changes examples so that the model errs.

        Args:
            model: keras.Model, or callable from a float tensor to logits; a
                softmax at the end is left out.
            x: float array (n, ...), in the unit of `epsilon`.
            y: int array (n,), labels; float array (n, classes), one-hot; or
                float array (n,) or (n, 1), numbers. The target where the
                attack is targeted.
            loss: callable of labels and logits to one value per example,
                instead of the cross-entropy or the squared error.
            seed: int, decides all that is drawn.

        Returns:
            float32 array shaped like `x`, within the ball and the bounds.

        Raises:
            ValueError: for numbers that aren't finite, other lengths of `x`
                and `y`, or an epsilon in another unit.
        """
        where = type(self).__name__
        x = np.asarray(keras.ops.convert_to_numpy(x)).astype("float32")
        y = np.asarray(keras.ops.convert_to_numpy(y))
        _check(where, x, y)
        if y.ndim == 2 and y.shape[1] > 1 and loss is None:
            y = y.argmax(1)
        if not len(x):
            return x
        self.bounds = self._bounds(x)
        numbers = y.dtype.kind == "f" and not np.equal(y, np.round(y)).all()
        numbers = numbers or y.ndim == 2
        if not numbers:
            y = y.astype("int32")
        loss = loss or (squared_error if numbers else cross_entropy)
        victim = Victim(model, loss, self.batch_size)
        if not getattr(self, "epsilon", 1.0):
            return x
        random = np.random.default_rng(seed)
        found = self.find(victim, x, y, random)
        return self.inside(found, x).astype("float32")

    def find(self, victim, x, y, random):
        """Gives changed examples; a subclass writes this."""
        raise NotImplementedError

    def inside(self, changed, x):
        """Brings changed examples into the ball and the bounds.

        Args:
            changed: float array (n, ...).
            x: float array (n, ...), the examples as they were.

        Returns:
            float array (n, ...).
        """
        step = changed - x
        if getattr(self, "epsilon", None) is not None:
            step = project(step, self.epsilon, self.norm)
        return np.clip(x + step, *self.bounds).astype("float32")

    def _bounds(self, x):
        low, high = getattr(self, "low", None), getattr(self, "high", None)
        if low is None and high is None:
            low, high = _found(x)
        low = -np.inf if low is None else low
        high = np.inf if high is None else high
        epsilon = getattr(self, "epsilon", None)
        if epsilon is not None and self.norm == "inf" and epsilon > high - low:
            raise ValueError(
                message(
                    type(self).__name__,
                    f"`epsilon` must be in the inputs' unit, which lie in "
                    f"[{low:g}, {high:g}]",
                    {"epsilon": epsilon},
                    f"Did you mean {epsilon:g}/255?" if high == 1 else None,
                )
            )
        if x.min() < low - 1e-5 or x.max() > high + 1e-5:
            raise ValueError(
                message(
                    type(self).__name__,
                    f"inputs must lie in [{low:g}, {high:g}]",
                    {"min": float(x.min()), "max": float(x.max())},
                )
            )
        return low, high

    def get_config(self):
        """Gives the declared arguments."""
        return {name: getattr(self, name) for name in self.arguments}

    @classmethod
    def from_config(cls, config):
        """Makes the attack from its arguments."""
        return cls(**config)


def _found(x):
    low, high = x.min(), x.max()
    if low < 0 or high > 255:
        return None, None
    return (0.0, 1.0) if high <= 1 else (0.0, 255.0)


def _check(where, x, y):
    if len(x) != len(y):
        raise ValueError(
            message(
                where,
                "there must be as many labels as examples",
                {"x": x.shape, "y": y.shape},
            )
        )
    if not np.isfinite(x).all():
        raise ValueError(
            message(
                where,
                "inputs must be finite",
                {"not finite": int((~np.isfinite(x)).sum())},
            )
        )


class Bound:
    """An optional bound of inputs: a number, or None.

    Example:
        >>> Bound().check("attack", "low", None) is None
        True
    """

    search = None
    log = False

    def check(self, where, name, value):
        """Checks one value and returns it."""
        return None if value is None else Float().check(where, name, value)

    def legal(self):
        """Writes what is legal."""
        return "numbers, or None"

    def outside(self):
        """There is no number that must be refused."""
        return


BOUNDS = {"low": Bound(), "high": Bound()}
STEPS = Int(1)


def fooled(logits, y, targeted=False):
    """Says which examples the model gets wrong.

    Args:
        logits: float array (n, classes).
        y: int array (n,), the labels, or the targets.
        targeted: bool.

    Returns:
        bool array (n,).

    Example:
        >>> fooled(np.eye(2), np.array([0, 0])).tolist()
        [False, True]
    """
    hit = logits.argmax(-1) == y
    return hit if targeted else ~hit
