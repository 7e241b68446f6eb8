"""Information maximization (Krause et al., 2010): sure and diverse."""

from keras import ops

from kerasgen.core import Float, Int, mean, register
from kerasgen.losses import mutual_information
from kerasgen.methods.adaptation import Adaptation


@register("method")
class InformationMaximization(Adaptation):
    """Makes predictions on the target sure, one by one, and diverse as a whole.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task with classes.
        weight: float >= 0, of the information; 0 is ERM.
        ramp: int >= 1, the steps over which the information joins the loss: a
            net that knows little would be sure of anything.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Krause et al., "Discriminative Clustering by Regularized Information
        Maximization", 2010, equation 4; for domains Shi & Sha, 2012. The ramp
        is that of DANN.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = InformationMaximization(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'information', 'loss', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.01, 1.0), log=True),
        "ramp": Int(1),
    }
    terms = ("task", "information")
    classes_only = True

    def __init__(
        self,
        model,
        task,
        *,
        weight=0.1,
        ramp=1000,
        step="descent",
        name=None,
    ):
        super().__init__(
            model, task, step=step, name=name, weight=weight, ramp=ramp
        )

    def objective(self, batch):
        """Gives the loss and the information; see `Method.objective`."""
        _, _, outputs, guesses = self.both(batch)
        guesses = ops.cast(guesses, "float32")
        grown = self.grown()
        lost = -grown * self.weight * mean(mutual_information(guesses))
        return {
            "task": self.task_loss(batch, outputs),
            "information": lost,
        }, outputs
