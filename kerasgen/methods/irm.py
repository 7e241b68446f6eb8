"""IRM (Arjovsky et al., 2019): one head is best in every domain."""

from keras import ops

from kerasgen.core import Float, Int, input_gradient, mean, register
from kerasgen.methods.grouped import Grouped, fellows


@register("method")
class IRM(Grouped):
    """Punishes outputs that a factor would mend in one domain alone.

    Args:
        model: keras.Model, logits out.
        task: kerasgen.Task.
        weight: float >= 0, of the penalty; 0 leaves the mean of the groups'
            risks.
        ramp: int >= 0, the steps before the penalty counts.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, or an
            argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Arjovsky et al., "Invariant Risk Minimization", 2019,
        arXiv:1907.02893, equation IRMv1. The sum is divided by 1 + weight
        once the penalty counts, so that steps don't grow.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = IRM(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x = {"inputs": ops.ones((8, 4)), "group": ops.arange(8) % 2}
        >>> sorted(method.fit(x, ops.zeros((8,)), verbose=0).history)
        ['accuracy', 'loss', 'penalty', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.1, 100.0), log=True),
        "ramp": Int(0),
    }
    terms = ("task", "penalty")

    def __init__(
        self, model, task, *, weight=1.0, ramp=200, step="descent", name=None
    ):
        super().__init__(
            model, task, step=step, name=name, weight=weight, ramp=ramp
        )

    def objective(self, batch):
        """Gives the groups' mean risk and the penalty; see the base."""
        outputs = self.model(batch["x"], training=True)
        average, once = fellows(batch["group"])
        risks = self.risks(batch, outputs)
        slopes = input_gradient(
            lambda factor: self.risks(batch, _scaled(outputs, factor)),
            ops.ones_like(risks),
        )
        slopes = ops.matmul(average, slopes[:, None])[:, 0]
        counts = ops.cast(self.optimizer.iterations >= self.ramp, "float32")
        weight = self.weight * counts
        shrink = 1.0 / (1.0 + weight)
        return {
            "task": shrink * mean(ops.sum(once * risks)),
            "penalty": shrink * weight * mean(ops.sum(once * slopes**2)),
        }, outputs


def _scaled(outputs, factor):
    outputs = ops.cast(outputs, "float32")
    shape = (-1,) + (1,) * (len(outputs.shape) - 1)
    return outputs * ops.reshape(factor, shape)
