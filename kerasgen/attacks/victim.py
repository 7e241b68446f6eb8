"""A model as attacks see it: logits, losses and slopes, in batches."""

import weakref

import keras
import numpy as np
from keras import ops

from kerasgen.core import adopt, compiled, input_gradient, message

_SMALLEST = 8
# Compiled functions live as long as the model that they run.
_KNOWN = weakref.WeakKeyDictionary()


class Victim:
    """Answers for a model, with compiled functions of few shapes.

    Args:
        model: keras.Model, or callable from a float tensor to logits.
        loss: callable of labels and logits to one value per example.
        batch_size: int >= 8, the examples that are answered at once.

    Attributes:
        asked: int, how many examples were answered or differentiated.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> Victim(model, cross_entropy).logits(np.ones((3, 4))).shape
        (3, 2)
    """

    def __init__(self, model, loss, batch_size=128):
        self.model, self.loss = model, loss
        self.batch_size = batch_size
        self.asked = 0
        self._answer = logits_of(model)

    def logits(self, x):
        """Gives the model's logits.

        Args:
            x: float array (n, ...).

        Returns:
            float32 array (n, units).
        """
        return self._run("logits", self._logits, x)[0]

    def slope(self, x, y):
        """Gives losses, logits, and the slopes of the losses.

        Args:
            x: float array (n, ...).
            y: array (n, ...), what the loss compares with.

        Returns:
            float32 arrays (n,), (n, units) and (n, ...).
        """
        return self._run("slope", self._slope, x, y)

    def _logits(self, x):
        return (ops.cast(self._answer(x), "float32"),)

    def _slope(self, x, y):
        kept = []

        def value(x):
            logits = ops.cast(self._answer(x), "float32")
            losses = self.loss(y, logits)
            kept.extend((losses, logits))
            return losses

        slope = input_gradient(value, x)
        if slope is None:
            raise ValueError(
                message(
                    "attack",
                    "the model's output must depend smoothly on its input",
                    {"model": getattr(self.model, "name", self.model)},
                    "Use Square or HopSkipJump, which need no slopes.",
                )
            )
        return kept[0], kept[1], slope

    def _run(self, name, function, *arrays):
        arrays = [np.asarray(array) for array in arrays]
        arrays[0] = arrays[0].astype("float32")
        run = self._compiled(name, function)
        parts = []
        for start in range(0, len(arrays[0]), self.batch_size):
            part = [a[start : start + self.batch_size] for a in arrays]
            n = len(part[0])
            room = self._room(n)
            # Few sizes, so that few functions are traced.
            full = [
                np.concatenate([a, np.repeat(a[:1], room - n, 0)]) for a in part
            ]
            found = run(*[ops.convert_to_tensor(a) for a in full])
            parts.append([ops.convert_to_numpy(f)[:n] for f in found])
            self.asked += n
        return [np.concatenate(each) for each in zip(*parts, strict=True)]

    def _room(self, n):
        room = self.batch_size
        while room // 2 >= max(n, _SMALLEST):
            room //= 2
        return room

    def _compiled(self, name, function):
        if not isinstance(self.model, keras.Model):
            return self.__dict__.setdefault(f"_{name}_now", compiled(function))
        known = _KNOWN.setdefault(self.model, {})
        key = (name, self.loss)
        if key not in known:
            # The method's own reference to the model would keep it alive.
            known[key] = compiled(_Loose(function, self.model, self.loss))
        return known[key]


class _Loose:
    """A victim's function that holds its model by a weak reference."""

    def __init__(self, function, model, loss):
        self.name = function.__name__
        self.model, self.loss = weakref.ref(model), loss

    def __call__(self, *arrays):
        return getattr(Victim(self.model(), self.loss), self.name)(*arrays)


def logits_of(model):
    """Finds the function from inputs to logits.

    A softmax or sigmoid at the end is left out.

    Args:
        model: keras.Model, or callable from a tensor to logits.

    Returns:
        callable from a float tensor to logits.

    Example:
        >>> x = keras.Input((2,))
        >>> layer = keras.layers.Dense(3, activation="softmax")
        >>> model = keras.Model(x, layer(x))
        >>> found = logits_of(model)(ops.ones((1, 2)))
        >>> float(abs(ops.sum(found) - 1.0)) > 1e-3
        True
    """
    if not isinstance(model, keras.Model):
        return model
    inner = getattr(model, "model", model)
    model = inner if isinstance(inner, keras.Model) else model

    def answer(x):
        return model(x, training=False)

    layers = getattr(model, "layers", ())
    if not layers or not getattr(model, "inputs", None):
        return answer
    last = layers[-1]
    kind = getattr(getattr(last, "activation", None), "__name__", "")
    if isinstance(last, keras.layers.Softmax) or (
        isinstance(last, keras.layers.Activation) and kind in _ENDS
    ):
        below = keras.Model(model.inputs, last.input)
        return lambda x: below(x, training=False)
    if kind in _ENDS:
        plain = adopt(model)
        return lambda x: plain(x, training=False)
    return answer


_ENDS = ("softmax", "sigmoid", "log_softmax")


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
