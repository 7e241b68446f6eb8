"""SHOT (Liang et al., 2020): adaptation without the source."""

from keras import ops

from kerasgen.core import Float, mean, register
from kerasgen.losses import mutual_information
from kerasgen.methods.adaptation import Adaptation


@register("method")
class SHOT(Adaptation):
    """Brings the target's features to a trained head that stays as it is.

    Answers on the target become sure and diverse, and follow the nearest of
    the classes' centers, which are kept as running means. Of the source only
    the model is used: `x` and `y` of a batch serve the metrics.

    Args:
        model: keras.Model that was trained on the source, logits out, with a
            layer `head`.
        task: kerasgen.Task with classes.
        weight: float >= 0, of the loss for the nearest center's class.
        momentum: float in [0, 1), what a batch leaves of the centers.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Liang et al., "Do We Really Need to Access the Source Data? Source
        Hypothesis Transfer for Unsupervised Domain Adaptation", 2020,
        arXiv:2002.08546, equations 3 to 7. They find centers once an epoch
        from all examples; here each batch moves them.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = SHOT(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'centers', 'information', 'loss']
    """

    arguments = {
        "weight": Float(0.0, search=(0.03, 1.0), log=True),
        "momentum": Float(0.0, 0.99999),
    }
    terms = ("information", "centers")
    classes_only = True

    def __init__(
        self,
        model,
        task,
        *,
        weight=0.3,
        momentum=0.9,
        step="descent",
        name=None,
    ):
        super().__init__(
            model, task, step=step, name=name, weight=weight, momentum=momentum
        )
        shape = (task.classes, self.feature_width())
        self.centers = self.add_weight(
            shape=shape,
            initializer="zeros",
            trainable=False,
            dtype="float32",
            aggregation="mean",
            name="centers",
        )

    def players(self):
        """Lets the features move alone; see `Method.players`."""
        return {"model": self.features.trainable_variables}

    def objective(self, batch):
        """Gives the terms on the target; see `Method.objective`."""
        seen = self.features(batch["unlabeled"], training=True)
        guesses = ops.cast(self.head(seen), "float32")
        flat = ops.reshape(
            ops.cast(seen, "float32"), (-1, self.centers.shape[1])
        )
        near = self._nearest(flat, ops.softmax(guesses))
        lost = -ops.sum(near * ops.log_softmax(guesses), -1)
        outputs = ops.stop_gradient(self.model(batch["x"], training=False))
        return {
            "information": -mean(mutual_information(guesses)),
            "centers": self.weight * mean(lost),
        }, outputs

    def _nearest(self, features, shares):
        features, shares = map(ops.stop_gradient, (features, shares))
        mass = ops.sum(shares, 0)[:, None]
        now = ops.matmul(ops.transpose(shares), features)
        now = now / ops.maximum(mass, 1e-6)
        old = ops.convert_to_tensor(self.centers)
        fresh = ops.all(ops.equal(old, 0.0), 1, keepdims=True)
        # A class that no example may belong to keeps its center.
        share = (1.0 - self.momentum) * ops.minimum(mass, 1.0)
        share = ops.where(fresh, ops.ones_like(share), share)
        moved = old + share * (now - old)
        self.centers.assign(moved)
        close = ops.matmul(_along(features), ops.transpose(_along(moved)))
        return ops.one_hot(ops.argmax(close, -1), self.task.classes)


def _along(x):
    length = ops.sqrt(ops.sum(ops.square(x), -1, keepdims=True))
    return x / ops.maximum(length, 1e-6)
