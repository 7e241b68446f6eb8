"""DIRT-T (Shu et al., 2018): a trained model refined on the target alone."""

import keras
from keras import ops

from kerasgen.core import Float, mean, register
from kerasgen.losses import mean_entropy
from kerasgen.methods.adaptation import Adaptation
from kerasgen.methods.smoothness import divergence, virtual_adversarial
from kerasgen.methods.statistics import unmoved
from kerasgen.methods.teacher import copied, follow


@register("method")
class DIRTT(Adaptation):
    """Moves borders away from the target's examples, in small steps.

    Takes a model that VADA (or another method) trained: the source's labels
    are only looked at, for the metrics. A teacher, the average of the model's
    past, keeps it from running away.

    Args:
        model: keras.Model of float inputs, trained, logits out, with a layer
            `head`.
        task: kerasgen.Task with classes.
        cluster: float >= 0, of the target's entropy and unsteadiness.
        weight: float >= 0, of the divergence from the teacher.
        momentum: float in [0, 1), what the teacher keeps of itself in a step.
        epsilon: float >= 0, how far inputs move, as the length of an
            example's whole change after `prepare`.
        step: a step, its name, or a mapping of its name and arguments.
        name: str, the name of the Keras model.

    Raises:
        ValueError: where the model's outputs don't fit the task, it has no
            `head`, the task has no classes, or an argument is out of range.
        TypeError: for a model that is no keras.Model.

    Source:
        Shu et al., "A DIRT-T Approach to Unsupervised Domain Adaptation",
        2018, arXiv:1802.08735, equation 13; the teacher is the exponential
        average of their appendix.

    Example:
        >>> import kerasgen as kg
        >>> model = kg.tabular_classifier((4,), 2, size="tiny")
        >>> method = DIRTT(model, kg.Classification(2))
        >>> method.compile("adam")
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.zeros((8,))
        >>> logs = method.fit({"inputs": x, "unlabeled": x}, y, verbose=0)
        >>> sorted(logs.history)
        ['accuracy', 'cluster', 'loss', 'teacher']
    """

    arguments = {
        "cluster": Float(0.0, search=(0.01, 1.0), log=True),
        "weight": Float(0.0, search=(0.01, 1.0), log=True),
        "momentum": Float(0.0, 0.99999),
        "epsilon": Float(0.0, search=(0.1, 5.0), log=True),
    }
    terms = ("cluster", "teacher")
    classes_only = True

    def __init__(
        self,
        model,
        task,
        *,
        cluster=0.1,
        weight=0.1,
        momentum=0.998,
        epsilon=1.0,
        step="descent",
        name=None,
    ):
        super().__init__(
            model,
            task,
            step=step,
            name=name,
            cluster=cluster,
            weight=weight,
            momentum=momentum,
            epsilon=epsilon,
        )
        self.teacher = copied(model)
        self._seed = keras.random.SeedGenerator()

    def train_step(self, data):
        """Makes the moves of one batch; the teacher follows."""
        logs = super().train_step(data)
        follow(self.teacher, self.model, self.momentum)
        return logs

    def objective(self, batch):
        """Gives the terms on the target; see `Method.objective`."""
        target = batch["unlabeled"]
        guesses = self.model(target, training=True)
        with unmoved(self.model):
            unsteady = virtual_adversarial(
                lambda x: self.model(x, training=True),
                target,
                guesses,
                epsilon=self.epsilon,
                probe=0.1,
                turns=1,
                seed=self._seed,
            )
        known = ops.stop_gradient(self.teacher(target, training=False))
        sure = mean(mean_entropy(ops.cast(guesses, "float32")))
        outputs = ops.stop_gradient(self.model(batch["x"], training=False))
        return {
            "cluster": self.cluster * (sure + mean(unsteady)),
            "teacher": self.weight * mean(divergence(known, guesses)),
        }, outputs
