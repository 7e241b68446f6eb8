"""OSBP (Saito et al., 2018): a target with classes that nobody knows."""

from keras import ops

from kerasgen.core import Float, Int, mean, message, register
from kerasgen.layers.gradient import reverse_gradient
from kerasgen.methods.adaptation import Adaptation


@register("method")
class OSBP(Adaptation):
    """Lets features choose: one of the known classes, or the unknown one.

    The task's last class is the unknown one: it stands for all that the
    source doesn't have, and no label of the source may name it. The head
    gives it a probability of `threshold` on the target; the features go away
    from there, to a known class or to the unknown one. Both domains pass the
    model as one batch. Data with such a class
    come from `Data.domains(..., unknown="unknown")`.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task with classes: those of the source, and the unknown
            one as the last.
        weight: float >= 0, of the game; 0 is ERM.
        threshold: float in [0.01, 0.99], the probability of the unknown class
            that the head aims at.
        ramp: int >= 1, the steps over which the features join the game.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has fewer than three classes, an argument is out
            of range, or `fit` gets arrays with labels of the unknown class.
        TypeError: for a model that is no keras.Model.

    Source:
        Saito et al., "Open Set Domain Adaptation by Backpropagation", 2018,
        arXiv:1804.10427, equations 1 to 5; the ramp is that of DANN.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 3, size="tiny")
        >>> method = OSBP(model, kg.Classification(3))
        >>> method.compile("adam")
        >>> x, y = ops.ones((8, 4)), ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'loss', 'task', 'unknown']
    """

    arguments = {
        "weight": Float(0.0, search=(0.1, 3.0), log=True),
        "threshold": Float(0.01, 0.99, search=(0.3, 0.7)),
        "ramp": Int(1),
    }
    terms = ("task", "unknown")
    classes_only = True
    one_batch = True

    def __init__(
        self,
        model,
        task,
        *,
        weight=1.0,
        threshold=0.5,
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
            threshold=threshold,
            ramp=ramp,
        )
        if task.classes < 3:
            raise ValueError(
                message(
                    "OSBP",
                    "the task must have two known classes at least, and the "
                    "unknown one as the last",
                    {"classes": task.classes},
                    'Use the task of Data.domains(..., unknown="unknown").',
                )
            )

    def fit(self, x=None, *args, **kwargs):
        """Trains; labels in arrays are looked through for the unknown class."""
        y = args[0] if args else kwargs.get("y")
        if y is not None:
            self._check_known(ops.convert_to_numpy(y))
        return super().fit(x, *args, **kwargs)

    def _check_known(self, y):
        last = self.task.classes - 1
        wide = y.ndim == 2 and y.shape[1] > 1
        found = (y[:, -1] > 0 if wide else y == last).sum()
        if found:
            raise ValueError(
                message(
                    "OSBP",
                    "the last class is the unknown one, and no example of the "
                    "source may have it",
                    {"class": self.task.labels[last], "examples": int(found)},
                    "Give the task one class more.",
                )
            )

    def objective(self, batch):
        """Gives the loss and the game's; see `Method.objective`."""
        source, target = self.mixed(batch)
        outputs = self.head(source, training=True)
        grown = self.grown()
        guesses = self.head(reverse_gradient(target, grown), training=True)
        shares = ops.log_softmax(ops.cast(guesses, "float32"))
        known = ops.logsumexp(shares[:, :-1], -1)
        aim = self.threshold
        lost = -aim * shares[:, -1] - (1.0 - aim) * known
        return {
            "task": self.task_loss(batch, outputs),
            "unknown": self.weight * mean(lost),
        }, outputs
