"""R-Drop (Wu et al., 2021): two passes of dropout give one answer."""

from kerasgen.core import Float, mean, message, register
from kerasgen.methods.base import Method
from kerasgen.methods.semi_supervised import together
from kerasgen.methods.smoothness import divergence
from kerasgen.methods.vat import needs_classes


@register("method")
class RDrop(Method):
    """Draws the answers of two passes with different dropout together.

    Both passes are one batch of twice the size.

    Args:
        model: keras.Model with something random, such as dropout; logits out.
        task: kerasgen.Task with classes.
        weight: float >= 0, of the mean divergence of both answers, either way.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model has nothing random, its outputs don't fit
            the task, the task has no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Wu et al., "R-Drop: Regularized Dropout for Neural Networks", 2021,
        arXiv:2106.14448, equations 2 to 4. The task's loss is the mean of
        both passes, theirs the sum: their weight is twice ours.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = RDrop(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'agreement', 'loss', 'task']
    """

    arguments = {"weight": Float(0.0, search=(0.1, 5.0), log=True)}
    terms = ("task", "agreement")

    def __init__(self, model, task, *, weight=1.0, step="descent", name=None):
        super().__init__(model, task, step=step, name=name, weight=weight)
        needs_classes(self)
        if not any("seed_generator" in v.path for v in model.variables):
            raise ValueError(
                message(
                    "RDrop",
                    "the model must have something random, such as a layer "
                    "Dropout with a rate above 0",
                    {"model": model.name},
                    "The factories take dropout=0.1.",
                )
            )

    def objective(self, batch):
        """Gives the loss and the divergence; see `Method.objective`."""
        one, two = together(self.model, batch["x"], batch["x"])
        loss = [self.task_loss(batch, outputs) for outputs in (one, two)]
        apart = 0.5 * (divergence(one, two) + divergence(two, one))
        return {
            "task": 0.5 * (loss[0] + loss[1]),
            "agreement": self.weight * mean(apart),
        }, one
