"""DANN (Ganin et al., 2016): no discriminator tells the domains apart."""

from kerasgen.core import Float, Int, register
from kerasgen.methods.judge import Judged


@register("method")
class DANN(Judged):
    """Makes the features of two domains alike for a network that judges them.

    The judge is trained to tell the domains apart; the gradient that flows
    from it into the features is turned round, and grows over `ramp` steps.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task.
        weight: float >= 0, the greatest factor of the gradient that is turned
            round; 0 leaves the features to the task.
        width: int >= 1, of the judge's two hidden layers.
        ramp: int >= 1, the steps over which the factor grows.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Ganin et al., "Domain-Adversarial Training of Neural Networks", 2016,
        arXiv:1505.07818, equations 10 and 18 and the schedule of section 5.2.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = DANN(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'domain', 'loss', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.03, 3.0), log=True),
        "width": Int(1),
        "ramp": Int(1),
    }
    terms = ("task", "domain")

    def __init__(
        self,
        model,
        task,
        *,
        weight=0.3,
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
            width=width,
            ramp=ramp,
        )

    def objective(self, batch):
        """Gives the losses of task and judge; see `Method.objective`."""
        source, target, outputs, _ = self.both(batch)
        loss = self.domain_loss(source, target)
        return {"task": self.task_loss(batch, outputs), "domain": loss}, outputs
