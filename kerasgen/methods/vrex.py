"""VREx (Krueger et al., 2021): risks are equal in all domains."""

from keras import ops

from kerasgen.core import Float, Int, mean, register
from kerasgen.methods.grouped import Grouped, fellows


@register("method")
class VREX(Grouped):
    """Adds the variance of the groups' risks to their mean.

    Args:
        model: keras.Model, logits out.
        task: kerasgen.Task.
        weight: float >= 0, of the variance.
        ramp: int >= 0, the steps before the variance counts.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, or an
            argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Krueger et al., "Out-of-Distribution Generalization via Risk
        Extrapolation", 2021, arXiv:2003.00688, equation 8. The sum is divided
        by 1 + weight once the variance counts, so that steps don't grow.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = VREX(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x = {"inputs": ops.ones((8, 4)), "group": ops.arange(8) % 2}
        >>> sorted(method.fit(x, ops.zeros((8,)), verbose=0).history)
        ['accuracy', 'loss', 'task', 'variance']
    """

    arguments = {
        "weight": Float(0.0, search=(0.1, 100.0), log=True),
        "ramp": Int(0),
    }
    terms = ("task", "variance")

    def __init__(
        self, model, task, *, weight=1.0, ramp=200, step="descent", name=None
    ):
        super().__init__(
            model, task, step=step, name=name, weight=weight, ramp=ramp
        )

    def objective(self, batch):
        """Gives mean and variance of the groups' risks; see the base."""
        outputs = self.model(batch["x"], training=True)
        average, once = fellows(batch["group"])
        risks = self.risks(batch, outputs)
        risks = ops.matmul(average, risks[:, None])[:, 0]
        middle = ops.sum(once * risks)
        spread = ops.sum(once * ops.square(risks - middle))
        counts = ops.cast(self.optimizer.iterations >= self.ramp, "float32")
        weight = self.weight * counts
        shrink = 1.0 / (1.0 + weight)
        return {
            "task": shrink * mean(middle),
            "variance": shrink * weight * mean(spread),
        }, outputs
