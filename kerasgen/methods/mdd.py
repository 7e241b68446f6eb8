"""MDD (Zhang et al., 2019): a rival head finds where answers could differ."""

from keras import ops

from kerasgen.core import Float, Int, mean, register
from kerasgen.layers.gradient import reverse_gradient
from kerasgen.methods.judge import Judged


@register("method")
class MDD(Judged):
    """Makes features on which no rival agrees on the source but not beyond.

    The rival learns to answer as the model does on the source and otherwise
    on the target; the gradient that flows from it into the features is turned
    round, and grows over `ramp` steps.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task with classes.
        weight: float >= 0, the greatest factor of the gradient that is turned
            round; 0 leaves the features to the task.
        margin: float >= 1, of the source in the rival's loss; its logarithm
            is the margin.
        width: int >= 1, of the rival's two hidden layers.
        ramp: int >= 1, the steps over which the factor grows.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Zhang et al., "Bridging Theory and Algorithm for Domain Adaptation",
        2019, arXiv:1904.05801, equations 28 to 30.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = MDD(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'loss', 'rival', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.03, 1.0), log=True),
        "margin": Float(1.0, search=(1.0, 6.0)),
        "width": Int(1),
        "ramp": Int(1),
    }
    terms = ("task", "rival")
    classes_only = True

    def __init__(
        self,
        model,
        task,
        *,
        weight=0.1,
        margin=4.0,
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
            margin=margin,
            width=width,
            ramp=ramp,
        )

    def verdicts(self):
        """Gives the number of the rival's answers."""
        return self.task.classes

    def objective(self, batch):
        """Gives the losses of task and rival; see `Method.objective`."""
        source, target, outputs, guesses = self.both(batch)
        factor = self.factor()
        one, two = (
            self.judge(reverse_gradient(seen, factor), training=True)
            for seen in (source, target)
        )
        agree = -_at(ops.log_softmax(one), outputs)
        # log(1 - p), where p is the rival's share for the model's answer.
        share = _at(ops.softmax(two), guesses)
        differ = -ops.log(ops.maximum(1.0 - share, 1e-6))
        lost = self.margin * mean(agree) + mean(differ)
        return {"task": self.task_loss(batch, outputs), "rival": lost}, outputs


def _at(values, logits):
    answer = ops.argmax(ops.stop_gradient(logits), -1)
    return ops.sum(values * ops.one_hot(answer, values.shape[-1]), -1)
