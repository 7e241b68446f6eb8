"""Co-teaching (Han et al., 2018): two networks choose for each other."""

from keras import ops

from kerasgen.core import Float, Int, clone, mean, register
from kerasgen.methods.base import Method
from kerasgen.methods.small_loss import (
    example_losses,
    left_out,
    smallest,
    weighted,
)
from kerasgen.methods.vat import needs_classes


@register("method")
class CoTeaching(Method):
    """Two networks, each taught by what the other finds easy.

    Each network marks the examples of a batch that have the smallest losses;
    the other learns from those alone. The part left out grows from nothing
    to `forget`. With `agreement`, both learn from the same examples, chosen
    by a common loss in which disagreement counts (JoCoR). The second network
    is like the first, with first weights of its own.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task with classes.
        forget: float in [0, 0.95], the share of examples that is left out in
            the end: the share of wrong labels, where it is known.
        ramp: int >= 1, the steps over which that share grows.
        agreement: float in [0, 1): 0 is co-teaching; above it, the weight of
            the disagreement in the common loss, and 1 less it that of the
            labels' losses.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, the task has
            no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Han et al., "Co-teaching: Robust Training of Deep Neural Networks with
        Extremely Noisy Labels", 2018, arXiv:1804.06872, algorithm 1; Wei et
        al., "Combating Noisy Labels by Agreement: A Joint Training Method
        with Co-Regularization", 2020, arXiv:2003.02752, equations 1 to 6.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = CoTeaching(model, kg.Classification(2), forget=0.4)
        >>> method.compile("adam")
        >>> x, y = ops.ones((8, 4)), ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'loss', 'second', 'task']
    """

    arguments = {
        "forget": Float(0.0, 0.95, search=(0.0, 0.6)),
        "ramp": Int(1, search=(200, 5000), log=True),
        "agreement": Float(0.0, 0.99, search=(0.0, 0.95)),
    }
    terms = ("task", "second")

    def __init__(
        self,
        model,
        task,
        *,
        forget=0.2,
        ramp=1000,
        agreement=0.0,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            forget=forget,
            ramp=ramp,
            agreement=agreement,
        )
        needs_classes(self)
        self.second = fellow(model)

    def players(self):
        """Names who moves: both networks at once."""
        return {
            "model": [
                *self.model.trainable_variables,
                *self.second.trainable_variables,
            ]
        }

    def objective(self, batch):
        """Gives the losses of both networks; see `Method.objective`."""
        outputs = [
            net(batch["x"], training=True) for net in (self.model, self.second)
        ]
        one, two = (example_losses(self, batch, each) for each in outputs)
        share = left_out(self)
        if self.agreement:
            apart = self.agreement * disagreement(*outputs)
            one, two = (
                (1.0 - self.agreement) * each + 0.5 * apart
                for each in (one, two)
            )
            kept = [smallest(one + two, share)] * 2
        else:
            kept = [smallest(two, share), smallest(one, share)]
        lost = [
            mean(weighted(batch, mask * losses))
            for mask, losses in zip(kept, (one, two), strict=True)
        ]
        return {"task": lost[0], "second": lost[1]}, outputs[0]


def fellow(model, name="second"):
    """Makes a network like another, with first weights of its own.

    Args:
        model: keras.Model.
        name: str, of the new one.

    Returns:
        keras.Model.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> fellow(model).count_params() == model.count_params()
        True
    """
    second = clone(model, weights=False)
    second.name = name
    return second


def disagreement(one, two):
    """Gives the divergence of two answers from each other, both ways added.

    Args:
        one: float tensor (n, classes), logits.
        two: float tensor (n, classes), logits.

    Returns:
        float32 tensor (n,), >= 0.

    Example:
        >>> float(disagreement(ops.ones((1, 3)), ops.ones((1, 3)))[0])
        0.0
    """
    one, two = (
        ops.log_softmax(ops.cast(each, "float32"), -1) for each in (one, two)
    )
    return ops.sum((ops.exp(one) - ops.exp(two)) * (one - two), -1)
