"""Adversarial logit pairing (Kannan et al., 2018)."""

from keras import ops

from kerasgen.core import Float, Int, mean, register
from kerasgen.methods.robust import BALL, Robust
from kerasgen.methods.trades import weighted


@register("method")
class LogitPairing(Robust):
    """Trains on examples and changed inputs, and draws their logits together.

    Great weights are known to flatten slopes rather than to make models
    robust: measure what comes out with the probe `attack`.

    Args:
        model: keras.Model of one float input, logits out.
        task: kerasgen.Task.
        epsilon: float >= 0, the radius in the unit of the model's inputs,
            after `prepare`; see `kerasgen.data.input_range`.
        norm: "inf", "2" or "1".
        steps: int >= 1, of the attack.
        size: float >= 0, of an attack's step; 0 takes 1.25 epsilon for one
            step, 2.5 epsilon / steps for more.
        low: float, the least value of an input, or None.
        high: float, the greatest, or None; with both None inputs within
            [0, 1] or [0, 255] stay there, others have no bounds.
        weight: float >= 0, of the squared distance of logits.
        ramp: int >= 0, the steps over which epsilon grows; 0 has none.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, its input
            isn't one tensor of floats, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Kannan et al., "Adversarial Logit Pairing", 2018, arXiv:1803.06373,
        section 4.1, with the squared distance. The caution: Mosbach et al.,
        "Logit Pairing Methods Can Fool Gradient-Based Attacks", 2018,
        arXiv:1810.12042.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = LogitPairing(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'loss', 'pairing', 'task']
    """

    arguments = {
        **BALL,
        "weight": Float(0.0, search=(0.1, 1.0), log=True),
        "ramp": Int(0),
    }
    terms = ("task", "pairing")

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
        weight=0.5,
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

    def judged(self, batch):
        """Gives the loss on both and the logits' distance; see the base."""
        plain, worse = self.both(batch)
        losses = [self.task_loss(batch, outputs) for outputs in (plain, worse)]
        apart = ops.cast(plain, "float32") - ops.cast(worse, "float32")
        apart = weighted(ops.sum(ops.square(apart), -1), batch["weight"])
        return {
            "task": 0.5 * (losses[0] + losses[1]),
            "pairing": self.weight * mean(apart),
        }, plain
