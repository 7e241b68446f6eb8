"""Fishr (Rame et al., 2022): gradients vary alike in all domains."""

from keras import ops

from kerasgen.core import Float, Int, mean, message, register, split
from kerasgen.methods.grouped import Grouped, fellows


@register("method")
class Fishr(Grouped):
    """Brings the variances of the head's gradients together over domains.

    Args:
        model: keras.Model, logits out, with a dense layer `head` on features
            of shape (batch, width).
        task: kerasgen.Task with classes.
        weight: float >= 0, of the penalty.
        ramp: int >= 0, the steps before the penalty counts.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            such head, the task has no classes, or an argument is out of
            range.
        TypeError: for a model that is no keras.Model.

    Source:
        Rame et al., "Fishr: Invariant Gradient Variances for
        Out-of-Distribution Generalization", 2022, arXiv:2109.02934, equation
        4, on each batch alone, without their moving average.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = Fishr(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x = {"inputs": ops.ones((8, 4)), "group": ops.arange(8) % 2}
        >>> sorted(method.fit(x, ops.zeros((8,)), verbose=0).history)
        ['accuracy', 'loss', 'penalty', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(1.0, 1000.0), log=True),
        "ramp": Int(0),
    }
    terms = ("task", "penalty")
    classes_only = True

    def __init__(
        self, model, task, *, weight=100.0, ramp=200, step="descent", name=None
    ):
        super().__init__(
            model, task, step=step, name=name, weight=weight, ramp=ramp
        )
        self.features, self.head = split(model)
        shape = self.features.output_shape
        if len(shape) != 2:
            raise ValueError(
                message(
                    "Fishr",
                    "the head must see features of shape (batch, width)",
                    {"shape": shape},
                    "Pool or flatten before the head.",
                )
            )

    def objective(self, batch):
        """Gives the loss and the penalty; see `Method.objective`."""
        seen = self.features(batch["x"], training=True)
        outputs = self.head(seen)
        logits = ops.cast(outputs, "float32")
        average, once = fellows(batch["group"])
        slope = ops.softmax(logits) - self.distributions(batch["y"])
        seen = ops.cast(seen, "float32")
        seen = ops.concatenate([seen, ops.ones_like(seen[:, :1])], 1)
        each = slope[:, :, None] * seen[:, None, :]
        each = ops.reshape(each, (-1, slope.shape[1] * seen.shape[1]))
        middle = ops.matmul(average, each)
        spread = ops.matmul(average, ops.square(each - middle))
        whole = ops.matmul(once[None, :], spread)
        apart = ops.sum(ops.square(spread - whole), -1)
        counts = ops.cast(self.optimizer.iterations >= self.ramp, "float32")
        lost = self.weight * counts * mean(ops.sum(once * apart))
        return {
            "task": self.task_loss(batch, outputs),
            "penalty": lost,
        }, outputs
