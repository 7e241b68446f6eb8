"""Label shift (Lipton et al., 2018): classes as frequent as in the target."""

from keras import ops

from kerasgen.core import Float, register
from kerasgen.methods.adaptation import Adaptation


@register("method")
class LabelShift(Adaptation):
    """Weighs classes of the source until they are as frequent as the target's.

    Where domains differ in p(y) alone, mean predictions on the target are a
    mixture of those for each class of the source. Running means of both are
    kept, and each step solves for the weights of the mixture. Both domains
    pass the model as one batch.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task with classes.
        ridge: float >= 0, how much is needed to move weights away from 1.
        limit: float >= 1, the greatest weight.
        momentum: float in [0, 1), what a batch leaves of the running means.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Lipton et al., "Detecting and Correcting for Label Shift with Black Box
        Predictors", 2018, arXiv:1802.03916, section 4; the ridge on the
        distance from 1 after Azizzadenesheli et al., "Regularized Learning for
        Domain Adaptation under Label Shifts", 2019, arXiv:1903.09734,
        equation 6, but squared. They count on examples held out, and train
        anew; here each batch is counted before it is learnt.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = LabelShift(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = ops.ones((8, 4)), ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'loss']
    """

    arguments = {
        "ridge": Float(0.0, search=(1e-4, 0.1), log=True),
        "limit": Float(1.0),
        "momentum": Float(0.0, 0.99999),
    }
    classes_only = True
    one_batch = True

    def __init__(
        self,
        model,
        task,
        *,
        ridge=0.003,
        limit=10.0,
        momentum=0.98,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            ridge=ridge,
            limit=limit,
            momentum=momentum,
        )
        self.confusion = self._running((task.classes, task.classes))
        self.share = self._running((task.classes,))

    def _running(self, shape):
        """A running mean that begins with predictions that tell nothing."""
        found = self.add_weight(
            shape=shape,
            initializer="ones",
            trainable=False,
            dtype="float32",
            aggregation="mean",
        )
        found.assign(ops.ones(shape) / self.task.classes ** len(shape))
        return found

    def objective(self, batch):
        """Gives the weighted loss; see `Method.objective`."""
        outputs, guesses = (
            self.head(each, training=True) for each in self.mixed(batch)
        )
        y = self.distributions(batch["y"])
        one, two = (
            ops.softmax(ops.stop_gradient(ops.cast(each, "float32")))
            for each in (outputs, guesses)
        )
        size = ops.cast(ops.shape(y)[0], "float32")
        pairs = ops.matmul(ops.transpose(one), y) / size
        weights = label_weights(
            self._moved(self.confusion, pairs),
            self._moved(self.share, ops.mean(two, 0)),
            self.ridge,
            self.limit,
        )
        weights = ops.matmul(y, weights)
        given = batch["weight"]
        if given is not None:
            weights = weights * ops.cast(ops.reshape(given, (-1,)), "float32")
        lost = self.task_loss({**batch, "weight": weights}, outputs)
        return {"task": lost}, outputs

    def _moved(self, variable, value):
        old = ops.convert_to_tensor(variable)
        moved = old + (1.0 - self.momentum) * (value - old)
        variable.assign(moved)
        return moved


def label_weights(confusion, share, ridge=0.0, limit=10.0):
    """Finds how much more frequent each class is in the target.

    Args:
        confusion: float tensor (classes, classes), the mean on the source of
            each predicted class's probability (rows) where a class is true
            (columns); its sum is 1.
        share: float tensor (classes,), the mean prediction on the target.
        ridge: float >= 0, of the squared distance from 1, in units of what it
            is for predictions that are always right and equal classes.
        limit: float >= 1, the greatest weight.

    Returns:
        float tensor (classes,) in [0, limit].

    Source:
        Lipton et al., 2018, arXiv:1802.03916, proposition 2.

    Example:
        >>> confusion = ops.array([[0.4, 0.1], [0.1, 0.4]])
        >>> found = label_weights(confusion, ops.array([0.32, 0.68]))
        >>> [round(float(weight), 3) for weight in found]
        [0.4, 1.6]
    """
    classes = confusion.shape[0]
    # In these units a perfect confusion is the identity.
    scaled = confusion * classes
    gap = (share - ops.sum(confusion, 1)) * classes
    # A trace of a ridge keeps classes alike that predictions never part.
    eye = ops.eye(classes) * (ridge + 1e-6)
    square = ops.matmul(ops.transpose(scaled), scaled) + eye
    right = ops.matmul(ops.transpose(scaled), gap[:, None])
    return ops.clip(1.0 + ops.solve(square, right)[:, 0], 0.0, limit)
