"""DSN (Bousmalis et al., 2016): what is a domain's own has its own place."""

from keras import ops

from kerasgen.core import Choice, Float, Int, mean, register
from kerasgen.losses import kernel_discrepancy
from kerasgen.methods.coder import decoder, encoder, input_of
from kerasgen.methods.judge import Judged

_SIDES = ("x", "unlabeled")


@register("method")
class DSN(Judged):
    """Parts what two domains share from what is each domain's own.

    The model's features are what is shared, and are made alike. Each domain
    has a private encoder beside it, whose code is kept orthogonal to the
    features; a decoder rebuilds the examples of both domains from the sum of
    the two.

    Args:
        model: keras.Model of float inputs, logits out, with a layer `head`.
        task: kerasgen.Task.
        weight: float >= 0, of what makes the features alike.
        alike: "adversarial" (a judge whose gradient is turned round) or
            "kernel" (the maximum mean discrepancy).
        apart: float >= 0, of what features and private code have in common.
        rebuild: float >= 0, of the error of what is rebuilt.
        width: int >= 1, of the hidden layers of encoders, decoder and judge.
        ramp: int >= 1, the steps over which the judge's weight grows.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, its inputs aren't real numbers, or an argument is out of
            range.
        TypeError: for a model that is no keras.Model.

    Source:
        Bousmalis et al., "Domain Separation Networks", 2016,
        arXiv:1608.06019, equations 1, 4 (the scale-invariant error), 6 and 8.
        Codes are centred and of length 1 in equation 5, and its value is over
        the square of the batch; features are made alike from the first step
        on, with DANN's ramp.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = DSN(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'alike', 'apart', 'loss', 'rebuild', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.03, 3.0), log=True),
        "alike": Choice(("adversarial", "kernel")),
        "apart": Float(0.0, search=(0.03, 3.0), log=True),
        "rebuild": Float(0.0, search=(0.01, 1.0), log=True),
        "width": Int(1),
        "ramp": Int(1),
    }
    terms = ("task", "alike", "apart", "rebuild")

    def __init__(
        self,
        model,
        task,
        *,
        weight=0.3,
        alike="adversarial",
        apart=0.3,
        rebuild=0.1,
        width=64,
        ramp=1000,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            weight=weight,
            alike=alike,
            apart=apart,
            rebuild=rebuild,
            width=width,
            ramp=ramp,
        )
        shape, code = input_of("DSN", model), self.feature_width()
        self.private = [
            encoder(shape, code, width, None, f"{side}_encoder")
            for side in ("source", "target")
        ]
        self.decoder = decoder(code, shape, width)

    def players(self):
        """Lets all networks move with the model; see `Method.players`."""
        parts = [self.model, *self.private, self.decoder]
        if self.alike == "adversarial":
            parts.append(self.judge)
        return {"model": [v for p in parts for v in p.trainable_variables]}

    def objective(self, batch):
        """Gives the four terms; see `Method.objective`."""
        *shared, outputs, _ = self.both(batch)
        if self.alike == "adversarial":
            alike = self.domain_loss(*shared)
        else:
            alike = self.weight * mean(kernel_discrepancy(*shared))
        inputs = [ops.cast(batch[name], "float32") for name in _SIDES]
        apart, errors = [], []
        for x, code, network in zip(inputs, shared, self.private, strict=True):
            own = network(x, training=True)
            apart.append(mean(common(code, own)))
            rebuilt = self.decoder(code + own, training=True)
            errors.append(mean(scale_free_error(x, rebuilt)))
        return {
            "task": self.task_loss(batch, outputs),
            "alike": alike,
            "apart": self.apart * sum(apart),
            "rebuild": self.rebuild * sum(errors),
        }, outputs


def common(one, two):
    """Measures what two codes of the same examples have in common.

    Args:
        one: float tensor (n, d).
        two: float tensor (n, e).

    Returns:
        float scalar in [0, 1]: the squared Frobenius norm of the product of
        the centred codes with rows of length 1, over n^2.

    Example:
        >>> x = ops.array([[1.0], [-1.0]])
        >>> round(float(common(x, x)), 4)
        1.0
    """
    one, two = _normed(one), _normed(two)
    product = ops.matmul(ops.transpose(one), two)
    count = ops.cast(ops.shape(one)[0], product.dtype)
    return ops.sum(ops.square(product / count))


def _normed(x):
    x = x - ops.mean(x, 0, keepdims=True)
    length = ops.sum(ops.square(x), 1, keepdims=True)
    return x * ops.rsqrt(ops.maximum(length, 1e-12))


def scale_free_error(x, rebuilt):
    """Gives the variance of an error over an example's numbers.

    An error that is the same for all numbers of an example costs nothing.

    Args:
        x: float tensor (n, ...).
        rebuilt: float tensor of that shape.

    Returns:
        float tensor (n,).

    Example:
        >>> scale_free_error(ops.ones((2, 3)), ops.zeros((2, 3))).shape
        TensorShape([2])
    """
    gap = ops.reshape(rebuilt - x, (ops.shape(x)[0], -1))
    return ops.mean(ops.square(gap), 1) - ops.square(ops.mean(gap, 1))
