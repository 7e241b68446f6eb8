"""DAN (Long et al., 2015): two domains get one mean in a kernel's space."""

from kerasgen.core import Float, mean, register
from kerasgen.losses import kernel_discrepancy
from kerasgen.methods.adaptation import Adaptation


@register("method")
class DAN(Adaptation):
    """Lowers the maximum mean discrepancy of the features of two domains.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task.
        weight: float >= 0, of the discrepancy; 0 is ERM.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Long et al., "Learning Transferable Features with Deep Adaptation
        Networks", 2015, arXiv:1502.02791, equation 4, with the features
        alone, and fixed weights of the kernels.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = DAN(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'discrepancy', 'loss', 'task']
    """

    arguments = {"weight": Float(0.0, search=(0.1, 10.0), log=True)}
    terms = ("task", "discrepancy")

    def __init__(self, model, task, *, weight=1.0, step="descent", name=None):
        super().__init__(model, task, step=step, name=name, weight=weight)

    def objective(self, batch):
        """Gives the loss and the discrepancy; see `Method.objective`."""
        source, target, outputs, _ = self.both(batch)
        gap = self.weight * mean(kernel_discrepancy(source, target))
        return {
            "task": self.task_loss(batch, outputs),
            "discrepancy": gap,
        }, outputs
