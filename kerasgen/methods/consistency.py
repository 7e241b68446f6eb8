"""Consistency (Tack et al., 2022): two worst views get one answer."""

from keras import ops

from kerasgen.attacks.base import BOUNDS
from kerasgen.core import Float, Int, mean, register
from kerasgen.methods.perturb import bounds_of
from kerasgen.methods.robust import BALL, Robust
from kerasgen.methods.self_ensembling import noised, shifted
from kerasgen.methods.smoothness import divergence
from kerasgen.methods.trades import weighted
from kerasgen.methods.vat import needs_classes


@register("method")
class Consistency(Robust):
    """Attacks two views of each example, and draws their answers together.

    Views are moved by a few pixels and have noise of their own; what
    augments the data comes before that. Answers are sharpened before their
    Jensen-Shannon divergence is taken.

    Args:
        model: keras.Model of one float input, logits out.
        task: kerasgen.Task with classes.
        epsilon: float >= 0, the radius in the unit of the model's inputs,
            after `prepare`; see `kerasgen.data.input_range`.
        norm: "inf", "2" or "1".
        steps: int >= 1, of the attack.
        low: float, the least value of an input, or None.
        high: float, the greatest, or None; with both None inputs within
            [0, 1] or [0, 255] stay there, others have no bounds.
        weight: float >= 0, of the divergence of the two answers.
        noise: float >= 0, the standard deviation of what is added to a view.
        shift: int >= 0, by how many pixels at most images are moved.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, its input
            isn't one tensor of floats, the task has no classes, or an
            argument is out of range.
        TypeError: for a model that is no keras.Model.

    Attributes:
        temperature: float > 0, that logits are divided by before the
            divergence.

    Source:
        Tack et al., "Consistency Regularization for Adversarial Robustness",
        2022, arXiv:2103.04623, equations 4 and 5, on adversarial training.
        One shift is drawn for a batch's view; steps of the attack are
        2.5 epsilon / steps long, as elsewhere here.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = Consistency(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'adversarial', 'consistency', 'loss']
    """

    arguments = {
        "epsilon": BALL["epsilon"],
        "norm": BALL["norm"],
        "steps": BALL["steps"],
        **BOUNDS,
        "weight": Float(0.0, search=(0.3, 3.0), log=True),
        "noise": Float(0.0),
        "shift": Int(0),
    }
    terms = ("adversarial", "consistency")
    temperature = 0.5

    def __init__(
        self,
        model,
        task,
        *,
        epsilon=0.1,
        norm="inf",
        steps=10,
        low=None,
        high=None,
        weight=1.0,
        noise=0.05,
        shift=2,
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
            low=low,
            high=high,
            weight=weight,
            noise=noise,
            shift=shift,
        )
        needs_classes(self)

    def attacked(self, batch):
        """Adds the changed inputs of both views; see the base."""
        if batch.get("worse") is not None:
            return batch
        x = ops.cast(batch["x"], "float32")
        views = ops.concatenate([self._view(x), self._view(x)], 0)
        y = ops.concatenate([batch["y"], batch["y"]], 0)
        found = super().attacked({"x": views, "y": y})
        return {**batch, "worse": found["worse"]}

    def judged(self, batch):
        """Gives the loss of both views and their gap; see the base."""
        outputs = self.model(batch["worse"], training=True)
        n = ops.shape(outputs)[0] // 2
        one, two = outputs[:n], outputs[n:]
        losses = [self.task_loss(batch, each) for each in (one, two)]
        apart = disagreement(one / self.temperature, two / self.temperature)
        return {
            "adversarial": 0.5 * (losses[0] + losses[1]),
            "consistency": self.weight * mean(weighted(apart, batch["weight"])),
        }, one

    def _view(self, x):
        if self.noise:
            bounds = bounds_of(x, self.low, self.high)
            x = ops.clip(noised(x, self.noise, self._seed), *bounds)
        if self.shift and len(x.shape) == 4:
            x = shifted(x, self.shift, self._seed)
        return x


def disagreement(one, two):
    """Gives the Jensen-Shannon divergence of answers.

    Args:
        one: float tensor (n, classes), logits.
        two: float tensor (n, classes), logits.

    Returns:
        float tensor (n,) in [0, log(2)], in nats.

    Example:
        >>> far = disagreement(100.0 * ops.eye(2), 100.0 * ops.eye(2)[::-1])
        >>> round(float(far[0]), 4)
        0.6931
    """
    one, two = (ops.log_softmax(ops.cast(z, "float32")) for z in (one, two))
    middle = ops.logaddexp(one, two) - 0.6931471805599453
    return 0.5 * (divergence(one, middle) + divergence(two, middle))
