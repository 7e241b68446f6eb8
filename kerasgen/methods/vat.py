"""VAT (Miyato et al., 2018): answers that don't change nearby."""

import keras

from kerasgen.core import Float, Int, mean, message, register
from kerasgen.losses import mean_entropy
from kerasgen.methods.base import Method
from kerasgen.methods.smoothness import virtual_adversarial
from kerasgen.methods.statistics import unmoved


@register("method")
class VAT(Method):
    """Trains on labels, and on answers that stay where inputs move a little.

    Where batches carry `unlabeled` examples, their answers are smoothed too,
    and made sure by their entropy.

    Args:
        model: keras.Model of float inputs, logits out, with a layer `head`.
        task: kerasgen.Task with classes.
        weight: float >= 0, of the smoothness; 0 is ERM.
        epsilon: float >= 0, how far inputs move, as the length of an
            example's whole change after `prepare`.
        entropy: float >= 0, of the mean entropy of answers without labels.
        turns: int >= 1, of the power iteration.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, the task has
            no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Miyato et al., "Virtual Adversarial Training: A Regularization Method
        for Supervised and Semi-Supervised Learning", 2018, arXiv:1704.03976,
        equations 4 and 18.

    Example:
        >>> import keras, kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = VAT(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> sorted(method.fit(x, y, verbose=0).history)
        ['accuracy', 'loss', 'smoothness', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.1, 3.0), log=True),
        "epsilon": Float(0.0, search=(0.1, 5.0), log=True),
        "entropy": Float(0.0, search=(0.0, 1.0)),
        "turns": Int(1),
    }
    terms = ("task", "smoothness")

    def __init__(
        self,
        model,
        task,
        *,
        weight=1.0,
        epsilon=1.0,
        entropy=0.0,
        turns=1,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            weight=weight,
            epsilon=epsilon,
            entropy=entropy,
            turns=turns,
        )
        needs_classes(self)
        self._seed = keras.random.SeedGenerator()

    def objective(self, batch):
        """Gives the loss and the unsteadiness; see `Method.objective`."""
        outputs = self.model(batch["x"], training=True)
        lost = mean(self._unsteady(batch["x"], outputs))
        if batch.get("unlabeled") is not None:
            guesses = self.model(batch["unlabeled"], training=True)
            lost += mean(self._unsteady(batch["unlabeled"], guesses))
            if self.entropy:
                lost += self.entropy * mean(mean_entropy(guesses))
        return {
            "task": self.task_loss(batch, outputs),
            "smoothness": self.weight * lost,
        }, outputs

    def _unsteady(self, x, logits):
        with unmoved(self.model):
            return virtual_adversarial(
                lambda x: self.model(x, training=True),
                x,
                logits,
                epsilon=self.epsilon,
                probe=0.1,
                turns=self.turns,
                seed=self._seed,
            )


def needs_classes(method):
    """Refuses a task without classes.

    Args:
        method: Method.

    Raises:
        ValueError: where its task has no classes.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> needs_classes(VAT(model, kg.Classification(2)))
    """
    if not getattr(method.task, "classes", None):
        raise ValueError(
            message(
                type(method).__name__,
                "the task must have classes",
                {"task": type(method.task).__name__},
            )
        )
