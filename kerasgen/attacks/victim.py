"""A model as attacks see it: logits, losses and slopes, in batches."""

import copy
import weakref

import keras
import numpy as np
from keras import ops

from kerasgen.attacks.logits import logits_of
from kerasgen.core import compiled, input_gradient, message

# Compiled functions live as long as the model that they run.
_KNOWN = weakref.WeakKeyDictionary()
_MOST = 32


class Victim:
    """Answers for a model, by compiled functions that take any batch.

    Args:
        model: keras.Model, or callable from an array or tensor to logits. One
            that can't be compiled is called with NumPy arrays; whole numbers
            (n,) that it gives are taken for classes.
        loss: callable of labels and logits to one value per example.
        batch_size: int >= 1, the most examples that are answered at once.
        labels: bool, whether the model tells classes; a single logit is then
            that of the second of two.

    Attributes:
        answer: callable from a tensor to logits.
        asked: int, how many examples were answered or differentiated, under
            any loss.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> Victim(model, cross_entropy).logits(np.ones((3, 4))).shape
        (3, 2)
    """

    def __init__(self, model, loss, batch_size=128, labels=True):
        self.model, self.loss = model, loss
        self.batch_size, self.labels = batch_size, labels
        self._asked, self._steep = [0], False
        self.plain, self.width = None, 2
        self.answer = logits_of(model)
        self._functions = {}

    @property
    def asked(self):
        """How many examples were answered or differentiated."""
        return self._asked[0]

    def judged_by(self, loss):
        """Gives the same victim under another loss.

        Args:
            loss: callable of labels and logits to one value per example.

        Returns:
            Victim.
        """
        other = copy.copy(self)
        other.loss, other._functions = loss, {}
        return other

    def logits(self, x):
        """Gives the model's logits.

        Args:
            x: array (n, ...).

        Returns:
            float32 array (n, units).
        """
        found = self._run("_logits", x)[0]
        if found.ndim == 2:
            return found
        # Classes instead of logits: as wide as they need to be by now.
        self.width = max(self.width, int(found.max()) + 1)
        return np.eye(self.width, dtype="float32")[found]

    def judge(self, x, y):
        """Gives losses and logits.

        Args:
            x: array (n, ...).
            y: array (n, ...), what the loss compares with.

        Returns:
            float32 arrays (n,) and (n, units).
        """
        logits = self.logits(x)
        losses = self.loss(ops.convert_to_tensor(y), logits)
        return ops.convert_to_numpy(losses), logits

    def slope(self, x, y):
        """Gives losses, logits, and the slopes of the losses.

        Args:
            x: float array (n, ...).
            y: array (n, ...), what the loss compares with.

        Returns:
            float32 arrays (n,), (n, units) and (n, ...).

        Raises:
            ValueError: for a model that has no slopes.
        """
        losses, logits, slope = self._run("_slope", x, y)
        if not self.labels or self.loss not in (cross_entropy, margin):
            return losses, logits, slope
        flat = ~slope.reshape(len(slope), -1).any(1)
        if not flat.all():
            self._steep = True
        if not flat.any():
            return losses, logits, slope
        if self.loss is cross_entropy and np.ndim(y) == 1:
            # Where the model is so sure that nothing is left of the slope in
            # its digits, the lead's slope points the same way.
            slope = np.array(slope)
            slope[flat] = self.judged_by(margin).slope(x[flat], y[flat])[2]
        elif flat.all() and not self._steep and (logits != logits[:1]).any():
            # A model that always answers alike has no other slopes.
            raise ValueError(self._unsmooth())
        return losses, logits, slope

    def _unsmooth(self):
        return message(
            "attack",
            "the model's output must depend smoothly on its input",
            {"model": getattr(self.model, "name", self.model)},
            "Use Square or HopSkipJump, which need no slopes; for rows "
            "TableSearch, for texts WordSubstitution.",
        )

    def _logits(self, x):
        return (self._given(x),)

    def _given(self, x):
        found = self.answer(x)
        if not hasattr(found, "dtype"):
            found = np.asarray(found)
        whole = "int" in str(found.dtype)
        if whole and len(found.shape) == 1 and self.labels:
            return ops.cast(found, "int32")
        found = ops.cast(found, "float32")
        if len(found.shape) == 1:
            found = found[:, None]
        if self.labels and found.shape[-1] == 1:
            found = ops.concatenate([-0.5 * found, 0.5 * found], -1)
        return found

    def _slope(self, x, y):
        kept = []

        def value(x):
            logits = self._given(x)
            losses = self.loss(y, logits)
            kept.extend((losses, logits))
            return losses

        slope = input_gradient(value, x)
        if slope is None:
            raise ValueError(self._unsmooth())
        return kept[0], kept[1], slope

    def _run(self, name, *arrays):
        arrays = [np.asarray(array) for array in arrays]
        if arrays[0].dtype.kind == "f":
            arrays[0] = arrays[0].astype("float32", copy=False)
        parts = []
        for start in range(0, len(arrays[0]), self.batch_size):
            part = [a[start : start + self.batch_size] for a in arrays]
            parts.append(
                [ops.convert_to_numpy(f) for f in self._do(name, part)]
            )
            self._asked[0] += len(part[0])
        if len(parts) == 1:
            return parts[0]
        return [np.concatenate(each) for each in zip(*parts, strict=True)]

    def _do(self, name, part):
        tensors = [ops.convert_to_tensor(each) for each in part]
        if isinstance(self.model, keras.Model):
            return self._kept(name)(*tensors)
        function = getattr(self, name)
        if self.plain is None:
            self.plain = self._made_of_arrays(part[0])
        if not self.plain:
            run = self._functions.setdefault(name, compiled(function, True))
            try:
                return run(*tensors)
            except Exception:
                # Not for tensors of any length, it seems; where it's wrong
                # for another reason, it says so below.
                self.plain = True
        return function(*(part if name == "_logits" else tensors))

    def _made_of_arrays(self, x):
        """Whether the function gives arrays for arrays, as NumPy's do."""
        try:
            return isinstance(self.answer(x[:1]), np.ndarray)
        except Exception:
            return False

    def _kept(self, name):
        known = _KNOWN.setdefault(self.model, {})
        key = (name, self.loss, self.labels)
        if key not in known:
            while len(known) >= _MOST:
                known.pop(next(iter(known)))
            # The method's own reference to the model would keep it alive.
            known[key] = compiled(_Loose(name, self), True)
        return known[key]


class _Loose:
    """A victim's function that holds its model by a weak reference."""

    def __init__(self, name, victim):
        self.name, self.__name__ = name, name
        self.model = weakref.ref(victim.model)
        self.loss, self.labels = victim.loss, victim.labels

    def __call__(self, *arrays):
        victim = Victim(self.model(), self.loss, labels=self.labels)
        return getattr(victim, self.name)(*arrays)


def cross_entropy(y, logits):
    """Gives the cross-entropy of each example.

    Args:
        y: int tensor (n,), or float tensor (n, classes).
        logits: float tensor (n, classes).

    Returns:
        float tensor (n,).

    Example:
        >>> round(float(cross_entropy(ops.array([0]), ops.zeros((1, 2)))[0]), 4)
        0.6931
    """
    if len(y.shape) == 2:
        return -ops.sum(ops.cast(y, "float32") * ops.log_softmax(logits), -1)
    y = ops.cast(y, "int32")
    return ops.sparse_categorical_crossentropy(y, logits, from_logits=True)


def squared_error(y, outputs):
    """Gives the squared error of each example.

    Args:
        y: float tensor (n,) or (n, units).
        outputs: float tensor (n, units).

    Returns:
        float tensor (n,).

    Example:
        >>> float(squared_error(ops.array([1.0]), ops.array([[3.0]]))[0])
        4.0
    """
    y = ops.reshape(ops.cast(y, "float32"), ops.shape(outputs))
    return ops.sum(ops.square(y - outputs), -1)


def margin(y, logits):
    """Gives by how much the best wrong class leads over the right one.

    Args:
        y: int tensor (n,).
        logits: float tensor (n, classes).

    Returns:
        float tensor (n,); above 0 where the example is fooled.

    Example:
        >>> float(margin(ops.array([0]), ops.array([[3.0, 1.0]]))[0])
        -2.0
    """
    own = ops.one_hot(ops.cast(y, "int32"), logits.shape[-1])
    right = ops.sum(own * logits, -1)
    return ops.max(logits - 1e9 * own, -1) - right


def lead(pair, logits):
    """Gives by how much one class leads over another.

    Args:
        pair: int tensor (n, 2), the right class and the other.
        logits: float tensor (n, classes).

    Returns:
        float tensor (n,), the other's logit less the right one's.

    Example:
        >>> float(lead(ops.array([[0, 1]]), ops.array([[3.0, 1.0]]))[0])
        -2.0
    """
    pair = ops.cast(pair, "int32")
    right, wrong = (
        ops.sum(ops.one_hot(pair[:, i], logits.shape[-1]) * logits, -1)
        for i in (0, 1)
    )
    return wrong - right


def logits_ratio(y, logits):
    """Gives the difference of logits ratio (DLR), blind to their scale.

    Args:
        y: int tensor (n,).
        logits: float tensor (n, classes); with two classes the margin alone.

    Returns:
        float tensor (n,); above 0 where the example is fooled.

    Source:
        Croce & Hein, "Reliable evaluation of adversarial robustness with an
        ensemble of diverse parameter-free attacks", 2020, arXiv:2003.01690,
        equation 6.

    Example:
        >>> z = ops.array([[3.0, 1.0, 0.0]])
        >>> float(logits_ratio(ops.array([0]), 10.0 * z)[0]).__round__(4)
        -0.6667
    """
    lead = margin(y, logits)
    if logits.shape[-1] < 3:
        return lead
    order = ops.sort(logits, -1)
    return lead / (order[:, -1] - order[:, -3] + 1e-12)


def targeted_ratio(y, logits):
    """Gives the targeted difference of logits ratio.

    Args:
        y: int tensor (n, 2), the right class and the target.
        logits: float tensor (n, classes), at least 4 of them.

    Returns:
        float tensor (n,).

    Source:
        Croce & Hein, 2020, arXiv:2003.01690, equation 7.

    Example:
        >>> z = ops.array([[4.0, 1.0, 0.0, 0.0]])
        >>> float(targeted_ratio(ops.array([[0, 1]]), z)[0])
        -0.75
    """
    order = ops.sort(logits, -1)
    scale = order[:, -1] - 0.5 * (order[:, -3] + order[:, -4])
    return lead(y, logits) / (scale + 1e-12)
