"""MCC (Jin et al., 2020): predictions on the target confuse no classes."""

from keras import ops

from kerasgen.core import Float, mean, register
from kerasgen.losses import class_confusion
from kerasgen.methods.adaptation import Adaptation


@register("method")
class MCC(Adaptation):
    """Lowers the confusion of classes in predictions on the target.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task with classes.
        weight: float >= 0, of the confusion; 0 is ERM.
        temperature: float >= 0.1, which softens predictions.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has no
            classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Jin et al., "Minimum Class Confusion for Versatile Domain Adaptation",
        2020, arXiv:1912.03699, equation 9.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = MCC(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'confusion', 'loss', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.1, 10.0), log=True),
        "temperature": Float(0.1, search=(1.0, 5.0)),
    }
    terms = ("task", "confusion")
    classes_only = True

    def __init__(
        self,
        model,
        task,
        *,
        weight=1.0,
        temperature=2.5,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            weight=weight,
            temperature=temperature,
        )

    def objective(self, batch):
        """Gives the loss and the confusion; see `Method.objective`."""
        _, _, outputs, guesses = self.both(batch)
        guesses = ops.cast(guesses, "float32")
        lost = self.weight * mean(class_confusion(guesses, self.temperature))
        return {
            "task": self.task_loss(batch, outputs),
            "confusion": lost,
        }, outputs
