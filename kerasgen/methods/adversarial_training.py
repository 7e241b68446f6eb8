"""Adversarial training (Madry et al., 2018), and its fast variant."""

from kerasgen.core import Float, Int, register
from kerasgen.methods.robust import BALL, Robust


@register("method")
class AdversarialTraining(Robust):
    """Trains on the worst inputs near the examples, found by PGD.

    With one step it is fast adversarial training: FGSM from a random start.
    Such a training may suddenly stand this one attack alone: measure it with
    the probe `attack`.
    The attack sees the model without dropout and by its moving statistics.
    Accuracy is logged on changed inputs where `clean` is 0.

    Args:
        model: keras.Model of one float input, logits out.
        task: kerasgen.Task.
        epsilon: float >= 0, the radius in the unit of the model's inputs,
            after `prepare`; `kerasgen.data.input_range` tells how long the
            range of pixels is in it.
        norm: "inf", "2" or "1".
        steps: int >= 1, of the attack.
        size: float >= 0, of an attack's step; 0 takes 1.25 epsilon for one
            step, 2.5 epsilon / steps for more.
        low: float, the least value of an input, or None.
        high: float, the greatest, or None; with both None inputs within
            [0, 1] or [0, 255] stay there, others have no bounds.
        clean: float in [0, 1], the share of the loss on unchanged examples.
        ramp: int >= 0, the steps over which epsilon grows; 0 has none.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, its input
            isn't one tensor of floats, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Madry et al., 2018, arXiv:1706.06083, equation 2.1; the fast variant:
        Wong et al., "Fast is better than free", 2020, arXiv:2001.03994,
        algorithm 3; the share: Goodfellow et al., 2015, arXiv:1412.6572,
        section 6. A random start is drawn at each step, for any norm.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = AdversarialTraining(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'adversarial', 'loss']
    """

    arguments = {
        **BALL,
        "clean": Float(0.0, 1.0, search=(0.0, 0.5)),
        "ramp": Int(0),
    }
    terms = ("adversarial",)

    def __init__(
        self,
        model,
        task,
        *,
        epsilon=0.1,
        norm="inf",
        steps=7,
        size=0.0,
        low=None,
        high=None,
        clean=0.0,
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
            clean=clean,
            ramp=ramp,
        )
        if self.clean:
            self.terms = ("adversarial", "task")

    def judged(self, batch):
        """Gives the loss on changed inputs, and on examples; see the base."""
        if not self.clean:
            outputs = self.model(batch["worse"], training=True)
            return {"adversarial": self.task_loss(batch, outputs)}, outputs
        plain, worse = self.both(batch)
        return {
            "adversarial": (1.0 - self.clean) * self.task_loss(batch, worse),
            "task": self.clean * self.task_loss(batch, plain),
        }, plain
