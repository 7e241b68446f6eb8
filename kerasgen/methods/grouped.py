"""What methods of domain generalization share: risks group by group."""

from keras import ops

from kerasgen.core import message
from kerasgen.methods.base import Method


class Grouped(Method):
    """A method that is told which of several domains an example comes from.

    Groups are whole numbers; a batch needn't have all of them, and how many
    there are need not be known.

    Attributes:
        classes_only: bool, whether the task must have classes.
    """

    needs = ("group",)
    classes_only = False

    def __init__(self, model, task, **kwargs):
        super().__init__(model, task, **kwargs)
        if self.classes_only and not getattr(task, "classes", None):
            raise ValueError(
                message(
                    type(self).__name__,
                    "the task must have classes",
                    {"task": type(task).__name__},
                    "IRM, VREX and GroupDRO work for numbers too.",
                )
            )

    def risks(self, batch, outputs):
        """Gives the task's loss of each example.

        Args:
            batch: dict with `y` and maybe `weight`.
            outputs: the model's outputs.

        Returns:
            float tensor (n,).
        """
        risks = self._task_loss.call(batch["y"], outputs)
        risks = ops.reshape(ops.cast(risks, "float32"), (-1,))
        if batch["weight"] is None:
            return risks
        return risks * ops.cast(ops.reshape(batch["weight"], (-1,)), "float32")


def fellows(group):
    """Says which examples of a batch belong together.

    Args:
        group: int tensor (n,).

    Returns:
        float tensor (n, n) whose rows average over an example's group, and
        float tensor (n,) of weights, of sum 1, that count each group once.

    Example:
        >>> average, once = fellows(ops.array([0, 0, 7]))
        >>> ops.convert_to_numpy(once).tolist()
        [0.25, 0.25, 0.5]
        >>> ops.convert_to_numpy(average)[0].tolist()
        [0.5, 0.5, 0.0]
    """
    group = ops.reshape(group, (-1,))
    same = ops.cast(ops.equal(group[:, None], group[None, :]), "float32")
    size = ops.sum(same, 1)
    once = 1.0 / size
    return same / size[:, None], once / ops.sum(once)
