"""UDA (Xie et al., 2020): answers stay where examples are augmented."""

from keras import ops

from kerasgen.core import Choice, Float, Int, mean, register
from kerasgen.methods.semi_supervised import (
    SemiSupervised,
    cross_entropy,
    mean_of,
)
from kerasgen.methods.views import VIEW, View

_SCHEDULES = {
    "linear": lambda done: done,
    "exp": lambda done: ops.exp(5.0 * (done - 1.0)),
    "log": lambda done: 1.0 - ops.exp(-5.0 * done),
}


@register("method")
class UDA(SemiSupervised):
    """Draws the answer on a strong view to the sharpened one without it.

    Where labels are few, `signal` keeps the model from fitting them first:
    labelled examples count only while their class isn't surer than a
    threshold that rises from 1 / classes to 1 over `ramp` steps.

    Args:
        model: keras.Model, logits out.
        task: kerasgen.Task with classes.
        weight: float >= 0, of the unlabelled examples; 0 is ERM.
        threshold: float in [0, 1], the least probability of an answer that
            counts.
        temperature: float > 0, of the answers that are followed; below 1 they
            become sharper.
        signal: "none", "linear", "log" (fast at first) or "exp" (fast at the
            end), how the threshold for labelled examples rises.
        ramp: int >= 1, the steps over which it rises.
        strong: augmentation of prepared examples, its name or description, or
            a list of them; None: a turn, stretch and hidden square for images,
            numbers of other rows for rows, and noise.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, the task has
            no classes, an argument is out of range, or inputs need views of
            their own.
        TypeError: for a model that is no keras.Model.

    Source:
        Xie et al., "Unsupervised Data Augmentation for Consistency Training",
        2020, arXiv:1904.12848, equation 1 and section 2.3.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = UDA(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'agreement', 'loss', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.3, 3.0), log=True),
        "threshold": Float(0.0, 1.0, search=(0.4, 0.95)),
        "temperature": Float(1e-3, search=(0.3, 1.0)),
        "signal": Choice(("none", "linear", "log", "exp")),
        "ramp": Int(1),
        "strong": VIEW,
    }
    terms = ("task", "agreement")

    def __init__(
        self,
        model,
        task,
        *,
        weight=1.0,
        threshold=0.8,
        temperature=0.4,
        signal="none",
        ramp=1000,
        strong=None,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            weight=weight,
            threshold=threshold,
            temperature=temperature,
            signal=signal,
            ramp=ramp,
            strong=strong,
        )
        # XLA has no kernel for moving images.
        self.supports_jit = False
        self.strong = View("UDA", "strong", strong, model, strong=True)

    def objective(self, batch):
        """Gives both losses; see `Method.objective`."""
        plain = batch["unlabeled"]
        strong = self.strong(plain, self._seed)
        outputs, known, guesses = self.answers(batch["x"], plain, strong)
        sure = ops.max(ops.softmax(known), -1) >= self.threshold
        sharp = ops.log_softmax(known / self.temperature)
        shares = ops.exp(sharp)
        apart = cross_entropy(shares, guesses) + ops.sum(shares * sharp, -1)
        return {
            "task": self._signal(batch, outputs),
            "agreement": self.weight * mean(ops.cast(sure, "float32") * apart),
        }, outputs

    def most(self):
        """Gives the probability above which a labelled example rests."""
        done = ops.cast(self.optimizer.iterations, "float32") / self.ramp
        risen = _SCHEDULES[self.signal](ops.minimum(done, 1.0))
        least = 1.0 / self.task.classes
        return risen * (1.0 - least) + least

    def _signal(self, batch, outputs):
        if self.signal == "none":
            return self.task_loss(batch, outputs)
        shares = ops.softmax(ops.cast(outputs, "float32"))
        right = ops.sum(shares * self.distributions(batch["y"]), -1)
        counts = ops.cast(ops.stop_gradient(right) <= self.most(), "float32")
        return mean_of(self.risks(batch, outputs), counts)
