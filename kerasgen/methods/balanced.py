"""What methods of several tasks share: a loss for each, by name."""

from kerasgen.methods.base import Method


class Balanced(Method):
    """A method that minimises several tasks, each by its own loss.

    A task of another kind than `MultiTask` counts as one.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task.
        **kwargs: arguments of `Method`.

    Attributes:
        names: tuple of str, the tasks' names; ("task",) for one alone.
    """

    def __init__(self, model, task, **kwargs):
        super().__init__(model, task, **kwargs)
        self.names = tuple(getattr(task, "tasks", ("task",)))

    def compile(self, *args, **kwargs):
        """Sets the optimizer, and makes each task's loss; see the base."""
        tasks = getattr(self.task, "tasks", None)
        if tasks is None:
            self._task_losses = [self.task.loss()]
        else:
            self._task_losses = [tasks[name].loss() for name in self.names]
        super().compile(*args, **kwargs)

    def losses_of(self, batch, outputs):
        """Gives each task's mean loss, scaled for replicas.

        Args:
            batch: dict with `y` and maybe `weight`.
            outputs: the model's outputs.

        Returns:
            list of float scalars, in the order of `names`, multiplied with
            the task's weights.
        """
        weight, y = batch["weight"], batch["y"]
        if not hasattr(self.task, "tasks"):
            return [self._task_losses[0](y, outputs, sample_weight=weight)]
        return [
            self.task.weights.get(name, 1.0)
            * loss(y[name], outputs[name], sample_weight=weight)
            for name, loss in zip(self.names, self._task_losses, strict=True)
        ]
