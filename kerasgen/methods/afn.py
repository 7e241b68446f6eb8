"""AFN (Xu et al., 2019): features grow longer, in both domains alike."""

from keras import ops

from kerasgen.core import Float, mean, register
from kerasgen.methods.adaptation import Adaptation


@register("method")
class AFN(Adaptation):
    """Lets the norms of both domains' features grow step by step.

    Features of the target are short, and transfer better once they are as
    long as those of the source.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task.
        weight: float >= 0, of the norms' loss; 0 is ERM.
        growth: float >= 0, by how much each step wants a norm to grow, in
            the features' own unit. The paper's 1.0 is for the features of
            large pretrained nets; under Adam it drowned the task of small
            ones.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Xu et al., "Larger Norm More Transferable: An Adaptive Feature Norm
        Approach for Unsupervised Domain Adaptation", 2019, arXiv:1811.07456,
        equation 6 (stepwise).

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = AFN(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'loss', 'norm', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.001, 0.1), log=True),
        "growth": Float(0.0, search=(0.03, 1.5), log=True),
    }
    terms = ("task", "norm")

    def __init__(
        self,
        model,
        task,
        *,
        weight=0.005,
        growth=0.1,
        step="descent",
        name=None,
    ):
        super().__init__(
            model, task, step=step, name=name, weight=weight, growth=growth
        )

    def objective(self, batch):
        """Gives the loss and that of the norms; see `Method.objective`."""
        source, target, outputs, _ = self.both(batch)
        lost = mean(self._lag(source)) + mean(self._lag(target))
        return {
            "task": self.task_loss(batch, outputs),
            "norm": self.weight * lost,
        }, outputs

    def _lag(self, features):
        # A root of zero has no slope.
        norm = ops.sqrt(ops.sum(ops.square(features), -1) + 1e-12)
        return ops.square(ops.stop_gradient(norm) + self.growth - norm)
