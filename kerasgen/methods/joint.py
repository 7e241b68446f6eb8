"""Joint training of several tasks, whose losses stay apart."""

from kerasgen.core import register
from kerasgen.methods.balanced import Balanced


@register("method")
class Joint(Balanced):
    """Adds up the losses of several tasks, each a term of its own.

    The same as `erm` under plain descent; but each loss is shown, and a step
    that looks at terms apart, such as `pc_grad`, can mend their conflicts.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task, such as `MultiTask`.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task.

    Source:
        Caruana, "Multitask Learning", 1997, doi:10.1023/A:1007379606734.

    Example:
        >>> import kerasgen as kg
        >>> task = kg.MultiTask()
        >>> model = kg.multi_task((4,), task.tasks, size="tiny")
        >>> Joint(model, task, step="pc_grad").terms
        ('label', 'value')
    """

    def __init__(self, model, task, **kwargs):
        super().__init__(model, task, **kwargs)
        self.terms = self.names

    def objective(self, batch):
        """Gives each task's loss; see `Method.objective`."""
        outputs = self.model(batch["x"], training=True)
        losses = self.losses_of(batch, outputs)
        return dict(zip(self.names, losses, strict=True)), outputs
