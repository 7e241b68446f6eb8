"""AdaBN (Li et al., 2016): batch normalization by the target's statistics."""

from kerasgen.core import message, register
from kerasgen.methods.adaptation import Adaptation
from kerasgen.methods.statistics import statistics, unmoved


@register("method")
class AdaBN(Adaptation):
    """Trains on the source; the model answers by the target's statistics.

    Source and target pass the model one after the other, and the moving
    statistics of batch normalization are those of the target alone: in
    training each domain is normalised by itself, at inference the target is.
    A layer of momentum m forgets in some 5 / (1 - m) steps, so that many at
    least are wanted.

    Args:
        model: keras.Model, logits out, with a layer `head` and layers of
            `keras.layers.BatchNormalization` that may be trained.
        task: kerasgen.Task.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, or it has no batch normalization.
        TypeError: for a model that is no keras.Model.

    Source:
        Li et al., "Revisiting Batch Normalization For Practical Domain
        Adaptation", 2016, arXiv:1603.04779, algorithm 1. They find the
        statistics after training from all examples; here they are moving
        averages, as batch normalization has them anyway.

    Example:
        >>> import kerasgen as kg
        >>> from keras import ops
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = AdaBN(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = ops.ones((8, 4)), ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'loss']
    """

    def __init__(self, model, task, *, step="descent", name=None):
        super().__init__(model, task, step=step, name=name)
        if not statistics(model):
            raise ValueError(
                message(
                    "AdaBN",
                    "the model must have batch normalization that is trained",
                    {"model": model.name},
                    'Pass normalization="batch" to the factory, or use '
                    "CORAL, which needs none.",
                )
            )

    def objective(self, batch):
        """Gives the loss on the source; see `Method.objective`."""
        with unmoved(self.model):
            outputs = self.model(batch["x"], training=True)
        # What matters of this pass are the statistics that it leaves.
        self.features(batch["unlabeled"], training=True)
        return {"task": self.task_loss(batch, outputs)}, outputs
