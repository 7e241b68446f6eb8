"""MART (Wang et al., 2020): what is misread counts more."""

from keras import ops

from kerasgen.core import Float, Int, mean, register
from kerasgen.methods.robust import BALL, Robust
from kerasgen.methods.smoothness import divergence
from kerasgen.methods.trades import weighted
from kerasgen.methods.vat import needs_classes


@register("method")
class MART(Robust):
    """Trains on changed inputs, with steadiness where answers are unsure.

    The loss on changed inputs is the cross-entropy and a margin from the best
    wrong class; the divergence from the answers for the examples counts by
    how little these give to the right class.

    Args:
        model: keras.Model of one float input, logits out.
        task: kerasgen.Task with classes, one for each example.
        epsilon: float >= 0, the radius in the unit of the model's inputs,
            after `prepare`; see `kerasgen.data.input_range`.
        norm: "inf", "2" or "1".
        steps: int >= 1, of the attack.
        size: float >= 0, of an attack's step; 0 takes 1.25 epsilon for one
            step, 2.5 epsilon / steps for more.
        low: float, the least value of an input, or None.
        high: float, the greatest, or None; with both None inputs within
            [0, 1] or [0, 255] stay there, others have no bounds.
        weight: float >= 0, of the divergence (lambda in the paper).
        ramp: int >= 0, the steps over which epsilon grows; 0 has none.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, its input
            isn't one tensor of floats, the task has no classes, or an
            argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Wang et al., "Improving Adversarial Robustness Requires Revisiting
        Misclassified Examples", 2020, equations 8 to 11. The task's own loss
        steers the attack; the boosted cross-entropy takes its place here.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = MART(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'adversarial', 'loss', 'steadiness']
    """

    arguments = {
        **BALL,
        "weight": Float(0.0, search=(1.0, 10.0), log=True),
        "ramp": Int(0),
    }
    terms = ("adversarial", "steadiness")

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
        weight=5.0,
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

    def judged(self, batch):
        """Gives the boosted loss and the unsteadiness; see the base."""
        plain, worse = self.both(batch)
        y, weight = self.distributions(batch["y"]), batch["weight"]
        sure = ops.sum(y * ops.softmax(ops.cast(plain, "float32")), -1)
        apart = (1.0 - sure) * divergence(plain, worse)
        return {
            "adversarial": mean(weighted(boosted(y, worse), weight)),
            "steadiness": self.weight * mean(weighted(apart, weight)),
        }, plain


def boosted(y, logits):
    """Gives the cross-entropy, and a margin from the best wrong class.

    Args:
        y: float tensor (n, classes), distributions over the classes.
        logits: float tensor (n, classes).

    Returns:
        float tensor (n,).

    Source:
        Wang et al., 2020, equation 8.

    Example:
        >>> y = ops.array([[1.0, 0.0]])
        >>> round(float(boosted(y, ops.zeros((1, 2)))[0]), 4)
        1.3863
    """
    logits = ops.cast(logits, "float32")
    shares = ops.softmax(logits)
    own = ops.one_hot(ops.argmax(y, -1), y.shape[-1])
    wrong = ops.max(shares * (1.0 - own), -1)
    lost = -ops.sum(y * ops.log_softmax(logits), -1)
    return lost - ops.log(1.0 - wrong + 1e-7)
