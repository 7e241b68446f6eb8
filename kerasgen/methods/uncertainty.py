"""Uncertainty weighting (Kendall et al., 2018): each task's noise is learnt."""

from keras import ops

from kerasgen.core import mean, register
from kerasgen.methods.balanced import Balanced


@register("method")
class UncertaintyWeighting(Balanced):
    """Weighs tasks by how noisy they are, which is learnt beside the model.

    Each task has a variance: its loss is divided by it, and its logarithm is
    added, so that a task which can't be learnt well counts less, and none is
    ignored.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task, such as `MultiTask`.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task.

    Source:
        Kendall et al., "Multi-Task Learning Using Uncertainty to Weigh Losses
        for Scene Geometry and Semantics", 2018, arXiv:1705.07115, equations 7
        and 10: of a number the loss is halved. Logarithms of variances are
        learnt, as they do, and start at 0; the model's optimizer moves them.

    Example:
        >>> import kerasgen as kg
        >>> task = kg.MultiTask()
        >>> model = kg.multi_task((4,), task.tasks, size="tiny")
        >>> UncertaintyWeighting(model, task).logs.shape[0]
        2
    """

    terms = ("task", "uncertainty")

    def __init__(self, model, task, **kwargs):
        super().__init__(model, task, **kwargs)
        self.logs = self.add_weight(
            shape=(len(self.names),), initializer="zeros", name="log_variances"
        )
        tasks = getattr(task, "tasks", {"task": task})
        self._halves = [
            0.5 if hasattr(tasks[name], "scale") else 1.0 for name in self.names
        ]

    def players(self):
        """Gives the model's weights, and the tasks' variances."""
        return {"model": [*self.model.trainable_variables, self.logs]}

    def objective(self, batch):
        """Gives the weighted loss and its price; see `Method.objective`."""
        outputs = self.model(batch["x"], training=True)
        losses = ops.stack(self.losses_of(batch, outputs))
        logs = ops.cast(self.logs, "float32")
        halves = ops.convert_to_tensor(self._halves, "float32")
        weighed = ops.sum(halves * ops.exp(-logs) * losses)
        # The price is one for the batch: replicas share it.
        price = 0.5 * mean(logs[None] * len(self.names))
        return {"task": weighed, "uncertainty": price}, outputs
