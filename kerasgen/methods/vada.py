"""VADA (Shu et al., 2018): DANN, with borders where no examples lie."""

import keras

from kerasgen.core import Float, Int, mean, register
from kerasgen.losses import mean_entropy
from kerasgen.methods.judge import Judged
from kerasgen.methods.smoothness import virtual_adversarial
from kerasgen.methods.statistics import unmoved


@register("method")
class VADA(Judged):
    """Adds sure and steady answers on the target to those of DANN.

    Args:
        model: keras.Model of float inputs, logits out, with a layer `head`.
        task: kerasgen.Task with classes.
        weight: float >= 0, the greatest factor of the judge's gradient that
            is turned round.
        cluster: float >= 0, of the target's entropy and unsteadiness.
        smoothness: float >= 0, of the source's unsteadiness.
        epsilon: float >= 0, how far inputs move, as the length of an
            example's whole change after `prepare`.
        width: int >= 1, of the judge's two hidden layers.
        ramp: int >= 1, the steps over which the factor grows.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Shu et al., "A DIRT-T Approach to Unsupervised Domain Adaptation",
        2018, arXiv:1802.08735, equation 10. The target's weight is 0.1 here,
        theirs 0.01.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = VADA(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'cluster', 'domain', 'loss', 'smoothness', 'task']
    """

    arguments = {
        "weight": Float(0.0, search=(0.01, 1.0), log=True),
        "cluster": Float(0.0, search=(0.01, 1.0), log=True),
        "smoothness": Float(0.0, search=(0.1, 1.0), log=True),
        "epsilon": Float(0.0, search=(0.1, 5.0), log=True),
        "width": Int(1),
        "ramp": Int(1),
    }
    terms = ("task", "domain", "cluster", "smoothness")
    classes_only = True

    def __init__(
        self,
        model,
        task,
        *,
        weight=0.1,
        cluster=0.1,
        smoothness=1.0,
        epsilon=1.0,
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
            cluster=cluster,
            smoothness=smoothness,
            epsilon=epsilon,
            width=width,
            ramp=ramp,
        )
        self._seed = keras.random.SeedGenerator()

    def objective(self, batch):
        """Gives the four terms; see `Method.objective`."""
        source, target, outputs, guesses = self.both(batch)
        unsteady = [
            mean(self._unsteady(batch[name], logits))
            for name, logits in (("x", outputs), ("unlabeled", guesses))
        ]
        sure = mean(mean_entropy(keras.ops.cast(guesses, "float32")))
        return {
            "task": self.task_loss(batch, outputs),
            "domain": self.domain_loss(source, target),
            "cluster": self.cluster * (sure + unsteady[1]),
            "smoothness": self.smoothness * unsteady[0],
        }, outputs

    def _unsteady(self, x, logits):
        with unmoved(self.model):
            return virtual_adversarial(
                lambda x: self.model(x, training=True),
                x,
                logits,
                epsilon=self.epsilon,
                probe=0.1,
                turns=1,
                seed=self._seed,
            )
