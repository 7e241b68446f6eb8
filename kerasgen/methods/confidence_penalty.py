"""Confidence penalty (Pereyra et al., 2017): sure answers cost something."""

from kerasgen.core import Float, mean, register
from kerasgen.losses import mean_entropy
from kerasgen.methods.base import Method
from kerasgen.methods.vat import needs_classes


@register("method")
class ConfidencePenalty(Method):
    """Rewards the entropy of answers, so that no answer becomes too sure.

    Args:
        model: keras.Model, logits out.
        task: kerasgen.Task with classes.
        weight: float >= 0, of the entropy; 0 is ERM.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, the task has
            no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Pereyra et al., "Regularizing Neural Networks by Penalizing Confident
        Output Distributions", 2017, arXiv:1701.06548, section 3.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = ConfidencePenalty(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'confidence', 'loss', 'task']
    """

    arguments = {"weight": Float(0.0, search=(0.03, 1.0), log=True)}
    terms = ("task", "confidence")

    def __init__(self, model, task, *, weight=0.1, step="descent", name=None):
        super().__init__(model, task, step=step, name=name, weight=weight)
        needs_classes(self)

    def objective(self, batch):
        """Gives the loss and minus the entropy; see `Method.objective`."""
        outputs = self.model(batch["x"], training=True)
        entropy = mean(mean_entropy(outputs))
        return {
            "task": self.task_loss(batch, outputs),
            "confidence": -self.weight * entropy,
        }, outputs
