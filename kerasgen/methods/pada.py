"""PADA (Cao et al., 2018): a target with fewer classes than the source."""

from keras import ops

from kerasgen.core import Float, Int, register
from kerasgen.methods.adaptation import flat
from kerasgen.methods.judge import Judged


@register("method")
class PADA(Judged):
    """Makes domains alike for a judge, without classes the target lacks.

    The mean prediction on the target, a running mean, weighs the classes:
    source examples of one that the target hardly has count little for the
    task and for the judge. The weights begin at 1, and over `ramp` steps
    become what they are, since first predictions tell little. Both domains
    pass the model as one batch.

    Args:
        model: keras.Model, logits out, with a layer `head`.
        task: kerasgen.Task with classes, those of the source.
        weight: float >= 0, the greatest factor of the gradient that is turned
            round; 0 leaves the features to the task.
        momentum: float in [0, 1), what a batch leaves of the mean prediction.
        width: int >= 1, of the judge's two hidden layers.
        ramp: int >= 1, the steps over which the factor grows, and weights
            part.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Cao et al., "Partial Adversarial Domain Adaptation", 2018,
        arXiv:1808.04205, equations 3 to 5. They take the mean prediction anew
        from the whole target every few hundred steps, and weigh from then on.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = PADA(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = ops.ones((8, 4)), ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'domain', 'loss', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.1, 3.0), log=True),
        "momentum": Float(0.0, 0.99999),
        "width": Int(1),
        "ramp": Int(1),
    }
    terms = ("task", "domain")
    classes_only = True
    one_batch = True

    def __init__(
        self,
        model,
        task,
        *,
        weight=1.0,
        momentum=0.98,
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
            momentum=momentum,
            width=width,
            ramp=ramp,
        )
        self.share = self.add_weight(
            shape=(task.classes,),
            initializer="ones",
            trainable=False,
            dtype="float32",
            aggregation="mean",
            name="share",
        )
        self.share.assign(ops.ones((task.classes,)) / task.classes)

    def class_weights(self, guesses):
        """Takes in predictions on the target, and weighs the classes.

        Args:
            guesses: float tensor (n, classes), logits.

        Returns:
            float tensor (classes,), 1 for the target's greatest class, and
            for all before the first step.
        """
        shares = ops.softmax(ops.stop_gradient(ops.cast(guesses, "float32")))
        old = ops.convert_to_tensor(self.share)
        moved = old + (1.0 - self.momentum) * (ops.mean(shares, 0) - old)
        self.share.assign(moved)
        grown = self.grown()
        return 1.0 + grown * (moved / ops.max(moved) - 1.0)

    def objective(self, batch):
        """Gives the losses of task and judge; see `Method.objective`."""
        seen = self.mixed(batch)
        outputs, guesses = (self.head(each, training=True) for each in seen)
        weights = self.class_weights(guesses)
        weights = ops.matmul(self.distributions(batch["y"]), weights)
        loss = self.domain_loss(*map(flat, seen), (weights, 1.0))
        given = batch["weight"]
        if given is not None:
            weights = weights * ops.cast(ops.reshape(given, (-1,)), "float32")
        lost = self.task_loss({**batch, "weight": weights}, outputs)
        return {"task": lost, "domain": loss}, outputs
