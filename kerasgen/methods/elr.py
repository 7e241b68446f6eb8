"""ELR (Liu et al., 2020): early answers are kept against wrong labels."""

from keras import ops

from kerasgen.core import Float, mean, register
from kerasgen.methods.indexed import MEMORY, ROOM, Indexed


@register("method")
class ELR(Indexed):
    """Early-learning regularization: holds on to what was learnt first.

    Networks learn right labels first and wrong ones by heart later. A running
    average of an example's own answers is its target t, and log(1 - p't)
    draws the answer p to it, which stops the gradient of wrong labels.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task with classes.
        weight: float >= 0, of the regularizer; 0 is ERM.
        momentum: float in [0, 1), what a target keeps when its example is
            seen again.
        memory: int >= 1, at least the number of training examples.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, the task has
            no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Liu et al., "Early-Learning Regularization Prevents Memorization of
        Noisy Labels", 2020, arXiv:2007.00151, equations 6 and 9;
        probabilities are held within [1e-4, 1 - 1e-4] as in the authors'
        code. One network, without their ELR+.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = ELR(model, kg.Classification(2), memory=8)
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> seen = {"inputs": x, "index": keras.ops.arange(8)}
        >>> sorted(method.fit(seen, y, verbose=0).history)
        ['accuracy', 'early', 'loss', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.5, 10.0), log=True),
        "momentum": Float(0.0, 0.99999, search=(0.5, 0.95)),
        "memory": MEMORY,
    }
    terms = ("task", "early")

    def __init__(
        self,
        model,
        task,
        *,
        weight=3.0,
        momentum=0.7,
        memory=ROOM,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            weight=weight,
            momentum=momentum,
            memory=memory,
        )
        self.targets = self.table("targets", task.classes)

    def objective(self, batch):
        """Gives the loss and the regularizer; see `Method.objective`."""
        outputs = self.model(batch["x"], training=True)
        shares = _held(outputs)
        agree = ops.sum(self._target(batch, shares) * shares, -1)
        return {
            "task": self.task_loss(batch, outputs),
            "early": self.weight * mean(ops.log(1.0 - agree)),
        }, outputs

    def settle(self, batch, outputs):
        """Remembers the targets; see `Method.settle`."""
        target = self._target(batch, _held(outputs))
        self.write(self.targets, self.places(batch), target)

    def _target(self, batch, shares):
        old = ops.take(self.targets, self.places(batch), axis=0)
        new = shares / ops.sum(shares, -1, keepdims=True)
        new = self.momentum * old + (1.0 - self.momentum) * new
        return ops.stop_gradient(new)


def _held(outputs):
    shares = ops.softmax(ops.cast(outputs, "float32"), -1)
    return ops.clip(shares, 1e-4, 1.0 - 1e-4)
