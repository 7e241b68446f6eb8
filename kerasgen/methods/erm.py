"""ERM (Vapnik, 1992): the mean loss on the training examples."""

from kerasgen.core import register
from kerasgen.methods.base import Method


@register("method")
class ERM(Method):
    """Empirical risk minimization: the plain way, and every twin's yardstick.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task.
        TypeError: for a model that is no keras.Model.

    Source:
        Vapnik, "Principles of Risk Minimization for Learning Theory", 1992.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = ERM(model, kg.Classification(2), step="sam")
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'loss']
    """

    def objective(self, batch):
        """Gives the task's loss; see `Method.objective`."""
        outputs = self.model(batch["x"], training=True)
        return {"task": self.task_loss(batch, outputs)}, outputs
