"""Deferred re-weighting (Cao et al., 2019): rare classes count more, later."""

from keras import ops

from kerasgen.core import Float, Int, register
from kerasgen.methods.class_balance import ClassBalance


@register("method")
class DeferredReweighting(ClassBalance):
    """Learns from examples as they come first, and weighs classes later.

    Weights from the start spoil the features, which the many examples of
    frequent classes teach best. With the task's criterion `ldam` it is
    LDAM-DRW; the learning rate should be small once weights count.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task with classes.
        start: int >= 0, the steps before weights count: about 0.8 of all.
        power: float in [0, 1.5]: weights are the classes' shares to the power
            of its negative; 0 is ERM, 1 makes classes count alike.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, the task has
            no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Cao et al., "Learning Imbalanced Datasets with Label-Distribution-Aware
        Margin Loss", 2019, arXiv:1906.07413, algorithm 1. Their weights come
        of effective numbers (1 - b^n) / (1 - b), which are nearly n up to n
        of about 1 / (1 - b); ours are powers, of classes counted in training,
        with a mean of 1 over examples.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> task = kg.Classification(2, criterion="ldam")
        >>> method = DeferredReweighting(model, task, start=100)
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'loss']
    """

    arguments = {
        "start": Int(0, search=(200, 10000), log=True),
        "power": Float(0.0, 1.5, search=(0.25, 1.25)),
    }

    def __init__(
        self, model, task, *, start=1000, power=1.0, step="descent", name=None
    ):
        super().__init__(
            model, task, step=step, name=name, start=start, power=power
        )

    def objective(self, batch):
        """Gives the loss, weighted once it is time; see `Method.objective`."""
        outputs = self.model(batch["x"], training=True)
        late = self.optimizer.iterations >= self.start
        weights = self.class_weights(self.power)
        weights = ops.where(late, weights, ops.ones_like(weights))
        return {
            "task": self.task_loss(self.weigh(batch, weights), outputs)
        }, outputs
