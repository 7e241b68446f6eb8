"""CMD (Zellinger et al., 2017): features with the same moments."""

from kerasgen.core import Float, Int, mean, register
from kerasgen.losses import moment_gap
from kerasgen.methods.adaptation import Adaptation


@register("method")
class CMD(Adaptation):
    """Brings the central moments of both domains' features together.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task.
        weight: float >= 0, of the discrepancy; 0 is ERM.
        order: int >= 1, the highest moment.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Zellinger et al., "Central Moment Discrepancy (CMD) for
        Domain-Invariant Representation Learning", 2017, arXiv:1702.08811,
        equation 6.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = CMD(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'discrepancy', 'loss', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.1, 10.0), log=True),
        "order": Int(1),
    }
    terms = ("task", "discrepancy")

    def __init__(
        self, model, task, *, weight=1.0, order=5, step="descent", name=None
    ):
        super().__init__(
            model, task, step=step, name=name, weight=weight, order=order
        )

    def objective(self, batch):
        """Gives the loss and the discrepancy; see `Method.objective`."""
        source, target, outputs, _ = self.both(batch)
        gap = self.weight * mean(moment_gap(source, target, self.order))
        return {
            "task": self.task_loss(batch, outputs),
            "discrepancy": gap,
        }, outputs
