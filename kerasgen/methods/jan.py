"""JAN (Long et al., 2017): features and predictions get one joint law."""

from keras import ops

from kerasgen.core import Float, mean, register
from kerasgen.losses import kernel_discrepancy
from kerasgen.methods.adaptation import Adaptation


@register("method")
class JAN(Adaptation):
    """Lowers the joint discrepancy of features and predictions.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task with classes.
        weight: float >= 0, of the discrepancy; 0 is ERM.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has no
            classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Long et al., "Deep Transfer Learning with Joint Adaptation Networks",
        2017, arXiv:1605.06636, equation 9; all pairs count.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = JAN(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'discrepancy', 'loss', 'task']
    """

    arguments = {"weight": Float(0.0, search=(0.1, 10.0), log=True)}
    terms = ("task", "discrepancy")
    classes_only = True

    def __init__(self, model, task, *, weight=1.0, step="descent", name=None):
        super().__init__(model, task, step=step, name=name, weight=weight)

    def objective(self, batch):
        """Gives the loss and the discrepancy; see `Method.objective`."""
        source, target, outputs, guesses = self.both(batch)
        gap = kernel_discrepancy(
            [source, ops.softmax(ops.cast(outputs, "float32"))],
            [target, ops.softmax(ops.cast(guesses, "float32"))],
        )
        gap = self.weight * mean(gap)
        return {
            "task": self.task_loss(batch, outputs),
            "discrepancy": gap,
        }, outputs
