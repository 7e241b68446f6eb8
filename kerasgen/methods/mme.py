"""MME (Saito et al., 2019): a game about the entropy on the target."""

from keras import ops

from kerasgen.core import Float, mean, message, register
from kerasgen.layers.gradient import reverse_gradient
from kerasgen.losses import mean_entropy
from kerasgen.methods.adaptation import Adaptation


@register("method")
class MME(Adaptation):
    """Moves the head towards the target's features, then them towards it.

    The head's weights make predictions on the target unsure, which draws them
    near its features; the features make them sure, which gathers them around
    these weights. Meant for a few labelled examples of the target among the
    source's, as `Data.domains(..., shots=3)` gives them; works without.

    Args:
        model: keras.Model, logits out, with a layer `head`, which is dense.
        task: kerasgen.Task with classes.
        weight: float >= 0, of the entropy; 0 is ERM.
        temperature: float in [0.001, 100], of the cosines between features
            and weights that the entropy is of.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head` or one that isn't dense, the task has no classes, or an
            argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Saito et al., "Semi-supervised Domain Adaptation via Minimax Entropy",
        2019, arXiv:1904.06487, equations 2 to 5. Their labels are learnt by
        cosines, too; here by the model's own outputs.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = MME(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = ops.ones((8, 4)), ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'entropy', 'loss', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.01, 1.0), log=True),
        "temperature": Float(0.001, 100.0, search=(0.03, 0.3), log=True),
    }
    terms = ("task", "entropy")
    classes_only = True

    def __init__(
        self,
        model,
        task,
        *,
        weight=0.1,
        temperature=0.05,
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
        shape = tuple(getattr(getattr(self.head, "kernel", None), "shape", ()))
        if shape != (self.feature_width(), task.classes):
            raise ValueError(
                message(
                    "MME",
                    "the layer `head` must be dense",
                    {"head": type(self.head).__name__},
                    "Use kerasgen.core.adopt(model, head=NAME).",
                )
            )

    def objective(self, batch):
        """Gives the loss and the entropy; see `Method.objective`."""
        _, target, outputs, _ = self.both(batch)
        # The head raises the entropy; turned round, the features lower it.
        along = _unit(reverse_gradient(target), 1)
        weights = _unit(ops.cast(self.head.kernel, "float32"), 0)
        cosines = ops.matmul(along, weights)
        unsure = mean_entropy(cosines / self.temperature)
        return {
            "task": self.task_loss(batch, outputs),
            "entropy": -self.weight * mean(unsure),
        }, outputs


def _unit(x, axis):
    squares = ops.sum(ops.square(x), axis, keepdims=True)
    return x / ops.sqrt(squares + 1e-12)
