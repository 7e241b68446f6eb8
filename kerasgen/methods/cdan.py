"""CDAN (Long et al., 2018): a judge of features together with predictions."""

from keras import ops

from kerasgen.core import Choice, Float, Int, register
from kerasgen.methods.judge import Judged


@register("method")
class CDAN(Judged):
    """Makes features and predictions of two domains alike for a judge.

    The judge sees the product of each feature with each class's probability;
    the gradient that flows from it is turned round, and grows over `ramp`
    steps.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task with classes.
        weight: float >= 0, the greatest factor of the gradient that is turned
            round; 0 leaves the features to the task.
        entropy: bool, whether sure examples count up to twice as much as
            unsure ones (CDAN+E).
        width: int >= 1, of the judge's two hidden layers.
        ramp: int >= 1, the steps over which the factor grows.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Long et al., "Conditional Adversarial Domain Adaptation", 2018,
        arXiv:1705.10667, equations 3, 4 and 8.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = CDAN(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = ops.ones((8, 4)), ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'domain', 'loss', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.1, 3.0), log=True),
        "entropy": Choice((True, False)),
        "width": Int(1),
        "ramp": Int(1),
    }
    terms = ("task", "domain")
    classes_only = True

    def __init__(
        self,
        model,
        task,
        *,
        weight=1.0,
        entropy=True,
        width=128,
        ramp=1000,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            weight=weight,
            entropy=entropy,
            width=width,
            ramp=ramp,
        )

    def judged(self):
        """Gives the width of what the judge sees."""
        return super().judged() * self.task.classes

    def objective(self, batch):
        """Gives the losses of task and judge; see `Method.objective`."""
        source, target, outputs, guesses = self.both(batch)
        seen, weights = [], []
        for features, logits in ((source, outputs), (target, guesses)):
            shares = ops.softmax(ops.cast(logits, "float32"))
            product = features[:, :, None] * shares[:, None, :]
            seen.append(ops.reshape(product, (-1, self.judged())))
            weights.append(_sureness(shares) if self.entropy else 1.0)
        loss = self.domain_loss(*seen, weights)
        return {"task": self.task_loss(batch, outputs), "domain": loss}, outputs


def _sureness(shares):
    """Weights of a mean of 1; no gradient flows through them."""
    entropy = -ops.sum(shares * ops.log(ops.maximum(shares, 1e-12)), -1)
    weights = ops.stop_gradient(1.0 + ops.exp(-entropy))
    return weights / ops.mean(weights)
