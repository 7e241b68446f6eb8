"""AdaBN (Li et al., 2016): batch normalization by the target's statistics."""

import keras
from keras import ops

from kerasgen.core import message, register
from kerasgen.methods.adaptation import Adaptation


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
        if not self._statistics():
            raise ValueError(
                message(
                    "AdaBN",
                    "the model must have batch normalization that is trained",
                    {"model": model.name},
                    'Pass normalization="batch" to the factory, or use '
                    "CORAL, which needs none.",
                )
            )

    def _statistics(self):
        return [
            variable
            for layer in self.model._flatten_layers()
            if isinstance(layer, keras.layers.BatchNormalization)
            and layer.trainable
            for variable in (layer.moving_mean, layer.moving_variance)
        ]

    def objective(self, batch):
        """Gives the loss on the source; see `Method.objective`."""
        source, target = batch["x"], batch["unlabeled"]
        kept = [
            (variable, ops.copy(variable)) for variable in self._statistics()
        ]
        outputs = self.model(source, training=True)
        for variable, value in kept:
            variable.assign(value)
        # What matters of this pass are the statistics that it leaves.
        self.features(target, training=True)
        return {"task": self.task_loss(batch, outputs)}, outputs
