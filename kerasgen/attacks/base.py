"""Attack: (model, x, y, loss) to examples that fool, inside a ball."""

import copy

import keras
import numpy as np

from kerasgen.attacks.ball import project
from kerasgen.attacks.ranges import BOUNDS as BOUNDS
from kerasgen.attacks.victim import Victim, cross_entropy, squared_error
from kerasgen.core import check_arguments, message


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
        kind: str, the inputs that it is for: "numbers" (of any shape),
            "image", "audio", "table" or "text" (tokens).
        numbers: bool, whether labels may be numbers.

    Example:
        >>> from kerasgen.attacks import FGSM
        >>> FGSM(epsilon=0.1).get_config()["epsilon"]
        0.1
    """

    arguments = {}
    norm = "inf"
    kind = "numbers"
    numbers = True
    batch_size = 128

    def __init__(self, **values):
        values = check_arguments(type(self).__name__, self.arguments, values)
        for name, value in values.items():
            setattr(self, name, value)

    def __call__(self, model, x, y, loss=None, seed=0):
        """Changes examples so that the model errs.

        Args:
            model: keras.Model, or callable from a float tensor to logits; a
                softmax at the end is left out. Attacks that need no slopes
                take any function of an array (n, ...) to scores (n, classes)
                or classes (n,) too.
            x: float array (n, ...), in the unit of `epsilon`.
            y: int array (n,) or (n, 1), labels; float array (n, classes),
                one-hot; or float array (n,) or (n, units), numbers. The
                target where the attack is targeted.
            loss: callable of labels and logits to one value per example,
                instead of the cross-entropy or the squared error.
            seed: int, decides all that is drawn.

        Returns:
            float32 array shaped like `x`, within the ball and the bounds.

        Raises:
            ValueError: for numbers that aren't finite, other lengths of `x`
                and `y`, labels that the model doesn't know, or an epsilon in
                another unit.
        """
        where = type(self).__name__
        x = self.read(keras.ops.convert_to_numpy(x))
        y = np.asarray(keras.ops.convert_to_numpy(y))
        _check(where, x, y)
        if not len(x):
            return x
        # One attack may work for several models at once.
        attack = copy.copy(self)
        attack.bounds = attack._bounds(x)
        units = _units(model)
        y = labels_of(where, y, units, loss is not None)
        counted = y.dtype.kind in "iu"
        if not counted and not self.numbers:
            raise ValueError(
                message(
                    where,
                    "labels must be classes",
                    {"y": y[:3].tolist()},
                    "Use PGD for numbers.",
                )
            )
        loss = loss or (cross_entropy if counted else squared_error)
        if getattr(self, "epsilon", None) == 0 and self.kind != "text":
            return x
        victim = Victim(model, loss, self.batch_size, counted)
        victim.width = int(y.max()) + 1 if counted else 2
        random = np.random.default_rng(seed)
        found = attack.find(victim, x, y, random)
        return attack.inside(found, x)

    def read(self, x):
        """Brings inputs to the form that the attack works on.

        Args:
            x: array (n, ...).

        Returns:
            float32 array (n, ...).
        """
        return np.asarray(x).astype("float32")

    def find(self, victim, x, y, random):
        """Gives changed examples; a subclass writes this."""
        raise NotImplementedError

    def answers(self, model, x, found):
        """Gives the model's logits for changed examples.

        Args:
            model: keras.Model, or callable, as the attack took it.
            x: array (n, ...), the examples as they were.
            found: array (n, ...), what the attack gave.

        Returns:
            float32 array (n, classes).
        """
        return Victim(model, cross_entropy, self.batch_size).logits(found)

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
            if high == 255:
                self._check_pixels(x)
        low = -np.inf if low is None else low
        high = np.inf if high is None else high
        self._check_epsilon(x, low, high)
        if x.min() < low - 1e-5 or x.max() > high + 1e-5:
            raise ValueError(
                message(
                    type(self).__name__,
                    f"inputs must lie in [{low:g}, {high:g}]",
                    {"min": float(x.min()), "max": float(x.max())},
                )
            )
        return low, high

    def _check_epsilon(self, x, low, high):
        epsilon = getattr(self, "epsilon", None)
        size = x[0].size
        share = {"inf": 1.0, "2": np.sqrt(size), "1": size}[self.norm]
        if epsilon is not None and epsilon > (high - low) * share:
            raise ValueError(
                message(
                    type(self).__name__,
                    f"`epsilon` must be in the inputs' unit, which lie in "
                    f"[{low:g}, {high:g}]",
                    {"epsilon": epsilon},
                    f"Did you mean {epsilon:g}/255?" if high == 1 else None,
                )
            )

    def _check_pixels(self, x):
        epsilon = getattr(self, "epsilon", None)
        if epsilon and epsilon < 0.25 and self.norm == "inf" and x.ndim == 4:
            raise ValueError(
                message(
                    type(self).__name__,
                    "`epsilon` must be in the inputs' unit, which are pixels "
                    "in [0, 255]",
                    {"epsilon": epsilon},
                    f"Did you mean {255 * epsilon:g}? Else pass low=0 and "
                    "high=255.",
                )
            )

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
    if y.ndim == 0 or len(x) != len(y):
        raise ValueError(
            message(
                where,
                "there must be as many labels as examples",
                {"x": x.shape, "y": y.shape},
            )
        )
    for name, values in (("x", x), ("y", y)):
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise ValueError(
                message(
                    where,
                    f"`{name}` must be finite",
                    {"not finite": int((~np.isfinite(values)).sum())},
                )
            )


def _units(model):
    """How many numbers the model gives, where that is known beforehand."""
    inner = getattr(model, "model", model)
    shape = getattr(inner, "output_shape", None)
    return shape[-1] if isinstance(shape, tuple) and shape else None


def labels_of(where, y, units=None, raw=False):
    """Tells classes from numbers.

    Args:
        where: str, who complains.
        y: array (n,) or (n, units).
        units: int, how many numbers the model gives, or None.
        raw: bool, whether rows of numbers are left to the user's own loss.

    Returns:
        int32 array (n,) for classes, else float32 array.

    Raises:
        ValueError: for a class that the model doesn't have.

    Example:
        >>> labels_of("attack", np.array([[0.0, 1.0]])).tolist()
        [1]
    """
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim > 1:
        shares = y.min() >= 0 and np.allclose(y.sum(-1), 1.0, atol=1e-3)
        if raw or not shares or y.ndim > 2:
            return y.astype("float32")
        return y.argmax(1).astype("int32")
    if y.dtype.kind == "f":
        whole = np.equal(y, np.round(y)).all() and y.min() >= 0
        if not whole or (units == 1 and y.max() > 1):
            return y.astype("float32")
    if y.min() < 0 or (units and y.max() >= max(units, 2)):
        raise ValueError(
            message(
                where,
                f"labels must lie in [0, {max(units or 2, 2) - 1}]"
                if units
                else "labels must be at least 0",
                {"min": int(y.min()), "max": int(y.max())},
            )
        )
    return y.astype("int32")


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
