"""DeepJDOT (Damodaran et al., 2018): transport of features with labels."""

from keras import ops

from kerasgen.core import Float, Int, mean, register
from kerasgen.losses import transport_plan
from kerasgen.methods.adaptation import Adaptation


@register("method")
class DeepJDOT(Adaptation):
    """Moves the source's features and labels onto the target at least cost.

    The cost of a pair is the squared distance of the features and the loss of
    the source's label for the target's output; the plan is found in each
    batch.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task with classes.
        weight: float >= 0, of the labels' part of the cost.
        distance: float >= 0, of the features' part.
        sharpness: float > 0, of the plan, as `transport_plan` takes it.
        iterations: int >= 1, for finding the plan.
        ramp: int >= 1, the steps over which the transport joins the loss: a
            plan by the guesses of a net that knows nothing holds it back.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Damodaran et al., "DeepJDOT: Deep Joint Distribution Optimal Transport
        for Unsupervised Domain Adaptation", 2018, arXiv:1803.10081, equation
        6. The plan is entropic here, theirs exact; where they begin with a
        net of the source, the transport grows, as DANN's judge does.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = DeepJDOT(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'loss', 'task', 'transport']
    """

    arguments = {
        "weight": Float(0.0, search=(0.1, 3.0), log=True),
        "distance": Float(0.0, search=(1e-3, 0.1), log=True),
        "sharpness": Float(1e-3),
        "iterations": Int(1),
        "ramp": Int(1),
    }
    terms = ("task", "transport")
    classes_only = True

    def __init__(
        self,
        model,
        task,
        *,
        weight=1.0,
        distance=0.01,
        sharpness=30.0,
        iterations=50,
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
            distance=distance,
            sharpness=sharpness,
            iterations=iterations,
            ramp=ramp,
        )

    def objective(self, batch):
        """Gives the loss and the transport's cost; see `Method.objective`."""
        source, target, outputs, guesses = self.both(batch)
        cost = self.distance * _square(source, target)
        labels = self.distributions(batch["y"])
        shares = ops.log_softmax(ops.cast(guesses, "float32"))
        cost = cost - self.weight * ops.matmul(labels, ops.transpose(shares))
        plan = transport_plan(cost, self.sharpness, self.iterations)
        grown = self.grown()
        return {
            "task": self.task_loss(batch, outputs),
            "transport": grown * mean(ops.sum(plan * cost)),
        }, outputs


def _square(one, two):
    first, second = (ops.sum(ops.square(x), -1) for x in (one, two))
    product = ops.matmul(one, ops.transpose(two))
    return ops.maximum(first[:, None] + second[None, :] - 2.0 * product, 0.0)
