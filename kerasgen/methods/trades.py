"""TRADES (Zhang et al., 2019): right answers that stay where inputs move."""

from keras import ops

from kerasgen.core import Float, Int, mean, register
from kerasgen.methods.robust import BALL, Robust
from kerasgen.methods.smoothness import divergence
from kerasgen.methods.vat import needs_classes


@register("method")
class TRADES(Robust):
    """Trades accuracy for steadiness: the answers for examples and near them.

    The attack moves the answers away from those for the examples; the label
    plays no part in it.

    Args:
        model: keras.Model of one float input, logits out.
        task: kerasgen.Task with classes.
        epsilon: float >= 0, the radius in the unit of the model's inputs,
            after `prepare`; see `kerasgen.data.input_range`.
        norm: "inf", "2" or "1".
        steps: int >= 1, of the attack.
        size: float >= 0, of an attack's step; 0 takes 1.25 epsilon for one
            step, 2.5 epsilon / steps for more.
        low: float, the least value of an input, or None.
        high: float, the greatest, or None; with both None inputs within
            [0, 1] or [0, 255] stay there, others have no bounds.
        weight: float >= 0, of the steadiness (1/lambda or beta in the paper);
            0 is ERM.
        ramp: int >= 0, the steps over which epsilon grows; 0 has none.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, its input
            isn't one tensor of floats, the task has no classes, or an
            argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Zhang et al., "Theoretically Principled Trade-off between Robustness
        and Accuracy", 2019, arXiv:1901.08573, equation 5 and algorithm 1. The
        start is drawn from the whole ball, not from near the example, and
        examples and changed inputs share one pass of the network.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = TRADES(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'loss', 'steadiness', 'task']
    """

    arguments = {
        **BALL,
        "weight": Float(0.0, search=(1.0, 10.0), log=True),
        "ramp": Int(0),
    }
    terms = ("task", "steadiness")

    def __init__(
        self,
        model,
        task,
        *,
        epsilon=0.1,
        norm="inf",
        steps=10,
        size=0.0,
        low=None,
        high=None,
        weight=6.0,
        ramp=0,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            epsilon=epsilon,
            norm=norm,
            steps=steps,
            size=size,
            low=low,
            high=high,
            weight=weight,
            ramp=ramp,
        )
        needs_classes(self)

    def harm(self, batch):
        """Gives the divergence from the answers for the examples."""
        plain = ops.stop_gradient(self.model(batch["x"], training=False))
        return lambda x: divergence(plain, self.model(x, training=False))

    def judged(self, batch):
        """Gives the loss and the unsteadiness; see the base."""
        plain, worse = self.both(batch)
        apart = weighted(divergence(plain, worse), batch["weight"])
        return {
            "task": self.task_loss(batch, plain),
            "steadiness": self.weight * mean(apart),
        }, plain


def weighted(values, weight):
    """Multiplies values of examples by their weights, where there are some.

    Args:
        values: float tensor (n,).
        weight: float tensor (n,) or (n, 1), or None.

    Returns:
        float tensor (n,).

    Example:
        >>> float(weighted(ops.array([2.0]), ops.array([0.5]))[0])
        1.0
    """
    if weight is None:
        return values
    return values * ops.reshape(ops.cast(weight, values.dtype), (-1,))
