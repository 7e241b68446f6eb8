"""Self-training (Lee, 2013): the model's own answers become labels."""

from keras import ops

from kerasgen.core import Choice, Float, Int, mean, register
from kerasgen.methods.semi_supervised import (
    SemiSupervised,
    cross_entropy,
    together,
)


@register("method")
class SelfTraining(SemiSupervised):
    """Learns from labels, and more and more from the sure answers without.

    Args:
        model: keras.Model, logits out.
        task: kerasgen.Task with classes.
        weight: float >= 0, of the unlabelled examples after the ramp; 0 is
            ERM.
        threshold: float in [0, 1], the least probability of an answer that
            becomes a label.
        flexible: bool, whether the threshold of a class falls the further
            the class lags behind in sure answers.
        momentum: float in [0, 1), what a teacher that gives the answers keeps
            of itself in a step; 0 lets the model give them.
        wait: int >= 0, the steps before the first label of its own.
        ramp: int >= 1, the steps after these over which the weight grows.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, the task has
            no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Lee, "Pseudo-Label: The Simple and Efficient Semi-Supervised Learning
        Method for Deep Neural Networks", 2013, equations 15 and 16, which has
        no threshold and no teacher. Flexible thresholds: Zhang et al.,
        "FlexMatch", 2021, arXiv:2110.08263, equations 5 to 8 and 11, with
        running means instead of counts over the whole set.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = SelfTraining(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'agreement', 'loss', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.3, 3.0), log=True),
        "threshold": Float(0.0, 1.0, search=(0.5, 0.98)),
        "flexible": Choice((True, False)),
        "momentum": Float(0.0, 0.99999),
        "wait": Int(0),
        "ramp": Int(1),
    }
    terms = ("task", "agreement")

    def __init__(
        self,
        model,
        task,
        *,
        weight=1.0,
        threshold=0.9,
        flexible=True,
        momentum=0.99,
        wait=100,
        ramp=500,
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
            flexible=flexible,
            momentum=momentum,
            wait=wait,
            ramp=ramp,
        )
        self._learnt = None
        if flexible:
            self._learnt = self.shares("learnt", (task.classes,), 0.0)

    def objective(self, batch):
        """Gives both losses; see `Method.objective`."""
        free = batch["unlabeled"]
        if self.teacher is None:
            outputs, guesses, known = self._own(batch["x"], free)
        else:
            outputs, known, guesses = self.answers(batch["x"], free, free)
        known = ops.softmax(known)
        taught = ops.one_hot(ops.argmax(known, -1), self.task.classes)
        least = ops.sum(taught * self._thresholds(known, taught), -1)
        sure = ops.cast(ops.max(known, -1) >= least, "float32")
        lost = mean(sure * cross_entropy(taught, guesses))
        return {
            "task": self.task_loss(batch, outputs),
            "agreement": self.factor() * lost,
        }, outputs

    def factor(self):
        """Gives the weight of the model's own labels by now."""
        done = ops.cast(self.optimizer.iterations, "float32") - self.wait
        return self.weight * ops.clip(done / self.ramp, 0.0, 1.0)

    def _own(self, labeled, free):
        """One pass: what is answered is what is learnt."""
        outputs, guesses = together(self.model, labeled, free)
        guesses = ops.cast(guesses, "float32")
        return outputs, guesses, ops.stop_gradient(guesses)

    def _thresholds(self, known, taught):
        if self._learnt is None:
            return self.threshold
        sure = ops.cast(ops.max(known, -1) >= self.threshold, "float32")
        learnt = self.run(self._learnt, ops.mean(sure[:, None] * taught, 0))
        # While most examples are unsure, all classes lag behind.
        most = ops.maximum(ops.max(learnt), 1.0 - ops.sum(learnt))
        lag = learnt / ops.maximum(most, 1e-6)
        return self.threshold * lag / (2.0 - lag)
