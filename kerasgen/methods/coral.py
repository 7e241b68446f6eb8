"""Deep CORAL (Sun & Saenko, 2016): two domains get one covariance."""

from kerasgen.core import Float, mean, register
from kerasgen.losses import covariance_gap
from kerasgen.methods.adaptation import Adaptation


@register("method")
class CORAL(Adaptation):
    """Makes the covariances of the features of two domains equal.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task.
        weight: float >= 0, of the distance of covariances; 0 is ERM.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Sun & Saenko, "Deep CORAL: Correlation Alignment for Deep Domain
        Adaptation", 2016, arXiv:1607.01719, equation 4.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = CORAL(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'coral', 'loss', 'task']
    """

    arguments = {"weight": Float(0.0, search=(0.1, 100.0), log=True)}
    terms = ("task", "coral")

    def __init__(self, model, task, *, weight=1.0, step="descent", name=None):
        super().__init__(model, task, step=step, name=name, weight=weight)

    def objective(self, batch):
        """Gives the loss and the gap; see `Method.objective`."""
        source, target, outputs, _ = self.both(batch)
        gap = self.weight * mean(covariance_gap(source, target))
        return {"task": self.task_loss(batch, outputs), "coral": gap}, outputs
